/* parser_fuzz.c - any octets as a received message: parts and fields lie
 * inside of it, each part below one that came before, all of it can be read,
 * and content read in pieces is that read whole.
 * SPDX-License-Identifier: MIT */
#include "mime/parser_reader.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void inside(ph_span message, ph_span piece)
{
    require(!piece.size ||
            (piece.at >= message.at &&
             piece.at + piece.size <= message.at + message.size));
}

static void look_at_fields(const ph_parser *parser, const ph_parser_part *part,
                           ph_span message, ph_buf *out)
{
    for (size_t i = 0; i < part->field_count; i++) {
        const ph_parser_field *field = ph_parser_field_get(parser, part, i);
        inside(message, field->name);
        inside(message, field->value);
        require(field->name.size > 0);
        ph_buf_reset(out);
        require(ph_parser_put_text(out, field->value) == PH_OK);
        require(ph_buf_size(out) <= 3 * field->value.size);
    }
}

/* Piece by piece it is the same. */
static void look_at_pieces(const ph_parser_part *part, const ph_buf *whole)
{
    ph_parser_reader reader;
    ph_buf out;

    ph_buf_init(&out, ph_parser_content_room(part));
    ph_parser_reader_init(&reader, part);
    reader.piece = 1 + part->body.size % 7;
    while (ph_parser_reader_put(&reader, &out) > 0)
        continue;
    require(reader.is_ended);
    require(ph_span_equal(ph_buf_span(&out), ph_buf_span(whole)));
    ph_buf_clear(&out);
}

static void look_at_part(const ph_parser *parser, size_t i, ph_span message,
                         ph_buf *out)
{
    const ph_parser_part *part = ph_parser_get(parser, i);
    ph_parameter_list list;

    require(i ? part->parent < i : part->parent == PH_PARSER_NONE);
    require(part->type.size >= 3);
    inside(message, part->body);
    inside(message, part->cid);
    look_at_fields(parser, part, message, out);
    ph_parameter_list_init(&list, PH_PARSER_PARAMETERS_ROOM);
    require(ph_parser_parameters(part->type_rest, &list) == PH_OK);
    require(ph_parser_parameters(part->disposition_rest, &list) == PH_OK);
    ph_parameter_list_clear(&list);
    ph_buf_reset(out);
    require(ph_parser_put_content(out, part) == PH_OK);
    require(ph_buf_size(out) <= part->body.size);
    look_at_pieces(part, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span message = { (const char *)at, size };
    static ph_parser *parser; /* kept: a run should cost its input alone */
    const char *error = NULL;
    ph_buf out;

    if (!parser)
        parser = ph_parser_new();
    require(parser != NULL);
    ph_buf_init(&out, 4 * size + PH_PARSER_PIECE);
    if (ph_parser_read(parser, message, &error) == PH_OK) {
        require(error == NULL && ph_parser_count(parser) > 0);
        for (size_t i = 0; i < ph_parser_count(parser); i++)
            look_at_part(parser, i, message, &out);
    } else {
        require(error != NULL);
    }
    ph_buf_clear(&out);
    return 0;
}
