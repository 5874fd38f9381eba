/* base64_neon.c - base64 by the vectors of AArch64, which every such processor
 * has: forty-eight octets at once, each octet of their groups in a vector of
 * its own.
 * SPDX-License-Identifier: MIT */
#include "base64_path.h"

#if defined(__aarch64__)
#include <arm_neon.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_there(void)
{
    return true;
}

static inline uint8x16x4_t load_table(const void *at)
{
    return vld1q_u8_x4((const uint8_t *)at);
}

static inline void encode48(const unsigned char *in, char *out,
                            uint8x16x4_t table)
{
    uint8x16_t six = vdupq_n_u8(63);
    uint8x16x3_t octets = vld3q_u8(in);
    uint8x16_t a = octets.val[0], b = octets.val[1], c = octets.val[2];
    uint8x16x4_t text;

    text.val[0] = vqtbl4q_u8(table, vshrq_n_u8(a, 2));
    text.val[1] = vqtbl4q_u8(
        table, vandq_u8(vorrq_u8(vshlq_n_u8(a, 4), vshrq_n_u8(b, 4)), six));
    text.val[2] = vqtbl4q_u8(
        table, vandq_u8(vorrq_u8(vshlq_n_u8(b, 2), vshrq_n_u8(c, 6)), six));
    text.val[3] = vqtbl4q_u8(table, vandq_u8(c, six));
    vst4q_u8((uint8_t *)out, text);
}

static char *encode(const unsigned char *in, size_t groups, char *out)
{
    uint8x16x4_t table = load_table(alphabet);

    for (; groups >= 16; groups -= 16, in += 48, out += 64)
        encode48(in, out, table);
    return ph_base64_scalar.encode(in, groups, out);
}

/* The second vector of a line overlaps the first. */
static char *encode_lines(const unsigned char *in, size_t lines, char *out)
{
    uint8x16x4_t table = load_table(alphabet);

    for (; lines; lines--, in += PH_BASE64_PATH_OCTETS, out += 78) {
        memcpy(out, "\r\n", 2);
        encode48(in, out + 2, table);
        encode48(in + 9, out + 14, table);
    }
    return out;
}

/* The values of characters, in two tables; 0: above them. */
static inline uint8x16_t look_up(uint8x16x4_t low, uint8x16x4_t high,
                                 uint8x16_t text)
{
    return vqtbx4q_u8(vqtbl4q_u8(low, text), high,
                      vsubq_u8(text, vdupq_n_u8(64)));
}

static size_t decode(const char *text, size_t size, char *out)
{
    uint8x16x4_t low = load_table(ph_base64_values);
    uint8x16x4_t high = load_table(ph_base64_values + 64);
    size_t at = 0;

    for (; size - at >= 64; at += 64, out += 48) {
        uint8x16x4_t in = vld4q_u8((const uint8_t *)text + at);
        uint8x16_t a = look_up(low, high, in.val[0]);
        uint8x16_t b = look_up(low, high, in.val[1]);
        uint8x16_t c = look_up(low, high, in.val[2]);
        uint8x16_t d = look_up(low, high, in.val[3]);
        uint8x16_t all = vandq_u8(vandq_u8(a, b), vandq_u8(c, d));
        uint8x16x3_t octets;
        if (!(vminvq_u8(vandq_u8(all, vdupq_n_u8(PH_BASE64_VALUE)))))
            break;
        /* The flag of b and d must go, that of a and c is shifted out. */
        octets.val[0] = vorrq_u8(vshlq_n_u8(a, 2),
                                 vandq_u8(vshrq_n_u8(b, 4), vdupq_n_u8(3)));
        octets.val[1] = vorrq_u8(vshlq_n_u8(b, 4),
                                 vandq_u8(vshrq_n_u8(c, 2), vdupq_n_u8(15)));
        octets.val[2] = vorrq_u8(vshlq_n_u8(c, 6), vandq_u8(d, vdupq_n_u8(63)));
        vst3q_u8((uint8_t *)out, octets);
    }
    return at + ph_base64_scalar.decode(text + at, size - at, out);
}

const ph_base64_path ph_base64_neon = { "neon", is_there, encode, encode_lines,
                                        decode };
#endif
