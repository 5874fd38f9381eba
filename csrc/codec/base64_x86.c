/* base64_x86.c - base64 by the vectors of x86-64: SSSE3, sixteen characters at
 * once, and AVX2, thirty-two.
 *
 * Encoding: each group of three octets is spread over four, a multiplication
 * for each half shifts six bits into each, and a look-up finds what to add for
 * the character's range. Decoding looks up the range from both nibbles, which
 * also tells what is outside the alphabet, and multiplies the six bits
 * together again. The last vector of a line overlaps the one before.
 * SPDX-License-Identifier: MIT */
#include "base64_path.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SSSE3 __attribute__((target("ssse3")))
#define AVX2  __attribute__((target("avx2")))

/* Two octets of a group for each half of it: a group of which the first octet
 * is i. */
#define SPREAD(i) (i) + 1, (i), (i) + 2, (i) + 1
#define SPREAD_FROM(i) \
    SPREAD(i), SPREAD((i) + 3), SPREAD((i) + 6), SPREAD((i) + 9)

/* What to add to a value: a-z, ten digits, "+", "/", A-Z. */
#define RANGES                                                            \
    'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, \
        '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0

/* What to add to a character, by its high nibble; 1: "/". */
#define ROLL 0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0

/* A character is outside the alphabet when what its two nibbles have here
 * shares a bit. */
#define LOW                                                                 \
    0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, \
        0x1b, 0x1b, 0x1b, 0x1a
#define HIGH                                                                \
    0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, \
        0x10, 0x10, 0x10, 0x10

/* Three octets of each 32 bits, the highest first. */
#define GATHER 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1

static bool has_ssse3(void)
{
    return __builtin_cpu_supports("ssse3") != 0;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

/* ---- SSSE3 ------------------------------------------------------------- */

SSSE3 static inline __m128i load128(const void *at)
{
    return _mm_loadu_si128((const __m128i *)at);
}

/* Octets spread out into characters. */
SSSE3 static inline void encode128(__m128i spread, char *out)
{
    __m128i odd = _mm_and_si128(spread, _mm_set1_epi32(0x0fc0fc00));
    __m128i even = _mm_and_si128(spread, _mm_set1_epi32(0x003f03f0));
    __m128i value =
        _mm_or_si128(_mm_mulhi_epu16(odd, _mm_set1_epi32(0x04000040)),
                     _mm_mullo_epi16(even, _mm_set1_epi32(0x01000010)));
    __m128i range = _mm_subs_epu8(value, _mm_set1_epi8(51));
    __m128i is_upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), value);

    range = _mm_or_si128(range, _mm_and_si128(is_upper, _mm_set1_epi8(13)));
    range = _mm_shuffle_epi8(_mm_setr_epi8(RANGES), range);
    _mm_storeu_si128((__m128i *)out, _mm_add_epi8(value, range));
}

SSSE3 static char *ssse3_encode(const unsigned char *in, size_t groups,
                                char *out)
{
    __m128i first = _mm_setr_epi8(SPREAD_FROM(0));

    for (; groups >= 6; groups -= 4, in += 12, out += 16)
        encode128(_mm_shuffle_epi8(load128(in), first), out);
    return ph_base64_scalar.encode(in, groups, out);
}

SSSE3 static char *ssse3_encode_lines(const unsigned char *in, size_t lines,
                                      char *out)
{
    __m128i first = _mm_setr_epi8(SPREAD_FROM(0));
    __m128i last = _mm_setr_epi8(SPREAD_FROM(4));

    for (; lines; lines--, in += PH_BASE64_PATH_OCTETS, out += 78) {
        memcpy(out, "\r\n", 2);
        encode128(_mm_shuffle_epi8(load128(in), first), out + 2);
        encode128(_mm_shuffle_epi8(load128(in + 12), first), out + 18);
        encode128(_mm_shuffle_epi8(load128(in + 24), first), out + 34);
        encode128(_mm_shuffle_epi8(load128(in + 36), first), out + 50);
        encode128(_mm_shuffle_epi8(load128(in + 41), last), out + 62);
    }
    return out;
}

/* Decodes sixteen characters; returns how many come before the first that is
 * outside the alphabet. */
