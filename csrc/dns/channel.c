/* channel.c - one question to one server through c-ares, over sockets that are
 * none. Its callbacks only mark and copy; it is destroyed outside of them.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#define CARES_NO_DEPRECATED
#include "channel.h"
#include "base/mem.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <sys/time.h>
#include <sys/uio.h>

enum {
    SOCKETS = 4, /* open at once; c-ares takes one for UDP and one for TCP */
    EVENTS = 16, /* that wait; past this c-ares meets a socket that is full */
    SEND_LIMIT = 1024,
    ANSWER_LIMIT = 65535,
    EDNS_SIZE = 1232
};

typedef struct virtual_socket {
    int id; /* 0: free */
    bool is_stream;
    bool is_closed;  /* by the peer, or broken */
    bool has_output; /* c-ares waits to write */
    ph_dns_server server;
    ph_span input; /* borrowed while c-ares is called from feed */
} virtual_socket;

struct ph_channel {
    ares_channel ares;
    virtual_socket sockets[SOCKETS];
    int last_id; /* ids are never used twice */
    ph_channel_event events[EVENTS];
    size_t first, count;      /* of events: a ring */
    ph_channel_event current; /* the one the caller looks at */
    ph_channel_end end;
    ph_buf answer;
};

/* --- sockets, as c-ares sees them --- */

static virtual_socket *find(ph_channel *channel, int id)
{
    for (int i = 0; i < SOCKETS; i++)
        if (id > 0 && channel->sockets[i].id == id)
            return &channel->sockets[i];
    return NULL;
}

static ph_channel_event *add_event(ph_channel *channel,
                                   ph_channel_action action,
                                   const virtual_socket *socket)
{
    ph_channel_event *event;

    if (channel->count == EVENTS)
        return NULL;
    event = &channel->events[(channel->first + channel->count++) % EVENTS];
    *event = (ph_channel_event){ .action = action,
                                 .socket = socket->id,
                                 .is_stream = socket->is_stream,
                                 .server = socket->server };
    ph_buf_init(&event->octets, SEND_LIMIT);
    return event;
}

static int fail(int number)
{
    errno = number;
    return -1;
}

static ares_socket_t on_socket(int family, int type, int protocol, void *self)
{
    ph_channel *channel = self;

    (void)family;
    (void)protocol;
    for (int i = 0; i < SOCKETS; i++)
        if (channel->sockets[i].id == 0) {
            channel->sockets[i] = (virtual_socket){
                .id = ++channel->last_id,
                .is_stream = type == SOCK_STREAM,
            };
            return channel->sockets[i].id;
        }
    return fail(EMFILE);
}

static int on_connect(ares_socket_t id, const struct sockaddr *address,
                      ares_socklen_t size, void *self)
{
    virtual_socket *socket = find(self, id);
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (!socket)
        return fail(EBADF);
    if (address->sa_family == AF_INET && (size_t)size >= sizeof in) {
        memcpy(&in, address, sizeof in);
        socket->server =
            (ph_dns_server){ .size = 4, .port = ntohs(in.sin_port) };
        memcpy(socket->server.octets, &in.sin_addr, 4);
    } else if (address->sa_family == AF_INET6 && (size_t)size >= sizeof in6) {
        memcpy(&in6, address, sizeof in6);
        socket->server =
            (ph_dns_server){ .size = 16, .port = ntohs(in6.sin6_port) };
        memcpy(socket->server.octets, &in6.sin6_addr, 16);
    } else {
        return fail(EAFNOSUPPORT);
    }
    return add_event(self, PH_CHANNEL_OPEN, socket) ? 0 : fail(ENOBUFS);
}

static int on_close(ares_socket_t id, void *self)
{
    virtual_socket *socket = find(self, id);

    if (!socket)
        return fail(EBADF);
    (void)add_event(self, PH_CHANNEL_CLOSE, socket);
    *socket = (virtual_socket){ 0 };
    return 0;
}

static ares_ssize_t on_send(ares_socket_t id, const struct iovec *pieces,
                            int count, void *self)
{
    virtual_socket *socket = find(self, id);
    ph_channel_event *event;

    if (!socket)
        return fail(EBADF);
    if (socket->is_closed)
        return fail(ECONNREFUSED);
    event = add_event(self, PH_CHANNEL_SEND, socket);
    if (!event)
        return fail(ENOBUFS);
    for (int i = 0; i < count; i++)
        if (ph_buf_put(&event->octets, pieces[i].iov_base, pieces[i].iov_len) <
            0) {
            ph_buf_clear(&event->octets);
            ((ph_channel *)self)->count--;
            return fail(ENOBUFS);
        }
    return (ares_ssize_t)ph_buf_size(&event->octets);
}

