/* writer.c - a message as octets, on demand and in bounded memory.
 * SPDX-License-Identifier: MIT */
#include "writer.h"
#include "stream_check.h"
#include "base/mem.h"

enum {
    PIECE = 8192 /* octets of a body encoded at once */
};

struct ph_writer {
    const ph_plan *plan;
    bool eight_bit;
    size_t next;         /* number of the step behind the one under way */
    ph_span rest;        /* of that step, or of a source's chunk */
    const ph_step *body; /* the step under way is a body */
    bool has_ended;      /* the source of that body */
    ph_transfer_encoder encoder;
    ph_stream_check check;
    unsigned source;
    ph_buf out;
    char last; /* octet that was put */
    ph_writer_event event;
    ph_error error;
};

ph_writer *ph_writer_new(const ph_message *message, bool eight_bit)
{
    ph_writer *writer = ph_mem_zero(sizeof *writer);

    if (!writer)
        return NULL;
    writer->plan = ph_message_get_plan(message);
    writer->eight_bit = eight_bit;
    ph_buf_init(&writer->out, PH_WRITER_BUFFER);
    return writer;
}

void ph_writer_free(ph_writer *writer)
{
    if (!writer)
        return;
    ph_buf_clear(&writer->out);
    ph_error_clear(&writer->error);
    ph_mem_free(writer);
}

/* Nothing more leaves: what was not taken is forgotten. */
static int fail(ph_writer *writer, int kind)
{
    if (!writer->error.kind)
        ph_error_set(&writer->error, kind, PH_CLASS_TEMPORARY, PH_PHASE_CONTENT,
                     "no memory is left for the message");
    ph_buf_clear(&writer->out);
    writer->event = PH_WRITER_FAILED;
    return kind;
}

/* ---- filling the buffer ---- */

static void begin_step(ph_writer *writer)
{
    const ph_step *step = &writer->plan->steps[writer->next++];
    const ph_part *part = step->part;

    if (step->kind != PH_STEP_BODY) {
        writer->body = NULL;
        writer->rest = ph_step_text(step, writer->eight_bit);
        return;
    }
    writer->body = step;
    writer->has_ended = step->source == 0;
    writer->rest = part->body.octets;
    ph_transfer_encoder_init(&writer->encoder,
                             part->encodings[writer->eight_bit], part->form);
    if (step->source) {
        writer->source = step->source;
        ph_stream_check_init(&writer->check, part, writer->eight_bit);
    }
}

/* What was put since the buffer held so much: of a source it is checked. */
static int settle(ph_writer *writer, size_t before)
{
    ph_span put = ph_span_after(ph_buf_span(&writer->out), before);
    int result = PH_OK;

    if (writer->body && writer->body->source)
        result = ph_stream_check_out(&writer->check, put, &writer->error);
    if (put.size)
        writer->last = put.at[put.size - 1];
    return result;
}

/* The next octets of the step under way. */
static int put_piece(ph_writer *writer)
{
    size_t before = ph_buf_size(&writer->out);
    ph_span piece = writer->rest;
    int result;

    if (piece.size > PIECE)
        piece.size = PIECE;
    if (writer->body && writer->body->part->form == PH_FORM_FLOWED &&
        piece.size > PH_FLOWED_PIECE)
        piece.size = PH_FLOWED_PIECE;
    if (writer->body)
        result = ph_transfer_encoder_put(&writer->encoder, piece, &writer->out);
    else
        result = ph_buf_put_span(&writer->out, piece);
    writer->rest = ph_span_after(writer->rest, piece.size);
    return result < 0 ? result : settle(writer, before);
}

static int end_body(ph_writer *writer)
{
    size_t before = ph_buf_size(&writer->out);
    int result = ph_transfer_encoder_end(&writer->encoder, &writer->out);

    if (result == PH_OK)
        result = settle(writer, before);
    if (result == PH_OK && writer->body->source)
        result = ph_stream_check_end(&writer->check, &writer->error);
    writer->body = NULL;
    return result;
}

/* The message ends with a line end, whatever its last part ends with. */
static int end_message(ph_writer *writer)
{
    writer->event = PH_WRITER_DONE;
    return writer->last == '\n' ? PH_OK : ph_buf_put_text(&writer->out, "\r\n");
}

