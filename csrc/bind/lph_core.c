/* lph_core.c - the door of posthorn.core: libc alone, no I/O.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"

LPH_EXPORT int luaopen_posthorn_core(lua_State *L);

/* failure(table): the same table, made a failure of api.md, section 0. */
static int core_failure(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lph_failure_class(L);
    return 1;
}

/* printable(text): the text as one harmless line, at most 512 octets. */
static int core_printable(lua_State *L)
{
    lph_push_printable(L, lph_check_span(L, 1));
    return 1;
}

static const luaL_Reg functions[] = {
    { "failure", core_failure },
    { "printable", core_printable },
    { NULL, NULL },
};

int luaopen_posthorn_core(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
