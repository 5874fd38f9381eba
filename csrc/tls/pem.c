/* pem.c - certificates and keys as text (RFC 7468), from and to memory.
 * SPDX-License-Identifier: MIT */
#include "pem.h"

#include <openssl/pem.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>

enum {
    BLOCK = 4096
};

/* Whole and without a buffer of the C library's: nobody would wipe that. */
int ph_pem_load(const char *path, ph_buf *buf)
{
    FILE *file = fopen(path, "rb");
    size_t size = 1;
    int result = PH_OK, why = 0;
    char *room;

    if (!file)
        return PH_E_IO;
    setvbuf(file, NULL, _IONBF, 0);
    while (size && result >= 0) {
        result = ph_buf_reserve(buf, BLOCK, &room);
        if (result < 0)
            break;
        size = fread(room, 1, BLOCK, file);
        ph_buf_added(buf, size);
        if (ferror(file))
            result = PH_E_IO;
    }
    if (result == PH_E_IO)
        why = errno;
    fclose(file);
    errno = why;
    return result;
}

BIO *ph_pem_open(ph_span text)
{
    return text.size <= INT_MAX ? BIO_new_mem_buf(text.at, (int)text.size)
                                : NULL;
}

/* OpenSSL's own would ask on the terminal. */
static int give_passphrase(char *at, int size, int is_writing, void *data)
{
    ph_pem_lock *lock = data;

    (void)is_writing;
    lock->is_met = true;
    if (!lock->passphrase.at || size < 0 ||
        lock->passphrase.size > (size_t)size)
        return -1;
    memcpy(at, lock->passphrase.at, lock->passphrase.size);
    return (int)lock->passphrase.size;
}

X509 *ph_pem_certificate(BIO *bio)
{
    ph_pem_lock none = { .is_met = false };

    return PEM_read_bio_X509(bio, NULL, give_passphrase, &none);
}

EVP_PKEY *ph_pem_key(BIO *bio, ph_pem_lock *lock)
{
    return PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, lock);
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
