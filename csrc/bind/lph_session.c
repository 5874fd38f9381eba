/* lph_session.c - posthorn.core.session: the SMTP client machine as a
 * userdata (api.md, section 3).
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"
#include "lph_envelope.h"
#include "lph_session.h"
#include "smtp/session.h"

static int session_new(lua_State *L)
{
    ph_session_options options = { 0 };
    ph_error error = { 0 };
    lph_session *self;

    lph_session_read_options(L, &options);
    self = lph_newuserdata(L, sizeof *self);
    *self = (lph_session){ .session = NULL };
    lph_class_set(L, LPH_SESSION);
    lua_createtable(L, 2, 0);
    lph_anchor_set(L, -2);
    if (ph_session_new(&options, &self->session, &error) < 0)
        return lph_failure(L, &error);
    self->machine = *ph_session_machine(self->session);
    return 1;
}

/* ---- events */

static void push_reply(lua_State *L, const ph_error *reply)
{
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, reply->code);
    lua_setfield(L, -2, "code");
    if (reply->enhanced[0]) {
        lua_pushstring(L, reply->enhanced);
        lua_setfield(L, -2, "enhanced");
    }
    lph_push_printable(L, ph_span_of(reply->text, reply->text_size));
    lua_setfield(L, -2, "text");
}

static int push_value(lua_State *L, const ph_session_event *event)
{
    switch (event->kind) {
    case PH_SESSION_RECIPIENT:
        lph_envelope_push_record(L, event->envelope, event->index);
        return 2;
    case PH_SESSION_DELIVERED:
        lph_envelope_push_result(L, event->envelope);
        return 2;
    case PH_SESSION_REFUSED:
    case PH_SESSION_FAILED:
        lph_failure_push(L, event->error);
        if (event->envelope)
            lph_envelope_set_recipients(L, event->envelope);
        return 2;
    case PH_SESSION_REPLY:
        push_reply(L, event->error);
        return 2;
    case PH_SESSION_CLOSED:
        if (!event->error->kind)
            return 1;
        lph_failure_push(L, event->error);
        return 2;
    case PH_SESSION_WANT_BODY:
        lua_pushinteger(L, (lua_Integer)event->room);
        return 2;
    default:
        return 1;
    }
}

/* The mail is over: its body may go, unless it is another's by now. */
static void drop_body(lua_State *L, const ph_session *session)
{
    if (ph_session_has_body(session))
        return;
    lph_anchor_get(L, 1);
    lua_pushnil(L);
    lua_rawseti(L, -2, LPH_SESSION_BODY);
    lua_pop(L, 1);
}

/* next([is_brief]) -> event [, value]; nothing: write, read or wait. When it is
 * brief, a mail that its one recipient got comes without tables: "accepted",
 * code, enhanced, text, queue id, address. */
static int session_next(lua_State *L)
{
    static const char *const names[] = {
        [PH_SESSION_RECIPIENT] = "recipient",
        [PH_SESSION_DELIVERED] = "delivered",
        [PH_SESSION_REFUSED] = "refused",
        [PH_SESSION_REPLY] = "reply",
        [PH_SESSION_WANT_TLS] = "want_tls",
        [PH_SESSION_READY] = "ready",
        [PH_SESSION_WANT_BODY] = "want_body",
        [PH_SESSION_REWIND] = "rewind",
        [PH_SESSION_CLOSED] = "closed",
        [PH_SESSION_FAILED] = "failed",
    };
    ph_session *session = lph_session_get(L);
    ph_session_event event = ph_session_peek(session);
    int results;

    if (event.kind == PH_SESSION_NOTHING)
        return 0;
    if (event.kind == PH_SESSION_DELIVERED && lua_toboolean(L, 2) &&
        event.envelope->count == 1) {
        lua_pushliteral(L, "accepted");
        results = 1 + lph_envelope_push_brief(L, event.envelope);
    } else {
        lua_pushstring(L, names[event.kind]);
        results = push_value(L, &event);
    }
    if (event.kind == PH_SESSION_DELIVERED ||
        event.kind == PH_SESSION_REFUSED || event.kind == PH_SESSION_FAILED)
        drop_body(L, session);
    ph_session_take(session);
    return results;
}

/* ---- bytes */

