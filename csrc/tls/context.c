/* context.c - what connections of one kind share: trust, or a certificate,
 * and the floor of what is spoken.
 * SPDX-License-Identifier: MIT */
#include "context.h"
#include "pem.h"
#include "reason.h"

#include <openssl/err.h>

static int refuse(ph_error *error)
{
    return ph_reason_set(error, PH_E_TLS, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                         "OpenSSL makes no TLS context");
}

static int invalid(ph_error *error, const char *field, const char *message)
{
    int kind = ph_reason_set(error, PH_E_INVALID, PH_CLASS_PERMANENT,
                             PH_PHASE_BUILD, message);
    strcpy(error->field, field);
    return kind;
}

/* delivery.md T2, T8. A floor that the system's settings put higher stays. */
static int set_floor(SSL_CTX *context, ph_error *error)
{
    if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION &&
        !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION))
        return refuse(error);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                     SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS |
                                  SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return PH_OK;
}

static int set_client(const ph_context_options *options, SSL_CTX *context,
                      ph_error *error)
{
    const ph_trust *trust = &options->trust;

    SSL_CTX_set_verify(
        context, options->is_verifying ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
        NULL);
    if (!options->is_verifying && !trust->file && !trust->path &&
        trust->text.size == 0)
        return PH_OK;
    return ph_trust_load(trust, SSL_CTX_get_cert_store(context), error);
}

/* The certificates behind the first are its chain. */
static int set_certificate(ph_span text, SSL_CTX *context, ph_error *error)
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
    if (!is_good)
        return invalid(error, "certificate", "the certificate is not usable");
    ERR_clear_error();
    return PH_OK;
}

static int set_key(ph_span text, SSL_CTX *context, ph_error *error)
{
    BIO *bio = ph_pem_open(text);
    EVP_PKEY *key = bio ? ph_pem_key(bio) : NULL;
    bool is_good = key && SSL_CTX_use_PrivateKey(context, key) == 1 &&
                   SSL_CTX_check_private_key(context) == 1;

    EVP_PKEY_free(key);
    BIO_free(bio);
    return is_good ? PH_OK
                   : invalid(error, "key",
                             "the key is not usable with the certificate");
}

static int set_server(const ph_context_options *options, SSL_CTX *context,
                      ph_error *error)
{
    int result = set_certificate(options->certificate, context, error);

    if (result >= 0)
        result = set_key(options->key, context, error);
    /* No resumption: nothing would be sent but tickets. */
    if (result >= 0 && !SSL_CTX_set_num_tickets(context, 0))
        result = refuse(error);
    return result;
}

int ph_context_new(const ph_context_options *options, SSL_CTX **context,
                   ph_error *error)
{
    SSL_CTX *made;
    int result;

    ERR_clear_error();
    made = SSL_CTX_new(options->is_server ? TLS_server_method()
                                          : TLS_client_method());
    if (!made)
        return refuse(error);
    result = set_floor(made, error);
    if (result >= 0)
        result = options->is_server ? set_server(options, made, error)
                                    : set_client(options, made, error);
    ERR_clear_error();
    if (result < 0)
        SSL_CTX_free(made);
    else
        *context = made;
    return result;
}
