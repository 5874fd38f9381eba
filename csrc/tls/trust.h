/* trust.h - which certification authorities count.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_TRUST_H
#define PH_TLS_TRUST_H

#include "base/error.h"

#include <openssl/x509_vfy.h>

#pragma GCC visibility push(hidden)

/* Spans that are empty were not given; given ones are added up. Paths and
 * text come without NUL inside. */
typedef struct ph_trust {
    const char *file; /* path of a file with certificates in PEM, or NULL */
    const char *path; /* path of a folder as c_rehash makes it, or NULL */
    ph_span text;     /* certificates in PEM, or empty */
} ph_trust;

/* Fills the store from what is given; when nothing is, from the system's own
 * store: what SSL_CERT_FILE and SSL_CERT_DIR name or OpenSSL was built with,
 * else, with neither variable set, the first bundle found where distributions
 * keep theirs. PH_E_IO, class
 * permanent: a file or folder that cannot be read or holds no certificate
 * (the field names it), or no system store at all. PH_E_LIMIT. */
int ph_trust_load(const ph_trust *trust, X509_STORE *store, ph_error *error);

#pragma GCC visibility pop
#endif
