/* session_mail.c - a session's mail under way: replies handed on, one
 * transaction after another, then ready again.
 * SPDX-License-Identifier: MIT */
#include "session_state.h"

void ph_session_pull(ph_session *s)
{
    int result;

    if (ph_session_is_over(s) || s->transaction.content != PH_CONTENT_OPEN)
        return;
    result = ph_transaction_pull(&s->transaction, &s->wire);
    if (result < 0)
        ph_session_fail_to_say(s, result);
}

/* The phase is that of the reply which is awaited next. */
void ph_session_follow(ph_session *s)
{
    static const uint8_t phases[] = {
        [PH_VERB_MAIL] = PH_AT_MAIL, [PH_VERB_RCPT] = PH_AT_RCPT,
        [PH_VERB_DATA] = PH_AT_DATA, [PH_VERB_DOT] = PH_AT_DOT,
        [PH_VERB_END] = PH_AT_DATA,  [PH_VERB_RSET] = PH_AT_RSET,
    };
    const ph_flight *head = ph_wire_head(&s->wire);

    if (!head || ph_session_is_over(s) || head->mail == PH_WIRE_SESSION)
        return;
    s->phase = (ph_session_at)phases[head->verb];
    if (s->phase == PH_AT_DOT && s->transaction.content != PH_CONTENT_HANDED)
        s->phase = PH_AT_CONTENT;
}

static void write_mail(ph_session *s)
{
    int result = ph_transaction_write(&s->transaction, &s->wire);

    if (result < 0)
        ph_session_fail_to_say(s, result);
    else
        ph_session_follow(s);
}

/* LIMITS MAILMAX (RFC 9422, 4.2) counts transactions. */
bool ph_session_may_mail(const ph_session *s)
{
    return !s->capability.mail_max || s->mails < s->capability.mail_max;
}

void ph_session_begin_transaction(ph_session *s)
{
    s->mails++;
    s->moved = 0;
    s->is_asked = s->is_starved = false;
    write_mail(s);
}

/* The recipients that the last transaction had no room for (S14). */
static void mail_again(ph_session *s)
{
    if (!ph_session_may_mail(s)) {
        ph_outcome outcome = {
            .kind = PH_E_LIMIT,
            .class = PH_CLASS_TEMPORARY,
            .phase = PH_PHASE_MAIL,
            .message = "the server takes no more mails in this session",
        };
        ph_transaction_end(&s->transaction, &outcome);
        return;
    }
    ph_transaction_again(&s->transaction);
    ph_session_begin_transaction(s);
}

/* The server may hold half a transaction: it is told to forget (S16). */
static void end_mail(ph_session *s)
{
    s->is_mail_on = false;
    s->is_spoiled = s->is_spoiled || s->transaction.is_spoiled;
    if (s->transaction.is_open) {
        s->phase = PH_AT_RSET;
        ph_session_say(s, PH_VERB_RSET, "RSET", ph_span_of(NULL, 0));
    } else {
        ph_session_enter(s, PH_AT_READY);
    }
    ph_session_release_mail(s);
}

/* A reply has changed what is known of the mail. */
static void settle(ph_session *s)
{
    if (!ph_session_is_over(s) &&
        ph_transaction_is_over(&s->transaction, &s->wire) &&
        ph_transaction_has_more(&s->transaction))
        mail_again(s);
    if (ph_session_is_over(s))
        return;
    if (ph_session_is_mail_decided(s))
        ph_session_give_verdict(s);
    if (ph_transaction_is_over(&s->transaction, &s->wire))
        end_mail(s);
    else
        ph_session_follow(s);
}

/* A verdict came before the content had left: it counts, but nothing more can
 * be said (S18). */
static void end_early(ph_session *s, const ph_reply *reply)
{
    static const char message[] =
        "the server gave its verdict before the message was complete";
    ph_outcome outcome = { .kind = PH_E_CLOSED,
                           .class = PH_CLASS_TEMPORARY,
                           .phase = PH_PHASE_CONTENT,
                           .message = message };

    ph_transaction_end(&s->transaction, &outcome);
    ph_session_give_verdict(s);
    ph_session_refuse(s, PH_E_CLOSED, PH_CLASS_TEMPORARY, reply, message);
}

void ph_session_on_mail(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    int result = ph_transaction_reply(&s->transaction, &s->wire, verb, reply);

    if (result == PH_E_PROTOCOL)
        ph_session_misunderstand(s);
    else if (result == PH_E_REFUSED)
        ph_session_refuse(s, PH_E_REFUSED, PH_CLASS_TEMPORARY, reply,
                          "the server refused to begin anew");
    else if (result == PH_E_CLOSED)
        end_early(s, reply);
    else if (result < 0)
        ph_session_fail_to_say(s, result);
    else
        settle(s);
}
