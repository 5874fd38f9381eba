/* buf.c - a growing run of bytes with a ceiling.
 * SPDX-License-Identifier: MIT */
#include "buf.h"
#include "mem.h"

enum {
    SMALLEST = 128
};

void ph_buf_init(ph_buf *buf, size_t limit)
{
    *buf = (ph_buf){ .limit = limit };
}

void ph_buf_borrow(ph_buf *buf, char *room, size_t size)
{
    ph_buf_begin(buf, room, size, size);
}

void ph_buf_begin(ph_buf *buf, char *room, size_t size, size_t limit)
{
    *buf = (ph_buf){
        .data = room, .capacity = size, .limit = limit, .is_lent = true
    };
}

void ph_buf_clear(ph_buf *buf)
{
    if (!buf->is_lent)
        ph_mem_free(buf->data);
    ph_buf_init(buf, buf->limit);
}

void ph_buf_wipe(ph_buf *buf)
{
    if (buf->data)
        ph_mem_wipe(buf->data, buf->capacity);
    ph_buf_clear(buf);
}

void ph_buf_reset(ph_buf *buf)
{
    buf->start = buf->end = 0;
}

static void slide(ph_buf *buf)
{
    memmove(buf->data, buf->data + buf->start, ph_buf_size(buf));
    buf->end -= buf->start;
    buf->start = 0;
}

/* Doubles, so that appending stays linear in what is appended. */
static int grow(ph_buf *buf, size_t need)
{
    size_t capacity = buf->capacity ? buf->capacity : SMALLEST;
    char *data;

    while (capacity < need)
        capacity *= 2;
    if (capacity > buf->limit)
        capacity = buf->limit;
    data = ph_mem_resize(buf->is_lent ? NULL : buf->data, capacity);
    if (!data)
        return PH_E_MEMORY;
    if (buf->is_lent)
        memcpy(data, buf->data, buf->end);
    buf->is_lent = false;
    buf->data = data;
    buf->capacity = capacity;
    return PH_OK;
}

int ph_buf_reserve(ph_buf *buf, size_t n, char **room)
{
    if (n > ph_buf_room(buf))
        return PH_E_LIMIT;
    if (buf->capacity - buf->end < n || !buf->data) {
        size_t need = ph_buf_size(buf) + n;
        if (need > buf->capacity || !buf->data) {
            int result = grow(buf, need);
            if (result < 0)
                return result;
        }
        if (buf->capacity - buf->end < n)
            slide(buf);
    }
    *room = buf->data + buf->end;
    return PH_OK;
}

void ph_buf_added(ph_buf *buf, size_t n)
{
    buf->end += n;
}

int ph_buf_put(ph_buf *buf, const char *at, size_t size)
{
    /* Mostly there is room: no capacity is past the ceiling. */
    if (size > buf->capacity - buf->end) {
        char *room;
        int result = ph_buf_reserve(buf, size, &room);
        if (result < 0)
            return result;
    }
    if (size)
        memcpy(buf->data + buf->end, at, size);
    buf->end += size;
    return PH_OK;
}

int ph_buf_put_span(ph_buf *buf, ph_span span)
{
    return ph_buf_put(buf, span.at, span.size);
}

int ph_buf_put_text(ph_buf *buf, const char *text)
{
    return ph_buf_put(buf, text, strlen(text));
}

int ph_buf_put_char(ph_buf *buf, char c)
{
    return ph_buf_put(buf, &c, 1);
}

int ph_buf_put_number(ph_buf *buf, unsigned long long number)
{
    char digits[24];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return ph_buf_put(buf, digits + at, sizeof digits - at);
}

void ph_buf_consume(ph_buf *buf, size_t n)
{
    if (n >= ph_buf_size(buf))
        ph_buf_reset(buf);
    else
        buf->start += n;
}

int ph_buf_replace(ph_buf *buf, size_t offset, size_t n, ph_span text)
{
    size_t behind = ph_buf_size(buf) - offset - n;
    char *at;

    if (text.size > n) {
        int result = ph_buf_reserve(buf, text.size - n, &at);
        if (result < 0)
            return result;
    }
    at = buf->data + buf->start + offset;
    if (text.size != n)
        memmove(at + text.size, at + n, behind);
    memcpy(at, text.at, text.size);
    buf->end = buf->start + offset + text.size + behind;
    return PH_OK;
}

void ph_buf_truncate(ph_buf *buf, size_t n)
{
    if (n < ph_buf_size(buf))
        buf->end = buf->start + n;
}
