/* session_event.c - what a session tells its caller, one event at a time.
 * SPDX-License-Identifier: MIT */
#include "session_state.h"

enum {
    WANTED = PH_WIRE_OUTPUT / 4 /* room that is worth an event */
};

/* The mail that has content to say, or NULL. */
static const ph_transaction *content_now(const ph_session *s)
{
    const ph_session_mail *mail = ph_session_youngest(s);

    return mail && mail->is_on && !s->is_asked ? &mail->transaction : NULL;
}

static bool wants_body(const ph_session *s)
{
    const ph_transaction *t = content_now(s);

    if (!t || t->content.state != PH_MAIL_DATA_OPEN)
        return false;
    if (t->options.has_body)
        return t->content.is_waiting;
    return ph_mail_data_room(&t->content, &s->wire) >=
           (t->content.is_chunked ? 1 : WANTED);
}

static bool wants_rewind(const ph_session *s)
{
    const ph_transaction *t = content_now(s);
    return t && t->content.state == PH_MAIL_DATA_REWIND;
}

/* Told when all of the mail was heard: then is_reusable knows. */
static bool has_verdict(const ph_session *s, const ph_session_mail *mail)
{
    return mail->verdict != PH_SESSION_NOTHING && !mail->is_on &&
           (!s->is_resetting || ph_session_is_over(s));
}

/* The oldest mail of which something is to be told, or NULL. */
static ph_session_mail *mail_to_tell(const ph_session *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        ph_session_mail *mail = ph_session_mail_at(s, i);
        if (ph_session_has_report(s, mail) || has_verdict(s, mail))
            return mail;
    }
    return NULL;
}

/* What waits first. */
static ph_session_event_kind event_kind(const ph_session *s,
                                        const ph_session_mail *mail)
{
    if (mail)
        return ph_session_has_report(s, mail) ? PH_SESSION_RECIPIENT
                                              : mail->verdict;
    if (s->has_answer)
        return PH_SESSION_REPLY;
    if (s->wish != PH_SESSION_NOTHING)
        return s->wish;
    if (wants_rewind(s))
        return PH_SESSION_REWIND;
    if (wants_body(s))
        return PH_SESSION_WANT_BODY;
    if (s->phase != PH_AT_READY && !s->is_offered && ph_session_may_begin(s))
        return PH_SESSION_READY;
    return PH_SESSION_NOTHING;
}

ph_session_event ph_session_peek(ph_session *s)
{
    const ph_session_mail *mail;
    ph_session_event event = { 0 };

    ph_session_pull(s);
    mail = mail_to_tell(s);
    event.kind = event_kind(s, mail);
    if (mail)
        event.envelope = mail->transaction.envelope;
    switch (event.kind) {
    case PH_SESSION_RECIPIENT:
        event.index = ph_envelope_report(event.envelope) - 1;
        break;
    case PH_SESSION_REFUSED:
        event.error = &mail->error;
        break;
    case PH_SESSION_REPLY:
        event.error = &s->answer;
        break;
    case PH_SESSION_WANT_BODY:
        event.room = ph_mail_data_room(&content_now(s)->content, &s->wire);
        break;
    case PH_SESSION_FAILED:
        event.error = mail ? &mail->error : &s->error;
        break;
    case PH_SESSION_CLOSED:
        event.error = &s->error;
        break;
    default:
        break;
    }
    return event;
}

void ph_session_take(ph_session *s)
{
    ph_session_mail *mail = mail_to_tell(s);

    switch (event_kind(s, mail)) {
    case PH_SESSION_NOTHING:
        return;
    case PH_SESSION_REPLY:
        s->has_answer = false;
        ph_error_clear(&s->answer);
        return;
    case PH_SESSION_REWIND:
        s->is_asked = true;
        return;
    case PH_SESSION_WANT_BODY:
        s->is_asked = true;
        ph_session_youngest(s)->transaction.content.is_waiting = false;
        return;
    case PH_SESSION_READY:
        s->is_offered = true;
        break;
    default:
        break;
    }
    if (!mail) {
        s->wish = PH_SESSION_NOTHING;
        return;
    }
    if (ph_session_has_report(s, mail))
        ph_envelope_reported(mail->transaction.envelope);
    else
        mail->verdict = PH_SESSION_NOTHING;
    ph_session_release_mails(s);
}

size_t ph_session_progress(const ph_session *s)
{
    if (!s->count)
        return s->carried;
    return ph_mail_data_progress(&ph_session_mail_at(s, 0)->transaction.content,
                                 &s->wire);
}

bool ph_session_is_pending(ph_session *s)
{
    ph_session_pull(s);
    return event_kind(s, mail_to_tell(s)) != PH_SESSION_NOTHING;
}

bool ph_session_is_ready(const ph_session *s)
{
    return ph_session_may_begin(s) && !s->has_answer && !mail_to_tell(s);
}
