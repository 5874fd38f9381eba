/* session_state.h - a session's inside, shared by its files alone: the table
 * of phases (session.c), the way to the first mail (session_opening.c), its
 * mails (session_mail.c), its end (session_end.c), what it tells its caller
 * (session_event.c) and what the caller asks for (session_call.c).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_SESSION_STATE_H
#define PH_SMTP_SESSION_STATE_H

#include "sasl.h"
#include "session.h"

#pragma GCC visibility push(hidden)

enum {
    PH_SESSION_MAILS = 2, /* under way at once: one whose end is said, and one
                             whose envelope goes with it (RFC 2920, 3.1) */
    PH_SESSION_BULK = 16  /* the same, in bulk (S21) */
};

/* A mail under way; its place in the ring is its number on the wire. */
typedef struct ph_session_mail {
    ph_transaction transaction;
    bool is_on;                    /* it has more to say or hear */
    bool has_verdict;              /* told, or in verdict */
    ph_session_event_kind verdict; /* that waits, or NOTHING */
    ph_error error;                /* of refused or failed */
} ph_session_mail;

/* Where a session is: a row of the table for each. */
typedef enum ph_session_at {
    PH_AT_TLS,
    PH_AT_GREETING,
    PH_AT_EHLO,
    PH_AT_HELO,
    PH_AT_STARTTLS,
    PH_AT_AUTH,
    PH_AT_READY,
    PH_AT_MAIL,
    PH_AT_RCPT,
    PH_AT_DATA,
    PH_AT_CONTENT,
    PH_AT_CHUNK,
    PH_AT_DOT,
    PH_AT_RSET,
    PH_AT_COMMAND,
    PH_AT_QUIT,
    PH_AT_CLOSED,
    PH_AT_FAILED
} ph_session_at;

struct ph_session {
    ph_machine machine;
    ph_session_at phase;
    unsigned long wait; /* the number of the wait under way */
    ph_session_tls tls;
    bool is_secure;   /* TLS is there */
    bool is_verified; /* and the peer is who it should be */
    bool allow_plaintext_auth;
    bool is_lmtp, is_bulk, is_terse;
    bool is_aborting;     /* "*" was said, its reply is awaited (RFC 4954) */
    bool is_resetting;    /* RSET behind a mail is awaited */
    bool is_offered;      /* ready was told before the mail's verdict */
    bool has_answer;      /* a reply to noop, reset or command waits */
    bool wants_answer;    /* a reply to one of these is awaited */
    bool is_asked;        /* the owner was asked for the body */
    bool is_quitting;     /* QUIT goes as soon as it may */
    bool is_starved;      /* output had to wait for content */
    bool is_spoiled;      /* not to be used for another mail */
    bool is_frail;        /* falls over an envelope behind a dot */
    uint8_t first, count; /* of the mails: a ring of room, oldest first */
    uint8_t room;
    uint8_t hearing;            /* whose reply is at hand: a mail's number */
    ph_session_event_kind wish; /* ready, want_tls, closed, failed */
    unsigned allowed, required, disabled;
    size_t unread;        /* octets fed behind the reply at hand */
    size_t moved;         /* octets of content since the wait began */
    size_t carried;       /* octets of the last mail that was told to its end */
    uint32_t mails_begun; /* transactions so far */
    uint32_t domains; /* of recipients so far, those next to each other once;
                         counted where the server has a limit */
    float timeouts[PH_SESSION_PHASES];
    char *hello_name;
    char *self_names; /* as in the options, or NULL */
    char *sentence;   /* of an abort */
    ph_sasl sasl;
    ph_reply_reader reader;
    ph_capability capability;
    ph_trace trace;
    ph_wire wire;
    ph_session_mail *mails; /* NULL before the first */
    ph_error answer;        /* of a command */
    ph_error error;         /* of the session */
};

/* A row of the table: what is said on entering, what a reply does. */
typedef struct ph_session_row {
    const char *name;
    void (*enter)(ph_session *s);
    void (*on_reply)(ph_session *s, ph_verb verb, const ph_reply *reply);
    ph_phase phase; /* in the words of api.md */
    float seconds;  /* RFC 5321, 4.5.3.2; delivery.md, S1. 0: for ever */
} ph_session_row;

extern const ph_session_row ph_session_rows[];
extern const char ph_session_no_memory[];

/* ---- session.c: moving on */

/* Goes to a phase and says what is said there. */
void ph_session_enter(ph_session *s, ph_session_at next);

/* Says a command of the session's own in two parts. */
void ph_session_say(ph_session *s, ph_verb verb, const char *text,
                    ph_span rest);

