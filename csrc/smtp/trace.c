/* trace.c - what was said and heard, line by line.
 * SPDX-License-Identifier: MIT */
#include "trace.h"

enum {
    TRACE_LIMIT = 65536, /* octets of entries nobody fetched yet */
    TEXT_LIMIT = 512,
    HEAD = 4 /* phase, direction, and the size in two octets */
};

void ph_trace_init(ph_trace *trace, bool is_on)
{
    trace->is_on = is_on;
    ph_buf_init(&trace->buf, TRACE_LIMIT);
}

void ph_trace_clear(ph_trace *trace)
{
    ph_buf_clear(&trace->buf);
}

void ph_trace_add(ph_trace *trace, ph_phase phase, bool is_sent, ph_span text)
{
    size_t size = text.size < TEXT_LIMIT ? text.size : TEXT_LIMIT;
    char *room;

    if (!trace->is_on || ph_buf_reserve(&trace->buf, HEAD + size, &room) < 0)
        return;
    room[0] = (char)phase;
    room[1] = (char)is_sent;
    room[2] = (char)(size >> 8);
    room[3] = (char)(size & 0xff);
    if (size)
        memcpy(room + HEAD, text.at, size);
    ph_buf_added(&trace->buf, HEAD + size);
}

bool ph_trace_peek(const ph_trace *trace, ph_trace_entry *entry)
{
    ph_span all = ph_buf_span(&trace->buf);

    if (all.size < HEAD)
        return false;
    entry->phase = (ph_phase)all.at[0];
    entry->is_sent = all.at[1];
    entry->text =
        ph_span_of(all.at + HEAD, (size_t)(unsigned char)all.at[2] << 8 |
                                      (unsigned char)all.at[3]);
    return true;
}

void ph_trace_drop(ph_trace *trace)
{
    ph_trace_entry entry;

    if (ph_trace_peek(trace, &entry))
        ph_buf_consume(&trace->buf, HEAD + entry.text.size);
}