static int session_feed(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    ph_span span = lph_check_span(L, 2);

    lua_pushboolean(L, ph_session_feed(session, span.at, span.size) >= 0);
    return 1;
}

static int session_feed_eof(lua_State *L)
{
    lua_pushboolean(L, ph_session_feed_eof(lph_session_get(L)) >= 0);
    return 1;
}

static int session_output(lua_State *L)
{
    ph_span span = ph_session_output(lph_session_get(L));
    lua_pushlstring(L, span.size ? span.at : "", span.size);
    return 1;
}

static int session_consume(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    lua_Integer n = luaL_checkinteger(L, 2);

    luaL_argcheck(L, n >= 0, 2, "must not be negative");
    ph_session_consume(session, (size_t)n);
    return 0;
}

static int session_pending(lua_State *L)
{
    lua_pushboolean(L, ph_session_is_pending(lph_session_get(L)));
    return 1;
}

static int session_deadline(lua_State *L)
{
    unsigned long number = 0;
    double seconds = ph_session_deadline(lph_session_get(L), &number);

    if (seconds < 0)
        return 0;
    lua_pushnumber(L, seconds);
    lua_pushinteger(L, (lua_Integer)number);
    return 2;
}

static int session_expire(lua_State *L)
{
    ph_session_expire(lph_session_get(L));
    return 0;
}

static int session_machine(lua_State *L)
{
    lph_session *self = lph_session_self(L);

    lph_session_get(L);
    lph_anchor_get(L, 1);
    lua_rawgeti(L, -1, LPH_SESSION_MACHINE);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lph_machine_push(L, &self->machine, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, LPH_SESSION_MACHINE);
    }
    return 1;
}

/* ---- what may be asked for */

static int session_secured(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    ph_span verified = { NULL, 0 };

    luaL_checktype(L, 2, LUA_TTABLE);
    lua_getfield(L, 2, "verified");
    if (lua_type(L, -1) == LUA_TSTRING)
        verified.at = lua_tolstring(L, -1, &verified.size);
    /* Only these words count as verified. */
    if (ph_session_secured(
            session, ph_span_equal(verified, ph_span_text("pkix")) ||
                         ph_span_equal(verified, ph_span_text("dane")) ||
                         ph_span_equal(verified, ph_span_text("pin"))) < 0)
        return lph_session_misuse(L);
    return 0;
}

/* attended(): the owner of the body machine did what want_body asked for */
static int session_attended(lua_State *L)
{
    ph_session_attended(lph_session_get(L));
    return 0;
}

static int done(lua_State *L, int result)
{
    if (result == PH_E_USAGE)
        return lph_session_misuse(L);
    lua_pushboolean(L, 1);
    return 1;
}

static int session_noop(lua_State *L)
{
    return done(L, ph_session_noop(lph_session_get(L)));
}

static int session_reset(lua_State *L)
{
    return done(L, ph_session_reset(lph_session_get(L)));
}

static int session_quit(lua_State *L)
{
    return done(L, ph_session_quit(lph_session_get(L)));
}

static int session_command(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    ph_span line;
    int result = PH_E_INVALID;

    if (!ph_session_is_ready(session))
        return lph_session_misuse(L);
    if (lua_type(L, 2) == LUA_TSTRING) {
        line = lph_check_span(L, 2);
        result = ph_session_command(session, line);
    }
    if (result == PH_E_INVALID)
        return lph_invalid(L, "line",
                           "the line is no command that can be "
                           "said between two mails");
    return done(L, result);
}

static int find_kind(const char *name)
{
    for (int kind = PH_E_INVALID; kind >= PH_E_CANCELLED; kind--)
        if (!strcmp(ph_error_kind_name(kind), name))
            return kind;
    return 0;
}

/* abort(kind, message [, class]) */
static int session_abort(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    int kind = find_kind(luaL_checkstring(L, 2));
    ph_span message = lph_check_span(L, 3);
    const char *class = luaL_optstring(L, 4, "temporary");
    bool is_permanent = !strcmp(class, "permanent");

    luaL_argcheck(L, kind, 2, "must be a kind of failure");
    luaL_argcheck(L,
                  is_permanent || !strcmp(class, "temporary") ||
                      !strcmp(class, "unknown"),
                  4, "must be temporary, permanent or unknown");
    ph_session_abort(session, kind,
                     is_permanent    ? PH_CLASS_PERMANENT
                     : *class == 'u' ? PH_CLASS_UNKNOWN
                                     : PH_CLASS_TEMPORARY,
                     message);
    return 0;
}

