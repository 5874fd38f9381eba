/* lph_field.c - the header fields of a message out of Lua values. A value is
 * data: of whatever type, it is taken or refused with its field named.
 * SPDX-License-Identifier: MIT */
#include "lph_message.h"
#include "base/ascii.h"
#include "mime/header.h"
#include "mime/structured_field.h"

int lph_message_invalid(lua_State *L, const char *field, const char *problem)
{
    const char *sentence = lua_pushfstring(L, "%s %s", field, problem);

    return lph_invalid(L, field, sentence);
}

int lph_message_fail(lua_State *L, int result, const char *field,
                     const char *problem)
{
    const char *sentence;

    if (result == PH_E_INVALID)
        return lph_message_invalid(L, field, problem);
    if (result == PH_E_IO)
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "the system gives no random octets");
    if (result == PH_E_MEMORY)
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "no memory is left for the message");
    sentence = lua_pushfstring(L, "%s is too large", field);
    return lph_failure_kind(L, result, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                            sentence);
}

static ph_span span_at(lua_State *L, int index)
{
    ph_span span;

    span.at = lua_tolstring(L, index, &span.size);
    return span;
}

/* ---- addresses ---- */

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
        name = span_at(L, -1);
    if (ph_header_fault(name))
        return lph_message_invalid(L, field,
                                   "has a name that is no plain text");
    if (push_raw(L, index, "address") != LUA_TSTRING)
        return lph_message_invalid(L, field, "has no address");
    result = ph_address_list_add(list, name, span_at(L, -1));
    lua_settop(L, index);
    return result < 0 ? lph_message_fail(L, result, field, "is no mailbox") : 0;
}

/* One value on top of the stack: a string, which may hold a list, or a table
 * of one mailbox. */
static int add_value(lua_State *L, ph_address_list *list, const char *field)
{
    int result;

    if (lua_type(L, -1) == LUA_TTABLE)
        return add_mailbox(L, list, field);
    if (lua_type(L, -1) != LUA_TSTRING)
        return lph_message_invalid(L, field, "is no address");
    result = ph_address_list_parse(list, span_at(L, -1), PH_ADDRESS_BUILD);
    return result < 0 ? lph_message_fail(L, result, field, "is no address") : 0;
}

/* Whether the table at index is an array: no key but 1 to n. */
static bool is_array(lua_State *L, int index)
{
    size_t count = 0;

    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TNUMBER) {
            lua_pop(L, 1);
            return false;
        }
        count++;
    }
    return count == lua_rawlen(L, index);
}

static int add_array(lua_State *L, ph_address_list *list, const char *field)
{
    int index = lua_gettop(L), result;
    size_t count = lua_rawlen(L, index);

    if (!is_array(L, index))
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

/* The option of that name as the list of a role. */
static int put_role(lua_State *L, ph_message *message, ph_role role,
                    const char *name)
{
    ph_address_list *list = ph_message_list(message, role);
    int result = 0;

    lua_getfield(L, 2, name);
    if (lua_type(L, -1) == LUA_TTABLE && !is_mailbox(L, lua_gettop(L)))
        result = add_array(L, list, name);
    else if (!lua_isnil(L, -1))
        result = add_value(L, list, name);
    if (result)
        return result;
    lua_settop(L, 3);
    result = ph_message_put_addresses(message, role);
    return result < 0 ? lph_message_fail(L, result, name, "must be one mailbox")
                      : 0;
}

static int put_roles(lua_State *L, ph_message *message)
{
    static const char *const names[] = {
        [PH_ROLE_FROM] = "from",
        [PH_ROLE_SENDER] = "sender",
        [PH_ROLE_REPLY_TO] = "reply_to",
        [PH_ROLE_TO] = "to",
        [PH_ROLE_CC] = "cc",
        [PH_ROLE_BCC] = "bcc",
    };
    int result = 0;

    lua_getfield(L, 2, "from");
    if (lua_isnil(L, -1))
        return lph_message_invalid(L, "from", "is missing");
    lua_settop(L, 3);
    for (int role = 0; role < PH_ROLES && !result; role++)
        result = put_role(L, message, (ph_role)role, names[role]);
    return result;
}

/* ---- the other fields ---- */

/* The option of that name, which must be a string; *is_nil: it is not there.
 * Leaves it on the stack. */
static int read_text(lua_State *L, const char *name, ph_span *text,
                     bool *is_nil)
{
    const char *fault;

    lua_getfield(L, 2, name);
    *is_nil = lua_isnil(L, -1);
    if (*is_nil)
        return 0;
    if (lua_type(L, -1) != LUA_TSTRING)
        return lph_message_invalid(L, name, "is no string");
    *text = span_at(L, -1);
    fault = ph_header_fault(*text);
    return fault ? lph_message_invalid(L, name, fault) : 0;
}

static int put_date(lua_State *L, ph_message *message)
{
    double date;
    int result;

    lua_getfield(L, 2, "date");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, 3);
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
        return lph_message_invalid(L, "date", "is no number");
    date = lua_tonumber(L, -1);
    lua_settop(L, 3);
    if (!(date > -1e12 && date < 1e12))
        return lph_message_invalid(L, "date", "is no date");
    /* A date is a whole second: the one that had begun. */
    int64_t epoch = (int64_t)date;
    result = ph_message_put_date(message, epoch - ((double)epoch > date));
    return result < 0 ? lph_message_fail(L, result, "date", "is no date") : 0;
}

