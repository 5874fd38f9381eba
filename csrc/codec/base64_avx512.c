/* base64_avx512.c - base64 by AVX-512 with VBMI, sixty-four characters at once:
 * here one instruction looks up in the whole alphabet.
 * SPDX-License-Identifier: MIT */
#include "base64_path.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi")))

#define OCTETS ((__mmask64)((1ull << 48) - 1)) /* of a vector's characters */

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The octets of each group, so that shifts by SHIFTS bring six bits to the
 * place of each character. */
#define SPREAD(i)  (i) + 1, (i), (i) + 2, (i) + 1
#define SPREAD4(i) SPREAD(i), SPREAD((i) + 3), SPREAD((i) + 6), SPREAD((i) + 9)
#define SHIFTS     10, 4, 22, 16, 42, 36, 54, 48
static const unsigned char spread[64] = { SPREAD4(0), SPREAD4(12), SPREAD4(24),
                                          SPREAD4(36) };
static const unsigned char shifts[64] = { SHIFTS, SHIFTS, SHIFTS, SHIFTS,
                                          SHIFTS, SHIFTS, SHIFTS, SHIFTS };

/* Three octets of each 32 bits, the highest first. */
#define GATHER(i)  (i) + 2, (i) + 1, (i)
#define GATHER4(i) GATHER(i), GATHER((i) + 4), GATHER((i) + 8), GATHER((i) + 12)
static const unsigned char gather[64] = { GATHER4(0), GATHER4(16), GATHER4(32),
                                          GATHER4(48) };

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi");
}

/* Forty-eight octets as characters; reads no octet beyond. */
AVX512 static inline void encode512(const unsigned char *in, char *out)
{
    __m512i octets = _mm512_maskz_loadu_epi8(OCTETS, in);

    octets = _mm512_permutexvar_epi8(_mm512_loadu_si512(spread), octets);
    octets = _mm512_multishift_epi64_epi8(_mm512_loadu_si512(shifts), octets);
    _mm512_storeu_si512(
        out, _mm512_permutexvar_epi8(octets, _mm512_loadu_si512(alphabet)));
}

AVX512 static char *encode(const unsigned char *in, size_t groups, char *out)
{
    for (; groups >= 16; groups -= 16, in += 48, out += 64)
        encode512(in, out);
    return ph_base64_scalar.encode(in, groups, out);
}

AVX512 static char *encode_lines(const unsigned char *in, size_t lines,
                                 char *out)
{
    for (; lines; lines--, in += PH_BASE64_PATH_OCTETS, out += 78) {
        memcpy(out, "\r\n", 2);
        encode512(in, out + 2);
        encode512(in + 9, out + 14);
    }
    return out;
}

/* Decodes sixty-four characters; returns how many come before the first that
 * is outside the alphabet. */
AVX512 static inline size_t decode512(const char *text, char *out)
{
    __m512i in = _mm512_loadu_si512(text);
    __m512i value =
        _mm512_permutex2var_epi8(_mm512_loadu_si512(ph_base64_values), in,
                                 _mm512_loadu_si512(ph_base64_values + 64));
    __m512i flag = _mm512_set1_epi8(PH_BASE64_VALUE);
    unsigned long long clean =
        _mm512_test_epi8_mask(value, flag) & ~_mm512_movepi8_mask(in);

    value = _mm512_andnot_si512(flag, value);
    value = _mm512_maddubs_epi16(value, _mm512_set1_epi32(0x01400140));
    value = _mm512_madd_epi16(value, _mm512_set1_epi32(0x00011000));
    _mm512_storeu_si512(
        out, _mm512_permutexvar_epi8(_mm512_loadu_si512(gather), value));
    return ~clean ? (size_t)__builtin_ctzll(~clean) : 64;
}

AVX512 static size_t decode(const char *text, size_t size, char *out)
{
    size_t at = 0;

    for (; size - at >= 64; at += 64, out += 48) {
        size_t clean = decode512(text + at, out);
        if (clean < 64)
            return at + clean / 4 * 4;
    }
    return at + ph_base64_scalar.decode(text + at, size - at, out);
}

const ph_base64_path ph_base64_avx512 = { "avx512", has_avx512, encode,
                                          encode_lines, decode };
#endif
