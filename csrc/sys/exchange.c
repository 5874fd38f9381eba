/* exchange.c - moves octets between a descriptor and a machine, both ways at
 * once (delivery.md, S25).
 * SPDX-License-Identifier: MIT */
#include "exchange.h"
#include "sock.h"

#include <math.h>

enum {
    PIECE = 32 * 1024, /* read at a time, on the stack */
    TURN = 1024 * 1024 /* octets moved before others have their turn */
};

typedef struct exchange {
    ph_poller_watch *watch;
    const ph_machine *machine;
    size_t moved;
    bool is_blocked; /* output waits for the kernel */
    bool is_refused; /* the peer takes no more: output is pointless */
    bool is_ended;   /* the peer said all it will say */
} exchange;

/* Hands over what the kernel takes. A short send is a block: the kernel tells
 * when there is room again. */
static void write_output(exchange *self, ph_span output)
{
    size_t sent;
    int state;

    self->is_blocked = true;
    if (!(self->watch->ready & PH_POLLER_WRITE))
        return;
    state = ph_sock_send(self->watch->fd, output, &sent);
    if (sent)
        self->machine->consume(self->machine->self, sent);
    self->moved += sent;
    self->is_blocked = sent < output.size;
    self->is_refused = state < 0;
    if (self->is_blocked)
        self->watch->ready &= ~(unsigned)PH_POLLER_WRITE;
}

/* Feeds what is there. A short read is the end of it, unless the peer ended
 * as well: that was told already and will not be again. */
static int read_input(exchange *self)
{
    char piece[PIECE];
    size_t got;
    int state = ph_sock_receive(self->watch->fd, piece, sizeof piece, &got);

    if (state < 0 && !self->is_refused)
        return state;
    if (state == PH_SOCK_WAIT ||
        (got && got < sizeof piece && !self->watch->is_over))
        self->watch->ready &= ~(unsigned)PH_POLLER_READ;
    if (state == PH_SOCK_WAIT) {
        /* Refused and nothing to read: the peer has nothing to say. */
        if (!self->is_refused)
            return PH_OK;
    } else if (got) {
        self->moved += got;
        (void)self->machine->feed(self->machine->self, piece, got);
        return PH_OK;
    }
    self->is_ended = true;
    self->watch->ended = self->machine;
    (void)self->machine->feed_eof(self->machine->self);
    return PH_OK;
}

/* One step in each direction; true when something may go on at once. An event
 * is told before anything is written: what the caller then says leaves in the
 * same write. */
static bool step(exchange *self, ph_exchange_state *state, unsigned *want)
{
    const ph_machine *machine = self->machine;
    ph_span output = { NULL, 0 };
    size_t moved = self->moved;

    self->is_blocked = false;
    *state = PH_EXCHANGE_PENDING;
    if (machine->pending(machine->self))
        return false;
    if (!self->is_refused)
        output = machine->output(machine->self);
    if (output.size) {
        write_output(self, output);
        if (machine->pending(machine->self))
            return false;
    }
    if (self->is_ended) {
        *state = PH_EXCHANGE_EOF;
        *want = PH_POLLER_WRITE;
        if (self->is_blocked && !self->is_refused)
            *state = PH_EXCHANGE_WAIT;
        return self->moved > moved;
    }
    if (self->is_refused || (self->watch->ready & PH_POLLER_READ)) {
        *state = PH_EXCHANGE_ERROR;
        return read_input(self) >= 0;
    }
    *state = PH_EXCHANGE_WAIT;
    *want = PH_POLLER_READ | (self->is_blocked ? PH_POLLER_WRITE : 0U);
    return self->moved > moved && !self->is_blocked;
}

ph_exchange_state ph_exchange(ph_poller_watch *watch, const ph_machine *machine,
                              unsigned *want)
{
    exchange self = { .watch = watch, .machine = machine };
    ph_exchange_state state;

    *want = 0;
    self.is_ended = watch->ended == machine;
    if (!ph_machine_is_open(machine))
        return PH_EXCHANGE_CLOSED;
    state = PH_EXCHANGE_AGAIN;
    while (self.moved < TURN && step(&self, &state, want))
        state = PH_EXCHANGE_AGAIN;
    watch->moved = self.moved;
    return state;
}

double ph_exchange_limit(ph_poller_watch *watch, const ph_machine *machine)
{
    unsigned long number = watch->number;
    double seconds = machine->deadline(machine->self, &number);

    if (seconds < 0) {
        watch->timed = NULL;
        return (double)INFINITY;
    }
    if (watch->timed != machine || watch->number != number) {
        watch->timed = machine;
        watch->number = number;
        watch->limit = ph_sock_now() + seconds;
    }
    return watch->limit;
}
