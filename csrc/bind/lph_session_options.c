/* lph_session_options.c - the options of posthorn.core.session, checked.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_session.h"

static const char *const option_names[] = {
    "hello_name", "user",     "password",
    "auth",       "tls",      "allow_plaintext_auth",
    "extensions", "timeouts", "trace",
    "lmtp",       "bulk",     "recipient_events",
    "self_names", NULL,
};

static ph_session_tls tls_option(lua_State *L)
{
    static const char *const names[] = { "none", "opportunistic", "starttls",
                                         "implicit" };
    ph_span given = lph_option_span(L, 1, "tls");

    for (int i = 0; given.at && i < 4; i++)
        if (ph_span_equal(given, ph_span_text(names[i])))
            return (ph_session_tls)i;
    if (given.at)
        luaL_error(L, "option 'tls' must be implicit, starttls, opportunistic "
                      "or none");
    return PH_SESSION_TLS_NONE;
}

/* An option that is a table, left on the stack; false: it is not there. */
static bool table_option(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    return lph_option_is_table(L, name);
}

/* Joined; the string stays on the stack. */
static ph_span self_names_option(lua_State *L)
{
    ph_span names = { NULL, 0 };
    luaL_Buffer joined;
    size_t n;
    int at;

    if (!table_option(L, "self_names"))
        return names;
    at = lua_gettop(L);
    n = lua_rawlen(L, at);
    luaL_buffinit(L, &joined);
    for (size_t i = 1; i <= n; i++) {
        lua_rawgeti(L, at, (int)i);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "option 'self_names' must be an array of strings");
        luaL_addvalue(&joined);
        luaL_addchar(&joined, '\n');
    }
    luaL_pushresult(&joined);
    names.at = lua_tolstring(L, -1, &names.size);
    return names;
}

static unsigned auth_option(lua_State *L)
{
    unsigned mechanisms = 0, one;
    size_t n;

    if (!table_option(L, "auth"))
        return 0;
    n = lua_rawlen(L, -1);
    for (size_t i = 1; i <= n; i++) {
        ph_span name = { NULL, 0 };
        lua_rawgeti(L, -1, (int)i);
        if (lua_type(L, -1) == LUA_TSTRING)
            name.at = lua_tolstring(L, -1, &name.size);
        one = ph_capability_find_mechanism(name);
        if (!one)
            luaL_error(L, "option 'auth' must be an array of \"plain\" and "
                          "\"login\"");
        mechanisms |= one;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    if (!mechanisms)
        luaL_error(L, "option 'auth' must name a mechanism");
    return mechanisms;
}

/* Those that options of their own (tls, user) ask for: they can be off, and no
 * more. */
static const unsigned off_alone = PH_CAPABILITY_STARTTLS | PH_CAPABILITY_AUTH;

/* A keyword as a name: mt_priority is MT-PRIORITY. 0: none. */
unsigned lph_session_find_extension(ph_span name)
{
    char keyword[24];

    if (name.size > sizeof keyword)
        return 0;
    for (size_t i = 0; i < name.size; i++)
        keyword[i] = name.at[i] == '_' ? '-' : name.at[i];
    return ph_capability_find(ph_span_of(keyword, name.size));
}

/* Those of RFC 3030 are used only where the caller says so; CHUNKING also by
 * who wants bulk. */
static const unsigned unasked =
    PH_CAPABILITY_CHUNKING | PH_CAPABILITY_BINARYMIME;

static void extension_option(lua_State *L, ph_session_options *options,
                             unsigned *asked)
{
    ph_span name = { NULL, 0 }, value = { NULL, 0 };
    unsigned which;

    if (lua_type(L, -2) == LUA_TSTRING)
        name.at = lua_tolstring(L, -2, &name.size);
    if (lua_type(L, -1) == LUA_TSTRING)
        value.at = lua_tolstring(L, -1, &value.size);
    which = lph_session_find_extension(name);
    if (!which)
        luaL_error(L, "option 'extensions' has no '%s'",
                   name.at ? name.at : luaL_typename(L, -2));
    else if (ph_span_equal(value, ph_span_text("off")))
        options->disabled |= which;
    else if (which & off_alone)
        luaL_error(L, "option 'extensions.%s' can only be off", name.at);
    else if (ph_span_equal(value, ph_span_text("require")))
        options->required |= which;
    else if (!ph_span_equal(value, ph_span_text("prefer")))
        luaL_error(L, "option 'extensions.%s' must be require, prefer or off",
                   name.at);
    else
        *asked |= which;
}

static void extensions_option(lua_State *L, ph_session_options *options)
{
    unsigned asked = options->is_bulk ? PH_CAPABILITY_CHUNKING : 0;

    if (table_option(L, "extensions")) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            extension_option(L, options, &asked);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    options->disabled |= unasked & ~(asked | options->required);
}

static int find_phase(const char *name)
{
    for (int i = PH_PHASE_NONE + 1; i < PH_SESSION_PHASES; i++)
        if (!strcmp(ph_error_phase_name((ph_phase)i), name))
            return i;
    return 0;
}

static void timeouts_option(lua_State *L, ph_session_options *options)
{
    if (!table_option(L, "timeouts"))
        return;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        int at = lua_type(L, -2) == LUA_TSTRING
                     ? find_phase(lua_tostring(L, -2))
                     : 0;
        if (!at)
            luaL_error(L, "option 'timeouts' knows no such phase");
        if (lua_type(L, -1) != LUA_TNUMBER || !(lua_tonumber(L, -1) > 0))
            luaL_error(L, "option 'timeouts.%s' must be a number of seconds",
                       lua_tostring(L, -2));
        options->timeouts[at] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void lph_session_read_options(lua_State *L, ph_session_options *options)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lph_option_check(L, 1, option_names);
    options->hello_name = lph_option_span(L, 1, "hello_name");
    if (options->hello_name.at && !options->hello_name.size)
        options->hello_name = ph_span_text(" "); /* empty is no name either */
    options->user = lph_option_span(L, 1, "user");
    options->password = lph_option_span(L, 1, "password");
    options->tls = tls_option(L);
    options->mechanisms = auth_option(L);
    options->allow_plaintext_auth =
        lph_option_bool(L, 1, "allow_plaintext_auth", false);
    options->is_lmtp = lph_option_bool(L, 1, "lmtp", false);
    options->is_bulk = lph_option_bool(L, 1, "bulk", false);
    options->is_terse = !lph_option_bool(L, 1, "recipient_events", true);
    extensions_option(L, options);
    timeouts_option(L, options);
    options->has_trace = lph_option_bool(L, 1, "trace", false);
    options->self_names = self_names_option(L);
    if (!options->user.at != !options->password.at)
        luaL_error(L, "options 'user' and 'password' belong together");
}
