/* base64_path.h - the paths of base64: runs of whole groups by plain C, or by
 * the vectors of a processor. All write the same octets; base64.c does what is
 * left over.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_BASE64_PATH_H
#define PH_CODEC_BASE64_PATH_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

enum {
    PH_BASE64_PATH_OCTETS = 57, /* of a line of 76 columns */

    /* Flags in ph_base64_values; below them the value of a character. */
    PH_BASE64_VALUE = 0x40, /* a character of the alphabet */
    PH_BASE64_PAD = 0x80    /* "=" */
};

typedef struct ph_base64_path {
    const char *name;

    /* Whether this processor has what the path needs. */
    bool (*is_there)(void);

    /* Encodes whole groups of three octets without a line end; returns where
     * their characters end. */
    char *(*encode)(const unsigned char *in, size_t groups, char *out);

    /* Encodes whole lines of 57 octets, CRLF before each; returns their end. */
    char *(*encode_lines)(const unsigned char *in, size_t lines, char *out);

    /* Decodes whole groups of four characters, up to the first that has
     * anything else in it; returns how many characters were taken. Writes
     * nothing outside of out[0 .. size), but there more than it decodes. */
    size_t (*decode)(const char *text, size_t size, char *out);
} ph_base64_path;

/* What each octet is in base64; 0: outside the alphabet. */
extern const unsigned char ph_base64_values[256];

extern const ph_base64_path ph_base64_scalar;
#if defined(__x86_64__)
extern const ph_base64_path ph_base64_ssse3;
extern const ph_base64_path ph_base64_avx2;
extern const ph_base64_path ph_base64_avx512; /* with VBMI */
#elif defined(__aarch64__)
extern const ph_base64_path ph_base64_neon;
#endif

/* The fastest path of this processor. */
const ph_base64_path *ph_base64_path_best(void);

/* The i-th path that this processor has, the fastest first; NULL: no more. */
const ph_base64_path *ph_base64_path_at(size_t i);

#pragma GCC visibility pop
#endif
