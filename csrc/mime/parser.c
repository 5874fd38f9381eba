/* parser.c - a received message as a tree of parts.
 * SPDX-License-Identifier: MIT */
#include "parser.h"
#include "base/ascii.h"
#include "base/mem.h"
#include "codec/charset.h"
#include "codec/encoded_word.h"
#include "codec/fold.h"

enum {
    BOUNDARY = 256 /* octets of a boundary; RFC 2046, 5.1.1 allows 70 */
};

/* What the line under way belongs to. */
typedef enum place {
    HEADER,
    BODY /* or preamble, or epilogue */
} place;

/* A multipart whose end was not seen so far. */
typedef struct open_part {
    size_t index;
    size_t size; /* of its boundary */
    char boundary[BOUNDARY];
} open_part;

struct ph_parser {
    ph_span message;
    char line_feed;  /* what ends a line, with or without a CR before it */
    size_t start;    /* where the first line begins */
    size_t at;       /* where the next line begins */
    size_t line_end; /* of the line before: where its own end began */
    place place;
    size_t current; /* the part whose header or body is read */

    ph_parser_part *parts;
    size_t part_count, part_capacity;
    ph_parser_field *fields;
    size_t field_count, field_capacity;
    size_t header_size; /* octets of all headers so far */

    open_part open[PH_PARSER_DEPTH];
    size_t depth;
    ph_parameter_list list; /* for finding a boundary */
    const char *error;
};

static int limit(ph_parser *parser, const char *sentence)
{
    parser->error = sentence;
    return PH_E_LIMIT;
}

static int no_memory(ph_parser *parser)
{
    parser->error = "no memory is left to read the message";
    return PH_E_MEMORY;
}

/* ----- values */

static bool is_space(char c)
{
    return ph_ascii_is_blank(c) || c == '\r' || c == '\n';
}

static ph_span trim(ph_span text)
{
    while (text.size && is_space(text.at[0]))
        text = ph_span_after(text, 1);
    while (text.size && is_space(text.at[text.size - 1]))
        text.size--;
    return text;
}

/* The token at the start of text; "/" is one more character of it. */
static ph_span take_token(ph_span *text, bool is_type)
{
    ph_span value = trim(*text);
    size_t n = 0;

    while (n < value.size &&
           (ph_ascii_is_token(value.at[n]) || (is_type && value.at[n] == '/')))
        n++;
    *text = ph_span_after(value, n);
    return ph_span_of(value.at, n);
}

static bool is_type(ph_span text)
{
    size_t slash = ph_span_find(text, '/');

    return slash > 0 && slash + 1 < text.size &&
           ph_span_find(ph_span_after(text, slash + 1), '/') ==
               text.size - slash - 1;
}

static bool starts_with(ph_span text, const char *word)
{
    size_t n = strlen(word);

    return text.size >= n &&
           ph_ascii_equal(ph_span_of(text.at, n), ph_span_text(word));
}

/* The type of a part without a usable Content-Type (RFC 2045, 5.2; RFC 2046,
 * 5.1.5). */
static ph_span default_type(const ph_parser *parser, const ph_parser_part *part)
{
    if (part->parent != PH_PARSER_NONE &&
        ph_ascii_equal(parser->parts[part->parent].type,
                       ph_span_text("multipart/digest")))
        return ph_span_text("message/rfc822");
    return ph_span_text("text/plain");
}

static void read_type(const ph_parser *parser, ph_parser_part *part)
{
    ph_span value;

    part->type = default_type(parser, part);
    if (!ph_parser_find(parser, part, ph_span_text("Content-Type"), &value))
        return;
    value = trim(value);
    ph_span type = take_token(&value, true);
    if (is_type(type))
        part->type = type;
    part->type_rest = value; /* as in "text; charset=utf-8" */
}

