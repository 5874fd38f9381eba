/* printable.c - a peer's text made harmless for eyes, logs and terminals.
 * SPDX-License-Identifier: MIT */
#include "printable.h"
#include "ascii.h"
#include "utf8.h"

enum {
    LONGEST = 16
}; /* a character of four octets, each as \xHH */

/* Controls of C1, line and paragraph ends, marks that turn the direction of
 * what follows or take no room. */
static bool is_harmful(uint32_t point)
{
    return (point >= 0x80 && point < 0xa0) ||
           (point >= 0x200b && point < 0x2010) ||
           (point >= 0x2028 && point < 0x202f) ||
           (point >= 0x2060 && point < 0x2070) || point == 0x61c ||
           point == 0xfeff || (point >= 0xfff9 && point < 0xfffc);
}

static size_t escape(char *out, ph_span octets)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = 0;

    for (size_t i = 0; i < octets.size; i++) {
        unsigned char octet = (unsigned char)octets.at[i];
        out[size++] = '\\';
        out[size++] = 'x';
        out[size++] = digits[octet >> 4];
        out[size++] = digits[octet & 15];
    }
    return size;
}

/* Writes the next character to out, its size to *size; returns how many octets
 * of text it took. */
static size_t one(ph_span text, char *out, size_t *size)
{
    uint32_t point = 0;
    size_t length = ph_utf8_next(text, &point);

    if (length == 0 || is_harmful(point)) {
        length = length ? length : 1;
        *size = escape(out, ph_span_of(text.at, length));
    } else if (*text.at == '\r' || *text.at == '\n' || *text.at == '\t') {
        out[0] = ' ';
        *size = 1;
    } else if (length == 1 && ph_ascii_is_control(*text.at)) {
        *size = escape(out, ph_span_of(text.at, 1));
    } else {
        memcpy(out, text.at, length);
        *size = length;
    }
    return length;
}

int ph_printable_put(ph_buf *buf, ph_span text, size_t limit)
{
    char *room;
    size_t used = 0, safe = 0;
    int result = ph_buf_reserve(buf, limit + LONGEST, &room);

    if (result < 0)
        return result;
    while (text.size) {
        size_t size, taken = one(text, room + used, &size);
        if (used + size > limit) {
            memcpy(room + safe, "...", 3);
            used = safe + 3;
            break;
        }
        used += size;
        if (used + 3 <= limit)
            safe = used;
        text = ph_span_after(text, taken);
    }
    ph_buf_added(buf, used);
    return PH_OK;
}
