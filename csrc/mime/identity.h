/* identity.h - what makes a message and its boundaries unlike any other: 128
 * bits of the system's random source for each (security.md, rows 11 and 12),
 * or of a seed, for tests.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_IDENTITY_H
#define PH_MIME_IDENTITY_H

#include "base/span.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_IDENTITY_SIZE = 32, /* characters: 128 bits in hexadecimal */
    PH_IDENTITY_POOL = 64  /* octets drawn at once: an id and three
                              boundaries with one system call */
};

/* Zeroed it draws from the system. */
typedef struct ph_identity {
    unsigned char pool[PH_IDENTITY_POOL];
    size_t left; /* octets of it not used */
    bool is_seeded;
    uint64_t state;
} ph_identity;

/* From here on everything follows from the seed. */
void ph_identity_set_seed(ph_identity *identity, ph_span seed);

/* Writes PH_IDENTITY_SIZE characters, no NUL. PH_E_IO: the system gave no
 * random octets. */
int ph_identity_draw(ph_identity *identity, char *room);

#pragma GCC visibility pop
#endif
