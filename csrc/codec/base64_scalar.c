/* base64_scalar.c - base64 without a processor's vectors, by look-up.
 * SPDX-License-Identifier: MIT */
#include "base64_path.h"

#include <stdint.h>

/* Two characters for each 12 bits: half the look-ups of one for each 6. */
#define FOUR(a, b, c, d, e) a, b, a, c, a, d, a, e
#define ROW(a)                                                    \
    FOUR(a, 'A', 'B', 'C', 'D'), FOUR(a, 'E', 'F', 'G', 'H'),     \
        FOUR(a, 'I', 'J', 'K', 'L'), FOUR(a, 'M', 'N', 'O', 'P'), \
        FOUR(a, 'Q', 'R', 'S', 'T'), FOUR(a, 'U', 'V', 'W', 'X'), \
        FOUR(a, 'Y', 'Z', 'a', 'b'), FOUR(a, 'c', 'd', 'e', 'f'), \
        FOUR(a, 'g', 'h', 'i', 'j'), FOUR(a, 'k', 'l', 'm', 'n'), \
        FOUR(a, 'o', 'p', 'q', 'r'), FOUR(a, 's', 't', 'u', 'v'), \
        FOUR(a, 'w', 'x', 'y', 'z'), FOUR(a, '0', '1', '2', '3'), \
        FOUR(a, '4', '5', '6', '7'), FOUR(a, '8', '9', '+', '/')

static const char pairs[4096 * 2] = {
    ROW('A'), ROW('B'), ROW('C'), ROW('D'), ROW('E'), ROW('F'), ROW('G'),
    ROW('H'), ROW('I'), ROW('J'), ROW('K'), ROW('L'), ROW('M'), ROW('N'),
    ROW('O'), ROW('P'), ROW('Q'), ROW('R'), ROW('S'), ROW('T'), ROW('U'),
    ROW('V'), ROW('W'), ROW('X'), ROW('Y'), ROW('Z'), ROW('a'), ROW('b'),
    ROW('c'), ROW('d'), ROW('e'), ROW('f'), ROW('g'), ROW('h'), ROW('i'),
    ROW('j'), ROW('k'), ROW('l'), ROW('m'), ROW('n'), ROW('o'), ROW('p'),
    ROW('q'), ROW('r'), ROW('s'), ROW('t'), ROW('u'), ROW('v'), ROW('w'),
    ROW('x'), ROW('y'), ROW('z'), ROW('0'), ROW('1'), ROW('2'), ROW('3'),
    ROW('4'), ROW('5'), ROW('6'), ROW('7'), ROW('8'), ROW('9'), ROW('+'),
    ROW('/'),
};

#define V(c, value) [c] = PH_BASE64_VALUE | (value)

const unsigned char ph_base64_values[256] = {
    V('A', 0),  V('B', 1),  V('C', 2),  V('D', 3),  V('E', 4),
    V('F', 5),  V('G', 6),  V('H', 7),  V('I', 8),  V('J', 9),
    V('K', 10), V('L', 11), V('M', 12), V('N', 13), V('O', 14),
    V('P', 15), V('Q', 16), V('R', 17), V('S', 18), V('T', 19),
    V('U', 20), V('V', 21), V('W', 22), V('X', 23), V('Y', 24),
    V('Z', 25), V('a', 26), V('b', 27), V('c', 28), V('d', 29),
    V('e', 30), V('f', 31), V('g', 32), V('h', 33), V('i', 34),
    V('j', 35), V('k', 36), V('l', 37), V('m', 38), V('n', 39),
    V('o', 40), V('p', 41), V('q', 42), V('r', 43), V('s', 44),
    V('t', 45), V('u', 46), V('v', 47), V('w', 48), V('x', 49),
    V('y', 50), V('z', 51), V('0', 52), V('1', 53), V('2', 54),
    V('3', 55), V('4', 56), V('5', 57), V('6', 58), V('7', 59),
    V('8', 60), V('9', 61), V('+', 62), V('/', 63), ['='] = PH_BASE64_PAD,
};

static bool is_there(void)
{
    return true;
}

static char *encode(const unsigned char *in, size_t groups, char *out)
{
    for (; groups; groups--, in += 3, out += 4) {
        uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        memcpy(out, pairs + (bits >> 12) * 2, 2);
        memcpy(out + 2, pairs + (bits & 4095) * 2, 2);
    }
    return out;
}

static char *encode_lines(const unsigned char *in, size_t lines, char *out)
{
    for (; lines; lines--, in += PH_BASE64_PATH_OCTETS) {
        memcpy(out, "\r\n", 2);
        out = encode(in, PH_BASE64_PATH_OCTETS / 3, out + 2);
    }
    return out;
}

static size_t decode(const char *text, size_t size, char *out)
{
    /* What the flags of four characters come to. */
    const uint32_t flags =
        (uint32_t)PH_BASE64_VALUE * (1 + (1 << 6)) * (1 + (1 << 12));
    size_t at = 0;

    for (; size - at >= 4; at += 4, out += 3) {
        const unsigned char *in = (const unsigned char *)text + at;
        uint32_t a = ph_base64_values[in[0]], b = ph_base64_values[in[1]];
        uint32_t c = ph_base64_values[in[2]], d = ph_base64_values[in[3]];
        uint32_t bits = (a << 18) + (b << 12) + (c << 6) + d - flags;
        if (!(a & b & c & d & PH_BASE64_VALUE))
            break;
        out[0] = (char)(bits >> 16);
        out[1] = (char)(bits >> 8);
        out[2] = (char)bits;
    }
    return at;
}

const ph_base64_path ph_base64_scalar = { "scalar", is_there, encode,
                                          encode_lines, decode };
