/* session.c - one SMTP connection, client's side, from greeting to QUIT.
 *
 * Read the table of phases first: what is said on entering each, what is done
 * with a reply, how long it may take. Its handlers stand in the order of the
 * protocol: all before the first mail in session_opening.c, mails in
 * session_mail.c, the rest here; then what comes in and what goes out. Endings
 * are in session_end.c, events in session_event.c, the caller's verbs in
 * session_call.c.
 * SPDX-License-Identifier: MIT */
#include "session_state.h"

enum {
    RATE = 500,  /* octets a second that a peer takes at least (S1) */
    TRACED = 512 /* octets of a line that are traced */
};

const char ph_session_no_memory[] = "out of memory";

static void be_ready(ph_session *s);
static void say_quit(ph_session *s);
static void on_rset(ph_session *s, ph_verb verb, const ph_reply *reply);
static void on_command(ph_session *s, ph_verb verb, const ph_reply *reply);
static void on_quit(ph_session *s, ph_verb verb, const ph_reply *reply);

/* While a mail is under way the phase follows what is awaited next; the
 * transaction says its commands itself. */
const ph_session_row ph_session_rows[] = {
    [PH_AT_TLS] = { "tls", ph_session_want_tls, NULL, PH_PHASE_TLS, 60 },
    [PH_AT_GREETING] = { "greeting", NULL, ph_session_on_greeting,
                         PH_PHASE_GREETING, 300 },
    [PH_AT_EHLO] = { "ehlo", ph_session_say_ehlo, ph_session_on_ehlo,
                     PH_PHASE_EHLO, 120 },
    [PH_AT_HELO] = { "ehlo", ph_session_say_helo, ph_session_on_helo,
                     PH_PHASE_EHLO, 120 },
    [PH_AT_STARTTLS] = { "starttls", ph_session_say_starttls,
                         ph_session_on_starttls, PH_PHASE_STARTTLS, 60 },
    [PH_AT_AUTH] = { "auth", ph_session_say_auth, ph_session_on_auth,
                     PH_PHASE_AUTH, 60 },
    /* What ends a session that has no mail is told of the next MAIL. */
    [PH_AT_READY] = { "ready", be_ready, NULL, PH_PHASE_MAIL, 0 },
    [PH_AT_MAIL] = { "mail", NULL, ph_session_on_mail, PH_PHASE_MAIL, 300 },
    [PH_AT_RCPT] = { "rcpt", NULL, ph_session_on_mail, PH_PHASE_RCPT, 300 },
    [PH_AT_DATA] = { "data", NULL, ph_session_on_mail, PH_PHASE_DATA, 120 },
    [PH_AT_CONTENT] = { "content", NULL, ph_session_on_mail, PH_PHASE_CONTENT,
                        180 },
    [PH_AT_CHUNK] = { "content", NULL, ph_session_on_mail, PH_PHASE_CONTENT,
                      180 },
    [PH_AT_DOT] = { "dot", NULL, ph_session_on_mail, PH_PHASE_DOT, 600 },
    [PH_AT_RSET] = { "rset", NULL, on_rset, PH_PHASE_RSET, 20 },
    [PH_AT_COMMAND] = { "command", NULL, on_command, PH_PHASE_COMMAND, 120 },
    [PH_AT_QUIT] = { "quit", say_quit, on_quit, PH_PHASE_QUIT, 5 },
    [PH_AT_CLOSED] = { "closed", NULL, NULL, PH_PHASE_NONE, 0 },
    [PH_AT_FAILED] = { "failed", NULL, NULL, PH_PHASE_NONE, 0 },
};

/* ---- moving on */

void ph_session_enter(ph_session *s, ph_session_at next)
{
    s->phase = next;
    s->wait++;
    if (ph_session_rows[next].enter)
        ph_session_rows[next].enter(s);
}

