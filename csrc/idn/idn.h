/* idn.h - internationalized domain names: U-labels become A-labels (RFC 5890;
 * UTS 46, non-transitional), which libidn2 does. It is opened at run time, so
 * that nobody needs it who has no such name, nor its header to build.
 * SPDX-License-Identifier: MIT */
#ifndef PH_IDN_IDN_H
#define PH_IDN_IDN_H

#include "base/buf.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_IDN_LIMIT = 1024 /* octets of a name in UTF-8 */
};

/* The library, zeroed: not open. */
typedef struct ph_idn {
    void *library;
    int (*lookup)(const uint8_t *name, uint8_t **ascii, int flags);
    void (*release)(void *ascii);
} ph_idn;

/* Opens the library, unless it is open. PH_E_UNSUPPORTED: it is not there, or
 * is not what it should be; another call tries again. */
int ph_idn_open(ph_idn *idn);

/* Closes it; it may be opened again. */
void ph_idn_close(ph_idn *idn);

/* Appends the name with all its labels in ASCII and lower case; open comes
 * first. PH_E_INVALID: a label is none that may be registered or looked up,
 * holds a code point that its Unicode does not know, or has ASCII alone once
 * it is mapped (security.md, row 18: the Kelvin sign is no "k"); PH_E_LIMIT.
 * Code points that are mapped to nothing are the caller's to refuse. */
int ph_idn_put(const ph_idn *idn, ph_buf *out, ph_span name);

#pragma GCC visibility pop
#endif