static void read_fields(const ph_parser *parser, ph_parser_part *part)
{
    ph_span value;

    read_type(parser, part);
    if (ph_parser_find(parser, part, ph_span_text("Content-Disposition"),
                       &value)) {
        part->disposition = take_token(&value, false);
        part->disposition_rest = value;
    }
    if (ph_parser_find(parser, part, ph_span_text("Content-Transfer-Encoding"),
                       &value))
        part->encoding = take_token(&value, false);
    if (ph_parser_find(parser, part, ph_span_text("Content-ID"), &value)) {
        value = trim(value);
        if (value.size > 1 && value.at[0] == '<' &&
            value.at[value.size - 1] == '>')
            value = ph_span_of(value.at + 1, value.size - 2);
        part->cid = value;
    }
}

/* ----- the tree */

static int add_part(ph_parser *parser, size_t parent)
{
    if (parser->part_count == PH_PARSER_PARTS)
        return limit(parser, "the message has too many parts");
    if (parser->part_count == parser->part_capacity) {
        size_t capacity = parser->part_capacity ? parser->part_capacity * 2 : 8;
        void *parts =
            ph_mem_resize(parser->parts, capacity * sizeof *parser->parts);
        if (!parts)
            return no_memory(parser);
        parser->parts = parts;
        parser->part_capacity = capacity;
    }
    parser->current = parser->part_count++;
    parser->parts[parser->current] = (ph_parser_part){
        .parent = parent,
        .field = parser->field_count,
    };
    parser->place = HEADER;
    return PH_OK;
}

/* A multipart with a boundary is open from here on; any other part is one
 * piece of content. */
static int open_multipart(ph_parser *parser, ph_parser_part *part)
{
    open_part *open;
    ph_span boundary;

    if (!starts_with(part->type, "multipart/"))
        return PH_OK;
    if (ph_parser_parameters(part->type_rest, &parser->list) < 0)
        return no_memory(parser);
    if (!ph_parameter_list_find(&parser->list, ph_span_text("boundary"),
                                &boundary))
        return PH_OK;
    boundary = trim(boundary); /* blanks at a line's end are lost on the way */
    if (!boundary.size || boundary.size > BOUNDARY)
        return PH_OK;
    if (parser->depth == PH_PARSER_DEPTH)
        return limit(parser, "the message's parts nest too deeply");
    open = &parser->open[parser->depth++];
    open->index = parser->current;
    open->size = boundary.size;
    memcpy(open->boundary, boundary.at, boundary.size);
    part->is_multipart = true;
    return PH_OK;
}

/* The header under way is over; the body begins at that offset. */
static int begin_body(ph_parser *parser, size_t start)
{
    ph_parser_part *part = &parser->parts[parser->current];

    part->field_count = parser->field_count - part->field;
    read_fields(parser, part);
    part->body = ph_span_of(parser->message.at + start, 0);
    parser->place = BODY;
    return open_multipart(parser, part);
}

/* Its body goes up to that offset. */
static void end_body(ph_parser *parser, size_t index, size_t end)
{
    ph_parser_part *part = &parser->parts[index];
    size_t start = (size_t)(part->body.at - parser->message.at);

    part->body.size = end > start ? end - start : 0;
}

/* What is open above that depth ends at that offset. */
static int end_parts(ph_parser *parser, size_t depth, size_t end)
{
    if (parser->place == HEADER) {
        int result = begin_body(parser, end);
        if (result < 0)
            return result;
    }
    end_body(parser, parser->current, end);
    while (parser->depth > depth)
        end_body(parser, parser->open[--parser->depth].index, end);
    return PH_OK;
}

/* ----- lines */

/* The number of the open multipart whose boundary the line is, counted from
 * 1, and whether it is the last; 0: it is none. */
