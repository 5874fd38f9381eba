/* buf.h - a growing run of bytes with a ceiling: filled at its end, consumed
 * from its start.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_BUF_H
#define PH_BASE_BUF_H

#include "error.h"
#include "span.h"

#pragma GCC visibility push(hidden)

/* Fields are to be read only through the functions below. */
typedef struct ph_buf {
    char *data;
    size_t start, end; /* the content is data[start .. end) */
    size_t capacity;   /* octets allocated */
    size_t limit;      /* octets of content at most */
    bool is_lent;      /* data is not ours to free */
} ph_buf;

/* An empty buffer that will hold at most limit octets; allocates nothing. */
void ph_buf_init(ph_buf *buf, size_t limit);

/* An empty buffer in size octets of the caller's, which are its limit: it
 * asks for no memory, so only its ceiling can stop it. Not to be used once
 * those octets are gone. */
void ph_buf_borrow(ph_buf *buf, char *room, size_t size);

/* An empty buffer that begins in size octets of the caller's (at most limit)
 * and asks for memory when they do not suffice: what is small allocates
 * nothing. To be cleared as any other, and not to be used once those octets
 * are gone; not for secrets, which would stay in them. */
void ph_buf_begin(ph_buf *buf, char *room, size_t size, size_t limit);

/* Frees the memory and keeps the limit: ready for use again. */
void ph_buf_clear(ph_buf *buf);

/* As clear, and wipes what the buffer ever held: for secrets. */
void ph_buf_wipe(ph_buf *buf);

/* Forgets the content and keeps the memory. */
void ph_buf_reset(ph_buf *buf);

/* Makes room for n octets behind the content and points *room at it; what was
 * written there counts after ph_buf_added. PH_E_LIMIT: past the ceiling;
 * PH_E_MEMORY; the buffer is as it was. */
int ph_buf_reserve(ph_buf *buf, size_t n, char **room);
void ph_buf_added(ph_buf *buf, size_t n);

/* Appends a copy. Errors as above, then nothing was appended. */
int ph_buf_put(ph_buf *buf, const char *at, size_t size);
int ph_buf_put_span(ph_buf *buf, ph_span span);
int ph_buf_put_text(ph_buf *buf, const char *text);
int ph_buf_put_char(ph_buf *buf, char c);

/* Appends the decimal digits of a number. */
int ph_buf_put_number(ph_buf *buf, unsigned long long number);

/* The content; borrowed until the buffer is next changed. */
static inline ph_span ph_buf_span(const ph_buf *buf)
{
    return ph_span_of(buf->data ? buf->data + buf->start : NULL,
                      buf->end - buf->start);
}

static inline size_t ph_buf_size(const ph_buf *buf)
{
    return buf->end - buf->start;
}

/* How many octets may still be appended. */
static inline size_t ph_buf_room(const ph_buf *buf)
{
    return buf->limit - ph_buf_size(buf);
}

/* Takes n octets (at most all) off the start. */
void ph_buf_consume(ph_buf *buf, size_t n);

/* Puts text in the place of n octets that begin at an offset of the content.
 * Errors as put, then nothing was changed. */
int ph_buf_replace(ph_buf *buf, size_t offset, size_t n, ph_span text);

/* Cuts the content down to its first n octets, when it is longer. */
void ph_buf_truncate(ph_buf *buf, size_t n);

#pragma GCC visibility pop
#endif
