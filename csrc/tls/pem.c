/* pem.c - certificates and keys as text (RFC 7468), from and to memory.
 * SPDX-License-Identifier: MIT */
#include "pem.h"

#include <openssl/pem.h>

#include <limits.h>

BIO *ph_pem_open(ph_span text)
{
    return text.size <= INT_MAX ? BIO_new_mem_buf(text.at, (int)text.size)
                                : NULL;
}

/* OpenSSL's own would ask on the terminal. */
static int no_passphrase(char *at, int size, int is_writing, void *data)
{
    (void)at;
    (void)size;
    (void)is_writing;
    (void)data;
    return -1;
}

X509 *ph_pem_certificate(BIO *bio)
{
    return PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
}

EVP_PKEY *ph_pem_key(BIO *bio)
{
    return PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
}

static int put(ph_buf *buf, BIO *bio)
{
    char *at = NULL;
    long size = BIO_get_mem_data(bio, &at);

    return size > 0 ? ph_buf_put(buf, at, (size_t)size) : PH_E_LIMIT;
}

int ph_pem_put_certificate(ph_buf *buf, X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int result = PH_E_LIMIT;

    if (bio && PEM_write_bio_X509(bio, certificate))
        result = put(buf, bio);
    BIO_free(bio);
    return result;
}

/* The BIO of the secure kind wipes what it held. */
int ph_pem_put_key(ph_buf *buf, const EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    int result = PH_E_LIMIT;

    if (bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
        result = put(buf, bio);
    BIO_free(bio);
    return result;
}
