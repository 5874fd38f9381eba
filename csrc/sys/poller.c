/* poller.c - who waits for what: descriptors and times, by epoll where there is
 * one, by poll elsewhere.
 * SPDX-License-Identifier: MIT */
#include "poller.h"
#include "base/mem.h"
#include "events.h"
#include "sock.h"
#include "timers.h"

#include <limits.h>
#include <math.h>

enum {
    ROUNDS = 4 /* of waits that ended without an event, between two looks */
};

enum waiter_state {
    FREE,
    IDLE,    /* waits for nothing */
    WAITING, /* for its watch, its time, or a wake */
    QUEUED   /* its wait ended; ph_poller_next will tell */
};

typedef struct waiter {
    ph_poller_wait wait;
    int next; /* in the queue, or of those that are free */
    unsigned char state;
    unsigned char reason;
} waiter;

struct ph_poller {
    waiter *waiters; /* by number; the first is nobody */
    int count, capacity;
    int unused;      /* the first that is free, or 0 */
    int first, last; /* the queue, or 0 */
    size_t queued;
    size_t batch;   /* how many of them to tell before looking for events */
    int rounds;     /* batches since it looked */
    size_t timed;   /* waiting that have a deadline */
    size_t watched; /* waiting that have a watch */
    ph_poller_watch *latest; /* that somebody began to wait for */
    ph_timers timers;
    ph_events events;
};

void ph_poller_watch_init(ph_poller_watch *watch, int fd, unsigned ready)
{
    *watch = (ph_poller_watch){ .fd = fd, .ready = ready };
}

ph_poller *ph_poller_new(bool use_epoll)
{
    ph_poller *poll = ph_mem_zero(sizeof *poll);

    if (!poll)
        return NULL;
    poll->count = 1;
    ph_timers_init(&poll->timers);
    ph_events_init(&poll->events, use_epoll);
    return poll;
}

void ph_poller_free(ph_poller *poll)
{
    if (!poll)
        return;
    ph_events_clear(&poll->events);
    ph_timers_clear(&poll->timers);
    ph_mem_free(poll->waiters);
    ph_mem_free(poll);
}

/* ---- waiters ---- */

static int grow(ph_poller *poll)
{
    int capacity = poll->capacity ? poll->capacity : 8;
    waiter *waiters;

    if (poll->count < poll->capacity)
        return PH_OK;
    if (capacity > INT_MAX / 2)
        return PH_E_LIMIT;
    capacity *= 2;
    if (ph_timers_reserve(&poll->timers, (size_t)capacity) < 0)
        return PH_E_LIMIT;
    waiters = ph_mem_resize(poll->waiters, (size_t)capacity * sizeof *waiters);
    if (!waiters)
        return PH_E_LIMIT;
    poll->waiters = waiters;
    poll->capacity = capacity;
    return PH_OK;
}

int ph_poller_open(ph_poller *poll)
{
    int number = poll->unused;

    if (number) {
        poll->unused = poll->waiters[number].next;
    } else {
        if (grow(poll) < 0)
            return PH_E_LIMIT;
        number = poll->count++;
    }
    poll->waiters[number] = (waiter){ .state = IDLE };
    return number;
}

static waiter *get(ph_poller *poll, int number)
{
    if (number < 1 || number >= poll->count ||
        poll->waiters[number].state == FREE)
        return NULL;
    return &poll->waiters[number];
}

/* It waits no more. Its timer stays in the heap: the next wait most often
 * wants a later one, and what stands there too early does no harm. */
static void disarm(ph_poller *poll, const waiter *self)
{
    if (self->wait.deadline < (double)INFINITY)
        poll->timed--;
    if (self->wait.watch)
        poll->watched--;
}

/* Until its end was told the watch knows it: see ph_poller_forget. */
static void leave_watch(const waiter *self)
{
    ph_poller_watch *watch = self->wait.watch;

    if (watch && (self->wait.want & PH_POLLER_READ))
        watch->waiter[0] = 0;
    if (watch && (self->wait.want & PH_POLLER_WRITE))
        watch->waiter[1] = 0;
}

