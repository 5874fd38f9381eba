/* charset.c - the few character sets that are turned into UTF-8 here.
 * SPDX-License-Identifier: MIT */
#include "charset.h"
#include "base/ascii.h"

#include <stdint.h>

ph_charset ph_charset_find(ph_span name)
{
    static const struct {
        const char *name;
        ph_charset charset;
    } names[] = {
        { "", PH_CHARSET_UTF_8 },
        { "utf-8", PH_CHARSET_UTF_8 },
        { "utf8", PH_CHARSET_UTF_8 },
        { "us-ascii", PH_CHARSET_UTF_8 },
        { "ascii", PH_CHARSET_UTF_8 },
        { "ansi_x3.4-1968", PH_CHARSET_UTF_8 },
        { "iso-8859-1", PH_CHARSET_ISO_8859_1 },
        { "iso_8859-1", PH_CHARSET_ISO_8859_1 },
        { "latin1", PH_CHARSET_ISO_8859_1 },
        { "l1", PH_CHARSET_ISO_8859_1 },
        { "windows-1252", PH_CHARSET_WINDOWS_1252 },
        { "cp1252", PH_CHARSET_WINDOWS_1252 },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ph_ascii_equal(name, ph_span_text(names[i].name)))
            return names[i].charset;
    return PH_CHARSET_UNKNOWN;
}

/* What windows-1252 has at 80-9F; five places are empty and stay controls. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static char *put_point(char *next, unsigned point)
{
    if (point < 0x80) {
        *next++ = (char)point;
    } else if (point < 0x800) {
        *next++ = (char)(0xc0 | point >> 6);
        *next++ = (char)(0x80 | (point & 63));
    } else {
        *next++ = (char)(0xe0 | point >> 12);
        *next++ = (char)(0x80 | (point >> 6 & 63));
        *next++ = (char)(0x80 | (point & 63));
    }
    return next;
}

int ph_charset_put(ph_buf *out, ph_charset charset, ph_span octets)
{
    char *room, *next;
    int result;

    if (charset == PH_CHARSET_UNKNOWN || charset == PH_CHARSET_UTF_8)
        return ph_buf_put_span(out, octets);
    result = ph_buf_reserve(out, octets.size * 3, &room);
    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < octets.size; i++) {
        unsigned point = (unsigned char)octets.at[i];
        if (charset == PH_CHARSET_WINDOWS_1252 && point >= 0x80 && point < 0xa0)
            point = windows_1252[point - 0x80];
        next = put_point(next, point);
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}
