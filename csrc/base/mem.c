/* mem.c - the one door to the heap.
 * SPDX-License-Identifier: MIT */
#include "mem.h"

#include <stdlib.h>
#include <string.h>

static void *standard(void *at, size_t size)
{
    if (size)
        return realloc(at, size);
    free(at);
    return NULL;
}

/* The only static that changes: set once, before anything is allocated. */
static ph_mem_function function = standard;

void ph_mem_set(ph_mem_function other)
{
    function = other ? other : standard;
}

void *ph_mem_alloc(size_t size)
{
    return function(NULL, size ? size : 1);
}

void *ph_mem_zero(size_t size)
{
    void *at = ph_mem_alloc(size);
    return at ? memset(at, 0, size) : NULL;
}

void *ph_mem_resize(void *at, size_t size)
{
    return function(at, size ? size : 1);
}

char *ph_mem_copy(const char *at, size_t size)
{
    char *copy = ph_mem_alloc(size + 1);
    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, at, size);
    copy[size] = '\0';
    return copy;
}

void ph_mem_free(void *at)
{
    if (at)
        function(at, 0);
}

void ph_mem_wipe(void *at, size_t size)
{
    if (size == 0)
        return;
    memset(at, 0, size);
    /* As if it were read: no compiler leaves the memset out. */
    __asm__ __volatile__("" : : "r"(at) : "memory");
}
