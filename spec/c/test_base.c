/* test_base.c - the units of csrc/base that have no binding: buf, utf8,
 * printable.
 * SPDX-License-Identifier: MIT */
#include "test.h"
#include "base/buf.h"
#include "base/printable.h"
#include "base/utf8.h"

#define BUF "posthorn.test.buf"

static ph_buf *check_buf(lua_State *L)
{
    return luaL_checkudata(L, 1, BUF);
}

static size_t check_size(lua_State *L, int arg)
{
    lua_Integer n = luaL_checkinteger(L, arg);
    luaL_argcheck(L, n >= 0, arg, "not negative");
    return (size_t)n;
}

/* true, or nil and the kind's name. */
static int push_result(lua_State *L, int result)
{
    if (result >= 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, ph_error_kind_name(result));
    return 2;
}

static int push_size(lua_State *L, size_t size)
{
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

static int buf_put(lua_State *L)
{
    ph_buf *buf = check_buf(L);
    return push_result(L, ph_buf_put_span(buf, lph_check_span(L, 2)));
}

static int buf_put_number(lua_State *L)
{
    ph_buf *buf = check_buf(L);
    return push_result(L, ph_buf_put_number(buf, check_size(L, 2)));
}

/* reserve(n, text): room for n octets, of which the text is then used. */
static int buf_reserve(lua_State *L)
{
    ph_buf *buf = check_buf(L);
    size_t n = check_size(L, 2);
    ph_span text = lph_check_span(L, 3);
    char *room;
    int result;

    luaL_argcheck(L, text.size <= n, 3, "longer than its room");
    result = ph_buf_reserve(buf, n, &room);
    if (result >= 0 && text.size) {
        memcpy(room, text.at, text.size);
        ph_buf_added(buf, text.size);
    }
    return push_result(L, result);
}

static int buf_consume(lua_State *L)
{
    ph_buf_consume(check_buf(L), check_size(L, 2));
    return 0;
}

static int buf_truncate(lua_State *L)
{
    ph_buf_truncate(check_buf(L), check_size(L, 2));
    return 0;
}

/* replace(offset, n, text) */
static int buf_replace(lua_State *L)
{
    ph_buf *buf = check_buf(L);
    size_t offset = check_size(L, 2), n = check_size(L, 3);

    luaL_argcheck(L, offset <= ph_buf_size(buf), 2, "out of range");
    luaL_argcheck(L, n <= ph_buf_size(buf) - offset, 3, "out of range");
    return push_result(L, ph_buf_replace(buf, offset, n, lph_check_span(L, 4)));
}

static int buf_reset(lua_State *L)
{
    ph_buf_reset(check_buf(L));
    return 0;
}

static int buf_clear(lua_State *L)
{
    ph_buf_clear(check_buf(L));
    return 0;
}

static int buf_wipe(lua_State *L)
{
    ph_buf_wipe(check_buf(L));
    return 0;
}

static int buf_content(lua_State *L)
{
    ph_span span = ph_buf_span(check_buf(L));
    lua_pushlstring(L, span.size ? span.at : "", span.size);
    return 1;
}

static int buf_size(lua_State *L)
{
    return push_size(L, ph_buf_size(check_buf(L)));
}

static int buf_room(lua_State *L)
{
    return push_size(L, ph_buf_room(check_buf(L)));
}

static int buf_capacity(lua_State *L)
{
    return push_size(L, check_buf(L)->capacity);
}

static const luaL_Reg buf_methods[] = {
    { "put", buf_put },           { "put_number", buf_put_number },
    { "reserve", buf_reserve },   { "consume", buf_consume },
    { "truncate", buf_truncate }, { "replace", buf_replace },
    { "reset", buf_reset },       { "clear", buf_clear },
    { "wipe", buf_wipe },         { "content", buf_content },
    { "size", buf_size },         { "room", buf_room },
    { "capacity", buf_capacity }, { NULL, NULL },
};

static const luaL_Reg buf_metamethods[] = {
    { "__gc", buf_clear },
    { NULL, NULL },
};

int lph_test_buf(lua_State *L)
{
    size_t limit = check_size(L, 1);
    ph_buf *buf;

    lph_class(L, BUF, buf_methods, buf_metamethods);
    buf = lph_newuserdata(L, sizeof *buf);
    ph_buf_init(buf, limit);
    lph_class_set(L, BUF);
    return 1;
}

int lph_test_borrowed(lua_State *L)
{
    char room[64];
    size_t size = check_size(L, 1);
    ph_buf buf;
    ph_span content;
    int result;

    luaL_argcheck(L, size <= sizeof room, 1, "at most 64");
    if (lua_isnoneornil(L, 3))
        ph_buf_borrow(&buf, room, size);
    else
        ph_buf_begin(&buf, room, size, check_size(L, 3));
    result = ph_buf_put_span(&buf, lph_check_span(L, 2));
    content = ph_buf_span(&buf);
    lua_pushlstring(L, content.at, content.size);
    lua_pushboolean(L, content.at >= room && content.at < room + sizeof room);
    ph_buf_clear(&buf);
    return result < 0 ? push_result(L, result) : 2;
}

int lph_test_utf8(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    uint32_t point = 0;

    lua_pushboolean(L, ph_utf8_is_valid(text));
    push_size(L, ph_utf8_next(text, &point));
    push_size(L, point);
    return 3;
}

int lph_test_printable(lua_State *L)
{
    ph_buf *buf = luaL_checkudata(L, 1, BUF);
    ph_span text = lph_check_span(L, 2);
    return push_result(L, ph_printable_put(buf, text, check_size(L, 3)));
}