static void enqueue(ph_poller *poll, int number, ph_poller_reason reason)
{
    waiter *self = &poll->waiters[number];

    self->state = QUEUED;
    self->reason = (unsigned char)reason;
    self->next = 0;
    if (poll->last)
        poll->waiters[poll->last].next = number;
    else
        poll->first = number;
    poll->last = number;
    poll->queued++;
}

static int dequeue(ph_poller *poll)
{
    int number = poll->first;

    poll->first = poll->waiters[number].next;
    if (!poll->first)
        poll->last = 0;
    poll->queued--;
    return number;
}

static void drop_from_queue(ph_poller *poll, int number)
{
    for (size_t n = poll->queued; n; n--) {
        int other = dequeue(poll);
        if (other != number)
            enqueue(poll, other, poll->waiters[other].reason);
    }
}

static void finish(ph_poller *poll, int number, ph_poller_reason reason)
{
    disarm(poll, &poll->waiters[number]);
    enqueue(poll, number, reason);
}

void ph_poller_shut(ph_poller *poll, int number)
{
    waiter *self = get(poll, number);

    if (!self)
        return;
    if (self->state == WAITING)
        disarm(poll, self);
    else if (self->state == QUEUED)
        drop_from_queue(poll, number);
    leave_watch(self);
    ph_timers_remove(&poll->timers, (size_t)number);
    self->state = FREE;
    self->next = poll->unused;
    poll->unused = number;
}

/* ---- waits ---- */

static bool is_taken(const ph_poller_watch *watch, unsigned want)
{
    return ((want & PH_POLLER_READ) && watch->waiter[0]) ||
           ((want & PH_POLLER_WRITE) && watch->waiter[1]);
}

static void watch_for(ph_poller *poll, int number, ph_poller_watch *watch,
                      unsigned want)
{
    if (!watch->poll) {
        watch->poll = poll;
        ph_events_add(&poll->events, watch);
    }
    if (want & PH_POLLER_READ)
        watch->waiter[0] = number;
    if (want & PH_POLLER_WRITE)
        watch->waiter[1] = number;
    poll->watched++;
    poll->latest = watch;
}

/* A timer that stands too early is moved when its time comes: see expire. */
static void time_out_at(ph_poller *poll, int number, double deadline)
{
    poll->timed++;
    if (deadline < ph_timers_get(&poll->timers, (size_t)number))
        ph_timers_set(&poll->timers, (size_t)number, deadline);
}

int ph_poller_arm(ph_poller *poll, int number, const ph_poller_wait *wait)
{
    waiter *self = get(poll, number);
    ph_poller_watch *watch = wait->watch;
    bool is_timed = wait->deadline < (double)INFINITY;

    if (!self || self->state != IDLE)
        return PH_E_USAGE;
    if (watch &&
        ((watch->poll && watch->poll != poll) || is_taken(watch, wait->want)))
        return PH_E_USAGE;
    self->wait = *wait;
    self->state = WAITING;
    if (watch)
        watch_for(poll, number, watch, wait->want);
    if (is_timed)
        time_out_at(poll, number, wait->deadline);
    if (is_timed && wait->deadline <= ph_sock_now())
        finish(poll, number, PH_POLLER_TIMEOUT);
    else if (watch && (watch->ready & wait->want))
        finish(poll, number, PH_POLLER_READY);
    return PH_OK;
}

bool ph_poller_wake(ph_poller *poll, int number, ph_poller_reason reason)
{
    waiter *self = get(poll, number);

    if (!self || self->state != WAITING)
        return false;
    finish(poll, number, reason);
    return true;
}

bool ph_poller_wake_watch(ph_poller_watch *watch)
{
    bool is_woken = false;

    for (int i = 0; i < 2; i++)
        if (watch->waiter[i])
            is_woken |=
                ph_poller_wake(watch->poll, watch->waiter[i], PH_POLLER_WOKEN);
    return is_woken;
}

