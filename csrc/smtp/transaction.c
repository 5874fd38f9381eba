/* transaction.c - one mail on its way: MAIL, RCPT, DATA, the content, and what
 * the server says to each.
 * SPDX-License-Identifier: MIT */
#include "transaction.h"

enum {
    IN_FLIGHT = 100, /* RCPT commands without a reply at most (S25) */
    END_ROOM = 8,    /* octets of output kept free for CRLF ".CRLF" */
    TAIL = 2,        /* octets held back, so that the end is in one write with
                        what stands before it (S15) */
    SMALL = 4096     /* less content than that is not pulled piecemeal */
};

/* ---- beginnings and ends ------------------------------------------------ */

/* Forgets all that belongs to one transaction, not to the mail. */
static void begin(ph_transaction *t)
{
    t->is_rset_said = t->is_mail_said = t->is_data_said = false;
    t->is_doomed = t->is_waiting = false;
    t->content = PH_CONTENT_NONE;
    while (t->first < t->envelope->count &&
           t->envelope->recipients[t->first].state == PH_RECIPIENT_DONE)
        t->first++;
    t->next = t->answer = t->first;
    t->said = t->answered = t->taken = t->refused = t->carried = 0;
    ph_dot_stuffing_init(&t->stuffing);
    ph_line_check_init(&t->check);
}

void ph_transaction_init(ph_transaction *t, unsigned mail,
                         ph_envelope *envelope,
                         const ph_transaction_options *options,
                         const ph_capability *capability)
{
    *t = (ph_transaction){ .envelope = envelope,
                           .options = *options,
                           .mail = mail,
                           .limit = PH_TRANSACTION_RECIPIENTS };
    t->can_pipeline = ph_capability_has(capability, PH_CAPABILITY_PIPELINING);
    t->offers_size = ph_capability_has(capability, PH_CAPABILITY_SIZE);
    t->offers_eight_bit = ph_capability_has(capability, PH_CAPABILITY_8BITMIME);
    if (capability->rcpt_max && capability->rcpt_max < t->limit)
        t->limit = capability->rcpt_max;
    if (options->require_all)
        t->limit = PH_ENVELOPE_RECIPIENTS;
    begin(t);
}

void ph_transaction_clear(ph_transaction *t)
{
    ph_envelope_free(t->envelope);
    t->envelope = NULL;
    t->body = NULL;
}

static bool in_flight(const ph_transaction *t, const ph_wire *wire)
{
    return ph_wire_find(wire, t->mail) != NULL;
}

/* Whether all recipients that this transaction can carry were said. */
static bool is_full(const ph_transaction *t)
{
    return t->next == t->envelope->count || t->said >= t->limit;
}

bool ph_transaction_is_over(const ph_transaction *t, const ph_wire *wire)
{
    if (in_flight(t, wire))
        return false;
    return t->is_doomed || t->is_data_said || (is_full(t) && t->taken == 0);
}

bool ph_transaction_is_said(const ph_transaction *t)
{
    return t->can_pipeline && t->content >= PH_CONTENT_ENDED &&
           !t->is_spoiled &&
           t->envelope->decided + t->taken >= t->envelope->count;
}

bool ph_transaction_has_more(const ph_transaction *t)
{
    return t->envelope->decided < t->envelope->count;
}

void ph_transaction_again(ph_transaction *t)
{
    begin(t);
    t->options.wants_rset = t->is_open;
}

void ph_transaction_end(ph_transaction *t, const ph_outcome *outcome)
{
    ph_envelope *envelope = t->envelope;
    ph_outcome unknown = *outcome;

    if (t->content == PH_CONTENT_HANDED && outcome->kind != PH_E_REFUSED) {
        unknown.class = PH_CLASS_UNKNOWN;
        ph_envelope_decide_all(envelope, t->first, t->next, PH_RECIPIENT_TAKEN,
                               &unknown);
    }
    ph_envelope_decide_all(envelope, 0, envelope->count, PH_RECIPIENT_TAKEN,
                           outcome);
    ph_envelope_decide_all(envelope, 0, envelope->count, PH_RECIPIENT_TODO,
                           outcome);
    t->is_doomed = true;
}

/* ---- what is said ------------------------------------------------------- */

static int say(ph_transaction *t, ph_wire *wire, ph_verb verb, const char *text)
{
    ph_command command = { .count = 0 };

    ph_command_add_text(&command, text);
    return ph_wire_say(wire, verb, t->mail, &command, NULL);
}

