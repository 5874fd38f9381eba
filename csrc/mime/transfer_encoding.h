/* transfer_encoding.h - the transfer encodings of bodies (RFC 2045, 6): which
 * one fits, and one encoder for all of them.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_TRANSFER_ENCODING_H
#define PH_MIME_TRANSFER_ENCODING_H

#include "content.h"
#include "base/buf.h"
#include "codec/base64.h"
#include "codec/flowed.h"
#include "codec/line.h"
#include "codec/quoted_printable.h"

#pragma GCC visibility push(hidden)

typedef enum ph_transfer_encoding {
    PH_ENCODING_AUTO, /* chosen from the content */
    PH_ENCODING_7BIT,
    PH_ENCODING_8BIT,
    PH_ENCODING_QUOTED_PRINTABLE,
    PH_ENCODING_BASE64
} ph_transfer_encoding;

/* The encoding of that name, without case, "auto" too; base64 for "binary".
 * PH_E_INVALID. */
int ph_transfer_encoding_parse(ph_span name, ph_transfer_encoding *encoding);

/* "quoted-printable"; static. */
const char *ph_transfer_encoding_name(ph_transfer_encoding encoding);

/* The encoding for text whose line ends become CRLF: as it is where it can
 * be, else whichever is shorter. eight_bit: the server offers 8BITMIME. */
ph_transfer_encoding ph_transfer_encoding_choose(const ph_content *content,
                                                 bool eight_bit);

/* What is to be encoded. */
typedef enum ph_transfer_form {
    PH_FORM_OCTETS, /* CR and LF are octets like others */
    PH_FORM_LINES,  /* text with CRLF and no other line end */
    PH_FORM_TEXT,   /* text with any line ends: each becomes CRLF first */
    PH_FORM_FLOWED  /* such text as format=flowed (RFC 3676) */
} ph_transfer_form;

/* Turns octets into an encoding. Fields are to be set by init alone. */
typedef struct ph_transfer_encoder {
    ph_transfer_encoding encoding;
    ph_transfer_form form;
    bool has_cr; /* TEXT: the last octet was a CR, its line end is written */
    ph_base64_encoder base64;
    ph_quoted_printable_encoder quoted_printable;
    ph_flowed flowed;
} ph_transfer_encoder;

/* Not AUTO. Neither 7bit nor 8bit looks at what passes. */
void ph_transfer_encoder_init(ph_transfer_encoder *encoder,
                              ph_transfer_encoding encoding,
                              ph_transfer_form form);

enum {
    PH_FLOWED_PIECE = 1024 /* octets of FLOWED to be put at once */
};

/* The most that putting n octets, and the end after it, may write; for FLOWED
 * where n is at least eight pieces. */
static inline size_t ph_transfer_encoder_room(size_t n)
{
    return n * 3 + n / 8 + 128;
}

/* Appends octets encoded; takes all of them, some may wait for the next
 * call. PH_E_LIMIT: out has no room for ph_transfer_encoder_room of them; the
 * encoder is of no more use. */
int ph_transfer_encoder_put(ph_transfer_encoder *encoder, ph_span octets,
                            ph_buf *out);

/* Appends what waits. */
int ph_transfer_encoder_end(ph_transfer_encoder *encoder, ph_buf *out);

#pragma GCC visibility pop
#endif
