/* encoded_word_fuzz.c - any octets as text to be read, which may not grow past
 * what a charset can make of it; and as text to be written, which a reader
 * gets back as it was (RFC 2047).
 * SPDX-License-Identifier: MIT */
#include "base/ascii.h"
#include "base/utf8.h"
#include "codec/encoded_word.h"
#include "codec/quoted_string.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    ROOM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* What was written is ASCII without a control, and is read as the text. */
static void same(ph_buf *wire, ph_buf *read, ph_span text)
{
    ph_span span = ph_buf_span(wire);

    require(!ph_ascii_has_high(span) && !ph_ascii_has_control(span));
    require(ph_encoded_word_decode(read, span) == PH_OK);
    require(ph_span_equal(ph_buf_span(read), text));
    ph_buf_reset(wire);
    ph_buf_reset(read);
}

static void write(ph_span text, size_t column)
{
    ph_buf wire, read;

    ph_buf_init(&wire, ROOM);
    ph_buf_init(&read, ROOM);
    if (ph_encoded_word_put_text(&wire, text, column) == PH_OK)
        same(&wire, &read, text);
    else
        require(ph_ascii_has_control(text) || !ph_utf8_is_valid(text));
    if (ph_encoded_word_put(&wire, text, column) == PH_OK)
        same(&wire, &read, text);
    if (ph_encoded_word_put_phrase(&wire, text, column) == PH_OK &&
        ph_buf_size(&wire) && *ph_buf_span(&wire).at != '"')
        same(&wire, &read, text);
    ph_buf_clear(&wire);
    ph_buf_clear(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span text = { (const char *)at, size };
    ph_buf out;
    int taken;

    ph_buf_init(&out, 3 * size);
    require(ph_encoded_word_decode(&out, text) == PH_OK);
    ph_buf_reset(&out);
    taken = ph_encoded_word_decode_one(&out, text);
    require(taken >= 0 && (size_t)taken <= size);
    require(!taken || (size_t)taken == ph_encoded_word_size(text));
    ph_buf_clear(&out);
    write(text, size % 80);
    return 0;
}
