/* session_end.c - how a session ends, and what becomes of its mail then.
 * SPDX-License-Identifier: MIT */
#include "session_state.h"

bool ph_session_is_over(const ph_session *s)
{
    return s->phase == PH_AT_CLOSED || s->phase == PH_AT_FAILED;
}

static bool is_login(const ph_session *s)
{
    return s->phase < PH_AT_READY;
}

bool ph_session_is_decided(const ph_session_mail *mail)
{
    const ph_envelope *envelope = mail->transaction.envelope;
    return envelope->decided == envelope->count;
}

/* The oldest mails go when all of them was told and heard. */
void ph_session_release_mails(ph_session *s)
{
    while (s->count) {
        ph_session_mail *mail = ph_session_mail_at(s, 0);
        if (mail->is_on || mail->verdict != PH_SESSION_NOTHING ||
            ph_session_has_report(s, mail))
            return;
        s->carried = ph_session_progress(s);
        ph_transaction_clear(&mail->transaction);
        ph_error_clear(&mail->error);
        s->first = (uint8_t)((s->first + 1u) % s->room);
        s->count--;
    }
}

/* All recipients are decided: the mail's one verdict. */
void ph_session_give_verdict(ph_session_mail *mail)
{
    ph_envelope *envelope = mail->transaction.envelope;

    if (mail->has_verdict)
        return;
    mail->has_verdict = true;
    mail->verdict = PH_SESSION_DELIVERED;
    if (envelope->accepted == 0) {
        mail->verdict = PH_SESSION_REFUSED;
        ph_envelope_failure(envelope, &mail->error);
    }
}

static void stop_mail(ph_session *s, ph_session_mail *mail)
{
    mail->is_on = false;
    mail->transaction.content.body = NULL;
    /* What has not left never will. */
    mail->transaction.content.carried =
        ph_mail_data_progress(&mail->transaction.content, &s->wire);
}

void ph_session_stop(ph_session *s, ph_session_at last)
{
    s->phase = last;
    s->wish = last == PH_AT_FAILED ? PH_SESSION_FAILED : PH_SESSION_CLOSED;
    s->wait++;
    s->is_spoiled = true;
    for (unsigned i = 0; i < s->count; i++)
        stop_mail(s, ph_session_mail_at(s, i));
    ph_sasl_clear(&s->sasl);
    ph_wire_clear(&s->wire);
    ph_reply_reader_clear(&s->reader);
    ph_session_release_mails(s);
}

/* Words of the server inside AUTH are not shown: they could repeat a secret
 * (security.md, row 26). */
static void note_reply(ph_session *s, ph_error *error, const ph_reply *reply)
{
    error->code = reply->code;
    memcpy(error->enhanced, reply->enhanced, sizeof error->enhanced);
    if (s->phase != PH_AT_AUTH)
        ph_error_set_text(error, reply->text);
}

/* The mail that what happens now is about: whose reply is at hand, or awaited
 * next. */
static const ph_session_mail *mail_of_now(const ph_session *s)
{
    const ph_flight *head = ph_wire_head(&s->wire);
    unsigned number = s->hearing;

    if (number == PH_WIRE_SESSION && head)
        number = head->mail;
    return number == PH_WIRE_SESSION ? NULL : &s->mails[number];
}

/* Where a mail is: one behind that of now is as far as its own replies. */
static ph_phase phase_of(const ph_session *s, const ph_session_mail *mail)
{
    const ph_flight *first;

    if (mail == mail_of_now(s))
        return ph_session_rows[s->phase].phase;
    first = ph_wire_find(&s->wire, (unsigned)(mail - s->mails));
    return first ? ph_verb_phase((ph_verb)first->verb) : PH_PHASE_MAIL;
}

/* A mail under way ends with the session's own error. One behind that of now
 * is not to blame: it may be tried again, and has heard no reply but 421. */
static ph_outcome outcome_for(const ph_session *s, const ph_session_mail *mail)
{
    const ph_error *error = &s->error;
    bool is_now = mail == mail_of_now(s);
    ph_outcome outcome = {
        .kind = error->kind,
        .class = is_now ? error->class : PH_CLASS_TEMPORARY,
        .phase = is_now ? error->phase : phase_of(s, mail),
        .message = error->message,
    };

    if (!is_now && error->code != 421)
        return outcome;
    outcome.code = error->code;
    outcome.text = ph_span_of(error->text, error->text_size);
    memcpy(outcome.enhanced, error->enhanced, sizeof outcome.enhanced);
    return outcome;
}

