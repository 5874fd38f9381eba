/* lph_esmtp.c - the parameters of MAIL and RCPT on their way from Lua.
 * SPDX-License-Identifier: MIT */
#include "lph_esmtp.h"
#include "lph.h"
#include "lph_core.h"

static const char *const dsn_names[] = { "notify", "ret", "envid", NULL };
static const char *const by_names[] = { "seconds", "mode", NULL };

/* The string at the top of the stack; at is NULL: it is none. */
static ph_span top_span(lua_State *L)
{
    ph_span text = { NULL, 0 };

    if (lua_type(L, -1) == LUA_TSTRING)
        text.at = lua_tolstring(L, -1, &text.size);
    return text;
}

/* Pushes a field as it stands in the table, which keeps it alive. */
static void push_field(lua_State *L, int table, const char *name)
{
    table = lua_absindex(L, table);
    lua_pushstring(L, name);
    lua_rawget(L, table);
}

/* Pushes an option that is a table, its fields known; false: it is nil. */
static bool push_table(lua_State *L, int table, const char *name,
                       const char *const *names)
{
    push_field(L, table, name);
    if (!lph_option_is_table(L, name))
        return false;
    lph_option_check(L, lua_gettop(L), names);
    return true;
}

/* A whole number on top of the stack, in these bounds. */
static bool top_integer(lua_State *L, double least, double most, int64_t *whole)
{
    double number = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0.5;

    if (!(number >= least && number <= most) ||
        number != (double)(int64_t)number)
        return false;
    *whole = (int64_t)number;
    return true;
}

/* ---- DSN */

/* The value on top: nil, a word, or an array of words, of which "never" stands
 * alone. PH_E_INVALID: none of these. */
static int read_notify(lua_State *L, uint8_t *notify)
{
    unsigned words = 0, one;
    size_t count;

    *notify = 0;
    if (lua_isnil(L, -1))
        return PH_OK;
    if (lua_type(L, -1) == LUA_TSTRING) {
        words = ph_esmtp_find_notify(top_span(L));
    } else if (lua_istable(L, -1)) {
        count = lua_rawlen(L, -1);
        for (size_t i = 1; i <= count && i <= 4; i++) {
            lua_rawgeti(L, -1, (int)i);
            one = ph_esmtp_find_notify(top_span(L));
            lua_pop(L, 1);
            if (!one || words & one)
                return PH_E_INVALID;
            words |= one;
        }
        if (count > 4)
            return PH_E_INVALID;
    }
    if (!words || (words & PH_NOTIFY_NEVER && words != PH_NOTIFY_NEVER))
        return PH_E_INVALID;
    *notify = (uint8_t)words;
    return PH_OK;
}

static int bad_notify(lua_State *L, const char *field)
{
    return lph_invalid(L, field,
                       "notify must be \"never\", or an array of \"failure\", "
                       "\"delay\" and \"success\"");
}

static bool read_ret(lua_State *L, uint8_t *ret)
{
    ph_span word;
    bool is_nil;

    push_field(L, -1, "ret");
    is_nil = lua_isnil(L, -1);
    word = top_span(L);
    lua_pop(L, 1);
    *ret = PH_RET_NONE;
    if (ph_span_equal(word, ph_span_text("full")))
        *ret = PH_RET_FULL;
    else if (ph_span_equal(word, ph_span_text("headers")))
        *ret = PH_RET_HEADERS;
    return is_nil || *ret;
}

static bool read_envid(lua_State *L, ph_span *envid)
{
    push_field(L, -1, "envid");
    *envid = top_span(L);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return true;
    }
    lua_pop(L, 1);
    return envid->at && ph_esmtp_is_envid(*envid);
}

static int read_dsn(lua_State *L, int table, ph_esmtp_parameters *parameters)
{
    int result;

    if (!push_table(L, table, "dsn", dsn_names))
        return 0;
    push_field(L, -1, "notify");
    result = read_notify(L, &parameters->notify);
    lua_pop(L, 1);
    if (result < 0)
        return bad_notify(L, "dsn.notify");
    if (!read_ret(L, &parameters->ret))
        return lph_invalid(L, "dsn.ret", "ret must be headers or full");
    if (!read_envid(L, &parameters->envid))
        return lph_invalid(L, "dsn.envid",
                           "an envid is printable ASCII of at most 100 octets, "
                           "blanks, + and = counting three");
    lua_pop(L, 1);
    return 0;
}

/* ---- the others of MAIL */

