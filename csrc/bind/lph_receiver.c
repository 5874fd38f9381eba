/* lph_receiver.c - the receiver, the server's side of SMTP, as a userdata.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"
#include "base/ascii.h"
#include "smtp/path.h"
#include "smtp/receiver.h"

#define RECEIVER "posthorn.receiver"

typedef struct lph_receiver {
    ph_receiver *receiver; /* NULL: closed */
    ph_machine machine;
} lph_receiver;

static lph_receiver *open_self(lua_State *L)
{
    lph_receiver *self = luaL_checkudata(L, 1, RECEIVER);

    if (!self->receiver)
        luaL_error(L, "the receiver was closed");
    return self;
}

static ph_receiver *open_receiver(lua_State *L)
{
    return open_self(L)->receiver;
}

/* ----- events */

static void push_span(lua_State *L, ph_span span)
{
    lua_pushlstring(L, span.size ? span.at : "", span.size);
}

static void set_span(lua_State *L, const char *name, ph_span span)
{
    push_span(L, span);
    lua_setfield(L, -2, name);
}

/* { KEYWORD = value or true } */
static void push_parameters(lua_State *L, ph_span text)
{
    ph_path_parameter parameter;

    lua_newtable(L);
    while (ph_path_parameter_next(&text, &parameter) > 0) {
        char keyword[64];
        size_t n = parameter.keyword.size;

        if (n > sizeof keyword)
            continue;
        for (size_t i = 0; i < n; i++)
            keyword[i] = ph_ascii_upper(parameter.keyword.at[i]);
        lua_pushlstring(L, keyword, n);
        if (parameter.value.at)
            push_span(L, parameter.value);
        else
            lua_pushboolean(L, 1);
        lua_rawset(L, -3);
    }
}

static void push_recipients(lua_State *L, const ph_receiver *receiver)
{
    size_t count, n;
    ph_span all = ph_receiver_recipients(receiver, &count);

    lua_createtable(L, count < 1000 ? (int)count : 1000, 0);
    for (size_t i = 0; i < count; i++) {
        n = ph_span_find(all, '\0');
        push_span(L, ph_span_of(all.at, n));
        lua_rawseti(L, -2, (int)i + 1);
        all = ph_span_after(all, n + 1);
    }
}

/* { [i] = { KEYWORD = value or true } } for those that had any. */
static void push_recipient_parameters(lua_State *L, const ph_receiver *receiver)
{
    ph_span all = ph_receiver_recipient_parameters(receiver);

    lua_newtable(L);
    for (int i = 1; all.size; i++) {
        size_t n = ph_span_find(all, '\0');
        if (n) {
            push_parameters(L, ph_span_of(all.at, n));
            lua_rawseti(L, -2, i);
        }
        all = ph_span_after(all, n + 1);
    }
}

static void push_message(lua_State *L, const ph_receiver *receiver,
                         const ph_receiver_event *event)
{
    lua_createtable(L, 0, 6);
    set_span(L, "from", ph_receiver_reverse_path(receiver));
    push_recipients(L, receiver);
    lua_setfield(L, -2, "to");
    push_parameters(L, ph_receiver_parameters(receiver));
    lua_setfield(L, -2, "parameters");
    push_recipient_parameters(L, receiver);
    lua_setfield(L, -2, "recipient_parameters");
    lua_pushnumber(L, (lua_Number)ph_receiver_size(receiver));
    lua_setfield(L, -2, "size");
    if (event->text.size)
        set_span(L, "content", event->text);
}

static void push_auth(lua_State *L, const ph_receiver_event *event)
{
    lua_createtable(L, 0, 3);
    set_span(L, "user", event->text);
    set_span(L, "password", event->password);
    if (event->authorization.size)
        set_span(L, "authorization", event->authorization);
}

/* Pushes name, value [, parameters]; how many. */
static int push_event(lua_State *L, const ph_receiver *receiver,
                      const ph_receiver_event *event)
{
    static const char *const names[] = {
        [PH_RECEIVER_WANT_TLS] = "want_tls",
        [PH_RECEIVER_AUTH] = "auth",
        [PH_RECEIVER_MAIL] = "mail",
        [PH_RECEIVER_RECIPIENT] = "recipient",
        [PH_RECEIVER_CONTENT] = "content",
        [PH_RECEIVER_MESSAGE] = "message",
        [PH_RECEIVER_DROPPED] = "dropped",
        [PH_RECEIVER_CLOSED] = "closed",
    };

    lua_pushstring(L, names[event->kind]);
    switch (event->kind) {
    case PH_RECEIVER_AUTH:
        push_auth(L, event);
        return 2;
    case PH_RECEIVER_MESSAGE:
        push_message(L, receiver, event);
        return 2;
    case PH_RECEIVER_MAIL:
    case PH_RECEIVER_RECIPIENT:
        push_span(L, event->text);
        push_parameters(L, event->parameters);
        return 3;
    case PH_RECEIVER_CONTENT:
    case PH_RECEIVER_CLOSED:
        push_span(L, event->text);
        return 2;
    case PH_RECEIVER_WANT_TLS:
    case PH_RECEIVER_DROPPED:
    case PH_RECEIVER_NONE:
        break;
    }
    return 1;
}

