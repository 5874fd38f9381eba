/* fold.h - header fields as lines (RFC 5322, 2.2.3): the one function that
 * writes a field, and the one that undoes its folds.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_FOLD_H
#define PH_CODEC_FOLD_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_FOLD_SOFT = 78, /* octets of a line, if it can be (RFC 5322, 2.1.1) */
    PH_FOLD_HARD = 998 /* octets of a line, never more */
};

/* Appends "Name: value" CRLF. The value is the field's final text in one line:
 * ASCII, or UTF-8 where that was negotiated. CRLF is put before blanks that
 * are there, nothing else is changed: between tokens (not inside a
 * quoted-string) so that lines are at most PH_FOLD_SOFT octets, or
 * PH_ENCODED_WORD_LINE with an encoded-word in them, if it can be; inside a
 * quoted-string only where it holds "=?" or a line would pass PH_FOLD_HARD.
 * PH_E_INVALID: the name is empty or holds anything but 21-7E without ":", the
 * value holds a control other than tab, or more than PH_FOLD_HARD octets
 * without a blank; PH_E_LIMIT. In either case out is as it was. */
int ph_fold_put(ph_buf *out, ph_span name, ph_span value);

/* Appends a field's value as it was before it was folded: line ends (CRLF, a
 * bare LF, or a bare CR with a blank behind it) go, the blanks behind them
 * stay; so do blanks at both ends. PH_E_LIMIT. */
int ph_fold_undo(ph_buf *out, ph_span value);

#pragma GCC visibility pop
#endif
