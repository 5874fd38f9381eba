/* base64_fuzz.c - any octets, encoded and decoded by each path of this
 * processor: all give the same, no cut changes it, and what was encoded is
 * decoded again (RFC 4648, 4; RFC 2045, 6.8). The first octet says where the
 * cuts are and where in its block the text begins.
 * SPDX-License-Identifier: MIT */
#include "codec/base64.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* A block that ends where the text does, so that a sanitizer sees each octet
 * read beyond. */
static char *copy_at(ph_span text, size_t at)
{
    char *block = malloc(at + text.size + (at + text.size == 0));

    require(block != NULL);
    if (text.size)
        memcpy(block + at, text.at, text.size);
    return block;
}

static void encode(ph_buf *out, ph_span text, const ph_base64_path *path,
                   size_t columns, size_t cut)
{
    ph_base64_encoder encoder;
    char *room;

    ph_base64_encoder_init(&encoder, columns);
    encoder.path = path;
    for (size_t at = 0; at < text.size; at += cut) {
        ph_span piece = ph_span_after(text, at);
        if (piece.size > cut)
            piece.size = cut;
        require(ph_buf_reserve(out, ph_base64_room(piece.size), &room) == 0);
        ph_buf_added(out, ph_base64_encode(&encoder, piece, room));
    }
    require(ph_buf_reserve(out, PH_BASE64_END, &room) == PH_OK);
    ph_buf_added(out, ph_base64_encode_end(&encoder, room));
}

static void decode(ph_buf *out, ph_span text, const ph_base64_path *path,
                   size_t cut)
{
    ph_base64_decoder decoder = { .path = path };

    for (size_t at = 0; at < text.size; at += cut) {
        ph_span piece = ph_span_after(text, at);
        if (piece.size > cut)
            piece.size = cut;
        require(ph_base64_decode(&decoder, piece, out) == PH_OK);
    }
    require(ph_base64_decode_end(&decoder, out) == PH_OK);
}

static void lines_fit(ph_span lines)
{
    while (lines.size) {
        size_t n = ph_span_find(lines, '\r');
        require(n <= PH_BASE64_LINE);
        require(n == lines.size || (n == PH_BASE64_LINE && lines.size > n + 2));
        lines = ph_span_after(lines, n + 2);
    }
}

/* By one path, in whole and cut: equal to what is expected. */
static void check(const ph_base64_path *path, ph_span text, size_t cut,
                  const ph_buf *lines, const ph_buf *octets)
{
    ph_buf out;

    ph_buf_init(&out, (size_t)1 << 20);
    encode(&out, text, path, PH_BASE64_LINE, cut);
    require(ph_span_equal(ph_buf_span(&out), ph_buf_span(lines)));
    ph_buf_reset(&out);
    decode(&out, text, path, cut);
    require(ph_span_equal(ph_buf_span(&out), ph_buf_span(octets)));
    ph_buf_reset(&out);
    decode(&out, ph_buf_span(lines), path, cut);
    require(ph_span_equal(ph_buf_span(&out), text));
    ph_buf_reset(&out);
    encode(&out, text, path, 0, cut);
    require(ph_buf_size(&out) == (text.size + 2) / 3 * 4);
    ph_buf_clear(&out);
}

static void check_strict(ph_span text)
{
    ph_buf line, out;

    ph_buf_init(&line, (size_t)1 << 20);
    ph_buf_init(&out, (size_t)1 << 20);
    require(ph_base64_put(&line, text) == PH_OK);
    require(ph_base64_parse(ph_buf_span(&line), &out) == PH_OK);
    require(ph_span_equal(ph_buf_span(&out), text));
    ph_buf_reset(&out);
    if (ph_base64_parse(text, &out) == PH_OK) { /* then it is the only form */
        ph_buf_reset(&line);
        require(ph_base64_put(&line, ph_buf_span(&out)) == PH_OK);
        require(ph_span_equal(ph_buf_span(&line), text));
    }
    ph_buf_clear(&line);
    ph_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    size_t where = size ? at[0] % 32 : 0, cut = size ? at[0] / 2 + 1 : 1;
    char *block = copy_at(ph_span_of((const char *)at, size), where);
    ph_span text = ph_span_of(block + where, size);
    const ph_base64_path *path;
    ph_buf lines, octets;

    ph_buf_init(&lines, (size_t)1 << 20);
    ph_buf_init(&octets, (size_t)1 << 20);
    encode(&lines, text, &ph_base64_scalar, PH_BASE64_LINE, 1);
    decode(&octets, text, &ph_base64_scalar, 1);
    lines_fit(ph_buf_span(&lines));
    require(ph_buf_size(&lines) == ph_base64_size(size));
    for (size_t i = 0; (path = ph_base64_path_at(i)) != NULL; i++) {
        check(path, text, cut, &lines, &octets);
        check(path, text, size + 1, &lines, &octets);
    }
    check_strict(text);
    ph_buf_clear(&lines);
    ph_buf_clear(&octets);
    free(block);
    return 0;
}
