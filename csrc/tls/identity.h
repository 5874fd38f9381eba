/* identity.h - a certificate of one's own with its key: a server's, or a
 * client's (RFC 8446, 4.4.2 and 4.3.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_IDENTITY_H
#define PH_TLS_IDENTITY_H

#include "base/error.h"

#include <openssl/ssl.h>

#pragma GCC visibility push(hidden)

/* A text in PEM, or the path of a file that holds it. */
typedef struct ph_identity_source {
    ph_span text;
    const char *file; /* NULL: the text counts */
    const char *name; /* the field that an error names */
} ph_identity_source;

typedef struct ph_identity {
    ph_identity_source certificate; /* its own first, then its chain */
    ph_identity_source key;
    ph_span passphrase; /* of the key; at NULL: there is none */
} ph_identity;

/* Whether there is one at all. */
bool ph_identity_is_given(const ph_identity *identity);

/* Makes it that of all connections of the context; what was read is wiped.
 * PH_E_IO: a file cannot be read; PH_E_INVALID: no usable certificate or key
 * in it, a passphrase that is missing or wrong, or the two do not belong
 * together; both class permanent, phase build, with the field and OpenSSL's or
 * the system's reason. PH_E_LIMIT. */
int ph_identity_use(const ph_identity *identity, SSL_CTX *context,
                    ph_error *error);

#pragma GCC visibility pop
#endif
