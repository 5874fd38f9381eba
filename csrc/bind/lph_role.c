/* lph_role.c - who a message is from and for, out of Lua values, and the
 * envelope that follows from it: both from the same lists, which are read once.
 * SPDX-License-Identifier: MIT */
#include "lph_message.h"
#include "base/ascii.h"
#include "mime/header.h"

/* Stack index of put_fields: domains that wait for their A-labels, and the
 * field of each; or in the second call the A-labels of each. */
#define DOMAINS 4

static const char *const roles[] = {
    [PH_ROLE_FROM] = "from",
    [PH_ROLE_SENDER] = "sender",
    [PH_ROLE_REPLY_TO] = "reply_to",
    [PH_ROLE_TO] = "to",
    [PH_ROLE_CC] = "cc",
    [PH_ROLE_BCC] = "bcc",
};

static ph_span text_at(lua_State *L, int index)
{
    ph_span span;

    span.at = lua_tolstring(L, index, &span.size);
    return span;
}

/* ---- reading ---- */

/* A field of the table at index, raw; leaves it on the stack. */
static int push_raw(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
    return lua_type(L, -1);
}

/* Whether a table is one mailbox and not an array. */
static bool is_mailbox(lua_State *L, int index)
{
    bool is_one = push_raw(L, index, "address") != LUA_TNIL ||
                  push_raw(L, index, "name") != LUA_TNIL;

    lua_settop(L, index);
    return is_one;
}

static bool is_known(lua_State *L, int index)
{
    static const char *const names[] = { "name", "address", "group" };

    if (lua_type(L, index) != LUA_TSTRING)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(lua_tostring(L, index), names[i]))
            return true;
    return false;
}

/* { name =, address = } on top of the stack: exactly one mailbox. */
static int add_mailbox(lua_State *L, ph_address_list *list, const char *field)
{
    int index = lua_gettop(L), type, result;
    ph_span name = { NULL, 0 };

    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (!is_known(L, -2))
            return lph_message_invalid(L, field, "has an unknown field");
        lua_pop(L, 1);
    }
    type = push_raw(L, index, "name");
    if (type != LUA_TNIL && type != LUA_TSTRING)
        return lph_message_invalid(L, field, "has a name that is no string");
    if (type == LUA_TSTRING)
        name = text_at(L, -1);
    if (ph_header_fault(name))
        return lph_message_invalid(L, field,
                                   "has a name that is no plain text");
    if (push_raw(L, index, "address") != LUA_TSTRING)
        return lph_message_invalid(L, field, "has no address");
    result = ph_address_list_add(list, name, text_at(L, -1));
    lua_settop(L, index);
    return result < 0 ? lph_message_fail(L, result, field, "is no mailbox") : 0;
}

/* One value on top of the stack: a string, which may hold a list, or a table
 * of one mailbox. */
static int read_value(lua_State *L, ph_address_list *list, const char *field)
{
    int result;

    if (lua_type(L, -1) == LUA_TTABLE)
        return add_mailbox(L, list, field);
    if (lua_type(L, -1) != LUA_TSTRING)
        return lph_message_invalid(L, field, "is no address");
    result = ph_address_list_parse(list, text_at(L, -1), PH_ADDRESS_BUILD);
    return result < 0 ? lph_message_fail(L, result, field, "is no address") : 0;
}

void lph_domains_note(lua_State *L, int index, const ph_address_list *list,
                      size_t first, const char *field)
{
    for (size_t i = first; i < list->count; i++) {
        ph_address address = ph_address_list_get(list, i);
        if (!ph_address_is_unmapped(&address))
            continue;
        if (lua_isnil(L, index)) {
            lua_newtable(L);
            lua_replace(L, index);
        }
        lua_pushlstring(L, address.domain.at, address.domain.size);
        lua_pushvalue(L, -1);
        lua_rawget(L, index);
        if (lua_isnil(L, -1)) { /* the field that had it first */
            lua_pushvalue(L, -2);
            lua_pushstring(L, field);
            lua_rawset(L, index);
        }
        lua_pop(L, 2);
    }
}

static int add_value(lua_State *L, ph_address_list *list, const char *field)
{
    size_t first = list->count;
    int result = read_value(L, list, field);

    if (!result)
        lph_domains_note(L, DOMAINS, list, first, field);
    return result;
}

static int add_array(lua_State *L, ph_address_list *list, const char *field)
{
    int index = lua_gettop(L), result;
    size_t count = lua_rawlen(L, index);

    if (!lph_message_is_array(L, index))
        return lph_message_invalid(L, field, "is neither mailbox nor array");
    for (size_t i = 1; i <= count; i++) {
        const char *element = lua_pushfstring(L, "%s[%d]", field, (int)i);
        lua_rawgeti(L, index, (int)i);
        result = add_value(L, list, element);
        if (result)
            return result;
        lua_settop(L, index);
    }
    return 0;
}

/* The option of that name into the list of its role. */
static int collect_role(lua_State *L, ph_message *message, ph_role role)
{
    ph_address_list *list = ph_message_list(message, role);
    const char *name = roles[role];
    int result = 0;

    lua_getfield(L, 2, name);
    if (lua_type(L, -1) == LUA_TTABLE && !is_mailbox(L, lua_gettop(L)))
        result = add_array(L, list, name);
    else if (!lua_isnil(L, -1))
        result = add_value(L, list, name);
    if (!result)
        lua_settop(L, DOMAINS);
    return result;
}

