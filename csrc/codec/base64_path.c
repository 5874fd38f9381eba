/* base64_path.c - which path of base64 to take, asked anew each time: nothing
 * is kept that changes.
 * SPDX-License-Identifier: MIT */
#include "base64_path.h"

static const ph_base64_path *const paths[] = {
#if defined(__x86_64__)
    &ph_base64_avx512,
    &ph_base64_avx2,
    &ph_base64_ssse3,
#elif defined(__aarch64__)
    &ph_base64_neon,
#endif
    &ph_base64_scalar,
};

const ph_base64_path *ph_base64_path_at(size_t i)
{
    for (size_t at = 0; at < sizeof paths / sizeof *paths; at++)
        if (paths[at]->is_there() && i-- == 0)
            return paths[at];
    return NULL;
}

const ph_base64_path *ph_base64_path_best(void)
{
    return ph_base64_path_at(0);
}
