/* random.h - bytes of the system's random source.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_RANDOM_H
#define PH_BASE_RANDOM_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Fills the memory. PH_E_IO when the system gives none: there is no
 * fallback. */
int ph_random_fill(void *at, size_t size);

#pragma GCC visibility pop
#endif
