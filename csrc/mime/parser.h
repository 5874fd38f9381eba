/* parser.h - a received message as a tree of parts (RFC 5322; RFC 2045 to
 * 2047, 2183, 2231): one pass over octets that lie in memory, tolerant of
 * what the world sends, bounded against what it should not.
 *
 * Lines end in CRLF or a bare LF, or in a bare CR where there is no LF at all;
 * a missing end boundary, a header without its blank line, a line that is no
 * field do no harm. Only a limit stops it: what a filter sees is then nothing,
 * rather than a tree of which the rest is hidden.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_PARSER_H
#define PH_MIME_PARSER_H

#include "base/buf.h"
#include "codec/parameter_list.h"

#pragma GCC visibility push(hidden)

enum {
    PH_PARSER_DEPTH = 32,         /* multiparts within each other */
    PH_PARSER_PARTS = 1000,       /* of a message, the root and all below */
    PH_PARSER_FIELDS = 10000,     /* of all headers */
    PH_PARSER_HEADER = 1048576,   /* octets of all headers */
    PH_PARSER_PARAMETERS = 65536, /* octets of one field's parameters */
    PH_PARSER_PARAMETERS_ROOM = 4 * PH_PARSER_PARAMETERS /* in UTF-8 */
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

/* Appends a field's value in one line, without the blanks at its ends, in
 * UTF-8: octets that are none are read as windows-1252, as old software meant
 * them. At most three octets for each. PH_E_LIMIT. */
int ph_parser_put_line(ph_buf *out, ph_span value);

/* As put_line, and encoded-words decoded. */
int ph_parser_put_text(ph_buf *out, ph_span value);

/* Reads what stands behind a value (type_rest, disposition_rest); the list's
 * limit is PH_PARSER_PARAMETERS_ROOM. PH_E_LIMIT: no memory; parameters over
 * PH_PARSER_PARAMETERS are not read: none. */
int ph_parser_parameters(ph_span rest, ph_parameter_list *list);

#pragma GCC visibility pop
#endif
