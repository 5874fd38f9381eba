/* mem.h - the one door to the heap.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_MEM_H
#define PH_BASE_MEM_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* As realloc: at may be NULL, size 0 frees and gives NULL. */
typedef void *(*ph_mem_function)(void *at, size_t size);

/* Sets the allocator of this module, before its first use; NULL: the C
 * library's. Tests put one here that fails on purpose. */
void ph_mem_set(ph_mem_function function);

/* size octets of unset memory, or NULL; size 0 counts as 1. */
void *ph_mem_alloc(size_t size);

/* Like ph_mem_alloc, all octets zero. */
void *ph_mem_zero(size_t size);

/* Grows or shrinks; the old block stays as it was when NULL comes back. */
void *ph_mem_resize(void *at, size_t size);

/* A copy of size octets with a NUL behind them, or NULL. */
char *ph_mem_copy(const char *at, size_t size);

/* NULL is allowed. */
void ph_mem_free(void *at);

/* Zeroes memory in a way that no compiler removes: for secrets. */
void ph_mem_wipe(void *at, size_t size);

#pragma GCC visibility pop
#endif
