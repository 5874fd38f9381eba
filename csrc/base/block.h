/* block.h - octets sixty-four at once: a bit for each, the first one lowest.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_BLOCK_H
#define PH_BASE_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#pragma GCC visibility push(hidden)

enum {
    PH_BLOCK = 64
};

/* Of a block's bits: how many there are; which is the first, the last, when
 * there is one. */
static inline size_t ph_block_count(uint64_t bits)
{
    return (size_t)__builtin_popcountll(bits);
}

static inline size_t ph_block_first(uint64_t bits)
{
    return (size_t)__builtin_ctzll(bits);
}

static inline size_t ph_block_last(uint64_t bits)
{
    return PH_BLOCK - 1 - (size_t)__builtin_clzll(bits);
}

#ifdef __SSE2__

/* The topmost bits of the octets of four vectors. */
static inline uint64_t ph_block_bits(__m128i a, __m128i b, __m128i c, __m128i d)
{
    uint64_t low =
        (unsigned)_mm_movemask_epi8(a) | (unsigned)_mm_movemask_epi8(b) << 16;
    uint64_t high =
        (unsigned)_mm_movemask_epi8(c) | (unsigned)_mm_movemask_epi8(d) << 16;

    return low | high << 32;
}

static inline __m128i ph_block_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)at);
}

/* Where that octet is. */
static inline uint64_t ph_block_where(const char *at, char octet)
{
    __m128i wanted = _mm_set1_epi8(octet);

    return ph_block_bits(_mm_cmpeq_epi8(ph_block_load(at), wanted),
                         _mm_cmpeq_epi8(ph_block_load(at + 16), wanted),
                         _mm_cmpeq_epi8(ph_block_load(at + 32), wanted),
                         _mm_cmpeq_epi8(ph_block_load(at + 48), wanted));
}

/* Where octets above 7F are. */
static inline uint64_t ph_block_high(const char *at)
{
    return ph_block_bits(ph_block_load(at), ph_block_load(at + 16),
                         ph_block_load(at + 32), ph_block_load(at + 48));
}

/* Where octets are that are no printable ASCII: controls and those above 7F,
 * which, having a sign, lie below a blank too. */
static inline __m128i ph_block_odd_vector(__m128i octets)
{
    return _mm_or_si128(_mm_cmplt_epi8(octets, _mm_set1_epi8(' ')),
                        _mm_cmpeq_epi8(octets, _mm_set1_epi8(0x7f)));
}

static inline uint64_t ph_block_odd(const char *at)
{
    return ph_block_bits(ph_block_odd_vector(ph_block_load(at)),
                         ph_block_odd_vector(ph_block_load(at + 16)),
                         ph_block_odd_vector(ph_block_load(at + 32)),
                         ph_block_odd_vector(ph_block_load(at + 48)));
}

#else

#define PH_BLOCK_EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

static inline uint64_t ph_block_load(const char *at)
{
    uint64_t octets;

    memcpy(&octets, at, sizeof octets);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    octets = __builtin_bswap64(octets);
#endif
    return octets;
}

/* The topmost bit of each octet that is zero. */
static inline uint64_t ph_block_zeros(uint64_t octets)
{
    const uint64_t low = PH_BLOCK_EACH(0x7f);

    return ~(((octets & low) + low) | octets | low);
}

/* The topmost bits of eight octets, one behind the other. */
static inline uint64_t ph_block_bits(uint64_t octets)
{
    return (octets >> 7 & PH_BLOCK_EACH(1)) * UINT64_C(0x0102040810204080) >>
           56;
}

static inline uint64_t ph_block_where(const char *at, char octet)
{
    uint64_t wanted = PH_BLOCK_EACH((unsigned char)octet), bits = 0;

    for (unsigned i = 0; i < PH_BLOCK; i += 8)
        bits |= ph_block_bits(ph_block_zeros(ph_block_load(at + i) ^ wanted))
                << i;
    return bits;
}

static inline uint64_t ph_block_high(const char *at)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < PH_BLOCK; i += 8)
        bits |= ph_block_bits(ph_block_load(at + i)) << i;
    return bits;
}

static inline uint64_t ph_block_odd(const char *at)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < PH_BLOCK; i += 8) {
        uint64_t octets = ph_block_load(at + i);
        uint64_t odd = ph_block_zeros(octets & PH_BLOCK_EACH(0xe0)) |
                       ph_block_zeros(octets ^ PH_BLOCK_EACH(0x7f)) | octets;
        bits |= ph_block_bits(odd) << i;
    }
    return bits;
}

#endif

#pragma GCC visibility pop
#endif
