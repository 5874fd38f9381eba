/* lph_sys.c - the door of posthorn.sys: sockets, the clock, and the loop that
 * tells who may go on.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "base/mem.h"
#include "sys/exchange.h"
#include "sys/poller.h"
#include "sys/sock.h"

#include <errno.h>
#include <math.h>

LPH_EXPORT int luaopen_posthorn_sys(lua_State *L);

#define LOOP   "posthorn.sys.loop"
#define SOCKET "posthorn.sys.socket"

enum {
    PIECE = 32 * 1024, /* read at a time, on the stack */
    BACKLOG = 511,     /* connections not accepted yet */
    DATAGRAM = 64 * 1024
};

static int push_wait(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "wait");
    return 2;
}

/* nil, reason, text; state is a PH_E_*, errno tells more. */
static int push_failed(lua_State *L, int state)
{
    int error = errno;

    lua_pushnil(L);
    lua_pushstring(L, state == PH_E_LIMIT ? "limit" : "error");
    if (state == PH_E_INVALID)
        lua_pushliteral(L, "not an IP address, port or path");
    else
        lua_pushstring(L, ph_sock_reason(error));
    return 3;
}

static int push_state(lua_State *L, int state)
{
    if (state == PH_SOCK_WAIT)
        return push_wait(L);
    if (state < 0)
        return push_failed(L, state);
    lua_pushboolean(L, 1);
    return 1;
}

static ph_poller_watch *socket_new(lua_State *L)
{
    ph_poller_watch *self = lph_newuserdata(L, sizeof *self);

    ph_poller_watch_init(self, -1, 0);
    lph_class_set(L, SOCKET);
    return self;
}

static ph_poller_watch *socket_check(lua_State *L, int arg)
{
    ph_poller_watch *self = luaL_checkudata(L, arg, SOCKET);

    if (self->fd < 0)
        luaL_error(L, "the connection was closed");
    return self;
}

static int socket_close(lua_State *L)
{
    ph_poller_watch *self = luaL_checkudata(L, 1, SOCKET);

    ph_poller_forget(self);
    ph_sock_close(self->fd);
    self->fd = -1;
    return 0;
}

static int socket_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", SOCKET, lua_touserdata(L, 1));
    return 1;
}

/* connected(): true; or nil, "wait"; or nil, reason, text. */
static int socket_connected(lua_State *L)
{
    ph_poller_watch *self = socket_check(L, 1);
    int state = ph_sock_connected(self->fd);

    if (state == PH_SOCK_WAIT)
        self->ready &= ~(unsigned)PH_POLLER_WRITE;
    return push_state(L, state);
}

/* accept(): a socket; or as above. */
static int socket_accept(lua_State *L)
{
    ph_poller_watch *self = socket_check(L, 1);
    ph_poller_watch *stream = socket_new(L);
    int state = ph_sock_accept(self->fd, &stream->fd);

    if (state == PH_SOCK_WAIT)
        self->ready &= ~(unsigned)PH_POLLER_READ;
    if (state != PH_OK)
        return push_state(L, state);
    stream->ready = PH_POLLER_WRITE;
    return 1;
}

/* read(max): octets; or nil, "eof"; or as above. */
static int socket_read(lua_State *L)
{
    char piece[PIECE];
    ph_poller_watch *self = socket_check(L, 1);
    lua_Number max = luaL_optnumber(L, 2, PIECE);
    size_t size = max < 1 ? 1 : max < PIECE ? (size_t)max : PIECE;
    size_t got;
    int state = ph_sock_receive(self->fd, piece, size, &got);

    if (state == PH_SOCK_WAIT ||
        (state == PH_OK && got && got < size && !self->is_over))
        self->ready &= ~(unsigned)PH_POLLER_READ;
    if (state != PH_OK)
        return push_state(L, state);
    if (got) {
        lua_pushlstring(L, piece, got);
        return 1;
    }
    lua_pushnil(L);
    lua_pushliteral(L, "eof");
    return 2;
}

/* write(bytes, n): how many octets behind the first n were taken, where 0
 * says wait; or nil, reason, text. */
static int socket_write(lua_State *L)
{
    ph_poller_watch *self = socket_check(L, 1);
    ph_span bytes = lph_check_span(L, 2);
    lua_Number from = luaL_optnumber(L, 3, 0);
    ph_span rest = ph_span_after(bytes, from > 0 ? (size_t)from : 0);
    size_t sent = 0;
    int state = rest.size ? ph_sock_send(self->fd, rest, &sent) : PH_OK;

    if (state < 0)
        return push_failed(L, state);
    if (sent < rest.size)
        self->ready &= ~(unsigned)PH_POLLER_WRITE;
    lua_pushinteger(L, (lua_Integer)sent);
    return 1;
}

/* send(bytes): a datagram; true, or nil, reason, text. */
static int socket_send(lua_State *L)
{
    ph_poller_watch *self = socket_check(L, 1);
    size_t sent;

    return push_state(L, ph_sock_send(self->fd, lph_check_span(L, 2), &sent));
}

/* receive(): a datagram, which may be empty; or as accept. */
static int socket_receive(lua_State *L)
{
    char piece[DATAGRAM];
    ph_poller_watch *self = socket_check(L, 1);
    size_t got;
    int state = ph_sock_receive(self->fd, piece, sizeof piece, &got);

    if (state == PH_SOCK_WAIT)
        self->ready &= ~(unsigned)PH_POLLER_READ;
    if (state != PH_OK)
        return push_state(L, state);
    lua_pushlstring(L, piece, got);
    return 1;
}

