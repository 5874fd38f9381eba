/* identity.c - what makes a message and its boundaries unlike any other.
 * SPDX-License-Identifier: MIT */
#include "identity.h"
#include "base/error.h"
#include "base/random.h"

void ph_identity_set_seed(ph_identity *identity, ph_span seed)
{
    /* FNV-1a */
    identity->state = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < seed.size; i++) {
        identity->state ^= (unsigned char)seed.at[i];
        identity->state *= UINT64_C(0x100000001b3);
    }
    identity->is_seeded = true;
    identity->left = 0;
}

/* SplitMix64. */
static uint64_t mix(ph_identity *identity)
{
    uint64_t z = identity->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int fill(ph_identity *identity)
{
    int result = PH_OK;

    if (identity->is_seeded) {
        for (size_t i = 0; i < PH_IDENTITY_POOL; i += 8) {
            uint64_t octets = mix(identity);
            for (size_t k = 0; k < 8; k++)
                identity->pool[i + k] = (unsigned char)(octets >> 8 * k & 255);
        }
    } else {
        result = ph_random_fill(identity->pool, PH_IDENTITY_POOL);
    }
    identity->left = result == PH_OK ? PH_IDENTITY_POOL : 0;
    return result;
}

int ph_identity_draw(ph_identity *identity, char *room)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *octets;
    int result = identity->left ? PH_OK : fill(identity);

    if (result < 0)
        return result;
    octets = identity->pool + PH_IDENTITY_POOL - identity->left;
    for (size_t i = 0; i < PH_IDENTITY_SIZE / 2; i++) {
        *room++ = digits[octets[i] >> 4];
        *room++ = digits[octets[i] & 15];
    }
    identity->left -= PH_IDENTITY_SIZE / 2;
    return PH_OK;
}
