/* lph_dns.c - the door of posthorn.dns (c-ares): the resolver as a machine,
 * and the reader of answers by itself.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "base/random.h"
#include "dns/resolver.h"

#define RESOLVER "posthorn.resolver"

LPH_EXPORT int luaopen_posthorn_dns(lua_State *L);

/* ---- values ---- */

static void set_number(lua_State *L, const char *name, double number)
{
    lua_pushnumber(L, number);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, lua_Integer number)
{
    lua_pushinteger(L, number);
    lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

static void push_ip(lua_State *L, const unsigned char *octets, size_t size)
{
    char text[PH_IP_TEXT];
    lua_pushlstring(L, text, ph_ip_format(octets, size, text));
}

static void push_name(lua_State *L, const ph_dns_name *name)
{
    char text[PH_DNS_NAME_TEXT];
    lua_pushlstring(L, text, ph_dns_name_format(name, text));
}

/* The words of IANA's registry, or the number. */
static void push_rcode(lua_State *L, unsigned rcode)
{
    static const char *const names[] = { "NOERROR",  "FORMERR", "SERVFAIL",
                                         "NXDOMAIN", "NOTIMP",  "REFUSED" };

    if (rcode < sizeof names / sizeof *names)
        lua_pushstring(L, names[rcode]);
    else
        lua_pushfstring(L, "RCODE %d", (int)rcode);
}

static void push_record(lua_State *L, uint16_t type, const ph_record *record)
{
    lua_createtable(L, 0, 3);
    lua_pushstring(L, ph_record_type_name(type));
    lua_setfield(L, -2, "type");
    set_number(L, "ttl", record->ttl);
    push_ip(L, (const unsigned char *)record->data.at, record->data.size);
    lua_setfield(L, -2, "address");
}

/* The records, which are fetched from the answer by this. */
static void push_answer(lua_State *L, ph_answer *answer)
{
    ph_record record;

    lua_createtable(L, 0, 12);
    push_rcode(L, answer->rcode);
    lua_setfield(L, -2, "rcode");
    set_bool(L, "ad", answer->is_authentic);
    set_bool(L, "tc", answer->is_truncated);
    push_name(L, &answer->name);
    lua_setfield(L, -2, "name");
    set_integer(L, "aliases", (lua_Integer)answer->aliases);
    if (answer->count || answer->aliases)
        set_number(L, "ttl", answer->ttl);
    if (answer->has_negative)
        set_number(L, "negative_ttl", answer->negative_ttl);
    if (answer->extended_error >= 0)
        set_integer(L, "ede", answer->extended_error);
    lua_createtable(L, (int)answer->count, 0);
    for (int i = 1; ph_answer_next(answer, &record); i++) {
        push_record(L, answer->type, &record);
        lua_rawseti(L, -2, i);
    }
    lua_setfield(L, -2, "records");
}

static uint16_t check_type(lua_State *L, int arg)
{
    uint16_t type = ph_record_type(lph_check_span(L, arg));

    luaL_argcheck(L, type != 0, arg, "no type of record that can be read");
    return type;
}

static int bad_name(lua_State *L)
{
    return lph_invalid(L, "host", "the host is no domain name");
}

/* ---- the resolver ---- */

typedef struct box {
    ph_resolver *resolver; /* NULL: closed */
} box;

static ph_resolver *check_resolver(lua_State *L)
{
    box *self = luaL_checkudata(L, 1, RESOLVER);

    if (!self->resolver)
        luaL_error(L, "the resolver was closed");
    return self->resolver;
}

/* The server in the table on top of the stack. */
static ph_dns_server read_server(lua_State *L)
{
    ph_dns_server server = { .size = 0 };
    double port;

    if (!lua_istable(L, -1))
        luaL_error(L, "option 'servers' must be an array of tables");
    server.size = ph_ip_parse(lph_option_span(L, lua_absindex(L, -1), "ip"),
                              server.octets);
    port = lph_option_number(L, lua_absindex(L, -1), "port", 53);
    if (server.size == 0 || !(port >= 1 && port <= 65535))
        luaL_error(L, "option 'servers' must hold an ip and a port each");
    server.port = (uint16_t)port;
    return server;
}

static void read_servers(lua_State *L, ph_resolver_options *options)
{
    lua_getfield(L, 1, "servers");
    luaL_argcheck(L, lua_istable(L, -1), 1,
                  "option 'servers' must be an array of tables");
    for (int i = 1; i <= PH_RESOLVER_SERVERS; i++) {
        lua_rawgeti(L, -1, i);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            break;
        }
        options->servers[options->server_count++] = read_server(L);
        lua_pop(L, 1);
    }
    luaL_argcheck(L, options->server_count, 1, "option 'servers' is empty");
    lua_pop(L, 1);
}

