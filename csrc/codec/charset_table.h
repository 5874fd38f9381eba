/* charset_table.h - the character sets of one octet a character that are an
 * extension of US-ASCII, as tables of code points.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_CHARSET_TABLE_H
#define PH_CODEC_CHARSET_TABLE_H

#include "base/span.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct ph_charset_table {
    const char *name;       /* in lower case, letters and digits alone */
    const uint16_t *points; /* of the octets from first to FF */
    unsigned first;         /* below it an octet is its own code point */
} ph_charset_table;

/* Table i, 0 is windows-1252; NULL: there is none. */
const ph_charset_table *ph_charset_table_get(size_t i);

#pragma GCC visibility pop
#endif
