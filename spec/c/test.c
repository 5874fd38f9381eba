/* test.c - the door of posthorn.test: what specs need of C, never installed.
 * SPDX-License-Identifier: MIT */
#include "test.h"

LPH_EXPORT int luaopen_posthorn_test(lua_State *L);

static const luaL_Reg functions[] = {
    { "echo", lph_test_echo },
    { "datagram", lph_test_datagram },
    { "buf", lph_test_buf },
    { "borrowed", lph_test_borrowed },
    { "utf8", lph_test_utf8 },
    { "printable", lph_test_printable },
    { "base64_paths", lph_test_base64_paths },
    { "base64_encode", lph_test_base64_encode },
    { "base64_decode", lph_test_base64_decode },
    { "codec_repeat", lph_test_codec_repeat },
    { "content", lph_test_content },
    { "session_rows", lph_test_session_rows },
    { "strike", lph_test_strike },
    { "strike_of_lua", lph_test_strike_of_lua },
    { "allocations", lph_test_allocations },
    { "live", lph_test_live },
    { "core", lph_test_core },
    { NULL, NULL },
};

int luaopen_posthorn_test(lua_State *L)
{
    lph_test_strike_open();
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
