/* compat.h - the differences between Lua 5.1, LuaJIT and 5.2 to 5.4; the only
 * place that knows them.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_COMPAT_H
#define PH_BIND_COMPAT_H

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#if defined(__has_include)
#if __has_include(<luajit.h>)
#include <luajit.h>
#endif
#endif
#include <stdio.h>
#include <string.h>

#define LPH_EXPORT __attribute__((visibility("default")))

#if LUA_VERSION_NUM < 502

#define lua_rawlen(L, index)    lua_objlen(L, index)
#define lua_absindex(L, index)  lph_absindex(L, index)
#define luaL_setfuncs(L, l, n)  lph_setfuncs(L, l, n)
#define luaL_testudata(L, i, n) lph_testudata(L, i, n)
#define LUA_OK                  0

static inline int lph_absindex(lua_State *L, int index)
{
    return index > 0 || index <= LUA_REGISTRYINDEX ? index
                                                   : lua_gettop(L) + index + 1;
}

static inline void lph_setfuncs(lua_State *L, const luaL_Reg *list, int n)
{
    for (; list->name; list++) {
        for (int i = 0; i < n; i++)
            lua_pushvalue(L, -n);
        lua_pushcclosure(L, list->func, n);
        lua_setfield(L, -n - 2, list->name);
    }
    lua_pop(L, n);
}

static inline void *lph_testudata(lua_State *L, int index, const char *name)
{
    void *at = lua_touserdata(L, index);
    int equal;

    if (!at || !lua_getmetatable(L, index))
        return NULL;
    luaL_getmetatable(L, name);
    equal = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return equal ? at : NULL;
}

#endif

/* The anchor: one table that lives as long as its userdata. set pops it. */
static inline void lph_anchor_set(lua_State *L, int index)
{
#if LUA_VERSION_NUM < 502
    lua_setfenv(L, index);
#elif LUA_VERSION_NUM < 504
    lua_setuservalue(L, index);
#else
    lua_setiuservalue(L, index, 1);
#endif
}

static inline void lph_anchor_get(lua_State *L, int index)
{
#if LUA_VERSION_NUM < 502
    lua_getfenv(L, index);
#elif LUA_VERSION_NUM < 504
    lua_getuservalue(L, index);
#else
    lua_getiuservalue(L, index, 1);
#endif
}

/* Keeps one value as long as the userdata: by itself where that can be. */
static inline void lph_anchor_value(lua_State *L, int index, int value)
{
    index = lua_absindex(L, index);
    value = lua_absindex(L, value);
#if LUA_VERSION_NUM < 503
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, value);
    lua_rawseti(L, -2, 1);
#else
    lua_pushvalue(L, value);
#endif
    lph_anchor_set(L, index);
}

static inline void *lph_newuserdata(lua_State *L, size_t size)
{
#if LUA_VERSION_NUM < 504
    return lua_newuserdata(L, size);
#else
    return lua_newuserdatauv(L, size, 1);
#endif
}

/* The file in a userdata of class LUA_FILEHANDLE; NULL: it was closed. */
static inline FILE *lph_file_at(void *handle)
{
#if LUA_VERSION_NUM < 502
    return *(FILE **)handle;
#else
    luaL_Stream *stream = handle;
    return stream->closef ? stream->f : NULL;
#endif
}

/* Whether a yield would reach the resume of this coroutine. PUC Lua 5.1 does
 * not tell: there no C function and no iterator of a for loop may be below us
 * (nor a metamethod, which cannot be seen: the yield raises). 5.2 does not
 * tell either, and yields over most things. */
static inline int lph_is_yieldable(lua_State *L)
{
#if LUA_VERSION_NUM >= 503 || defined(LUAJIT_VERSION)
    return lua_isyieldable(L);
#elif LUA_VERSION_NUM == 502
    (void)L;
    return 1;
#else
    lua_Debug at;

    for (int level = 1; lua_getstack(L, level, &at); level++) {
        lua_getinfo(L, "Sn", &at);
        if (!strcmp(at.what, "C") ||
            (at.name && !strcmp(at.name, "(for generator)")))
            return 0;
    }
    return 1;
#endif
}

#endif
