/* context.c - what connections of one kind share: trust, or a certificate,
 * the floor of what is spoken, and sessions to resume.
 * SPDX-License-Identifier: MIT */
#include "context.h"
#include "base/mem.h"
#include "reason.h"
#include "verify.h"
#include "wire.h"

/* OpenSSL makes some ten octets of one in a chain. */
enum {
    CHAIN = 20 * 1024, /* octets that a server's may have */
    KEPT_CHAIN = 8     /* certificates that a session may hold */
};

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
    const ph_context_peer *peer = SSL_get_app_data(ssl);

    return sk_X509_num(SSL_get_peer_cert_chain(ssl)) <= KEPT_CHAIN &&
           ph_sessions_put(context->sessions, peer->session, session);
}

/* What was found good a short while ago is found so again: to check the
 * signatures of a chain takes a sixth of a handshake. */
static bool verify_chain(const ph_context *context, X509_STORE_CTX *chain)
{
    SSL *ssl =
        X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    ph_context_peer *peer = SSL_get_app_data(ssl);
    ph_verdict_key key = { .size = 0 };

    if (peer->now)
        ph_verdict_key_set(&key, peer->name, chain);
    peer->is_recalled = ph_verdicts_has(context->verdicts, &key, peer->now);
    if (peer->is_recalled) {
        X509_STORE_CTX_set_error(chain, X509_V_OK);
        return true;
    }
    if (X509_verify_cert(chain) <= 0)
        return false;
    ph_verdicts_put(context->verdicts, &key, peer->now, chain);
    return true;
}

static bool is_pinned(const ph_context *context, X509_STORE_CTX *chain)
{
    bool is_match = ph_pins_match(ph_span_of(context->pins, context->pins_size),
                                  X509_STORE_CTX_get0_cert(chain));

    X509_STORE_CTX_set_error(chain, is_match ? X509_V_OK : PH_VERIFY_UNPINNED);
    return is_match;
}

/* In OpenSSL's place: what it would do, then the pins. */
static int check_server(X509_STORE_CTX *chain, void *at)
{
    const ph_context *context = at;

    if (context->is_verifying && !verify_chain(context, chain))
        return 0;
    return !context->pins || is_pinned(context, chain);
}

static int set_pins(ph_span pins, ph_context *context, ph_error *error)
{
    if (pins.size == 0)
        return PH_OK;
    context->pins = ph_mem_copy(pins.at, pins.size);
    if (!context->pins)
        return short_of_memory(error);
    context->pins_size = pins.size;
    return PH_OK;
}

static int set_client(const ph_context_options *options, ph_context *context,
                      ph_error *error)
{
    const ph_trust *trust = &options->trust;
    bool is_checking = options->is_verifying || options->pins.size;
    SSL_CTX *ssl = context->ssl;
    int result;

    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT |
                                            SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl, keep_session);
    SSL_CTX_set_max_cert_list(ssl, CHAIN);
    SSL_CTX_set_verify(ssl, is_checking ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       NULL);
    if (is_checking)
        SSL_CTX_set_cert_verify_callback(ssl, check_server, context);
    result = set_pins(options->pins, context, error);
    if (result >= 0 && ph_identity_is_given(&options->identity))
        result = ph_identity_use(&options->identity, ssl, error);
    if (result >= 0 && (options->is_verifying || trust->file || trust->path ||
                        trust->text.size))
        result = ph_trust_load(trust, SSL_CTX_get_cert_store(ssl), error);
    return result;
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
    int result = ph_identity_use(&options->identity, context, error);

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
    if (!options->is_server) {
        made->sessions = ph_sessions_new();
        made->verdicts = ph_verdicts_new();
    }
    if (!made->wire ||
        (!options->is_server && (!made->sessions || !made->verdicts)))
        return short_of_memory(error);
    SSL_CTX_set_app_data(made->ssl, made);
    result = set_floor(made->ssl, options->least_version, error);
    if (result < 0)
        return result;
    return options->is_server ? set_server(options, made->ssl, error)
                              : set_client(options, made, error);
}

int ph_context_new(const ph_context_options *options, ph_context **context,
                   ph_error *error)
{
    ph_context *made = ph_mem_zero(sizeof *made);
    int result;

    if (!made)
        return short_of_memory(error);
    ph_reason_forget();
    made->holders = 1;
    made->is_verifying = !options->is_server && options->is_verifying;
    result = start(options, made, error);
    ph_reason_forget();
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
    ph_verdicts_free(context->verdicts);
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->wire);
    ph_mem_free(context->pins);
    ph_mem_free(context);
}
