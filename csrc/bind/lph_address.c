/* lph_address.c - lists of mailboxes as a userdata, for posthorn.address.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"
#include "codec/address_list.h"

#define CLASS   "posthorn.address_list"
#define CEILING ((size_t)1 << 28) /* octets of a list that is written */

static ph_address_list *check(lua_State *L)
{
    return luaL_checkudata(L, 1, CLASS);
}

static int answer(lua_State *L, int result)
{
    if (result == PH_E_INVALID)
        return lph_invalid(L, "address", "this is no valid mailbox");
    if (result == PH_E_MEMORY)
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "no memory is left for the addresses");
    if (result < 0)
        return lph_failure_kind(L, result, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                                "too many mailboxes");
    lua_pushboolean(L, 1);
    return 1;
}

/* list:parse(text [, "read" or "build"]) */
static int list_parse(lua_State *L)
{
    static const char *const names[] = { "read", "build", NULL };
    ph_address_list *list = check(L);
    ph_span text = lph_check_span(L, 2);
    int mode = luaL_checkoption(L, 3, "read", names);

    return answer(
        L, ph_address_list_parse(list, text,
                                 mode ? PH_ADDRESS_BUILD : PH_ADDRESS_READ));
}

/* list:add(name, bare): name "" for none. */
static int list_add(lua_State *L)
{
    ph_address_list *list = check(L);
    ph_span name = lph_check_span(L, 2), bare = lph_check_span(L, 3);

    return answer(L, ph_address_list_add(list, name, bare));
}

/* list:set_group(name): "" for none. */
static int list_set_group(lua_State *L)
{
    ph_address_list *list = check(L);

    return answer(L, ph_address_list_set_group(list, lph_check_span(L, 2)));
}

static int list_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check(L)->count);
    return 1;
}

/* nil for an empty one. */
static void push_span(lua_State *L, ph_span span)
{
    if (span.size)
        lua_pushlstring(L, span.at, span.size);
    else
        lua_pushnil(L);
}

/* list:get(i): name, address, group, is_unicode; nil for what is not there. */
static int list_get(lua_State *L)
{
    ph_address_list *list = check(L);
    lua_Integer i = luaL_checkinteger(L, 2);
    char room[PH_ADDRESS_LIMIT];
    ph_address address;
    ph_buf buf;

    luaL_argcheck(L, i >= 1 && (size_t)i <= list->count, 2, "no such mailbox");
    address = ph_address_list_get(list, (size_t)i - 1);
    push_span(L, address.name);
    ph_buf_borrow(&buf, room, sizeof room);
    if (address.domain.size)
        ph_address_put(&buf, &address); /* what was read has room in there */
    push_span(L, ph_buf_span(&buf));
    push_span(L, address.group);
    lua_pushboolean(L, address.is_unicode);
    return 4;
}

/* list:format([column]): the value of a field. */
static int list_format(lua_State *L)
{
    ph_address_list *list = check(L);
    lua_Integer column = luaL_optinteger(L, 2, 0);
    ph_buf *buf;
    int result;

    luaL_argcheck(L, column >= 0 && column < 1000, 2, "not a column");
    buf = lph_buf_new(L, CEILING);
    result = ph_address_list_put(buf, list, (size_t)column);
    if (result < 0)
        return answer(L, result);
    lph_buf_push(L, buf);
    return 1;
}

static int list_gc(lua_State *L)
{
    ph_address_list_clear(check(L));
    return 0;
}

static int list_tostring(lua_State *L)
{
    lua_pushfstring(L, CLASS " (%d)", (int)check(L)->count);
    return 1;
}

static const luaL_Reg methods[] = {
    { "parse", list_parse }, { "add", list_add },
    { "count", list_count }, { "set_group", list_set_group },
    { "get", list_get },     { "format", list_format },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", list_gc },
    { "__tostring", list_tostring },
    { NULL, NULL },
};

/* address_list(): an empty one. */
static int list_new(lua_State *L)
{
    ph_address_list_init(lph_newuserdata(L, sizeof(ph_address_list)));
    lph_class_set(L, CLASS);
    return 1;
}

/* bare(text [, ascii]): the mailbox as it travels, whether it needs SMTPUTF8,
 * and the domain if that wants A-labels, which are ascii in a second call. */
static int bare(lua_State *L)
{
    /* What is longer, even with each octet escaped, is no mailbox. */
    char read[2 * PH_ADDRESS_LIMIT], written[PH_ADDRESS_LIMIT];
    ph_span text = lph_check_span(L, 1);
    ph_address address = { 0 };
    ph_buf room, out;
    int result = PH_E_INVALID;

    ph_buf_borrow(&room, read, sizeof read);
    ph_buf_borrow(&out, written, sizeof written);
    if (text.size <= sizeof read)
        result = ph_address_read(&address, &text, PH_ADDRESS_BARE, &room);
    if (result == PH_OK && text.size)
        result = PH_E_INVALID;
    if (result == PH_OK && !lua_isnoneornil(L, 2))
        result = ph_address_set_ascii(&address, lph_check_span(L, 2));
    if (result == PH_OK)
        result = ph_address_put(&out, &address);
    if (result < 0)
        return answer(L, result);
    text = ph_buf_span(&out);
    lua_pushlstring(L, text.at, text.size);
    lua_pushboolean(L, address.is_unicode);
    if (!ph_address_is_unmapped(&address))
        return 2;
    lua_pushlstring(L, address.domain.at, address.domain.size);
    return 3;
}

void lph_address_open(lua_State *L)
{
    lph_class(L, CLASS, methods, metamethods);
    lua_pushcfunction(L, list_new);
    lua_setfield(L, -2, "address_list");
    lua_pushcfunction(L, bare);
    lua_setfield(L, -2, "bare_address");
}
