/* lph_envelope.c - envelopes on their way from Lua, and what became of them on
 * its way back.
 * SPDX-License-Identifier: MIT */
#include "lph_envelope.h"
#include "lph.h"
#include "lph_esmtp.h"
#include "codec/address.h"
#include "smtp/reply.h"

#include <stdio.h>

/* ---- from Lua */

static const char *const envelope_names[] = { "from", "to", NULL };
static const char *const recipient_names[] = { "address", "notify", "orcpt",
                                               NULL };

static const char no_mailbox[] = "an envelope's address must be one bare "
                                 "mailbox, as user@example.org";

static int no_memory(lua_State *L)
{
    return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                            "out of memory");
}

/* Whether the value on top of the stack is a string with a bare mailbox: 0,
 * PH_E_INVALID, or PH_E_LIMIT: no memory to tell. */
static int check_mailbox(lua_State *L)
{
    ph_span text;

    if (lua_type(L, -1) != LUA_TSTRING)
        return PH_E_INVALID;
    text.at = lua_tolstring(L, -1, &text.size);
    return ph_address_put_bare(NULL, text);
}

/* name: of the recipient's parameter that is unusable, or NULL. */
static int bad_recipient(lua_State *L, int result, size_t index,
                         const char *name)
{
    char field[PH_ERROR_FIELD];

    if (ph_error_is_limit(result))
        return no_memory(L);
    snprintf(field, sizeof field, "envelope.to[%lu]%s%s", (unsigned long)index,
             name ? "." : "", name ? name : "");
    return lph_invalid(L, field,
                       name ? "a recipient's notify or orcpt cannot be sent"
                            : no_mailbox);
}

/* Pushes the parameters of entry i (1 ...), or nil, and its address; negative:
 * see check_mailbox, or *field names the parameter that is unusable. */
static int get_recipient(lua_State *L, int to, size_t i, const char **field)
{
    int result;

    *field = NULL;
    lua_rawgeti(L, to, (int)i);
    if (!lua_istable(L, -1)) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return check_mailbox(L);
    }
    lph_option_check(L, lua_gettop(L), recipient_names);
    result = lph_esmtp_read_recipient(L, field);
    if (result < 0)
        return result;
    *field = NULL;
    lua_insert(L, -2);
    lua_getfield(L, -1, "address");
    lua_remove(L, -2);
    return check_mailbox(L);
}

/* Whether seen (at top - 1) holds the string on top already; notes it. */
static bool is_twice(lua_State *L, int seen)
{
    bool is_seen;

    lua_pushvalue(L, -1);
    lua_rawget(L, seen);
    is_seen = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (!is_seen) {
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, seen);
    }
    return is_seen;
}

/* What was collected: addresses, each once; and the parameters of those that
 * have any, under the same numbers. */
struct collected {
    int addresses, parameters; /* tables on the stack */
    bool has_parameters;       /* there is the latter */
    size_t count, size;        /* how many; octets of all */
};

/* Takes the address on top and the parameters below it. */
static void keep_recipient(lua_State *L, struct collected *all)
{
    all->size += lua_rawlen(L, -1);
    lua_rawseti(L, all->addresses, (int)++all->count);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!all->has_parameters) {
        lua_newtable(L);
        lua_replace(L, all->parameters);
        all->has_parameters = true;
    }
    all->size += lua_rawlen(L, -1) + PH_ENVELOPE_ORCPT;
    lua_rawseti(L, all->parameters, (int)all->count);
}

/* Fills *all, whose tables are left on the stack; or pushes a failure and
 * returns 3. */
static int collect(lua_State *L, int to, struct collected *all)
{
    size_t n = lua_rawlen(L, to);
    int seen;

    if (n == 0)
        return lph_invalid(L, "envelope.to", "an envelope needs a recipient");
    if (n > PH_ENVELOPE_RECIPIENTS)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_PERMANENT,
                                PH_PHASE_BUILD,
                                "an envelope has at most 100000 recipients");
    lua_createtable(L, n < 100 ? (int)n : 100, 0);
    all->addresses = lua_gettop(L);
    lua_pushnil(L);
    all->parameters = lua_gettop(L);
    if (n > 1)
        lua_newtable(L);
    seen = lua_gettop(L);
    for (size_t i = 1; i <= n; i++) {
        const char *field;
        int result = get_recipient(L, to, i, &field);
        if (result < 0)
            return bad_recipient(L, result, i, field);
        if (n > 1 && is_twice(L, seen))
            lua_pop(L, 2);
        else
            keep_recipient(L, all);
    }
    lua_settop(L, all->parameters);
    return 0;
}

