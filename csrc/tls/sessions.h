/* sessions.h - TLS sessions kept for resumption (RFC 8446, 2.2; RFC 5246,
 * F.1.4; RFC 5077), by the peer that they were made with.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_SESSIONS_H
#define PH_TLS_SESSIONS_H

#include "base/span.h"

#include <openssl/ssl.h>

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_SESSIONS_KEY = 1024,   /* octets of a key; a longer one keeps nothing */
    PH_SESSIONS_AGE = 60 * 60 /* seconds that a session is worth something */
};

typedef struct ph_sessions ph_sessions;

/* NULL: no memory. */
ph_sessions *ph_sessions_new(void);
void ph_sessions_free(ph_sessions *sessions);

/* Keeps a session under a key, which it copies, and takes over the caller's
 * reference; the one used longest ago makes room. False: it is not kept, the
 * reference stays the caller's. */
bool ph_sessions_put(ph_sessions *sessions, ph_span key, SSL_SESSION *session);

/* The newest session of the key that may be resumed at that time (seconds
 * since 1970), a reference that the caller frees; NULL: none. Sessions that
 * are too old, or whose certificate has expired meanwhile, are dropped. One
 * of TLS 1.3 is given once (RFC 8446, C.4). */
SSL_SESSION *ph_sessions_take(ph_sessions *sessions, ph_span key, int64_t now);

/* Drops all sessions of the key: one of them did harm. */
void ph_sessions_forget(ph_sessions *sessions, ph_span key);

#pragma GCC visibility pop
#endif
