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
    int count;

    if (result == PH_E_INVALID)
        return lph_message_invalid(L, field, problem);
    if (result == PH_E_IO)
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "the system gives no random octets");
    if (result == PH_E_MEMORY)
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "no memory is left for the message");
    sentence = lua_pushfstring(L, "%s is too large", field);
    count = lph_failure_kind(L, result, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                             sentence);
    lua_pushstring(L, field);
    lua_setfield(L, -2, "field");
    return count;
}

static ph_span span_at(lua_State *L, int index)
{
    ph_span span;

    span.at = lua_tolstring(L, index, &span.size);
    return span;
}

/* Whether the value is of a class that tells its name, as posthorn.file. */
static bool has_name(lua_State *L, int index)
{
    bool has = luaL_getmetafield(L, index, "__name") != 0;

    if (has)
        lua_pop(L, 1);
    return has;
}

bool lph_message_is_array(lua_State *L, int index)
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
    return count == lua_rawlen(L, index) && (count || !has_name(L, index));
}

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
    } else if (!lph_message_is_array(L, 4)) {
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
    ph_span id;
    int result;

    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TNUMBER);
    lua_settop(L, 4);
    result = lph_role_collect(L, message);
    if (result)
        return result;
    lua_settop(L, 3);
    if ((result = set_seed(L, message)))
        return result;
    lua_settop(L, 3);
    if ((result = put_date(L, message)) || (result = lph_role_put(L, message)))
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
    id = ph_message_id(message);
    lua_pushboolean(L, 1);
    lua_pushlstring(L, id.at, id.size);
    return 2;
}

/* Stack index of put_field: domains that wait for their A-labels, or those. */
#define DOMAINS 5

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

/* The mailboxes of a field; 1: some domains wait for their A-labels, which are
 * in the table at DOMAINS, or wanted there. */
static int put_mailboxes(lua_State *L, ph_message *message, ph_span name,
                         ph_span value)
{
    ph_address_list *list = ph_message_begin_mailboxes(message);
    int result = ph_address_list_parse(list, value, PH_ADDRESS_BUILD);

    if (result >= 0 && lua_isnil(L, DOMAINS)) {
        const char *field = lua_pushfstring(L, "%s.value", lua_tostring(L, 4));
        lph_domains_note(L, DOMAINS, list, 0, field);
        if (!lua_isnil(L, DOMAINS))
            return 1;
    } else if (result >= 0) {
        result = lph_domains_map(L, DOMAINS, list);
    }
    return result < 0 ? result : ph_message_put_mailboxes(message, name);
}

static int put_value(lua_State *L, ph_message *message, ph_span name,
                     ph_span value)
{
    const ph_structured_field *field = ph_structured_field_find(name);

    if (field && ph_structured_field_has_mailboxes(field))
        return put_mailboxes(L, message, name, value);
    return ph_message_put_text(message, name, value);
}

int lph_message_is_unpaired(lua_State *L)
{
    lua_pushboolean(L, ph_message_is_unpaired(lph_message_check(L, 1)));
    return 1;
}

int lph_message_put_field(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_span name, value;
    int result;

    luaL_checktype(L, 4, LUA_TSTRING);
    lua_settop(L, DOMAINS);
    if (lua_type(L, 2) != LUA_TSTRING)
        return refuse_field(L, "name", "is no string");
    name = span_at(L, 2);
    if (!ph_header_is_name(name))
        return refuse_field(L, "name", "is no field name");
    if (ph_header_is_reserved(name))
        return refuse_field(L, "name", "is a field that is not yours to set");
    if (ph_message_is_spent(message, name))
        return refuse_field(L, "name", "is a field that may stand there once");
    if (lua_type(L, 3) != LUA_TSTRING)
        return refuse_field(L, "value", "is no string");
    value = span_at(L, 3);
    if (ph_header_fault(value))
        return refuse_field(L, "value", ph_header_fault(value));
    result = put_value(L, message, name, value);
    if (result == PH_E_INVALID)
        return refuse_field(L, "value", value_fault(name));
    if (result < 0)
        return lph_message_fail(L, result, lua_tostring(L, 4), "");
    lua_pushboolean(L, result == PH_OK);
    lua_pushvalue(L, DOMAINS);
    return 2;
}
