/* span.h - a view of bytes that somebody else owns.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_SPAN_H
#define PH_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#pragma GCC visibility push(hidden)

typedef struct ph_span {
    const char *at; /* first octet; may be NULL when size is 0 */
    size_t size;    /* octets */
} ph_span;

static inline ph_span ph_span_of(const char *at, size_t size)
{
    return (ph_span){ at, size };
}

/* The octets of a C string, without its NUL; NULL gives the empty span. */
static inline ph_span ph_span_text(const char *text)
{
    return (ph_span){ text, text ? strlen(text) : 0 };
}

/* The span without its first n octets; all of them when n is larger. */
static inline ph_span ph_span_after(ph_span span, size_t n)
{
    if (n >= span.size)
        return (ph_span){ NULL, 0 };
    return (ph_span){ span.at + n, span.size - n };
}

static inline bool ph_span_equal(ph_span a, ph_span b)
{
    return a.size == b.size && (a.size == 0 || !memcmp(a.at, b.at, a.size));
}

/* Offset of the first such octet, or the span's size. */
static inline size_t ph_span_find(ph_span span, char octet)
{
    const char *hit = span.size ? memchr(span.at, octet, span.size) : NULL;
    return hit ? (size_t)(hit - span.at) : span.size;
}

#pragma GCC visibility pop
#endif
