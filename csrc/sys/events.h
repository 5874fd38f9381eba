/* events.h - what happened to descriptors: epoll(7), or poll(2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SYS_EVENTS_H
#define PH_SYS_EVENTS_H

#include "poller.h"

#include <sys/types.h>

#pragma GCC visibility push(hidden)

enum {
    PH_EVENTS_MAX = 256 /* told by one wait */
};

struct pollfd;

typedef struct ph_events {
    bool use_epoll;
    int epoll;              /* -1: not made yet */
    pid_t process;          /* that made it */
    ph_poller_watch *fresh; /* watches that epoll does not know */
    ph_poller_watch *known; /* those it does */
    struct pollfd *polled;  /* for poll(2) */
    size_t capacity;
} ph_events;

void ph_events_init(ph_events *events, bool use_epoll);
void ph_events_clear(ph_events *events);

/* Takes a watch in, or out again before its descriptor is closed. */
void ph_events_add(ph_events *events, ph_poller_watch *watch);
void ph_events_remove(ph_events *events, ph_poller_watch *watch);

/* Waits at most so many milliseconds (-1: for ever) for something to happen,
 * notes it in the watches and lists these in *found; lone is the only one
 * that is waited for, or NULL. How many; 0 also after a signal, then with
 * *is_interrupted; PH_E_LIMIT or PH_E_IO with errno. */
int ph_events_wait(ph_events *events, ph_poller_watch *lone, int milliseconds,
                   ph_poller_watch *found[PH_EVENTS_MAX], bool *is_interrupted);

#pragma GCC visibility pop
#endif
