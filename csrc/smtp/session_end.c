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

bool ph_session_is_mail_decided(const ph_session *s)
{
    const ph_envelope *envelope = s->transaction.envelope;
    return !envelope || envelope->decided == envelope->count;
}

/* The envelope goes when all of it was told and heard. */
void ph_session_release_mail(ph_session *s)
{
    if (!s->is_mail_on && s->verdict == PH_SESSION_NOTHING &&
        !s->is_failed_mail && s->transaction.envelope &&
        !ph_envelope_report(s->transaction.envelope))
        ph_transaction_clear(&s->transaction);
}

/* All recipients are decided: the mail's one verdict. */
void ph_session_give_verdict(ph_session *s)
{
    ph_envelope *envelope = s->transaction.envelope;

    if (s->has_verdict)
        return;
    s->has_verdict = true;
    s->verdict = PH_SESSION_DELIVERED;
    if (envelope->accepted == 0) {
        s->verdict = PH_SESSION_REFUSED;
        ph_envelope_failure(envelope, &s->refusal);
    }
}

void ph_session_stop(ph_session *s, ph_session_at last)
{
    s->phase = last;
    s->wish = last == PH_AT_FAILED ? PH_SESSION_FAILED : PH_SESSION_CLOSED;
    s->wait++;
    s->is_mail_on = false;
    s->is_spoiled = true;
    s->transaction.body = NULL;
    s->transaction.carried = ph_session_progress(s); /* the rest never will */
    ph_sasl_clear(&s->sasl);
    ph_wire_clear(&s->wire);
    ph_reply_reader_clear(&s->reader);
    ph_session_release_mail(s);
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

/* The mail under way ends with the session's own error; if somebody accepted
 * it in an earlier transaction, that is a result all the same. */
static void fail_mail(ph_session *s)
{
    char field[PH_ERROR_FIELD];
    ph_envelope *envelope = s->transaction.envelope;
    ph_outcome outcome = {
        .kind = s->error.kind,
        .class = s->error.class,
        .phase = s->error.phase,
        .code = s->error.code,
        .message = s->error.message,
        .text = ph_span_of(s->error.text, s->error.text_size),
    };

    memcpy(outcome.enhanced, s->error.enhanced, sizeof outcome.enhanced);
    ph_transaction_end(&s->transaction, &outcome);
    ph_envelope_reported_all(envelope);
    s->has_verdict = true;
    if (envelope->accepted) {
        s->verdict = PH_SESSION_DELIVERED;
        return;
    }
    s->is_failed_mail = true;
    memcpy(field, s->error.field, sizeof field);
    ph_envelope_failure(envelope, &s->error);
    if (s->error.kind == PH_E_INVALID)
        memcpy(s->error.field, field, sizeof field);
}

/* The session has failed: s->error says how. Nothing more is said. */
void ph_session_end_failed(ph_session *s)
{
    if (s->transaction.envelope && !s->has_verdict)
        fail_mail(s);
    ph_session_stop(s, PH_AT_FAILED);
}

/* As end_failed, but when there is nothing that could fail (the mail has its
 * verdict, the session was idle), it has only come to its end. */
static void end(ph_session *s)
{
    if (is_login(s) || s->wants_answer ||
        (s->transaction.envelope && !s->has_verdict))
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
    ph_phase now = ph_session_rows[s->phase].phase;

    if (s->wants_answer)
        ph_session_keep_answer(s, reply);
    if (s->transaction.envelope && !ph_session_is_mail_decided(s)) {
        ph_outcome outcome = ph_outcome_of_reply(reply, now, says_no_more);
        ph_transaction_end(&s->transaction, &outcome);
        ph_session_give_verdict(s);
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
