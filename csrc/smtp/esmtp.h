/* esmtp.h - what goes behind the paths of MAIL and RCPT at the
 * sender's wish (RFC 5321, 4.1.2): RET, ENVID, NOTIFY, ORCPT (RFC 3461), BY
 * (RFC 2852), HOLDUNTIL (RFC 4865), MT-PRIORITY (RFC 6710), REQUIRETLS (RFC
 * 8689). Each goes only to a server that offers its extension (delivery.md,
 * S12 and S13).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_ESMTP_H
#define PH_SMTP_ESMTP_H

#include "base/buf.h"
#include "capability.h"

#pragma GCC visibility push(hidden)

enum {
    PH_ESMTP_ENVID = 100,     /* octets of ENVID's value (RFC 3461, 4.4) */
    PH_ESMTP_ORCPT = 500,     /* octets of ORCPT's value (RFC 3461, 4.2) */
    PH_ESMTP_PRIORITY = 9,    /* from -9 to 9 (RFC 6710, 4) */
    PH_ESMTP_BY = 999999999,  /* seconds, nine digits (RFC 2852, 4) */
    PH_ESMTP_PARAMETERS = 600 /* octets of all of one command */
};

/* When the sender wants to be told (RFC 3461, 4.1), as bits; 0: as the server
 * sees fit. */
enum {
    PH_NOTIFY_NEVER = 1, /* alone */
    PH_NOTIFY_SUCCESS = 2,
    PH_NOTIFY_FAILURE = 4,
    PH_NOTIFY_DELAY = 8
};

/* How much comes back with a failure (4.3). */
typedef enum ph_ret {
    PH_RET_NONE, /* as the server sees fit */
    PH_RET_FULL,
    PH_RET_HEADERS
} ph_ret;

/* What of a mail that is late (RFC 2852, 4). */
typedef enum ph_by {
    PH_BY_NONE, /* nothing was asked for */
    PH_BY_RETURN,
    PH_BY_NOTIFY
} ph_by;

/* What the sender of a mail wants; zeroed: nothing. */
typedef struct ph_esmtp_parameters {
    ph_span envid;      /* "": none */
    int64_t hold_until; /* seconds since 1970 */
    int64_t hold_for;   /* the same from now on; 0: not known */
    int32_t by_seconds;
    uint8_t notify;  /* PH_NOTIFY_*, of recipients without their own */
    uint8_t ret, by; /* ph_ret, ph_by */
    int8_t priority;
    bool has_hold, has_priority, require_tls;
    bool has_recipients; /* a recipient has some of its own */
    unsigned used;       /* PH_CAPABILITY_* that are wanted and offered */
    unsigned left_out;   /* wanted, not offered, and done without */
} ph_esmtp_parameters;

/* "success", "failure", "delay", "never": its bit, or 0. */
unsigned ph_esmtp_find_notify(ph_span word);

/* Whether the text can be an ENVID: printable ASCII, not empty, and short
 * enough as it travels. */
bool ph_esmtp_is_envid(ph_span text);

/* Whether the text can be an ORCPT: "type;address", or an address, whose type
 * is then rfc822, or utf-8 when it is not ASCII. */
bool ph_esmtp_is_orcpt(ph_span text);

/* Decides by what is offered which are used. is_verified: the peer is who it
 * should be, over TLS. PH_E_UNSUPPORTED, PH_E_LIMIT: this server cannot do it,
 * *error tells. */
int ph_esmtp_settle(ph_esmtp_parameters *wanted, const ph_capability *offers,
                    bool is_verified, ph_error *error);

/* Appends those of MAIL that are used, a blank before each. PH_E_LIMIT. */
int ph_esmtp_put_mail(ph_buf *out, const ph_esmtp_parameters *wanted);

/* The same of a RCPT whose recipient has these of its own (0 and "": none).
 * is_unitext: this mail may hold UTF-8 (RFC 6533, 3). PH_E_LIMIT. */
int ph_esmtp_put_recipient(ph_buf *out, const ph_esmtp_parameters *wanted,
                           unsigned notify, ph_span orcpt, bool is_unitext);

#pragma GCC visibility pop
#endif
