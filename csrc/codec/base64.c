/* base64.c - base64 (RFC 4648, 4; RFC 2045, 6.8).
 * SPDX-License-Identifier: MIT */
#include "base64.h"

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

/* Whole groups, no line ends: the one place that a SIMD form would replace. */
static char *encode_groups(const unsigned char *in, size_t groups, char *out)
{
    for (; groups; groups--, in += 3, out += 4) {
        uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        memcpy(out, pairs + (bits >> 12) * 2, 2);
        memcpy(out + 2, pairs + (bits & 4095) * 2, 2);
    }
    return out;
}

void ph_base64_encoder_init(ph_base64_encoder *encoder, size_t line)
{
    *encoder = (ph_base64_encoder){ .line = line };
}

/* As encode_groups, with a line end before each group that would not fit. */
static char *encode_lines(ph_base64_encoder *encoder, const unsigned char *in,
                          size_t groups, char *out)
{
    if (!encoder->line)
        return encode_groups(in, groups, out);
    while (groups) {
        size_t fit;
        if (encoder->column == encoder->line) {
            *out++ = '\r';
            *out++ = '\n';
            encoder->column = 0;
        }
        fit = (encoder->line - encoder->column) / 4;
        if (fit > groups)
            fit = groups;
        out = encode_groups(in, fit, out);
        encoder->column += fit * 4;
        groups -= fit;
        in += fit * 3;
    }
    return out;
}

size_t ph_base64_encode(ph_base64_encoder *encoder, ph_span octets, char *room)
{
    const unsigned char *in = (const unsigned char *)octets.at;
    size_t left = octets.size;
    char *out = room;

    if (encoder->holding) {
        while (encoder->holding < 3 && left) {
            encoder->held[encoder->holding++] = *in++;
            left--;
        }
        if (encoder->holding < 3)
            return 0;
        out = encode_lines(encoder, encoder->held, 1, out);
        encoder->holding = 0;
    }
    out = encode_lines(encoder, in, left / 3, out);
    encoder->holding = left % 3;
    if (encoder->holding)
        memcpy(encoder->held, in + (left - left % 3), left % 3);
    return (size_t)(out - room);
}

size_t ph_base64_encode_end(ph_base64_encoder *encoder, char *room)
{
    size_t holding = encoder->holding;
    char *out = room;

    if (holding) {
        memset(encoder->held + holding, 0, 3 - holding);
        out = encode_lines(encoder, encoder->held, 1, out);
        memset(out - (3 - holding), '=', 3 - holding);
    }
    ph_base64_encoder_init(encoder, encoder->line);
    return (size_t)(out - room);
}

unsigned long long ph_base64_size(unsigned long long n)
{
    unsigned long long size = (n / 3 + (n % 3 != 0)) * 4;
    return size ? size + (size - 1) / PH_BASE64_LINE * 2 : 0;
}

int ph_base64_put(ph_buf *out, ph_span octets)
{
    ph_base64_encoder encoder;
    size_t size;
    char *room;
    int result = ph_buf_reserve(out, (octets.size + 2) / 3 * 4, &room);

    if (result < 0)
        return result;
    ph_base64_encoder_init(&encoder, 0);
    size = ph_base64_encode(&encoder, octets, room);
    size += ph_base64_encode_end(&encoder, room + size);
    ph_buf_added(out, size);
    return PH_OK;
}

enum {
    NO = 64, /* outside the alphabet */
    PAD = 65
};

/* The value of a character; 64 and above: NO or PAD. */
static unsigned value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0' + 52);
    if (c == '+')
        return 62;
    if (c == '/')
        return 63;
    return c == '=' ? PAD : NO;
}

void ph_base64_decoder_init(ph_base64_decoder *decoder)
{
    *decoder = (ph_base64_decoder){ 0 };
}

/* The whole octets of the group under way; a new group begins. */
static char *finish_group(ph_base64_decoder *decoder, char *out)
{
    unsigned long bits = decoder->bits << (6 * (4 - decoder->count));

    if (decoder->count >= 2)
        *out++ = (char)(bits >> 16 & 255);
    if (decoder->count >= 3)
        *out++ = (char)(bits >> 8 & 255);
    if (decoder->count == 4)
        *out++ = (char)(bits & 255);
    ph_base64_decoder_init(decoder);
    return out;
}

int ph_base64_decode(ph_base64_decoder *decoder, ph_span text, ph_buf *out)
{
    char *room, *next;
    int result = ph_buf_reserve(out, text.size + 2, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < text.size; i++) {
        unsigned value = value_of(text.at[i]);
        if (value < 64) {
            decoder->bits = decoder->bits << 6 | value;
            if (++decoder->count == 4)
                next = finish_group(decoder, next);
        } else if (value == PAD) {
            next = finish_group(decoder, next);
        }
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

int ph_base64_decode_end(ph_base64_decoder *decoder, ph_buf *out)
{
    char room[3];
    size_t size = (size_t)(finish_group(decoder, room) - room);

    return ph_buf_put(out, room, size);
}

/* Size without its padding, or more than text.size when the text is none. */
static size_t strict_size(ph_span text)
{
    size_t size = text.size, tail;

    if (size % 4)
        return size + 1;
    while (size && text.size - size < 2 && text.at[size - 1] == '=')
        size--;
    for (size_t i = 0; i < size; i++)
        if (value_of(text.at[i]) >= NO)
            return text.size + 1;
    tail = size % 4; /* bits left over must be zero (RFC 4648, 3.5) */
    if (tail && value_of(text.at[size - 1]) & (tail == 2 ? 15 : 3))
        return text.size + 1;
    return size;
}

int ph_base64_parse(ph_span text, ph_buf *out)
{
    ph_base64_decoder decoder = { 0 };
    size_t size = strict_size(text), before = ph_buf_size(out);
    int result;

    if (size > text.size)
        return PH_E_INVALID;
    result = ph_base64_decode(&decoder, ph_span_of(text.at, size), out);
    if (result == PH_OK)
        result = ph_base64_decode_end(&decoder, out);
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}
