/* pem.h - certificates and keys as text (RFC 7468), from and to memory.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_PEM_H
#define PH_TLS_PEM_H

#include "base/buf.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#pragma GCC visibility push(hidden)

/* Opens the text for reading; NULL: too long or no memory. Borrows. */
BIO *ph_pem_open(ph_span text);

/* The next certificate, or the first key; the caller frees it. NULL: none
 * there, or a key under a passphrase: nobody is asked for one. */
X509 *ph_pem_certificate(BIO *bio);
EVP_PKEY *ph_pem_key(BIO *bio);

/* Appends the text of a certificate or a key. PH_E_LIMIT. */
int ph_pem_put_certificate(ph_buf *buf, X509 *certificate);
int ph_pem_put_key(ph_buf *buf, const EVP_PKEY *key);

#pragma GCC visibility pop
#endif
