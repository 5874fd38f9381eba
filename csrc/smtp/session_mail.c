/* session_mail.c - a session's mails under way: replies handed on, one
 * transaction after another, then ready again.
 * SPDX-License-Identifier: MIT */
#include "session_state.h"
#include "base/mem.h"

enum {
    BEGIN_ROOM = 8192 /* octets of output free for the envelope that goes with
                         the end of the mail before */
};

/* LIMITS MAILMAX counts transactions. */
bool ph_session_may_mail(const ph_session *s)
{
    return !s->capability.mail_max || s->mails_begun < s->capability.mail_max;
}

/* RCPTDOMAINMAX is a bound for all mails of a session: another one goes over a
 * new connection. */
bool ph_session_may_take(const ph_session *s)
{
    uint32_t domains = s->capability.rcpt_domain_max;

    return ph_session_may_mail(s) && (!domains || s->domains < domains);
}

static unsigned most_mails(const ph_session *s)
{
    return s->is_bulk ? PH_SESSION_BULK : PH_SESSION_MAILS;
}

/* The end of the youngest mail is said, and this server may be told of the
 * next one in the same breath. */
static bool may_begin_early(const ph_session *s)
{
    const ph_session_mail *mail = ph_session_youngest(s);

    return mail && s->count < most_mails(s) && !s->is_spoiled && !s->is_frail &&
           !s->is_resetting && !s->wants_answer && !ph_session_is_over(s) &&
           ph_transaction_is_said(&mail->transaction) &&
           ph_buf_room(&s->wire.out) >= BEGIN_ROOM && ph_session_may_take(s);
}

bool ph_session_may_begin(const ph_session *s)
{
    return !s->is_quitting && (s->phase == PH_AT_READY || may_begin_early(s));
}

/* Places for more mails; the only one there may be stays the first. */
static bool make_room(ph_session *s)
{
    size_t room = s->count ? most_mails(s) : 1;
    ph_session_mail *mails = ph_mem_zero(room * sizeof *mails);

    if (!mails)
        return false;
    if (s->count)
        mails[0] = s->mails[0];
    ph_mem_free(s->mails);
    s->mails = mails;
    s->room = (uint8_t)room;
    return true;
}

ph_session_mail *ph_session_add_mail(ph_session *s)
{
    if (s->count == s->room && !make_room(s))
        return NULL;
    s->count++;
    return ph_session_youngest(s);
}

void ph_session_pull(ph_session *s)
{
    ph_session_mail *mail = ph_session_youngest(s);
    int result;

    if (!mail || mail->transaction.content.state != PH_MAIL_DATA_OPEN ||
        ph_session_is_over(s))
        return;
    result = ph_transaction_pull(&mail->transaction, &s->wire);
    if (result < 0)
        ph_session_fail_to_say(s, result);
    else if (mail->transaction.content.is_chunked)
        ph_session_follow(s);
}

/* Content is under way, or its source is awaited. */
static bool is_content(const ph_session *s, const ph_flight *head)
{
    if (!head)
        return true;
    if (head->verb == PH_VERB_BDAT)
        return s->wire.consumed < head->begin;
    return head->verb == PH_VERB_DOT &&
           s->mails[head->mail].transaction.content.state !=
               PH_MAIL_DATA_HANDED;
}

/* The phase is that of the reply which is awaited next. */
void ph_session_follow(ph_session *s)
{
    static const uint8_t phases[] = {
        [PH_VERB_MAIL] = PH_AT_MAIL, [PH_VERB_RCPT] = PH_AT_RCPT,
        [PH_VERB_DATA] = PH_AT_DATA, [PH_VERB_BDAT] = PH_AT_CHUNK,
        [PH_VERB_DOT] = PH_AT_DOT,   [PH_VERB_END] = PH_AT_DATA,
        [PH_VERB_RSET] = PH_AT_RSET, [PH_VERB_COMMAND] = PH_AT_COMMAND,
        [PH_VERB_QUIT] = PH_AT_QUIT,
    };
    const ph_flight *head = ph_wire_head(&s->wire);
    ph_session_at before = s->phase;

    if (ph_session_is_over(s))
        return;
    s->phase =
        is_content(s, head) ? PH_AT_CONTENT : (ph_session_at)phases[head->verb];
    if (s->phase == before)
        return;
    s->wait++;
    s->moved = 0;
    s->is_starved = false;
}

