/* poller.h - who waits for what: descriptors and times, by epoll where there is
 * one, by poll elsewhere.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SYS_POLLER_H
#define PH_SYS_POLLER_H

#include "base/error.h"
#include "base/machine.h"

#pragma GCC visibility push(hidden)

enum {
    PH_POLLER_READ = 1,
    PH_POLLER_WRITE = 2
};

typedef enum ph_poller_reason {
    PH_POLLER_READY,   /* the descriptor; or a plain wake */
    PH_POLLER_TIMEOUT, /* the deadline passed */
    PH_POLLER_WOKEN    /* interrupted by somebody */
} ph_poller_reason;

typedef struct ph_poller ph_poller;

/* A descriptor, inside whatever owns it. It meets a poll at its first wait
 * and stays there until ph_poller_forget. ready tells what is known: a bit is
 * set by an event and cleared by whoever met the block (a short transfer, or
 * PH_SOCK_WAIT); epoll tells each change once. */
typedef struct ph_poller_watch {
    int fd;
    unsigned ready; /* PH_POLLER_READ | PH_POLLER_WRITE */
    bool is_over;   /* the peer's side ended: read until you see it */
    bool is_registered;
    int waiter[2];     /* for read, for write; 0: nobody */
    const void *ended; /* the machine that was told of the end */
    size_t moved;      /* octets by the last exchange */
    const void *timed; /* the machine whose wait has this limit: its number */
    unsigned long number;
    double limit;
    ph_poller *poll;
    struct ph_poller_watch *next, **link;
} ph_poller_watch;

/* fd may be written to at once: ready is PH_POLLER_WRITE; or it is 0. */
void ph_poller_watch_init(ph_poller_watch *watch, int fd, unsigned ready);

/* Before the descriptor is closed: whoever waits for it is woken. */
void ph_poller_forget(ph_poller_watch *watch);

/* No descriptor is made before a wait needs one; after a fork the child makes
 * its own. NULL: no memory. The watches are let go by free. */
ph_poller *ph_poller_new(bool use_epoll);
void ph_poller_free(ph_poller *poll);

/* A number for somebody who will wait, from 1; PH_E_LIMIT. */
int ph_poller_open(ph_poller *poll);

/* The number may be given anew; its wait is forgotten. */
void ph_poller_shut(ph_poller *poll, int waiter);

/* What a wait is for. */
typedef struct ph_poller_wait {
    ph_poller_watch *watch; /* NULL: for time, or a wake, alone */
    unsigned want;   /* PH_POLLER_READ | PH_POLLER_WRITE: either will do */
    double deadline; /* on ph_sock_now's clock; INFINITY: none */
    const ph_machine *machine; /* kept for the caller, */
    double until;              /* as are these */
    bool is_watched;
} ph_poller_wait;

/* Begins a wait; it ends in ph_poller_next. PH_E_USAGE: that waiter waits
 * already, or another waits for the same; PH_E_LIMIT: no memory. */
int ph_poller_arm(ph_poller *poll, int waiter, const ph_poller_wait *wait);

/* Ends a wait; false: it was at its end already, or there was none. */
bool ph_poller_wake(ph_poller *poll, int waiter, ph_poller_reason reason);

/* Ends the waits for a descriptor with WOKEN; whether there was one. */
bool ph_poller_wake_watch(ph_poller_watch *watch);

typedef struct ph_poller_wakeup {
    int waiter;
    ph_poller_reason reason;
    ph_poller_wait wait; /* as it was begun */
} ph_poller_wakeup;

/* The next wait that ended, in fair order; blocks until there is one. 1: told
 * in *wakeup; 0: a signal came, or no wait can ever end (*is_idle);
 * PH_E_LIMIT, PH_E_IO: the system refuses (errno). */
int ph_poller_next(ph_poller *poll, ph_poller_wakeup *wakeup, bool *is_idle);

#pragma GCC visibility pop
#endif
