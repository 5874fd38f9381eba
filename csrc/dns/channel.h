/* channel.h - one question to one server through c-ares, which is given
 * sockets that are none: what it would send waits as an event, what came is
 * fed. c-ares brings the timer, the fall back from EDNS and from UDP to TCP,
 * and the check of id and question.
 * SPDX-License-Identifier: MIT */
#ifndef PH_DNS_CHANNEL_H
#define PH_DNS_CHANNEL_H

#include "base/buf.h"
#include "base/ip.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct ph_dns_server {
    unsigned char octets[PH_IP_OCTETS];
    size_t size; /* 4 or 16 */
    uint16_t port;
} ph_dns_server;

/* What the caller shall do with a socket. */
typedef enum ph_channel_action {
    PH_CHANNEL_NONE,
    PH_CHANNEL_OPEN,
    PH_CHANNEL_SEND, /* a datagram, or octets of a stream */
    PH_CHANNEL_CLOSE
} ph_channel_action;

typedef struct ph_channel_event {
    ph_channel_action action;
    int socket;
    bool is_stream;       /* TCP */
    ph_dns_server server; /* its peer */
    ph_buf octets;        /* of SEND */
} ph_channel_event;

/* How a question ended. */
typedef enum ph_channel_end {
    PH_CHANNEL_ASKING, /* it has not */
    PH_CHANNEL_ANSWERED,
    PH_CHANNEL_TIMEOUT,
    PH_CHANNEL_UNREACHABLE,
    PH_CHANNEL_MEMORY
} ph_channel_end;

typedef struct ph_channel ph_channel;

/* Makes c-ares ready, once when the module is loaded; it counts its users.
 * PH_E_LIMIT: it would not. */
int ph_channel_start(void);

/* The version of c-ares at work, as text. */
const char *ph_channel_version(void);

/* NULL: no memory. free(NULL) is allowed. */
ph_channel *ph_channel_new(void);
void ph_channel_free(ph_channel *channel);

/* Asks that server; timeout is in seconds and counts anew when c-ares goes to
 * TCP. The question is copied. How it went is told by ph_channel_ended, which
 * may change at once. No question may be under way. */
void ph_channel_ask(ph_channel *channel, const ph_dns_server *server,
                    double timeout, ph_span question);

/* How the question ended, and its answer: borrowed until the next ask. */
ph_channel_end ph_channel_ended(const ph_channel *channel);
ph_span ph_channel_answer(const ph_channel *channel);

/* Gives up the question, if any is under way, and closes its sockets. */
void ph_channel_stop(ph_channel *channel);

/* The next event, or NULL; borrowed until the next call of this function.
 * After stop the events of sockets that were opened still come. */
const ph_channel_event *ph_channel_next(ph_channel *channel);

/* A datagram, or octets of a stream. What comes for a socket that is closed
 * is dropped, and so is an empty datagram. */
void ph_channel_feed(ph_channel *channel, int socket, ph_span octets);

/* The socket broke, could not be opened, or its peer has closed it. */
void ph_channel_closed(ph_channel *channel, int socket);

/* Seconds until expire is due, or below 0: nothing is waited for. */
double ph_channel_deadline(const ph_channel *channel);
void ph_channel_expire(ph_channel *channel);

#pragma GCC visibility pop
#endif