int lph_domains_map(lua_State *L, int index, ph_address_list *list)
{
    int result = PH_OK;

    for (size_t i = 0; i < list->count && result == PH_OK; i++) {
        ph_address address = ph_address_list_get(list, i);
        if (!ph_address_is_unmapped(&address))
            continue;
        lua_pushlstring(L, address.domain.at, address.domain.size);
        lua_rawget(L, index);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_argerror(L, index, "a domain has no A-labels");
        result = ph_address_list_set_ascii(list, i, text_at(L, -1));
        lua_pop(L, 1);
    }
    return result;
}

static int map_role(lua_State *L, ph_message *message, ph_role role)
{
    int result = lph_domains_map(L, DOMAINS, ph_message_list(message, role));

    return result < 0 ? lph_message_fail(L, result, roles[role],
                                         "has an address that is too long")
                      : 0;
}

int lph_role_collect(lua_State *L, ph_message *message)
{
    bool is_second = !lua_isnil(L, DOMAINS);
    int result = 0;

    lua_getfield(L, 2, "from");
    if (lua_isnil(L, -1))
        return lph_message_invalid(L, "from", "is missing");
    lua_settop(L, DOMAINS);
    for (int role = 0; role < PH_ROLES && !result; role++)
        result =
            (is_second ? map_role : collect_role)(L, message, (ph_role)role);
    if (result || is_second || lua_isnil(L, DOMAINS))
        return result;
    lua_pushboolean(L, 0);
    lua_pushvalue(L, DOMAINS);
    return 2;
}

int lph_role_put(lua_State *L, ph_message *message)
{
    for (int role = 0; role < PH_ROLES; role++) {
        int result = ph_message_put_addresses(message, (ph_role)role);
        if (result < 0)
            return lph_message_fail(L, result, roles[role],
                                    "must be one mailbox");
    }
    return 0;
}

/* ---- the envelope ---- */

/* Pushes the mailbox as it was given. */
static void push_given(lua_State *L, ph_address address)
{
    char room[PH_ADDRESS_LIMIT];
    ph_buf buf;
    ph_span text;

    address.ascii.size = 0;
    ph_buf_borrow(&buf, room, sizeof room);
    ph_address_put(&buf, &address); /* what was read has room in there */
    text = ph_buf_span(&buf);
    lua_pushlstring(L, text.at, text.size);
}

/* Pushes the mailbox as it travels, and the form by which two are told to be
 * the same: the domain in lower case. */
static void push_address(lua_State *L, const ph_address *address)
{
    size_t domain =
        address->ascii.size ? address->ascii.size : address->domain.size;
    char room[PH_ADDRESS_LIMIT];
    ph_buf buf;
    ph_span text;

    ph_buf_borrow(&buf, room, sizeof room);
    ph_address_put(&buf, address);
    text = ph_buf_span(&buf);
    lua_pushlstring(L, text.at, text.size);
    for (size_t i = text.size - domain; i < text.size; i++)
        room[i] = ph_ascii_lower(room[i]);
    lua_pushlstring(L, text.at, text.size);
}

/* The envelope that is being made, and beside it the forms that were seen. */
enum {
    ENVELOPE = 2,
    TO,
    GIVEN,
    SEEN
};

static void note_unicode(lua_State *L, const ph_address *address)
{
    if (!address->is_unicode)
        return;
    lua_pushboolean(L, 1);
    lua_setfield(L, ENVELOPE, "smtputf8");
}

/* Adds a list's mailboxes, once each. */
static void add_recipients(lua_State *L, const ph_address_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        ph_address address = ph_address_list_get(list, i);
        int count = (int)lua_rawlen(L, TO) + 1;
        if (address.domain.size == 0)
            continue;
        push_address(L, &address);
        lua_pushvalue(L, -1);
        lua_rawget(L, SEEN);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushboolean(L, 1);
            lua_rawset(L, SEEN);
            lua_rawseti(L, TO, count);
            push_given(L, address);
            lua_rawseti(L, GIVEN, count);
            note_unicode(L, &address);
        }
        lua_settop(L, SEEN);
    }
}

int lph_message_envelope(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_address_list *sender = ph_message_list(message, PH_ROLE_SENDER);
    ph_address first;

    if (sender->count == 0)
        sender = ph_message_list(message, PH_ROLE_FROM);
    first = ph_address_list_get(sender, 0);
    lua_settop(L, 1);
    lua_createtable(L, 0, 4);
    lua_newtable(L);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushboolean(L, 0);
    lua_setfield(L, ENVELOPE, "smtputf8");
    push_address(L, &first);
    lua_pop(L, 1);
    lua_setfield(L, ENVELOPE, "from");
    note_unicode(L, &first);
    add_recipients(L, ph_message_list(message, PH_ROLE_TO));
    add_recipients(L, ph_message_list(message, PH_ROLE_CC));
    add_recipients(L, ph_message_list(message, PH_ROLE_BCC));
    lua_settop(L, GIVEN);
    lua_setfield(L, ENVELOPE, "given");
    lua_setfield(L, ENVELOPE, "to");
    push_given(L, first);
    return 2;
}