static size_t find_boundary(const ph_parser *parser, ph_span line,
                            bool *is_last)
{
    if (line.size < 3 || line.at[0] != '-' || line.at[1] != '-')
        return 0;
    for (size_t i = parser->depth; i > 0; i--) {
        const open_part *open = &parser->open[i - 1];
        ph_span rest = ph_span_after(line, 2);
        if (rest.size < open->size ||
            memcmp(rest.at, open->boundary, open->size) != 0)
            continue;
        rest = ph_span_after(rest, open->size);
        *is_last = starts_with(rest, "--");
        if (!trim(*is_last ? ph_span_after(rest, 2) : rest).size)
            return i;
    }
    return 0;
}

/* start: where the boundary's line begins; the line end before belongs to
 * the boundary (RFC 2046, 5.1.1). */
static int run_boundary(ph_parser *parser, size_t number, bool is_last)
{
    size_t index = parser->open[number - 1].index;
    bool is_preamble = parser->current == index;
    int result = PH_OK;

    if (!is_preamble)
        result = end_parts(parser, number, parser->line_end);
    if (result < 0)
        return result;
    parser->current = index;
    if (!is_last)
        return add_part(parser, index);
    parser->depth = number - 1; /* what follows is its epilogue */
    return PH_OK;
}

static int add_field(ph_parser *parser, ph_span name, ph_span value)
{
    if (parser->field_count == PH_PARSER_FIELDS)
        return limit(parser, "the message has too many header fields");
    if (parser->field_count == parser->field_capacity) {
        size_t capacity =
            parser->field_capacity ? parser->field_capacity * 2 : 32;
        void *fields =
            ph_mem_resize(parser->fields, capacity * sizeof *parser->fields);
        if (!fields)
            return no_memory(parser);
        parser->fields = fields;
        parser->field_capacity = capacity;
    }
    parser->fields[parser->field_count++] = (ph_parser_field){ name, value };
    return PH_OK;
}

/* The name of a field up to its colon; empty: the line is no field. */
static ph_span field_name(ph_span line)
{
    size_t n = ph_span_find(line, ':');
    ph_span name = ph_span_of(line.at, n == line.size ? 0 : n);

    while (name.size && ph_ascii_is_blank(name.at[name.size - 1]))
        name.size--;
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7f)
            return ph_span_of(name.at, 0);
    return name;
}

/* A line of a header; start: where it begins. */
static int run_header(ph_parser *parser, ph_span line, size_t start)
{
    ph_parser_part *part = &parser->parts[parser->current];
    ph_span name;

    while (line.size && line.at[line.size - 1] == '\r')
        line.size--; /* CR CR LF is met, too */
    if (!line.size)
        return begin_body(parser, parser->at);
    parser->header_size += line.size;
    if (parser->header_size > PH_PARSER_HEADER)
        return limit(parser, "the message's headers are too large");
    if (ph_ascii_is_blank(line.at[0]) && parser->field_count > part->field) {
        ph_span *value = &parser->fields[parser->field_count - 1].value;
        value->size = (size_t)(line.at + line.size - value->at);
        return PH_OK;
    }
    name = field_name(line); /* "From :" is one too (RFC 5322, A.6.3) */
    if (!name.size && start == parser->start && starts_with(line, "From "))
        return PH_OK; /* of a mailbox file */
    if (!name.size)
        return begin_body(parser, start);
    size_t colon = ph_span_find(line, ':');
    return add_field(parser, name,
                     ph_span_of(line.at + colon + 1, line.size - colon - 1));
}

static int run_line(ph_parser *parser, ph_span line, size_t start)
{
    bool is_last = false;
    size_t number = find_boundary(parser, line, &is_last);

    if (number)
        return run_boundary(parser, number, is_last);
    return parser->place == HEADER ? run_header(parser, line, start) : PH_OK;
}

