/* host.c - a Lua host that can be built with sanitizers: runs the script of
 * its first argument, or the text behind -e, with `arg` as lua has it.
 * SPDX-License-Identifier: MIT */
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include <stdio.h>
#include <string.h>

static void set_arg(lua_State *L, int argc, char **argv)
{
    lua_newtable(L);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - 1);
    }
    lua_setglobal(L, "arg");
}

static int load(lua_State *L, int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "-e"))
        return luaL_loadstring(L, argv[2]);
    return luaL_loadfile(L, argv[1]);
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    int failed;

    if (!L || argc < 2)
        return 2;
    luaL_openlibs(L);
    set_arg(L, argc, argv);
    failed = load(L, argc, argv) || lua_pcall(L, 0, 0, 0);
    if (failed)
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    lua_close(L);
    return failed != 0;
}
