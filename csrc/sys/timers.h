/* timers.h - times in a heap, at most one for each number.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SYS_TIMERS_H
#define PH_SYS_TIMERS_H

#include "base/error.h"

#pragma GCC visibility push(hidden)

typedef struct ph_timers {
    struct ph_timer *heap; /* the earliest at its top */
    size_t count;
    size_t *places; /* of each number in the heap, from 1; 0: not there */
    size_t capacity;
} ph_timers;

void ph_timers_init(ph_timers *timers);
void ph_timers_clear(ph_timers *timers);

/* Room for the numbers below n, so that set cannot fail. PH_E_LIMIT. */
int ph_timers_reserve(ph_timers *timers, size_t n);

/* Puts the number at that time, wherever it stood before. */
void ph_timers_set(ph_timers *timers, size_t number, double time);

/* Takes it out, if it is there. */
void ph_timers_remove(ph_timers *timers, size_t number);

/* The time under which a number stands; INFINITY: it does not. */
double ph_timers_get(const ph_timers *timers, size_t number);

/* The earliest time, its number in *number unless that is NULL; INFINITY:
 * there is none. */
double ph_timers_first(const ph_timers *timers, size_t *number);

#pragma GCC visibility pop
#endif
