/* trace.h - what was said and heard, line by line, for whoever watches: no
 * content, no secret, a bounded memory.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_TRACE_H
#define PH_SMTP_TRACE_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

typedef struct ph_trace {
    bool is_on;
    ph_buf buf; /* entries, one behind the other */
} ph_trace;

typedef struct ph_trace_entry {
    ph_phase phase;
    bool is_sent;
    ph_span text; /* as it was on the wire, without its line end */
} ph_trace_entry;

/* Allocates nothing; when it is not on, add does nothing. */
void ph_trace_init(ph_trace *trace, bool is_on);
void ph_trace_clear(ph_trace *trace);

/* Keeps a copy of the first 512 octets of text. What finds no room, as nobody
 * fetches entries, is not kept. */
void ph_trace_add(ph_trace *trace, ph_phase phase, bool is_sent, ph_span text);

/* The oldest entry, borrowed until the trace changes; false: none. drop takes
 * it away. */
bool ph_trace_peek(const ph_trace *trace, ph_trace_entry *entry);
void ph_trace_drop(ph_trace *trace);

#pragma GCC visibility pop
#endif
