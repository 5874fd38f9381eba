/* verdicts.h - chains of certificates that were verified a short while ago, so
 * that the same chain for the same name need not be verified again.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_VERDICTS_H
#define PH_TLS_VERDICTS_H

#include "base/span.h"

#include <openssl/x509_vfy.h>

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* What a verdict is about: the name, and each certificate that was sent. Two
 * are equal only where all octets of all these are (SHA-256). */
typedef struct ph_verdict_key {
    unsigned char octets[512];
    size_t size; /* 0: too much for a key, nothing is remembered of it */
} ph_verdict_key;

typedef struct ph_verdicts ph_verdicts;

/* NULL: no memory. */
ph_verdicts *ph_verdicts_new(void);
void ph_verdicts_free(ph_verdicts *verdicts);

/* The key of what a peer sent, for that reference name. */
void ph_verdict_key_set(ph_verdict_key *key, ph_span name,
                        X509_STORE_CTX *sent);

/* Whether that was found good at most five minutes before now (seconds since
 * 1970), and no certificate of its chain has expired since. */
bool ph_verdicts_has(const ph_verdicts *verdicts, const ph_verdict_key *key,
                     int64_t now);

/* It was found good now: by that chain, which it led to. */
void ph_verdicts_put(ph_verdicts *verdicts, const ph_verdict_key *key,
                     int64_t now, X509_STORE_CTX *verified);

#pragma GCC visibility pop
#endif
