/* charset.h - the few character sets that are turned into UTF-8 without a
 * library: UTF-8, US-ASCII, ISO-8859-1 and windows-1252.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_CHARSET_H
#define PH_CODEC_CHARSET_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

typedef enum ph_charset {
    PH_CHARSET_UNKNOWN,
    PH_CHARSET_UTF_8, /* US-ASCII too: what is no UTF-8 stays as it is */
    PH_CHARSET_ISO_8859_1,
    PH_CHARSET_WINDOWS_1252
} ph_charset;

/* The set of that name (without case; aliases as in the IANA register). An
 * empty name is US-ASCII. */
ph_charset ph_charset_find(ph_span name);

/* Appends octets as UTF-8: at most three for each. Those of an unknown set are
 * appended as they are. PH_E_LIMIT. */
int ph_charset_put(ph_buf *out, ph_charset charset, ph_span octets);

#pragma GCC visibility pop
#endif