/* If somebody accepted the mail in an earlier transaction, that is a result
 * all the same. */
static void fail_mail(ph_session *s, ph_session_mail *mail)
{
    ph_envelope *envelope = mail->transaction.envelope;
    ph_outcome outcome = outcome_for(s, mail);

    ph_transaction_end(&mail->transaction, &outcome);
    ph_envelope_reported_all(envelope);
    mail->has_verdict = true;
    mail->verdict = PH_SESSION_DELIVERED;
    if (envelope->accepted)
        return;
    mail->verdict = PH_SESSION_FAILED;
    ph_envelope_failure(envelope, &mail->error);
    if (mail->error.kind == PH_E_INVALID)
        memcpy(mail->error.field, s->error.field, sizeof mail->error.field);
}

/* Whether a mail has no verdict yet. */
static bool has_mail(const ph_session *s)
{
    const ph_session_mail *mail = ph_session_youngest(s);
    return mail && !mail->has_verdict;
}

/* The session has failed: s->error says how. Nothing more is said. What failed
 * is told once: by the mails, else by the session itself. */
void ph_session_end_failed(ph_session *s)
{
    bool is_told = false;

    for (unsigned i = 0; i < s->count; i++) {
        ph_session_mail *mail = ph_session_mail_at(s, i);
        if (!mail->has_verdict)
            fail_mail(s, mail);
        is_told = is_told || mail->verdict == PH_SESSION_FAILED;
    }
    ph_session_stop(s, PH_AT_FAILED);
    if (is_told)
        s->wish = PH_SESSION_NOTHING;
}

/* As end_failed, but when there is nothing that could fail (the mail has its
 * verdict, the session was idle), it has only come to its end. */
static void end(ph_session *s)
{
    if (is_login(s) || s->wants_answer || has_mail(s))
        ph_session_end_failed(s);
    else
        ph_session_stop(s, PH_AT_CLOSED);
}

int ph_session_fail(ph_session *s, int kind, const char *message)
{
    if (ph_session_is_over(s))
        return kind;
    ph_error_set(&s->error, kind,
                 kind == PH_E_INVALID ? PH_CLASS_PERMANENT : PH_CLASS_TEMPORARY,
                 ph_session_rows[s->phase].phase, message);
    end(s);
    return kind;
}

/* A wire or a transaction said no. */
void ph_session_fail_to_say(ph_session *s, int result)
{
    ph_session_fail(s, result,
                    ph_error_is_limit(result) ? ph_session_no_memory
                    : result == PH_E_IO       ? "the message was closed"
                                        : "a command held a control octet");
}

void ph_session_refuse(ph_session *s, int kind, ph_class class,
                       const ph_reply *reply, const char *message)
{
    ph_error_set(&s->error, kind, class, ph_session_rows[s->phase].phase,
                 message);
    note_reply(s, &s->error, reply);
    end(s);
}

void ph_session_keep_answer(ph_session *s, const ph_reply *reply)
{
    ph_error_clear(&s->answer);
    note_reply(s, &s->answer, reply);
    s->has_answer = true;
    s->wants_answer = false;
}

static const char says_no_more[] = "the server is closing the connection";

/* 421 at any time: the server will say no more (S20). */
void ph_session_hang_up(ph_session *s, const ph_reply *reply)
{
    if (s->wants_answer)
        ph_session_keep_answer(s, reply);
    for (unsigned i = 0; i < s->count; i++) {
        ph_session_mail *mail = ph_session_mail_at(s, i);
        ph_outcome outcome;
        if (ph_session_is_decided(mail))
            continue;
        outcome = ph_outcome_of_reply(reply, phase_of(s, mail), says_no_more);
        ph_transaction_end(&mail->transaction, &outcome);
        ph_session_give_verdict(mail);
    }
    ph_session_refuse(s, s->phase == PH_AT_AUTH ? PH_E_AUTH : PH_E_REFUSED,
                      PH_CLASS_TEMPORARY, reply, says_no_more);
}

/* A class that the protocol does not know at this place (S5). */
void ph_session_misunderstand(ph_session *s)
{
    ph_session_fail(s, PH_E_PROTOCOL,
                    "the server sent a reply that is not to be expected");
}
