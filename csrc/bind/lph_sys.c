/* lph_sys.c - the door of posthorn.sys: the clock, and the loop that tells
 * who may go on.
 * SPDX-License-Identifier: MIT */
#include "lph_socket.h"
#include "sys/exchange.h"
#include "sys/sock.h"

#include <errno.h>
#include <math.h>

LPH_EXPORT int luaopen_posthorn_sys(lua_State *L);

#define LOOP "posthorn.sys.loop"

/* ---- the loop ---- */

static ph_poller *loop_check(lua_State *L)
{
    ph_poller **self = luaL_checkudata(L, 1, LOOP);

    if (!*self)
        luaL_error(L, "the loop was closed");
    return *self;
}

static int loop_gc(lua_State *L)
{
    ph_poller **self = luaL_checkudata(L, 1, LOOP);

    ph_poller_free(*self);
    *self = NULL;
    return 0;
}

static int loop_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", LOOP, lua_touserdata(L, 1));
    return 1;
}

/* loop{poll = "epoll"|"poll"}; its anchor holds the machines of waits. */
static int sys_loop(lua_State *L)
{
    ph_span kind = { NULL, 0 };
    ph_poller **self;

    if (!lua_isnoneornil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        kind = lph_option_span(L, 1, "poll");
    }
    if (kind.at && !ph_span_equal(kind, ph_span_text("poll")) &&
        !ph_span_equal(kind, ph_span_text("epoll")))
        return luaL_error(L, "option 'poll' must be \"epoll\" or \"poll\"");
    self = lph_newuserdata(L, sizeof *self);
    *self = NULL;
    lph_class_set(L, LOOP);
    lua_newtable(L);
    lph_anchor_set(L, -2);
    *self = ph_poller_new(!ph_span_equal(kind, ph_span_text("poll")));
    return *self ? 1 : luaL_error(L, "not enough memory");
}

/* open(): a number for somebody who will wait. */
static int loop_open(lua_State *L)
{
    int waiter = ph_poller_open(loop_check(L));

    if (waiter < 0)
        return luaL_error(L, "not enough memory");
    lua_pushinteger(L, waiter);
    return 1;
}

/* Holds the value at index for a waiter, or (0) nothing any more. */
static void hold(lua_State *L, int waiter, int index)
{
    lph_anchor_get(L, 1);
    if (index)
        lua_pushvalue(L, index);
    else
        lua_pushnil(L);
    lua_rawseti(L, -2, waiter);
    lua_pop(L, 1);
}

static int loop_shut(lua_State *L)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);

    ph_poller_shut(self, waiter);
    hold(L, waiter, 0);
    return 0;
}

static double check_deadline(lua_State *L, int arg)
{
    return luaL_optnumber(L, arg, (lua_Number)INFINITY);
}

static void arm(lua_State *L, ph_poller *self, int waiter,
                const ph_poller_wait *wait)
{
    if (ph_poller_arm(self, waiter, wait) < 0)
        luaL_error(L, "another coroutine waits for this connection");
}

/* await(waiter, deadline): for that time, or a wake. */
static int loop_await(lua_State *L)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);
    ph_poller_wait wait = { .deadline = check_deadline(L, 3) };

    arm(L, self, waiter, &wait);
    return 0;
}

static int await_socket(lua_State *L, unsigned want)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);
    ph_poller_wait wait = { .watch = lph_socket_check(L, 4),
                            .want = want,
                            .deadline = check_deadline(L, 3) };

    arm(L, self, waiter, &wait);
    return 0;
}

/* await_read(waiter, deadline, socket), await_write. */
static int loop_await_read(lua_State *L)
{
    return await_socket(L, PH_POLLER_READ);
}

static int loop_await_write(lua_State *L)
{
    return await_socket(L, PH_POLLER_WRITE);
}

/* wake(waiter [, is_ready]): ends its wait with "woken", or "ready"; whether
 * it waited. */
static int loop_wake(lua_State *L)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);

    lua_pushboolean(L, ph_poller_wake(self, waiter,
                                      lua_toboolean(L, 3) ? PH_POLLER_READY
                                                          : PH_POLLER_WOKEN));
    return 1;
}

/* Pushes how an exchange ended: a reason and a text. */
static int push_exchange(lua_State *L, ph_exchange_state state)
{
    switch (state) {
    case PH_EXCHANGE_PENDING:
        lua_pushliteral(L, "pending");
        return 1;
    case PH_EXCHANGE_EOF:
        lua_pushliteral(L, "eof");
        return 1;
    case PH_EXCHANGE_CLOSED:
        lua_pushliteral(L, "error");
        lua_pushliteral(L, "the machine was closed");
        return 2;
    default: {
        int error = errno;
        lua_pushliteral(L, "error");
        lua_pushstring(L, ph_sock_reason(error));
        return 2;
    }
    }
}

