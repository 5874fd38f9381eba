/* suffix.h - the media types that the names of files tell (the IANA register
 * of media types, and what is usual where it has none).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_SUFFIX_H
#define PH_MIME_SUFFIX_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

/* The media type of a file with that name, by what follows its last dot,
 * without case; "application/octet-stream" when it tells nothing. Static. */
const char *ph_suffix_type(ph_span filename);

#pragma GCC visibility pop
#endif
