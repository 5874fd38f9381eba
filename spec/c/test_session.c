/* test_session.c - the session's table of phases, as the diagram shows it.
 * SPDX-License-Identifier: MIT */
#include "test.h"
#include "smtp/session_state.h"

static void push_row(lua_State *L, const ph_session_row *row)
{
    lua_createtable(L, 0, 4);
    lua_pushstring(L, row->name);
    lua_setfield(L, -2, "name");
    lua_pushnumber(L, (lua_Number)row->seconds);
    lua_setfield(L, -2, "seconds");
    lua_pushboolean(L, row->enter != NULL);
    lua_setfield(L, -2, "acts");
    lua_pushboolean(L, row->on_reply != NULL);
    lua_setfield(L, -2, "hears");
}

int lph_test_session_rows(lua_State *L)
{
    lua_createtable(L, PH_AT_FAILED + 1, 0);
    for (int at = 0; at <= PH_AT_FAILED; at++) {
        push_row(L, &ph_session_rows[at]);
        lua_rawseti(L, -2, at + 1);
    }
    return 1;
}
