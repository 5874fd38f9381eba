/* context.h - what connections of one kind share: trust, or a certificate,
 * and the floor of what is spoken.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_CONTEXT_H
#define PH_TLS_CONTEXT_H

#include "trust.h"

#include <openssl/ssl.h>

#pragma GCC visibility push(hidden)

typedef struct ph_context_options {
    bool is_server;
    bool is_verifying;   /* client: a server that fails the check is refused */
    ph_trust trust;      /* client: whom to believe */
    ph_span certificate; /* server: PEM, its own certificate first */
    ph_span key;         /* server: PEM, without a passphrase */
} ph_context_options;

/* Makes a context for TLS 1.2 and later, without compression, renegotiation
 * or resumption, with the cipher list and security level that OpenSSL was
 * built with (a stricter system setting stays). It is *context, to be freed
 * by SSL_CTX_free; connections of it keep it alive. A client that does not
 * verify loads trust only when some is given. Errors: those of ph_trust_load;
 * PH_E_INVALID (field certificate or key): a server's PEM is not usable;
 * PH_E_TLS: OpenSSL would not, its reason is the text; PH_E_LIMIT. */
int ph_context_new(const ph_context_options *options, SSL_CTX **context,
                   ph_error *error);

#pragma GCC visibility pop
#endif