/* ---- what may be asked about */

static int session_phase(lua_State *L)
{
    lua_pushstring(L, ph_session_phase_name(lph_session_get(L)));
    return 1;
}

static int session_is_ready(lua_State *L)
{
    lua_pushboolean(L, ph_session_takes_mail(lph_session_get(L)));
    return 1;
}

static int session_is_reusable(lua_State *L)
{
    lua_pushboolean(L, ph_session_is_reusable(lph_session_get(L)));
    return 1;
}

/* progress() -> octets of the content under way that have left. */
static int session_progress(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)ph_session_progress(lph_session_get(L)));
    return 1;
}

/* { SIZE = "10240000", PIPELINING = "", ... } */
static int session_capabilities(lua_State *L)
{
    const ph_capability *offers = ph_session_capability(lph_session_get(L));
    ph_span lines = ph_buf_span(&offers->lines), keyword, parameters;
    ph_span auth = ph_buf_span(&offers->auth);

    lua_newtable(L);
    while (ph_capability_next(&lines, &keyword, &parameters)) {
        lua_pushlstring(L, keyword.at, keyword.size);
        lph_push_printable(L, parameters);
        lua_rawset(L, -3);
    }
    if (ph_capability_has(offers, PH_CAPABILITY_AUTH)) {
        lph_push_printable(L, auth);
        lua_setfield(L, -2, "AUTH");
    }
    return 1;
}

/* has(keyword) -> whether it is offered, and not off */
static int session_has(lua_State *L)
{
    ph_session *session = lph_session_get(L);
    unsigned which = lph_session_find_extension(lph_check_span(L, 2));

    lua_pushboolean(
        L, which && ph_capability_has(ph_session_capability(session), which));
    return 1;
}

/* trace() -> { phase =, direction =, text = }, or nothing */
static int session_trace(lua_State *L)
{
    ph_trace *trace = ph_session_trace(lph_session_get(L));
    ph_trace_entry entry;

    if (!ph_trace_peek(trace, &entry))
        return 0;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, ph_error_phase_name(entry.phase));
    lua_setfield(L, -2, "phase");
    lua_pushstring(L, entry.is_sent ? "sent" : "received");
    lua_setfield(L, -2, "direction");
    lph_push_printable(L, entry.text);
    lua_setfield(L, -2, "text");
    ph_trace_drop(trace);
    return 1;
}

/* ---- the end */

static int session_close(lua_State *L)
{
    lph_session *self = lph_session_self(L);

    ph_session_free(self->session);
    self->session = NULL;
    self->machine.self = NULL;
    return 0;
}

static int session_tostring(lua_State *L)
{
    lph_session *self = lph_session_self(L);

    lua_pushfstring(L, "%s (%s)", LPH_SESSION,
                    self->session ? ph_session_phase_name(self->session)
                                  : "closed");
    return 1;
}

static const luaL_Reg methods[] = {
    { "next", session_next },
    { "feed", session_feed },
    { "feed_eof", session_feed_eof },
    { "output", session_output },
    { "consume", session_consume },
    { "pending", session_pending },
    { "deadline", session_deadline },
    { "expire", session_expire },
    { "machine", session_machine },
    { "secured", session_secured },
    { "send", lph_session_send },
    { "send_raw", lph_session_send_raw },
    { "body", lph_session_body },
    { "attended", session_attended },
    { "noop", session_noop },
    { "reset", session_reset },
    { "command", session_command },
    { "quit", session_quit },
    { "abort", session_abort },
    { "phase", session_phase },
    { "progress", session_progress },
    { "is_ready", session_is_ready },
    { "is_reusable", session_is_reusable },
    { "capabilities", session_capabilities },
    { "has", session_has },
    { "trace", session_trace },
    { "close", session_close },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", session_close },
    { "__close", session_close },
    { "__tostring", session_tostring },
    { NULL, NULL },
};

void lph_session_open(lua_State *L)
{
    lph_class(L, LPH_SESSION, methods, metamethods);
    lua_pushcfunction(L, session_new);
    lua_setfield(L, -2, "session");
}