void ph_poller_forget(ph_poller_watch *watch)
{
    ph_poller *poll = watch->poll;

    if (!poll)
        return;
    (void)ph_poller_wake_watch(watch);
    for (int i = 0; i < 2; i++) {
        int number = watch->waiter[i];
        if (number) {
            poll->waiters[number].wait.watch = NULL;
            poll->waiters[number].reason = PH_POLLER_WOKEN;
        }
    }
    ph_events_remove(&poll->events, watch);
    watch->poll = NULL;
    if (poll->latest == watch)
        poll->latest = NULL;
}

/* ---- the turn ---- */

/* Ends the waits whose time has come; puts back the timers that stood there
 * for an earlier wait. */
static void expire(ph_poller *poll)
{
    double now = poll->timers.count ? ph_sock_now() : 0;
    size_t number = 0;

    while (ph_timers_first(&poll->timers, &number) <= now) {
        waiter *self = &poll->waiters[number];
        bool is_timed =
            self->state == WAITING && self->wait.deadline < (double)INFINITY;
        if (is_timed && self->wait.deadline > now) {
            ph_timers_set(&poll->timers, number, self->wait.deadline);
            continue;
        }
        ph_timers_remove(&poll->timers, number);
        if (is_timed)
            finish(poll, (int)number, PH_POLLER_TIMEOUT);
    }
}

/* Rounded up, for a wait that ends too early would only be begun anew. */
static int milliseconds(const ph_poller *poll)
{
    double left;

    if (poll->queued)
        return 0;
    left = ph_timers_first(&poll->timers, NULL);
    if (left == (double)INFINITY)
        return -1;
    left = ceil((left - ph_sock_now()) * 1000);
    return left <= 0 ? 0 : left > 86400000 ? 86400000 : (int)left;
}

static void tell_watch(ph_poller *poll, ph_poller_watch *watch)
{
    for (int i = 0; i < 2; i++)
        if (watch->ready & (1U << i))
            (void)ph_poller_wake(poll, watch->waiter[i], PH_POLLER_READY);
}

static int look(ph_poller *poll, bool *is_interrupted)
{
    ph_poller_watch *found[PH_EVENTS_MAX];
    ph_poller_watch *lone =
        poll->watched == 1 && poll->latest &&
                (poll->latest->waiter[0] || poll->latest->waiter[1])
            ? poll->latest
            : NULL;
    int count = 0;

    *is_interrupted = false;
    if (poll->watched || !poll->queued)
        count = ph_events_wait(&poll->events, lone, milliseconds(poll), found,
                               is_interrupted);
    if (count < 0)
        return count;
    for (int i = 0; i < count; i++)
        tell_watch(poll, found[i]);
    expire(poll);
    poll->batch = poll->queued;
    poll->rounds = 0;
    return PH_OK;
}

static void tell(ph_poller *poll, ph_poller_wakeup *wakeup)
{
    int number = dequeue(poll);
    waiter *self = &poll->waiters[number];

    poll->batch--;
    self->state = IDLE;
    leave_watch(self);
    *wakeup = (ph_poller_wakeup){ number, self->reason, self->wait };
}

int ph_poller_next(ph_poller *poll, ph_poller_wakeup *wakeup, bool *is_idle)
{
    bool is_interrupted = false;

    *is_idle = false;
    while (!is_interrupted) {
        int state;
        /* What came while the batch was told is told too, for a while: who
         * passes on an outcome and goes on himself costs no look. */
        if (poll->queued && !poll->batch && poll->rounds < ROUNDS) {
            poll->batch = poll->queued;
            poll->rounds++;
        }
        if (poll->queued && poll->batch) {
            tell(poll, wakeup);
            return 1;
        }
        *is_idle = !poll->queued && !poll->watched && !poll->timed;
        if (*is_idle)
            return 0;
        state = look(poll, &is_interrupted);
        if (state < 0)
            return state;
    }
    return 0;
}
