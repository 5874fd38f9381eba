/* events.c - what happened to descriptors: epoll(7), or poll(2).
 * SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* POLLRDHUP */
#endif
#include "events.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/epoll.h>
#else
#define POLLRDHUP 0
#endif

void ph_events_init(ph_events *events, bool use_epoll)
{
    *events = (ph_events){ .use_epoll = use_epoll, .epoll = -1 };
#ifndef __linux__
    events->use_epoll = false;
#endif
}

static void link_in(ph_poller_watch **list, ph_poller_watch *watch)
{
    watch->next = *list;
    watch->link = list;
    if (*list)
        (*list)->link = &watch->next;
    *list = watch;
}

static void unlink_from(ph_poller_watch *watch)
{
    *watch->link = watch->next;
    if (watch->next)
        watch->next->link = watch->link;
    watch->next = NULL;
    watch->link = NULL;
}

void ph_events_add(ph_events *events, ph_poller_watch *watch)
{
    watch->is_registered = false;
    link_in(&events->fresh, watch);
}

static void let_go(ph_poller_watch **list)
{
    while (*list) {
        ph_poller_watch *watch = *list;
        unlink_from(watch);
        watch->poll = NULL;
        watch->is_registered = false;
    }
}

void ph_events_clear(ph_events *events)
{
    let_go(&events->fresh);
    let_go(&events->known);
    if (events->epoll >= 0)
        (void)close(events->epoll);
    ph_mem_free(events->polled);
    ph_events_init(events, events->use_epoll);
}

static int refused(void)
{
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
                   errno == ENOSPC
               ? PH_E_LIMIT
               : PH_E_IO;
}

static void note(ph_poller_watch *watch, unsigned ready, bool is_over)
{
    watch->ready |= ready;
    watch->is_over |= is_over;
}

/* POLLIN and its like have one meaning in poll(2) and, on Linux, the same
 * values in epoll(7). */
static void note_events(ph_poller_watch *watch, unsigned events)
{
    unsigned over = POLLHUP | POLLERR | POLLNVAL | POLLRDHUP;
    unsigned ready = 0;

    if (events & (POLLIN | over))
        ready |= PH_POLLER_READ;
    if (events & (POLLOUT | POLLHUP | POLLERR | POLLNVAL))
        ready |= PH_POLLER_WRITE;
    note(watch, ready, events & over);
}

#ifdef __linux__

/* A child shares its parent's epoll, and what it took out would be missing
 * there: so it leaves that alone and makes its own. */
static void notice_fork(ph_events *events)
{
    if (events->epoll < 0 || events->process == getpid())
        return;
    (void)close(events->epoll);
    events->epoll = -1;
    while (events->known) {
        ph_poller_watch *watch = events->known;
        unlink_from(watch);
        ph_events_add(events, watch);
    }
}

/* Without a descriptor to spare poll(2) will do. */
static bool has_epoll(ph_events *events)
{
    if (events->use_epoll && events->epoll < 0) {
        events->epoll = epoll_create1(EPOLL_CLOEXEC);
        events->process = getpid();
        events->use_epoll = events->epoll >= 0;
    }
    return events->use_epoll;
}

static int register_fresh(ph_events *events)
{
    while (events->fresh) {
        ph_poller_watch *watch = events->fresh;
        struct epoll_event event = {
            .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
            .data.ptr = watch,
        };
        if (epoll_ctl(events->epoll, EPOLL_CTL_ADD, watch->fd, &event) < 0)
            return refused();
        unlink_from(watch);
        link_in(&events->known, watch);
        watch->is_registered = true;
    }
    return PH_OK;
}

static int wait_epoll(ph_events *events, int milliseconds,
                      ph_poller_watch *found[PH_EVENTS_MAX])
{
    struct epoll_event happened[PH_EVENTS_MAX];
    int count = register_fresh(events);

    if (count < 0)
        return count;
    count = epoll_wait(events->epoll, happened, PH_EVENTS_MAX, milliseconds);
    for (int i = 0; i < count; i++) {
        found[i] = happened[i].data.ptr;
        note_events(found[i], happened[i].events);
    }
    return count < 0 ? refused() : count;
}

void ph_events_remove(ph_events *events, ph_poller_watch *watch)
{
    notice_fork(events);
    if (watch->is_registered)
        (void)epoll_ctl(events->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    unlink_from(watch);
    watch->is_registered = false;
}

#else

static void notice_fork(ph_events *events)
{
    (void)events;
}

void ph_events_remove(ph_events *events, ph_poller_watch *watch)
{
    (void)events;
    unlink_from(watch);
}

#endif

static short wanted(const ph_poller_watch *watch)
{
    return (short)((watch->waiter[0] ? POLLIN | POLLRDHUP : 0) |
                   (watch->waiter[1] ? POLLOUT : 0));
}

/* One descriptor needs no epoll, which would take two calls to enter and to
 * leave. */
static int wait_lone(ph_poller_watch *lone, int milliseconds,
                     ph_poller_watch *found[PH_EVENTS_MAX])
{
    struct pollfd polled = { .fd = lone->fd, .events = wanted(lone) };
    int count = poll(&polled, 1, milliseconds);

    if (count > 0) {
        note_events(lone, (unsigned)polled.revents);
        found[0] = lone;
    }
    return count < 0 ? refused() : count;
}

static int fill(ph_events *events, size_t *count)
{
    *count = 0;
    for (ph_poller_watch *at = events->fresh; at; at = at->next) {
        if (!wanted(at))
            continue;
        if (*count == events->capacity) {
            size_t capacity = events->capacity ? 2 * events->capacity : 16;
            struct pollfd *polled = ph_mem_resize(
                events->polled, capacity * sizeof *events->polled);
            if (!polled) {
                errno = ENOMEM;
                return PH_E_LIMIT;
            }
            events->polled = polled;
            events->capacity = capacity;
        }
        events->polled[*count].fd = at->fd;
        events->polled[*count].events = wanted(at);
        ++*count;
    }
    return PH_OK;
}

/* The watches that were filled in stand in the same order in the list. Where
 * more are ready than may be told, the others are told next time. */
static int wait_poll(ph_events *events, int milliseconds,
                     ph_poller_watch *found[PH_EVENTS_MAX])
{
    size_t count, at = 0;
    int told = 0;
    int state = fill(events, &count);

    if (state < 0)
        return state;
    if (poll(events->polled, (nfds_t)count, milliseconds) < 0)
        return refused();
    for (ph_poller_watch *watch = events->fresh; watch; watch = watch->next) {
        if (!wanted(watch))
            continue;
        if (events->polled[at].revents && told < PH_EVENTS_MAX) {
            note_events(watch, (unsigned)events->polled[at].revents);
            found[told++] = watch;
        }
        at++;
    }
    return told;
}

int ph_events_wait(ph_events *events, ph_poller_watch *lone, int milliseconds,
                   ph_poller_watch *found[PH_EVENTS_MAX], bool *is_interrupted)
{
    int count;

    notice_fork(events);
    if (lone && !lone->is_registered)
        count = wait_lone(lone, milliseconds, found);
#ifdef __linux__
    else if (has_epoll(events))
        count = wait_epoll(events, milliseconds, found);
#endif
    else
        count = wait_poll(events, milliseconds, found);
    *is_interrupted = count < 0 && errno == EINTR;
    return *is_interrupted ? 0 : count;
}
