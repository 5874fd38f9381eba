/* quoted_string.h - quoted-strings (RFC 5322, 3.2.4): "a \"b\"".
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_QUOTED_STRING_H
#define PH_CODEC_QUOTED_STRING_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

/* Octets of the text as a quoted-string, its marks included. */
size_t ph_quoted_string_size(ph_span text);

/* Appends the text as a quoted-string; what it may hold is the caller's to
 * check. PH_E_LIMIT. */
int ph_quoted_string_put(ph_buf *out, ph_span text);

/* Octets of the quoted-string that begins the span, both marks included; 0:
 * none does, or it never ends. */
size_t ph_quoted_string_end(ph_span rest);

/* Appends what a quoted-string of that size says: without marks, escapes and
 * line ends. PH_E_LIMIT. */
int ph_quoted_string_read(ph_buf *out, ph_span quoted);

#pragma GCC visibility pop
#endif
