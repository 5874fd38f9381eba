/* domain.h - domains of addresses (RFC 5321, 4.1.2 and 4.1.3; RFC 6531, 3.3):
 * a check, and the normal form for comparing and looking up.
 *
 * A domain with U-labels is kept as UTF-8 and flagged: to turn it into A-labels
 * is csrc/idn's business, which refuses more than the checks here can.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_DOMAIN_H
#define PH_CODEC_DOMAIN_H

#include "base/buf.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_DOMAIN_LIMIT = 253, /* octets of a domain */
    PH_DOMAIN_LABEL = 63   /* octets of a label */
};

/* What a domain is; the answer of the functions below when not negative. */
typedef enum ph_domain_kind {
    PH_DOMAIN_NAME,    /* labels of letters, digits, hyphen and underscore */
    PH_DOMAIN_UNICODE, /* U-labels among them */
    PH_DOMAIN_LITERAL  /* [192.0.2.1] or [IPv6:2001:db8::1] */
} ph_domain_kind;

/* A ph_domain_kind, or PH_E_INVALID: empty, a label empty or too long, a
 * hyphen at an end of a label, an octet that no label holds, a last label that
 * makes it look like an IPv4 address, no UTF-8, a code point that is shown as
 * nothing or turns into an ASCII one, a literal that is
 * no address, or over PH_DOMAIN_LIMIT. A dot at the end is not allowed. */
int ph_domain_check(ph_span text);

/* As check, one dot at the end allowed and dropped; appends the domain with
 * its ASCII letters in lower case. PH_E_LIMIT too; then, and for
 * PH_E_INVALID, out is as it was. */
int ph_domain_put(ph_buf *out, ph_span text);

/* Code points that no address may hold: controls, spaces, those shown as
 * nothing or turning the direction of text, private and no characters
 * (security.md, row 18). */
bool ph_domain_is_hidden(uint32_t point);

#pragma GCC visibility pop
#endif
