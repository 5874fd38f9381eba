/* base64.h - base64 (RFC 4648, 4; RFC 2045, 6.8): streaming encoder and
 * decoder for bodies, one-shot forms for AUTH.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_BASE64_H
#define PH_CODEC_BASE64_H

#include "base/buf.h"
#include "base64_path.h"

#pragma GCC visibility push(hidden)

enum {
    PH_BASE64_LINE = 76, /* columns of a line in a body (RFC 2045, 6.8) */
    PH_BASE64_END = 6    /* octets that ph_base64_encode_end may write */
};

/* Fields are to be set by ph_base64_encoder_init alone. */
typedef struct ph_base64_encoder {
    const ph_base64_path *path;
    size_t line;           /* columns of a line, a multiple of 4; 0: one line */
    size_t column;         /* where the line stands */
    unsigned char held[3]; /* octets that are no whole group yet */
    size_t holding;
} ph_base64_encoder;

/* line: PH_BASE64_LINE for a body, 0 for no line ends. */
void ph_base64_encoder_init(ph_base64_encoder *encoder, size_t line);

/* How many octets ph_base64_encode may write for n octets, whatever the
 * encoder holds. */
static inline size_t ph_base64_room(size_t n)
{
    return (n / 3 + 1) * 4 + (n / 57 + 1) * 2;
}

/* Encodes octets into the caller's room of ph_base64_room(octets.size) and
 * returns how many were written. Takes all of them; up to two wait for the
 * next call. CRLF stands between two lines, none behind the last. */
size_t ph_base64_encode(ph_base64_encoder *encoder, ph_span octets, char *room);

/* Writes what waits, padded, into a room of PH_BASE64_END octets; returns how
 * many were written. The encoder is as after init. */
size_t ph_base64_encode_end(ph_base64_encoder *encoder, char *room);

/* The exact size of n octets in lines of PH_BASE64_LINE columns, CRLF between
 * them. */
unsigned long long ph_base64_size(unsigned long long n);

/* Appends octets in one line, padded. PH_E_LIMIT. */
int ph_base64_put(ph_buf *out, ph_span octets);

/* Decodes one line strictly, as an AUTH challenge must be: only the alphabet,
 * whole groups, right padding, no bits left over. PH_E_INVALID: text is
 * something else; PH_E_LIMIT. In either case out is as it was. */
int ph_base64_parse(ph_span text, ph_buf *out);

/* The tolerant decoder of bodies. Zeroed (or after init) it is at the start. */
typedef struct ph_base64_decoder {
    const ph_base64_path *path; /* NULL: the best */
    unsigned long bits;         /* of the group under way */
    unsigned count;             /* characters of it, 0 to 3 */
} ph_base64_decoder;

void ph_base64_decoder_init(ph_base64_decoder *decoder);

/* Decodes any cut of a body: octets outside the alphabet are skipped
 * (RFC 2045, 6.8), padding ends its group and a new one may follow. Appends
 * at most text.size octets. PH_E_LIMIT: nothing was taken. What an unfinished
 * last group held is left out, as its octets are not whole. */
int ph_base64_decode(ph_base64_decoder *decoder, ph_span text, ph_buf *out);

/* The text has ended: appends the whole octets of a last group that came
 * without padding. PH_E_LIMIT. */
int ph_base64_decode_end(ph_base64_decoder *decoder, ph_buf *out);

#pragma GCC visibility pop
#endif
