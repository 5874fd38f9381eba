/* receiver.c - the server's side of SMTP: bytes, events, deadlines.
 * SPDX-License-Identifier: MIT */
#include "receiver_state.h"
#include "base/ascii.h"
#include "base/mem.h"
#include "base/random.h"

enum {
    INPUT = 1024 * 1024,     /* octets that may wait to be looked at */
    OUTPUT = 64 * 1024,      /* octets of replies that may wait to be read */
    OUTPUT_HIGH = 32 * 1024, /* no further command is run above this */
    ADDRESS = 256,           /* octets of a recipient, on average at most */
    PARAMETERS = 640,        /* octets of its parameters, likewise */
    LINGER = 10              /* seconds for the last reply to be read */
};

/* ----- events and the end */

void ph_receiver_raise(ph_receiver *receiver, ph_receiver_event_kind kind,
                       ph_span text)
{
    receiver->event = (ph_receiver_event){ .kind = kind, .text = text };
}

void ph_receiver_end(ph_receiver *receiver, const char *reason)
{
    if (receiver->place >= PH_PLACE_CLOSING)
        return;
    receiver->place = PH_PLACE_CLOSING;
    receiver->reason = reason;
    receiver->wait++;
}

void ph_receiver_reset(ph_receiver *receiver)
{
    receiver->has_mail = false;
    receiver->recipient_count = 0;
    receiver->size = receiver->counted = 0;
    receiver->trouble = 0;
    receiver->is_whole = receiver->has_pieces = false;
    receiver->has_chunks = receiver->is_stopped = false;
    receiver->given = 0;
    ph_buf_reset(&receiver->reverse_path);
    ph_buf_reset(&receiver->parameters);
    ph_buf_reset(&receiver->recipients);
    ph_buf_reset(&receiver->recipient_parameters);
    if (receiver->content.capacity > PH_RECEIVER_PIECE)
        ph_buf_clear(&receiver->content);
    ph_buf_reset(&receiver->content);
}

/* ----- lines */

static void run_line(ph_receiver *receiver, ph_span line)
{
    size_t limit = receiver->place == PH_PLACE_COMMAND ? PH_RECEIVER_LINE
                                                       : PH_RECEIVER_AUTH_LINE;
    bool is_crlf = line.size && line.at[line.size - 1] == '\r';

    receiver->wait++;
    if (is_crlf)
        line.size--;
    if (receiver->is_long || line.size > limit) {
        receiver->is_long = false;
        ph_receiver_complain(receiver, 500, "5.5.2", "the line is too long");
    } else if (!is_crlf || ph_ascii_has_control(line)) {
        ph_receiver_complain(receiver, 500, "5.5.2",
                             "a control, or a line end other than CRLF");
    } else {
        ph_receiver_run(receiver, line);
        return;
    }
    if (receiver->place < PH_PLACE_CONTENT)
        receiver->place = PH_PLACE_COMMAND;
}

/* Takes a line with its end; how many octets were taken, 0: it is not whole.
 * What is beyond any limit is dropped while it comes. */
static size_t take_line(ph_receiver *receiver, ph_span wire)
{
    size_t from = receiver->scanned;
    size_t n = from + ph_span_find(ph_span_after(wire, from), '\n');

    if (n < wire.size) {
        receiver->scanned = 0;
        receiver->has_more = n + 1 < wire.size;
        run_line(receiver, ph_span_of(wire.at, n));
        return n + 1;
    }
    receiver->scanned = wire.size;
    if (wire.size > PH_RECEIVER_AUTH_LINE + 1)
        receiver->is_long = true;
    if (!receiver->is_long)
        return 0;
    receiver->scanned = 0;
    return wire.size;
}

/* ----- turning */

static bool can_take(const ph_receiver *receiver)
{
    return receiver->event.kind == PH_RECEIVER_NONE &&
           receiver->place <= PH_PLACE_CONTENT &&
           ph_buf_size(&receiver->output) < OUTPUT_HIGH;
}

