/* lph_parser.c - a received message's tree as a userdata; parts are numbered
 * from 1 in the order of their headers.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"
#include "base/ascii.h"
#include "codec/charset.h"
#include "codec/flowed.h"
#include "mime/parser_reader.h"

#define PARSER "posthorn.parser"

enum {
    TEXT = 3 * PH_PARSER_HEADER, /* octets of a field's decoded text */
    KEPT = 65536                 /* octets of scratch that are kept */
};

/* All memory hangs here, so that whatever raises leaves it to __gc. */
typedef struct lph_parser {
    ph_parser *parser;
    ph_parameter_list list;
    ph_buf scratch, other;
} lph_parser;

static lph_parser *check_parser(lua_State *L)
{
    return luaL_checkudata(L, 1, PARSER);
}

static const ph_parser_part *check_part(lua_State *L, const lph_parser *self)
{
    lua_Integer index = luaL_checkinteger(L, 2);

    luaL_argcheck(L,
                  index >= 1 && (size_t)index <= ph_parser_count(self->parser),
                  2, "no such part");
    return ph_parser_get(self->parser, (size_t)index - 1);
}

static int no_memory(lua_State *L)
{
    return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                            "no memory to read the message");
}

static void push_span(lua_State *L, ph_span span)
{
    lua_pushlstring(L, span.size ? span.at : "", span.size);
}

/* Pushes the buffer's content and makes it empty. */
static void push_buf(lua_State *L, ph_buf *buf)
{
    push_span(L, ph_buf_span(buf));
    if (buf->capacity > KEPT)
        ph_buf_clear(buf);
    ph_buf_reset(buf);
}

static ph_buf *empty(ph_buf *buf, size_t limit)
{
    ph_buf_clear(buf);
    ph_buf_init(buf, limit);
    return buf;
}

/* Pushes a word in lower case, at most 128 octets of it. */
static void push_lower(lua_State *L, ph_span word)
{
    char room[128];
    size_t n = word.size < sizeof room ? word.size : sizeof room;

    for (size_t i = 0; i < n; i++)
        room[i] = ph_ascii_lower(word.at[i]);
    lua_pushlstring(L, room, n);
}

/* ----- a part's facts */

static int push_parameters(lua_State *L, lph_parser *self, ph_span rest)
{
    if (ph_parser_parameters(rest, &self->list) < 0)
        return PH_E_LIMIT;
    lua_newtable(L);
    for (size_t i = 0; i < self->list.count; i++) {
        push_span(L, ph_parameter_list_name(&self->list, i));
        push_span(L, ph_parameter_list_value(&self->list, i));
        lua_rawset(L, -3);
    }
    return PH_OK;
}

/* The filename of Content-Disposition, else the name of Content-Type, which
 * is on top of the stack as a table; pushes it or nil. */
static int push_filename(lua_State *L, lph_parser *self,
                         const ph_parser_part *part)
{
    ph_span name;

    if (ph_parser_parameters(part->disposition_rest, &self->list) < 0)
        return PH_E_LIMIT;
    if (ph_parameter_list_find(&self->list, ph_span_text("filename"), &name))
        push_span(L, name);
    else
        lua_getfield(L, -1, "name");
    return PH_OK;
}

/* part(i): { type, parameters, disposition, filename, cid, parent,
 * is_multipart } */
static int parser_part(lua_State *L)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);

    lua_createtable(L, 0, 8);
    push_lower(L, part->type);
    lua_setfield(L, -2, "type");
    if (push_parameters(L, self, part->type_rest) < 0)
        return no_memory(L);
    if (push_filename(L, self, part) < 0)
        return no_memory(L);
    lua_setfield(L, -3, "filename");
    lua_setfield(L, -2, "parameters");
    if (part->disposition.size) {
        push_lower(L, part->disposition);
        lua_setfield(L, -2, "disposition");
    }
    if (part->cid.size) {
        push_span(L, part->cid);
        lua_setfield(L, -2, "cid");
    }
    if (part->parent != PH_PARSER_NONE) {
        lua_pushinteger(L, (lua_Integer)part->parent + 1);
        lua_setfield(L, -2, "parent");
    }
    lua_pushboolean(L, part->is_multipart);
    lua_setfield(L, -2, "is_multipart");
    return 1;
}

