/* domain.c - domains of addresses (RFC 5321, 4.1.2 and 4.1.3; RFC 6531, 3.3).
 * SPDX-License-Identifier: MIT */
#include "domain.h"
#include "base/ascii.h"
#include "base/ip.h"
#include "base/utf8.h"

#define TAG "[IPv6:"

enum {
    TAG_SIZE = sizeof TAG - 1
};

struct range {
    uint32_t first, last;
};

/* Sorted. Spaces, marks shown as nothing or turning the text's direction,
 * variation selectors, private use, no characters. */
static const struct range hidden[] = {
    { 0x0000, 0x001f },   { 0x007f, 0x00a0 },   { 0x00ad, 0x00ad },
    { 0x034f, 0x034f },   { 0x061c, 0x061c },   { 0x115f, 0x1160 },
    { 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
    { 0x2000, 0x200f },   { 0x2028, 0x202f },   { 0x205f, 0x206f },
    { 0x2800, 0x2800 },   { 0x3000, 0x3000 },   { 0x3164, 0x3164 },
    { 0xd800, 0xf8ff },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },
    { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xffff },
    { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

/* Sorted. Compatibility forms of ASCII: superscripts, letterlike and enclosed
 * signs (the Kelvin sign), ligatures, full width, other full stops. Under the
 * mapping of UTS 46 a label with one may turn into another label. */
static const struct range mapped[] = {
    { 0x00aa, 0x00aa },   { 0x00b2, 0x00b3 },   { 0x00b9, 0x00ba },
    { 0x00bc, 0x00be },   { 0x0130, 0x0130 },   { 0x0132, 0x0133 },
    { 0x013f, 0x0140 },   { 0x0149, 0x0149 },   { 0x017f, 0x017f },
    { 0x01c4, 0x01cc },   { 0x01f1, 0x01f3 },   { 0x02b0, 0x02b8 },
    { 0x02e0, 0x02e4 },   { 0x037e, 0x037e },   { 0x1d2c, 0x1d6a },
    { 0x1e9a, 0x1e9b },   { 0x1fef, 0x1fef },   { 0x2010, 0x2027 },
    { 0x2030, 0x205e },   { 0x2070, 0x209f },   { 0x20a8, 0x20a8 },
    { 0x2100, 0x218f },   { 0x2460, 0x24ff },   { 0x2a74, 0x2a76 },
    { 0x2c7c, 0x2c7c },   { 0x3002, 0x3002 },   { 0x3200, 0x33ff },
    { 0xfb00, 0xfb06 },   { 0xfb29, 0xfb29 },   { 0xfe10, 0xfe6f },
    { 0xff00, 0xff61 },   { 0x1d400, 0x1d7ff }, { 0x1f100, 0x1f2ff },
    { 0x1fbf0, 0x1fbf9 },
};

static bool is_in(const struct range *ranges, size_t count, uint32_t point)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && point >= ranges[low].first;
}

bool ph_domain_is_hidden(uint32_t point)
{
    return (point & 0xfffe) == 0xfffe ||
           is_in(hidden, sizeof hidden / sizeof *hidden, point);
}

/* A character of a label, its size to *size. */
static bool is_label_character(ph_span rest, size_t *size)
{
    uint32_t point = 0;

    *size = ph_ascii_is_high(*rest.at) ? ph_utf8_next(rest, &point) : 1;
    if (*size == 1)
        return ph_ascii_is_alnum(*rest.at) || *rest.at == '-' ||
               *rest.at == '_';
    return *size && !ph_domain_is_hidden(point) &&
           !is_in(mapped, sizeof mapped / sizeof *mapped, point);
}

/* Letters of other scripts are counted as one octet each: what their A-label
 * needs is known only when it is made. */
static bool is_label(ph_span label)
{
    size_t count = 0, size;

    if (!label.size || label.at[0] == '-' || label.at[label.size - 1] == '-')
        return false;
    for (ph_span rest = label; rest.size; rest = ph_span_after(rest, size)) {
        if (!is_label_character(rest, &size))
            return false;
        count++;
    }
    return count <= PH_DOMAIN_LABEL;
}

/* As the last label of an IPv4 address in one of its many spellings. */
static bool is_number(ph_span label)
{
    size_t i = 0;

    if (label.size >= 2 && label.at[0] == '0' &&
        ph_ascii_lower(label.at[1]) == 'x') {
        for (i = 2; i < label.size && ph_ascii_hex(label.at[i]) >= 0; i++)
            ;
        return i == label.size;
    }
    while (i < label.size && ph_ascii_is_digit(label.at[i]))
        i++;
    return i == label.size;
}

static bool has_tag(ph_span text)
{
    return text.size > TAG_SIZE &&
           ph_ascii_equal(ph_span_of(text.at, TAG_SIZE), ph_span_text(TAG));
}

static bool is_literal(ph_span text)
{
    unsigned char octets[PH_IP_OCTETS];
    size_t skip = has_tag(text) ? TAG_SIZE : 1;

    if (text.size < skip + 2 || text.at[text.size - 1] != ']')
        return false;
    text = ph_span_of(text.at + skip, text.size - skip - 1);
    return ph_ip_parse(text, octets) == (skip == 1 ? 4 : 16);
}

int ph_domain_check(ph_span text)
{
    ph_span rest = text, label;

    if (!text.size || text.size > PH_DOMAIN_LIMIT)
        return PH_E_INVALID;
    if (*text.at == '[')
        return is_literal(text) ? PH_DOMAIN_LITERAL : PH_E_INVALID;
    for (;;) {
        label = ph_span_of(rest.at, ph_span_find(rest, '.'));
        if (!is_label(label))
            return PH_E_INVALID;
        if (label.size == rest.size)
            break;
        rest = ph_span_of(rest.at + label.size + 1, rest.size - label.size - 1);
    }
    if (is_number(label))
        return PH_E_INVALID;
    return ph_ascii_has_high(text) ? PH_DOMAIN_UNICODE : PH_DOMAIN_NAME;
}

int ph_domain_put(ph_buf *out, ph_span text)
{
    char *room;
    int kind, result;

    if (text.size > 1 && text.at[text.size - 1] == '.')
        text.size--;
    kind = ph_domain_check(text);
    if (kind < 0)
        return kind;
    result = ph_buf_reserve(out, text.size, &room);
    if (result < 0)
        return result;
    for (size_t i = 0; i < text.size; i++)
        room[i] = ph_ascii_lower(text.at[i]);
    if (kind == PH_DOMAIN_LITERAL && has_tag(text))
        memcpy(room, TAG, TAG_SIZE);
    ph_buf_added(out, text.size);
    return kind;
}
