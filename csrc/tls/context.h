/* context.h - what connections of one kind share: trust, or a certificate,
 * the floor of what is spoken, and sessions to resume.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_CONTEXT_H
#define PH_TLS_CONTEXT_H

#include "identity.h"
#include "pins.h"
#include "sessions.h"
#include "trust.h"
#include "verdicts.h"

#include <openssl/ssl.h>

#pragma GCC visibility push(hidden)

typedef struct ph_context_options {
    bool is_server;
    bool is_verifying;    /* client: a server that fails the check is refused */
    bool is_resuming;     /* server: gives tickets, takes them back */
    int least_version;    /* TLS1_2_VERSION or TLS1_3_VERSION; 0: the former */
    ph_trust trust;       /* client: whom to believe */
    ph_span pins;         /* client: one must be of the server's key */
    ph_identity identity; /* a server's; a client's where it has one */
} ph_context_options;

/* What a context's callbacks want to know of a client's connection, whose app
 * data it is. */
typedef struct ph_context_peer {
    ph_span session;  /* the key of sessions to resume; empty: none are */
    ph_span name;     /* the reference name */
    int64_t now;      /* seconds since 1970; 0: not known */
    bool is_recalled; /* the verdict on its chain is one of before */
} ph_context_peer;

/* Fields are for the other files of this folder to read. */
typedef struct ph_context {
    SSL_CTX *ssl;
    BIO_METHOD *wire;      /* of all its connections */
    ph_sessions *sessions; /* client: NULL for a server, like verdicts */
    ph_verdicts *verdicts;
    bool is_verifying; /* client: asks for a proof by certificates */
    char *pins;        /* client: digests, or NULL; owned */
    size_t pins_size;
    size_t holders;
} ph_context;

/* Makes a context for TLS 1.2 and later, without compression or
 * renegotiation, with the cipher list and security level that OpenSSL was
 * built with (a stricter system setting stays). A client that does not verify
 * loads trust only when some is given. It takes 20 KiB of certificates. One
 * with pins refuses a server whose own key is none of them, beside what it
 * verifies. The sessions that a client resumes are those of this context, so
 * none crosses from one policy to another. Errors: those of ph_trust_load and
 * ph_identity_use; PH_E_TLS: OpenSSL would not, its reason is the text;
 * PH_E_LIMIT. */
int ph_context_new(const ph_context_options *options, ph_context **context,
                   ph_error *error);

/* One holder more: it frees the context too. Returns it. */
ph_context *ph_context_hold(ph_context *context);
void ph_context_free(ph_context *context);

#pragma GCC visibility pop
#endif