/* c-ares compares where a datagram came from with the server it asked; the
 * caller's socket is connected and lets nothing else through. */
static void put_address(const ph_dns_server *server, struct sockaddr *to,
                        ares_socklen_t *size)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    if (server->size == 4 && (size_t)*size >= sizeof in) {
        in.sin_port = htons(server->port);
        memcpy(&in.sin_addr, server->octets, 4);
        memcpy(to, &in, sizeof in);
        *size = sizeof in;
    } else if (server->size == 16 && (size_t)*size >= sizeof in6) {
        in6.sin6_port = htons(server->port);
        memcpy(&in6.sin6_addr, server->octets, 16);
        memcpy(to, &in6, sizeof in6);
        *size = sizeof in6;
    }
}

static ares_ssize_t on_receive(ares_socket_t id, void *to, size_t room,
                               int flags, struct sockaddr *from,
                               ares_socklen_t *from_size, void *self)
{
    virtual_socket *socket = find(self, id);
    size_t size;

    (void)flags;
    if (!socket)
        return fail(EBADF);
    if (socket->input.size == 0 && socket->is_closed)
        return socket->is_stream ? 0 : fail(ECONNREFUSED);
    if (socket->input.size == 0)
        return fail(EWOULDBLOCK);
    size = socket->input.size < room ? socket->input.size : room;
    if (size)
        memcpy(to, socket->input.at, size);
    /* What does not fit of a datagram is lost, as with a real socket. */
    socket->input = socket->is_stream ? ph_span_after(socket->input, size)
                                      : ph_span_of(NULL, 0);
    if (from && from_size)
        put_address(&socket->server, from, from_size);
    return (ares_ssize_t)size;
}

static void on_state(void *self, ares_socket_t id, int readable, int writable)
{
    virtual_socket *socket = find(self, id);

    (void)readable;
    if (socket)
        socket->has_output = writable;
}

static const struct ares_socket_functions functions = {
    on_socket, on_close, on_connect, on_receive, on_send,
};

/* --- the question --- */

static void on_answer(void *self, int status, int timeouts,
                      unsigned char *octets, int size)
{
    ph_channel *channel = self;

    (void)timeouts;
    if (channel->end != PH_CHANNEL_ASKING)
        return;
    if (octets && size > 0) {
        int result =
            ph_buf_put(&channel->answer, (const char *)octets, (size_t)size);
        channel->end = result < 0 ? PH_CHANNEL_MEMORY : PH_CHANNEL_ANSWERED;
    } else if (status == ARES_ETIMEOUT) {
        channel->end = PH_CHANNEL_TIMEOUT;
    } else if (status == ARES_ENOMEM) {
        channel->end = PH_CHANNEL_MEMORY;
    } else {
        channel->end = PH_CHANNEL_UNREACHABLE;
    }
}

/* Every setting is given, and the file is an empty one, so that c-ares reads
 * none of the system's files nor the environment. */