void ph_session_say_command(ph_session *s, ph_verb verb,
                            const ph_command *command, const char *shown)
{
    int result = ph_wire_say(&s->wire, verb, PH_WIRE_SESSION, command, shown);
    if (result < 0)
        ph_session_fail_to_say(s, result);
}

void ph_session_say(ph_session *s, ph_verb verb, const char *text, ph_span rest)
{
    ph_command command = { .count = 0 };

    ph_command_add_text(&command, text);
    ph_command_add(&command, rest);
    ph_session_say_command(s, verb, &command, NULL);
}

/* ---- ready */

/* An idle session keeps no buffer. */
static void be_ready(ph_session *s)
{
    ph_wire_rest(&s->wire, false);
    ph_reply_reader_challenge(&s->reader, false);
    s->is_offered = false;
    s->wish = PH_SESSION_READY;
    if (s->is_quitting)
        ph_session_enter(s, PH_AT_QUIT);
}

/* ---- RSET, other commands, QUIT */

/* RSET before a mail is the transaction's, like MAIL. */
static void on_rset(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    if (s->hearing != PH_WIRE_SESSION) {
        ph_session_on_mail(s, verb, reply);
    } else if (s->wants_answer) {
        on_command(s, verb, reply);
    } else if (reply->code / 100 == 2) {
        s->is_resetting = false;
        ph_session_go_on(s);
    } else {
        ph_session_refuse(s, PH_E_REFUSED, PH_CLASS_TEMPORARY, reply,
                          "the server refused to begin anew");
    }
}

static void on_command(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    if (verb == PH_VERB_RSET && reply->code / 100 != 2)
        s->is_spoiled = true;
    ph_session_keep_answer(s, reply);
    if (reply->code / 100 == 3)
        ph_session_misunderstand(
            s); /* it waits for something that will not come */
    else
        ph_session_go_on(s);
}

static void say_quit(ph_session *s)
{
    s->wish = PH_SESSION_NOTHING;
    ph_session_say(s, PH_VERB_QUIT, "QUIT", ph_span_of(NULL, 0));
}

static void on_quit(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    (void)verb;
    (void)reply;
    ph_session_stop(s, PH_AT_CLOSED);
}

/* ---- what comes in */

/* Inside AUTH nothing of a reply is shown but its code. */
static void trace_line(ph_session *s, const ph_reply *reply)
{
    char room[TRACED];
    size_t size = reply->line.size;

    if (!s->trace.is_on)
        return;
    room[0] = (char)('0' + reply->code / 100);
    room[1] = (char)('0' + reply->code / 10 % 10);
    room[2] = (char)('0' + reply->code % 10);
    room[3] = reply->is_last ? ' ' : '-';
    if (s->phase == PH_AT_AUTH) {
        memcpy(room + 4, "***", 3);
        size = 3;
    } else {
        if (size > sizeof room - 4)
            size = sizeof room - 4;
        if (size)
            memcpy(room + 4, reply->line.at, size);
    }
    ph_trace_add(&s->trace, ph_session_rows[s->phase].phase, false,
                 ph_span_of(room, 4 + size));
}

static void on_reply(ph_session *s, const ph_reply *reply)
{
    const ph_flight *head = ph_wire_head(&s->wire);
    ph_verb verb;

    if (!ph_wire_is_asked(&s->wire)) {
        if (reply->code == 421)
            ph_session_hang_up(s, reply);
        else
            ph_session_fail(
                s, PH_E_PROTOCOL,
                "the server sent a reply that nothing had asked for");
        return;
    }
    verb = (ph_verb)head->verb;
    s->hearing = head->mail;
    ph_wire_answered(&s->wire);
    s->wait++;
    if (reply->code == 421 && s->phase != PH_AT_QUIT)
        ph_session_hang_up(s, reply);
    else
        ph_session_rows[s->phase].on_reply(s, verb, reply);
    s->hearing = PH_WIRE_SESSION;
}

/* One line of a reply; keywords are read line by line, as there may be more
 * of them than a reply's text is kept. */
