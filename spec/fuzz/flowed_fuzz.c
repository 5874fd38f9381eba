/* flowed_fuzz.c - any octets as format=flowed: no cut changes what is written;
 * of UTF-8, which alone has characters to count, lines are short if they can
 * be, and the text that our reader joins of them (RFC 3676, 4.1 to 4.6) is
 * written the same again. That reader takes any octets too. The first octet
 * says where the cuts are.
 * SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "codec/flowed.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void write_flowed(ph_buf *out, ph_span text, size_t cut)
{
    ph_flowed flowed = { .size = 0 };
    size_t size = text.size;

    while (text.size) {
        size_t n = text.size < cut ? text.size : cut;
        require(ph_flowed_put(&flowed, ph_span_of(text.at, n), out) == PH_OK);
        text = ph_span_after(text, n);
    }
    require(ph_flowed_end(&flowed, out) == PH_OK);
    require(ph_buf_size(out) <= ph_flowed_room(size));
}

/* The line at the start of lines, which begin after its CRLF. */
static ph_span take_line(ph_span *lines)
{
    size_t n = ph_span_find(*lines, '\r');
    ph_span line = ph_span_of(lines->at, n);

    require(ph_span_find(line, '\n') == n);
    require(n == lines->size || lines->at[n + 1] == '\n');
    *lines = ph_span_after(*lines, n == lines->size ? n : n + 2);
    return line;
}

static size_t count(ph_span line, char c)
{
    size_t n = 0;

    while (n < line.size && line.at[n] == c)
        n++;
    return n;
}

/* A longer line is a single word, after its quotes and blanks. */
static void check_width(ph_span line)
{
    size_t width = 0;

    for (size_t i = 0; i < line.size; i++)
        width += ((unsigned char)line.at[i] & 0xc0) != 0x80;
    if (width <= PH_FLOWED_LINE)
        return;
    line = ph_span_after(line, count(line, '>'));
    line = ph_span_after(line, count(line, ' '));
    if (line.size && line.at[line.size - 1] == ' ')
        line.size--;
    if (line.size > 3 && memcmp(line.at, "-- ", 3) == 0)
        line = ph_span_after(line, 3);
    require(ph_span_find(line, ' ') == line.size);
}

static void check_lines(ph_span lines)
{
    bool is_last;

    do {
        is_last = ph_span_find(lines, '\r') == lines.size;
        check_width(take_line(&lines));
    } while (!is_last);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    size_t cut = size ? at[0] % 32 + 1 : 1;
    ph_span text = ph_span_of((const char *)at, size);
    ph_buf once, again, joined;

    ph_buf_init(&once, (size_t)1 << 20);
    ph_buf_init(&again, (size_t)1 << 20);
    ph_buf_init(&joined, (size_t)1 << 20);
    write_flowed(&once, text, size + 1);
    write_flowed(&again, text, cut);
    require(ph_span_equal(ph_buf_span(&once), ph_buf_span(&again)));
    if (ph_utf8_is_valid(text)) {
        check_lines(ph_buf_span(&once));
        require(ph_flowed_undo(&joined, ph_buf_span(&once), false) == PH_OK);
        ph_buf_reset(&again);
        write_flowed(&again, ph_buf_span(&joined), cut);
        require(ph_span_equal(ph_buf_span(&once), ph_buf_span(&again)));
    }
    ph_buf_reset(&joined);
    require(ph_flowed_undo(&joined, text, cut % 2) == PH_OK);
    require(ph_buf_size(&joined) <= 2 * size);
    ph_buf_clear(&once);
    ph_buf_clear(&again);
    ph_buf_clear(&joined);
    return 0;
}
