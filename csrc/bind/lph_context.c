/* lph_context.c - the TLS context as a userdata.
 * SPDX-License-Identifier: MIT */
#include "lph_tls.h"

#define CONTEXT "posthorn.tls.context"

typedef struct lph_context {
    ph_context *context;
    ph_error error; /* here, so that nothing is lost when Lua raises */
} lph_context;

static int context_gc(lua_State *L)
{
    lph_context *self = luaL_checkudata(L, 1, CONTEXT);

    ph_context_free(self->context);
    self->context = NULL;
    ph_error_clear(&self->error);
    return 0;
}

static int context_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", CONTEXT, lua_touserdata(L, 1));
    return 1;
}

static const luaL_Reg context_methods[] = { { NULL, NULL } };

static const luaL_Reg context_metamethods[] = {
    { "__gc", context_gc },
    { "__tostring", context_tostring },
    { NULL, NULL },
};

ph_context *lph_context_check(lua_State *L, int index)
{
    lph_context *self = luaL_testudata(L, index, CONTEXT);

    if (!self || !self->context)
        luaL_error(L, "option 'context' must be made by posthorn.tls.context");
    return self->context;
}

/* Whether the option `side` says server. */
static bool is_server(lua_State *L, int table)
{
    ph_span side = lph_option_span(L, table, "side");

    if (side.at && !ph_span_equal(side, ph_span_text("client")) &&
        !ph_span_equal(side, ph_span_text("server")))
        luaL_error(L, "option 'side' must be \"client\" or \"server\"");
    return ph_span_equal(side, ph_span_text("server"));
}

static int least_version(lua_State *L, int table)
{
    ph_span least = lph_option_span(L, table, "min_tls");

    if (!least.at || ph_span_equal(least, ph_span_text("1.2")))
        return TLS1_2_VERSION;
    if (!ph_span_equal(least, ph_span_text("1.3")))
        luaL_error(L, "option 'min_tls' must be \"1.2\" or \"1.3\"");
    return TLS1_3_VERSION;
}

/* A path, or NULL; one with a NUL would be cut short, so it raises. */
static const char *path_option(lua_State *L, const char *name)
{
    ph_span path = lph_option_span(L, 1, name);

    if (path.size && memchr(path.at, '\0', path.size))
        luaL_error(L, "option '%s' must be a path, which holds no NUL", name);
    return path.at;
}

/* The text or the file under these two names; field: as an error tells it. */
static ph_identity_source source_option(lua_State *L, const char *name,
                                        const char *file_name,
                                        const char *field)
{
    return (ph_identity_source){
        .text = lph_option_span(L, 1, name),
        .file = path_option(L, file_name),
        .name = field,
    };
}

static ph_identity identity_option(lua_State *L, bool is_of_server)
{
    return (ph_identity){
        .certificate =
            source_option(L, "certificate", "certificate_file",
                          is_of_server ? "certificate" : "client_certificate"),
        .key = source_option(L, "key", "key_file",
                             is_of_server ? "key" : "client_key"),
        .passphrase = lph_option_span(L, 1, "key_password"),
    };
}

static void check_side(lua_State *L, const ph_context_options *options)
{
    const ph_trust *trust = &options->trust;
    bool has_key = options->identity.key.text.at || options->identity.key.file;

    if (options->is_server &&
        (trust->file || trust->path || trust->text.at || options->pins.at))
        luaL_error(L, "a server takes no 'ca_file', 'ca_path', 'ca' or 'pins'");
    if (has_key != ph_identity_is_given(&options->identity))
        luaL_error(L, "'certificate' and 'key' go together");
    if (options->is_server && !has_key)
        luaL_error(L, "a server needs the options 'certificate' and 'key'");
    if (options->pins.size % PH_PINS_DIGEST)
        luaL_error(L, "option 'pins' must be digests of %d octets",
                   PH_PINS_DIGEST);
}

static const char *const names[] = {
    "side",        "verify",           "ca_file",    "ca_path",  "ca",
    "certificate", "certificate_file", "key",        "key_file", "key_password",
    "pins",        "min_tls",          "resumption", NULL,
};

int lph_context_new(lua_State *L)
{
    ph_context_options options = { 0 };
    lph_context *self;

    lua_settop(L, 1);
    lph_tls_options(L, 1, names);
    options.is_server = is_server(L, 1);
    options.is_verifying = lph_option_bool(L, 1, "verify", true);
    options.is_resuming = lph_option_bool(L, 1, "resumption", false);
    options.least_version = least_version(L, 1);
    options.trust.file = path_option(L, "ca_file");
    options.trust.path = path_option(L, "ca_path");
    options.trust.text = lph_option_span(L, 1, "ca");
    options.pins = lph_option_span(L, 1, "pins");
    options.identity = identity_option(L, options.is_server);
    check_side(L, &options);
    if (options.trust.text.at && options.trust.text.size == 0)
        return lph_invalid(L, "ca", "the text gives no CA certificate");
    self = lph_newuserdata(L, sizeof *self);
    memset(self, 0, sizeof *self);
    lph_class_set(L, CONTEXT);
    if (ph_context_new(&options, &self->context, &self->error) < 0)
        return lph_failure(L, &self->error);
    return 1;
}

void lph_context_class(lua_State *L)
{
    lph_class(L, CONTEXT, context_methods, context_metamethods);
}
