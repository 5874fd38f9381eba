/* session.h - one SMTP connection, client's side, from greeting to QUIT, as a
 * machine without I/O (RFC 5321, 3; RFC 3207; RFC 4954).
 *
 * Octets go in by feed and come out by output; what happened is told by
 * events, one at a time, peek and take. The order of the conversation, its
 * deadlines and the outcome of each mail are in here; the clock, the socket
 * and TLS are the caller's.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_SESSION_H
#define PH_SMTP_SESSION_H

#include "base/machine.h"
#include "capability.h"
#include "envelope.h"
#include "trace.h"
#include "transaction.h"

#pragma GCC visibility push(hidden)

typedef struct ph_session ph_session;

typedef enum ph_session_tls {
    PH_SESSION_TLS_NONE,
    PH_SESSION_TLS_OPPORTUNISTIC, /* STARTTLS if offered */
    PH_SESSION_TLS_STARTTLS,      /* STARTTLS, or no session */
    PH_SESSION_TLS_IMPLICIT       /* TLS before the greeting */
} ph_session_tls;

enum {
    PH_SESSION_PHASES = PH_PHASE_COMMAND + 1
};

/* All spans are borrowed during the call. Zeroed: no TLS, no login. */
typedef struct ph_session_options {
    ph_span hello_name; /* a domain or an address literal; "": [127.0.0.1] */
    ph_span self_names; /* names of ours, an LF between them: a server that
                           greets with one is ourselves, a loop (S8) */
    ph_span user, password; /* user empty: no login */
    ph_session_tls tls;
    unsigned mechanisms; /* PH_MECHANISM_* that may be used; 0: all */
    unsigned required;   /* PH_CAPABILITY_* without which there is no session */
    unsigned disabled;   /* PH_CAPABILITY_* that are not used */
    bool allow_plaintext_auth;
    bool is_lmtp;  /* LHLO, and a verdict for each recipient (RFC 2033) */
    bool is_bulk;  /* mails to one recipient share a write, where the server has
                      PIPELINING and CHUNKING (S21) */
    bool is_terse; /* no event for each recipient: the verdict has them all */
    bool has_trace;
    double timeouts[PH_SESSION_PHASES]; /* seconds by phase; 0: the default */
} ph_session_options;

/* What `take` takes. Pointers are borrowed until the session is next called,
 * but for peek. */
typedef enum ph_session_event_kind {
    PH_SESSION_NOTHING,   /* write, read or wait */
    PH_SESSION_RECIPIENT, /* envelope, index: decided */
    PH_SESSION_DELIVERED, /* envelope: at least one was accepted */
    PH_SESSION_REFUSED,   /* envelope, error: SMTP said no to all */
    PH_SESSION_REPLY,     /* error: code, enhanced, text of a reply to noop,
                             reset, command */
    PH_SESSION_WANT_TLS,  /* shake hands, then ph_session_secured */
    PH_SESSION_READY,     /* send, noop, reset, command, quit; may come before
                             the verdict of the mail whose end is said, and
                             comes again behind it when nothing followed */
    PH_SESSION_WANT_BODY, /* room: octets that are taken now; or, with a body
                             machine, its owner has to act, then
                             ph_session_attended */
    PH_SESSION_REWIND,    /* a machine that gives the body once more is wanted:
                             ph_session_set_body */
    PH_SESSION_CLOSED,    /* over, no mail lost; error: why, or kind 0 */
    PH_SESSION_FAILED     /* over; error; envelope, if a mail was under way:
                             once for each, oldest first */
} ph_session_event_kind;

typedef struct ph_session_event {
    ph_session_event_kind kind;
    const ph_envelope *envelope;
    const ph_error *error;
    size_t index, room;
} ph_session_event;

/* A session at its start. PH_E_INVALID: hello_name, user or password cannot be
 * sent, *error names the field; PH_E_LIMIT: no memory. *error is the
 * caller's to clear. */
int ph_session_new(const ph_session_options *options, ph_session **session,
                   ph_error *error);

/* Wipes and frees all; NULL is allowed. No octet is said. */
void ph_session_free(ph_session *session);

