/* question.h - what is asked of a name server (RFC 1035, 4.1.1 and 4.1.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_DNS_QUESTION_H
#define PH_DNS_QUESTION_H

#include "name.h"

#pragma GCC visibility push(hidden)

enum {
    PH_DNS_A = 1,
    PH_DNS_CNAME = 5,
    PH_DNS_SOA = 6,
    PH_DNS_AAAA = 28,
    PH_DNS_OPT = 41,
    PH_DNS_IN = 1,          /* the one class that is asked */
    PH_QUESTION_LIMIT = 512 /* octets; the longest question has 282 */
};

typedef struct ph_question {
    ph_dns_name name;
    uint16_t type;
} ph_question;

/* PH_E_INVALID: the text is no name, see ph_dns_name_parse. */
int ph_question_init(ph_question *question, ph_span name, uint16_t type);

/* Appends the message: recursion desired, AD set, which asks a validating
 * resolver to tell what it found (RFC 6840, 5.7), and at its very end a bare
 * OPT of 1232 octets (RFC 6891, 6.1.2), which c-ares 1.18 cuts off again when
 * a server does not know it. PH_E_LIMIT: no memory. */
int ph_question_format(const ph_question *question, uint16_t id, ph_buf *out);

#pragma GCC visibility pop
#endif