static int parser_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ph_parser_count(check_parser(L)->parser));
    return 1;
}

/* Pushes a field's decoded text; PH_E_LIMIT. */
static int push_text(lua_State *L, lph_parser *self, ph_span value)
{
    ph_buf *out = &self->scratch;

    ph_buf_reset(out);
    out->limit = TEXT;
    if (ph_parser_put_text(out, value) < 0)
        return PH_E_LIMIT;
    push_buf(L, out);
    return PH_OK;
}

/* header(i, name): decoded text of the first such field, or nil. */
static int parser_header(lua_State *L)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);
    ph_span name = lph_check_span(L, 3), value;

    if (!ph_parser_find(self->parser, part, name, &value)) {
        lua_pushnil(L);
        return 1;
    }
    return push_text(L, self, value) < 0 ? no_memory(L) : 1;
}

/* An array of { name, value } of the part's fields. */
static int push_fields(lua_State *L, bool is_decoded)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);

    lua_createtable(L, (int)part->field_count, 0);
    for (size_t i = 0; i < part->field_count; i++) {
        const ph_parser_field *field =
            ph_parser_field_get(self->parser, part, i);
        lua_createtable(L, 2, 0);
        push_span(L, field->name);
        lua_rawseti(L, -2, 1);
        if (!is_decoded)
            push_span(L, field->value);
        else if (push_text(L, self, field->value) < 0)
            return no_memory(L);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* headers(i): array of { name, decoded text }. */
static int parser_headers(lua_State *L)
{
    return push_fields(L, true);
}

/* fields(i): array of { name, octets as they stand, folds and all }. */
static int parser_fields(lua_State *L)
{
    return push_fields(L, false);
}

/* ----- content */

static int decode(lph_parser *self, const ph_parser_part *part)
{
    return ph_parser_put_content(
        empty(&self->scratch, ph_parser_content_room(part)), part);
}

/* content(i): its octets, the transfer encoding undone. */
static int parser_content(lua_State *L)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);

    if (decode(self, part) < 0)
        return no_memory(L);
    push_buf(L, &self->scratch);
    return 1;
}

/* What was made of the content takes its place. */
static int swap(lph_parser *self, int result)
{
    ph_buf made = self->other;

    if (result < 0)
        return result;
    self->other = self->scratch;
    self->scratch = made;
    return result;
}

/* The content becomes UTF-8, if its charset is known. */
static int undo_charset(lph_parser *self)
{
    ph_span octets = ph_buf_span(&self->scratch), name = { NULL, 0 };
    ph_charset charset;

    ph_parameter_list_find(&self->list, ph_span_text("charset"), &name);
    charset = ph_charset_find(name);
    if (charset == PH_CHARSET_UTF_8 || charset == PH_CHARSET_UNKNOWN)
        return PH_OK;
    return swap(self, ph_charset_put(empty(&self->other, 3 * octets.size),
                                     charset, octets));
}

static bool has_parameter(lph_parser *self, const char *name, const char *value)
{
    ph_span told = { NULL, 0 };

    ph_parameter_list_find(&self->list, ph_span_text(name), &told);
    return ph_ascii_equal(told, ph_span_text(value));
}

/* The lines of plain text are joined, if they flow (RFC 3676, 4). */
static int undo_flowed(lph_parser *self, const ph_parser_part *part)
{
    ph_span text = ph_buf_span(&self->scratch);

    if (!ph_ascii_equal(part->type, ph_span_text("text/plain")) ||
        !has_parameter(self, "format", "flowed"))
        return PH_OK;
    return swap(self, ph_flowed_undo(empty(&self->other, 2 * text.size), text,
                                     has_parameter(self, "delsp", "yes")));
}

/* text(i): its content as it is to be read: in UTF-8, where its charset is
 * known, and each paragraph in a line. */
static int parser_text(lua_State *L)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);

    if (ph_parser_parameters(part->type_rest, &self->list) < 0 ||
        decode(self, part) < 0 || undo_charset(self) < 0 ||
        undo_flowed(self, part) < 0)
        return no_memory(L);
    empty(&self->other, TEXT);
    push_buf(L, &self->scratch);
    return 1;
}