/* The machine's verbs (base/machine.h). A function that returns a negative
 * number has made the session fail: see the event. */
int ph_session_feed(ph_session *session, const char *at, size_t size);
int ph_session_feed_eof(ph_session *session);
ph_span ph_session_output(ph_session *session);
void ph_session_consume(ph_session *session, size_t n);
bool ph_session_is_pending(ph_session *session);
double ph_session_deadline(ph_session *session, unsigned long *number);
void ph_session_expire(ph_session *session);
const ph_machine *ph_session_machine(ph_session *session);

/* The next event; again the same until it is taken. */
ph_session_event ph_session_peek(ph_session *session);
void ph_session_take(ph_session *session);

/* The handshake is done; is_verified: the peer is who it should be.
 * PH_E_USAGE: TLS was not wanted now. */
int ph_session_secured(ph_session *session, bool is_verified);

/* Whether send, noop, reset and command may be called: the event ready was
 * taken, or waits, and nothing before it. */
bool ph_session_is_ready(const ph_session *session);

/* Begins a mail. Takes the envelope in any case but PH_E_USAGE (not ready). A
 * body machine is borrowed until ph_session_has_body says no; NULL: the caller
 * gives the body. Where the end of the mail before waits in the output the two
 * leave together (RFC 2920, 3.1). Each mail has one verdict, in their order; of
 * one that ended with the connection before its own MAIL was answered, the
 * error's phase is mail or rset, its class temporary and its code 0 or 421: it
 * may be tried again at once elsewhere (S32). PH_E_UNSUPPORTED, PH_E_LIMIT: the
 * server cannot take it, nothing was said, the session is ready still, *error
 * (the caller's to clear). */
int ph_session_send(ph_session *session, ph_envelope *envelope,
                    const ph_transaction_options *options,
                    const ph_machine *body, ph_error *error);

/* The body's octets, CRLF line ends, not dot-stuffed: how many were taken, or
 * PH_E_INVALID: they cannot be sent, the session has failed. PH_E_USAGE: no
 * body is wanted from the caller. */
int ph_session_body(ph_session *session, ph_span text, size_t *taken);
int ph_session_body_end(ph_session *session);

/* Whether the youngest mail borrows a body machine yet. */
bool ph_session_has_body(const ph_session *session);

/* The answer to rewind. PH_E_USAGE: nobody asked. */
int ph_session_set_body(ph_session *session, const ph_machine *body);

/* The owner of the body machine has acted: it may be asked again. Until then
 * the session listens to the server and does not ask. */
void ph_session_attended(ph_session *session);

/* PH_E_USAGE: not ready. command: PH_E_INVALID: the line is no command, or
 * one that would turn the session into something else. quit: QUIT goes when all
 * mails have their verdicts, or where another mail could go with the end of
 * the last one (RFC 2920, 3.1) at once; may be called when the session is over;
 * PH_E_USAGE before it was ever ready, or while a mail's end is not said. */
int ph_session_noop(ph_session *session);
int ph_session_reset(ph_session *session);
int ph_session_command(ph_session *session, ph_span line);
int ph_session_quit(ph_session *session);

/* Ends the session at once without a word: failed with this kind, in the phase
 * of now; message is copied. */
void ph_session_abort(ph_session *session, int kind, ph_class class,
                      ph_span message);

/* For show: "greeting", "ready", "dot", "failed"; static. */
const char *ph_session_phase_name(const ph_session *session);

/* Octets of the oldest message under way, else of the last one, that have
 * left: not its stuffed dots, and all of it once its end has left. */
size_t ph_session_progress(const ph_session *session);

/* Whether send may be called, and the mail may go over this connection: it is
 * ready, and of use still. */
bool ph_session_takes_mail(const ph_session *session);

/* Whether another mail may go over this connection (delivery.md, S31). */
bool ph_session_is_reusable(const ph_session *session);

/* Borrowed until the session is fed. */
const ph_capability *ph_session_capability(const ph_session *session);
ph_trace *ph_session_trace(ph_session *session);

#pragma GCC visibility pop
#endif
