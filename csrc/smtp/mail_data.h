/* mail_data.h - a mail's data, its content, on its way into the output:
 * dot-stuffed behind DATA (RFC 5321, 4.5.2), or in chunks behind BDAT (RFC
 * 3030, 2).
 *
 * It comes out of a machine or by put, CRLF line ends and all. A chunk is put
 * together at the end of the output, out of sight; when it is complete its
 * command with the number of its octets is written in front of it.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_MAIL_DATA_H
#define PH_SMTP_MAIL_DATA_H

#include "base/machine.h"
#include "codec/dot_stuffing.h"
#include "codec/line.h"
#include "wire.h"

#pragma GCC visibility push(hidden)

enum {
    PH_MAIL_DATA_CHUNK = 65536, /* octets of a chunk but the last (S21) */
    PH_MAIL_DATA_CHUNKS = 4     /* without a reply at most */
};

typedef enum ph_mail_data_state {
    PH_MAIL_DATA_NONE,   /* not its turn */
    PH_MAIL_DATA_REWIND, /* a new body machine is awaited */
    PH_MAIL_DATA_OPEN,   /* content may be given */
    PH_MAIL_DATA_ENDED,  /* its end is in the output */
    PH_MAIL_DATA_HANDED  /* its last octet was handed over (S17) */
} ph_mail_data_state;

/* Zeroed: none. Fields are to be read, but set by the functions below alone. */
typedef struct ph_mail_data {
    const ph_machine *body; /* borrowed, or NULL */
    ph_span octets;         /* borrowed: all of it, instead of a machine */
    ph_mail_data_state state;
    unsigned mail;    /* its number on the wire */
    bool has_body;    /* a machine gives it, else the caller does */
    bool is_chunked;  /* BDAT, not DATA */
    bool is_binary;   /* any octets, not lines (BINARYMIME) */
    bool is_waiting;  /* the body machine wants something of its owner */
    bool is_complete; /* all of it was given, its end is not said yet */
    bool may_go_on;   /* a chunk may be said, when it is full */
    bool may_end;     /* the last chunk may be said */
    unsigned said;    /* chunks */
    unsigned awaited; /* chunks without a reply */
    size_t head;      /* octets of the command of the chunk under way */
    size_t chunk;     /* octets of the chunk under way */
    size_t size;      /* octets as announced; 0: not known */
    size_t carried;   /* octets that were taken */
    uint64_t end;     /* octets of the connection behind its end */
    ph_dot_stuffing stuffing;
    ph_line_check check;
} ph_mail_data;

/* May be given from now on; from its first octet, if it was given before. */
void ph_mail_data_open(ph_mail_data *content, ph_wire *wire);

/* Forgets a chunk that was not said, and wants no more. */
void ph_mail_data_drop(ph_mail_data *content, ph_wire *wire);

/* It comes from this machine (borrowed) from its first octet. */
void ph_mail_data_set_body(ph_mail_data *content, const ph_machine *body);

/* Pulls content from the body machine while the output has room, its end as
 * well; is_waiting tells whether the machine's owner has to act. Says chunks
 * that are complete and may be said. PH_E_LIMIT: no memory, or too much in
 * flight; PH_E_IO: the machine was closed. */
int ph_mail_data_pull(ph_mail_data *content, ph_wire *wire);

/* Without a machine: how many octets are taken now; takes as many as fit and
 * tells how many; ends it. PH_E_INVALID: it holds a bare CR, a bare LF, a NUL,
 * or a line over 998 octets; PH_E_LIMIT as above. */
size_t ph_mail_data_room(const ph_mail_data *content, const ph_wire *wire);
int ph_mail_data_put(ph_mail_data *content, ph_wire *wire, ph_span text,
                     size_t *taken);
int ph_mail_data_put_end(ph_mail_data *content, ph_wire *wire);

/* Octets that have left: what still waits in the wire has not. Stuffed dots and
 * what stands behind the content make that a few too few until its end has
 * left. */
size_t ph_mail_data_progress(const ph_mail_data *content, const ph_wire *wire);

/* Octets were consumed: true when the end was among them. */
bool ph_mail_data_consumed(ph_mail_data *content, const ph_wire *wire);

#pragma GCC visibility pop
#endif
