/* parser.h - a received message as a tree of parts (RFC 5322; RFC 2045 to
 * 2047, 2183, 2231): one pass over octets that lie in memory, tolerant of
 * what the world sends, bounded against what it should not.
 *
 * Lines end in CRLF or a bare LF; a missing end boundary, a header without
 * its blank line, a line that is no field do no harm. Only a limit stops it.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_PARSER_H
#define PH_MIME_PARSER_H

#include "base/buf.h"
#include "codec/base64.h"
#include "codec/parameter_list.h"
#include "codec/quoted_printable.h"

#pragma GCC visibility push(hidden)

enum {
    PH_PARSER_DEPTH = 32,        /* multiparts within each other */
    PH_PARSER_PARTS = 1000,      /* of a message, the root and all below */
    PH_PARSER_FIELDS = 10000,    /* of all headers */
    PH_PARSER_HEADER = 1048576,  /* octets of all headers */
    PH_PARSER_PARAMETERS = 65536 /* octets of one field's parameters */
};

/* Where there is no part or field. */
#define PH_PARSER_NONE ((size_t)-1)

typedef struct ph_parser_field {
    ph_span name;
    ph_span value; /* as it stands, folds and all, without the last line end */
} ph_parser_field;

/* Spans borrow from the message. */
typedef struct ph_parser_part {
    size_t parent;             /* index, or PH_PARSER_NONE for the root */
    size_t field, field_count; /* its fields, in order */
    ph_span type;        /* "text/plain" in its own letters; never empty */
    ph_span type_rest;   /* what stands behind it: the parameters */
    ph_span disposition; /* "attachment" in its own letters, or empty */
    ph_span disposition_rest;
    ph_span encoding;  /* the transfer encoding, or empty */
    ph_span cid;       /* of Content-ID, without brackets, or empty */
    ph_span body;      /* as it stands */
    bool is_multipart; /* its parts have it as their parent */
} ph_parser_part;

typedef struct ph_parser ph_parser;

/* NULL: no memory. */
ph_parser *ph_parser_new(void);
void ph_parser_free(ph_parser *parser);

/* Reads a message in place of what it read before; borrows its octets until
 * the next call or free. PH_E_MEMORY; PH_E_LIMIT: one of the limits above; the
 * error says which one in a static sentence. */
int ph_parser_read(ph_parser *parser, ph_span message, const char **error);

/* The parts in the order of their headers; the root is 0. */
size_t ph_parser_count(const ph_parser *parser);
const ph_parser_part *ph_parser_get(const ph_parser *parser, size_t index);

/* Field i of a part, 0 <= i < part->field_count. */
const ph_parser_field *ph_parser_field_get(const ph_parser *parser,
                                           const ph_parser_part *part,
                                           size_t i);

/* The value of the part's first field of that name, without case; false:
 * there is none. */
bool ph_parser_find(const ph_parser *parser, const ph_parser_part *part,
                    ph_span name, ph_span *value);

/* Appends a field's value as text: without folds and blanks at its ends,
 * encoded-words decoded. PH_E_LIMIT. */
int ph_parser_put_text(ph_buf *out, ph_span value);

/* Reads what stands behind a value (type_rest, disposition_rest). PH_E_LIMIT:
 * no memory; parameters over PH_PARSER_PARAMETERS are not read: none. */
int ph_parser_parameters(ph_span rest, ph_parameter_list *list);

/* A part's content, piece by piece, its transfer encoding undone; an encoding
 * that is not known counts as none. Borrows the message. */
typedef struct ph_parser_reader {
    ph_span rest;
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
    PH_PARSER_PIECE = 65536 /* octets of a body decoded at a time */
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
