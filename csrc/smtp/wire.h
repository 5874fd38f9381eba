/* wire.h - a client's side of the connection: what is to be sent, and the
 * queue of commands in flight, whose replies come in their order (RFC 2920,
 * 3.1; delivery.md, S24 to S26).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_WIRE_H
#define PH_SMTP_WIRE_H

#include "base/buf.h"
#include "command.h"
#include "trace.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_WIRE_OUTPUT = 65536, /* octets of content that wait to be sent, dots and
                               all; or of one chunk, and of one before it */
    PH_WIRE_LIMIT = 2 * PH_WIRE_OUTPUT + 8192, /* with envelopes */
    PH_WIRE_FLIGHTS = 8,  /* two mails behind each other need seven */
    PH_WIRE_CROWD = 80,   /* sixteen, and RSET before each, less than these */
    PH_WIRE_SESSION = 255 /* the owner of commands that carry no mail */
};

/* What a reply answers. */
typedef enum ph_verb {
    PH_VERB_GREETING, /* no command: the server speaks first */
    PH_VERB_EHLO,
    PH_VERB_HELO,
    PH_VERB_STARTTLS,
    PH_VERB_AUTH,
    PH_VERB_MAIL,
    PH_VERB_RCPT,
    PH_VERB_DATA,
    PH_VERB_BDAT, /* a chunk but the last (RFC 3030) */
    PH_VERB_DOT,  /* the end of a content: ".", or the last chunk */
    PH_VERB_END,  /* a "." alone, whose reply says nothing (RFC 2920, 3.1) */
    PH_VERB_RSET,
    PH_VERB_COMMAND,
    PH_VERB_QUIT
} ph_verb;

/* Commands of one verb, one behind the other, that wait for replies. */
typedef struct ph_flight {
    uint64_t begin; /* octets of the connection before the first of them; of
                       BDAT: behind the chunk */
    uint32_t count; /* how many */
    uint8_t verb;   /* ph_verb */
    uint8_t mail;   /* which transaction's, or PH_WIRE_SESSION */
} ph_flight;

/* Fields are to be read only through the functions below. */
typedef struct ph_wire {
    ph_buf out;
    uint64_t consumed; /* octets that were handed over */
    uint64_t offered;  /* octets that output ever showed */
    size_t held;       /* octets at the end of out that are not shown yet */
    unsigned first, count, room;    /* of the flights: a ring */
    ph_flight few[PH_WIRE_FLIGHTS]; /* the flights, or */
    ph_flight *many;                /* PH_WIRE_CROWD of them; NULL: few do */
    ph_trace *trace;                /* borrowed */
} ph_wire;

/* Allocates nothing. */
void ph_wire_init(ph_wire *wire, ph_trace *trace);

/* Frees and wipes what waits to be sent and forgets what is in flight. */
void ph_wire_clear(ph_wire *wire);

/* Frees the memory of the output when nothing waits in it; wipes it first
 * when it held a secret. */
void ph_wire_rest(ph_wire *wire, bool is_secret);

/* Writes a command line and counts it as in flight. shown: what the trace gets
 * instead of the line, or NULL. PH_E_INVALID, PH_E_LIMIT: as ph_command_put;
 * PH_E_LIMIT: too much in flight, or no memory. Then nothing was written. */
int ph_wire_say(ph_wire *wire, ph_verb verb, unsigned mail,
                const ph_command *command, const char *shown);

/* Counts something as in flight that the caller writes himself, or that the
 * server says by itself. PH_E_LIMIT as above. */
int ph_wire_await(ph_wire *wire, ph_verb verb, unsigned mail);

/* What the next reply answers, or NULL; and: that reply has come. */
const ph_flight *ph_wire_head(const ph_wire *wire);
void ph_wire_answered(ph_wire *wire);

/* So many replies are awaited to what is in flight of that verb and mail.
 * false: there is none. */
bool ph_wire_expect(ph_wire *wire, ph_verb verb, unsigned mail, size_t count);

/* The first that is in flight of a mail, or NULL. */
const ph_flight *ph_wire_find(const ph_wire *wire, unsigned mail);

/* Whether the next reply could be an honest one: something is in flight, and
 * its octets were shown to whoever sends them (security.md, row 30). */
bool ph_wire_is_asked(const ph_wire *wire);

/* The octet count of the connection behind all that was written. */
static inline uint64_t ph_wire_end(const ph_wire *wire)
{
    return wire->consumed + ph_buf_size(&wire->out);
}

/* What should be sent, without the held octets; counts as shown. */
ph_span ph_wire_output(ph_wire *wire);

/* How many octets ph_wire_output would show. */
static inline size_t ph_wire_size(const ph_wire *wire)
{
    size_t size = ph_buf_size(&wire->out);
    return size > wire->held ? size - wire->held : 0;
}

/* n octets of output (at most all) were handed over. */
void ph_wire_consume(ph_wire *wire, size_t n);

/* The phase of api.md in which a verb's reply is awaited. */
ph_phase ph_verb_phase(ph_verb verb);

#pragma GCC visibility pop
#endif
