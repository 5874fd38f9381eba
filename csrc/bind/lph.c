/* lph.c - what every binding needs: classes, spans, failures, machines.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dladdr */
#include "lph.h"
#include "base/ascii.h"
#include "base/printable.h"

#include <dlfcn.h>

#define FAILURE "posthorn.failure"
#define BUFFER  "posthorn.buffer"
enum {
    SENTENCE = 1024
};

void lph_class(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *metamethods)
{
    if (luaL_newmetatable(L, name)) {
        lua_pushvalue(L, -1);
        luaL_setfuncs(L, metamethods, 1);
        lua_pushstring(L, name);
        lua_setfield(L, -2, "__name");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_newtable(L);
        lua_pushvalue(L, -2);
        luaL_setfuncs(L, methods, 1);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

void *lph_self(lua_State *L, const char *name)
{
    void *self = lua_touserdata(L, 1);

    if (self && lua_getmetatable(L, 1)) {
        bool is_own = lua_rawequal(L, -1, lua_upvalueindex(1));
        lua_pop(L, 1);
        if (is_own)
            return self;
    }
    return luaL_checkudata(L, 1, name);
}

void lph_class_set(lua_State *L, const char *name)
{
    luaL_getmetatable(L, name);
    lua_setmetatable(L, -2);
}

ph_span lph_check_span(lua_State *L, int arg)
{
    ph_span span;

    luaL_checktype(L, arg, LUA_TSTRING);
    span.at = lua_tolstring(L, arg, &span.size);
    return span;
}

/* Leaves the option on the stack when it is of that type; false: nil. */
static bool option(lua_State *L, int table, const char *name, int type)
{
    lua_getfield(L, table, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    if (lua_type(L, -1) != type)
        luaL_error(L, "option '%s' must be a %s, not a %s", name,
                   lua_typename(L, type), luaL_typename(L, -1));
    return true;
}

ph_span lph_option_span(lua_State *L, int table, const char *name)
{
    ph_span span = { NULL, 0 };

    if (option(L, table, name, LUA_TSTRING)) {
        span.at = lua_tolstring(L, -1, &span.size);
        lua_pop(L, 1);
    }
    return span;
}

bool lph_option_bool(lua_State *L, int table, const char *name, bool fallback)
{
    if (option(L, table, name, LUA_TBOOLEAN)) {
        fallback = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    return fallback;
}

double lph_option_number(lua_State *L, int table, const char *name,
                         double fallback)
{
    if (option(L, table, name, LUA_TNUMBER)) {
        fallback = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    return fallback;
}

bool lph_option_is_table(lua_State *L, const char *name)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    if (!lua_istable(L, -1))
        luaL_error(L, "option '%s' must be a table, not a %s", name,
                   luaL_typename(L, -1));
    return true;
}

uint32_t lph_option_check(lua_State *L, int table, const char *const *names)
{
    uint32_t seen = 0;
    unsigned i;

    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "unknown option of type %s", luaL_typename(L, -2));
        for (i = 0; names[i] && strcmp(names[i], lua_tostring(L, -2)); i++)
            ;
        if (!names[i])
            luaL_error(L, "unknown option '%s'", lua_tostring(L, -2));
        if (i < 32)
            seen |= (uint32_t)1 << i;
        lua_pop(L, 1);
    }
    return seen;
}

static int failure_tostring(lua_State *L)
{
    lua_getfield(L, 1, "message");
    return 1;
}

void lph_failure_class(lua_State *L)
{
    if (luaL_newmetatable(L, FAILURE)) {
        lua_pushcfunction(L, failure_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushliteral(L, FAILURE);
        lua_setfield(L, -2, "__name");
    }
    lua_setmetatable(L, -2);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (*text) {
        lua_pushstring(L, text);
        lua_setfield(L, -2, name);
    }
}

/* One sentence: what happened, then the peer's own words. The buffer has room
 * for all of it, and none of it is asked of the heap. */
void lph_push_sentence(lua_State *L, const ph_error *error)
{
    char room[SENTENCE];
    ph_buf buf;
    ph_span sentence;

    ph_buf_borrow(&buf, room, sizeof room);
    ph_buf_put_text(&buf, error->message ? error->message : "failed");
    if (error->code || error->text_size)
        ph_buf_put_text(&buf, ":");
    if (error->code) {
        ph_buf_put_text(&buf, " ");
        ph_buf_put_number(&buf, (unsigned long long)error->code);
    }
    if (error->enhanced[0]) {
        ph_buf_put_text(&buf, " ");
        ph_buf_put_text(&buf, error->enhanced);
    }
    if (error->text_size) {
        ph_buf_put_text(&buf, " ");
        ph_printable_put(&buf, ph_span_of(error->text, error->text_size),
                         PH_PRINTABLE_LIMIT);
    }
    sentence = ph_buf_span(&buf);
    lua_pushlstring(L, sentence.at, sentence.size);
}

static int buffer_gc(lua_State *L)
{
    ph_buf_clear(lua_touserdata(L, 1));
    return 0;
}

ph_buf *lph_buf_new(lua_State *L, size_t limit)
{
    static const luaL_Reg methods[] = { { NULL, NULL } };
    static const luaL_Reg metamethods[] = { { "__gc", buffer_gc },
                                            { NULL, NULL } };
    ph_buf *buf;

    lph_class(L, BUFFER, methods, metamethods);
    buf = lph_newuserdata(L, sizeof *buf);
    ph_buf_init(buf, limit);
    lph_class_set(L, BUFFER);
    return buf;
}

void lph_buf_push(lua_State *L, ph_buf *buf)
{
    ph_span content = ph_buf_span(buf);

    lua_pushlstring(L, content.size ? content.at : "", content.size);
    ph_buf_clear(buf);
}

void lph_push_printable(lua_State *L, ph_span text)
{
    char room[SENTENCE];
    ph_buf buf;
    ph_span shown;

    if (text.size && text.size <= PH_PRINTABLE_LIMIT &&
        !ph_ascii_has_control(text) && !ph_ascii_has_high(text)) {
        lua_pushlstring(L, text.at, text.size); /* most are that plain */
        return;
    }
    ph_buf_borrow(&buf, room, sizeof room);
    ph_printable_put(&buf, text, PH_PRINTABLE_LIMIT);
    shown = ph_buf_span(&buf);
    lua_pushlstring(L, shown.at, shown.size);
}

void lph_failure_push(lua_State *L, const ph_error *error)
{
    lua_createtable(L, 0, 8);
    set_text(L, "kind", ph_error_kind_name(error->kind));
    set_text(L, "class", ph_error_class_name(error->class));
    set_text(L, "phase", ph_error_phase_name(error->phase));
    set_text(L, "field", error->field);
    set_text(L, "enhanced", error->enhanced);
    if (error->code) {
        lua_pushinteger(L, error->code);
        lua_setfield(L, -2, "code");
    }
    if (error->text_size || error->code) {
        lph_push_printable(L, ph_span_of(error->text, error->text_size));
        lua_setfield(L, -2, "text");
    }
    lph_push_sentence(L, error);
    lua_setfield(L, -2, "message");
    lph_failure_class(L);
}

int lph_failure(lua_State *L, const ph_error *error)
{
    if (error->kind == PH_E_USAGE)
        return luaL_error(L, "%s", error->message);
    lua_pushnil(L);
    lph_failure_push(L, error);
    lua_getfield(L, -1, "message");
    lua_insert(L, -2);
    return 3;
}

int lph_invalid(lua_State *L, const char *field, const char *message)
{
    ph_error error = { 0 };

    ph_error_set_invalid(&error, field, message);
    return lph_failure(L, &error);
}

int lph_failure_kind(lua_State *L, int kind, ph_class class, ph_phase phase,
                     const char *message)
{
    ph_error error = { 0 };

    ph_error_set(&error, kind, class, phase, message);
    return lph_failure(L, &error);
}

void lph_pin(void)
{
    Dl_info info;

    if (dladdr((void *)(intptr_t)&lph_pin, &info) && info.dli_fname)
        dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}
