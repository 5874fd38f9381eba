/* identity.c - a certificate of one's own with its key.
 * SPDX-License-Identifier: MIT */
#include "identity.h"
#include "pem.h"
#include "reason.h"

#include <errno.h>

static int fail(ph_error *error, int kind, const ph_identity_source *source,
                const char *message)
{
    kind =
        ph_reason_set(error, kind, PH_CLASS_PERMANENT, PH_PHASE_BUILD, message);
    strcpy(error->field, source->name);
    return kind;
}

/* The text of a source: its own, or the file's, read into the buffer. */
static int open_source(const ph_identity_source *source, ph_buf *buf,
                       ph_span *text, ph_error *error)
{
    int result;

    *text = source->text;
    if (!source->file)
        return PH_OK;
    result = ph_pem_load(source->file, buf);
    if (result == PH_E_IO) {
        const char *reason = strerror(errno);
        fail(error, PH_E_IO, source, "the file cannot be read");
        ph_error_set_text(error, ph_span_text(reason));
        return error->kind;
    }
    if (result < 0)
        return fail(error, result, source, "the file is too large for PEM");
    *text = ph_buf_span(buf);
    return PH_OK;
}

/* The certificates behind the first are its chain. */
static bool read_certificates(ph_span text, SSL_CTX *context)
{
    BIO *bio = ph_pem_open(text);
    X509 *certificate = bio ? ph_pem_certificate(bio) : NULL;
    bool is_good =
        certificate && SSL_CTX_use_certificate(context, certificate) == 1;

    X509_free(certificate);
    while (is_good && (certificate = ph_pem_certificate(bio)) != NULL) {
        is_good = SSL_CTX_add0_chain_cert(context, certificate) == 1;
        if (!is_good)
            X509_free(certificate);
    }
    BIO_free(bio);
    /* The end of the text is how the chain ends. */
    if (is_good)
        ph_reason_forget();
    return is_good;
}

static int use_certificate(const ph_identity_source *source, SSL_CTX *context,
                           ph_error *error)
{
    ph_span text;
    ph_buf buf;
    int result;

    ph_buf_init(&buf, PH_PEM_TEXT);
    result = open_source(source, &buf, &text, error);
    if (result >= 0 && !read_certificates(text, context))
        result =
            fail(error, PH_E_INVALID, source, "the certificate is not usable");
    ph_buf_clear(&buf);
    return result;
}

static const char *blame(const ph_pem_lock *lock)
{
    if (!lock->is_met)
        return "the key is not usable";
    return lock->passphrase.at
               ? "the key is not usable with that passphrase"
               : "the key is encrypted, and no passphrase was given for it";
}

static int read_key(const ph_identity *identity, ph_span text, SSL_CTX *context,
                    ph_error *error)
{
    BIO *bio = ph_pem_open(text);
    ph_pem_lock lock = { .passphrase = identity->passphrase };
    EVP_PKEY *key = bio ? ph_pem_key(bio, &lock) : NULL;
    int result = PH_OK;

    if (!key)
        result = fail(error, PH_E_INVALID, &identity->key, blame(&lock));
    else if (SSL_CTX_use_PrivateKey(context, key) != 1 ||
             SSL_CTX_check_private_key(context) != 1)
        result = fail(error, PH_E_INVALID, &identity->key,
                      "the key is not that of the certificate");
    EVP_PKEY_free(key);
    BIO_free(bio);
    return result;
}

static int use_key(const ph_identity *identity, SSL_CTX *context,
                   ph_error *error)
{
    ph_span text;
    ph_buf buf;
    int result;

    ph_buf_init(&buf, PH_PEM_TEXT);
    result = open_source(&identity->key, &buf, &text, error);
    if (result >= 0)
        result = read_key(identity, text, context, error);
    ph_buf_wipe(&buf);
    return result;
}

bool ph_identity_is_given(const ph_identity *identity)
{
    return identity->certificate.file || identity->certificate.text.at;
}

int ph_identity_use(const ph_identity *identity, SSL_CTX *context,
                    ph_error *error)
{
    int result;

    ph_reason_forget();
    result = use_certificate(&identity->certificate, context, error);
    if (result >= 0)
        result = use_key(identity, context, error);
    ph_reason_forget();
    return result;
}
