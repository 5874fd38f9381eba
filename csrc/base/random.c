/* random.c - bytes of the system's random source.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "random.h"
#include "error.h"

#include <errno.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

int ph_random_fill(void *at, size_t size)
{
    char *next = at;

    /* getentropy gives at most 256 octets a call. */
    while (size) {
        size_t step = size < 256 ? size : 256;
        if (getentropy(next, step) < 0) {
            if (errno == EINTR)
                continue;
            return PH_E_IO;
        }
        next += step;
        size -= step;
    }
    return PH_OK;
}