static void read_options(lua_State *L, ph_resolver_options *options)
{
    static const char *const names[] = { "servers", "timeout", "tries", NULL };
    double tries;

    luaL_checktype(L, 1, LUA_TTABLE);
    lph_option_check(L, 1, names);
    options->timeout = lph_option_number(L, 1, "timeout", options->timeout);
    if (!(options->timeout >= 0.001 && options->timeout <= 60))
        luaL_error(L, "option 'timeout' must be 0.001 to 60 seconds");
    tries = lph_option_number(L, 1, "tries", options->tries);
    if (!(tries >= 1 && tries <= PH_RESOLVER_TRIES))
        luaL_error(L, "option 'tries' must be 1 to %d", PH_RESOLVER_TRIES);
    options->tries = (unsigned)tries;
    read_servers(L, options);
}

/* resolver{ servers =, timeout =, tries = } */
static int dns_resolver(lua_State *L)
{
    ph_resolver_options options = PH_RESOLVER_OPTIONS;
    box *self;

    read_options(L, &options);
    self = lph_newuserdata(L, sizeof *self);
    self->resolver = NULL;
    lph_class_set(L, RESOLVER);
    self->resolver = ph_resolver_new(&options);
    if (!self->resolver)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                PH_PHASE_LOOKUP, "out of memory");
    return 1;
}

static int resolver_ask(lua_State *L)
{
    ph_resolver *resolver = check_resolver(L);
    ph_span name = lph_check_span(L, 2);

    if (ph_resolver_ask(resolver, name, check_type(L, 3)) < 0)
        return bad_name(L);
    lua_pushboolean(L, 1);
    return 1;
}

static int push_open(lua_State *L, const ph_channel_event *socket)
{
    lua_pushliteral(L, "open");
    lua_pushinteger(L, socket->socket);
    lua_pushstring(L, socket->is_stream ? "tcp" : "udp");
    push_ip(L, socket->server.octets, socket->server.size);
    lua_pushinteger(L, socket->server.port);
    return 5;
}

static int push_send(lua_State *L, const ph_channel_event *socket)
{
    ph_span octets = ph_buf_span(&socket->octets);

    lua_pushliteral(L, "send");
    lua_pushinteger(L, socket->socket);
    lua_pushlstring(L, octets.size ? octets.at : "", octets.size);
    return 3;
}

static int push_answer_event(lua_State *L, const ph_resolver_detail *detail)
{
    lua_pushliteral(L, "answer");
    push_answer(L, detail->answer);
    push_ip(L, detail->server->octets, detail->server->size);
    lua_setfield(L, -2, "ip");
    set_integer(L, "port", detail->server->port);
    return 2;
}

static int resolver_next(lua_State *L)
{
    ph_resolver *resolver = check_resolver(L);
    ph_resolver_detail detail;

    switch (ph_resolver_next(resolver, &detail)) {
    case PH_RESOLVER_NONE:
        return 0;
    case PH_RESOLVER_OPEN:
        return push_open(L, detail.socket);
    case PH_RESOLVER_SEND:
        return push_send(L, detail.socket);
    case PH_RESOLVER_CLOSE:
        lua_pushliteral(L, "close");
        lua_pushinteger(L, detail.socket->socket);
        return 2;
    case PH_RESOLVER_ANSWER:
        return push_answer_event(L, &detail);
    case PH_RESOLVER_FAILED:
        lua_pushliteral(L, "failed");
        lph_failure_push(L, ph_resolver_error(resolver));
        return 2;
    }
    return 0;
}

static int resolver_feed(lua_State *L)
{
    ph_resolver *resolver = check_resolver(L);
    int id = (int)luaL_checkinteger(L, 2);

    ph_resolver_feed(resolver, id, lph_check_span(L, 3));
    return 0;
}

static int resolver_closed(lua_State *L)
{
    ph_resolver *resolver = check_resolver(L);

    ph_resolver_closed(resolver, (int)luaL_checkinteger(L, 2));
    return 0;
}

