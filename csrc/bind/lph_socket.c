/* lph_socket.c - sockets for posthorn.sys: streams, listeners, datagrams.
 * SPDX-License-Identifier: MIT */
#include "lph_socket.h"
#include "sys/sock.h"

#include <errno.h>

#define SOCKET "posthorn.sys.socket"

enum {
    PIECE = 32 * 1024, /* read at a time, on the stack */
    BACKLOG = 511,     /* connections not accepted yet */
    DATAGRAM = 64 * 1024
};

/* ---- answers ---- */

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
    lua_pushstring(L, ph_error_is_limit(state) ? "limit" : "error");
    if (state == PH_E_INVALID)
        lua_pushliteral(L, "not an IP address, port or path");
    else
        lua_pushstring(L, ph_sock_reason(error));
    return 3;
}

static int push_local(lua_State *L)
{
    int error = errno;

    lua_pushnil(L);
    lua_pushliteral(L, "local");
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

/* ---- sockets ---- */

static ph_poller_watch *socket_new(lua_State *L)
{
    ph_poller_watch *self = lph_newuserdata(L, sizeof *self);

    ph_poller_watch_init(self, -1, 0);
    lph_class_set(L, SOCKET);
    return self;
}

ph_poller_watch *lph_socket_check(lua_State *L, int arg)
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

/* reset(): ends both ways at once; the peer reads "connection reset". */
static int socket_reset(lua_State *L)
{
    ph_sock_set_reset(lph_socket_check(L, 1)->fd);
    return socket_close(L);
}

static int socket_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", SOCKET, lua_touserdata(L, 1));
    return 1;
}

/* connected(): true; or nil, "wait"; or nil, reason, text. */
static int socket_connected(lua_State *L)
{
    ph_poller_watch *self = lph_socket_check(L, 1);
    int state = ph_sock_connected(self->fd);

    if (state == PH_SOCK_WAIT)
        self->ready &= ~(unsigned)PH_POLLER_WRITE;
    return push_state(L, state);
}

/* accept(): a socket; or as above. */
static int socket_accept(lua_State *L)
{
    ph_poller_watch *self = lph_socket_check(L, 1);
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
    ph_poller_watch *self = lph_socket_check(L, 1);
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
    ph_poller_watch *self = lph_socket_check(L, 1);
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
    ph_poller_watch *self = lph_socket_check(L, 1);
    size_t sent;

    return push_state(L, ph_sock_send(self->fd, lph_check_span(L, 2), &sent));
}

/* receive(): a datagram, which may be empty; or as accept. */
static int socket_receive(lua_State *L)
{
    char piece[DATAGRAM];
    ph_poller_watch *self = lph_socket_check(L, 1);
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
    lua_pushboolean(L, ph_sock_is_quiet(lph_socket_check(L, 1)->fd));
    return 1;
}

static int socket_shutdown(lua_State *L)
{
    ph_sock_shutdown(lph_socket_check(L, 1)->fd);
    return 0;
}

static int socket_buffers(lua_State *L)
{
    int octets = (int)luaL_checkinteger(L, 2);
    ph_sock_set_buffers(lph_socket_check(L, 1)->fd, octets);
    return 0;
}

/* local_ip(): the address that it talks from; nothing: it has none. */
static int socket_local_ip(lua_State *L)
{
    char ip[PH_SOCK_IP];

    if (!ph_sock_local_ip(lph_socket_check(L, 1)->fd, ip))
        return 0;
    lua_pushstring(L, ip);
    return 1;
}

static int socket_port(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ph_sock_port(lph_socket_check(L, 1)->fd));
    return 1;
}

/* wake(): ends the waits for it; whether there was one. */
static int socket_wake(lua_State *L)
{
    lua_pushboolean(L, ph_poller_wake_watch(lph_socket_check(L, 1)));
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
    { "local_ip", socket_local_ip },
    { "wake", socket_wake },
    { "close", socket_close },
    { "reset", socket_reset },
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

/* The address in the table at 1, and a socket on top of the stack that is not
 * open yet; NULL: nil, reason, text are there. */
static ph_poller_watch *socket_for(lua_State *L, ph_sock_address *address)
{
    int state = address_check(L, address);

    if (state == PH_OK)
        return socket_new(L);
    push_failed(L, state);
    return NULL;
}

/* connect{ip=, port=, local_address= | path=}: a socket, true when it is
 * connected already; or nil, reason, text, where reason "wait" says: try
 * again later, and "local": the local address cannot be had. */
static int sys_connect(lua_State *L)
{
    ph_sock_address address, from;
    ph_poller_watch *self = socket_for(L, &address);
    ph_span local;
    int state = PH_OK;

    if (!self)
        return 3;
    local = lph_option_span(L, 1, "local_address");
    if (local.at)
        state = ph_sock_address_ip(&from, local, 0);
    if (state == PH_OK)
        state = ph_sock_connect(&address, local.at ? &from : NULL, &self->fd);
    if (state == PH_E_IO)
        return push_local(L);
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
    ph_poller_watch *self = socket_for(L, &address);
    double backlog = lph_option_number(L, 1, "backlog", BACKLOG);
    int state;

    if (!self)
        return 3;
    luaL_argcheck(L, backlog >= 0 && backlog <= 65535, 1,
                  "option 'backlog' must be from 0 to 65535");
    state = ph_sock_listen(&address, (int)backlog, &self->fd);
    return state < 0 ? push_failed(L, state) : 1;
}

/* datagram{ip=, port=}: a socket; or nil, reason, text. */
static int sys_datagram(lua_State *L)
{
    ph_sock_address address;
    ph_poller_watch *self = socket_for(L, &address);
    int state;

    if (!self)
        return 3;
    state = ph_sock_datagram(&address, &self->fd);
    return state < 0 ? push_failed(L, state) : 1;
}

static const luaL_Reg functions[] = {
    { "connect", sys_connect },
    { "listen", sys_listen },
    { "datagram", sys_datagram },
    { NULL, NULL },
};

void lph_socket_open(lua_State *L)
{
    lph_class(L, SOCKET, socket_methods, socket_metamethods);
    luaL_setfuncs(L, functions, 0);
}
