/* mail_data.c - a mail's data, its content, on its way into the output.
 * SPDX-License-Identifier: MIT */
#include "mail_data.h"

enum {
    END_ROOM = 8, /* octets of output kept free for CRLF ".CRLF" */
    TAIL = 2,     /* octets held back, so that the end is in one write with
                     what stands before it (S15) */
    SMALL = 4096, /* less content than that is not pulled piecemeal */
    HEAD = 32     /* octets of "BDAT 65536 LAST" CRLF at most */
};

void ph_mail_data_open(ph_mail_data *c, ph_wire *wire)
{
    c->state = c->has_body && !c->body && !c->octets.at ? PH_MAIL_DATA_REWIND
                                                        : PH_MAIL_DATA_OPEN;
    if (!c->is_chunked)
        wire->held = TAIL;
}

void ph_mail_data_drop(ph_mail_data *c, ph_wire *wire)
{
    if (c->is_chunked && c->head)
        ph_buf_truncate(&wire->out, ph_buf_size(&wire->out) - wire->held);
    wire->held = 0;
    c->head = c->chunk = 0;
    c->state = PH_MAIL_DATA_NONE;
    c->body = NULL;
}

void ph_mail_data_set_body(ph_mail_data *c, const ph_machine *body)
{
    c->body = body;
    c->is_waiting = false;
    if (c->state == PH_MAIL_DATA_REWIND)
        c->state = PH_MAIL_DATA_OPEN;
}

/* Its end is in the output. */
static void finish(ph_mail_data *c, ph_wire *wire)
{
    wire->held = 0;
    c->state = PH_MAIL_DATA_ENDED;
    c->end = ph_wire_end(wire);
    c->body = NULL;
}

/* ---- chunks */

static size_t put_head(char *at, size_t size, bool is_last)
{
    char digits[24];
    size_t n = sizeof digits, used;

    do {
        digits[--n] = (char)('0' + size % 10);
        size /= 10;
    } while (size);
    memcpy(at, "BDAT ", 5);
    used = 5 + sizeof digits - n;
    memcpy(at + 5, digits + n, sizeof digits - n);
    if (is_last)
        memcpy(at + used, " LAST", 5);
    used += is_last ? 5 : 0;
    memcpy(at + used, "\r\n", 2);
    return used + 2;
}

/* Begins a chunk with the command that it will most likely have. */
static int begin_chunk(ph_mail_data *c, ph_wire *wire)
{
    char head[HEAD];
    size_t left = c->size > c->carried ? c->size - c->carried : 0;
    bool is_last = left && left <= PH_MAIL_DATA_CHUNK;
    size_t n = put_head(head, is_last ? left : PH_MAIL_DATA_CHUNK, is_last);
    int result = ph_buf_put(&wire->out, head, n);

    if (result < 0)
        return result;
    c->head = wire->held = n;
    c->chunk = 0;
    return PH_OK;
}

/* The chunk under way is complete: its command is written right, and both may
 * be seen. */
static int say_chunk(ph_mail_data *c, ph_wire *wire, bool is_last)
{
    char head[HEAD];
    size_t n = put_head(head, c->chunk, is_last);
    size_t begin = ph_buf_size(&wire->out) - wire->held;
    int result =
        ph_buf_replace(&wire->out, begin, c->head, ph_span_of(head, n));

    if (result >= 0)
        result =
            ph_wire_await(wire, is_last ? PH_VERB_DOT : PH_VERB_BDAT, c->mail);
    if (result < 0)
        return result;
    ph_trace_add(wire->trace, PH_PHASE_CONTENT, true, ph_span_of(head, n - 2));
    wire->held = 0;
    c->head = c->chunk = 0;
    c->said++;
    c->awaited++;
    if (is_last)
        finish(c, wire);
    return PH_OK;
}

/* How many octets the chunk under way takes, or the next one. */
static size_t chunk_room(const ph_mail_data *c, const ph_wire *wire)
{
    size_t free = ph_buf_room(&wire->out);
    size_t left = PH_MAIL_DATA_CHUNK - c->chunk;

    if (c->chunk == PH_MAIL_DATA_CHUNK)
        left = c->may_go_on ? PH_MAIL_DATA_CHUNK : 0;
    free = free > HEAD ? free - HEAD : 0;
    return left < free ? left : free;
}

/* Content comes: a chunk that is full is said, and another one begun. The text
 * is at most what chunk_room told. */
static int put_in_chunk(ph_mail_data *c, ph_wire *wire, ph_span text)
{
    int result = PH_OK;

    if (c->chunk == PH_MAIL_DATA_CHUNK)
        result = say_chunk(c, wire, false);
    if (result == PH_OK && !c->head)
        result = begin_chunk(c, wire);
    if (result == PH_OK)
        result = ph_buf_put_span(&wire->out, text);
    if (result < 0)
        return result;
    c->chunk += text.size;
    wire->held += text.size;
    return PH_OK;
}