/* Takes what can be taken; how many octets that were. */
static size_t take(ph_receiver *receiver, ph_span wire)
{
    size_t used = 0;

    while (used < wire.size && can_take(receiver)) {
        ph_span rest = ph_span_after(wire, used);
        size_t n = receiver->place == PH_PLACE_CONTENT
                       ? ph_receiver_take_content(receiver, rest)
                   : receiver->place == PH_PLACE_CHUNK
                       ? ph_receiver_take_chunk(receiver, rest)
                       : take_line(receiver, rest);
        if (!n)
            break;
        used += n;
    }
    return used;
}

/* What its caller did not answer is accepted. */
static void settle_message(ph_receiver *receiver)
{
    size_t due = ph_receiver_verdicts(receiver);

    while (receiver->verdict != 421 && receiver->given < due) {
        ph_receiver_say_queued(receiver);
        receiver->given++;
    }
    ph_receiver_reset(receiver);
}

/* The caller has had its event and goes on: does what the event means, with
 * the verdict that was given or without one. */
static void settle(ph_receiver *receiver)
{
    ph_receiver_event asked = receiver->asked;
    int verdict = receiver->verdict;

    receiver->asked.kind = PH_RECEIVER_NONE;
    if (asked.kind == PH_RECEIVER_CONTENT) {
        ph_buf_reset(&receiver->content);
        if (receiver->is_whole)
            ph_receiver_raise(receiver, PH_RECEIVER_MESSAGE,
                              ph_span_of(NULL, 0));
    } else if (asked.kind == PH_RECEIVER_MESSAGE) {
        settle_message(receiver);
    } else if (asked.kind == PH_RECEIVER_AUTH ||
               asked.kind == PH_RECEIVER_MAIL ||
               asked.kind == PH_RECEIVER_RECIPIENT) {
        ph_receiver_settle(receiver, &asked, verdict);
    }
    receiver->verdict = 0;
    if (verdict == 421)
        ph_receiver_end(receiver, "refused");
}

/* At the start of every call: settles the last event, then looks at what
 * waits, until there is an event or nothing left. */
static void advance(ph_receiver *receiver)
{
    if (receiver->asked.kind != PH_RECEIVER_NONE)
        settle(receiver);
    ph_buf_consume(&receiver->input,
                   take(receiver, ph_buf_span(&receiver->input)));
    if (receiver->place >= PH_PLACE_CLOSING)
        ph_buf_wipe(&receiver->input);
    if (receiver->has_eof && receiver->event.kind == PH_RECEIVER_NONE &&
        (can_take(receiver) || receiver->place == PH_PLACE_HANDSHAKE))
        ph_receiver_end(receiver, "eof");
    if (ph_buf_size(&receiver->output) ||
        receiver->event.kind != PH_RECEIVER_NONE)
        return;
    if (receiver->place == PH_PLACE_HANDSHAKE && !receiver->has_asked_tls) {
        receiver->has_asked_tls = true;
        ph_receiver_raise(receiver, PH_RECEIVER_WANT_TLS, ph_span_of(NULL, 0));
    } else if (receiver->place == PH_PLACE_CLOSING) {
        receiver->place = PH_PLACE_CLOSED;
        ph_receiver_raise(receiver, PH_RECEIVER_CLOSED,
                          ph_span_text(receiver->reason));
    }
}

static int receiver_feed(void *self, const char *at, size_t size)
{
    ph_receiver *receiver = self;
    size_t used = 0;

    advance(receiver);
    if (!size || receiver->place >= PH_PLACE_CLOSING)
        return PH_OK;
    if (receiver->place == PH_PLACE_HANDSHAKE) {
        ph_receiver_end(receiver, "protocol");
        return PH_E_PROTOCOL;
    }
    if (!ph_buf_size(&receiver->input))
        used = take(receiver, ph_span_of(at, size));
    if (receiver->place >= PH_PLACE_CLOSING)
        return PH_OK;
    if (ph_buf_put(&receiver->input, at + used, size - used) < 0) {
        ph_receiver_end(receiver, "limit");
        return PH_E_LIMIT;
    }
    advance(receiver);
    return PH_OK;
}

