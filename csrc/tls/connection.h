/* connection.h - OpenSSL's side of an engine: whose certificate is expected,
 * which session is offered, and what the handshake found out.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_CONNECTION_H
#define PH_TLS_CONNECTION_H

#include "context.h"
#include "wire.h"

#pragma GCC visibility push(hidden)

typedef struct ph_connection_options {
    ph_span name;    /* client: what ph_verify_set_name takes */
    double seconds;  /* the deadline of the whole handshake */
    ph_span session; /* client: the key of sessions to resume; empty: none is
                        resumed or kept */
    int64_t now;     /* for their age, and that of what was verified: seconds
                        since 1970; 0: nothing of old counts */
} ph_connection_options;

/* The engine works on ssl and wire, the rest is for the functions below. */
typedef struct ph_connection {
    SSL *ssl;
    ph_wire wire;
    ph_context *context;
    char *text;           /* what peer shows; owned, or NULL */
    ph_context_peer peer; /* ssl's app data */
    bool is_offered;      /* a session was */
} ph_connection;

enum {
    PH_CONNECTION_PIN = 44 /* a digest in base64 */
};

/* Static text, or text that lives as long as the connection. */
typedef struct ph_connection_facts {
    const char *version;  /* "TLSv1.3" */
    const char *cipher;   /* "TLS_AES_256_GCM_SHA384" */
    const char *group;    /* "x25519"; NULL: none was used */
    const char *verified; /* "pin", "pkix"; "none": nothing was proved */
    const char *reason;   /* of a client: why not; or NULL */
    char pin[PH_CONNECTION_PIN + 1]; /* client: of the server's key, or "" */
    bool is_resumed;
    bool is_recalled; /* the same chain was verified a short while ago */
} ph_connection_facts;

/* Begins one (zeroed before) as client or server like the context, which it
 * holds. limit: octets of ciphertext that may wait. To be ended also after an
 * error: those of ph_verify_set_name; PH_E_LIMIT: no memory. */
int ph_connection_start(ph_connection *connection, ph_context *context,
                        const ph_connection_options *options, size_t limit,
                        ph_error *error);

/* Frees what it holds. is_sound: nothing was wrong with it, so that its
 * session may be resumed. */
void ph_connection_end(ph_connection *connection, bool is_sound);

/* Why a client's context does not take that peer; NULL: it does, or none was
 * seen yet. A session that is resumed brings the verdict along. */
const char *ph_connection_refusal(const ph_connection *connection);

/* Whatever is wrong with the session that was offered, if one was: the next
 * handshake shall not meet it again. */
void ph_connection_forget_session(ph_connection *connection);

/* Only after the handshake. */
void ph_connection_get_facts(const ph_connection *connection,
                             ph_connection_facts *facts);

#pragma GCC visibility pop
#endif
