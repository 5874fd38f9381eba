/* exchange.h - moves octets between a descriptor and a machine, both ways at
 * once (delivery.md, S25).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SYS_EXCHANGE_H
#define PH_SYS_EXCHANGE_H

#include "base/machine.h"
#include "poller.h"

#pragma GCC visibility push(hidden)

typedef enum ph_exchange_state {
    PH_EXCHANGE_PENDING, /* an event of the machine waits */
    PH_EXCHANGE_WAIT,    /* for the descriptor, see *want */
    PH_EXCHANGE_AGAIN,   /* much was moved: let others run, then go on */
    PH_EXCHANGE_EOF,     /* the peer ended, and the machine has no event */
    PH_EXCHANGE_CLOSED,  /* the machine was closed */
    PH_EXCHANGE_ERROR    /* errno tells */
} ph_exchange_state;

/* Writes the machine's output, then reads; stops at its first event, and writes
 * nothing before that was taken. After a full write it waits before it reads,
 * for no reply can be there yet. While output is blocked it reads. When the
 * peer refuses our octets, what it had said before is fed first: a premature
 * reply is the real answer (S18). Then, and at an end of file, the machine is
 * told by feed_eof. */
ph_exchange_state ph_exchange(ph_poller_watch *watch, const ph_machine *machine,
                              unsigned *want);

/* When the machine's wait under way is over, on ph_sock_now's clock; INFINITY:
 * never. Its time began when it was first asked for here: another wait begins
 * anew, so that dripping octets win no time. */
double ph_exchange_limit(ph_poller_watch *watch, const ph_machine *machine);

#pragma GCC visibility pop
#endif