static int end_chunks(ph_mail_data *c, ph_wire *wire)
{
    int result = PH_OK;

    c->is_complete = true;
    if (!c->may_end || ph_buf_room(&wire->out) < HEAD)
        return PH_OK;
    if (!c->head)
        result = begin_chunk(c, wire);
    return result < 0 ? result : say_chunk(c, wire, true);
}

/* ---- either way */

/* How many octets surely fit, whatever dots they have. */
static size_t room(const ph_mail_data *c, const ph_wire *wire)
{
    size_t size = ph_buf_size(&wire->out) + END_ROOM;

    if (c->is_chunked)
        return chunk_room(c, wire);
    return size < PH_WIRE_OUTPUT ? (PH_WIRE_OUTPUT - size) / 4 * 3 : 0;
}

static int put(ph_mail_data *c, ph_wire *wire, ph_span text)
{
    int result = c->is_chunked
                     ? put_in_chunk(c, wire, text)
                     : ph_dot_stuffing_put(&c->stuffing, text, &wire->out);

    if (result == PH_OK)
        c->carried += text.size;
    return result;
}

static int put_end(ph_mail_data *c, ph_wire *wire)
{
    int result;

    if (c->is_chunked)
        return end_chunks(c, wire);
    result = ph_dot_stuffing_end(&c->stuffing, &wire->out);
    if (result < 0)
        return result;
    finish(c, wire);
    ph_trace_add(wire->trace, PH_PHASE_CONTENT, true, ph_span_text("."));
    return PH_OK;
}

/* As pull_one. */
static int pull_octets(ph_mail_data *c, ph_wire *wire)
{
    ph_span rest = ph_span_after(c->octets, c->carried);
    size_t free = room(c, wire);
    int result;

    if (free < SMALL && !c->is_chunked)
        return 0;
    if (rest.size == 0)
        return put_end(c, wire);
    if (rest.size > free)
        rest.size = free;
    if (rest.size == 0)
        return 0;
    result = put(c, wire, rest);
    return result < 0 ? result : 1;
}

/* One piece; 1: there may be another. */
static int pull_one(ph_mail_data *c, ph_wire *wire)
{
    const ph_machine *body = c->body;
    size_t free = room(c, wire);
    ph_span text;
    int result;

    if (!ph_machine_is_open(body))
        return PH_E_IO;
    if (free < SMALL && !c->is_chunked)
        return 0;
    text = body->output(body->self);
    if (text.size == 0) {
        if (!body->pending(body->self))
            return put_end(c, wire);
        c->is_waiting = true;
        return 0;
    }
    if (text.size > free)
        text.size = free;
    if (text.size == 0)
        return 0;
    result = put(c, wire, text);
    if (result < 0)
        return result;
    body->consume(body->self, text.size);
    return 1;
}

int ph_mail_data_pull(ph_mail_data *c, ph_wire *wire)
{
    int result;

    c->is_waiting = false;
    if (c->state != PH_MAIL_DATA_OPEN)
        return PH_OK;
    if (c->is_complete)
        return put_end(c, wire);
    if (!c->has_body)
        return PH_OK;
    do
        result = c->octets.at ? pull_octets(c, wire) : pull_one(c, wire);
    while (result > 0);
    return result;
}

size_t ph_mail_data_room(const ph_mail_data *c, const ph_wire *wire)
{
    if (c->state != PH_MAIL_DATA_OPEN || c->has_body || c->is_complete)
        return 0;
    return room(c, wire);
}

int ph_mail_data_put(ph_mail_data *c, ph_wire *wire, ph_span text,
                     size_t *taken)
{
    size_t free = ph_mail_data_room(c, wire);
    int result;

    *taken = 0;
    if (text.size > free)
        text.size = free;
    if (!c->is_binary && ph_line_check_feed(&c->check, text) != PH_LINE_FINE)
        return PH_E_INVALID;
    result = text.size ? put(c, wire, text) : PH_OK;
    if (result < 0)
        return result;
    *taken = text.size;
    return PH_OK;
}

int ph_mail_data_put_end(ph_mail_data *c, ph_wire *wire)
{
    if (!c->is_binary && ph_line_check_end(&c->check) != PH_LINE_FINE)
        return PH_E_INVALID;
    return put_end(c, wire);
}

size_t ph_mail_data_progress(const ph_mail_data *c, const ph_wire *wire)
{
    size_t waiting = ph_buf_size(&wire->out);

    if (c->state == PH_MAIL_DATA_HANDED)
        return c->carried;
    return c->carried > waiting ? c->carried - waiting : 0;
}

bool ph_mail_data_consumed(ph_mail_data *c, const ph_wire *wire)
{
    if (c->state != PH_MAIL_DATA_ENDED || wire->consumed < c->end)
        return false;
    c->state = PH_MAIL_DATA_HANDED;
    return true;
}
