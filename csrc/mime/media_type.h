/* media_type.h - the type of a body (RFC 2045, 5; RFC 6838): its grammar.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_MEDIA_TYPE_H
#define PH_MIME_MEDIA_TYPE_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

typedef struct ph_media_type {
    ph_span name;       /* "text/csv" as given */
    ph_span parameters; /* "; header=present", or empty */
} ph_media_type;

/* Splits a type; the spans borrow from text. PH_E_INVALID: no type and
 * subtype of at most 127 octets each, or a control in it. What stands behind
 * the first ";" is not looked into. */
int ph_media_type_parse(ph_span text, ph_media_type *type);

/* How many parameters there are, each "; name=value" with a token or a
 * quoted-string as its value; 0: something else is there. */
size_t ph_media_type_parameters(ph_span parameters);

/* Whether the name begins with "top/", without case. */
bool ph_media_type_is(const ph_media_type *type, const char *top);

#pragma GCC visibility pop
#endif
