/* lph_socket.h - sockets for posthorn.sys: streams, listeners, datagrams.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_SOCKET_H
#define PH_BIND_LPH_SOCKET_H

#include "lph.h"
#include "sys/poller.h"

#pragma GCC visibility push(hidden)

/* Makes the class and adds connect, listen and datagram to the table on top
 * of the stack. */
void lph_socket_open(lua_State *L);

/* The socket in a userdata; raises when it is none or was closed. */
ph_poller_watch *lph_socket_check(lua_State *L, int arg);

#pragma GCC visibility pop
#endif