static int resolver_deadline(lua_State *L)
{
    unsigned long number;
    double seconds = ph_resolver_deadline(check_resolver(L), &number);

    if (seconds < 0)
        return 0;
    lua_pushnumber(L, seconds);
    lua_pushinteger(L, (lua_Integer)number);
    return 2;
}

static int resolver_expire(lua_State *L)
{
    ph_resolver_expire(check_resolver(L));
    return 0;
}

static int resolver_close(lua_State *L)
{
    box *self = luaL_checkudata(L, 1, RESOLVER);

    ph_resolver_free(self->resolver);
    self->resolver = NULL;
    return 0;
}

static int resolver_tostring(lua_State *L)
{
    box *self = luaL_checkudata(L, 1, RESOLVER);

    lua_pushfstring(L, "%s (%s)", RESOLVER, self->resolver ? "open" : "closed");
    return 1;
}

static const luaL_Reg resolver_methods[] = {
    { "ask", resolver_ask },       { "next", resolver_next },
    { "feed", resolver_feed },     { "closed", resolver_closed },
    { "expire", resolver_expire }, { "deadline", resolver_deadline },
    { "close", resolver_close },   { NULL, NULL },
};

static const luaL_Reg resolver_metamethods[] = {
    { "__gc", resolver_close },
    { "__close", resolver_close },
    { "__tostring", resolver_tostring },
    { NULL, NULL },
};

/* ---- without c-ares: what a host needs that carries messages itself ---- */

/* name(text): the name in small letters without a last dot, or that it is
 * none. */
static int dns_name(lua_State *L)
{
    ph_dns_name name;

    if (ph_dns_name_parse(&name, lph_check_span(L, 1)) < 0)
        return bad_name(L);
    push_name(L, &name);
    return 1;
}

/* answer(octets, name, type): the table of the event, or what is wrong. */
static int dns_answer(lua_State *L)
{
    ph_span message = lph_check_span(L, 1);
    ph_span name = lph_check_span(L, 2);
    ph_question question;
    ph_answer answer;

    if (ph_question_init(&question, name, check_type(L, 3)) < 0)
        return bad_name(L);
    if (ph_answer_read(&answer, message, &question) < 0)
        return lph_failure_kind(L, PH_E_DNS, PH_CLASS_TEMPORARY,
                                PH_PHASE_LOOKUP, "malformed answer");
    push_answer(L, &answer);
    return 1;
}

static int push_question(lua_State *L, const ph_question *question, uint16_t id)
{
    char room[PH_QUESTION_LIMIT];
    ph_buf octets;
    ph_span span;

    ph_buf_init(&octets, PH_QUESTION_LIMIT);
    (void)ph_question_format(question, id, &octets);
    span = ph_buf_span(&octets);
    /* Freed before anything of Lua's may raise. */
    if (span.at)
        memcpy(room, span.at, span.size);
    ph_buf_clear(&octets);
    if (span.size == 0)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                PH_PHASE_LOOKUP, "out of memory");
    lua_pushlstring(L, room, span.size);
    lua_pushinteger(L, id);
    return 2;
}

/* question(name, type): its octets, and the random id in them. */
static int dns_question(lua_State *L)
{
    ph_span name = lph_check_span(L, 1);
    ph_question question;
    unsigned char id[2];

    if (ph_question_init(&question, name, check_type(L, 2)) < 0)
        return bad_name(L);
    if (ph_random_fill(id, sizeof id) < 0)
        return lph_failure_kind(L, PH_E_IO, PH_CLASS_TEMPORARY, PH_PHASE_LOOKUP,
                                "the system gave no random number");
    return push_question(L, &question, (uint16_t)(id[0] << 8 | id[1]));
}

/* ---- the door ---- */

/* version(): of the c-ares that runs. */
static int dns_version(lua_State *L)
{
    lua_pushstring(L, ph_channel_version());
    return 1;
}

static const luaL_Reg functions[] = {
    { "resolver", dns_resolver }, { "name", dns_name },
    { "question", dns_question }, { "answer", dns_answer },
    { "version", dns_version },   { NULL, NULL },
};

int luaopen_posthorn_dns(lua_State *L)
{
    if (ph_channel_start() < 0)
        return luaL_error(L, "c-ares could not be made ready");
    /* c-ares counts who made it ready, and nobody counts down: so this module
     * stays loaded with it, however often Lua states come and go. */
    lph_pin();
    lph_class(L, RESOLVER, resolver_methods, resolver_metamethods);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
