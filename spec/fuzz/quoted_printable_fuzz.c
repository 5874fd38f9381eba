/* quoted_printable_fuzz.c - any octets, encoded and decoded: no cut changes
 * either, not one after each octet, where no run is ever taken; lines are
 * within 76 columns of ASCII, a guarded one begins with neither "." nor "From
 * ", and what was encoded decodes again (RFC 2045, 6.7). The first octet says
 * which flags, and where the cuts are. SPDX-License-Identifier: MIT */
#include "base/ascii.h"
#include "codec/quoted_printable.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static ph_span piece_of(ph_span text, size_t at, size_t cut)
{
    ph_span piece = ph_span_after(text, at);

    return ph_span_of(piece.at, piece.size < cut ? piece.size : cut);
}

static void encode(ph_buf *out, ph_span text, unsigned flags, size_t cut)
{
    ph_quoted_printable_encoder encoder;

    ph_quoted_printable_encoder_init(&encoder, flags);
    for (size_t at = 0; at < text.size; at += cut)
        require(ph_quoted_printable_encode(&encoder, piece_of(text, at, cut),
                                           out) == PH_OK);
    require(ph_quoted_printable_encode_end(&encoder, out) == PH_OK);
}

static void decode(ph_buf *out, ph_span text, size_t cut)
{
    ph_quoted_printable_decoder decoder = { .holding = 0 };

    for (size_t at = 0; at < text.size; at += cut)
        require(ph_quoted_printable_decode(&decoder, piece_of(text, at, cut),
                                           out) == PH_OK);
    require(ph_quoted_printable_decode_end(&decoder, out) == PH_OK);
}

static void check_line(ph_span line, unsigned flags)
{
    require(line.size <= PH_QUOTED_PRINTABLE_LINE);
    for (size_t i = 0; i < line.size; i++)
        require(line.at[i] == '\t' || !(ph_ascii_is_control(line.at[i]) ||
                                        ph_ascii_is_high(line.at[i])));
    if (!line.size)
        return;
    require(!ph_ascii_is_blank(line.at[line.size - 1]));
    if (flags & PH_QUOTED_PRINTABLE_GUARD)
        require(line.at[0] != '.' &&
                (line.size < 5 || memcmp(line.at, "From ", 5)));
}

static void check_lines(ph_span text, unsigned flags)
{
    while (text.size) {
        size_t n = ph_span_find(text, '\r');
        require(n == text.size || text.at[n + 1] == '\n');
        check_line(ph_span_of(text.at, n), flags);
        text = ph_span_after(text, n + 2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    unsigned flags = size ? at[0] % 4 : 0;
    size_t cut = size ? at[0] / 4 + 1 : 1, whole = size * 4 + 64;
    ph_span text = ph_span_of((const char *)at, size);
    ph_buf once, again, back;

    ph_buf_init(&once, (size_t)1 << 20);
    ph_buf_init(&again, (size_t)1 << 20);
    ph_buf_init(&back, (size_t)1 << 20);
    encode(&once, text, flags, whole);
    encode(&again, text, flags, cut);
    require(ph_span_equal(ph_buf_span(&once), ph_buf_span(&again)));
    ph_buf_reset(&again);
    encode(&again, text, flags, 1);
    require(ph_span_equal(ph_buf_span(&once), ph_buf_span(&again)));
    check_lines(ph_buf_span(&once), flags);
    decode(&back, ph_buf_span(&once), cut);
    require(ph_span_equal(ph_buf_span(&back), text));
    ph_buf_reset(&once);
    ph_buf_reset(&again);
    decode(&once, text, whole);
    decode(&again, text, cut);
    require(ph_span_equal(ph_buf_span(&once), ph_buf_span(&again)));
    ph_buf_reset(&again);
    decode(&again, text, 1);
    require(ph_span_equal(ph_buf_span(&once), ph_buf_span(&again)));
    ph_buf_clear(&once);
    ph_buf_clear(&again);
    ph_buf_clear(&back);
    return 0;
}
