/* sock.c - POSIX sockets that never block: TCP, Unix paths, datagrams; and
 * the monotonic clock.
 * SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif
#include "sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE stands in for it */
#endif

/* ---- addresses ---- */

int ph_sock_address_ip(ph_sock_address *address, ph_span ip, unsigned port)
{
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in *inet = (struct sockaddr_in *)&address->storage;
    struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)&address->storage;

    if (ip.size >= sizeof text || port > 65535 ||
        ph_span_find(ip, '\0') < ip.size)
        return PH_E_INVALID;
    memcpy(text, ip.at, ip.size);
    text[ip.size] = '\0';
    memset(&address->storage, 0, sizeof address->storage);
    if (inet_pton(AF_INET, text, &inet->sin_addr) == 1) {
        inet->sin_family = AF_INET;
        inet->sin_port = htons((uint16_t)port);
        address->size = sizeof *inet;
    } else if (inet_pton(AF_INET6, text, &inet6->sin6_addr) == 1) {
        inet6->sin6_family = AF_INET6;
        inet6->sin6_port = htons((uint16_t)port);
        address->size = sizeof *inet6;
    } else {
        return PH_E_INVALID;
    }
    return PH_OK;
}

int ph_sock_address_path(ph_sock_address *address, ph_span path)
{
    struct sockaddr_un *local = (struct sockaddr_un *)&address->storage;

    if (!path.size || path.size >= sizeof local->sun_path ||
        ph_span_find(path, '\0') < path.size)
        return PH_E_INVALID;
    memset(&address->storage, 0, sizeof address->storage);
    local->sun_family = AF_UNIX;
    memcpy(local->sun_path, path.at, path.size);
    address->size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.size + 1);
    return PH_OK;
}

/* ---- descriptors ---- */

static int refused(int kind)
{
    switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return PH_E_LIMIT;
    default:
        return kind;
    }
}

/* Closes and keeps errno. */
static int give_up(int fd, int kind)
{
    int error = errno;

    ph_sock_close(fd);
    errno = error;
    return refused(kind);
}

static bool set_modes(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) >= 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) >= 0;
}

static int new_socket(int family, int type)
{
#ifdef SOCK_CLOEXEC
    return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    int fd = socket(family, type, 0);
    if (fd >= 0 && !set_modes(fd)) {
        give_up(fd, PH_E_IO);
        return -1;
    }
    return fd;
#endif
}

static int accept_one(int listener)
{
#ifdef SOCK_CLOEXEC
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0 && !set_modes(fd)) {
        give_up(fd, PH_E_IO);
        return -1;
    }
    return fd;
#endif
}

/* What a stream needs; a Unix socket has no TCP_NODELAY, which is no harm. */
static void set_stream(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef SO_NOSIGPIPE
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    (void)set_modes;
}

/* The port is chosen with the connection where the system can: by bind alone
 * it would have to be free for every peer. */
static int bind_local(int fd, const ph_sock_address *from)
{
#ifdef IP_BIND_ADDRESS_NO_PORT
    int on = 1;

    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
#endif
    return bind(fd, (const struct sockaddr *)&from->storage, from->size);
}

int ph_sock_connect(const ph_sock_address *address, const ph_sock_address *from,
                    int *fd)
{
    int stream = new_socket(address->storage.ss_family, SOCK_STREAM);
    int state;

    if (stream < 0)
        return refused(PH_E_CONNECT);
    if (address->storage.ss_family != AF_UNIX)
        set_stream(stream);
    if (from && bind_local(stream, from) < 0)
        return give_up(stream, PH_E_IO);
    state = connect(stream, (const struct sockaddr *)&address->storage,
                    address->size);
    /* Interrupted, it goes on by itself (POSIX, connect). */
    if (state < 0 && errno != EINPROGRESS && errno != EINTR)
        return give_up(stream, PH_E_CONNECT);
    *fd = stream;
    return state < 0 ? PH_SOCK_WAIT : PH_OK;
}

int ph_sock_connected(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int error = 0;
    socklen_t error_size = sizeof error;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) < 0)
        return PH_E_CONNECT;
    if (error) {
        errno = error;
        return refused(PH_E_CONNECT);
    }
    if (!getpeername(fd, (struct sockaddr *)&peer, &size))
        return PH_OK;
    return errno == ENOTCONN ? PH_SOCK_WAIT : PH_E_CONNECT;
}

int ph_sock_listen(const ph_sock_address *address, int backlog, int *fd)
{
    int on = 1;
    int listener = new_socket(address->storage.ss_family, SOCK_STREAM);

    if (listener < 0)
        return refused(PH_E_CONNECT);
    if (address->storage.ss_family != AF_UNIX)
        (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *)&address->storage,
             address->size) < 0 ||
        listen(listener, backlog) < 0)
        return give_up(listener, PH_E_CONNECT);
    *fd = listener;
    return PH_OK;
}

