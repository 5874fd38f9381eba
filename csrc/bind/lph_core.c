/* lph_core.c - the door of posthorn.core: libc alone, no I/O
 * but on files that Lua has opened.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"
#include "base/ip.h"
#include "base/random.h"

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

/* ip(text): "inet" or "inet6" and the usual text of that address; nil: none. */
static int core_ip(lua_State *L)
{
    unsigned char octets[PH_IP_OCTETS];
    char text[PH_IP_TEXT];
    size_t size = ph_ip_parse(lph_check_span(L, 1), octets);

    if (size == 0)
        return 0;
    lua_pushstring(L, size == 4 ? "inet" : "inet6");
    lua_pushlstring(L, text, ph_ip_format(octets, size, text));
    return 2;
}

/* random_name(): 32 hexadecimal digits of the system's random source; nothing
 * when it gives none. */
static int core_random_name(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octets[16];
    char name[2 * sizeof octets];

    if (ph_random_fill(octets, sizeof octets) < 0)
        return 0;
    for (size_t i = 0; i < sizeof octets; i++) {
        name[2 * i] = digits[octets[i] >> 4];
        name[2 * i + 1] = digits[octets[i] & 15];
    }
    lua_pushlstring(L, name, sizeof name);
    return 1;
}

static const luaL_Reg functions[] = {
    { "failure", core_failure },
    { "printable", core_printable },
    { "ip", core_ip },
    { "random_name", core_random_name },
    { NULL, NULL },
};

int luaopen_posthorn_core(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lph_parser_open(L);
    lph_receiver_open(L);
    lph_codec_open(L);
    lph_address_open(L);
    lph_session_open(L);
    lph_esmtp_open(L);
    lph_message_open(L);
    lph_writer_open(L);
    lph_raw_open(L);
    lph_raw_check_open(L);
    lph_chunk_open(L);
    return 1;
}
