/* dot_stuffing.h - transparency of mail text after DATA (RFC 5321, 4.5.2): the
 * client's side, which doubles leading dots and writes the end marker, and the
 * server's, which undoes both.
 *
 * A line begins at the start of the text and behind CRLF, and nowhere else: a
 * bare LF begins none. What must not hold one is checked by ph_line_check.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_DOT_STUFFING_H
#define PH_CODEC_DOT_STUFFING_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

typedef enum ph_dot_place {
    PH_DOT_LINE_START, /* nothing of this line so far */
    PH_DOT_INSIDE,
    PH_DOT_CR,      /* behind a CR */
    PH_DOT_DOT,     /* unstuffing: a dot that began the line */
    PH_DOT_DOT_CR,  /* unstuffing: and a CR behind it */
    PH_DOT_FINISHED /* unstuffing: the end marker was seen */
} ph_dot_place;

/* Zeroed it is at the start of a text. */
typedef struct ph_dot_stuffing {
    ph_dot_place place;
} ph_dot_stuffing;

void ph_dot_stuffing_init(ph_dot_stuffing *stuffing);

/* How many octets ph_dot_stuffing_put may append for n octets. */
static inline size_t ph_dot_stuffing_room(size_t n)
{
    return n + n / 3 + 1;
}

/* Appends any cut of a text, a dot before each dot that begins a line.
 * PH_E_LIMIT: out has no room for ph_dot_stuffing_room(text.size); nothing was
 * taken. */
int ph_dot_stuffing_put(ph_dot_stuffing *stuffing, ph_span text, ph_buf *out);

/* Whether the text so far is empty or ends in CRLF. */
static inline bool
ph_dot_stuffing_at_line_start(const ph_dot_stuffing *stuffing)
{
    return stuffing->place == PH_DOT_LINE_START;
}

/* Appends CRLF unless the text ends in one, then ".CRLF"; at the start again.
 * PH_E_LIMIT: nothing was appended. */
int ph_dot_stuffing_end(ph_dot_stuffing *stuffing, ph_buf *out);

/* Appends what a text was before it was stuffed, up to its end marker, which
 * is CRLF.CRLF and nothing else (or .CRLF at the very start); the CRLF before
 * the dot belongs to the text. *used: how many octets of wire were taken; all
 * of them unless the marker was seen. Returns 1 when it was, 0 when more is
 * wanted; PH_E_LIMIT: no room for wire.size + 2 octets, nothing was taken.
 * After 1: init before the next text. */
int ph_dot_unstuffing_put(ph_dot_stuffing *stuffing, ph_span wire, ph_buf *out,
                          size_t *used);

#pragma GCC visibility pop
#endif
