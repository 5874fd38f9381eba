/* charset.c - character sets that are turned into UTF-8 here.
 * SPDX-License-Identifier: MIT */
#include "charset.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "charset_table.h"

enum {
    NAME = 24,           /* octets of a name that is known, and one more */
    REPLACEMENT = 0xfffd /* what stands for no character */
};

/* Other names of what the tables know, and the sets without a table. */
static const struct {
    const char *name, *known;
    ph_charset charset;
} aliases[] = {
    { "", NULL, PH_CHARSET_US_ASCII },
    { "usascii", NULL, PH_CHARSET_US_ASCII },
    { "ascii", NULL, PH_CHARSET_US_ASCII },
    { "ansix341968", NULL, PH_CHARSET_US_ASCII },
    { "utf8", NULL, PH_CHARSET_UTF_8 },
    { "unicode11utf8", NULL, PH_CHARSET_UTF_8 },
    { "utf16", NULL, PH_CHARSET_UTF_16 },
    { "utf16be", NULL, PH_CHARSET_UTF_16BE },
    { "utf16le", NULL, PH_CHARSET_UTF_16LE },
    { "iso88591", "windows1252", PH_CHARSET_UNKNOWN },
    { "latin1", "windows1252", PH_CHARSET_UNKNOWN },
    { "l1", "windows1252", PH_CHARSET_UNKNOWN },
    { "latin2", "iso88592", PH_CHARSET_UNKNOWN },
    { "latin5", "iso88599", PH_CHARSET_UNKNOWN },
    { "latin9", "iso885915", PH_CHARSET_UNKNOWN },
    { "iso88598i", "iso88598", PH_CHARSET_UNKNOWN },
    { "tis620", "windows874", PH_CHARSET_UNKNOWN },
    { "iso885911", "windows874", PH_CHARSET_UNKNOWN },
};

/* The name's letters and digits in lower case; "cp" and "xcp" are "windows".
 * Empty: too long to be known. */
static ph_span plain_name(ph_span name, char room[NAME])
{
    size_t n = 0;

    for (size_t i = 0; i < name.size; i++) {
        if (!ph_ascii_is_alnum(name.at[i]))
            continue;
        if (n == NAME)
            return ph_span_of(room, 0);
        room[n++] = ph_ascii_lower(name.at[i]);
    }
    return ph_span_of(room, n);
}

static ph_charset find_table(ph_span name)
{
    const ph_charset_table *table;

    for (size_t i = 0; (table = ph_charset_table_get(i)); i++)
        if (ph_span_equal(name, ph_span_text(table->name)))
            return (ph_charset)(PH_CHARSET_TABLE + i);
    return PH_CHARSET_UNKNOWN;
}

ph_charset ph_charset_find(ph_span name)
{
    char room[NAME], windows[NAME] = "windows";
    ph_span plain = plain_name(name, room);

    if (name.size && !plain.size)
        return PH_CHARSET_UNKNOWN;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (!ph_span_equal(plain, ph_span_text(aliases[i].name)))
            continue;
        return aliases[i].known ? find_table(ph_span_text(aliases[i].known))
                                : aliases[i].charset;
    }
    if (plain.size > 2 && plain.size < NAME - 7 &&
        (!memcmp(plain.at, "cp", 2) || !memcmp(plain.at, "xcp", 3))) {
        size_t n = plain.at[0] == 'x' ? 3 : 2;
        memcpy(windows + 7, plain.at + n, plain.size - n);
        plain = ph_span_of(windows, 7 + plain.size - n);
    }
    return find_table(plain);
}

static char *put_point(char *next, uint32_t point)
{
    if (point < 0x80) {
        *next++ = (char)point;
        return next;
    }
    if (point < 0x800) {
        *next++ = (char)(0xc0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *next++ = (char)(0xe0 | point >> 12);
        } else {
            *next++ = (char)(0xf0 | point >> 18);
            *next++ = (char)(0x80 | (point >> 12 & 63));
        }
        *next++ = (char)(0x80 | (point >> 6 & 63));
    }
    *next++ = (char)(0x80 | (point & 63));
    return next;
}

static char *put_table(char *next, const ph_charset_table *table,
                       ph_span octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        unsigned point = (unsigned char)octets.at[i];
        if (point >= table->first)
            point = table->points[point - table->first];
        next = put_point(next, point);
    }
    return next;
}

/* Takes a unit of UTF-16 off octets; a last half of one is no character. */
static uint32_t take_unit(ph_span *octets, bool is_little)
{
    uint32_t a = (unsigned char)octets->at[0], b;

    if (octets->size == 1) {
        *octets = ph_span_after(*octets, 1);
        return REPLACEMENT;
    }
    b = (unsigned char)octets->at[1];
    *octets = ph_span_after(*octets, 2);
    return is_little ? b << 8 | a : a << 8 | b;
}

/* UTF-16 (RFC 2781, 2.2). */
static char *put_utf_16(char *next, ph_charset charset, ph_span octets)
{
    bool is_little = charset == PH_CHARSET_UTF_16LE;

    if (octets.size >= 2 && charset == PH_CHARSET_UTF_16) {
        is_little = !memcmp(octets.at, "\xff\xfe", 2);
        if (is_little || !memcmp(octets.at, "\xfe\xff", 2))
            octets = ph_span_after(octets, 2);
    }
    while (octets.size) {
        uint32_t point = take_unit(&octets, is_little);
        ph_span behind = octets;
        if (point >= 0xd800 && point < 0xe000) {
            uint32_t low = point < 0xdc00 && behind.size >= 2
                               ? take_unit(&behind, is_little)
                               : 0;
            bool is_pair = low >= 0xdc00 && low < 0xe000;
            point = is_pair ? 0x10000 + ((point & 0x3ff) << 10 | (low & 0x3ff))
                            : REPLACEMENT;
            if (is_pair)
                octets = behind;
        }
        next = put_point(next, point);
    }
    return next;
}

static bool is_as_it_is(ph_charset charset, ph_span octets)
{
    return charset == PH_CHARSET_UNKNOWN || charset == PH_CHARSET_UTF_8 ||
           (charset == PH_CHARSET_US_ASCII && ph_utf8_is_valid(octets));
}

int ph_charset_put(ph_buf *out, ph_charset charset, ph_span octets)
{
    const ph_charset_table *table = ph_charset_table_get(
        charset < PH_CHARSET_TABLE ? 0 : (size_t)charset - PH_CHARSET_TABLE);
    bool is_utf_16 = charset >= PH_CHARSET_UTF_16 && charset < PH_CHARSET_TABLE;
    char *room, *end;
    int result;

    if (is_as_it_is(charset, octets) || !table)
        return ph_buf_put_span(out, octets);
    result = ph_buf_reserve(out, octets.size * 3, &room);
    if (result < 0)
        return result;
    end = is_utf_16 ? put_utf_16(room, charset, octets)
                    : put_table(room, table, octets);
    ph_buf_added(out, (size_t)(end - room));
    return PH_OK;
}
