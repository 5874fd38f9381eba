/* quoted_printable.h - quoted-printable (RFC 2045, 6.7): streaming encoder
 * and tolerant streaming decoder.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_QUOTED_PRINTABLE_H
#define PH_CODEC_QUOTED_PRINTABLE_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_QUOTED_PRINTABLE_LINE = 76, /* columns, the "=" of a soft end included */

    /* Flags of the encoder. */
    PH_QUOTED_PRINTABLE_BINARY = 1, /* CR and LF are octets like others */
    PH_QUOTED_PRINTABLE_GUARD = 2,  /* no line begins with "." or "From " */

    PH_QUOTED_PRINTABLE_HELD = 128 /* octets a decoder keeps undecided */
};

/* Fields are to be set by ph_quoted_printable_encoder_init alone. */
typedef struct ph_quoted_printable_encoder {
    unsigned flags;
    size_t column; /* of the line under way */
    size_t from;   /* how much of "From" that line is so far */
    char blank;    /* a blank or tab that may prove to end its line, or 0 */
    bool has_cr;   /* a CR that may prove to be half of a CRLF */
} ph_quoted_printable_encoder;

void ph_quoted_printable_encoder_init(ph_quoted_printable_encoder *encoder,
                                      unsigned flags);

/* How many octets ph_quoted_printable_encode may write for n octets. */
static inline size_t ph_quoted_printable_room(size_t n)
{
    return n * 3 + n / 8 + 32;
}

/* Appends octets encoded. Text: CRLF stays a line end, a blank before it is
 * encoded, a bare CR or LF too. Takes all of them; a blank and a CR may wait
 * for the next call. PH_E_LIMIT: out has no room for
 * ph_quoted_printable_room(octets.size); nothing was taken. */
int ph_quoted_printable_encode(ph_quoted_printable_encoder *encoder,
                               ph_span octets, ph_buf *out);

/* Appends what waits; adds no line end. The encoder is as after init. */
int ph_quoted_printable_encode_end(ph_quoted_printable_encoder *encoder,
                                   ph_buf *out);

/* Zeroed (or after init) it is at the start. */
typedef struct ph_quoted_printable_decoder {
    char held[PH_QUOTED_PRINTABLE_HELD]; /* "=4", "= ", or blanks */
    size_t holding;
} ph_quoted_printable_decoder;

void ph_quoted_printable_decoder_init(ph_quoted_printable_decoder *decoder);

/* Appends any cut of a body decoded: soft line ends go, also with blanks
 * behind their "=" or with a bare LF; blanks before a line end go; "=" before
 * anything but two hexadecimal digits stays as it is, as do octets that
 * should have been encoded. Appends at most text.size plus
 * PH_QUOTED_PRINTABLE_HELD octets. PH_E_LIMIT: out has no room for that;
 * nothing was taken. */
int ph_quoted_printable_decode(ph_quoted_printable_decoder *decoder,
                               ph_span text, ph_buf *out);

/* The text has ended. PH_E_LIMIT. */
int ph_quoted_printable_decode_end(ph_quoted_printable_decoder *decoder,
                                   ph_buf *out);

#pragma GCC visibility pop
#endif
