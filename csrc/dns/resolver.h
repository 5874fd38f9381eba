/* resolver.h - asks name servers one question, as a machine: no socket, no
 * descriptor; which server comes next is decided here.
 * SPDX-License-Identifier: MIT */
#ifndef PH_DNS_RESOLVER_H
#define PH_DNS_RESOLVER_H

#include "answer.h"
#include "base/error.h"
#include "channel.h"

#pragma GCC visibility push(hidden)

enum {
    PH_RESOLVER_SERVERS = 8,
    PH_RESOLVER_TRIES = 10
};

typedef struct ph_resolver_options {
    ph_dns_server servers[PH_RESOLVER_SERVERS];
    size_t server_count;
    double timeout; /* seconds of the first try; doubled in each round */
    unsigned tries; /* rounds over all servers */
} ph_resolver_options;

#define PH_RESOLVER_OPTIONS      \
    {                            \
        .timeout = 2, .tries = 3 \
    }

typedef enum ph_resolver_event {
    PH_RESOLVER_NONE,  /* wait, or ask */
    PH_RESOLVER_OPEN,  /* detail.socket: a new one, to detail.socket's peer */
    PH_RESOLVER_SEND,  /* octets of it */
    PH_RESOLVER_CLOSE, /* it is not needed any longer */
    PH_RESOLVER_ANSWER,
    PH_RESOLVER_FAILED
} ph_resolver_event;

typedef struct ph_resolver_detail {
    const ph_channel_event *socket; /* of OPEN, SEND, CLOSE */
    ph_answer *answer;              /* of ANSWER */
    const ph_dns_server *server;    /* who gave it */
} ph_resolver_detail;

typedef struct ph_resolver ph_resolver;

/* The options are copied. NULL: no memory. free(NULL) is allowed. */
ph_resolver *ph_resolver_new(const ph_resolver_options *options);
void ph_resolver_free(ph_resolver *resolver);

/* Asks for the records of that type (ph_record_type). What was asked before
 * is given up. PH_E_INVALID: no name, as ph_dns_name_parse; PH_E_USAGE: no
 * such type; else how it went comes as an event. */
int ph_resolver_ask(ph_resolver *resolver, ph_span name, uint16_t type);

/* What happened or is wanted, one at a time; what detail points at is borrowed
 * until the next call of any function here.
 *
 * A server that is silent is asked again in later rounds. One that answers
 * with SERVFAIL, REFUSED or the like, or not as a name server, is not: then
 * the next one is asked, and such an answer becomes the event when no server
 * gave a better one. FAILED: nobody answered (PH_E_TIMEOUT), nobody could be
 * reached or understood (PH_E_DNS), no memory (PH_E_LIMIT), no random
 * number for the question (PH_E_IO). */
ph_resolver_event ph_resolver_next(ph_resolver *resolver,
                                   ph_resolver_detail *detail);

/* Datagrams each whole, streams as they come; and a socket that broke, could
 * not be opened, or was closed by its peer. Ids that are closed already are
 * passed over. */
void ph_resolver_feed(ph_resolver *resolver, int socket, ph_span octets);
void ph_resolver_closed(ph_resolver *resolver, int socket);

/* Seconds until expire is due, or below 0; the number of this wait. */
double ph_resolver_deadline(const ph_resolver *resolver, unsigned long *number);
void ph_resolver_expire(ph_resolver *resolver);

/* The record of FAILED; borrowed. */
const ph_error *ph_resolver_error(const ph_resolver *resolver);

#pragma GCC visibility pop
#endif
