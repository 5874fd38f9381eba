/* capability.h - what a server offers: the keywords of its reply to EHLO
 * (RFC 5321, 4.1.1.1; delivery.md, S10).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_CAPABILITY_H
#define PH_SMTP_CAPABILITY_H

#include "base/buf.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Keywords that are known, as bits; capability.c has their names. */
enum {
    PH_CAPABILITY_PIPELINING = 1 << 0, /* RFC 2920 */
    PH_CAPABILITY_SIZE = 1 << 1,       /* RFC 1870 */
    PH_CAPABILITY_8BITMIME = 1 << 2,   /* RFC 6152 */
    PH_CAPABILITY_SMTPUTF8 = 1 << 3,   /* RFC 6531 */
    PH_CAPABILITY_STARTTLS = 1 << 4,   /* RFC 3207 */
    PH_CAPABILITY_AUTH = 1 << 5,       /* RFC 4954 */
    PH_CAPABILITY_LIMITS = 1 << 6,     /* RFC 9422 */
    PH_CAPABILITY_ENHANCED = 1 << 7,   /* RFC 2034 */
    PH_CAPABILITY_CHUNKING = 1 << 8,   /* RFC 3030 */
    PH_CAPABILITY_BINARYMIME = 1 << 9,
    PH_CAPABILITY_DSN = 1 << 10,           /* RFC 3461 */
    PH_CAPABILITY_REQUIRETLS = 1 << 11,    /* RFC 8689 */
    PH_CAPABILITY_MT_PRIORITY = 1 << 12,   /* RFC 6710 */
    PH_CAPABILITY_DELIVERBY = 1 << 13,     /* RFC 2852 */
    PH_CAPABILITY_FUTURERELEASE = 1 << 14, /* RFC 4865 */
    PH_CAPABILITY_COUNT = 15
};

/* Login mechanisms that are known, as bits. */
enum {
    PH_MECHANISM_PLAIN = 1 << 0,
    PH_MECHANISM_LOGIN = 1 << 1
};

/* Fields are to be read; they are set by the functions below. */
typedef struct ph_capability {
    unsigned offered;         /* PH_CAPABILITY_* */
    unsigned mechanisms;      /* PH_MECHANISM_* */
    uint64_t size;            /* octets of a message at most; 0: not known */
    uint32_t rcpt_max;        /* recipients of a transaction; 0: not known */
    uint32_t mail_max;        /* transactions of a session; 0: not known */
    uint32_t rcpt_domain_max; /* domains of a session; 0: not known */
    uint32_t by_min;          /* seconds of DELIVERBY at least (RFC 2852, 3) */
    uint32_t hold_max;        /* seconds of a hold at most; 0: not known */
    int64_t hold_last; /* its last moment, seconds since 1970; 0: not known */
    unsigned others;   /* keywords kept that are not known */
    ph_buf lines;      /* "KEYWORD parameters" LF, each once */
    ph_buf auth;       /* names of mechanisms, one blank between two */
} ph_capability;

/* Allocates nothing. */
void ph_capability_init(ph_capability *capability);

/* Frees all and forgets all: after STARTTLS too (RFC 3207, 4.2). */
void ph_capability_clear(ph_capability *capability);

/* Reads one line of the reply, not its first. Keywords are found without
 * case; several AUTH lines, "AUTH=LOGIN" too, are merged; of others that come
 * twice the first counts. What is no keyword is
 * passed over. PH_E_LIMIT: no memory. */
int ph_capability_add(ph_capability *capability, ph_span line);

/* The reply is complete: 8BITMIME is offered where SMTPUTF8 is; what is
 * disabled, or wants an extension that is not there, counts as not offered. */
void ph_capability_settle(ph_capability *capability, unsigned disabled);

/* Whether all of them are offered. */
static inline bool ph_capability_has(const ph_capability *capability,
                                     unsigned which)
{
    return (capability->offered & which) == which;
}

/* A static sentence about the first of those required that is not offered, or
 * NULL. */
const char *ph_capability_lack(const ph_capability *capability,
                               unsigned required);

/* Whether a keyword in capitals was listed that is none of the bits. */
bool ph_capability_lists(const ph_capability *capability, const char *keyword);

/* The keyword of a bit; static. */
const char *ph_capability_name(unsigned which);

/* The bit of a keyword that is known (without case), or 0. */
unsigned ph_capability_find(ph_span keyword);

/* Takes the next line off *lines: its keyword in capitals and its parameters.
 * false: there is no more. AUTH is not among them: see the field auth. */
bool ph_capability_next(ph_span *lines, ph_span *keyword, ph_span *parameters);

/* The bit of a mechanism that is known (without case), or 0. */
unsigned ph_capability_find_mechanism(ph_span name);

#pragma GCC visibility pop
#endif