static int receiver_feed_eof(void *self)
{
    ph_receiver *receiver = self;

    receiver->has_eof = true;
    advance(receiver);
    return PH_OK;
}

static ph_span receiver_output(void *self)
{
    ph_receiver *receiver = self;

    advance(receiver);
    return ph_buf_span(&receiver->output);
}

static void receiver_consume(void *self, size_t n)
{
    ph_receiver *receiver = self;

    ph_buf_consume(&receiver->output, n);
}

static bool receiver_pending(void *self)
{
    ph_receiver *receiver = self;

    advance(receiver);
    return receiver->event.kind != PH_RECEIVER_NONE;
}

static double receiver_deadline(void *self, unsigned long *number)
{
    const ph_receiver *receiver = self;

    *number = receiver->wait;
    if (receiver->place == PH_PLACE_CLOSED)
        return -1;
    return receiver->place == PH_PLACE_CLOSING ? LINGER
                                               : receiver->options.timeout;
}

/* Whoever does not read what waits for it gets no further reply. */
static void receiver_expire(void *self)
{
    ph_receiver *receiver = self;
    bool is_stuck = ph_buf_size(&receiver->output) > 0;

    if (!is_stuck && receiver->place <= PH_PLACE_CONTENT)
        ph_receiver_say(receiver, 421, "4.4.2", "you took too long");
    else
        ph_buf_reset(&receiver->output);
    ph_receiver_end(receiver, "timeout");
}

/* ----- life */

void ph_receiver_options_init(ph_receiver_options *options)
{
    *options = (ph_receiver_options){
        .hostname = ph_span_text("localhost"),
        .size_limit = 50 * 1024 * 1024,
        .recipient_limit = 1000,
        .timeout = 300, /* RFC 5321, 4.5.3.2.7 */
        .extensions = PH_RECEIVER_PIPELINING | PH_RECEIVER_8BITMIME |
                      PH_RECEIVER_SIZE | PH_RECEIVER_ENHANCEDSTATUSCODES,
    };
}

static void init_buffers(ph_receiver *receiver)
{
    const ph_receiver_options *options = &receiver->options;
    size_t content = options->content == PH_RECEIVER_WHOLE ? options->size_limit
                                                           : PH_RECEIVER_PIECE;

    ph_buf_init(&receiver->hostname, PH_RECEIVER_NAME);
    ph_buf_init(&receiver->input, INPUT);
    ph_buf_init(&receiver->output, OUTPUT);
    ph_buf_init(&receiver->helo, PH_RECEIVER_LINE);
    ph_buf_init(&receiver->user, PH_RECEIVER_AUTH_LINE);
    ph_buf_init(&receiver->login, PH_RECEIVER_AUTH_LINE);
    ph_buf_init(&receiver->secret, PH_RECEIVER_AUTH_LINE);
    ph_buf_init(&receiver->path, PH_RECEIVER_LINE);
    ph_buf_init(&receiver->arguments, PH_RECEIVER_LINE);
    ph_buf_init(&receiver->reverse_path, PH_RECEIVER_LINE);
    ph_buf_init(&receiver->parameters, PH_RECEIVER_LINE);
    ph_buf_init(&receiver->recipients,
                (options->recipient_limit + 1) * ADDRESS);
    ph_buf_init(&receiver->recipient_parameters,
                (options->recipient_limit + 1) * PARAMETERS);
    ph_buf_init(&receiver->content, content + PH_RECEIVER_SLICE + 2);
}

void ph_receiver_machine(ph_receiver *receiver, ph_machine *machine)
{
    *machine = (ph_machine){
        .version = PH_MACHINE_VERSION,
        .size = sizeof(ph_machine),
        .self = receiver,
        .feed = receiver_feed,
        .feed_eof = receiver_feed_eof,
        .output = receiver_output,
        .consume = receiver_consume,
        .pending = receiver_pending,
        .deadline = receiver_deadline,
        .expire = receiver_expire,
    };
}

