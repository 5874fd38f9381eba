/* part.h - one leaf of a message: a body with its type, and how it travels
 * (RFC 2045; RFC 2183).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_PART_H
#define PH_MIME_PART_H

#include "raw_check.h"
#include "transfer_encoding.h"

#pragma GCC visibility push(hidden)

enum {
    PH_SIZE_UNKNOWN = -1
};

/* Where octets come from. */
typedef struct ph_body {
    ph_span octets;  /* borrowed for as long as the message lives */
    unsigned source; /* or a number that the caller knows; 0: octets */
    long long size;  /* of a source: octets, or PH_SIZE_UNKNOWN */
    bool is_ended;   /* of a source: known to end in a line end */
    bool is_flowed;  /* text that becomes format=flowed (RFC 3676) */
    ph_transfer_encoding encoding; /* AUTO, or the caller's wish */
} ph_body;

/* Where in the message a part stands. */
typedef enum ph_place {
    PH_PLACE_ATTACHED, /* behind the body, or related to the html by its cid */
    PH_PLACE_BETTER,   /* an alternative, better than the text */
    PH_PLACE_BEST      /* better than the html too */
} ph_place;

/* What stands in a part's header. Empty: none, or the usual. */
typedef struct ph_part_header {
    ph_span type;        /* "text/csv"; else as the filename tells */
    ph_span filename;    /* UTF-8 */
    ph_span cid;         /* with or without brackets */
    ph_span disposition; /* "attachment" or "inline" */
} ph_part_header;

/* What was wrong with a part: an input's name and a plain sentence, static. */
typedef struct ph_part_fault {
    const char *name; /* "content", "encoding", "filename", ... */
    const char *message;
} ph_part_fault;

/* Fields may be read; [1] is for a server with 8BITMIME, [0] for others. */
typedef struct ph_part {
    ph_body body;
    ph_content content; /* of octets in memory */
    ph_transfer_encoding encodings[2];
    ph_transfer_form form;
    bool is_raw;        /* finished octets that nothing may change */
    bool has_unicode;   /* is_raw: its header needs SMTPUTF8 */
    long long sizes[2]; /* encoded, once counted */
    bool has_sizes[2];  /* whether it was counted */
    size_t head, size;  /* where its fields stand in the message's heads */
    bool has_cid;       /* belongs to the html if there is one */
    ph_place place;
    bool is_message;  /* the content of another message */
    unsigned sources; /* is_message: added to its numbers of sources */
    const struct ph_message *message;
} ph_part;

/* A text or html body: UTF-8, every line end becomes CRLF. PH_E_INVALID, with
 * the fault: no UTF-8, or an encoding that cannot carry it. */
int ph_part_init_text(ph_part *part, const ph_body *body, ph_part_fault *fault);

/* An attachment, whose octets arrive as they are: appends its fields (but for
 * the transfer encoding) to heads. PH_E_INVALID with the fault; PH_E_LIMIT. */
int ph_part_init_attachment(ph_part *part, const ph_body *body,
                            const ph_part_header *header, ph_buf *heads,
                            ph_part_fault *fault);

/* An alternative to the text, at a place of the body: text/... is UTF-8 whose
 * line ends become CRLF. Errors as above; the type must be given. */
int ph_part_init_alternative(ph_part *part, const ph_body *body, ph_span type,
                             ph_buf *heads, ph_part_fault *fault);

/* The same for another message, which must outlive this one; the type is one
 * of messages, without parameters. sources: how many come before its own. */
int ph_part_init_message(ph_part *part, const struct ph_message *message,
                         unsigned sources, const ph_part_header *header,
                         ph_buf *heads, ph_part_fault *fault);

/* Finished octets: bare CR, bare LF, NUL and lines over 998 octets are
 * PH_E_INVALID; has_lf: line ends are LF, and CR is what may not be. */
int ph_part_init_raw(ph_part *part, const ph_body *body, bool has_lf,
                     ph_part_fault *fault);

/* What a check of a raw part's source has found: from here on its size and
 * what it asks of a server are known. */
void ph_part_know_raw(ph_part *part, const ph_raw_check *check);

/* Octets that the encoded body takes, or PH_SIZE_UNKNOWN. Counts once. */
long long ph_part_size(ph_part *part, bool eight_bit);

/* Whether it travels with octets above 7F when the server takes them. */
static inline bool ph_part_is_eight_bit(const ph_part *part)
{
    return part->encodings[1] == PH_ENCODING_8BIT;
}

/* The line of Content-Transfer-Encoding, and the empty one; static. */
ph_span ph_part_encoding_line(const ph_part *part, bool eight_bit);

#pragma GCC visibility pop
#endif