void ph_session_go_on(ph_session *s)
{
    if (ph_wire_head(&s->wire))
        ph_session_follow(s);
    else
        ph_session_enter(s, PH_AT_READY);
}

void ph_session_handed(ph_session *s)
{
    for (unsigned i = 0; i < s->count; i++)
        ph_mail_data_consumed(&ph_session_mail_at(s, i)->transaction.content,
                              &s->wire);
    if (s->phase == PH_AT_CONTENT)
        ph_session_follow(s);
    /* It may be long until the verdict: no memory waits for it. */
    if (s->count && ph_session_youngest(s)->transaction.content.state ==
                        PH_MAIL_DATA_HANDED)
        ph_wire_rest(&s->wire, false);
}

void ph_session_begin_transaction(ph_session *s, ph_session_mail *mail)
{
    int result;

    s->mails_begun++;
    s->is_asked = false;
    result = ph_transaction_write(&mail->transaction, &s->wire);
    if (result < 0)
        ph_session_fail_to_say(s, result);
    else
        ph_session_follow(s);
}

/* The recipients that the last transaction had no room for (S14). */
static void mail_again(ph_session *s, ph_session_mail *mail)
{
    if (!ph_session_may_mail(s)) {
        ph_outcome outcome = {
            .kind = PH_E_LIMIT,
            .class = PH_CLASS_TEMPORARY,
            .phase = PH_PHASE_MAIL,
            .message = "the server takes no more mails in this session",
        };
        ph_transaction_end(&mail->transaction, &outcome);
        return;
    }
    ph_transaction_again(&mail->transaction);
    ph_session_begin_transaction(s, mail);
}

static bool is_quit_said(const ph_session *s)
{
    const ph_flight *head = ph_wire_head(&s->wire);
    return head && head->verb == PH_VERB_QUIT;
}

/* The server may hold half a transaction: it is told to forget (S16). Behind
 * chunks a mail that follows has said so. */
static void end_mail(ph_session *s, ph_session_mail *mail)
{
    mail->is_on = false;
    s->is_spoiled = s->is_spoiled || mail->transaction.is_spoiled;
    /* Not behind a QUIT that was said. */
    if (mail->transaction.is_open && mail == ph_session_youngest(s) &&
        !is_quit_said(s)) {
        s->is_resetting = true;
        ph_session_say(s, PH_VERB_RSET, "RSET", ph_span_of(NULL, 0));
    }
    if (ph_session_is_over(s))
        return;
    ph_session_go_on(s);
    ph_session_release_mails(s);
}

/* A reply has changed what is known of the mail. */
static void settle(ph_session *s, ph_session_mail *mail)
{
    ph_transaction *t = &mail->transaction;

    if (!ph_session_is_over(s) && ph_transaction_is_over(t, &s->wire) &&
        ph_transaction_has_more(t))
        mail_again(s, mail);
    if (ph_session_is_over(s))
        return;
    if (ph_session_is_decided(mail))
        ph_session_give_verdict(mail);
    if (ph_transaction_is_over(t, &s->wire))
        end_mail(s, mail);
    else
        ph_session_follow(s);
}

/* A verdict came before the content had left: it counts, but nothing more can
 * be said (S18). */
static void end_early(ph_session *s, ph_session_mail *mail,
                      const ph_reply *reply)
{
    static const char message[] =
        "the server gave its verdict before the message was complete";
    ph_outcome outcome = { .kind = PH_E_CLOSED,
                           .class = PH_CLASS_TEMPORARY,
                           .phase = PH_PHASE_CONTENT,
                           .message = message };

    ph_transaction_end(&mail->transaction, &outcome);
    ph_session_give_verdict(mail);
    ph_session_refuse(s, PH_E_CLOSED, PH_CLASS_TEMPORARY, reply, message);
}

void ph_session_on_mail(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    ph_session_mail *mail = &s->mails[s->hearing];
    int result =
        ph_transaction_reply(&mail->transaction, &s->wire, verb, reply);

    if (result == PH_E_PROTOCOL)
        ph_session_misunderstand(s);
    else if (result == PH_E_REFUSED)
        ph_session_refuse(s, PH_E_REFUSED, PH_CLASS_TEMPORARY, reply,
                          "the server refused to begin anew");
    else if (result == PH_E_CLOSED)
        end_early(s, mail, reply);
    else if (result < 0)
        ph_session_fail_to_say(s, result);
    else
        settle(s, mail);
}
