/* lph_engine.c - the TLS engine as a userdata.
 * SPDX-License-Identifier: MIT */
#include "lph_tls.h"
#include "tls/engine.h"

#define ENGINE "posthorn.tls.engine"

/* Slots of the table that the engine anchors. */
enum {
    MACHINE = 1, /* its own, once asked for */
    INNER = 2    /* the attached one, and so its owner */
};

static const double handshake_seconds = 60; /* delivery.md, S1 */

typedef struct lph_engine {
    ph_engine *engine; /* NULL: closed */
    ph_machine machine;
    ph_error error; /* of a birth that failed */
} lph_engine;

static lph_engine *open_engine(lua_State *L)
{
    lph_engine *self = luaL_checkudata(L, 1, ENGINE);

    if (!self->engine)
        luaL_error(L, "the engine was closed");
    return self;
}

static void push_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text); /* NULL: nil */
    lua_setfield(L, -2, name);
}

static int push_facts(lua_State *L, const ph_engine *engine)
{
    ph_connection_facts facts;

    ph_engine_get_facts(engine, &facts);
    lua_createtable(L, 0, 8);
    push_text(L, "version", facts.version);
    push_text(L, "cipher", facts.cipher);
    push_text(L, "group", facts.group);
    push_text(L, "verified", facts.verified);
    push_text(L, "reason", facts.reason);
    push_text(L, "pin", *facts.pin ? facts.pin : NULL);
    lua_pushboolean(L, facts.is_resumed);
    lua_setfield(L, -2, "resumed");
    lua_pushboolean(L, facts.is_recalled);
    lua_setfield(L, -2, "recalled");
    return 2;
}

static int engine_next(lua_State *L)
{
    ph_engine *engine = open_engine(L)->engine;

    switch (ph_engine_next(engine)) {
    case PH_ENGINE_SECURED:
        lua_pushliteral(L, "secured");
        return push_facts(L, engine);
    case PH_ENGINE_CLOSED:
        lua_pushliteral(L, "closed");
        return 1;
    case PH_ENGINE_FAILED:
        lua_pushliteral(L, "failed");
        lph_failure_push(L, ph_engine_error(engine));
        return 2;
    case PH_ENGINE_NONE:
        break;
    }
    return 0;
}

static int engine_has_offered(lua_State *L)
{
    lua_pushboolean(L, ph_engine_has_offered(open_engine(L)->engine));
    return 1;
}

static int engine_attach(lua_State *L)
{
    lph_engine *self = open_engine(L);
    const ph_machine *inner = lph_machine_check(L, 2);
    int result;

    luaL_argcheck(L, inner, 2, "the machine was closed");
    luaL_argcheck(L, inner->self != self->engine, 2, "the engine's own");
    lph_anchor_get(L, 1);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, INNER);
    result = ph_engine_attach(self->engine, inner);
    if (result == PH_E_USAGE)
        return luaL_error(L, "a machine is attached once, after 'secured'");
    lua_pushboolean(L, result >= 0);
    return 1;
}

static int engine_shutdown(lua_State *L)
{
    lua_pushboolean(L, ph_engine_shutdown(open_engine(L)->engine));
    return 1;
}

static int engine_machine(lua_State *L)
{
    lph_engine *self = open_engine(L);

    lph_anchor_get(L, 1);
    lua_rawgeti(L, -1, MACHINE);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lph_machine_push(L, &self->machine, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, MACHINE);
    }
    return 1;
}

/* The machine's verbs, for those who carry strings themselves. */

static int engine_feed(lua_State *L)
{
    lph_engine *self = open_engine(L);
    ph_span span = lph_check_span(L, 2);

    lua_pushboolean(L,
                    self->machine.feed(self->engine, span.at, span.size) >= 0);
    return 1;
}

static int engine_feed_eof(lua_State *L)
{
    lph_engine *self = open_engine(L);

    lua_pushboolean(L, self->machine.feed_eof(self->engine) >= 0);
    return 1;
}

