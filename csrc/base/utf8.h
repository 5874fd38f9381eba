/* utf8.h - UTF-8 (RFC 3629), checked: no overlong form, no surrogate.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_UTF8_H
#define PH_BASE_UTF8_H

#include "span.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The length (1 to 4) of the character at the start of the span, its code
 * point in *point unless that is NULL; 0: no valid character, or none. */
size_t ph_utf8_next(ph_span span, uint32_t *point);

/* Whether the whole span is valid UTF-8. */
bool ph_utf8_is_valid(ph_span span);

#pragma GCC visibility pop
#endif
