/* header.h - header fields of a message (RFC 5322, 3.6): which names are whose,
 * fields of text and of message ids, and a look into a finished header.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_HEADER_H
#define PH_MIME_HEADER_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_HEADER_NAME = 76,     /* octets of a field's name */
    PH_HEADER_VALUE = 65536, /* octets of one value (security.md, row 20) */
    PH_HEADER_ID = 900       /* octets of a message id */
};

/* Whether a field of the user's may not have that name: one that a message
 * has an option for, Content-*, and what those write who carry mail (trace
 * fields, Resent-*, ARC-*). Without case. */
bool ph_header_is_reserved(ph_span name);

/* Whether the text is a field's name (RFC 5322, 3.6.8) of at most
 * PH_HEADER_NAME octets. */
bool ph_header_is_name(ph_span name);

/* What keeps text out of a header: "holds a control character", "is no valid
 * UTF-8", "is too long"; static. NULL: nothing. */
const char *ph_header_fault(ph_span text);

/* Appends "Name: text" CRLF, encoded and folded. PH_E_INVALID: the name is
 * none, or ph_header_fault knows one, or a piece without a blank is too long
 * for a line; PH_E_LIMIT. Out is as it was then. */
int ph_header_put_text(ph_buf *out, ph_span name, ph_span text);

/* One id with or without brackets ("<a@b> <c@d>") at the start of *rest, which
 * moves on; *id without brackets. In a list commas may stand between them.
 * Returns 1, 0 at the end, PH_E_INVALID: no id, or over PH_HEADER_ID. */
int ph_header_next_id(ph_span *rest, bool is_list, ph_span *id);

/* The value of the first field of that name in a header as it is written
 * (folds and all, without its CRLF); false: none. */
bool ph_header_find(ph_span header, ph_span name, ph_span *value);

/* Appends that value unfolded, without the blanks before it, its
 * encoded-words decoded. PH_E_LIMIT. */
int ph_header_decode(ph_buf *out, ph_span value);

#pragma GCC visibility pop
#endif