/* All lines; once no multipart is open the rest of a body needs no look. */
static int run(ph_parser *parser)
{
    ph_span message = parser->message;
    int result = add_part(parser, PH_PARSER_NONE);

    while (result >= 0 && parser->at < message.size &&
           (parser->depth || parser->place == HEADER)) {
        size_t start = parser->at;
        ph_span rest = ph_span_after(message, start);
        size_t n = ph_span_find(rest, parser->line_feed);
        ph_span line = ph_span_of(rest.at, n);
        parser->at = n < rest.size ? start + n + 1 : message.size;
        if (line.size && line.at[line.size - 1] == '\r')
            line.size--;
        result = run_line(parser, line, start);
        parser->line_end = start + line.size;
    }
    return result < 0 ? result : end_parts(parser, 0, message.size);
}

/* A message without any LF has lines that end in CR, if it has lines; a mark
 * of UTF-8 before it is no part of its first field. */
static void begin(ph_parser *parser, ph_span message)
{
    if (!message.size)
        message.at = "";
    parser->message = message;
    parser->line_feed =
        ph_span_find(message, '\n') < message.size ? '\n' : '\r';
    parser->start = starts_with(message, "\xef\xbb\xbf") ? 3 : 0;
    parser->at = parser->line_end = parser->start;
}

int ph_parser_read(ph_parser *parser, ph_span message, const char **error)
{
    int result;

    begin(parser, message);
    parser->part_count = parser->field_count = 0;
    parser->header_size = parser->depth = 0;
    parser->error = NULL;
    result = run(parser);
    *error = parser->error;
    return result;
}

/* ----- life and looking */

ph_parser *ph_parser_new(void)
{
    ph_parser *parser = ph_mem_zero(sizeof *parser);

    if (parser)
        ph_parameter_list_init(&parser->list, PH_PARSER_PARAMETERS_ROOM);
    return parser;
}

void ph_parser_free(ph_parser *parser)
{
    if (!parser)
        return;
    ph_parameter_list_clear(&parser->list);
    ph_mem_free(parser->parts);
    ph_mem_free(parser->fields);
    ph_mem_free(parser);
}

size_t ph_parser_count(const ph_parser *parser)
{
    return parser->part_count;
}

const ph_parser_part *ph_parser_get(const ph_parser *parser, size_t index)
{
    return &parser->parts[index];
}

const ph_parser_field *ph_parser_field_get(const ph_parser *parser,
                                           const ph_parser_part *part, size_t i)
{
    return &parser->fields[part->field + i];
}

bool ph_parser_find(const ph_parser *parser, const ph_parser_part *part,
                    ph_span name, ph_span *value)
{
    for (size_t i = 0; i < part->field_count; i++) {
        const ph_parser_field *field = ph_parser_field_get(parser, part, i);
        if (ph_ascii_equal(field->name, name)) {
            *value = field->value;
            return true;
        }
    }
    return false;
}

/* ----- decoding */

int ph_parser_put_line(ph_buf *out, ph_span value)
{
    ph_buf flat;
    int result;

    ph_buf_init(&flat, PH_PARSER_HEADER);
    result = ph_fold_undo(&flat, value);
    if (result >= 0)
        result =
            ph_charset_put(out, PH_CHARSET_US_ASCII, trim(ph_buf_span(&flat)));
    ph_buf_clear(&flat);
    return result;
}

int ph_parser_put_text(ph_buf *out, ph_span value)
{
    ph_buf line;
    int result;

    ph_buf_init(&line, (size_t)3 * PH_PARSER_HEADER);
    result = ph_parser_put_line(&line, value);
    if (result >= 0)
        result = ph_encoded_word_decode(out, ph_buf_span(&line));
    ph_buf_clear(&line);
    return result;
}

int ph_parser_parameters(ph_span rest, ph_parameter_list *list)
{
    ph_buf flat;
    int result;

    if (rest.size > PH_PARSER_PARAMETERS)
        rest.size = 0;
    ph_buf_init(&flat, PH_PARSER_PARAMETERS);
    result = ph_fold_undo(&flat, rest);
    if (result >= 0)
        result = ph_parameter_list_parse(list, ph_buf_span(&flat));
    ph_buf_clear(&flat);
    return result;
}
