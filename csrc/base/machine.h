/* machine.h - the shape that session, writer, engine and receiver share, as a
 * struct of functions: so do modules meet that share no symbol.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_MACHINE_H
#define PH_BASE_MACHINE_H

#include "error.h"
#include "span.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_MACHINE_VERSION = 1
};

/* Owned by the object behind self; the Lua userdata that carries a pointer to
 * it anchors that object. Once the owner was closed, self is NULL and the
 * struct may not be called: see ph_machine_is_open. */
typedef struct ph_machine {
    uint32_t version; /* PH_MACHINE_VERSION */
    uint32_t size;    /* sizeof(ph_machine) of the module that made it */
    void *self;

    /* The peer said this. 0: all of it was taken. Negative: PH_E_*; the
     * machine has failed and `next` of its owner tells how. */
    int (*feed)(void *self, const char *at, size_t size);

    /* The peer will say nothing more. As feed. */
    int (*feed_eof)(void *self);

    /* What should go to the peer now; empty: nothing. Borrowed until the next
     * call. May make more output by itself (a session pulls its body, an
     * engine seals what its session has to say). */
    ph_span (*output)(void *self);

    /* That many octets of output were handed over. */
    void (*consume)(void *self, size_t n);

    /* Whether an event waits: the owner's `next` fetches it. */
    bool (*pending)(void *self);

    /* How long this wait may last, in seconds, or a negative number: for
     * ever. *number changes whenever the wait is another one: only then may
     * a timer start anew, so that dripping bytes win no time. */
    double (*deadline)(void *self, unsigned long *number);

    /* The deadline has passed. */
    void (*expire)(void *self);
} ph_machine;

static inline bool ph_machine_is_open(const ph_machine *machine)
{
    return machine && machine->version == PH_MACHINE_VERSION &&
           machine->size >= sizeof(ph_machine) && machine->self;
}

#pragma GCC visibility pop
#endif