/* Parameters only for what was offered (S13). */
static int say_mail(ph_transaction *t, ph_wire *wire)
{
    ph_command command = { .count = 0 };
    char digits[24];
    size_t at = sizeof digits;
    uint64_t size = t->options.size;

    ph_command_add_text(&command, "MAIL FROM:<");
    ph_command_add(&command, ph_envelope_from(t->envelope));
    ph_command_add_text(&command, ">");
    if (t->offers_size && t->options.has_size) {
        do {
            digits[--at] = (char)('0' + size % 10);
            size /= 10;
        } while (size);
        ph_command_add_text(&command, " SIZE=");
        ph_command_add(&command, ph_span_of(digits + at, sizeof digits - at));
    }
    if (t->options.is_eight_bit && t->offers_eight_bit)
        ph_command_add_text(&command, " BODY=8BITMIME");
    if (t->options.needs_smtputf8)
        ph_command_add_text(&command, " SMTPUTF8");
    t->is_mail_said = true;
    return ph_wire_say(wire, PH_VERB_MAIL, t->mail, &command, NULL);
}

static int say_recipient(ph_transaction *t, ph_wire *wire)
{
    ph_command command = { .count = 0 };
    int result;

    ph_command_add_text(&command, "RCPT TO:<");
    ph_command_add(&command, ph_envelope_address(t->envelope, t->next));
    ph_command_add_text(&command, ">");
    result = ph_wire_say(wire, PH_VERB_RCPT, t->mail, &command, NULL);
    if (result < 0)
        return result;
    t->envelope->recipients[t->next++].is_said = true;
    t->said++;
    return PH_OK;
}

/* Steps over those that earlier transactions decided. */
static void find_next(ph_transaction *t)
{
    while (t->next < t->envelope->count &&
           t->envelope->recipients[t->next].state == PH_RECIPIENT_DONE)
        t->next++;
}

static bool may_say(const ph_transaction *t, const ph_wire *wire)
{
    return t->can_pipeline || !in_flight(t, wire);
}

static int say_recipients(ph_transaction *t, ph_wire *wire)
{
    find_next(t);
    while (!is_full(t) && may_say(t, wire) &&
           t->said - t->answered < IN_FLIGHT &&
           ph_buf_room(&wire->out) > PH_COMMAND_LINE) {
        int result = say_recipient(t, wire);
        if (result < 0)
            return result;
        find_next(t);
    }
    return PH_OK;
}

/* One was refused, and all were to have it or none. The reply that refused
 * the first decides on the others too; they share its text. */
static void refuse_all(ph_transaction *t)
{
    ph_envelope *envelope = t->envelope;
    ph_recipient *recipients = envelope->recipients, *refused = recipients;
    ph_outcome outcome;

    while (refused->state != PH_RECIPIENT_DONE)
        refused++;
    outcome = ph_envelope_outcome(envelope, (size_t)(refused - recipients));
    outcome.message = "nothing was sent, as another recipient was refused";
    outcome.text = ph_span_of(NULL, 0);
    for (size_t i = 0; i < envelope->count; i++) {
        if (recipients[i].state == PH_RECIPIENT_DONE)
            continue;
        ph_envelope_decide(envelope, i, &outcome);
        recipients[i].text = refused->text;
        recipients[i].text_size = refused->text_size;
    }
    t->is_doomed = true;
}

/* DATA goes with the envelope where it can; else when it is known that there
 * is somebody to send to. */
static int say_data(ph_transaction *t, ph_wire *wire)
{
    bool is_known = t->answered == t->said;

    if (is_known && t->taken == 0)
        return PH_OK;
    if (t->options.require_all && is_known && t->refused) {
        refuse_all(t);
        return PH_OK;
    }
    if (!is_known && (!t->can_pipeline || t->options.require_all))
        return PH_OK;
    t->is_data_said = true;
    return say(t, wire, PH_VERB_DATA, "DATA");
}

int ph_transaction_write(ph_transaction *t, ph_wire *wire)
{
    int result = PH_OK;

    if (t->is_doomed)
        return PH_OK;
    if (t->options.wants_rset && !t->is_rset_said) {
        t->is_rset_said = true;
        result = say(t, wire, PH_VERB_RSET, "RSET");
    }
    if (result == PH_OK && !t->is_mail_said && may_say(t, wire))
        result = say_mail(t, wire);
    if (result == PH_OK && t->is_mail_said)
        result = say_recipients(t, wire);
    if (result == PH_OK && is_full(t) && t->said && !t->is_data_said &&
        may_say(t, wire))
        result = say_data(t, wire);
    return result;
}