SSSE3 static inline size_t decode128(const char *text, char *out)
{
    __m128i in = load128(text), nibble = _mm_set1_epi8(15);
    __m128i high = _mm_and_si128(_mm_srli_epi32(in, 4), nibble);
    __m128i low = _mm_and_si128(in, nibble);
    __m128i slash = _mm_cmpeq_epi8(in, _mm_set1_epi8('/'));
    __m128i bad = _mm_and_si128(_mm_shuffle_epi8(_mm_setr_epi8(LOW), low),
                                _mm_shuffle_epi8(_mm_setr_epi8(HIGH), high));
    __m128i roll =
        _mm_shuffle_epi8(_mm_setr_epi8(ROLL), _mm_add_epi8(slash, high));
    int outside = _mm_movemask_epi8(_mm_cmpgt_epi8(bad, _mm_setzero_si128()));

    in = _mm_add_epi8(in, roll);
    in = _mm_maddubs_epi16(in, _mm_set1_epi32(0x01400140));
    in = _mm_madd_epi16(in, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128((__m128i *)out,
                     _mm_shuffle_epi8(in, _mm_setr_epi8(GATHER)));
    return outside ? (size_t)__builtin_ctz((unsigned)outside) : 16;
}

SSSE3 static size_t ssse3_decode(const char *text, size_t size, char *out)
{
    size_t at = 0;

    for (; size - at >= 16; at += 16, out += 12) {
        size_t clean = decode128(text + at, out);
        if (clean < 16)
            return at + clean / 4 * 4;
    }
    return at + ph_base64_scalar.decode(text + at, size - at, out);
}

const ph_base64_path ph_base64_ssse3 = { "ssse3", has_ssse3, ssse3_encode,
                                         ssse3_encode_lines, ssse3_decode };

/* ---- AVX2 -------------------------------------------------------------- */

/* The same in each half. */
#define TWICE(name) _mm256_broadcastsi128_si256(_mm_setr_epi8(name))

/* Twenty-four octets as thirty-two characters; reads no octet beyond. */
AVX2 static inline void encode256(const unsigned char *in, char *out)
{
    __m256i spread = _mm256_shuffle_epi8(
        _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)in)),
            _mm_loadu_si128((const __m128i *)(in + 8)), 1),
        _mm256_setr_epi8(SPREAD_FROM(0), SPREAD_FROM(4)));
    __m256i odd = _mm256_and_si256(spread, _mm256_set1_epi32(0x0fc0fc00));
    __m256i even = _mm256_and_si256(spread, _mm256_set1_epi32(0x003f03f0));
    __m256i value = _mm256_or_si256(
        _mm256_mulhi_epu16(odd, _mm256_set1_epi32(0x04000040)),
        _mm256_mullo_epi16(even, _mm256_set1_epi32(0x01000010)));
    __m256i range = _mm256_subs_epu8(value, _mm256_set1_epi8(51));
    __m256i is_upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), value);

    range = _mm256_or_si256(range,
                            _mm256_and_si256(is_upper, _mm256_set1_epi8(13)));
    range = _mm256_shuffle_epi8(TWICE(RANGES), range);
    _mm256_storeu_si256((__m256i *)out, _mm256_add_epi8(value, range));
}

AVX2 static char *avx2_encode(const unsigned char *in, size_t groups, char *out)
{
    for (; groups >= 8; groups -= 8, in += 24, out += 32)
        encode256(in, out);
    return ph_base64_scalar.encode(in, groups, out);
}

AVX2 static char *avx2_encode_lines(const unsigned char *in, size_t lines,
                                    char *out)
{
    for (; lines; lines--, in += PH_BASE64_PATH_OCTETS, out += 78) {
        memcpy(out, "\r\n", 2);
        encode256(in, out + 2);
        encode256(in + 24, out + 34);
        encode256(in + 33, out + 46);
    }
    return out;
}

/* As decode128. */
AVX2 static inline size_t decode256(const char *text, char *out)
{
    __m256i in = _mm256_loadu_si256((const __m256i *)text);
    __m256i nibble = _mm256_set1_epi8(15);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), nibble);
    __m256i low = _mm256_and_si256(in, nibble);
    __m256i slash = _mm256_cmpeq_epi8(in, _mm256_set1_epi8('/'));
    __m256i bad = _mm256_and_si256(_mm256_shuffle_epi8(TWICE(LOW), low),
                                   _mm256_shuffle_epi8(TWICE(HIGH), high));
    __m256i roll =
        _mm256_shuffle_epi8(TWICE(ROLL), _mm256_add_epi8(slash, high));
    int outside =
        _mm256_movemask_epi8(_mm256_cmpgt_epi8(bad, _mm256_setzero_si256()));

    in = _mm256_add_epi8(in, roll);
    in = _mm256_maddubs_epi16(in, _mm256_set1_epi32(0x01400140));
    in = _mm256_madd_epi16(in, _mm256_set1_epi32(0x00011000));
    in = _mm256_shuffle_epi8(in, TWICE(GATHER));
    in = _mm256_permutevar8x32_epi32(in,
                                     _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)out, in);
    return outside ? (size_t)__builtin_ctz((unsigned)outside) : 32;
}

AVX2 static size_t avx2_decode(const char *text, size_t size, char *out)
{
    size_t at = 0;

    for (; size - at >= 32; at += 32, out += 24) {
        size_t clean = decode256(text + at, out);
        if (clean < 32)
            return at + clean / 4 * 4;
    }
    return at + ph_base64_scalar.decode(text + at, size - at, out);
}

const ph_base64_path ph_base64_avx2 = { "avx2", has_avx2, avx2_encode,
                                        avx2_encode_lines, avx2_decode };
#endif
