/* certificate.h - makes a certificate with its key (RFC 5280): for the
 * development server and for specs.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_CERTIFICATE_H
#define PH_TLS_CERTIFICATE_H

#include "base/buf.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_CERTIFICATE_TEXT = 16 * 1024 /* a ceiling for either buffer */
};

typedef struct ph_certificate_options {
    const ph_span *names; /* DNS names and IP addresses, for the SAN */
    size_t count;
    int64_t now;    /* seconds since 1970; valid from an hour before */
    int days;       /* until so many days behind now; negative: expired */
    bool is_ca;     /* may sign others */
    bool cn_only;   /* no SAN: the first name stands in the subject alone */
    bool is_client; /* for clients only: a server's wrong purpose */
    ph_span ca_certificate, ca_key; /* PEM of who signs; NULL: itself */
} ph_certificate_options;

/* Makes an EC key on P-256 and its certificate, whose subject is the first
 * name; appends both as PEM. PH_E_INVALID: no name, or one that is empty,
 * too long or holds a control or an octet above 7F (field names[i]); a time
 * out of range (now); a signer that cannot be read (ca). PH_E_TLS: OpenSSL's
 * own reason is the text. PH_E_LIMIT: no memory. Wipe the key's buffer. */
int ph_certificate_make(const ph_certificate_options *options,
                        ph_buf *certificate, ph_buf *key, ph_error *error);

#pragma GCC visibility pop
#endif
