/* pem.h - certificates and keys as text (RFC 7468), from and to memory.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_PEM_H
#define PH_TLS_PEM_H

#include "base/buf.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#pragma GCC visibility push(hidden)

enum {
    PH_PEM_TEXT = 256 * 1024 /* octets of a file at most */
};

/* Reads a file into the buffer, which is to be wiped: nothing else holds what
 * it gave. PH_E_IO: errno tells why; PH_E_LIMIT: too large. */
int ph_pem_load(const char *path, ph_buf *buf);

/* Opens the text for reading; NULL: too long or no memory. Borrows. */
BIO *ph_pem_open(ph_span text);

/* What opens a key: nobody is asked for it. */
typedef struct ph_pem_lock {
    ph_span passphrase; /* at NULL: none was given */
    bool is_met;        /* a key that wants one was met */
} ph_pem_lock;

/* The next certificate, or the first key; the caller frees it. NULL: none
 * there, or a key that the lock's passphrase does not open. */
X509 *ph_pem_certificate(BIO *bio);
EVP_PKEY *ph_pem_key(BIO *bio, ph_pem_lock *lock);

/* Appends the text of a certificate or a key. PH_E_LIMIT. */
int ph_pem_put_certificate(ph_buf *buf, X509 *certificate);
int ph_pem_put_key(ph_buf *buf, const EVP_PKEY *key);

#pragma GCC visibility pop
#endif
