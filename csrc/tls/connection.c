/* connection.c - OpenSSL's side of an engine.
 * SPDX-License-Identifier: MIT */
#include "connection.h"
#include "base/mem.h"
#include "reason.h"
#include "verify.h"

static int short_of_memory(ph_error *error)
{
    return ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_TLS,
                        "no memory for a TLS connection");
}

/* The key of sessions and the name, in one piece. */
static int set_peer(ph_connection *connection,
                    const ph_connection_options *options, ph_error *error)
{
    ph_span session = options->session, name = options->name;
    char *text = ph_mem_alloc(session.size + name.size);

    if (!text)
        return short_of_memory(error);
    connection->text = text;
    if (session.size)
        memcpy(text, session.at, session.size);
    if (name.size)
        memcpy(text + session.size, name.at, name.size);
    connection->peer = (ph_context_peer){
        .session = ph_span_of(text, session.size),
        .name = ph_span_of(text + session.size, name.size),
        .now = options->now,
    };
    SSL_set_app_data(connection->ssl, &connection->peer);
    return PH_OK;
}

/* Offers a session that was kept, and keeps what comes of this one. */
static void resume(ph_connection *connection)
{
    const ph_context_peer *peer = &connection->peer;
    SSL_SESSION *session;

    if (peer->session.size == 0) {
        SSL_set_options(connection->ssl, SSL_OP_NO_TICKET);
        return;
    }
    session = ph_sessions_take(connection->context->sessions, peer->session,
                               peer->now);
    if (session)
        connection->is_offered = SSL_set_session(connection->ssl, session) == 1;
    SSL_SESSION_free(session);
}

static int start_client(ph_connection *connection,
                        const ph_connection_options *options, ph_error *error)
{
    int result;

    SSL_set_connect_state(connection->ssl);
    result = ph_verify_set_name(connection->ssl, options->name,
                                connection->context->is_verifying, error);
    if (result >= 0)
        result = set_peer(connection, options, error);
    if (result >= 0)
        resume(connection);
    return result;
}

int ph_connection_start(ph_connection *connection, ph_context *context,
                        const ph_connection_options *options, size_t limit,
                        ph_error *error)
{
    BIO *bio;
    int result = PH_OK;

    ph_reason_forget();
    connection->context = ph_context_hold(context);
    connection->ssl = SSL_new(context->ssl);
    bio = ph_wire_init(&connection->wire, context->wire, limit);
    if (!connection->ssl || !bio) {
        BIO_free(bio);
        return short_of_memory(error);
    }
    SSL_set_bio(connection->ssl, bio, bio);
    if (SSL_is_server(connection->ssl))
        SSL_set_accept_state(connection->ssl);
    else
        result = start_client(connection, options, error);
    ph_reason_forget();
    return result;
}

/* The connection goes first, and its BIO with it. OpenSSL takes the session of
 * one that was not shut down for a bad one, though an end without
 * close_notify is common. */
void ph_connection_end(ph_connection *connection, bool is_sound)
{
    if (connection->ssl && !SSL_is_init_finished(connection->ssl))
        ph_connection_forget_session(connection);
    if (connection->ssl && is_sound)
        SSL_set_shutdown(connection->ssl,
                         SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(connection->ssl);
    ph_wire_clear(&connection->wire);
    ph_mem_free(connection->text);
    ph_context_free(connection->context);
    *connection = (ph_connection){ .ssl = NULL };
}

const char *ph_connection_refusal(const ph_connection *connection)
{
    const ph_context *context = connection->context;

    return context->is_verifying || context->pins
               ? ph_verify_reason(connection->ssl)
               : NULL;
}

void ph_connection_forget_session(ph_connection *connection)
{
    if (connection->is_offered)
        ph_sessions_forget(connection->context->sessions,
                           connection->peer.session);
}

/* A pin that was asked for and matched says most. */
static const char *verified_by(const ph_context *context)
{
    if (context->pins)
        return "pin";
    return context->is_verifying ? "pkix" : "none";
}

static void get_pin(SSL *ssl, char pin[PH_CONNECTION_PIN + 1])
{
    X509 *peer = SSL_get0_peer_certificate(ssl);
    unsigned char digest[PH_PINS_DIGEST];

    if (peer && ph_pins_digest(peer, digest))
        EVP_EncodeBlock((unsigned char *)pin, digest, sizeof digest);
}

void ph_connection_get_facts(const ph_connection *connection,
                             ph_connection_facts *facts)
{
    SSL *ssl = connection->ssl;
    int group = (int)SSL_get_negotiated_group(ssl);

    *facts = (ph_connection_facts){
        .version = SSL_get_version(ssl),
        .cipher = SSL_get_cipher_name(ssl),
        .group = group ? SSL_group_to_name(ssl, group) : NULL,
        .verified = verified_by(connection->context),
        .is_resumed = SSL_session_reused(ssl) == 1,
        .is_recalled = connection->peer.is_recalled,
    };
    if (SSL_is_server(ssl))
        return;
    get_pin(ssl, facts->pin);
    if (!connection->context->is_verifying && !connection->context->pins)
        facts->reason = ph_verify_reason(ssl);
}
