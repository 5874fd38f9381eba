/* stream_check.h - what is learned of a source only while it is read: its
 * size, whether text is UTF-8, whether lines are what they must be.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_STREAM_CHECK_H
#define PH_MIME_STREAM_CHECK_H

#include "part.h"

#pragma GCC visibility push(hidden)

typedef struct ph_stream_check {
    const ph_part *part;
    bool eight_bit;
    bool is_text;   /* must be UTF-8 */
    bool is_lines;  /* leaves as lines that the peer sees */
    bool may_high;  /* octets above 7F too */
    long long size; /* octets so far */
    char held[4];   /* of a character that is not whole */
    size_t holding;
    ph_line_check lines;
} ph_stream_check;

/* encoding: the one that the part travels with. */
void ph_stream_check_init(ph_stream_check *check, const ph_part *part,
                          bool eight_bit);

/* Octets as the source gave them; octets as they are to leave; the end. Each
 * returns PH_OK, or fills the error: IO (more or less than the size),
 * INVALID, UNSUPPORTED (octets above 7F without 8BITMIME). */
int ph_stream_check_in(ph_stream_check *check, ph_span octets, ph_error *error);
int ph_stream_check_out(ph_stream_check *check, ph_span octets,
                        ph_error *error);
int ph_stream_check_end(ph_stream_check *check, ph_error *error);

#pragma GCC visibility pop
#endif
