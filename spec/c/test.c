/* test.c - the door of posthorn.test: what specs need of C, never installed.
 * SPDX-License-Identifier: MIT */
#include "test.h"

LPH_EXPORT int luaopen_posthorn_test(lua_State *L);

static const luaL_Reg functions[] = {
    { "echo", lph_test_echo },
    { "datagram", lph_test_datagram },
    { NULL, NULL },
};

int luaopen_posthorn_test(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
