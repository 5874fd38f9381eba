/* lph_message.c - messages as a userdata, for posthorn.message and
 * posthorn.raw, which know what bodies and sources are.
 * SPDX-License-Identifier: MIT */
#include "lph_core.h"
#include "lph_message.h"
#include "mime/header.h"

#define CLASS "posthorn.core.message"

enum {
    DECODED = 1 << 22 /* octets of a decoded field */
};

typedef struct lph_message {
    ph_message *message;
    ph_writer *writer; /* of the octets under way, so that none is lost */
} lph_message;

ph_message *lph_message_check(lua_State *L, int arg)
{
    return ((lph_message *)luaL_checkudata(L, arg, CLASS))->message;
}

void lph_message_keep(lua_State *L, int index)
{
    lph_anchor_get(L, 1);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
}

/* "attachments[3]" and "filename" are one field; the content of a body that
 * is the field itself is not named. Too many of them are no fault of one. */
int lph_message_refuse_part(lua_State *L, int result, const char *field,
                            const ph_part_fault *fault)
{
    const char *name = fault->name ? fault->name : "content";
    const char *bracket = strchr(field, '[');

    if (result == PH_E_LIMIT && !fault->name && bracket) {
        lua_pushlstring(L, field, (size_t)(bracket - field));
        field = lua_tostring(L, -1);
    } else if (strcmp(name, "content") && strcmp(name, "body"))
        field = lua_pushfstring(L, "%s.%s", field, name);
    else if (bracket || !strcmp(field, "calendar"))
        field = lua_pushfstring(L, "%s.content", field);
    return lph_message_fail(L, result, field,
                            fault->message ? fault->message : "is unusable");
}

int lph_message_answer(lua_State *L, int result, const char *field,
                       const ph_part_fault *fault)
{
    if (result < 0)
        return lph_message_refuse_part(L, result, field, fault);
    lua_pushboolean(L, 1);
    return 1;
}

void lph_message_read_body(lua_State *L, int index, ph_body *body)
{
    *body = (ph_body){ .size = PH_SIZE_UNKNOWN };
    if (lua_type(L, index) == LUA_TSTRING) {
        body->octets.at = lua_tolstring(L, index, &body->octets.size);
        lph_message_keep(L, index);
        return;
    }
    body->source = (unsigned)luaL_checkinteger(L, index);
    if (!lua_isnoneornil(L, index + 1))
        body->size = (long long)luaL_checknumber(L, index + 1);
}

int lph_message_read_encoding(lua_State *L, int index, const char *field,
                              ph_transfer_encoding *encoding)
{
    ph_part_fault fault = { "encoding", "is no transfer encoding" };
    ph_span name = { NULL, 0 };

    *encoding = PH_ENCODING_AUTO;
    if (lua_isnoneornil(L, index))
        return 0;
    if (lua_type(L, index) == LUA_TSTRING)
        name.at = lua_tolstring(L, index, &name.size);
    if (ph_transfer_encoding_parse(name, encoding) < 0)
        return lph_message_refuse_part(L, PH_E_INVALID, field, &fault);
    return 0;
}

/* set_text(field, content or source, size, encoding, is_flowed), and set_html
 */
static int set_text(lua_State *L,
                    int (*set)(ph_message *, const ph_body *, ph_part_fault *))
{
    ph_message *message = lph_message_check(L, 1);
    const char *field = luaL_checkstring(L, 2);
    ph_part_fault fault = { NULL, NULL };
    ph_transfer_encoding encoding;
    ph_body body;
    int result;

    lua_settop(L, 6);
    result = lph_message_read_encoding(L, 5, field, &encoding);
    if (result)
        return result;
    lph_message_read_body(L, 3, &body);
    body.encoding = encoding;
    body.is_flowed = lua_toboolean(L, 6);
    return lph_message_answer(L, set(message, &body, &fault), field, &fault);
}

static int message_set_text(lua_State *L)
{
    return set_text(L, ph_message_set_text);
}

static int message_set_html(lua_State *L)
{
    return set_text(L, ph_message_set_html);
}

/* add_alternative(field, type, content or source, size, encoding) */
static int message_add_alternative(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    const char *field = luaL_checkstring(L, 2);
    ph_part_fault fault = { "type", "is no string" };
    ph_transfer_encoding encoding;
    ph_body body;
    int result;

    lua_settop(L, 6);
    if (lua_type(L, 3) != LUA_TSTRING)
        return lph_message_refuse_part(L, PH_E_INVALID, field, &fault);
    fault = (ph_part_fault){ NULL, NULL };
    result = lph_message_read_encoding(L, 6, field, &encoding);
    if (result)
        return result;
    lph_message_read_body(L, 4, &body);
    body.encoding = encoding;
    result = ph_message_add_alternative(message, &body, lph_check_span(L, 3),
                                        PH_PLACE_BETTER, &fault);
    return lph_message_answer(L, result, field, &fault);
}

