/* receiver_state.h - what receiver.c (bytes and events), receiver_command.c,
 * receiver_parameter.c, receiver_content.c and receiver_reply.c share; nobody
 * else's.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_RECEIVER_STATE_H
#define PH_SMTP_RECEIVER_STATE_H

#include "base/buf.h"
#include "codec/dot_stuffing.h"
#include "receiver.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_RECEIVER_NAME = 255,        /* octets of our host name */
    PH_RECEIVER_LINE = 2048,       /* octets of a command line (4.5.3.1.4) */
    PH_RECEIVER_AUTH_LINE = 12288, /* of a response in AUTH (RFC 4954, 4) */
    PH_RECEIVER_REPLY = 2048,      /* octets of a verdict's text */
    PH_RECEIVER_ERRORS = 20,       /* senseless commands until 421 */
    PH_RECEIVER_SLICE = 16 * 1024, /* octets of content taken at a time */
    PH_RECEIVER_PIECE = 64 * 1024, /* octets of a content event, about */
    PH_RECEIVER_HOLD = 2592000     /* seconds of HOLDFOR (RFC 4865): 30 days */
};

/* What the next octets are. */
typedef enum ph_receiver_place {
    PH_PLACE_COMMAND,
    PH_PLACE_AUTH_PLAIN,    /* the response of PLAIN */
    PH_PLACE_AUTH_USER,     /* the first response of LOGIN */
    PH_PLACE_AUTH_PASSWORD, /* its second */
    PH_PLACE_CHUNK,         /* behind BDAT */
    PH_PLACE_CONTENT,       /* behind DATA */
    PH_PLACE_HANDSHAKE,     /* none are due before ph_receiver_secured */
    PH_PLACE_CLOSING,       /* dropped; `closed` follows once output has left */
    PH_PLACE_CLOSED         /* and was given */
} ph_receiver_place;

struct ph_receiver {
    ph_receiver_options options; /* its hostname borrows from this->hostname */
    ph_buf hostname;
    ph_receiver_place place;
    unsigned long wait; /* number of the wait */
    uint64_t queue_id;  /* of the next message */
    unsigned errors;
    const char *reason; /* why it closes */

    ph_buf input;   /* octets not looked at so far */
    size_t scanned; /* of input: known to hold no line end */
    bool is_long;   /* the line under way passed its limit */
    bool has_more;  /* octets wait behind the line under way */
    bool has_eof;   /* the peer says nothing more */
    ph_buf output;

    ph_receiver_event event; /* waits for next */
    ph_receiver_event asked; /* next gave it; settled at the next call */
    int verdict;             /* its reply's code; 0: none so far */

    /* the session */
    ph_buf helo, user;
    bool is_esmtp, is_secured;
    bool has_asked_tls;   /* WANT_TLS was raised */
    ph_buf login, secret; /* of AUTH under way */

    /* the transaction */
    bool has_mail;
    ph_buf path, arguments; /* of the MAIL or RCPT under way */
    ph_buf reverse_path, parameters;
    ph_buf recipients, recipient_parameters; /* a NUL behind each */
    size_t recipient_count;
    ph_dot_stuffing dots;
    ph_buf content;
    size_t size;     /* octets of content so far */
    size_t counted;  /* size when the wait began */
    int trouble;     /* code of the refusal that waits for the dot, or 0 */
    bool is_whole;   /* the dot was seen, its event waits for content's */
    bool has_pieces; /* some content was given away */
    size_t left;     /* octets of the chunk under way */
    int refusal;     /* of that chunk, or 0 */
    bool is_last;    /* it is the last one */
    bool has_chunks; /* no DATA any more */
    bool is_stopped; /* a chunk was refused: RSET is due */
    size_t given;    /* verdicts on the message so far */
};

/* Puts a reply; enhanced may be NULL, line feeds in text make lines. */
void ph_receiver_say(ph_receiver *receiver, int code, const char *enhanced,
                     const char *text);
void ph_receiver_say_span(ph_receiver *receiver, int code, ph_span enhanced,
                          ph_span text);

/* As say, for a command that made no sense: too many of them end it. */
void ph_receiver_complain(ph_receiver *receiver, int code, const char *enhanced,
                          const char *text);

void ph_receiver_say_greeting(ph_receiver *receiver);
void ph_receiver_say_queued(ph_receiver *receiver);

/* Raises an event; it must be the caller's turn. */
void ph_receiver_raise(ph_receiver *receiver, ph_receiver_event_kind kind,
                       ph_span text);

/* No more octets are taken; closed once all was said. reason is static. */
void ph_receiver_end(ph_receiver *receiver, const char *reason);

/* Forgets the transaction. */
void ph_receiver_reset(ph_receiver *receiver);

/* Takes octets of content, or of a chunk; how many were taken. */
size_t ph_receiver_take_content(ph_receiver *receiver, ph_span wire);
size_t ph_receiver_take_chunk(ph_receiver *receiver, ph_span wire);

/* BDAT: a chunk follows. */
void ph_receiver_run_bdat(ph_receiver *receiver, ph_span argument);

/* How many verdicts a message wants: in LMTP one for each recipient (RFC 2033,
 * 4.2). */
static inline size_t ph_receiver_verdicts(const ph_receiver *receiver)
{
    return receiver->options.is_lmtp ? receiver->recipient_count : 1;
}

/* Runs one line, without its end: a command or a response in AUTH. */
void ph_receiver_run(ph_receiver *receiver, ph_span line);

/* Whether an extension is offered now; 0: AUTH. */
bool ph_receiver_offers(const ph_receiver *receiver, unsigned extension);

/* Checks the parameters of the MAIL or RCPT under way; false: they were
 * refused, a reply was given. */
bool ph_receiver_check_parameters(ph_receiver *receiver, bool is_mail);

/* Does what the verdict of MAIL, RECIPIENT or AUTH means. */
void ph_receiver_settle(ph_receiver *receiver, const ph_receiver_event *asked,
                        int verdict);

#pragma GCC visibility pop
#endif
