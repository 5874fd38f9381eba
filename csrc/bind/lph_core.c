/* lph_core.c - the door of posthorn.core: libc alone, no I/O.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"

LPH_EXPORT int luaopen_posthorn_core(lua_State *L);

int luaopen_posthorn_core(lua_State *L)
{
    lua_newtable(L);
    return 1;
}
