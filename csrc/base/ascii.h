/* ascii.h - character classes of ASCII, without a locale.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_ASCII_H
#define PH_BASE_ASCII_H

#include "span.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

static inline bool ph_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ph_ascii_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ph_ascii_is_alnum(char c)
{
    return ph_ascii_is_digit(c) || ph_ascii_is_alpha(c);
}

/* A control: 00-1F and 7F. */
static inline bool ph_ascii_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Above 7F: part of a UTF-8 sequence, or of no text at all. */
static inline bool ph_ascii_is_high(char c)
{
    return (unsigned char)c >= 0x80;
}

/* Blank or tab (WSP of RFC 5234). */
static inline bool ph_ascii_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline char ph_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char ph_ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int ph_ascii_hex(char c)
{
    if (ph_ascii_is_digit(c))
        return c - '0';
    c = ph_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether a set of ASCII, a bit for each character, holds the octet. */
static inline bool ph_ascii_in_set(char c, uint64_t low, uint64_t high)
{
    unsigned octet = (unsigned char)c;

    if (octet >= 0x80)
        return false;
    return ((octet < 0x40 ? low : high) >> (octet & 0x3f) & 1) != 0;
}

/* atext of RFC 5322, 3.2.3, without the octets above 7F: letters, digits and
 * !#$%&'*+-/=?^_`{|}~ */
static inline bool ph_ascii_is_atext(char c)
{
    return ph_ascii_in_set(c, UINT64_C(0xa3ffacfa00000000),
                           UINT64_C(0x7fffffffc7fffffe));
}

/* A character of a MIME token (RFC 2045, 5.1): 21 to 7E but ()<>@,;:\"/[]?= */
static inline bool ph_ascii_is_token(char c)
{
    return ph_ascii_in_set(c, UINT64_C(0x03ff6cfa00000000),
                           UINT64_C(0x7fffffffc7fffffe));
}

/* Equal but for the case of letters. */
static inline bool ph_ascii_equal(ph_span a, ph_span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ph_ascii_lower(a.at[i]) != ph_ascii_lower(b.at[i]))
            return false;
    return true;
}

/* Whether one of eight octets is zero. */
static inline bool ph_ascii_has_zero(uint64_t octets)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

    return ~(((octets & low) + low) | octets | low) != 0;
}

/* Whether any octet is a control (CR, LF and NUL among them). */
static inline bool ph_ascii_has_control(ph_span span)
{
    uint64_t octets;
    size_t i = 0;

    for (; i + sizeof octets <= span.size; i += sizeof octets) {
        memcpy(&octets, span.at + i, sizeof octets);
        if (ph_ascii_has_zero(octets & UINT64_C(0xe0e0e0e0e0e0e0e0)) ||
            ph_ascii_has_zero(octets ^ UINT64_C(0x7f7f7f7f7f7f7f7f)))
            return true;
    }
    for (; i < span.size; i++)
        if (ph_ascii_is_control(span.at[i]))
            return true;
    return false;
}

static inline bool ph_ascii_has_high(ph_span span)
{
    uint64_t octets;
    size_t i = 0;

    for (; i + sizeof octets <= span.size; i += sizeof octets) {
        memcpy(&octets, span.at + i, sizeof octets);
        if (octets & UINT64_C(0x8080808080808080))
            return true;
    }
    for (; i < span.size; i++)
        if (ph_ascii_is_high(span.at[i]))
            return true;
    return false;
}

#pragma GCC visibility pop
#endif
