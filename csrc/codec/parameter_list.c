/* parameter_list.c - parameters of MIME fields, read (RFC 2045, 5.1;
 * RFC 2231).
 * SPDX-License-Identifier: MIT */
#include "parameter_list.h"
#include "base/ascii.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "charset.h"
#include "comment.h"
#include "encoded_word.h"
#include "quoted_string.h"

/* A parameter as it stands in the field. */
struct piece {
    ph_span name;    /* without "*" and number */
    ph_span value;   /* without quotation marks */
    int section;     /* -1: not one of several */
    bool is_encoded; /* a "*" stood before "=" */
    bool is_quoted;
    bool is_done;
};

struct ph_parameter_item {
    size_t name, name_size, value, value_size; /* in text */
};

static ph_span take_token(ph_span *rest)
{
    ph_span token = ph_span_of(rest->at, 0);

    while (token.size < rest->size && ph_ascii_is_token(rest->at[token.size]))
        token.size++;
    *rest = ph_span_after(*rest, token.size);
    return token;
}

/* A quoted-string without its marks; one that never ends takes all the rest. */
static ph_span take_quoted(ph_span *rest)
{
    size_t size = ph_quoted_string_end(*rest);
    ph_span value = ph_span_of(rest->at + 1, size ? size - 2 : rest->size - 1);

    *rest = ph_span_after(*rest, size ? size : rest->size);
    return value;
}

/* What stands before ";": a token by the RFC, in fact often more, as in
 * filename=my report.pdf; a comment behind a blank ends it. */
static ph_span take_bare(ph_span *rest)
{
    size_t size = 0, i = 0;

    for (; i < rest->size && rest->at[i] != ';'; i++) {
        char c = rest->at[i];
        if (c == '(' && i > size)
            break;
        if (!ph_ascii_is_blank(c) && !ph_ascii_is_control(c))
            size = i + 1;
    }
    ph_span value = ph_span_of(rest->at, size);
    *rest = ph_span_after(*rest, i);
    return value;
}

/* Splits "name*2*" into its parts; a number that is none leaves the name as
 * it is. */
static void split_name(struct piece *piece)
{
    ph_span name = piece->name;
    size_t star, i;
    int section = 0;

    if (name.size > 1 && name.at[name.size - 1] == '*') {
        piece->is_encoded = true;
        name.size--;
    }
    piece->name = name;
    star = ph_span_find(name, '*');
    for (i = star + 1; i < name.size && ph_ascii_is_digit(name.at[i]); i++)
        if (section < PH_PARAMETER_LIST_COUNT)
            section = section * 10 + (name.at[i] - '0');
    if (star && i == name.size && i > star + 1) {
        piece->section = section;
        piece->name.size = star;
    }
}

/* The next parameter; false: what stands there is none. */
static bool take_piece(ph_span *rest, struct piece *piece)
{
    *piece = (struct piece){ .section = -1 };
    *rest = ph_comment_skip(*rest);
    piece->name = take_token(rest);
    *rest = ph_comment_skip(*rest);
    if (!piece->name.size || !rest->size || *rest->at != '=')
        return false;
    *rest = ph_comment_skip(ph_span_after(*rest, 1));
    piece->is_quoted = rest->size && *rest->at == '"';
    piece->value = piece->is_quoted ? take_quoted(rest) : take_bare(rest);
    split_name(piece);
    return true;
}

static size_t take_pieces(ph_span rest, struct piece *pieces)
{
    size_t count = 0;

    while (rest.size && count < PH_PARAMETER_LIST_COUNT) {
        count += take_piece(&rest, &pieces[count]);
        rest = ph_comment_skip(rest);
        if (rest.size && *rest.at == '(')
            break; /* a comment that never ends */
        rest = ph_span_after(rest, ph_span_find(rest, ';') + 1);
    }
    return count;
}