/* ----- content in pieces */

#define READER "posthorn.parser.reader"

/* Anchors the parser, and so the message. */
typedef struct lph_reader {
    ph_parser_reader reader;
    ph_buf piece;
} lph_reader;

/* read(): the next octets, at most some 64 KiB; nil at the end. */
static int reader_read(lua_State *L)
{
    lph_reader *self = luaL_checkudata(L, 1, READER);
    int result;

    ph_buf_reset(&self->piece);
    do
        result = ph_parser_reader_put(&self->reader, &self->piece);
    while (result > 0 && !ph_buf_size(&self->piece));
    if (result < 0)
        return no_memory(L);
    if (!ph_buf_size(&self->piece))
        return 0;
    push_span(L, ph_buf_span(&self->piece));
    return 1;
}

static int reader_gc(lua_State *L)
{
    lph_reader *self = luaL_checkudata(L, 1, READER);

    ph_buf_clear(&self->piece);
    return 0;
}

static const luaL_Reg reader_methods[] = {
    { "read", reader_read },
    { NULL, NULL },
};

static const luaL_Reg reader_metamethods[] = {
    { "__gc", reader_gc },
    { NULL, NULL },
};

/* reader(i): reads a part's content in pieces. */
static int parser_reader(lua_State *L)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);
    lph_reader *reader = lph_newuserdata(L, sizeof *reader);

    ph_parser_reader_init(&reader->reader, part);
    ph_buf_init(&reader->piece, (size_t)2 * PH_PARSER_PIECE);
    lph_class(L, READER, reader_methods, reader_metamethods);
    lph_class_set(L, READER);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, 1);
    lph_anchor_set(L, -2);
    return 1;
}

/* line(i, name): the first such field in one line, in UTF-8, its
 * encoded-words as they are; or nil. */
static int parser_line(lua_State *L)
{
    lph_parser *self = check_parser(L);
    const ph_parser_part *part = check_part(L, self);
    ph_span value;

    if (!ph_parser_find(self->parser, part, lph_check_span(L, 3), &value))
        return 0;
    if (ph_parser_put_line(empty(&self->scratch, TEXT), value) < 0)
        return no_memory(L);
    push_buf(L, &self->scratch);
    return 1;
}

/* ----- life */

static int parser_gc(lua_State *L)
{
    lph_parser *self = check_parser(L);

    ph_parser_free(self->parser);
    self->parser = NULL;
    ph_parameter_list_clear(&self->list);
    ph_buf_clear(&self->scratch);
    ph_buf_clear(&self->other);
    return 0;
}

static int parser_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", PARSER, (void *)check_parser(L));
    return 1;
}

static const luaL_Reg methods[] = {
    { "count", parser_count },     { "part", parser_part },
    { "header", parser_header },   { "headers", parser_headers },
    { "line", parser_line },       { "fields", parser_fields },
    { "content", parser_content }, { "text", parser_text },
    { "reader", parser_reader },   { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", parser_gc },
    { "__tostring", parser_tostring },
    { NULL, NULL },
};

/* parser(octets): the tree; the string is anchored. */
static int core_parser(lua_State *L)
{
    ph_span message = lph_check_span(L, 1);
    const char *error = NULL;
    lph_parser *self;
    int result;

    lua_settop(L, 1);
    self = lph_newuserdata(L, sizeof *self);
    memset(self, 0, sizeof *self);
    ph_parameter_list_init(&self->list, PH_PARSER_PARAMETERS_ROOM);
    lph_class(L, PARSER, methods, metamethods);
    lph_class_set(L, PARSER);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, 1);
    lph_anchor_set(L, -2);
    self->parser = ph_parser_new();
    if (!self->parser)
        return no_memory(L);
    result = ph_parser_read(self->parser, message, &error);
    if (result < 0)
        return lph_failure_kind(L, result,
                                result == PH_E_MEMORY ? PH_CLASS_TEMPORARY
                                                      : PH_CLASS_PERMANENT,
                                PH_PHASE_BUILD, error);
    return 1;
}

static const luaL_Reg functions[] = {
    { "parser", core_parser },
    { NULL, NULL },
};

void lph_parser_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
