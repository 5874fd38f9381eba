/* pins.h - public keys that a caller expects: SHA-256 of the certificate's
 * SubjectPublicKeyInfo (RFC 7469, 2.4).
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_PINS_H
#define PH_TLS_PINS_H

#include "base/span.h"

#include <openssl/x509.h>

#pragma GCC visibility push(hidden)

enum {
    PH_PINS_DIGEST = 32 /* octets of each */
};

/* The digest of a certificate's key; false: no memory. */
bool ph_pins_digest(X509 *certificate, unsigned char digest[PH_PINS_DIGEST]);

/* Whether one of the pins, digests one behind the other, is that key's. */
bool ph_pins_match(ph_span pins, X509 *certificate);

#pragma GCC visibility pop
#endif
