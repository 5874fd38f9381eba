/* calendar.h - a look into a calendar (RFC 5545), as far as mail needs it: the
 * METHOD that its part must repeat (RFC 6047, 2.4).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_CALENDAR_H
#define PH_MIME_CALENDAR_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

/* Whether it is a calendar: its first line that is not empty begins one. */
bool ph_calendar_is_one(ph_span calendar);

/* The value of the first property METHOD outside its components; empty:
 * there is none. Folds inside it are not undone: no method is that long. */
ph_span ph_calendar_method(ph_span calendar);

#pragma GCC visibility pop
#endif
