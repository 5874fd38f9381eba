/* plain_run.h - runs of octets that stand in quoted-printable as they are
 * (RFC 2045, 6.7): printable ASCII and blanks, but "=". Sixteen are looked at
 * at once where SSE2 is there, which is wherever x86-64 is, else eight.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_PLAIN_RUN_H
#define PH_CODEC_PLAIN_RUN_H

#include "base/span.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#pragma GCC visibility push(hidden)

static inline bool ph_plain_is(char c)
{
    return c >= ' ' && c < 0x7f && c != '=';
}

#if defined(__SSE2__)
enum {
    PH_PLAIN_STEP = 16
};

/* Copies a step of octets; returns how many come before the first that is not
 * plain. */
static inline size_t ph_plain_step(const char *at, char *out)
{
    __m128i octets = _mm_loadu_si128((const __m128i *)at);
    __m128i low = _mm_cmplt_epi8(octets, _mm_set1_epi8(' ')); /* or above 7F */
    __m128i equals = _mm_cmpeq_epi8(octets, _mm_set1_epi8('='));
    __m128i rubout = _mm_cmpeq_epi8(octets, _mm_set1_epi8(0x7f));
    int special =
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, equals), rubout));

    _mm_storeu_si128((__m128i *)out, octets);
    return special ? (size_t)__builtin_ctz((unsigned)special) : PH_PLAIN_STEP;
}
#else
enum {
    PH_PLAIN_STEP = 8
};

/* As above; no sum below carries into the octet above. */
static inline size_t ph_plain_step(const char *at, char *out)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t octets, low, equals, special;

    memcpy(&octets, at, sizeof octets);
    memcpy(out, &octets, sizeof octets);
    low = octets & each * 0x7f;
    equals = low ^ each * '=';
    special = (octets | ~(low + each * 0x60) | (low + each) |
               ~(equals + each * 0x7f)) &
              each * 0x80;
    if (!special)
        return PH_PLAIN_STEP;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(special) / 8;
#else
    return (size_t)__builtin_clzll(special) / 8;
#endif
}
#endif

/* Copies the plain octets at the start of a text, at most fit of them, and
 * returns how many. Writes no more than text.size octets, but more than it
 * counts. */
static inline size_t ph_plain_run(ph_span text, size_t fit, char *out)
{
    size_t n = 0;

    for (; n < fit && n + PH_PLAIN_STEP <= text.size; n += PH_PLAIN_STEP) {
        size_t step = ph_plain_step(text.at + n, out + n);
        if (step < PH_PLAIN_STEP)
            return n + step < fit ? n + step : fit;
    }
    if (fit > text.size)
        fit = text.size;
    for (; n < fit && ph_plain_is(text.at[n]); n++)
        out[n] = text.at[n];
    return n < fit ? n : fit;
}

#pragma GCC visibility pop
#endif