static int open_ares(ph_channel *channel, double timeout)
{
    static const char nothing[] = "/dev/null", lookups[] = "b";
    char path[sizeof nothing], order[sizeof lookups];
    struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
    struct ares_options options = {
        /* NOCHECKRESP: what SERVFAIL means is decided by the resolver. */
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
                 ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS,
        .timeout = (int)(timeout * 1000),
        .tries = 1,
        .ndots = 1,
        .servers = &loopback,
        .nservers = 1,
        .lookups = order,
        .ednspsz = EDNS_SIZE,
        .resolvconf_path = path,
        .sock_state_cb = on_state,
        .sock_state_cb_data = channel,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
               ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
               ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_EDNSPSZ |
               ARES_OPT_NOROTATE | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB;

#if ARES_VERSION >= 0x011700
    mask |= ARES_OPT_QUERY_CACHE; /* none: AD is not in its key */
    options.qcache_max_ttl = 0;
#endif
    memcpy(path, nothing, sizeof nothing);
    memcpy(order, lookups, sizeof lookups);
    return ares_init_options(&channel->ares, &options, mask);
}

static int set_server(ph_channel *channel, const ph_dns_server *server)
{
    struct ares_addr_port_node node = { .udp_port = server->port,
                                        .tcp_port = server->port };

    node.family = server->size == 4 ? AF_INET : AF_INET6;
    memcpy(&node.addr, server->octets, server->size);
    return ares_set_servers_ports(channel->ares, &node);
}

/* Streams are written at once: the caller's socket keeps what it is given
 * until it is connected. */
static void flush(ph_channel *channel)
{
    for (int i = 0; i < SOCKETS; i++)
        if (channel->sockets[i].id && channel->sockets[i].has_output &&
            channel->end == PH_CHANNEL_ASKING)
            ares_process_fd(channel->ares, ARES_SOCKET_BAD,
                            channel->sockets[i].id);
}

void ph_channel_ask(ph_channel *channel, const ph_dns_server *server,
                    double timeout, ph_span question)
{
    ph_channel_stop(channel);
    ph_buf_reset(&channel->answer);
    channel->end = PH_CHANNEL_ASKING;
    if (open_ares(channel, timeout) != ARES_SUCCESS) {
        channel->ares = NULL;
        channel->end = PH_CHANNEL_MEMORY;
        return;
    }
    ares_set_socket_functions(channel->ares, &functions, channel);
    if (set_server(channel, server) != ARES_SUCCESS) {
        channel->end = PH_CHANNEL_MEMORY;
        return;
    }
    ares_send(channel->ares, (const unsigned char *)question.at,
              (int)question.size, on_answer, channel);
    flush(channel);
}

ph_channel_end ph_channel_ended(const ph_channel *channel)
{
    return channel->end;
}

ph_span ph_channel_answer(const ph_channel *channel)
{
    return ph_buf_span(&channel->answer);
}

void ph_channel_stop(ph_channel *channel)
{
    if (channel->end == PH_CHANNEL_ASKING)
        channel->end = PH_CHANNEL_UNREACHABLE;
    if (channel->ares)
        ares_destroy(channel->ares);
    channel->ares = NULL;
}

const ph_channel_event *ph_channel_next(ph_channel *channel)
{
    ph_buf_clear(&channel->current.octets);
    if (channel->count == 0)
        return NULL;
    channel->current = channel->events[channel->first];
    channel->first = (channel->first + 1) % EVENTS;
    channel->count--;
    return &channel->current;
}

/* --- what the network says --- */

/* c-ares reads a piece at each call; a call that takes nothing ends it. */
static void read_all(ph_channel *channel, int id)
{
    virtual_socket *socket;
    size_t before;

    do {
        before = find(channel, id)->input.size;
        ares_process_fd(channel->ares, id, ARES_SOCKET_BAD);
        socket = find(channel, id);
    } while (socket && socket->input.size && socket->input.size < before &&
             channel->end == PH_CHANNEL_ASKING);
    if (socket)
        socket->input = ph_span_of(NULL, 0);
    flush(channel);
}

void ph_channel_feed(ph_channel *channel, int id, ph_span octets)
{
    virtual_socket *socket = find(channel, id);

    if (!socket || octets.size == 0 || channel->end != PH_CHANNEL_ASKING)
        return;
    socket->input = octets;
    read_all(channel, id);
}

void ph_channel_closed(ph_channel *channel, int id)
{
    virtual_socket *socket = find(channel, id);

    if (!socket || channel->end != PH_CHANNEL_ASKING)
        return;
    socket->is_closed = true;
    read_all(channel, id);
}

double ph_channel_deadline(const ph_channel *channel)
{
    struct timeval left;

    if (channel->end != PH_CHANNEL_ASKING ||
        !ares_timeout(channel->ares, NULL, &left))
        return -1;
    /* It counts in milliseconds, and may be one early. */
    return (double)left.tv_sec + (double)left.tv_usec / 1e6 + 0.001;
}

void ph_channel_expire(ph_channel *channel)
{
    if (channel->end != PH_CHANNEL_ASKING)
        return;
    ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    flush(channel);
}

/* --- birth and death --- */

int ph_channel_start(void)
{
    return ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS ? PH_OK
                                                                : PH_E_LIMIT;
}

const char *ph_channel_version(void)
{
    return ares_version(NULL);
}

ph_channel *ph_channel_new(void)
{
    ph_channel *channel = ph_mem_zero(sizeof *channel);

    if (!channel)
        return NULL;
    channel->end = PH_CHANNEL_UNREACHABLE;
    ph_buf_init(&channel->answer, ANSWER_LIMIT);
    return channel;
}

void ph_channel_free(ph_channel *channel)
{
    if (!channel)
        return;
    ph_channel_stop(channel);
    while (ph_channel_next(channel))
        continue;
    ph_buf_clear(&channel->answer);
    ph_mem_free(channel);
}
