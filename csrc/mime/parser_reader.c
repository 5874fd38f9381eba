/* parser_reader.c - the content of a part that was received, its transfer
 * encoding undone.
 * SPDX-License-Identifier: MIT */
#include "parser_reader.h"
#include "base/ascii.h"

void ph_parser_reader_init(ph_parser_reader *reader, const ph_parser_part *part)
{
    reader->rest = part->body;
    reader->piece = PH_PARSER_PIECE;
    reader->is_ended = false;
    reader->encoding = PH_PARSER_PLAIN;
    ph_base64_decoder_init(&reader->base64);
    ph_quoted_printable_decoder_init(&reader->quoted_printable);
    if (part->is_multipart) /* RFC 2045, 6.4 */
        return;
    if (ph_ascii_equal(part->encoding, ph_span_text("base64")))
        reader->encoding = PH_PARSER_BASE64;
    if (ph_ascii_equal(part->encoding, ph_span_text("quoted-printable")))
        reader->encoding = PH_PARSER_QUOTED_PRINTABLE;
}

static int put_piece(ph_parser_reader *reader, ph_span piece, ph_buf *out)
{
    if (reader->encoding == PH_PARSER_BASE64)
        return ph_base64_decode(&reader->base64, piece, out);
    if (reader->encoding == PH_PARSER_QUOTED_PRINTABLE)
        return ph_quoted_printable_decode(&reader->quoted_printable, piece,
                                          out);
    return ph_buf_put_span(out, piece);
}

static int put_end(ph_parser_reader *reader, ph_buf *out)
{
    if (reader->encoding == PH_PARSER_BASE64)
        return ph_base64_decode_end(&reader->base64, out);
    if (reader->encoding == PH_PARSER_QUOTED_PRINTABLE)
        return ph_quoted_printable_decode_end(&reader->quoted_printable, out);
    return PH_OK;
}

int ph_parser_reader_put(ph_parser_reader *reader, ph_buf *out)
{
    ph_span piece = reader->rest;
    int result;

    if (reader->is_ended)
        return 0;
    if (!piece.size) {
        result = put_end(reader, out);
        reader->is_ended = result >= 0;
        return result < 0 ? result : 1;
    }
    if (piece.size > reader->piece)
        piece.size = reader->piece;
    result = put_piece(reader, piece, out);
    if (result < 0)
        return result;
    reader->rest = ph_span_after(reader->rest, piece.size);
    return 1;
}

int ph_parser_put_content(ph_buf *out, const ph_parser_part *part)
{
    ph_parser_reader reader;
    int result;

    ph_parser_reader_init(&reader, part);
    do
        result = ph_parser_reader_put(&reader, out);
    while (result > 0);
    return result;
}
