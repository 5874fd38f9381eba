/* lph_raw_check.c - the check of finished octets as a userdata.
 * SPDX-License-Identifier: MIT */
#include "lph_chunk.h"
#include "lph_core.h"
#include "lph_message.h"
#include "mime/raw_check.h"

#define CLASS "posthorn.core.raw_check"

static int answer(lua_State *L, ph_line_fault fault)
{
    const char *sentence;

    if (fault) {
        sentence =
            lua_pushfstring(L, "the body holds %s", ph_line_fault_name(fault));
        return lph_invalid(L, "body", sentence);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/* feed(string or chunk): true, or nil, message, failure. */
static int check_feed(lua_State *L)
{
    ph_raw_check *check = luaL_checkudata(L, 1, CLASS);

    return answer(L, ph_raw_check_feed(check, lph_chunk_check(L, 2)));
}

/* finish(): the same, of the end. */
static int check_finish(lua_State *L)
{
    return answer(L, ph_raw_check_end(luaL_checkudata(L, 1, CLASS)));
}

static int check_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", CLASS, lua_touserdata(L, 1));
    return 1;
}

int lph_message_know_raw(lua_State *L)
{
    ph_message_know_raw(lph_message_check(L, 1), luaL_checkudata(L, 2, CLASS));
    return 0;
}

static const luaL_Reg methods[] = {
    { "feed", check_feed },
    { "finish", check_finish },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__tostring", check_tostring },
    { NULL, NULL },
};

/* raw_check(has_lf) */
static int core_raw_check(lua_State *L)
{
    bool has_lf = lua_toboolean(L, 1);
    ph_raw_check *check = lph_newuserdata(L, sizeof *check);

    ph_raw_check_init(check, has_lf);
    lph_class_set(L, CLASS);
    return 1;
}

void lph_raw_check_open(lua_State *L)
{
    lph_class(L, CLASS, methods, metamethods);
    lua_pushcfunction(L, core_raw_check);
    lua_setfield(L, -2, "raw_check");
}
