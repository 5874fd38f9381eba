/* verify.h - whose certificate is expected (RFC 6125, RFC 5280, SNI of
 * RFC 6066, 3).
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_VERIFY_H
#define PH_TLS_VERIFY_H

#include "base/error.h"
#include "base/ip.h"

#include <openssl/ssl.h>

#pragma GCC visibility push(hidden)

/* X509_V_ERR_*: the key is none of those that the caller expects. */
#define PH_VERIFY_UNPINNED X509_V_ERR_APPLICATION_VERIFICATION

/* Reads an IP address in digits ("192.0.2.1", "2001:db8::25", the latter in
 * brackets too). Returns 4 or 16, the octets written to address; 0: the name
 * is no address. */
size_t ph_verify_address(ph_span name, unsigned char address[PH_IP_OCTETS]);

/* Sets the reference name of a client's connection. A host name goes into
 * SNI and is sought among the DNS names of the certificate's SAN, whole
 * labels only; an address is sought among its IP addresses and never goes
 * into SNI; the subject's CN never counts. An empty name leaves out SNI, and is
 * refused when one is needed to verify. A dot at the end is dropped.
 * PH_E_INVALID (field server_name): no name, or none that could stand in a
 * certificate. PH_E_LIMIT. */
int ph_verify_set_name(SSL *ssl, ph_span name, bool is_needed, ph_error *error);

/* Why the peer's certificate was refused, or would have been: "certificate
 * has expired", "hostname mismatch"; NULL: it is good. Static text. */
const char *ph_verify_reason(const SSL *ssl);

#pragma GCC visibility pop
#endif