static void on_line(ph_session *s, const ph_reply *reply)
{
    trace_line(s, reply);
    if (s->phase == PH_AT_EHLO && reply->code / 100 == 2 && reply->lines > 1 &&
        ph_capability_add(&s->capability, reply->line) < 0)
        ph_session_fail(s, PH_E_LIMIT, ph_session_no_memory);
}

static int result_of(const ph_session *s)
{
    return s->phase == PH_AT_FAILED ? s->error.kind : PH_OK;
}

int ph_session_feed(ph_session *s, const char *at, size_t size)
{
    ph_span rest = ph_span_of(at, size);

    if (s->phase == PH_AT_TLS && size)
        ph_session_fail_injected(s);
    while (rest.size && !ph_session_is_over(s)) {
        const ph_reply *reply = NULL;
        int result = ph_reply_read(&s->reader, &rest, &reply);
        if (result < 0) {
            ph_session_fail(s, result,
                            ph_error_is_limit(result)
                                ? ph_session_no_memory
                                : "the server sent no SMTP reply");
            break;
        }
        if (result == PH_REPLY_MORE)
            break;
        s->unread = rest.size;
        on_line(s, reply);
        if (result == PH_REPLY_DONE && !ph_session_is_over(s))
            on_reply(s, reply);
    }
    return result_of(s);
}

int ph_session_feed_eof(ph_session *s)
{
    if (s->phase == PH_AT_QUIT)
        ph_session_stop(s, PH_AT_CLOSED);
    else
        ph_session_fail(s, PH_E_CLOSED, "the server closed the connection");
    return result_of(s);
}

/* ---- what goes out */

/* While the content's source is awaited no peer is late: when content comes
 * again, the wait begins anew. */
static void watch_content(ph_session *s, size_t size)
{
    if (s->phase != PH_AT_CONTENT)
        return;
    if (size && s->is_starved) {
        s->wait++;
        s->moved = 0;
    }
    s->is_starved = size == 0;
}

ph_span ph_session_output(ph_session *s)
{
    ph_session_pull(s);
    /* A command goes only when the server has said all (row 30). */
    if (!ph_session_is_over(s) && ph_wire_head(&s->wire) &&
        !ph_wire_is_asked(&s->wire) && !ph_reply_reader_is_empty(&s->reader))
        ph_session_fail(s, PH_E_PROTOCOL,
                        "the server sent a reply that nothing had asked for");
    if (ph_session_is_over(s))
        return ph_span_of(NULL, 0);
    watch_content(s, ph_wire_size(&s->wire));
    return ph_wire_output(&s->wire);
}

static float seconds(const ph_session *s)
{
    const ph_session_row *now = &ph_session_rows[s->phase];
    float given = s->timeouts[now->phase];
    return given > 0 && now->seconds > 0 ? given : now->seconds;
}

void ph_session_consume(ph_session *s, size_t n)
{
    if (ph_session_is_over(s))
        return;
    ph_wire_consume(&s->wire, n);
    ph_session_handed(s);
    if (s->phase != PH_AT_CONTENT)
        return;
    s->moved += n;
    if ((float)s->moved >= seconds(s) * RATE) {
        s->wait++;
        s->moved = 0;
    }
}

/* While content is awaited from its source the peer is not late. */
double ph_session_deadline(ph_session *s, unsigned long *number)
{
    double limit;

    ph_session_pull(s);
    limit = (double)seconds(s);
    *number = s->wait;
    if (limit <= 0 ||
        (s->phase == PH_AT_CONTENT && ph_wire_size(&s->wire) == 0))
        return -1;
    return limit;
}

void ph_session_expire(ph_session *s)
{
    if (s->phase == PH_AT_QUIT)
        ph_session_stop(s, PH_AT_CLOSED);
    else if (s->phase != PH_AT_READY)
        ph_session_fail(s, PH_E_TIMEOUT, "the server did not answer in time");
}
