/* pins.c - public keys that a caller expects.
 * SPDX-License-Identifier: MIT */
#include "pins.h"

#include <openssl/evp.h>

bool ph_pins_digest(X509 *certificate, unsigned char digest[PH_PINS_DIGEST])
{
    unsigned char *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    bool is_done = size > 0 && EVP_Digest(der, (size_t)size, digest, NULL,
                                          EVP_sha256(), NULL) == 1;

    OPENSSL_free(der);
    return is_done;
}

bool ph_pins_match(ph_span pins, X509 *certificate)
{
    unsigned char digest[PH_PINS_DIGEST];

    if (!certificate || !ph_pins_digest(certificate, digest))
        return false;
    for (size_t i = 0; i + PH_PINS_DIGEST <= pins.size; i += PH_PINS_DIGEST)
        if (!memcmp(pins.at + i, digest, PH_PINS_DIGEST))
            return true;
    return false;
}
