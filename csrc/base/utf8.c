/* utf8.c - UTF-8 (RFC 3629), checked.
 * SPDX-License-Identifier: MIT */
#include "utf8.h"

static size_t expected(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    if (lead >= 0xf0 && lead < 0xf5)
        return 4;
    return 0; /* a continuation, an overlong lead, or past U+10FFFF */
}

size_t ph_utf8_next(ph_span span, uint32_t *point)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *at = (const unsigned char *)span.at;
    size_t length = span.size ? expected(at[0]) : 0;
    uint32_t value;

    if (length == 0 || length > span.size)
        return 0;
    value = length == 1 ? at[0] : at[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3fu);
    }
    if (value < smallest[length] || value > 0x10ffff ||
        (value >= 0xd800 && value < 0xe000))
        return 0;
    if (point)
        *point = value;
    return length;
}

/* How many octets at the start are ASCII, in steps of eight, most of them
 * four at a time. */
static size_t ascii_run(ph_span span)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t octets[4];
    size_t n = 0;

    for (; n + sizeof octets <= span.size; n += sizeof octets) {
        memcpy(octets, span.at + n, sizeof octets);
        if ((octets[0] | octets[1] | octets[2] | octets[3]) & high)
            break;
    }
    for (; n + sizeof *octets <= span.size; n += sizeof *octets) {
        memcpy(octets, span.at + n, sizeof *octets);
        if (*octets & high)
            break;
    }
    return n;
}

bool ph_utf8_is_valid(ph_span span)
{
    while (span.size) {
        size_t length = ascii_run(span);
        if (length == 0)
            length =
                (unsigned char)span.at[0] < 0x80 ? 1 : ph_utf8_next(span, NULL);
        if (length == 0)
            return false;
        span = ph_span_after(span, length);
    }
    return true;
}
