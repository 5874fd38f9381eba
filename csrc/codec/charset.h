/* charset.h - character sets that are turned into UTF-8 without a library:
 * UTF-8, US-ASCII, UTF-16, ISO-8859-1 to 16, windows-874 and 1250 to 1258,
 * KOI8-R and KOI8-U.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_CHARSET_H
#define PH_CODEC_CHARSET_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

typedef enum ph_charset {
    PH_CHARSET_UNKNOWN,
    PH_CHARSET_UTF_8,    /* what is no UTF-8 stays as it is */
    PH_CHARSET_US_ASCII, /* or none named: octets that are no UTF-8 are read as
                            windows-1252, which they mostly are */
    PH_CHARSET_UTF_16,   /* its mark tells the order, else big end first */
    PH_CHARSET_UTF_16BE,
    PH_CHARSET_UTF_16LE,
    PH_CHARSET_TABLE /* this and all above: the sets of charset_table.h */
} ph_charset;

/* The set of that name: the names and aliases of the IANA register that are
 * met in mail, without case and whatever joins their parts. An empty name is
 * US-ASCII; ISO-8859-1 is read as windows-1252, which differs only where the
 * former has controls. */
ph_charset ph_charset_find(ph_span name);

/* Appends octets as UTF-8: at most three for each, U+FFFD for what is no
 * character. Those of an unknown set are appended as they are. PH_E_LIMIT. */
int ph_charset_put(ph_buf *out, ph_charset charset, ph_span octets);

#pragma GCC visibility pop
#endif