static int put_subject(lua_State *L, ph_message *message)
{
    ph_span text;
    bool is_nil;
    int result = read_text(L, "subject", &text, &is_nil);

    if (result || is_nil)
        return result;
    result = ph_message_put_text(message, ph_span_text("Subject"), text);
    lua_settop(L, 3);
    return result < 0 ? lph_message_fail(L, result, "subject",
                                         "has a word too long for a line")
                      : 0;
}

static int put_id(lua_State *L, ph_message *message)
{
    ph_span id = { NULL, 0 };
    bool is_nil;
    int result = read_text(L, "message_id", &id, &is_nil);

    if (result)
        return result;
    if (!is_nil && id.size == 0)
        return lph_message_invalid(L, "message_id", "is no message id");
    result = ph_message_put_id(message, id);
    lua_settop(L, 3);
    return result < 0
               ? lph_message_fail(L, result, "message_id", "is no message id")
               : 0;
}

/* Ids in the string on top of the stack. */
static int add_ids(lua_State *L, ph_message *message, const char *field)
{
    int result;

    if (lua_type(L, -1) != LUA_TSTRING)
        return lph_message_invalid(L, field, "is no message id");
    result = ph_message_add_ids(message, span_at(L, -1));
    return result < 0 ? lph_message_fail(L, result, field, "is no message id")
                      : 0;
}

static int put_ids(lua_State *L, ph_message *message, const char *option,
                   const char *name)
{
    int result = 0;

    lua_getfield(L, 2, option);
    if (lua_isnil(L, -1)) {
        lua_settop(L, 3);
        return 0;
    }
    if (lua_type(L, -1) != LUA_TTABLE) {
        result = add_ids(L, message, option);
    } else if (!is_array(L, 4)) {
        return lph_message_invalid(L, option, "is neither string nor array");
    }
    for (int i = 1;
         lua_type(L, 4) == LUA_TTABLE && !result && i <= (int)lua_rawlen(L, 4);
         i++) {
        const char *field = lua_pushfstring(L, "%s[%d]", option, i);
        lua_rawgeti(L, 4, i);
        result = add_ids(L, message, field);
        if (!result)
            lua_settop(L, 4);
    }
    if (result)
        return result;
    lua_settop(L, 3);
    result = ph_message_put_ids(message, ph_span_text(name));
    return result < 0 ? lph_message_fail(L, result, option, "is too long") : 0;
}

static int put_priority(lua_State *L, ph_message *message)
{
    static const char *const words[] = {
        [PH_PRIORITY_NORMAL] = "normal",
        [PH_PRIORITY_HIGH] = "high",
        [PH_PRIORITY_LOW] = "low",
    };
    ph_span text;
    bool is_nil;
    int result = read_text(L, "priority", &text, &is_nil);

    if (result || is_nil)
        return result;
    for (int i = 0; i < 3; i++) {
        if (ph_span_equal(text, ph_span_text(words[i]))) {
            result = ph_message_put_priority(message, (ph_priority)i);
            lua_settop(L, 3);
            return result < 0 ? lph_message_fail(L, result, "priority", "") : 0;
        }
    }
    return lph_message_invalid(L, "priority",
                               "is neither high, normal nor low");
}

static int set_seed(lua_State *L, ph_message *message)
{
    ph_span seed;
    bool is_nil;
    int result = read_text(L, "seed", &seed, &is_nil);

    if (!result && !is_nil)
        ph_message_set_seed(message, seed);
    return result;
}

