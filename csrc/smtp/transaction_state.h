/* transaction_state.h - what transaction.c (what is said) and
 * transaction_reply.c (what is heard) share; nobody else's.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_TRANSACTION_STATE_H
#define PH_SMTP_TRANSACTION_STATE_H

#include "transaction.h"

#pragma GCC visibility push(hidden)

/* Whether all recipients that this transaction can carry were said. */
static inline bool ph_transaction_is_full(const ph_transaction *t)
{
    return t->next == t->envelope->count || t->said >= t->limit;
}

/* Whether all RCPT of this transaction were said and answered. */
static inline bool ph_transaction_is_known(const ph_transaction *t)
{
    return ph_transaction_is_full(t) && t->answered == t->said;
}

static inline bool ph_transaction_wants_content(const ph_transaction *t)
{
    return t->content.state == PH_MAIL_DATA_OPEN ||
           t->content.state == PH_MAIL_DATA_REWIND;
}

/* Says a command without arguments. */
int ph_transaction_say(ph_transaction *t, ph_wire *wire, ph_verb verb,
                       const char *text);

/* In LMTP, as soon as it is known who was taken: a verdict for each of them
 * (RFC 2033, 4.2). */
void ph_transaction_expect(ph_transaction *t, ph_wire *wire);

#pragma GCC visibility pop
#endif