/* ---- what is heard ------------------------------------------------------ */

static int on_rset(ph_transaction *t, const ph_reply *reply)
{
    if (reply->code / 100 != 2)
        return reply->code / 100 == 3 ? PH_E_PROTOCOL : PH_E_REFUSED;
    t->is_open = false;
    return PH_OK;
}

/* No to MAIL is no to all; what else was said is answered yet (S26). */
static int on_mail(ph_transaction *t, const ph_reply *reply)
{
    ph_outcome outcome;

    if (reply->code / 100 == 3)
        return PH_E_PROTOCOL;
    if (reply->code / 100 == 2) {
        t->is_open = true;
        return PH_OK;
    }
    outcome = ph_outcome_of_reply(reply, PH_PHASE_MAIL,
                                  "the server refused the sender");
    ph_envelope_decide_all(t->envelope, 0, t->envelope->count,
                           PH_RECIPIENT_TODO, &outcome);
    t->is_doomed = true;
    return PH_OK;
}

/* "Too many recipients", and no verdict on this one: 452 or 552 after one was
 * taken (RFC 5321, 4.5.3.1.10), but for a mailbox that is full (x.2.2). */
static bool is_too_many(const ph_transaction *t, const ph_reply *reply)
{
    return (reply->code == 452 || reply->code == 552) && t->taken &&
           !t->options.require_all &&
           !(reply->has_enhanced && !strcmp(reply->enhanced + 1, ".2.2"));
}

static int on_recipient(ph_transaction *t, const ph_reply *reply)
{
    ph_recipient *recipients = t->envelope->recipients;
    ph_outcome outcome;
    size_t index;

    while (!recipients[t->answer].is_said)
        t->answer++;
    index = t->answer++;
    recipients[index].is_said = false;
    t->answered++;
    if (recipients[index].state == PH_RECIPIENT_DONE)
        return PH_OK; /* MAIL was refused */
    if (reply->code / 100 == 3)
        return PH_E_PROTOCOL;
    if (reply->code / 100 == 2) {
        recipients[index].state = PH_RECIPIENT_TAKEN;
        t->taken++;
        return PH_OK;
    }
    if (is_too_many(t, reply)) {
        /* The number is remembered (S14). */
        if (t->taken < t->limit)
            t->limit = t->taken;
        return PH_OK;
    }
    outcome = ph_outcome_of_reply(reply, PH_PHASE_RCPT,
                                  "the server refused the recipient");
    ph_envelope_decide(t->envelope, index, &outcome);
    t->refused++;
    return PH_OK;
}

static int open_content(ph_transaction *t, ph_wire *wire)
{
    t->content = PH_CONTENT_OPEN;
    if (t->options.has_body && t->is_rewound)
        t->content = PH_CONTENT_REWIND;
    t->is_rewound = true;
    wire->held = TAIL;
    return ph_wire_await(wire, PH_VERB_DOT, t->mail);
}

static int on_data(ph_transaction *t, ph_wire *wire, const ph_reply *reply)
{
    ph_outcome outcome;

    if (reply->code / 100 == 2)
        return PH_E_PROTOCOL;
    if (reply->code / 100 == 3) {
        if (t->taken && !t->is_doomed)
            return open_content(t, wire);
        t->is_open = false;
        return say(t, wire, PH_VERB_END, ".");
    }
    outcome = ph_outcome_of_reply(reply, PH_PHASE_DATA,
                                  "the server refused to take the message");
    ph_envelope_decide_all(t->envelope, t->first, t->next, PH_RECIPIENT_TAKEN,
                           &outcome);
    return PH_OK;
}

static int on_dot(ph_transaction *t, const ph_reply *reply)
{
    bool is_early = t->content != PH_CONTENT_HANDED;
    ph_outcome outcome;

    if (reply->code / 100 == 3 || (is_early && reply->code / 100 == 2))
        return PH_E_PROTOCOL;
    outcome =
        ph_outcome_of_reply(reply, is_early ? PH_PHASE_CONTENT : PH_PHASE_DOT,
                            "the server refused the message");
    ph_envelope_decide_all(t->envelope, t->first, t->next, PH_RECIPIENT_TAKEN,
                           &outcome);
    t->is_open = false;
    t->body = NULL;
    return is_early ? PH_E_CLOSED : PH_OK;
}

