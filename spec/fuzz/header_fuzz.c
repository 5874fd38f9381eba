/* header_fuzz.c - any octets as a header; and any text as a field of ours: it
 * is one field to the parser, its lines are no longer than they may be, and it
 * reads as it was given (RFC 5322, 2.2).
 * SPDX-License-Identifier: MIT */
#include "base/ascii.h"
#include "codec/fold.h"
#include "mime/header.h"
#include "mime/parser.h"

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

static void look(ph_span header)
{
    ph_span value, id, rest = header;
    ph_buf out;

    ph_buf_init(&out, ROOM);
    if (ph_header_find(header, ph_span_text("a"), &value)) {
        require(value.at > header.at &&
                value.at + value.size <= header.at + header.size);
        require(ph_header_decode(&out, value) == PH_OK);
    }
    for (size_t i = 0; i <= header.size; i++)
        if (ph_header_next_id(&rest, true, &id) <= 0)
            break;
    ph_buf_clear(&out);
}

static void lines_fit(ph_span field)
{
    require(field.size > 2 && field.at[field.size - 2] == '\r');
    while (field.size) {
        size_t n = ph_span_find(field, '\n');
        require(n > 0 && n < field.size && field.at[n - 1] == '\r');
        require(n - 1 <= PH_FOLD_HARD);
        field = ph_span_after(field, n + 1);
    }
}

/* The field, its reader's view of it, and the decoded text. */
static void check(ph_parser *parser, ph_buf *wire, ph_span text)
{
    ph_span name = ph_span_text("Subject"), value;
    const char *error;
    ph_buf out;

    ph_buf_init(&out, ROOM);
    lines_fit(ph_buf_span(wire));
    require(ph_header_find(ph_buf_span(wire), name, &value));
    require(ph_header_decode(&out, value) == PH_OK);
    require(ph_span_equal(ph_buf_span(&out), text));
    ph_buf_reset(&out);
    require(ph_buf_put_text(wire, "\r\nbody") == PH_OK);
    require(ph_parser_read(parser, ph_buf_span(wire), &error) == PH_OK);
    const ph_parser_part *root = ph_parser_get(parser, 0);
    require(ph_parser_count(parser) == 1 && root->field_count == 1);
    require(ph_span_equal(root->body, ph_span_text("body")));
    require(ph_parser_find(parser, root, name, &value));
    require(ph_parser_put_text(&out, value) == PH_OK);
    require(ph_span_equal(ph_buf_span(&out), text));
    ph_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    ph_span text = { (const char *)at, size };
    static ph_parser *parser; /* kept: a run should cost its input alone */
    ph_buf wire;

    if (!parser)
        parser = ph_parser_new();
    require(parser != NULL);
    look(text);
    ph_buf_init(&wire, ROOM);
    if (ph_header_put_text(&wire, ph_span_text("Subject"), text) == PH_OK)
        check(parser, &wire, text);
    else
        require(ph_header_fault(text) != NULL);
    ph_buf_clear(&wire);
    return 0;
}
