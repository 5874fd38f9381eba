/* lph_chunk.c - octets of one of Lua's open files as a userdata.
 * SPDX-License-Identifier: MIT */
#include "lph_chunk.h"
#include "lph_core.h"

#include <errno.h>
#include <stdint.h>

#define CLASS "posthorn.core.chunk"

/* The kernel copies a third faster to where a cache line begins, which is
 * more than Lua promises of its userdata; and a round of reading, encoding and
 * writing costs the same whatever it moves. */
enum {
    LINE = 64,
    MOST = 131072 /* octets of one reading */
};

typedef struct lph_chunk {
    char *octets; /* in room */
    size_t size;
    char room[MOST + LINE];
} lph_chunk;

FILE *lph_file_check(lua_State *L, int arg)
{
    FILE *file = lph_file_at(luaL_checkudata(L, arg, LUA_FILEHANDLE));

    luaL_argcheck(L, file, arg, "a closed file");
    return file;
}

int lph_file_fail(lua_State *L)
{
    lua_pushnil(L);
    lua_pushstring(L, strerror(errno));
    return 2;
}

ph_span lph_chunk_check(lua_State *L, int arg)
{
    const lph_chunk *chunk;

    if (lua_type(L, arg) == LUA_TSTRING)
        return lph_check_span(L, arg);
    chunk = luaL_checkudata(L, arg, CLASS);
    return ph_span_of(chunk->octets, chunk->size);
}

/* read(handle): how many octets it holds now; nothing at the end; nil and the
 * system's words. */
static int chunk_read(lua_State *L)
{
    lph_chunk *chunk = luaL_checkudata(L, 1, CLASS);
    FILE *file = lph_file_check(L, 2);

    clearerr(file);
    chunk->size = fread(chunk->octets, 1, MOST, file);
    if (ferror(file))
        return lph_file_fail(L);
    if (chunk->size == 0)
        return 0;
    lua_pushinteger(L, (lua_Integer)chunk->size);
    return 1;
}

/* octets(): them as a string. */
static int chunk_octets(lua_State *L)
{
    const lph_chunk *chunk = luaL_checkudata(L, 1, CLASS);

    lua_pushlstring(L, chunk->octets, chunk->size);
    return 1;
}

static int chunk_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", CLASS, lua_touserdata(L, 1));
    return 1;
}

static const luaL_Reg methods[] = {
    { "read", chunk_read },
    { "octets", chunk_octets },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__tostring", chunk_tostring },
    { NULL, NULL },
};

/* chunk(): an empty one. */
static int core_chunk(lua_State *L)
{
    lph_chunk *chunk = lph_newuserdata(L, sizeof *chunk);

    chunk->size = 0;
    chunk->octets = chunk->room + LINE - (uintptr_t)chunk->room % LINE;
    lph_class_set(L, CLASS);
    return 1;
}

void lph_chunk_open(lua_State *L)
{
    lph_class(L, CLASS, methods, metamethods);
    lua_pushcfunction(L, core_chunk);
    lua_setfield(L, -2, "chunk");
}
