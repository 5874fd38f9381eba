/* sock.h - POSIX sockets that never block: TCP, Unix paths, datagrams; and
 * the monotonic clock.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SYS_SOCK_H
#define PH_SYS_SOCK_H

#include "base/error.h"
#include "base/span.h"

#include <sys/socket.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* Beside PH_OK and PH_E_*: what was asked would block. */
enum {
    PH_SOCK_WAIT = 1
};

enum {
    PH_SOCK_IP = 46,   /* octets that an address takes as text */
    PH_SOCK_NAME = 256 /* and a host's name */
};

/* A negative answer of the functions below leaves the system's reason in
 * errno. PH_E_LIMIT: no descriptors, ports or memory left; PH_E_CONNECT and
 * PH_E_IO: anything else. Every descriptor is non-blocking and closed on
 * exec; no signal is raised by any of them. */

typedef struct ph_sock_address {
    struct sockaddr_storage storage;
    socklen_t size;
} ph_sock_address;

/* An IPv4 or IPv6 literal. PH_E_INVALID: it is none; no name is looked up. */
int ph_sock_address_ip(ph_sock_address *address, ph_span ip, unsigned port);

/* The path of a Unix socket. PH_E_INVALID: empty, too long, or with a NUL. */
int ph_sock_address_path(ph_sock_address *address, ph_span path);

/* A stream under way to that address, for the caller to close: PH_OK when it
 * is connected already, PH_SOCK_WAIT when it will be writable then. *fd stays
 * as it is when it fails. With errno EAGAIN (PH_E_CONNECT) a Unix socket's
 * queue is full: try later. from: the local address to talk from, its port 0;
 * or NULL. PH_E_IO: it cannot be had. */
int ph_sock_connect(const ph_sock_address *address, const ph_sock_address *from,
                    int *fd);

/* After that wait: PH_OK, PH_SOCK_WAIT (not yet), PH_E_CONNECT. */
int ph_sock_connected(int fd);

/* A listener; port 0 takes any free one. PH_E_CONNECT, PH_E_LIMIT. */
int ph_sock_listen(const ph_sock_address *address, int backlog, int *fd);

/* The port that a descriptor is bound to; 0: none. */
unsigned ph_sock_port(int fd);

/* The address it is bound to; false: none. */
bool ph_sock_local_ip(int fd, char ip[PH_SOCK_IP]);

/* What the system calls itself; false: nothing. */
bool ph_sock_hostname(char name[PH_SOCK_NAME]);

/* The next stream that came in. PH_SOCK_WAIT, PH_E_LIMIT, PH_E_IO. */
int ph_sock_accept(int listener, int *fd);

/* A UDP socket that talks to that address alone. */
int ph_sock_datagram(const ph_sock_address *address, int *fd);

/* Hands octets to the kernel; *sent: how many it took. */
int ph_sock_send(int fd, ph_span octets, size_t *sent);

/* Takes up to size octets; *got 0 with PH_OK: the peer ended its side (or,
 * of a datagram, it was empty). */
int ph_sock_receive(int fd, char *at, size_t size, size_t *got);

/* Whether a read would find neither octets nor an end. */
bool ph_sock_is_quiet(int fd);

/* Ends our side: the peer reads an end of file. */
void ph_sock_shutdown(int fd);

/* Sets the kernel's buffers, for specs of blocked writes. */
void ph_sock_set_buffers(int fd, int octets);

/* Makes a later close throw away what was not sent, and reset the peer. */
void ph_sock_set_reset(int fd);

/* -1 is allowed. */
void ph_sock_close(int fd);

/* A plain phrase for errno, in no locale; static. */
const char *ph_sock_reason(int error);

/* Seconds on the monotonic clock. */
double ph_sock_now(void);

#pragma GCC visibility pop
#endif