int lph_message_put_fields(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    int result;

    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TNUMBER);
    lua_settop(L, 3);
    if ((result = set_seed(L, message)))
        return result;
    lua_settop(L, 3);
    if ((result = put_date(L, message)) || (result = put_roles(L, message)))
        return result;
    if ((result = put_subject(L, message)))
        return result;
    lua_settop(L, 3);
    if ((result = put_id(L, message)))
        return result;
    if ((result = put_ids(L, message, "in_reply_to", "In-Reply-To")) ||
        (result = put_ids(L, message, "references", "References")) ||
        (result = put_priority(L, message)))
        return result;
    lua_pushboolean(L, 1);
    return 1;
}

/* "headers[2].name" */
static int refuse_field(lua_State *L, const char *part, const char *problem)
{
    const char *field = lua_pushfstring(L, "%s.%s", lua_tostring(L, 4), part);

    return lph_message_invalid(L, field, problem);
}

/* What is wrong with a value of plain characters. */
static const char *value_fault(ph_span name)
{
    const ph_structured_field *field = ph_structured_field_find(name);

    return field ? ph_structured_field_fault(field)
                 : "has a word too long for a line";
}

int lph_message_put_field(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_span name, value;
    int result;

    luaL_checktype(L, 4, LUA_TSTRING);
    if (lua_type(L, 2) != LUA_TSTRING)
        return refuse_field(L, "name", "is no string");
    name = span_at(L, 2);
    if (!ph_header_is_name(name))
        return refuse_field(L, "name", "is no field name");
    if (ph_header_is_reserved(name))
        return refuse_field(L, "name", "is a field that is not yours to set");
    if (lua_type(L, 3) != LUA_TSTRING)
        return refuse_field(L, "value", "is no string");
    value = span_at(L, 3);
    if (ph_header_fault(value))
        return refuse_field(L, "value", ph_header_fault(value));
    result = ph_message_put_text(message, name, value);
    if (result == PH_E_INVALID)
        return refuse_field(L, "value", value_fault(name));
    if (result < 0)
        return lph_message_fail(L, result, lua_tostring(L, 4), "");
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- the envelope ---- */

/* Pushes the mailbox as it travels, and the form by which two are told to be
 * the same: the domain in lower case. */
static void push_address(lua_State *L, const ph_address *address)
{
    char room[PH_ADDRESS_LIMIT * 2];
    ph_buf buf;
    ph_span text;

    ph_buf_borrow(&buf, room, sizeof room);
    ph_address_put(&buf, address); /* what was read has room in there */
    text = ph_buf_span(&buf);
    lua_pushlstring(L, text.at, text.size);
    for (size_t i = text.size - address->domain.size; i < text.size; i++)
        room[i] = ph_ascii_lower(room[i]);
    lua_pushlstring(L, text.at, text.size);
}

/* Adds a list's mailboxes to the array at index, once each. */
static void add_recipients(lua_State *L, const ph_address_list *list, int array,
                           int seen)
{
    for (size_t i = 0; i < list->count; i++) {
        ph_address address = ph_address_list_get(list, i);
        if (address.domain.size == 0)
            continue;
        push_address(L, &address);
        lua_pushvalue(L, -1);
        lua_rawget(L, seen);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushboolean(L, 1);
            lua_rawset(L, seen);
            lua_rawseti(L, array, (int)lua_rawlen(L, array) + 1);
        } else {
            lua_pop(L, 3);
        }
    }
}

int lph_message_envelope(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_address_list *sender = ph_message_list(message, PH_ROLE_SENDER);
    ph_address first;

    if (sender->count == 0)
        sender = ph_message_list(message, PH_ROLE_FROM);
    lua_settop(L, 1);
    lua_createtable(L, 0, 2);
    first = ph_address_list_get(sender, 0);
    push_address(L, &first);
    lua_pop(L, 1);
    lua_setfield(L, 2, "from");
    lua_newtable(L);
    lua_newtable(L);
    add_recipients(L, ph_message_list(message, PH_ROLE_TO), 3, 4);
    add_recipients(L, ph_message_list(message, PH_ROLE_CC), 3, 4);
    add_recipients(L, ph_message_list(message, PH_ROLE_BCC), 3, 4);
    lua_settop(L, 3);
    lua_setfield(L, 2, "to");
    return 1;
}
