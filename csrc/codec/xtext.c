/* xtext.c - xtext (RFC 3461, 4; RFC 6533, 3).
 * SPDX-License-Identifier: MIT */
#include "xtext.h"
#include "base/ascii.h"
#include "base/utf8.h"

static const char digits[] = "0123456789ABCDEF";

/* xchar: stands for itself. */
static bool is_plain(char c)
{
    return c > ' ' && c <= '~' && c != '+' && c != '=';
}

/* The value of a digit of ours, capitals alone, or -1. */
static int digit_of(char c)
{
    return c >= 'a' && c <= 'f' ? -1 : ph_ascii_hex(c);
}

int ph_xtext_put(ph_buf *out, ph_span text)
{
    size_t size = text.size;
    char *next;
    int result;

    for (size_t i = 0; i < text.size; i++)
        size += is_plain(text.at[i]) ? 0 : 2;
    result = ph_buf_reserve(out, size, &next);
    if (result < 0)
        return result;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char octet = (unsigned char)text.at[i];
        if (is_plain(text.at[i])) {
            *next++ = text.at[i];
            continue;
        }
        *next++ = '+';
        *next++ = digits[octet >> 4];
        *next++ = digits[octet & 15];
    }
    ph_buf_added(out, size);
    return PH_OK;
}

int ph_xtext_parse(ph_span xtext, ph_buf *out)
{
    char *room, *next;
    int result = ph_buf_reserve(out, xtext.size, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < xtext.size; i++) {
        int high, low;
        if (is_plain(xtext.at[i])) {
            *next++ = xtext.at[i];
            continue;
        }
        if (xtext.at[i] != '+' || xtext.size - i < 3)
            return PH_E_INVALID;
        high = digit_of(xtext.at[++i]);
        low = digit_of(xtext.at[++i]);
        if (high < 0 || low < 0)
            return PH_E_INVALID;
        *next++ = (char)(high << 4 | low);
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

/* ---- addresses */

/* QCHAR: stands for itself in an address. */
static bool is_plain_in_address(char c)
{
    return is_plain(c) && c != '\\';
}

/* EmbeddedUnicodeChar: two digits at least, more without leading zeros. */
static int put_point(ph_buf *out, uint32_t point)
{
    char text[] = "\\x{000000}";
    size_t at = sizeof text - 2;

    for (int i = 0; point || i < 2; i++, point >>= 4)
        text[--at] = digits[point & 15];
    if (at > 3)
        memmove(text + 3, text + at, sizeof text - at);
    return ph_buf_put(out, text, sizeof text - 1 - (at - 3));
}

int ph_xtext_put_address(ph_buf *out, ph_span address, bool is_unitext)
{
    while (address.size) {
        uint32_t point;
        size_t size = ph_utf8_next(address, &point);
        int result;

        if (!size || (size == 1 && ph_ascii_is_control(address.at[0])))
            return PH_E_INVALID;
        if (size == 1 ? is_plain_in_address(address.at[0]) : is_unitext)
            result = ph_buf_put(out, address.at, size);
        else
            result = put_point(out, point);
        if (result < 0)
            return result;
        address = ph_span_after(address, size);
    }
    return PH_OK;
}

/* Appends a code point as UTF-8. */
static int put_utf8(ph_buf *out, uint32_t point)
{
    char text[4];
    size_t size = point < 0x80      ? 1
                  : point < 0x800   ? 2
                  : point < 0x10000 ? 3
                                    : 4;
    static const unsigned char heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = size; i > 1; i--, point >>= 6)
        text[i - 1] = (char)(0x80 | (point & 0x3f));
    text[0] = (char)(heads[size] | point);
    return ph_buf_put(out, text, size);
}

/* Whether a code point is written like that: not what stands for itself. */
static bool is_embedded(uint32_t point, size_t count)
{
    if (point < 0x80)
        return count == 2 &&
               (point == ' ' || point == '+' || point == '=' || point == '\\');
    return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) &&
           (count == 2 || point >> (4 * (count - 1)));
}

/* Takes "\x{...}" off the start of *text. */
static int parse_point(ph_span *text, ph_buf *out)
{
    uint32_t point = 0;
    size_t i = 3;

    if (text->size < 6 || memcmp(text->at, "\\x{", 3) != 0)
        return PH_E_INVALID;
    for (; i < text->size && i < 9 && digit_of(text->at[i]) >= 0; i++)
        point = point << 4 | (uint32_t)digit_of(text->at[i]);
    if (i < 5 || i == text->size || text->at[i] != '}' ||
        !is_embedded(point, i - 3))
        return PH_E_INVALID;
    *text = ph_span_after(*text, i + 1);
    return put_utf8(out, point);
}

int ph_xtext_parse_address(ph_span text, ph_buf *out)
{
    while (text.size) {
        size_t size = ph_utf8_next(text, NULL);
        int result;

        if (size > 1 || (size && is_plain_in_address(text.at[0]))) {
            result = ph_buf_put(out, text.at, size);
            text = ph_span_after(text, size);
        } else {
            result = parse_point(&text, out);
        }
        if (result < 0)
            return result;
    }
    return PH_OK;
}
