/* test_strike.c - an allocator on strike, and a copy of posthorn.core that has
 * to live with it.
 * SPDX-License-Identifier: MIT */
#include "test.h"
#include "base/mem.h"

#include <stdlib.h>

int luaopen_posthorn_core(lua_State *L);

static struct {
    unsigned long asked; /* blocks asked for since strike was last called */
    unsigned long fails; /* which of them is refused; 0: none */
    bool and_all;        /* and all that follow it */
    long live;           /* blocks that are not freed */
} strike;

static bool is_refused(void)
{
    strike.asked++;
    if (strike.fails == 0)
        return false;
    return strike.asked == strike.fails ||
           (strike.and_all && strike.asked > strike.fails);
}

static void *allocate(void *at, size_t size)
{
    void *block;

    if (size == 0) {
        strike.live -= at != NULL;
        free(at);
        return NULL;
    }
    if (is_refused())
        return NULL;
    block = realloc(at, size);
    strike.live += block && !at;
    return block;
}

void lph_test_strike_open(void)
{
    ph_mem_set(allocate);
}

int lph_test_strike(lua_State *L)
{
    lua_Integer fails = luaL_optinteger(L, 1, 0);

    luaL_argcheck(L, fails >= 0, 1, "not negative");
    strike.asked = 0;
    strike.fails = (unsigned long)fails;
    strike.and_all = lua_toboolean(L, 2);
    return 0;
}

int lph_test_allocations(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)strike.asked);
    return 1;
}

int lph_test_live(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)strike.live);
    return 1;
}

/* Lua's own allocator, and which of its growing requests is refused first. */
static struct {
    lua_Alloc function;
    void *data;
    unsigned long asked, fails; /* as above; 0: none, then all that follow */
} of_lua;

static void *allocate_for_lua(void *data, void *at, size_t old, size_t size)
{
    bool grows = size && (!at || size > old);

    (void)data;
    if (grows && of_lua.fails && ++of_lua.asked >= of_lua.fails)
        return NULL;
    return of_lua.function(of_lua.data, at, old, size);
}

int lph_test_strike_of_lua(lua_State *L)
{
    lua_Integer fails = luaL_optinteger(L, 1, 0);
    lua_Integer asked = (lua_Integer)of_lua.asked;

    luaL_argcheck(L, fails >= 0, 1, "not negative");
    if (!of_lua.function) {
        of_lua.function = lua_getallocf(L, &of_lua.data);
        lua_setallocf(L, allocate_for_lua, NULL);
    }
    of_lua.asked = 0;
    of_lua.fails = (unsigned long)fails;
    lua_pushinteger(L, asked);
    return 1;
}

int lph_test_core(lua_State *L)
{
    lua_pushcfunction(L, luaopen_posthorn_core);
    lua_call(L, 0, 1);
    return 1;
}
