/* timers.c - times in a heap, at most one for each number.
 * SPDX-License-Identifier: MIT */
#include "timers.h"
#include "base/mem.h"

#include <math.h>

struct ph_timer {
    double time;
    size_t number;
};

void ph_timers_init(ph_timers *timers)
{
    *timers = (ph_timers){ NULL, 0, NULL, 0 };
}

void ph_timers_clear(ph_timers *timers)
{
    ph_mem_free(timers->heap);
    ph_mem_free(timers->places);
    ph_timers_init(timers);
}

int ph_timers_reserve(ph_timers *timers, size_t n)
{
    size_t capacity = timers->capacity ? timers->capacity : 8;
    struct ph_timer *heap;
    size_t *places;

    if (n <= timers->capacity)
        return PH_OK;
    while (capacity < n)
        capacity *= 2;
    heap = ph_mem_resize(timers->heap, capacity * sizeof *heap);
    if (!heap)
        return PH_E_LIMIT;
    timers->heap = heap;
    places = ph_mem_resize(timers->places, capacity * sizeof *places);
    if (!places)
        return PH_E_LIMIT;
    for (size_t i = timers->capacity; i < capacity; i++)
        places[i] = 0;
    timers->places = places;
    timers->capacity = capacity;
    return PH_OK;
}

/* Puts a timer at a place of the heap, counted from 1. */
static void put(ph_timers *timers, size_t place, struct ph_timer timer)
{
    timers->heap[place - 1] = timer;
    timers->places[timer.number] = place;
}

static void rise(ph_timers *timers, size_t place, struct ph_timer timer)
{
    while (place > 1 && timers->heap[place / 2 - 1].time > timer.time) {
        put(timers, place, timers->heap[place / 2 - 1]);
        place /= 2;
    }
    put(timers, place, timer);
}

static void sink(ph_timers *timers, size_t place, struct ph_timer timer)
{
    const struct ph_timer *heap = timers->heap;
    size_t child;

    while ((child = 2 * place) <= timers->count) {
        if (child < timers->count && heap[child].time < heap[child - 1].time)
            child++;
        if (heap[child - 1].time >= timer.time)
            break;
        put(timers, place, heap[child - 1]);
        place = child;
    }
    put(timers, place, timer);
}

void ph_timers_set(ph_timers *timers, size_t number, double time)
{
    struct ph_timer timer = { time, number };
    size_t place = timers->places[number];

    if (!place)
        rise(timers, ++timers->count, timer);
    else if (time < timers->heap[place - 1].time)
        rise(timers, place, timer);
    else
        sink(timers, place, timer);
}

void ph_timers_remove(ph_timers *timers, size_t number)
{
    size_t place = number < timers->capacity ? timers->places[number] : 0;
    struct ph_timer last;

    if (!place)
        return;
    timers->places[number] = 0;
    last = timers->heap[--timers->count];
    if (place > timers->count)
        return;
    timers->places[last.number] = place;
    if (place > 1 && timers->heap[place / 2 - 1].time > last.time)
        rise(timers, place, last);
    else
        sink(timers, place, last);
}

double ph_timers_get(const ph_timers *timers, size_t number)
{
    size_t place = timers->places[number];
    return place ? timers->heap[place - 1].time : (double)INFINITY;
}

double ph_timers_first(const ph_timers *timers, size_t *number)
{
    if (!timers->count)
        return (double)INFINITY;
    if (number)
        *number = timers->heap[0].number;
    return timers->heap[0].time;
}