/* One round; the buffer has room for it. */
static int advance(ph_writer *writer)
{
    if (writer->rest.size)
        return put_piece(writer);
    if (writer->body && writer->has_ended)
        return end_body(writer);
    if (writer->body)
        writer->event = PH_WRITER_WANT_SOURCE;
    else if (writer->next < writer->plan->count)
        begin_step(writer);
    else
        return end_message(writer);
    return PH_OK;
}

/* About what the whole message takes: most are far smaller than the buffer. */
static size_t guess(const ph_plan *plan)
{
    size_t size = PIECE;

    for (size_t i = 0; i < plan->count && size < PH_WRITER_BUFFER; i++) {
        const ph_step *step = &plan->steps[i];
        if (step->source)
            return PH_WRITER_BUFFER;
        size += step->text.size;
        if (step->kind == PH_STEP_BODY)
            size += step->part->body.octets.size / 2 * 3;
    }
    return size < PH_WRITER_BUFFER ? size : PH_WRITER_BUFFER;
}

static void fill(ph_writer *writer)
{
    char *room;
    int result = PH_OK;

    if (!writer->out.data && writer->event == PH_WRITER_NONE)
        result = ph_buf_reserve(&writer->out, guess(writer->plan), &room);
    while (result == PH_OK && writer->event == PH_WRITER_NONE &&
           ph_buf_room(&writer->out) >= ph_transfer_encoder_room(PIECE))
        result = advance(writer);
    if (result < 0)
        fail(writer, result);
}

/* ---- the machine ---- */

ph_span ph_writer_output(ph_writer *writer)
{
    fill(writer);
    return ph_buf_span(&writer->out);
}

void ph_writer_consume(ph_writer *writer, size_t n)
{
    ph_buf_consume(&writer->out, n);
}

ph_writer_event ph_writer_next(ph_writer *writer)
{
    fill(writer);
    if (writer->event == PH_WRITER_DONE && ph_buf_size(&writer->out))
        return PH_WRITER_NONE;
    return writer->event;
}

unsigned ph_writer_source(const ph_writer *writer)
{
    return writer->source;
}

int ph_writer_feed(ph_writer *writer, ph_span chunk)
{
    int result;

    if (writer->event != PH_WRITER_WANT_SOURCE)
        return PH_E_USAGE;
    result = ph_stream_check_in(&writer->check, chunk, &writer->error);
    if (result < 0)
        return fail(writer, result);
    writer->rest = chunk;
    if (chunk.size)
        writer->event = PH_WRITER_NONE;
    return PH_OK;
}

int ph_writer_feed_eof(ph_writer *writer)
{
    if (writer->event != PH_WRITER_WANT_SOURCE)
        return PH_E_USAGE;
    writer->has_ended = true;
    writer->event = PH_WRITER_NONE;
    fill(writer);
    return writer->event == PH_WRITER_FAILED ? writer->error.kind : PH_OK;
}

const ph_error *ph_writer_error(const ph_writer *writer)
{
    return &writer->error;
}

static int machine_feed(void *self, const char *at, size_t size)
{
    (void)self, (void)at, (void)size;
    return PH_E_USAGE;
}

static int machine_feed_eof(void *self)
{
    (void)self;
    return PH_E_USAGE;
}

static ph_span machine_output(void *self)
{
    return ph_writer_output(self);
}

static void machine_consume(void *self, size_t n)
{
    ph_writer_consume(self, n);
}

/* Leaves the output as it is. Once all was taken nothing waits: then the
 * message has ended. */
static bool machine_pending(void *self)
{
    ph_writer_event event = ((ph_writer *)self)->event;

    return event == PH_WRITER_WANT_SOURCE || event == PH_WRITER_FAILED;
}

static double machine_deadline(void *self, unsigned long *number)
{
    (void)self;
    *number = 0;
    return -1;
}

static void machine_expire(void *self)
{
    (void)self;
}

void ph_writer_machine(ph_writer *writer, ph_machine *machine)
{
    *machine = (ph_machine){
        .version = PH_MACHINE_VERSION,
        .size = sizeof *machine,
        .self = writer,
        .feed = machine_feed,
        .feed_eof = machine_feed_eof,
        .output = machine_output,
        .consume = machine_consume,
        .pending = machine_pending,
        .deadline = machine_deadline,
        .expire = machine_expire,
    };
}
