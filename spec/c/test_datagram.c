/* test_datagram.c - the server's side of UDP on loopback, for the scripted
 * name server of the specs; it never blocks.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAM "posthorn.test.datagram"

enum {
    LARGEST = 4096
};

static int *check(lua_State *L)
{
    int *fd = luaL_checkudata(L, 1, DATAGRAM);

    luaL_argcheck(L, *fd >= 0, 1, "closed");
    return fd;
}

/* receive(): octets and who sent them, or nothing. */
static int datagram_receive(lua_State *L)
{
    int fd = *check(L);
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    char room[LARGEST];
    ssize_t got = recvfrom(fd, room, sizeof room, MSG_DONTWAIT,
                           (struct sockaddr *)&from, &size);

    if (got < 0)
        return 0;
    lua_pushlstring(L, room, (size_t)got);
    lua_pushlstring(L, (const char *)&from, sizeof from);
    return 2;
}

/* send(octets, to): to as receive gave it. */
static int datagram_send(lua_State *L)
{
    int fd = *check(L);
    ph_span octets = lph_check_span(L, 2), to = lph_check_span(L, 3);
    struct sockaddr_in address;

    luaL_argcheck(L, to.size == sizeof address, 3, "no address");
    memcpy(&address, to.at, sizeof address);
    lua_pushboolean(L,
                    sendto(fd, octets.at, octets.size, MSG_DONTWAIT,
                           (struct sockaddr *)&address, sizeof address) >= 0);
    return 1;
}

static int datagram_port(lua_State *L)
{
    int fd = *check(L);
    struct sockaddr_in address = { 0 };
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return 0;
    lua_pushinteger(L, ntohs(address.sin_port));
    return 1;
}

static int datagram_close(lua_State *L)
{
    int *fd = luaL_checkudata(L, 1, DATAGRAM);

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return 0;
}

static const luaL_Reg methods[] = {
    { "receive", datagram_receive },
    { "send", datagram_send },
    { "port", datagram_port },
    { "close", datagram_close },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", datagram_close },
    { NULL, NULL },
};

/* datagram([port]): bound to 127.0.0.1; nothing when the port is taken. */
int lph_test_datagram(lua_State *L)
{
    lua_Integer port = luaL_optinteger(L, 1, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port) };
    int *fd = lph_newuserdata(L, sizeof *fd);

    *fd = -1;
    lph_class(L, DATAGRAM, methods, metamethods);
    lph_class_set(L, DATAGRAM);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0 || bind(*fd, (struct sockaddr *)&address, sizeof address) < 0)
        return 0;
    return 1;
}
