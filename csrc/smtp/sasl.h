/* sasl.h - logging in: the client's side of AUTH PLAIN and LOGIN (RFC 4954,
 * RFC 4616; delivery.md, S11).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_SASL_H
#define PH_SMTP_SASL_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_SASL_SECRET = 2048 /* octets of a user or a password at most */
};

/* Fields are to be read only through the functions below. */
typedef struct ph_sasl {
    char *secret; /* user, then password; owned, wiped */
    size_t user_size, password_size;
    unsigned mechanism; /* PH_MECHANISM_*, 0: not begun */
    unsigned step;      /* responses given */
} ph_sasl;

/* Keeps copies of user and password. PH_E_LIMIT: no memory. */
int ph_sasl_init(ph_sasl *sasl, ph_span user, ph_span password);

/* Wipes and frees them: after the login too. */
void ph_sasl_clear(ph_sasl *sasl);

/* Chooses the best of these mechanisms (PLAIN, then LOGIN) and gives its
 * name; NULL: none of them. */
const char *ph_sasl_choose(ph_sasl *sasl, unsigned mechanisms);

/* Appends the initial response in base64 and returns 1; 0: the mechanism has
 * none. PH_E_LIMIT: no memory. What is in out is secret. */
int ph_sasl_initial(ph_sasl *sasl, ph_buf *out);

/* Takes back the initial response: it was not sent, the server asks first. */
void ph_sasl_restart(ph_sasl *sasl);

/* Appends the answer to a challenge, as it came (base64). PH_E_PROTOCOL: the
 * challenge is no base64, or one too many; PH_E_LIMIT. */
int ph_sasl_respond(ph_sasl *sasl, ph_span challenge, ph_buf *out);

/* Whether all was said, so that a yes of the server can be one. */
bool ph_sasl_is_complete(const ph_sasl *sasl);

#pragma GCC visibility pop
#endif
