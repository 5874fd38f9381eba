/* content.h - what the octets of a body are like: one pass of counting, from
 * which the transfer encoding is chosen (RFC 2045, 6).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_CONTENT_H
#define PH_MIME_CONTENT_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

/* Zeroed it describes the empty body. A line ends at CRLF, at a bare LF and
 * at a bare CR. */
typedef struct ph_content {
    size_t size;     /* octets */
    size_t crlf;     /* line ends of each kind */
    size_t lf;       /* bare */
    size_t cr;       /* bare */
    size_t longest;  /* octets of the longest line, without its end */
    size_t high;     /* octets above 7F */
    size_t controls; /* controls that are no tab and no line end; NUL too */
    bool is_broken;  /* octets above 7F are no UTF-8 */
    bool has_nul;
    bool has_dashes; /* a line begins with "--" */
    bool is_ended;   /* empty, or the last line has its end */
} ph_content;

/* Counts. Linear in the body, a block of octets at a time. */
void ph_content_read(ph_content *content, ph_span body);

/* Octets when each line end becomes CRLF. */
static inline size_t ph_content_normal_size(const ph_content *content)
{
    return content->size + content->lf + content->cr;
}

/* Whether each line end is CRLF already. */
static inline bool ph_content_is_normal(const ph_content *content)
{
    return content->lf == 0 && content->cr == 0;
}

/* Whether the text may stand in a message unencoded, but for octets above 7F:
 * no long line and no control (RFC 5322, 2.1.1; RFC 2045, 2.7). */
bool ph_content_is_lines(const ph_content *content);

#pragma GCC visibility pop
#endif