unsigned ph_sock_port(int fd)
{
    struct sockaddr_storage own;
    socklen_t size = sizeof own;

    if (getsockname(fd, (struct sockaddr *)&own, &size) < 0)
        return 0;
    if (own.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&own)->sin_port);
    if (own.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&own)->sin6_port);
    return 0;
}

bool ph_sock_local_ip(int fd, char ip[PH_SOCK_IP])
{
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    const void *at;

    if (getsockname(fd, (struct sockaddr *)&own, &size) < 0)
        return false;
    if (own.ss_family == AF_INET)
        at = &((struct sockaddr_in *)&own)->sin_addr;
    else if (own.ss_family == AF_INET6)
        at = &((struct sockaddr_in6 *)&own)->sin6_addr;
    else
        return false;
    return inet_ntop(own.ss_family, at, ip, PH_SOCK_IP) != NULL;
}

bool ph_sock_hostname(char name[PH_SOCK_NAME])
{
    if (gethostname(name, PH_SOCK_NAME) < 0)
        return false;
    name[PH_SOCK_NAME - 1] = '\0';
    return name[0] != '\0';
}

int ph_sock_accept(int listener, int *fd)
{
    int stream;

    do
        stream = accept_one(listener);
    while (stream < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (stream < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? PH_SOCK_WAIT
                                                       : refused(PH_E_IO);
    set_stream(stream);
    *fd = stream;
    return PH_OK;
}

int ph_sock_datagram(const ph_sock_address *address, int *fd)
{
    int datagram = new_socket(address->storage.ss_family, SOCK_DGRAM);

    if (datagram < 0)
        return refused(PH_E_CONNECT);
    if (connect(datagram, (const struct sockaddr *)&address->storage,
                address->size) < 0)
        return give_up(datagram, PH_E_CONNECT);
    *fd = datagram;
    return PH_OK;
}

void ph_sock_set_reset(int fd)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void ph_sock_close(int fd)
{
    if (fd >= 0)
        (void)close(fd); /* after EINTR the descriptor is gone as well */
}

/* ---- bytes ---- */

static int blocked(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? PH_SOCK_WAIT : PH_E_IO;
}

int ph_sock_send(int fd, ph_span octets, size_t *sent)
{
    ssize_t n;

    do
        n = send(fd, octets.at, octets.size, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    *sent = n < 0 ? 0 : (size_t)n;
    return n < 0 ? blocked() : PH_OK;
}

int ph_sock_receive(int fd, char *at, size_t size, size_t *got)
{
    ssize_t n;

    do
        n = recv(fd, at, size, 0);
    while (n < 0 && errno == EINTR);
    *got = n < 0 ? 0 : (size_t)n;
    return n < 0 ? blocked() : PH_OK;
}

bool ph_sock_is_quiet(int fd)
{
    char octet;
    ssize_t n;

    do
        n = recv(fd, &octet, 1, MSG_PEEK);
    while (n < 0 && errno == EINTR);
    return n < 0 && blocked() == PH_SOCK_WAIT;
}

void ph_sock_shutdown(int fd)
{
    (void)shutdown(fd, SHUT_WR);
}

void ph_sock_set_buffers(int fd, int octets)
{
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
}

/* ---- words and time ---- */

const char *ph_sock_reason(int error)
{
    static const struct {
        int error;
        const char *text;
    } reasons[] = {
        { ECONNREFUSED, "connection refused" },
        { ECONNRESET, "connection reset by the peer" },
        { ECONNABORTED, "connection aborted" },
        { EPIPE, "the peer does not read any more" },
        { ETIMEDOUT, "the peer does not answer" },
        { EHOSTUNREACH, "no route to the host" },
        { ENETUNREACH, "network unreachable" },
        { ENETDOWN, "network down" },
        { EADDRINUSE, "address in use" },
        { EADDRNOTAVAIL, "address not available" },
        { EAFNOSUPPORT, "address family not supported" },
        { EACCES, "permission denied" },
        { EPERM, "not permitted" },
        { ENOENT, "no such path" },
        { ENOTSOCK, "not a socket" },
        { EPROTOTYPE, "wrong type of socket" },
        { EMSGSIZE, "message too long" },
        { EMFILE, "too many open descriptors" },
        { ENFILE, "too many open descriptors in the system" },
        { ENOBUFS, "no buffers left" },
        { ENOMEM, "out of memory" },
        { EAGAIN, "queue of connections is full" },
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].error == error)
            return reasons[i].text;
    return "system error";
}

double ph_sock_now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
