/* parameter.h - parameters of MIME fields ("; charset=utf-8"), with values
 * outside ASCII and long ones (RFC 2045, 5.1; RFC 2231).
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_PARAMETER_H
#define PH_CODEC_PARAMETER_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

/* Appends "; name=value": the value as a token, as a quoted-string, or, when
 * it is outside ASCII or long, as RFC 2231 has it: "; name*=utf-8''...", in
 * several pieces "; name*0*=utf-8''...; name*1*=..." when one line would not
 * do. A blank stands behind each ";", so that ph_fold_put can break there.
 * PH_E_INVALID: the name is no token, or the value holds a control or is no
 * UTF-8; PH_E_LIMIT. In either case out is as it was. */
int ph_parameter_put(ph_buf *out, ph_span name, ph_span value);

/* Appends, for a value that ph_parameter_put writes the RFC 2231 way, a form
 * that older readers know: "; name=\"=?utf-8?Q?...?=\"", an encoded-word in a
 * quoted-string (several for a long value); for any other value nothing.
 * Belongs in a field of its own (name= of Content-Type), or before the other
 * form of the same name. Errors as above. */
int ph_parameter_put_fallback(ph_buf *out, ph_span name, ph_span value);

enum {
    PH_PARAMETER_COUNT = 256 /* parameters read of a field; more are ignored */
};

/* A list that was read. Fields are to be read through the functions below. */
typedef struct ph_parameter_list {
    ph_buf text;                     /* names and values, one after another */
    struct ph_parameter_item *items; /* in the order of their first piece */
    size_t count;
} ph_parameter_list;

/* limit: octets of names and values at most. */
void ph_parameter_list_init(ph_parameter_list *list, size_t limit);
void ph_parameter_list_clear(ph_parameter_list *list);

/* Reads what stands behind the value of a field ("; a=b; c=\"d\""; the first
 * ";" may be missing) in place of what the list held: tokens and
 * quoted-strings, comments skipped, RFC 2231 pieces joined in their order and
 * turned into UTF-8 where ph_charset_find knows the set (octets as they are
 * else), encoded-words of a plain value decoded. "name*" wins over "name";
 * of equal ones the first wins. What cannot be read is passed over up to the
 * next ";". PH_E_LIMIT. */
int ph_parameter_list_parse(ph_parameter_list *list, ph_span text);

/* Name (lower case) and value of parameter i, 0 <= i < list->count; borrowed
 * until the list changes. */
ph_span ph_parameter_list_name(const ph_parameter_list *list, size_t i);
ph_span ph_parameter_list_value(const ph_parameter_list *list, size_t i);

/* The value of that name (without case) into *value; false: there is none. */
bool ph_parameter_list_find(const ph_parameter_list *list, ph_span name,
                            ph_span *value);

#pragma GCC visibility pop
#endif
