/* structured_field.h - fields of the user's that programs read: their values
 * keep the grammar of their RFCs, none becomes an encoded-word where a reader
 * would not decode it, and most stand in a message once at most.
 *
 * Lists of URIs (List-Unsubscribe and its kin: RFC 2369; Archived-At: RFC
 * 5064), List-Id (RFC 2919), List-Unsubscribe-Post (RFC 8058), fields of
 * mailboxes (Disposition-Notification-To: RFC 8098), and words of ASCII
 * (Auto-Submitted: RFC 3834; Precedence, Importance), TLS-Required (RFC 8689,
 * 5). Once: RFC 2369, 4; RFC 2919, 3; RFC 8058, 3.1; RFC 8098, 2.1; RFC 3834,
 * 5; not Archived-At (RFC 5064, 2.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_STRUCTURED_FIELD_H
#define PH_MIME_STRUCTURED_FIELD_H

#include "codec/address_list.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct ph_structured_field ph_structured_field;

/* What the fields of one message have told; all zero: none was put. */
typedef struct ph_field_facts {
    uint64_t put;      /* which fields, a bit each */
    bool is_unicode;   /* one needs SMTPUTF8 */
    bool has_https;    /* List-Unsubscribe has an HTTPS URI, */
    bool is_one_click; /* and List-Unsubscribe-Post is there, which wants one */
} ph_field_facts;

/* The field of that name, without case; NULL: it is one of plain text. */
const ph_structured_field *ph_structured_field_find(ph_span name);

/* What its value must be, after PH_E_INVALID: "is no list of URIs in angle
 * brackets"; static. */
const char *ph_structured_field_fault(const ph_structured_field *field);

/* Whether it may stand in a message once, and was put already. */
bool ph_structured_field_is_spent(const ph_structured_field *field,
                                  const ph_field_facts *facts);

/* Whether its value is mailboxes: to be put as a list, whose domains have
 * their A-labels then. */
bool ph_structured_field_has_mailboxes(const ph_structured_field *field);

/* Appends "Name: value" CRLF, folded between tokens alone, and notes in facts
 * what that means. PH_E_INVALID: the value breaks the grammar, or holds a piece
 * too long for a line; PH_E_LIMIT. Then out and facts are as they were. */
int ph_structured_field_put(const ph_structured_field *field, ph_buf *out,
                            ph_span name, ph_span value, ph_field_facts *facts);

/* The same of mailboxes that were read; PH_E_INVALID: the list is empty. */
int ph_structured_field_put_list(const ph_structured_field *field, ph_buf *out,
                                 ph_span name, const ph_address_list *list,
                                 ph_field_facts *facts);

#pragma GCC visibility pop
#endif