static int read_by(lua_State *L, int table, ph_esmtp_parameters *parameters)
{
    int64_t seconds = 0;
    ph_span mode;
    bool is_fine;

    if (!push_table(L, table, "deliver_by", by_names))
        return 0;
    push_field(L, -1, "mode");
    mode = lua_isnil(L, -1) ? ph_span_text("return") : top_span(L);
    lua_pop(L, 1);
    if (ph_span_equal(mode, ph_span_text("return")))
        parameters->by = PH_BY_RETURN;
    else if (ph_span_equal(mode, ph_span_text("notify")))
        parameters->by = PH_BY_NOTIFY;
    else
        return lph_invalid(L, "deliver_by.mode",
                           "mode must be return or notify");
    push_field(L, -1, "seconds");
    /* What is late already can only be told of, not returned (RFC 2852, 4). */
    is_fine = top_integer(L, parameters->by == PH_BY_RETURN ? 1 : -PH_ESMTP_BY,
                          PH_ESMTP_BY, &seconds);
    lua_pop(L, 1);
    if (!is_fine)
        return lph_invalid(L, "deliver_by.seconds",
                           "seconds must be a whole number of at most nine "
                           "digits, and to come when the mode is return");
    parameters->by_seconds = (int32_t)seconds;
    lua_pop(L, 1);
    return 0;
}

static int read_priority(lua_State *L, int table,
                         ph_esmtp_parameters *parameters)
{
    int64_t priority = 0;

    push_field(L, table, "mt_priority");
    parameters->has_priority = !lua_isnil(L, -1);
    if (parameters->has_priority &&
        !top_integer(L, -PH_ESMTP_PRIORITY, PH_ESMTP_PRIORITY, &priority))
        return lph_invalid(L, "mt_priority",
                           "mt_priority must be a whole number from -9 to 9");
    parameters->priority = (int8_t)priority;
    lua_pop(L, 1);
    return 0;
}

/* A moment within a second ends with it: nothing is released too early. */
static int read_hold(lua_State *L, int table, ph_esmtp_parameters *parameters)
{
    double until = 0, hold_for = lph_option_number(L, table, "hold_for", 0);

    push_field(L, table, "hold_until");
    parameters->has_hold = !lua_isnil(L, -1);
    if (parameters->has_hold) {
        until = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
        /* The last second of the year 9999. */
        if (!(until >= 0 && until <= 253402300799.0))
            return lph_invalid(L, "hold_until",
                               "hold_until must be seconds since 1970, up to "
                               "the year 9999");
        parameters->hold_until = (int64_t)until;
        if ((double)parameters->hold_until < until)
            parameters->hold_until++;
        if (hold_for > 0 && hold_for < 9e15)
            parameters->hold_for = (int64_t)hold_for;
    }
    lua_pop(L, 1);
    return 0;
}

int lph_esmtp_read(lua_State *L, int table, ph_esmtp_parameters *parameters)
{
    int result;

    *parameters = (ph_esmtp_parameters){ 0 };
    parameters->require_tls = lph_option_bool(L, table, "require_tls", false);
    result = read_dsn(L, table, parameters);
    if (!result)
        result = read_by(L, table, parameters);
    if (!result)
        result = read_priority(L, table, parameters);
    return result ? result : read_hold(L, table, parameters);
}

/* ---- of RCPT */

int lph_esmtp_read_recipient(lua_State *L, const char **field)
{
    uint8_t notify;
    char octet;
    ph_span orcpt;
    bool is_nil;
    int result;

    *field = "notify";
    push_field(L, -1, "notify");
    result = read_notify(L, &notify);
    lua_pop(L, 1);
    if (result < 0)
        return result;
    *field = "orcpt";
    push_field(L, -1, "orcpt");
    is_nil = lua_isnil(L, -1);
    orcpt = top_span(L);
    if (!is_nil && (!orcpt.at || !ph_esmtp_is_orcpt(orcpt))) {
        lua_pop(L, 1);
        return PH_E_INVALID;
    }
    if (is_nil && !notify)
        return PH_OK; /* that nil is the answer */
    octet = (char)notify;
    lua_pushlstring(L, &octet, 1);
    lua_insert(L, -2);
    if (is_nil)
        lua_pop(L, 1);
    else
        lua_concat(L, 2);
    return PH_OK;
}

unsigned lph_esmtp_notify(ph_span recipient)
{
    return (unsigned char)recipient.at[0];
}

ph_span lph_esmtp_orcpt(ph_span recipient)
{
    return ph_span_after(recipient, 1);
}

/* ---- checks for Lua, before a connection is made */

/* check_parameters(options) -> true, or nil, message, failure */
static int check_parameters(lua_State *L)
{
    static const char *const names[] = { LPH_ESMTP_NAMES, NULL };
    ph_esmtp_parameters parameters;
    int result;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lph_option_check(L, 1, names);
    result = lph_esmtp_read(L, 1, &parameters);
    if (result)
        return result;
    lua_pushboolean(L, 1);
    return 1;
}

/* check_recipient(recipient) -> true or false: whether it has parameters; nil
 * and the name of a field that is unusable. */
static int check_recipient(lua_State *L)
{
    const char *field;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lph_esmtp_read_recipient(L, &field) < 0) {
        lua_pushnil(L);
        lua_pushstring(L, field);
        return 2;
    }
    lua_pushboolean(L, !lua_isnil(L, -1));
    return 1;
}

static const luaL_Reg functions[] = {
    { "check_parameters", check_parameters },
    { "check_recipient", check_recipient },
    { NULL, NULL },
};

void lph_esmtp_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