/* set_calendar(content, method) */
static int message_set_calendar(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_part_fault fault = { NULL, NULL };
    ph_body body = { .size = PH_SIZE_UNKNOWN };
    ph_span method = { NULL, 0 };

    lua_settop(L, 3);
    body.octets = lph_check_span(L, 2);
    lph_message_keep(L, 2);
    if (!lua_isnil(L, 3))
        method = lph_check_span(L, 3);
    return lph_message_answer(
        L, ph_message_set_calendar(message, &body, method, &fault), "calendar",
        &fault);
}

/* set_raw(content or source, size, has_lf, is_ended) */
static int message_set_raw(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_part_fault fault = { NULL, NULL };
    ph_body body;
    int result;

    lua_settop(L, 5);
    lph_message_read_body(L, 2, &body);
    body.is_ended = lua_toboolean(L, 5);
    result = ph_message_set_raw(message, &body, lua_toboolean(L, 4), &fault);
    return lph_message_answer(L, result, "body", &fault);
}

/* plan(): true, or nil, message, failure. */
static int message_plan(lua_State *L)
{
    int result = ph_message_plan(lph_message_check(L, 1));

    if (result < 0)
        return lph_message_fail(L, result, "the message", "");
    lua_pushboolean(L, 1);
    return 1;
}

static int no_memory(lua_State *L)
{
    return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                            "out of memory");
}

/* bytes(): the octets of a message without sources, as a server with 8BITMIME
 * and SMTPUTF8 gets them. */
static int message_bytes(lua_State *L)
{
    lph_message *self = luaL_checkudata(L, 1, CLASS);
    int result = ph_message_plan(self->message);

    if (result < 0)
        return lph_message_fail(L, result, "the message", "");
    ph_writer_free(self->writer);
    self->writer = ph_writer_new(self->message, true);
    if (!self->writer)
        return no_memory(L);
    lph_writer_drain(L, self->writer);
    if (ph_writer_next(self->writer) == PH_WRITER_FAILED)
        return lph_failure(L, ph_writer_error(self->writer));
    ph_writer_free(self->writer);
    self->writer = NULL;
    return 1;
}

/* size(eight_bit): octets, or nil; after plan. */
static int message_size(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    long long size;

    if (ph_message_plan(message) < 0)
        return 0;
    size = ph_message_size(message, lua_toboolean(L, 2));
    if (size < 0)
        return 0;
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

/* needs(): whether it needs SMTPUTF8; whether it must travel as 8bit; whether
 * it does when it may. After plan. */
static int message_needs(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);

    lua_pushboolean(L, ph_message_is_unicode(message));
    lua_pushboolean(L, ph_message_needs_eight_bit(message));
    lua_pushboolean(L, ph_message_is_eight_bit(message));
    return 3;
}

/* get(name): decoded text, or nothing. */
static int message_get(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_span name = lph_check_span(L, 2);
    ph_buf *buf = lph_buf_new(L, DECODED);

    if (ph_message_get(message, name, buf) != 1)
        return 0;
    lph_buf_push(L, buf);
    return 1;
}

static int message_gc(lua_State *L)
{
    lph_message *self = luaL_checkudata(L, 1, CLASS);

    ph_writer_free(self->writer);
    ph_message_free(self->message);
    *self = (lph_message){ NULL, NULL };
    return 0;
}

static int message_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", CLASS, lua_touserdata(L, 1));
    return 1;
}

static const luaL_Reg methods[] = {
    { "put_fields", lph_message_put_fields },
    { "put_field", lph_message_put_field },
    { "is_unpaired", lph_message_is_unpaired },
    { "set_text", message_set_text },
    { "set_html", message_set_html },
    { "add_alternative", message_add_alternative },
    { "set_calendar", message_set_calendar },
    { "attach", lph_message_attach },
    { "attach_tables", lph_message_attach_tables },
    { "attach_message", lph_message_attach_message },
    { "set_raw", message_set_raw },
    { "know_raw", lph_message_know_raw },
    { "plan", message_plan },
    { "bytes", message_bytes },
    { "size", message_size },
    { "needs", message_needs },
    { "get", message_get },
    { "envelope", lph_message_envelope },
    { "writer", lph_message_writer },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", message_gc },
    { "__tostring", message_tostring },
    { NULL, NULL },
};

/* message(): an empty one, or nil, message, failure. */
static int message_new(lua_State *L)
{
    lph_message *self = lph_newuserdata(L, sizeof *self);

    *self = (lph_message){ NULL, NULL };
    lph_class_set(L, CLASS);
    lua_createtable(L, 4, 0);
    lph_anchor_set(L, -2);
    self->message = ph_message_new();
    if (!self->message)
        return no_memory(L);
    return 1;
}

void lph_message_open(lua_State *L)
{
    lph_class(L, CLASS, methods, metamethods);
    lua_pushcfunction(L, message_new);
    lua_setfield(L, -2, "message");
}
