/* parser_reader.h - the content of a part that was received, its transfer
 * encoding undone (RFC 2045, 6).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_PARSER_READER_H
#define PH_MIME_PARSER_READER_H

#include "codec/base64.h"
#include "codec/quoted_printable.h"
#include "parser.h"

#pragma GCC visibility push(hidden)

/* A part's content, piece by piece, its transfer encoding undone; an encoding
 * that is not known counts as none. Borrows the message. */
typedef struct ph_parser_reader {
    ph_span rest;
    size_t piece; /* octets of the body decoded at a time: PH_PARSER_PIECE */
    enum {
        PH_PARSER_PLAIN,
        PH_PARSER_BASE64,
        PH_PARSER_QUOTED_PRINTABLE
    } encoding;
    ph_base64_decoder base64;
    ph_quoted_printable_decoder quoted_printable;
    bool is_ended;
} ph_parser_reader;

enum {
    PH_PARSER_PIECE = 65536
};

/* At the start of that part's content. */
void ph_parser_reader_init(ph_parser_reader *reader,
                           const ph_parser_part *part);

/* Appends what the next PH_PARSER_PIECE octets of the body hold, which may be
 * nothing. Returns 1, or 0: the content has ended. PH_E_LIMIT: out is full
 * (it needs room for twice that), or memory. */
int ph_parser_reader_put(ph_parser_reader *reader, ph_buf *out);

/* Appends all of a part's content; out needs room for
 * ph_parser_content_room(part). PH_E_LIMIT. */
int ph_parser_put_content(ph_buf *out, const ph_parser_part *part);

static inline size_t ph_parser_content_room(const ph_parser_part *part)
{
    return part->body.size + PH_PARSER_PIECE;
}

#pragma GCC visibility pop
#endif