int ph_transaction_reply(ph_transaction *t, ph_wire *wire, ph_verb verb,
                         const ph_reply *reply)
{
    int result = PH_OK;

    /* x0z: the two do not understand each other (S31); but that DATA needs a
     * recipient was known. */
    if (reply->code / 100 >= 4 && reply->code / 10 % 10 == 0 &&
        !(verb == PH_VERB_DATA && t->taken == 0))
        t->is_spoiled = true;
    switch (verb) {
    case PH_VERB_RSET:
        result = on_rset(t, reply);
        break;
    case PH_VERB_MAIL:
        result = on_mail(t, reply);
        break;
    case PH_VERB_RCPT:
        result = on_recipient(t, reply);
        break;
    case PH_VERB_DATA:
        result = on_data(t, wire, reply);
        break;
    case PH_VERB_DOT:
        return on_dot(t, reply);
    default: /* PH_VERB_END: says nothing (S16) */
        return PH_OK;
    }
    return result < 0 ? result : ph_transaction_write(t, wire);
}

/* ---- the content -------------------------------------------------------- */

void ph_transaction_set_body(ph_transaction *t, const ph_machine *body)
{
    t->body = body;
    t->is_waiting = false;
    if (t->content == PH_CONTENT_REWIND)
        t->content = PH_CONTENT_OPEN;
}

/* How many octets of content surely fit, whatever dots they have. */
static size_t room(const ph_wire *wire)
{
    size_t free = ph_buf_room(&wire->out);
    return free > END_ROOM ? (free - END_ROOM) / 4 * 3 : 0;
}

int ph_transaction_put_end(ph_transaction *t, ph_wire *wire)
{
    int result;

    if (ph_line_check_end(&t->check) != PH_LINE_FINE)
        return PH_E_INVALID;
    result = ph_dot_stuffing_end(&t->stuffing, &wire->out);
    if (result < 0)
        return result;
    wire->held = 0;
    t->content = PH_CONTENT_ENDED;
    t->end = ph_wire_end(wire);
    t->body = NULL;
    ph_trace_add(wire->trace, PH_PHASE_CONTENT, true, ph_span_text("."));
    return PH_OK;
}

/* One piece; 1: there may be another. */
static int pull_one(ph_transaction *t, ph_wire *wire)
{
    const ph_machine *body = t->body;
    ph_span text;
    size_t free = room(wire);
    int result;

    if (!ph_machine_is_open(body))
        return PH_E_IO;
    if (free < SMALL)
        return 0;
    text = body->output(body->self);
    if (text.size == 0) {
        if (!body->pending(body->self))
            return ph_transaction_put_end(t, wire);
        t->is_waiting = true;
        return 0;
    }
    if (text.size > free)
        text.size = free;
    result = ph_dot_stuffing_put(&t->stuffing, text, &wire->out);
    if (result < 0)
        return result;
    body->consume(body->self, text.size);
    t->carried += text.size;
    return 1;
}

int ph_transaction_pull(ph_transaction *t, ph_wire *wire)
{
    int result;

    t->is_waiting = false;
    if (t->content != PH_CONTENT_OPEN || !t->options.has_body)
        return PH_OK;
    do
        result = pull_one(t, wire);
    while (result > 0);
    return result;
}

size_t ph_transaction_room(const ph_transaction *t, const ph_wire *wire)
{
    if (t->content != PH_CONTENT_OPEN || t->options.has_body)
        return 0;
    return room(wire);
}

int ph_transaction_put(ph_transaction *t, ph_wire *wire, ph_span text,
                       size_t *taken)
{
    size_t free = ph_transaction_room(t, wire);
    int result;

    *taken = 0;
    if (text.size > free)
        text.size = free;
    if (ph_line_check_feed(&t->check, text) != PH_LINE_FINE)
        return PH_E_INVALID;
    result = ph_dot_stuffing_put(&t->stuffing, text, &wire->out);
    if (result < 0)
        return result;
    t->carried += text.size;
    *taken = text.size;
    return PH_OK;
}

size_t ph_transaction_progress(const ph_transaction *t, const ph_wire *wire)
{
    size_t waiting = ph_wire_size(wire);

    if (t->content == PH_CONTENT_HANDED)
        return t->carried;
    return t->carried > waiting ? t->carried - waiting : 0;
}

bool ph_transaction_consumed(ph_transaction *t, const ph_wire *wire)
{
    if (t->content != PH_CONTENT_ENDED || wire->consumed < t->end)
        return false;
    t->content = PH_CONTENT_HANDED;
    return true;
}