/* Exchanges what can be without waiting; true: then *state tells, else the
 * waiter waits on. PH_E_USAGE, PH_E_LIMIT as ph_poller_arm. */
static int exchange_or_wait(ph_poller *poll, int waiter, ph_poller_wait *wait,
                            ph_exchange_state *state)
{
    int armed;

    *state = ph_exchange(wait->watch, wait->machine, &wait->want);
    if (*state != PH_EXCHANGE_WAIT && *state != PH_EXCHANGE_AGAIN)
        return 1;
    if (wait->is_watched && wait->watch->moved) {
        *state = PH_EXCHANGE_PENDING;
        return 1;
    }
    wait->deadline = ph_exchange_limit(wait->watch, wait->machine);
    if (wait->until < wait->deadline)
        wait->deadline = wait->until;
    armed = ph_poller_arm(poll, waiter, wait);
    if (armed == PH_OK && *state == PH_EXCHANGE_AGAIN)
        (void)ph_poller_wake(poll, waiter, PH_POLLER_READY);
    return armed;
}

/* exchange(waiter, deadline, socket, machine, is_watched): nil: it waits now,
 * and `next` will give a reason; else the reason at once. Reasons: "pending"
 * (when it is watched after any octets too), "eof", "error" and text, "timeout"
 * (of the deadline, or of the machine's own wait), "woken". */
static int loop_exchange(lua_State *L)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);
    ph_poller_wait wait = { .watch = lph_socket_check(L, 4),
                            .machine = lph_machine_check(L, 5),
                            .until = check_deadline(L, 3),
                            .is_watched = lua_toboolean(L, 6) };
    ph_exchange_state state;
    int ended = exchange_or_wait(self, waiter, &wait, &state);

    if (ended < 0)
        return luaL_error(L, "another coroutine waits for this connection");
    if (ended)
        return push_exchange(L, state);
    hold(L, waiter, 5);
    return 0;
}

static int push_wakeup(lua_State *L, const ph_poller_wakeup *wakeup)
{
    static const char *const reasons[] = { "ready", "timeout", "woken" };

    lua_pushinteger(L, wakeup->waiter);
    lua_pushstring(L, reasons[wakeup->reason]);
    return 2;
}

/* next(): the number of one whose wait ended, the reason, a text; false after
 * a signal; nil: nobody waits for anything that could happen. An exchange
 * goes on in here until it has an event. */
static int loop_next(lua_State *L)
{
    ph_poller *self = loop_check(L);
    ph_poller_wakeup wakeup;
    ph_exchange_state state;
    bool is_idle;
    int told;

    while ((told = ph_poller_next(self, &wakeup, &is_idle)) > 0) {
        if (!wakeup.wait.machine)
            return push_wakeup(L, &wakeup);
        if (wakeup.reason != PH_POLLER_READY) {
            hold(L, wakeup.waiter, 0);
            return push_wakeup(L, &wakeup);
        }
        if (exchange_or_wait(self, wakeup.waiter, &wakeup.wait, &state)) {
            hold(L, wakeup.waiter, 0);
            lua_pushinteger(L, wakeup.waiter);
            return 1 + push_exchange(L, state);
        }
    }
    if (told < 0)
        return luaL_error(L, "waiting failed: %s", ph_sock_reason(errno));
    if (is_idle)
        return 0;
    lua_pushboolean(L, 0);
    return 1;
}

static const luaL_Reg loop_methods[] = {
    { "open", loop_open },
    { "shut", loop_shut },
    { "await", loop_await },
    { "await_read", loop_await_read },
    { "await_write", loop_await_write },
    { "wake", loop_wake },
    { "exchange", loop_exchange },
    { "next", loop_next },
    { NULL, NULL },
};

static const luaL_Reg loop_metamethods[] = {
    { "__gc", loop_gc },
    { "__tostring", loop_tostring },
    { NULL, NULL },
};

/* ---- the module ---- */

static int sys_now(lua_State *L)
{
    lua_pushnumber(L, ph_sock_now());
    return 1;
}

/* hostname(): the system's own name; nothing: it has none. */
static int sys_hostname(lua_State *L)
{
    char name[PH_SOCK_NAME];

    if (!ph_sock_hostname(name))
        return 0;
    lua_pushstring(L, name);
    return 1;
}

static int sys_is_yieldable(lua_State *L)
{
    lua_pushboolean(L, lph_is_yieldable(L));
    return 1;
}

static const luaL_Reg functions[] = {
    { "now", sys_now },
    { "is_yieldable", sys_is_yieldable },
    { "hostname", sys_hostname },
    { "loop", sys_loop },
    { NULL, NULL },
};

int luaopen_posthorn_sys(lua_State *L)
{
    lph_class(L, LOOP, loop_methods, loop_metamethods);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lph_socket_open(L);
    return 1;
}