static int receiver_next(lua_State *L)
{
    ph_receiver *receiver = open_receiver(L);
    ph_receiver_event event;

    ph_receiver_next(receiver, &event);
    if (event.kind == PH_RECEIVER_NONE)
        return 0;
    return push_event(L, receiver, &event);
}

/* reply(): accept; reply(code, enhanced or nil, text). */
static int receiver_reply(lua_State *L)
{
    ph_receiver *receiver = open_receiver(L);
    ph_span enhanced = { NULL, 0 }, text = { NULL, 0 };
    lua_Integer code = luaL_optinteger(L, 2, 0);
    int result;

    luaL_argcheck(L, !code || (code >= 200 && code <= 599), 2,
                  "must be from 200 to 599");
    if (!lua_isnoneornil(L, 3))
        enhanced = lph_check_span(L, 3);
    if (!lua_isnoneornil(L, 4))
        text = lph_check_span(L, 4);
    result = ph_receiver_reply(receiver, (int)code, enhanced, text);
    if (result == PH_E_USAGE)
        return luaL_error(L, "no event waits for a reply");
    if (result < 0)
        return luaL_error(L, "an enhanced status code of another class, or "
                             "text with controls or over 2048 octets");
    return 0;
}

static int receiver_secured(lua_State *L)
{
    if (ph_receiver_secured(open_receiver(L)) < 0)
        return luaL_error(L, "no handshake was wanted");
    return 0;
}

/* { helo=, esmtp=, secured=, user= } as far as known. */
static int receiver_facts(lua_State *L)
{
    const ph_receiver *receiver = open_receiver(L);

    lua_createtable(L, 0, 4);
    if (ph_receiver_helo(receiver).size)
        set_span(L, "helo", ph_receiver_helo(receiver));
    if (ph_receiver_user(receiver).size)
        set_span(L, "user", ph_receiver_user(receiver));
    lua_pushboolean(L, ph_receiver_is_esmtp(receiver));
    lua_setfield(L, -2, "esmtp");
    lua_pushboolean(L, ph_receiver_is_secured(receiver));
    lua_setfield(L, -2, "secured");
    return 1;
}

/* ----- the machine's verbs */

static int receiver_machine(lua_State *L)
{
    lph_receiver *self = open_self(L);

    lph_anchor_get(L, 1);
    lua_rawgeti(L, -1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lph_machine_push(L, &self->machine, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, 1);
    }
    return 1;
}

static int receiver_feed(lua_State *L)
{
    lph_receiver *self = open_self(L);
    ph_span span = lph_check_span(L, 2);

    lua_pushboolean(L, self->machine.feed(self->receiver, span.at, span.size) >=
                           0);
    return 1;
}

static int receiver_feed_eof(lua_State *L)
{
    lph_receiver *self = open_self(L);

    lua_pushboolean(L, self->machine.feed_eof(self->receiver) >= 0);
    return 1;
}

static int receiver_output(lua_State *L)
{
    lph_receiver *self = open_self(L);

    push_span(L, self->machine.output(self->receiver));
    return 1;
}

static int receiver_consume(lua_State *L)
{
    lph_receiver *self = open_self(L);
    lua_Integer n = luaL_checkinteger(L, 2);

    luaL_argcheck(L, n >= 0, 2, "must not be negative");
    self->machine.consume(self->receiver, (size_t)n);
    return 0;
}

static int receiver_pending(lua_State *L)
{
    lph_receiver *self = open_self(L);

    lua_pushboolean(L, self->machine.pending(self->receiver));
    return 1;
}

static int receiver_deadline(lua_State *L)
{
    lph_receiver *self = open_self(L);
    unsigned long number = 0;
    double seconds = self->machine.deadline(self->receiver, &number);

    if (seconds < 0)
        return 0;
    lua_pushnumber(L, seconds);
    lua_pushinteger(L, (lua_Integer)number);
    return 2;
}

static int receiver_expire(lua_State *L)
{
    lph_receiver *self = open_self(L);

    self->machine.expire(self->receiver);
    return 0;
}

static int receiver_close(lua_State *L)
{
    lph_receiver *self = luaL_checkudata(L, 1, RECEIVER);

    self->machine.self = NULL;
    ph_receiver_free(self->receiver);
    self->receiver = NULL;
    return 0;
}