/* Says a command; shown instead of it in a trace, unless NULL. */
void ph_session_say_command(ph_session *s, ph_verb verb,
                            const ph_command *command, const char *shown);

/* ---- session_opening.c: until it is ready for mail */

/* Waits for the greeting. */
void ph_session_greet(ph_session *s);

/* Rows of the table: what is said, and what a reply does. */
void ph_session_want_tls(ph_session *s);
void ph_session_say_ehlo(ph_session *s);
void ph_session_say_helo(ph_session *s);
void ph_session_say_starttls(ph_session *s);
void ph_session_say_auth(ph_session *s);
void ph_session_on_greeting(ph_session *s, ph_verb verb, const ph_reply *reply);
void ph_session_on_ehlo(ph_session *s, ph_verb verb, const ph_reply *reply);
void ph_session_on_helo(ph_session *s, ph_verb verb, const ph_reply *reply);
void ph_session_on_starttls(ph_session *s, ph_verb verb, const ph_reply *reply);
void ph_session_on_auth(ph_session *s, ph_verb verb, const ph_reply *reply);

/* Over: octets came in clear that would be read as if through TLS (T3). */
void ph_session_fail_injected(ph_session *s);

/* Login over TLS that is not verified, or without TLS: fails, false. */
bool ph_session_may_log_in(ph_session *s);

/* ---- session_mail.c: the mails under way */

/* The n-th oldest, n below count. */
static inline ph_session_mail *ph_session_mail_at(const ph_session *s,
                                                  unsigned n)
{
    unsigned at = s->first + n;
    return &s->mails[at < s->room ? at : at - s->room];
}

/* The youngest, or NULL: the only one that may have content to say. */
static inline ph_session_mail *ph_session_youngest(const ph_session *s)
{
    return s->count ? ph_session_mail_at(s, s->count - 1u) : NULL;
}

/* Whether a recipient of the mail is decided and that was not told. */
static inline bool ph_session_has_report(const ph_session *s,
                                         const ph_session_mail *mail)
{
    return !s->is_terse && ph_envelope_report(mail->transaction.envelope);
}

/* Whether a mail may begin: the session is ready, or the end of the youngest
 * mail is said and nothing else of it may follow (S24). */
bool ph_session_may_begin(const ph_session *s);

/* The place of a new mail, or NULL: no memory. Only when one may begin. */
ph_session_mail *ph_session_add_mail(ph_session *s);

/* Whether LIMITS MAILMAX allows one more transaction (RFC 9422, 4.2). */
bool ph_session_may_mail(const ph_session *s);

/* Whether this server takes one more mail in this session (RFC 9422). */
bool ph_session_may_take(const ph_session *s);
void ph_session_begin_transaction(ph_session *s, ph_session_mail *mail);
void ph_session_on_mail(ph_session *s, ph_verb verb, const ph_reply *reply);

/* The phase becomes that of the reply which is awaited next. */
void ph_session_follow(ph_session *s);

/* The same, or ready when no reply is awaited. */
void ph_session_go_on(ph_session *s);

/* Pulls content into the output, its end as well. */
void ph_session_pull(ph_session *s);

/* Octets were handed over, the end of a content perhaps among them. */
void ph_session_handed(ph_session *s);

/* ---- session_end.c: how it ends */

bool ph_session_is_over(const ph_session *s);
bool ph_session_is_decided(const ph_session_mail *mail);

/* All recipients are decided: the mail's one verdict. */
void ph_session_give_verdict(ph_session_mail *mail);

/* The oldest mails go when all of them was told and heard. */
void ph_session_release_mails(ph_session *s);

/* Over: closed or failed. Nothing more is said. */
void ph_session_stop(ph_session *s, ph_session_at last);

/* Over, with the error that is set. */
void ph_session_end_failed(ph_session *s);

/* Over, with this error in the phase of now; when there is nothing that could
 * fail it is closed, not failed. Returns kind. */
int ph_session_fail(ph_session *s, int kind, const char *message);

/* A wire or a transaction gave that number. */
void ph_session_fail_to_say(ph_session *s, int result);

/* Over, by a reply. */
void ph_session_refuse(ph_session *s, int kind, ph_class class,
                       const ph_reply *reply, const char *message);

/* A class of reply that the protocol does not know at this place (S5). */
void ph_session_misunderstand(ph_session *s);

/* 421 at any time: the server will say no more (S20). */
void ph_session_hang_up(ph_session *s, const ph_reply *reply);

/* Keeps the reply to noop, reset or command for the caller. */
void ph_session_keep_answer(ph_session *s, const ph_reply *reply);

#pragma GCC visibility pop
#endif
