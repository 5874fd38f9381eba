/* transfer_encoding.c - the transfer encodings of bodies (RFC 2045, 6).
 * SPDX-License-Identifier: MIT */
#include "transfer_encoding.h"
#include "base/ascii.h"
#include "base/block.h"

static const char *const names[] = { "auto", "7bit", "8bit", "quoted-printable",
                                     "base64" };

enum {
    NAMES = sizeof names / sizeof *names
};

int ph_transfer_encoding_parse(ph_span name, ph_transfer_encoding *encoding)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (ph_ascii_equal(name, ph_span_text(names[i]))) {
            *encoding = (ph_transfer_encoding)i;
            return PH_OK;
        }
    }
    /* Travels only with BINARYMIME (RFC 3030, 3); elsewhere as what keeps
     * octets whatever they are. */
    if (ph_ascii_equal(name, ph_span_text("binary"))) {
        *encoding = PH_ENCODING_BASE64;
        return PH_OK;
    }
    return PH_E_INVALID;
}

const char *ph_transfer_encoding_name(ph_transfer_encoding encoding)
{
    return names[encoding];
}

ph_transfer_encoding ph_transfer_encoding_choose(const ph_content *content,
                                                 bool eight_bit)
{
    if (ph_content_is_lines(content)) {
        if (content->high == 0)
            return PH_ENCODING_7BIT;
        if (eight_bit)
            return PH_ENCODING_8BIT;
    }
    /* Two octets more for each that is encoded, against a third of all. */
    if (content->high + content->controls > content->size / 6)
        return PH_ENCODING_BASE64;
    return PH_ENCODING_QUOTED_PRINTABLE;
}

void ph_transfer_encoder_init(ph_transfer_encoder *encoder,
                              ph_transfer_encoding encoding,
                              ph_transfer_form form)
{
    unsigned flags = PH_QUOTED_PRINTABLE_GUARD;

    encoder->encoding = encoding;
    encoder->form = form;
    encoder->has_cr = false;
    if (form == PH_FORM_FLOWED)
        encoder->flowed = (ph_flowed){ .size = 0 };
    if (form == PH_FORM_OCTETS)
        flags |= PH_QUOTED_PRINTABLE_BINARY;
    if (encoding == PH_ENCODING_BASE64)
        ph_base64_encoder_init(&encoder->base64, PH_BASE64_LINE);
    else if (encoding == PH_ENCODING_QUOTED_PRINTABLE)
        ph_quoted_printable_encoder_init(&encoder->quoted_printable, flags);
}

static int put_base64(ph_transfer_encoder *encoder, ph_span octets, ph_buf *out)
{
    char *room;
    int result = ph_buf_reserve(out, ph_base64_room(octets.size), &room);

    if (result < 0)
        return result;
    ph_buf_added(out, ph_base64_encode(&encoder->base64, octets, room));
    return PH_OK;
}

static int put_octets(ph_transfer_encoder *encoder, ph_span octets, ph_buf *out)
{
    if (octets.size == 0)
        return PH_OK;
    switch (encoder->encoding) {
    case PH_ENCODING_BASE64:
        return put_base64(encoder, octets, out);
    case PH_ENCODING_QUOTED_PRINTABLE:
        return ph_quoted_printable_encode(&encoder->quoted_printable, octets,
                                          out);
    default:
        return ph_buf_put_span(out, octets);
    }
}

/* One block of text with another behind it, each LF as CRLF; returns where to
 * go on. A whole block is copied for each line: that is cheaper than the right
 * number of octets. */
static char *put_block(char *next, const char *block)
{
    uint64_t ends = ph_block_where(block, '\n');
    size_t at = 0;

    for (; ends; ends &= ends - 1) {
        size_t end = ph_block_first(ends);
        memcpy(next, block + at, PH_BLOCK);
        next += end - at;
        *next++ = '\r';
        *next++ = '\n';
        at = end + 1;
    }
    memcpy(next, block + at, PH_BLOCK);
    return next + PH_BLOCK - at;
}

/* Text without any CR, to travel as it is: most text. */
static int put_plain(ph_span text, ph_buf *out)
{
    char *room, *next;
    int result = ph_buf_reserve(out, text.size * 2, &room);

    if (result < 0)
        return result;
    next = room;
    for (; text.size >= 2 * PH_BLOCK; text = ph_span_after(text, PH_BLOCK))
        next = put_block(next, text.at);
    for (; text.size; text = ph_span_after(text, 1)) {
        if (*text.at == '\n')
            *next++ = '\r';
        *next++ = *text.at;
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

/* Text with each line end as CRLF. The next LF is
 * remembered, so that a text full of CR is not searched for it again and
 * again. */
static int put_text(ph_transfer_encoder *encoder, ph_span text, ph_buf *out)
{
    bool has_cr = ph_span_find(text, '\r') < text.size;
    bool is_plain = encoder->encoding == PH_ENCODING_7BIT ||
                    encoder->encoding == PH_ENCODING_8BIT;
    size_t lf, at = 0;
    int result = PH_OK;

    if (is_plain && !has_cr && !encoder->has_cr)
        return put_plain(text, out);
    lf = ph_span_find(text, '\n');
    while (at < text.size && result == PH_OK) {
        ph_span line = ph_span_of(text.at + at, lf - at);
        size_t end = at + (has_cr ? ph_span_find(line, '\r') : line.size);
        bool is_end = end < text.size;
        bool is_second = end == at && encoder->has_cr && end == lf;

        result = put_octets(encoder, ph_span_of(line.at, end - at), out);
        if (result == PH_OK && is_end && !is_second)
            result = put_octets(encoder, ph_span_of("\r\n", 2), out);
        encoder->has_cr = is_end && text.at[end] == '\r';
        at = end + 1;
        if (end == lf)
            lf = at + ph_span_find(ph_span_after(text, at), '\n');
    }
    return result;
}

/* What is certain of the flowed text, or its end. */
static int put_flowed(ph_transfer_encoder *encoder, ph_span octets, bool is_end,
                      ph_buf *out)
{
    char room[(PH_FLOWED_PIECE + PH_FLOWED_LINE * 4) * 4 + 128];
    ph_buf lines;
    int result;

    ph_buf_borrow(&lines, room, sizeof room);
    result = is_end ? ph_flowed_end(&encoder->flowed, &lines)
                    : ph_flowed_put(&encoder->flowed, octets, &lines);
    return result < 0 ? result : put_octets(encoder, ph_buf_span(&lines), out);
}

int ph_transfer_encoder_put(ph_transfer_encoder *encoder, ph_span octets,
                            ph_buf *out)
{
    if (encoder->form == PH_FORM_FLOWED)
        return put_flowed(encoder, octets, false, out);
    return encoder->form == PH_FORM_TEXT ? put_text(encoder, octets, out)
                                         : put_octets(encoder, octets, out);
}

int ph_transfer_encoder_end(ph_transfer_encoder *encoder, ph_buf *out)
{
    char *room;
    int result = PH_OK;

    if (encoder->form == PH_FORM_FLOWED)
        result = put_flowed(encoder, ph_span_of(NULL, 0), true, out);
    if (result < 0)
        return result;
    if (encoder->encoding == PH_ENCODING_QUOTED_PRINTABLE)
        return ph_quoted_printable_encode_end(&encoder->quoted_printable, out);
    if (encoder->encoding != PH_ENCODING_BASE64)
        return PH_OK;
    result = ph_buf_reserve(out, PH_BASE64_END, &room);
    if (result == PH_OK)
        ph_buf_added(out, ph_base64_encode_end(&encoder->base64, room));
    return result;
}