static int receiver_tostring(lua_State *L)
{
    lph_receiver *self = luaL_checkudata(L, 1, RECEIVER);

    lua_pushfstring(L, "%s: %p%s", RECEIVER, (void *)self,
                    self->receiver ? "" : " (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    { "next", receiver_next },         { "reply", receiver_reply },
    { "secured", receiver_secured },   { "facts", receiver_facts },
    { "machine", receiver_machine },   { "feed", receiver_feed },
    { "feed_eof", receiver_feed_eof }, { "output", receiver_output },
    { "consume", receiver_consume },   { "pending", receiver_pending },
    { "deadline", receiver_deadline }, { "expire", receiver_expire },
    { "close", receiver_close },       { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", receiver_close },
    { "__close", receiver_close },
    { "__tostring", receiver_tostring },
    { NULL, NULL },
};

/* ----- birth */

static const char *const names[] = {
    "hostname",     "size", "recipients", "timeout", "extensions",
    "ask",          "tls",  "content",    "auth",    "allow_plaintext_auth",
    "require_auth", "lmtp", NULL,
};

/* In the order of the PH_RECEIVER_ flags. */
static const char *const extensions[] = {
    "PIPELINING", "8BITMIME", "SIZE",      "ENHANCEDSTATUSCODES", "SMTPUTF8",
    "HELP",       "DSN",      "DELIVERBY", "FUTURERELEASE",       "MT-PRIORITY",
    "REQUIRETLS", "LIMITS",   "CHUNKING",  "BINARYMIME",          NULL,
};
static const char *const asks[] = { "mail", "recipient", NULL };

/* In the order of their enumerations. */
static const char *const tls_words[] = { "none", "starttls", "implicit", NULL };
static const char *const content_words[] = { "whole", "stream", "discard",
                                             NULL };

/* A table of booleans turns flags on and off. */
static unsigned option_flags(lua_State *L, const char *name,
                             const char *const *words, unsigned flags)
{
    lua_getfield(L, 1, name);
    if (!lua_isnil(L, -1)) {
        int table = lua_gettop(L);
        if (!lua_istable(L, table))
            luaL_error(L, "option '%s' must be a table of booleans", name);
        lph_option_check(L, table, words);
        for (unsigned i = 0; words[i]; i++) {
            if (lph_option_bool(L, table, words[i], flags & 1u << i))
                flags |= 1u << i;
            else
                flags &= ~(1u << i);
        }
    }
    lua_pop(L, 1);
    return flags;
}

static int option_word(lua_State *L, const char *name, const char *const *words)
{
    ph_span word = lph_option_span(L, 1, name);

    if (!word.at)
        return 0;
    for (int i = 0; words[i]; i++)
        if (ph_span_equal(word, ph_span_text(words[i])))
            return i;
    return luaL_error(L, "option '%s' has no value '%s'", name, word.at);
}

static size_t option_size(lua_State *L, const char *name, size_t fallback)
{
    double number = lph_option_number(L, 1, name, (double)fallback);

    if (!(number >= 1 && number <= 1099511627776.0))
        luaL_error(L, "option '%s' must be a number from 1 on", name);
    return (size_t)number;
}

static void read_options(lua_State *L, ph_receiver_options *options)
{
    ph_span hostname = lph_option_span(L, 1, "hostname");

    ph_receiver_options_init(options);
    if (hostname.at)
        options->hostname = hostname;
    if (!options->hostname.size || options->hostname.size > 255 ||
        ph_span_find(options->hostname, ' ') < options->hostname.size ||
        ph_ascii_has_control(options->hostname))
        luaL_error(L, "option 'hostname' must be a host name");
    options->size_limit = option_size(L, "size", options->size_limit);
    options->recipient_limit =
        option_size(L, "recipients", options->recipient_limit);
    options->timeout = lph_option_number(L, 1, "timeout", options->timeout);
    options->extensions =
        option_flags(L, "extensions", extensions, options->extensions);
    options->ask = option_flags(L, "ask", asks, 0);
    options->tls = (ph_receiver_tls)option_word(L, "tls", tls_words);
    options->content =
        (ph_receiver_content)option_word(L, "content", content_words);
    options->has_auth = lph_option_bool(L, 1, "auth", false);
    options->allow_plaintext_auth =
        lph_option_bool(L, 1, "allow_plaintext_auth", false);
    options->require_auth = lph_option_bool(L, 1, "require_auth", false);
    options->is_lmtp = lph_option_bool(L, 1, "lmtp", false);
}

static int core_receiver(lua_State *L)
{
    ph_receiver_options options;
    lph_receiver *self;

    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lph_option_check(L, 1, names);
    read_options(L, &options);
    self = lph_newuserdata(L, sizeof *self);
    memset(self, 0, sizeof *self);
    lph_class(L, RECEIVER, methods, metamethods);
    lph_class_set(L, RECEIVER);
    lua_newtable(L);
    lph_anchor_set(L, -2);
    self->receiver = ph_receiver_new(&options);
    if (!self->receiver)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                PH_PHASE_NONE, "no memory");
    ph_receiver_machine(self->receiver, &self->machine);
    return 1;
}

static const luaL_Reg functions[] = {
    { "receiver", core_receiver },
    { NULL, NULL },
};

void lph_receiver_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
