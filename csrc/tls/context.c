/* context.c - what connections of one kind share: trust, or a certificate,
 * the floor of what is spoken, and sessions to resume.
 * SPDX-License-Identifier: MIT */
#include "context.h"
#include "base/mem.h"
#include "pem.h"
#include "reason.h"
#include "wire.h"

#include <openssl/err.h>

static int refuse(ph_error *error)
{
    return ph_reason_set(error, PH_E_TLS, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                         "OpenSSL makes no TLS context");
}

static int short_of_memory(ph_error *error)
{
    return ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                        "no memory for a TLS context");
}

static int invalid(ph_error *error, const char *field, const char *message)
{
    int kind = ph_reason_set(error, PH_E_INVALID, PH_CLASS_PERMANENT,
                             PH_PHASE_BUILD, message);
    strcpy(error->field, field);
    return kind;
}

/* delivery.md T2, T8. A floor that the system's settings put higher stays. */
static int set_floor(SSL_CTX *context, int least, ph_error *error)
{
    if (least < TLS1_2_VERSION)
        least = TLS1_2_VERSION;
    if (SSL_CTX_get_min_proto_version(context) < least &&
        !SSL_CTX_set_min_proto_version(context, least))
        return refuse(error);
    SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS |
                                  SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return PH_OK;
}

/* A session that may be resumed has come, from TLS 1.3 at any time. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    ph_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    const ph_span *key = SSL_get_app_data(ssl);

    return key && ph_sessions_put(context->sessions, *key, session);
}

static int set_client(const ph_context_options *options, SSL_CTX *context,
                      ph_error *error)
{
    const ph_trust *trust = &options->trust;

    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT |
                                                SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
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

/* A server keeps no session itself: its tickets hold them. */
static int set_tickets(bool is_resuming, SSL_CTX *context, ph_error *error)
{
    static const unsigned char name[] = "posthorn";

    if (is_resuming)
        return SSL_CTX_set_session_id_context(context, name, sizeof name - 1)
                   ? PH_OK
                   : refuse(error);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(context, 0) ? PH_OK : refuse(error);
}

static int set_server(const ph_context_options *options, SSL_CTX *context,
                      ph_error *error)
{
    int result = set_certificate(options->certificate, context, error);

    if (result >= 0)
        result = set_key(options->key, context, error);
    if (result >= 0)
        result = set_tickets(options->is_resuming, context, error);
    return result;
}

static int start(const ph_context_options *options, ph_context *made,
                 ph_error *error)
{
    int result;

    made->ssl = SSL_CTX_new(options->is_server ? TLS_server_method()
                                               : TLS_client_method());
    if (!made->ssl)
        return refuse(error);
    made->wire = ph_wire_method();
    if (!options->is_server)
        made->sessions = ph_sessions_new();
    if (!made->wire || (!options->is_server && !made->sessions))
        return short_of_memory(error);
    SSL_CTX_set_app_data(made->ssl, made);
    result = set_floor(made->ssl, options->least_version, error);
    if (result < 0)
        return result;
    return options->is_server ? set_server(options, made->ssl, error)
                              : set_client(options, made->ssl, error);
}

int ph_context_new(const ph_context_options *options, ph_context **context,
                   ph_error *error)
{
    ph_context *made = ph_mem_zero(sizeof *made);
    int result;

    if (!made)
        return short_of_memory(error);
    ERR_clear_error();
    made->holders = 1;
    made->is_verifying = !options->is_server && options->is_verifying;
    result = start(options, made, error);
    ERR_clear_error();
    if (result < 0)
        ph_context_free(made);
    else
        *context = made;
    return result;
}

ph_context *ph_context_hold(ph_context *context)
{
    context->holders++;
    return context;
}

void ph_context_free(ph_context *context)
{
    if (!context || --context->holders)
        return;
    ph_sessions_free(context->sessions);
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->wire);
    ph_mem_free(context);
}
