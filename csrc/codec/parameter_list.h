/* parameter_list.h - parameters of MIME fields ("; charset=utf-8") as they are
 * read: tolerant (RFC 2045, 5.1; RFC 2231).
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_PARAMETER_LIST_H
#define PH_CODEC_PARAMETER_LIST_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_PARAMETER_LIST_COUNT =
        256 /* parameters read of a field; more are ignored */
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
 * else), encoded-words of a plain value decoded, octets of no named set that
 * are no UTF-8 read as windows-1252: at most three octets for each. "name*"
 * wins over "name"; of equal ones the first wins. What cannot be read is passed
 * over up to the next ";". PH_E_LIMIT. */
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