/* The string under a number of a table, which keeps it alive; or "". */
static ph_span string_at(lua_State *L, int table, size_t i)
{
    ph_span text = { NULL, 0 };

    lua_rawgeti(L, table, (int)i);
    if (lua_type(L, -1) == LUA_TSTRING)
        text.at = lua_tolstring(L, -1, &text.size);
    lua_pop(L, 1);
    return text;
}

/* Nothing in here raises: the tables hold strings alone. */
static ph_envelope *build(lua_State *L, ph_span from,
                          const ph_esmtp_parameters *parameters,
                          const struct collected *all)
{
    ph_envelope *envelope = ph_envelope_new(
        all->count, from.size + parameters->envid.size + all->size);

    if (!envelope)
        return NULL;
    ph_envelope_set_from(envelope, from);
    ph_envelope_set_parameters(envelope, parameters);
    for (size_t i = 1; i <= all->count; i++) {
        ph_span own = { NULL, 0 };
        ph_envelope_add(envelope, string_at(L, all->addresses, i));
        if (all->has_parameters)
            own = string_at(L, all->parameters, i);
        if (own.size)
            ph_envelope_add_parameters(envelope, lph_esmtp_notify(own),
                                       lph_esmtp_orcpt(own));
    }
    return envelope;
}

int lph_envelope_read(lua_State *L, int index,
                      const ph_esmtp_parameters *parameters,
                      ph_envelope **envelope)
{
    struct collected all = { 0 };
    ph_span from;
    int result, to;

    *envelope = NULL;
    index = lua_absindex(L, index);
    luaL_checktype(L, index, LUA_TTABLE);
    luaL_checkstack(L, 20, NULL);
    lph_option_check(L, index, envelope_names);
    lua_getfield(L, index, "from");
    /* "": the null reverse-path (RFC 5321, 4.5.5). */
    if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1)) {
        result = check_mailbox(L);
        if (ph_error_is_limit(result))
            return no_memory(L);
        if (result < 0)
            return lph_invalid(L, "envelope.from", no_mailbox);
    }
    from.at = lua_tolstring(L, -1, &from.size);
    lua_getfield(L, index, "to");
    to = lua_gettop(L);
    if (!lua_istable(L, to))
        return lph_invalid(L, "envelope.to", no_mailbox);
    result = collect(L, to, &all);
    if (result)
        return result;
    *envelope = build(L, from, parameters, &all);
    return *envelope ? 0 : no_memory(L);
}

/* ---- to Lua */

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (!*text)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

/* The deciding reply: code, enhanced, text. */
static void set_reply(lua_State *L, const ph_outcome *outcome)
{
    if (!outcome->code)
        return;
    lua_pushinteger(L, outcome->code);
    lua_setfield(L, -2, "code");
    set_text(L, "enhanced", outcome->enhanced);
    lph_push_printable(L, outcome->text);
    lua_setfield(L, -2, "text");
}

static void set_queue_id(lua_State *L, const ph_outcome *outcome)
{
    ph_span id = ph_reply_queue_id(outcome->text);

    if (!outcome->accepted || id.size == 0)
        return;
    lua_pushlstring(L, id.at, id.size);
    lua_setfield(L, -2, "queue_id");
}

/* The sentence of a failure, with the reply behind it. */
static void set_failure(lua_State *L, const ph_outcome *outcome)
{
    ph_error error = { .kind = outcome->kind,
                       .class = outcome->class,
                       .phase = outcome->phase,
                       .code = outcome->code,
                       .message = outcome->message,
                       .text = (char *)outcome->text.at,
                       .text_size = outcome->text.size };

    memcpy(error.enhanced, outcome->enhanced, sizeof error.enhanced);
    set_text(L, "kind", ph_error_kind_name(error.kind));
    set_text(L, "class", ph_error_class_name(error.class));
    set_text(L, "phase", ph_error_phase_name(error.phase));
    lph_push_sentence(L, &error);
    lua_setfield(L, -2, "message");
}

