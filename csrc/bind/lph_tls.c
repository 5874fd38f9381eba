/* lph_tls.c - the door of posthorn.tls, and certificates made by OpenSSL.
 * SPDX-License-Identifier: MIT */
#include "lph_tls.h"
#include "tls/certificate.h"
#include "tls/stamp.h"

LPH_EXPORT int luaopen_posthorn_tls(lua_State *L);

#define MAKER "posthorn.tls.maker"

enum {
    NAMES = 1000 /* in one certificate */
};

void lph_tls_options(lua_State *L, int arg, const char *const *names)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lph_option_check(L, arg, names);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, arg)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    lua_replace(L, arg);
}

/* ---- certificates ---- */

/* What is under way, owned by Lua so that nothing is lost when it raises. */
typedef struct maker {
    ph_buf certificate, key;
    ph_error error;
} maker;

static int maker_gc(lua_State *L)
{
    maker *self = luaL_checkudata(L, 1, MAKER);

    ph_buf_clear(&self->certificate);
    ph_buf_wipe(&self->key);
    ph_error_clear(&self->error);
    return 0;
}

static const luaL_Reg no_methods[] = { { NULL, NULL } };

static const luaL_Reg maker_metamethods[] = {
    { "__gc", maker_gc },
    { NULL, NULL },
};

static maker *push_maker(lua_State *L)
{
    maker *self = lph_newuserdata(L, sizeof *self);

    memset(self, 0, sizeof *self);
    ph_buf_init(&self->certificate, PH_CERTIFICATE_TEXT);
    ph_buf_init(&self->key, PH_CERTIFICATE_TEXT);
    lph_class(L, MAKER, no_methods, maker_metamethods);
    lph_class_set(L, MAKER);
    return self;
}

/* Leaves the list of names and an array of views of them on the stack. */
static ph_span *push_names(lua_State *L, size_t *count)
{
    ph_span *names;

    lua_getfield(L, 1, "names");
    if (!lua_istable(L, -1))
        luaL_error(L, "option 'names' must be an array of strings");
    *count = lua_rawlen(L, -1);
    if (*count > NAMES)
        luaL_error(L, "option 'names' takes at most %d names", NAMES);
    names = lua_newuserdata(L, (*count ? *count : 1) * sizeof *names);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (int)i + 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "option 'names' must be an array of strings");
        names[i].at = lua_tolstring(L, -1, &names[i].size);
        lua_pop(L, 1);
    }
    return names;
}

static const char *const ca_names[] = { "certificate", "key", NULL };

/* The signer's two texts, from a table like the one that we give. */
static void read_ca(lua_State *L, ph_certificate_options *options)
{
    lua_getfield(L, 1, "ca");
    if (lua_isnil(L, -1))
        return;
    if (!lua_istable(L, -1))
        luaL_error(L, "option 'ca' must be a table made by certificate");
    lph_tls_options(L, lua_gettop(L), ca_names);
    options->ca_certificate = lph_option_span(L, lua_gettop(L), "certificate");
    options->ca_key = lph_option_span(L, lua_gettop(L), "key");
    if (!options->ca_certificate.at || !options->ca_key.at)
        luaL_error(L, "option 'ca' must have fields certificate and key");
}

static const char *const certificate_names[] = {
    "names", "now", "days", "ca", "is_ca", "cn_only", "is_client", NULL,
};

static int push_pair(lua_State *L, maker *made)
{
    ph_span certificate = ph_buf_span(&made->certificate);
    ph_span key = ph_buf_span(&made->key);

    lua_createtable(L, 0, 2);
    lua_pushlstring(L, certificate.at, certificate.size);
    lua_setfield(L, -2, "certificate");
    lua_pushlstring(L, key.at, key.size);
    lua_setfield(L, -2, "key");
    ph_buf_wipe(&made->key);
    return 1;
}

static int tls_certificate(lua_State *L)
{
    ph_certificate_options options = { 0 };
    double now, days;
    maker *made;

    lua_settop(L, 1);
    lph_tls_options(L, 1, certificate_names);
    made = push_maker(L);
    options.names = push_names(L, &options.count);
    read_ca(L, &options);
    now = lph_option_number(L, 1, "now", -1);
    days = lph_option_number(L, 1, "days", 365);
    if (!(now >= 0 && now < 1e12) || !(days > -1e6 && days < 1e6))
        luaL_error(L, "option 'now' must be the seconds since 1970, 'days' "
                      "a number of days");
    options.now = (int64_t)now;
    options.days = (int)days;
    options.is_ca = lph_option_bool(L, 1, "is_ca", false);
    options.cn_only = lph_option_bool(L, 1, "cn_only", false);
    options.is_client = lph_option_bool(L, 1, "is_client", false);
    if (ph_certificate_make(&options, &made->certificate, &made->key,
                            &made->error) < 0)
        return lph_failure(L, &made->error);
    return push_pair(L, made);
}

/* ---- the door ---- */

/* stamp(path): equal as long as the file is the same; nil: there is none. */
static int tls_stamp(lua_State *L)
{
    char text[PH_STAMP_TEXT];

    if (!ph_stamp_get(luaL_checkstring(L, 1), text))
        return 0;
    lua_pushstring(L, text);
    return 1;
}

/* version(): of the OpenSSL that runs, as it names itself. */
static int tls_version(lua_State *L)
{
    lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION));
    return 1;
}

static const luaL_Reg functions[] = {
    { "context", lph_context_new },     { "engine", lph_engine_new },
    { "certificate", tls_certificate }, { "stamp", tls_stamp },
    { "version", tls_version },         { NULL, NULL },
};

int luaopen_posthorn_tls(lua_State *L)
{
    unsigned major = OPENSSL_version_major();

    if (major != OPENSSL_VERSION_MAJOR)
        return luaL_error(L,
                          "posthorn.tls was built for OpenSSL %d, but "
                          "OpenSSL %d is what this process has loaded",
                          OPENSSL_VERSION_MAJOR, (int)major);
    /* OpenSSL stays loaded for good and its threads' clean-up may point here:
     * so does this module. */
    lph_pin();
    lph_context_class(L);
    lph_engine_class(L);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
