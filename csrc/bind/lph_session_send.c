/* lph_session_send.c - a mail on its way into the session: envelope, options,
 * content.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_envelope.h"
#include "lph_esmtp.h"
#include "lph_raw.h"
#include "lph_session.h"

static const char *const send_names[] = {
    "size", "body", "smtputf8", "require_all", "rset", LPH_ESMTP_NAMES, NULL,
};

/* In the order of send_names. */
enum {
    SEND_SIZE = 1 << 0,
    SEND_BODY = 1 << 1,
    SEND_SMTPUTF8 = 1 << 2,
    SEND_REQUIRE_ALL = 1 << 3,
    SEND_RSET = 1 << 4,
    SEND_ESMTP = 5 /* where LPH_ESMTP_NAMES begin */
};

static void read_body_kind(lua_State *L, ph_transaction_options *options)
{
    ph_span body = lph_option_span(L, 3, "body");

    options->is_eight_bit = ph_span_equal(body, ph_span_text("8bitmime"));
    options->is_binary = ph_span_equal(body, ph_span_text("binarymime"));
    if (!options->is_eight_bit && !options->is_binary &&
        !ph_span_equal(body, ph_span_text("7bit")))
        luaL_error(L, "option 'body' must be 7bit, 8bitmime or binarymime");
}

static void read_size(lua_State *L, ph_transaction_options *options)
{
    double size = lph_option_number(L, 3, "size", -1);

    if (!(size >= 0 && size < 9e15))
        return;
    options->has_size = true;
    options->size = (uint64_t)size;
}

/* 0, or 3: nil, message, failure (pushed). */
static int read_send_options(lua_State *L, ph_transaction_options *options,
                             ph_esmtp_parameters *parameters)
{
    uint32_t seen;

    if (lua_isnoneornil(L, 3))
        return 0;
    luaL_checktype(L, 3, LUA_TTABLE);
    seen = lph_option_check(L, 3, send_names);
    if (seen & SEND_SIZE)
        read_size(L, options);
    if (seen & SEND_BODY)
        read_body_kind(L, options);
    options->needs_smtputf8 =
        seen & SEND_SMTPUTF8 && lph_option_bool(L, 3, "smtputf8", false);
    options->require_all =
        seen & SEND_REQUIRE_ALL && lph_option_bool(L, 3, "require_all", false);
    options->wants_rset =
        seen & SEND_RSET && lph_option_bool(L, 3, "rset", false);
    return seen >> SEND_ESMTP ? lph_esmtp_read(L, 3, parameters) : 0;
}

/* Keeps what the content comes out of alive with the session. */
static void anchor(lua_State *L, int index)
{
    lph_anchor_get(L, 1);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, LPH_SESSION_BODY);
    lua_pop(L, 1);
}

/* The body machine at an index, kept alive with the session; NULL: none. */
static const ph_machine *anchor_body(lua_State *L, int index)
{
    const ph_machine *body;

    if (lua_isnoneornil(L, index))
        return NULL;
    body = lph_machine_check(L, index);
    luaL_argcheck(L, body, index, "the machine was closed");
    anchor(L, index);
    return body;
}

/* send(envelope [, options [, body]]) -> true, or nil, message, failure */
int lph_session_send(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    ph_transaction_options options = { 0 };
    ph_esmtp_parameters parameters = { 0 };
    ph_error error = { 0 };
    ph_envelope *envelope;
    const ph_machine *body;
    int result;

    lua_settop(L, 4);
    if (!ph_session_is_ready(session))
        return lph_session_misuse(L);
    result = read_send_options(L, &options, &parameters);
    if (result)
        return result;
    body = anchor_body(L, 4);
    result = lph_envelope_read(L, 2, &parameters, &envelope);
    if (result)
        return result;
    result = ph_session_send(session, envelope, &options, body, &error);
    if (result < 0)
        return lph_failure(L, &error);
    lua_pushboolean(L, 1);
    return 1;
}

/* send_raw(raw [, rset]) -> true, or nil, message, failure: as send, of what
 * posthorn.core.raw gave. */
int lph_session_send_raw(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    const lph_raw *raw = lph_raw_check(L, 2);
    ph_transaction_options options = { .wants_rset = lua_toboolean(L, 3) };
    ph_error error = { 0 };
    ph_envelope *envelope;

    if (!ph_session_is_ready(session))
        return lph_session_misuse(L);
    lph_raw_options(raw, &options);
    anchor(L, 2);
    envelope = lph_raw_envelope(raw);
    if (!envelope)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                PH_PHASE_BUILD, "out of memory");
    if (ph_session_send(session, envelope, &options, NULL, &error) < 0)
        return lph_failure(L, &error);
    lua_pushboolean(L, 1);
    return 1;
}

/* body(chunk) -> how many octets were taken; body() ends the content;
 * body(machine) answers the event rewind. */
int lph_session_body(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    const ph_machine *machine;
    ph_span chunk;
    size_t taken = 0;
    int result;

    if (lua_gettop(L) == 1) {
        result = ph_session_body_end(session);
        lua_pushinteger(L, 0);
    } else if (lua_type(L, 2) == LUA_TUSERDATA) {
        machine = anchor_body(L, 2);
        result = ph_session_set_body(session, machine);
        lua_pushboolean(L, 1);
    } else {
        chunk = lph_check_span(L, 2);
        result = ph_session_body(session, chunk, &taken);
        lua_pushinteger(L, (lua_Integer)taken);
    }
    if (result == PH_E_USAGE)
        return lph_session_misuse(L);
    if (result < 0) /* the session has failed, and says so by its event */
        lua_pushinteger(L, 0);
    return 1;
}