/* Appends a value's octets: escapes undone as the form has them. */
static int put_octets(ph_buf *out, const struct piece *piece)
{
    char *room, *next;
    ph_span value = piece->value;
    int result = ph_buf_reserve(out, value.size, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.at[i];
        bool has_two = i + 2 < value.size;
        if (piece->is_encoded && c == '%' && has_two &&
            ph_ascii_hex(value.at[i + 1]) >= 0 &&
            ph_ascii_hex(value.at[i + 2]) >= 0) {
            c = (char)(ph_ascii_hex(value.at[i + 1]) << 4 |
                       ph_ascii_hex(value.at[i + 2]));
            i += 2;
        } else if (piece->is_quoted && c == '\\' && i + 1 < value.size) {
            c = value.at[++i];
        } else if (c == '\r' || c == '\n') {
            continue; /* a fold inside a quoted-string */
        }
        *next++ = c;
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

/* Takes charset'language' off the first of several. */
static ph_charset take_charset(struct piece *piece)
{
    size_t first = ph_span_find(piece->value, '\'');
    ph_span rest = ph_span_after(piece->value, first + 1);
    size_t second = ph_span_find(rest, '\'');
    ph_charset charset;

    if (!piece->is_encoded || second == rest.size)
        return PH_CHARSET_US_ASCII; /* none named */
    charset = ph_charset_find(ph_span_of(piece->value.at, first));
    piece->value = ph_span_after(rest, second + 1);
    return charset;
}

/* All pieces of a field, and the list they become. */
struct reader {
    ph_parameter_list *list;
    struct piece *pieces;
    size_t count;
    ph_buf octets;
};

/* The piece of that name and section, an encoded one if there is one. */
static struct piece *find_section(struct reader *reader, ph_span name,
                                  int section)
{
    for (size_t i = 0; i < reader->count; i++) {
        struct piece *piece = &reader->pieces[i];
        if (piece->section == section && ph_ascii_equal(piece->name, name))
            return piece;
    }
    return NULL;
}

static struct piece *find_encoded(struct reader *reader, ph_span name)
{
    for (size_t i = 0; i < reader->count; i++) {
        struct piece *piece = &reader->pieces[i];
        if (piece->section < 0 && piece->is_encoded &&
            ph_ascii_equal(piece->name, name))
            return piece;
    }
    return NULL;
}

/* A value without RFC 2231: by the letter without encoded-words and in ASCII,
 * in fact often with either. */
static int put_plain(struct reader *reader, const struct piece *piece)
{
    int result = put_octets(&reader->octets, piece);
    ph_span octets = ph_buf_span(&reader->octets);

    if (result < 0)
        return result;
    if (!ph_utf8_is_valid(octets))
        return ph_charset_put(&reader->list->text, PH_CHARSET_US_ASCII, octets);
    return ph_encoded_word_decode(&reader->list->text, octets);
}

/* The value of a name: "name*0...", else "name*", else "name". */
static int put_value(struct reader *reader, ph_span name)
{
    ph_charset charset;
    struct piece *piece = find_section(reader, name, 0);
    bool is_several = piece != NULL;
    int section = 0, result = PH_OK;

    if (!piece)
        piece = find_encoded(reader, name);
    if (!piece) {
        piece = find_section(reader, name, -1);
        if (!piece)
            return PH_OK; /* "name*1" without "name*0" */
        return put_plain(reader, piece);
    }
    charset = take_charset(piece);
    while (piece && result == PH_OK) {
        result = put_octets(&reader->octets, piece);
        piece = is_several ? find_section(reader, name, ++section) : NULL;
    }
    if (result < 0)
        return result;
    return ph_charset_put(&reader->list->text, charset,
                          ph_buf_span(&reader->octets));
}

static int put_name(ph_buf *out, ph_span name)
{
    int result = PH_OK;

    for (size_t i = 0; i < name.size && result == PH_OK; i++)
        result = ph_buf_put_char(out, ph_ascii_lower(name.at[i]));
    return result;
}

static int add_item(struct reader *reader, ph_span name)
{
    ph_parameter_list *list = reader->list;
    struct ph_parameter_item *item = &list->items[list->count];
    int result;

    item->name = ph_buf_size(&list->text);
    item->name_size = name.size;
    item->value = item->name + name.size;
    result = put_name(&list->text, name);
    ph_buf_reset(&reader->octets);
    if (result == PH_OK)
        result = put_value(reader, name);
    item->value_size = ph_buf_size(&list->text) - item->value;
    if (result == PH_OK)
        list->count++;
    return result;
}

static void mark_done(struct reader *reader, ph_span name)
{
    for (size_t i = 0; i < reader->count; i++)
        if (ph_ascii_equal(reader->pieces[i].name, name))
            reader->pieces[i].is_done = true;
}

void ph_parameter_list_init(ph_parameter_list *list, size_t limit)
{
    *list = (ph_parameter_list){ 0 };
    ph_buf_init(&list->text, limit);
}

void ph_parameter_list_clear(ph_parameter_list *list)
{
    ph_buf_clear(&list->text);
    ph_mem_free(list->items);
    list->items = NULL;
    list->count = 0;
}

static int read_all(struct reader *reader, ph_span text)
{
    ph_parameter_list *list = reader->list;
    int result = PH_OK;

    reader->count = take_pieces(text, reader->pieces);
    list->items = ph_mem_zero((reader->count + 1) * sizeof *list->items);
    if (!list->items)
        return PH_E_MEMORY;
    for (size_t i = 0; i < reader->count && result == PH_OK; i++) {
        if (reader->pieces[i].is_done)
            continue;
        mark_done(reader, reader->pieces[i].name);
        result = add_item(reader, reader->pieces[i].name);
    }
    return result;
}

int ph_parameter_list_parse(ph_parameter_list *list, ph_span text)
{
    struct reader reader = { .list = list };
    int result = PH_E_MEMORY;

    ph_parameter_list_clear(list);
    ph_buf_init(&reader.octets, text.size + 1);
    reader.pieces =
        ph_mem_alloc(PH_PARAMETER_LIST_COUNT * sizeof *reader.pieces);
    if (reader.pieces)
        result = read_all(&reader, text);
    ph_mem_free(reader.pieces);
    ph_buf_clear(&reader.octets);
    if (result < 0)
        ph_parameter_list_clear(list);
    return result;
}

ph_span ph_parameter_list_name(const ph_parameter_list *list, size_t i)
{
    const struct ph_parameter_item *item = &list->items[i];
    return ph_span_of(ph_buf_span(&list->text).at + item->name,
                      item->name_size);
}

ph_span ph_parameter_list_value(const ph_parameter_list *list, size_t i)
{
    const struct ph_parameter_item *item = &list->items[i];
    return ph_span_of(ph_buf_span(&list->text).at + item->value,
                      item->value_size);
}

bool ph_parameter_list_find(const ph_parameter_list *list, ph_span name,
                            ph_span *value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!ph_ascii_equal(ph_parameter_list_name(list, i), name))
            continue;
        *value = ph_parameter_list_value(list, i);
        return true;
    }
    return false;
}
