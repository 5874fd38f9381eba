/* receiver.h - the server's side of SMTP as a machine without I/O (RFC 5321;
 * 1870 SIZE, 2034, 2852, 2920, 3207, 3461, 4865, 4954, 6152, 6531, 6710, 8689,
 * 9422): bytes in, bytes out, events, a deadline.
 *
 * It serves the development sink and the specs. Every command gets its reply
 * here; the caller gives a verdict only where it asked for the event, and
 * accepts by taking no decision. All is bounded: lines, envelope, content,
 * replies that the peer does not read, commands that make no sense.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_RECEIVER_H
#define PH_SMTP_RECEIVER_H

#include "base/machine.h"

#pragma GCC visibility push(hidden)

typedef struct ph_receiver ph_receiver;

/* Extensions that EHLO may announce. */
enum {
    PH_RECEIVER_PIPELINING = 1,
    PH_RECEIVER_8BITMIME = 2,
    PH_RECEIVER_SIZE = 4,
    PH_RECEIVER_ENHANCEDSTATUSCODES = 8,
    PH_RECEIVER_SMTPUTF8 = 16,
    PH_RECEIVER_HELP = 32,
    PH_RECEIVER_DSN = 64,
    PH_RECEIVER_DELIVERBY = 128,
    PH_RECEIVER_FUTURERELEASE = 256,
    PH_RECEIVER_MT_PRIORITY = 512,
    PH_RECEIVER_REQUIRETLS = 1024, /* over TLS */
    PH_RECEIVER_LIMITS = 2048,     /* RCPTMAX */
    PH_RECEIVER_CHUNKING = 4096,
    PH_RECEIVER_BINARYMIME = 8192
};

/* Events that are given only to who asks for them. */
enum {
    PH_RECEIVER_ASK_MAIL = 1,
    PH_RECEIVER_ASK_RECIPIENT = 2
};

typedef enum ph_receiver_tls {
    PH_RECEIVER_TLS_NONE,
    PH_RECEIVER_TLS_STARTTLS, /* offered */
    PH_RECEIVER_TLS_IMPLICIT  /* from the first octet */
} ph_receiver_tls;

/* What becomes of a mail's content. */
typedef enum ph_receiver_content {
    PH_RECEIVER_WHOLE,  /* kept, and given with the message event */
    PH_RECEIVER_STREAM, /* given piece by piece, 64 KiB at a time */
    PH_RECEIVER_DISCARD /* counted */
} ph_receiver_content;

typedef struct ph_receiver_options {
    ph_span hostname;       /* as the greeting tells it; no control or blank */
    size_t size_limit;      /* octets of a message */
    size_t recipient_limit; /* of a transaction */
    double timeout;         /* seconds for a command, or 64 KiB of content */
    unsigned extensions;    /* PH_RECEIVER_PIPELINING | ... */
    unsigned ask;           /* PH_RECEIVER_ASK_MAIL | ... */
    ph_receiver_tls tls;
    ph_receiver_content content;
    bool has_auth;             /* AUTH PLAIN and LOGIN are offered */
    bool allow_plaintext_auth; /* also without TLS */
    bool require_auth;         /* MAIL only after AUTH */
    bool is_lmtp;              /* LHLO, and a verdict for each recipient */
} ph_receiver_options;

/* The options of an open server: 50 MiB, 1000 recipients, 300 seconds, of the
 * extensions the first four, no TLS, no AUTH, content kept. */
void ph_receiver_options_init(ph_receiver_options *options);

typedef enum ph_receiver_event_kind {
    PH_RECEIVER_NONE,
    PH_RECEIVER_WANT_TLS,  /* shake hands, then ph_receiver_secured; given once
                              all that was to be said in the clear has left */
    PH_RECEIVER_AUTH,      /* verdict: text is the user, password */
    PH_RECEIVER_MAIL,      /* verdict: text is the reverse-path, parameters */
    PH_RECEIVER_RECIPIENT, /* verdict: text is the forward-path, parameters */
    PH_RECEIVER_CONTENT,   /* text is the next piece of content */
    PH_RECEIVER_MESSAGE,   /* verdict: text is the content (when kept) */
    PH_RECEIVER_DROPPED,   /* the mail whose content was being given was refused
                              for its size, or for want of memory */
    PH_RECEIVER_CLOSED     /* text says why: quit, eof, timeout, errors, limit,
                              refused (421), protocol */
} ph_receiver_event_kind;

/* Spans are borrowed until the next call but ph_receiver_reply and the
 * bare nouns below. */
typedef struct ph_receiver_event {
    ph_receiver_event_kind kind;
    ph_span text;
    ph_span parameters;    /* as they stood behind the path */
    ph_span password;      /* of AUTH: a secret */
    ph_span authorization; /* of AUTH PLAIN: the identity to act as, or empty */
} ph_receiver_event;

/* NULL: no memory. Copies what it is given. */
ph_receiver *ph_receiver_new(const ph_receiver_options *options);
void ph_receiver_free(ph_receiver *receiver);

/* Fills the machine with this receiver's functions. Feeding takes all or ends
 * the receiver: PH_E_LIMIT (memory, or a peer that sends on without
 * reading replies), PH_E_PROTOCOL (octets where a TLS handshake is due).
 * Octets after the end are dropped. */
void ph_receiver_machine(ph_receiver *receiver, ph_machine *machine);

/* What happened, one at a time; kind NONE: write, read or wait. An event
 * before this one that wanted a verdict and got none was accepted. */
void ph_receiver_next(ph_receiver *receiver, ph_receiver_event *event);

/* The verdict for the event that next gave (in LMTP for a message: one for each
 * recipient, in their order; what is missing is acceptance): a reply with that
 * code (200 to 599), an enhanced status code or none (empty), and text, whose
 * line feeds make it several lines. 421 ends the session. Code 0: the usual
 * reply of acceptance. PH_E_USAGE: no event wants one; PH_E_INVALID: no such
 * code, enhanced status code or text (controls, over 2 KiB). */
int ph_receiver_reply(ph_receiver *receiver, int code, ph_span enhanced,
                      ph_span text);

/* The handshake is done: state from before is forgotten (RFC 3207, 4.2).
 * PH_E_USAGE: none was wanted. */
int ph_receiver_secured(ph_receiver *receiver);

/* What is known of peer and transaction; borrowed until the next call of
 * another function. Names and paths are empty when there is none. */
ph_span ph_receiver_helo(const ph_receiver *receiver);
ph_span ph_receiver_user(const ph_receiver *receiver);
ph_span ph_receiver_reverse_path(const ph_receiver *receiver);
ph_span ph_receiver_parameters(const ph_receiver *receiver); /* of MAIL */
size_t ph_receiver_size(const ph_receiver *receiver); /* of the content */
bool ph_receiver_is_esmtp(const ph_receiver *receiver);
bool ph_receiver_is_secured(const ph_receiver *receiver);

/* The accepted forward-paths in order, each with a NUL behind it; and the
 * parameters of their RCPT, likewise. */
ph_span ph_receiver_recipients(const ph_receiver *receiver, size_t *count);
ph_span ph_receiver_recipient_parameters(const ph_receiver *receiver);

#pragma GCC visibility pop
#endif