static int engine_output(lua_State *L)
{
    lph_engine *self = open_engine(L);
    ph_span span = self->machine.output(self->engine);

    lua_pushlstring(L, span.size ? span.at : "", span.size);
    return 1;
}

static int engine_consume(lua_State *L)
{
    lph_engine *self = open_engine(L);
    lua_Integer n = luaL_checkinteger(L, 2);

    luaL_argcheck(L, n >= 0, 2, "must not be negative");
    self->machine.consume(self->engine, (size_t)n);
    return 0;
}

static int engine_pending(lua_State *L)
{
    lph_engine *self = open_engine(L);

    lua_pushboolean(L, self->machine.pending(self->engine));
    return 1;
}

static int engine_deadline(lua_State *L)
{
    lph_engine *self = open_engine(L);
    unsigned long number = 0;
    double seconds = self->machine.deadline(self->engine, &number);

    if (seconds < 0)
        return 0;
    lua_pushnumber(L, seconds);
    lua_pushinteger(L, (lua_Integer)number);
    return 2;
}

static int engine_expire(lua_State *L)
{
    lph_engine *self = open_engine(L);

    self->machine.expire(self->engine);
    return 0;
}

static int engine_close(lua_State *L)
{
    lph_engine *self = luaL_checkudata(L, 1, ENGINE);

    self->machine.self = NULL;
    ph_engine_free(self->engine);
    self->engine = NULL;
    ph_error_clear(&self->error);
    return 0;
}

static int engine_tostring(lua_State *L)
{
    lph_engine *self = luaL_checkudata(L, 1, ENGINE);

    lua_pushfstring(L, "%s: %p%s", ENGINE, (void *)self,
                    self->engine ? "" : " (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    { "next", engine_next },         { "has_offered", engine_has_offered },
    { "attach", engine_attach },     { "shutdown", engine_shutdown },
    { "machine", engine_machine },   { "feed", engine_feed },
    { "feed_eof", engine_feed_eof }, { "output", engine_output },
    { "consume", engine_consume },   { "pending", engine_pending },
    { "deadline", engine_deadline }, { "expire", engine_expire },
    { "close", engine_close },       { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", engine_close },
    { "__close", engine_close },
    { "__tostring", engine_tostring },
    { NULL, NULL },
};

/* ---- birth ---- */

static const char *const names[] = {
    "context", "server_name", "timeout", "session", "now", NULL,
};

static lph_engine *push_engine(lua_State *L)
{
    lph_engine *self = lph_newuserdata(L, sizeof *self);

    memset(self, 0, sizeof *self);
    lph_class_set(L, ENGINE);
    lua_newtable(L);
    lph_anchor_set(L, -2);
    return self;
}

int lph_engine_new(lua_State *L)
{
    ph_connection_options options = { .seconds = handshake_seconds };
    ph_context *context;
    lph_engine *self;
    double now;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lph_option_check(L, 1, names);
    options.name = lph_option_span(L, 1, "server_name");
    options.session = lph_option_span(L, 1, "session");
    options.seconds = lph_option_number(L, 1, "timeout", handshake_seconds);
    if (!(options.seconds > 0))
        return luaL_error(L, "option 'timeout' must be more than 0 seconds");
    now = lph_option_number(L, 1, "now", 0);
    if (!(now >= 0 && now < 1e12))
        return luaL_error(L, "option 'now' must be the seconds since 1970");
    options.now = (int64_t)now;
    lua_getfield(L, 1, "context");
    context = lph_context_check(L, -1);
    self = push_engine(L);
    if (ph_engine_new(context, &options, &self->engine, &self->error) < 0)
        return lph_failure(L, &self->error);
    ph_engine_machine(self->engine, &self->machine);
    return 1;
}

void lph_engine_class(lua_State *L)
{
    lph_class(L, ENGINE, methods, metamethods);
}