/* A start that no other receiver has; without a random source mere numbers. */
static uint64_t first_queue_id(void)
{
    uint64_t id = 1;

    if (ph_random_fill(&id, sizeof id) < 0)
        id = 1;
    return id;
}

ph_receiver *ph_receiver_new(const ph_receiver_options *options)
{
    ph_receiver *receiver = ph_mem_zero(sizeof *receiver);

    if (!receiver)
        return NULL;
    receiver->options = *options;
    init_buffers(receiver);
    if (ph_buf_put_span(&receiver->hostname, options->hostname) < 0) {
        ph_receiver_free(receiver);
        return NULL;
    }
    receiver->options.hostname = ph_buf_span(&receiver->hostname);
    receiver->queue_id = first_queue_id();
    if (options->tls == PH_RECEIVER_TLS_IMPLICIT)
        receiver->place = PH_PLACE_HANDSHAKE;
    else
        ph_receiver_say_greeting(receiver);
    return receiver;
}

void ph_receiver_free(ph_receiver *receiver)
{
    if (!receiver)
        return;
    ph_buf_clear(&receiver->hostname);
    ph_buf_wipe(&receiver->input);
    ph_buf_clear(&receiver->output);
    ph_buf_clear(&receiver->helo);
    ph_buf_clear(&receiver->user);
    ph_buf_wipe(&receiver->login);
    ph_buf_wipe(&receiver->secret);
    ph_buf_clear(&receiver->path);
    ph_buf_clear(&receiver->arguments);
    ph_buf_clear(&receiver->reverse_path);
    ph_buf_clear(&receiver->parameters);
    ph_buf_clear(&receiver->recipients);
    ph_buf_clear(&receiver->recipient_parameters);
    ph_buf_clear(&receiver->content);
    ph_mem_free(receiver);
}

/* ----- the caller's calls */

void ph_receiver_next(ph_receiver *receiver, ph_receiver_event *event)
{
    advance(receiver);
    *event = receiver->event;
    receiver->asked = receiver->event;
    receiver->event.kind = PH_RECEIVER_NONE;
}

int ph_receiver_secured(ph_receiver *receiver)
{
    if (receiver->place != PH_PLACE_HANDSHAKE || !receiver->has_asked_tls)
        return PH_E_USAGE;
    receiver->asked.kind = PH_RECEIVER_NONE;
    receiver->is_secured = true;
    receiver->place = PH_PLACE_COMMAND;
    receiver->is_esmtp = false;
    receiver->wait++;
    ph_buf_reset(&receiver->helo);
    ph_buf_reset(&receiver->user);
    ph_receiver_reset(receiver);
    if (receiver->options.tls == PH_RECEIVER_TLS_IMPLICIT)
        ph_receiver_say_greeting(receiver);
    return PH_OK;
}

ph_span ph_receiver_helo(const ph_receiver *receiver)
{
    return ph_buf_span(&receiver->helo);
}

ph_span ph_receiver_user(const ph_receiver *receiver)
{
    return ph_buf_span(&receiver->user);
}

ph_span ph_receiver_reverse_path(const ph_receiver *receiver)
{
    return ph_buf_span(&receiver->reverse_path);
}

ph_span ph_receiver_parameters(const ph_receiver *receiver)
{
    return ph_buf_span(&receiver->parameters);
}

size_t ph_receiver_size(const ph_receiver *receiver)
{
    return receiver->size;
}

bool ph_receiver_is_esmtp(const ph_receiver *receiver)
{
    return receiver->is_esmtp;
}

bool ph_receiver_is_secured(const ph_receiver *receiver)
{
    return receiver->is_secured;
}

ph_span ph_receiver_recipients(const ph_receiver *receiver, size_t *count)
{
    *count = receiver->recipient_count;
    return ph_buf_span(&receiver->recipients);
}

ph_span ph_receiver_recipient_parameters(const ph_receiver *receiver)
{
    return ph_buf_span(&receiver->recipient_parameters);
}
