/* stamp.h - whether a file is still the one that was read.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_STAMP_H
#define PH_TLS_STAMP_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum {
    PH_STAMP_TEXT = 128 /* octets with the NUL */
};

/* Writes what tells one state of a file or folder from another: where it
 * lies, how large it is, when it was changed. False: it is not there. */
bool ph_stamp_get(const char *path, char text[PH_STAMP_TEXT]);

#pragma GCC visibility pop
#endif