static int socket_is_quiet(lua_State *L)
{
    lua_pushboolean(L, ph_sock_is_quiet(socket_check(L, 1)->fd));
    return 1;
}

static int socket_shutdown(lua_State *L)
{
    ph_sock_shutdown(socket_check(L, 1)->fd);
    return 0;
}

static int socket_buffers(lua_State *L)
{
    int octets = (int)luaL_checkinteger(L, 2);
    ph_sock_set_buffers(socket_check(L, 1)->fd, octets);
    return 0;
}

static int socket_port(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ph_sock_port(socket_check(L, 1)->fd));
    return 1;
}

/* wake(): ends the waits for it; whether there was one. */
static int socket_wake(lua_State *L)
{
    lua_pushboolean(L, ph_poller_wake_watch(socket_check(L, 1)));
    return 1;
}

static const luaL_Reg socket_methods[] = {
    { "connected", socket_connected },
    { "accept", socket_accept },
    { "read", socket_read },
    { "write", socket_write },
    { "send", socket_send },
    { "receive", socket_receive },
    { "is_quiet", socket_is_quiet },
    { "shutdown", socket_shutdown },
    { "buffers", socket_buffers },
    { "port", socket_port },
    { "wake", socket_wake },
    { "close", socket_close },
    { NULL, NULL },
};

static const luaL_Reg socket_metamethods[] = {
    { "__gc", socket_close },
    { "__close", socket_close },
    { "__tostring", socket_tostring },
    { NULL, NULL },
};

/* ---- their making ---- */

/* The address in the table at 1: `ip` and `port`, or `path`. */
static int address_check(lua_State *L, ph_sock_address *address)
{
    ph_span path, ip;
    double port;

    luaL_checktype(L, 1, LUA_TTABLE);
    path = lph_option_span(L, 1, "path");
    if (path.at)
        return ph_sock_address_path(address, path);
    ip = lph_option_span(L, 1, "ip");
    port = lph_option_number(L, 1, "port", 0);
    if (!ip.at)
        luaL_error(L, "option 'ip' or 'path' is missing");
    if (!(port >= 0 && port <= 65535))
        return PH_E_INVALID;
    return ph_sock_address_ip(address, ip, (unsigned)port);
}

/* connect{ip=, port= | path=}: a socket, true when it is connected already;
 * or nil, reason, text, where reason "wait" says: try again later. */
static int sys_connect(lua_State *L)
{
    ph_sock_address address;
    int state = address_check(L, &address);
    ph_poller_watch *self;

    if (state < 0)
        return push_failed(L, state);
    self = socket_new(L);
    state = ph_sock_connect(&address, &self->fd);
    if (state < 0 && errno == EAGAIN)
        return push_wait(L);
    if (state < 0)
        return push_failed(L, state);
    self->ready = state == PH_OK ? PH_POLLER_WRITE : 0;
    lua_pushboolean(L, state == PH_OK);
    return 2;
}

/* listen{ip=, port= | path=, backlog=}: a socket; or nil, reason, text. */
static int sys_listen(lua_State *L)
{
    ph_sock_address address;
    int state = address_check(L, &address);
    double backlog = lph_option_number(L, 1, "backlog", BACKLOG);
    ph_poller_watch *self;

    if (state < 0)
        return push_failed(L, state);
    luaL_argcheck(L, backlog >= 0 && backlog <= 65535, 1,
                  "option 'backlog' must be from 0 to 65535");
    self = socket_new(L);
    state = ph_sock_listen(&address, (int)backlog, &self->fd);
    return state < 0 ? push_failed(L, state) : 1;
}

/* datagram{ip=, port=}: a socket; or nil, reason, text. */
static int sys_datagram(lua_State *L)
{
    ph_sock_address address;
    int state = address_check(L, &address);
    ph_poller_watch *self;

    if (state < 0)
        return push_failed(L, state);
    self = socket_new(L);
    state = ph_sock_datagram(&address, &self->fd);
    return state < 0 ? push_failed(L, state) : 1;
}

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
    ph_poller_wait wait = { NULL, 0, check_deadline(L, 3), NULL };

    arm(L, self, waiter, &wait);
    return 0;
}

static int await_socket(lua_State *L, unsigned want)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);
    ph_poller_wait wait = { socket_check(L, 4), want, check_deadline(L, 3),
                            NULL };

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
    armed = ph_poller_arm(poll, waiter, wait);
    if (armed == PH_OK && *state == PH_EXCHANGE_AGAIN)
        (void)ph_poller_wake(poll, waiter, PH_POLLER_READY);
    return armed;
}

/* exchange(waiter, deadline, socket, machine): nil: it waits now, and `next`
 * will give a reason; else the reason at once. Reasons: "pending", "eof",
 * "error" and text, "timeout", "woken". */
static int loop_exchange(lua_State *L)
{
    ph_poller *self = loop_check(L);
    int waiter = (int)luaL_checkinteger(L, 2);
    ph_poller_wait wait = { socket_check(L, 4), 0, check_deadline(L, 3),
                            lph_machine_check(L, 5) };
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

static int sys_is_yieldable(lua_State *L)
{
    lua_pushboolean(L, lph_is_yieldable(L));
    return 1;
}

static const luaL_Reg functions[] = {
    { "now", sys_now },
    { "is_yieldable", sys_is_yieldable },
    { "connect", sys_connect },
    { "listen", sys_listen },
    { "datagram", sys_datagram },
    { "loop", sys_loop },
    { NULL, NULL },
};

int luaopen_posthorn_sys(lua_State *L)
{
    lph_class(L, LOOP, loop_methods, loop_metamethods);
    lph_class(L, SOCKET, socket_methods, socket_metamethods);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
