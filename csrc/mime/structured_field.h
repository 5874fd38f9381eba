/* structured_field.h - fields of the user's that programs read: their values
 * keep the grammar of their RFCs, and none becomes an encoded-word where a
 * reader would not decode it.
 *
 * Lists of URIs (List-Unsubscribe and its kin: RFC 2369; Archived-At: RFC
 * 5064), List-Id (RFC 2919), List-Unsubscribe-Post (RFC 8058), fields of
 * mailboxes (Disposition-Notification-To: RFC 8098), and words of ASCII
 * (Auto-Submitted: RFC 3834; Precedence, Importance).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_STRUCTURED_FIELD_H
#define PH_MIME_STRUCTURED_FIELD_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

typedef struct ph_structured_field ph_structured_field;

/* The field of that name, without case; NULL: it is one of plain text. */
const ph_structured_field *ph_structured_field_find(ph_span name);

/* What its value must be, after PH_E_INVALID: "is no list of URIs in angle
 * brackets"; static. */
const char *ph_structured_field_fault(const ph_structured_field *field);

/* Appends "Name: value" CRLF, folded between tokens alone; *is_unicode is set
 * when that needs SMTPUTF8. PH_E_INVALID: the value breaks the grammar, or
 * holds a piece too long for a line; PH_E_LIMIT. Then out is as it was. */
int ph_structured_field_put(const ph_structured_field *field, ph_buf *out,
                            ph_span name, ph_span value, bool *is_unicode);

#pragma GCC visibility pop
#endif
