/* wire.h - a BIO over memory: OpenSSL reads what the peer sent from a span
 * that the caller holds, and writes what the peer shall get into a buffer.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_WIRE_H
#define PH_TLS_WIRE_H

#include "base/buf.h"

#include <openssl/bio.h>

#pragma GCC visibility push(hidden)

typedef struct ph_wire {
    ph_span in;   /* ciphertext that OpenSSL has not taken yet; borrowed */
    ph_buf out;   /* ciphertext for the peer */
    bool is_full; /* something found no room in out: that is fatal */
} ph_wire;

/* What the BIOs of all wires do; it must outlive them. NULL: no memory. */
BIO_METHOD *ph_wire_method(void);

/* Begins a wire and gives its BIO, to be handed to SSL_set_bio: who frees
 * that BIO must do so before ph_wire_clear. limit: octets that out may hold.
 * NULL: no memory. */
BIO *ph_wire_init(ph_wire *wire, const BIO_METHOD *method, size_t limit);

/* Frees what the wire holds; a zeroed wire is allowed. */
void ph_wire_clear(ph_wire *wire);

#pragma GCC visibility pop
#endif
