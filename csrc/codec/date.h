/* date.h - dates of header fields (RFC 5322, 3.3) and of the Internet (RFC
 * 3339), without libc's calendar, locale or time zone.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_DATE_H
#define PH_CODEC_DATE_H

#include "base/buf.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Seconds since 1970-01-01 00:00:00 UTC that a date can tell: the years 1900
 * to 9999. */
#define PH_DATE_FIRST INT64_C(-2208988800)
#define PH_DATE_LAST  INT64_C(253402300799)

/* Appends "Thu, 1 Jan 1970 00:00:00 +0000". PH_E_INVALID: outside the years
 * above; PH_E_LIMIT. */
int ph_date_put(ph_buf *out, int64_t epoch);

/* Reads a date, obsolete forms too (comments, no day of week, two-digit
 * years, zone names: RFC 5322, 4.3); a wrong day of week does no harm, a leap
 * second counts as the one before. PH_E_INVALID: no date. */
int ph_date_parse(ph_span text, int64_t *epoch);

/* The same for "1970-01-01T00:00:00Z", a date-time of RFC 3339, 5.6, which is
 * read strictly; fractions of a second are dropped. */
int ph_date_put_internet(ph_buf *out, int64_t epoch);
int ph_date_parse_internet(ph_span text, int64_t *epoch);

#pragma GCC visibility pop
#endif
