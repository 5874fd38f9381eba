/* reply.h - the reader of SMTP replies (RFC 5321, 4.2): lines of a hostile
 * peer made into a code, an enhanced status code and a text, within limits.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_REPLY_H
#define PH_SMTP_REPLY_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_REPLY_LINE = 4096,       /* octets of a line, its end included */
    PH_REPLY_CHALLENGE = 12288, /* of a 334 (RFC 4954, 4) */
    PH_REPLY_LINES = 512,       /* lines of a reply */
    PH_REPLY_SIZE = 65536,      /* octets of a reply */
    PH_REPLY_TEXT = 4096        /* octets of its text that are kept */
};

/* A reply, or one line of it. text borrows from the reader, or from what was
 * fed, until the next call: lines joined by LF, controls but tab made "?", the
 * enhanced status code taken off. */
typedef struct ph_reply {
    int code;          /* 200 to 599 */
    char enhanced[12]; /* "5.1.1"; "" for a code of 3yz */
    bool has_enhanced; /* the server gave it; false: it is "c.0.0" */
    bool is_last;      /* of a line: the reply is complete */
    unsigned lines;    /* how many so far */
    ph_span text;      /* of the reply so far */
    ph_span line;      /* text of the newest line, nothing taken off */
} ph_reply;

/* What ph_reply_read gives when it is no error. */
enum {
    PH_REPLY_MORE, /* all octets were taken, no line is complete */
    PH_REPLY_PART, /* a line that others follow */
    PH_REPLY_DONE  /* the last line */
};

/* Fields are to be read only through the functions below. */
typedef struct ph_reply_reader {
    ph_buf line;       /* a line that came in pieces, or had controls */
    ph_buf text;       /* the text of a reply of several lines */
    size_t size;       /* octets of the reply so far */
    size_t line_limit; /* PH_REPLY_LINE or PH_REPLY_CHALLENGE */
    ph_reply reply;    /* the one under way, or the last one */
    bool is_between;   /* the line is complete: the next call begins one */
    bool is_plain;     /* enhanced status codes are text like any other */
} ph_reply_reader;

/* Allocates nothing. */
void ph_reply_reader_init(ph_reply_reader *reader);

/* Frees all, wipes it if the reader was told of challenges; ready again. */
void ph_reply_reader_clear(ph_reply_reader *reader);

/* Whether challenges of AUTH are read from now on: longer lines, and memory
 * that is wiped. */
void ph_reply_reader_challenge(ph_reply_reader *reader, bool is_challenge);

/* From now on no enhanced status code is looked for. */
void ph_reply_reader_plain(ph_reply_reader *reader);

/* Takes octets off the start of *octets, up to the end of one line at most.
 * PH_REPLY_PART and PH_REPLY_DONE: *reply tells of it. PH_E_PROTOCOL: the
 * octets are no reply (delivery.md, S4), or past a limit; PH_E_LIMIT: no
 * memory. After an error the reader is of no use until it is cleared. */
int ph_reply_read(ph_reply_reader *reader, ph_span *octets,
                  const ph_reply **reply);

/* Whether no octet of an unfinished reply was taken. */
bool ph_reply_reader_is_empty(const ph_reply_reader *reader);

/* Finds the queue identifier in the text of a final reply ("queued as X",
 * "id=X", "X Message accepted for delivery"): printable ASCII of at most 128
 * octets, inside text; empty when there is none. */
ph_span ph_reply_queue_id(ph_span text);

#pragma GCC visibility pop
#endif