void lph_envelope_push_record(lua_State *L, const ph_envelope *envelope,
                              size_t index)
{
    ph_span address = ph_envelope_address(envelope, index);
    ph_outcome outcome = ph_envelope_outcome(envelope, index);

    lua_createtable(L, 0, 8);
    lua_pushlstring(L, address.at, address.size);
    lua_setfield(L, -2, "address");
    lua_pushboolean(L, outcome.accepted);
    lua_setfield(L, -2, "accepted");
    set_reply(L, &outcome);
    set_queue_id(L, &outcome);
    if (!outcome.accepted)
        set_failure(L, &outcome);
}

/* The keywords of what the sender wanted and the server does not offer. */
static void set_left_out(lua_State *L, unsigned which)
{
    int count = 0;

    if (!which)
        return;
    lua_newtable(L);
    for (unsigned bit = 1; bit <= which; bit <<= 1) {
        if (!(which & bit))
            continue;
        lua_pushstring(L, ph_capability_name(bit));
        lua_rawseti(L, -2, ++count);
    }
    lua_setfield(L, -2, "left_out");
}

void lph_envelope_set_recipients(lua_State *L, const ph_envelope *envelope)
{
    int top = lua_gettop(L), accepted = 0, refused = 0;
    size_t yes = envelope->accepted, all = envelope->count;

    lua_createtable(L, (int)all, 0);         /* top + 1 */
    lua_createtable(L, (int)yes, 0);         /* top + 2 */
    lua_createtable(L, (int)(all - yes), 0); /* top + 3 */
    for (size_t i = 0; i < all; i++) {
        lph_envelope_push_record(L, envelope, i);
        if (envelope->recipients[i].accepted) {
            lua_getfield(L, -1, "address");
            lua_rawseti(L, top + 2, ++accepted);
        } else {
            lua_pushvalue(L, -1);
            lua_rawseti(L, top + 3, ++refused);
        }
        lua_rawseti(L, top + 1, (int)i + 1);
    }
    lua_setfield(L, top, "refused");
    lua_setfield(L, top, "accepted");
    lua_setfield(L, top, "recipients");
    set_left_out(L, envelope->parameters.left_out);
}

/* Copies a field of the table on top to the one below it. */
static void copy_field(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    lua_setfield(L, -3, name);
}

/* The reply stands in the first accepted record already. */
void lph_envelope_push_result(lua_State *L, const ph_envelope *envelope)
{
    int first = 0, result;

    while (!envelope->recipients[first].accepted)
        first++;
    lua_createtable(L, 0, 12);
    result = lua_gettop(L);
    lph_envelope_set_recipients(L, envelope);
    lua_createtable(L, 0, 3);
    lua_getfield(L, result, "recipients");
    lua_rawgeti(L, -1, first + 1);
    lua_remove(L, -2);
    copy_field(L, "code");
    copy_field(L, "enhanced");
    copy_field(L, "text");
    lua_getfield(L, -1, "queue_id");
    lua_setfield(L, result, "queue_id");
    lua_pop(L, 1);
    lua_setfield(L, result, "reply");
}

int lph_envelope_push_brief(lua_State *L, const ph_envelope *envelope)
{
    ph_outcome outcome = ph_envelope_outcome(envelope, 0);
    ph_span address = ph_envelope_address(envelope, 0);
    ph_span id = ph_reply_queue_id(outcome.text);

    lua_pushinteger(L, outcome.code);
    if (outcome.enhanced[0])
        lua_pushstring(L, outcome.enhanced);
    else
        lua_pushnil(L);
    lph_push_printable(L, outcome.text);
    if (id.size)
        lua_pushlstring(L, id.at, id.size);
    else
        lua_pushnil(L);
    lua_pushlstring(L, address.at, address.size);
    return 5;
}
