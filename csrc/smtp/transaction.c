/* transaction.c - one mail on its way: what is said. What is heard is in
 * transaction_reply.c.
 * SPDX-License-Identifier: MIT */
#include "transaction_state.h"

enum {
    IN_FLIGHT = 100 /* RCPT commands without a reply at most (S25) */
};

/* ---- beginnings and ends ------------------------------------------------ */

/* Forgets all that belongs to one transaction, not to the mail. */
static void begin(ph_transaction *t)
{
    const ph_transaction_options *options = &t->options;
    ph_mail_data content = { .body = t->content.body,
                             .octets = options->octets,
                             .mail = t->mail,
                             .has_body = options->has_body,
                             .is_chunked = t->content.is_chunked,
                             .is_binary = options->is_binary,
                             .size = options->has_size ? options->size : 0 };

    t->content = content;
    t->is_rset_said = t->is_mail_said = t->is_data_said = false;
    t->is_doomed = t->is_expected = false;
    while (t->first < t->envelope->count &&
           t->envelope->recipients[t->first].state == PH_RECIPIENT_DONE)
        t->first++;
    t->next = t->answer = t->verdict = t->first;
    t->said = t->answered = t->taken = t->refused = t->judged = 0;
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
    t->content.is_chunked =
        ph_capability_has(capability, PH_CAPABILITY_CHUNKING);
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
    t->content.body = NULL;
}

/* Asked only when a reply to this mail was heard, or where no other mail is
 * under way: what is in flight of it then stands first. */
static bool in_flight(const ph_transaction *t, const ph_wire *wire)
{
    const ph_flight *head = ph_wire_head(wire);
    return head && head->mail == t->mail;
}

bool ph_transaction_is_over(const ph_transaction *t, const ph_wire *wire)
{
    if (in_flight(t, wire))
        return false;
    if (t->is_data_said)
        return !ph_transaction_wants_content(t);
    return t->is_doomed || (ph_transaction_is_full(t) && t->taken == 0);
}

/* A single recipient leaves none for another transaction. */
bool ph_transaction_is_said(const ph_transaction *t)
{
    const ph_envelope *envelope = t->envelope;
    bool is_bulk = t->options.is_bulk && t->content.is_chunked;

    return t->can_pipeline && !t->is_spoiled &&
           t->content.state >= PH_MAIL_DATA_ENDED &&
           (envelope->decided + t->taken - t->judged >= envelope->count ||
            (is_bulk && envelope->count == 1));
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

/* Whether the server may have taken the content for that recipient: its RCPT
 * was not refused, as far as is known. */
static bool may_have_it(const ph_recipient *recipient)
{
    return recipient->state == PH_RECIPIENT_TAKEN ||
           (recipient->state == PH_RECIPIENT_TODO && recipient->is_said);
}

void ph_transaction_end(ph_transaction *t, const ph_outcome *outcome)
{
    ph_envelope *envelope = t->envelope;
    ph_outcome unknown = *outcome;

    unknown.class = PH_CLASS_UNKNOWN;
    unknown.phase = PH_PHASE_DOT;
    if (t->content.state == PH_MAIL_DATA_HANDED &&
        outcome->kind != PH_E_REFUSED)
        for (size_t i = t->first; i < t->next; i++)
            if (may_have_it(&envelope->recipients[i]))
                ph_envelope_decide(envelope, i, &unknown);
    ph_envelope_decide_all(envelope, 0, envelope->count, PH_RECIPIENT_TAKEN,
                           outcome);
    ph_envelope_decide_all(envelope, 0, envelope->count, PH_RECIPIENT_TODO,
                           outcome);
    t->is_doomed = true;
}

/* ---- what is said ------------------------------------------------------- */

int ph_transaction_say(ph_transaction *t, ph_wire *wire, ph_verb verb,
                       const char *text)
{
    ph_command command = { .count = 0 };

    ph_command_add_text(&command, text);
    return ph_wire_say(wire, verb, t->mail, &command, NULL);
}

/* Parameters only for what was offered (S13). */
static int say_mail(ph_transaction *t, ph_wire *wire)
{
    ph_command command = { .count = 0 };
    char room[PH_ESMTP_PARAMETERS];
    ph_buf parameters;
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
    if (t->options.is_binary)
        ph_command_add_text(&command, " BODY=BINARYMIME");
    else if (t->options.is_eight_bit && t->offers_eight_bit)
        ph_command_add_text(&command, " BODY=8BITMIME");
    if (t->options.needs_smtputf8)
        ph_command_add_text(&command, " SMTPUTF8");
    ph_buf_borrow(&parameters, room, sizeof room);
    if (ph_esmtp_put_mail(&parameters, &t->envelope->parameters) < 0)
        return PH_E_INVALID;
    ph_command_add(&command, ph_buf_span(&parameters));
    t->is_mail_said = true;
    return ph_wire_say(wire, PH_VERB_MAIL, t->mail, &command, NULL);
}

static int say_recipient(ph_transaction *t, ph_wire *wire)
{
    const ph_envelope *envelope = t->envelope;
    ph_command command = { .count = 0 };
    char room[PH_ESMTP_PARAMETERS];
    ph_buf parameters;
    int result;

    ph_buf_borrow(&parameters, room, sizeof room);
    result = ph_esmtp_put_recipient(&parameters, &envelope->parameters,
                                    envelope->recipients[t->next].notify,
                                    ph_envelope_orcpt(envelope, t->next),
                                    t->options.needs_smtputf8);
    if (result < 0)
        return PH_E_INVALID;
    ph_command_add_text(&command, "RCPT TO:<");
    ph_command_add(&command, ph_envelope_address(envelope, t->next));
    ph_command_add_text(&command, ">");
    ph_command_add(&command, ph_buf_span(&parameters));
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
    while (!ph_transaction_is_full(t) && may_say(t, wire) &&
           t->said - t->answered < IN_FLIGHT &&
           ph_buf_room(&wire->out) > PH_COMMAND_LONGER) {
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

/* Content that the caller gives piece by piece is asked for only when it will
 * be taken to its end: he could not tell that another transaction begins it
 * anew. */
static bool is_hasty(const ph_transaction *t)
{
    return t->content.is_chunked && !t->options.has_body &&
           t->next < t->envelope->count;
}

/* DATA, or the first chunk, goes with the envelope where it can; else when it
 * is known that there is somebody to send to. */
static int say_data(ph_transaction *t, ph_wire *wire)
{
    bool is_answered = t->answered == t->said;

    if (is_answered && t->taken == 0)
        return PH_OK;
    if (t->options.require_all && is_answered && t->refused) {
        refuse_all(t);
        return PH_OK;
    }
    if (!is_answered &&
        (!t->can_pipeline || t->options.require_all || is_hasty(t)))
        return PH_OK;
    t->is_data_said = true;
    if (!t->content.is_chunked)
        return ph_transaction_say(t, wire, PH_VERB_DATA, "DATA");
    ph_mail_data_open(&t->content, wire);
    return PH_OK;
}

int ph_transaction_write(ph_transaction *t, ph_wire *wire)
{
    int result = PH_OK;

    if (t->is_doomed)
        return PH_OK;
    if (t->options.wants_rset && !t->is_rset_said) {
        t->is_rset_said = true;
        result = ph_transaction_say(t, wire, PH_VERB_RSET, "RSET");
    }
    if (result == PH_OK && !t->is_mail_said && may_say(t, wire))
        result = say_mail(t, wire);
    if (result == PH_OK && t->is_mail_said)
        result = say_recipients(t, wire);
    if (result == PH_OK && ph_transaction_is_full(t) && t->said &&
        !t->is_data_said && may_say(t, wire))
        result = say_data(t, wire);
    return result;
}

/* ---- the content -------------------------------------------------------- */

void ph_transaction_expect(ph_transaction *t, ph_wire *wire)
{
    if (!t->options.is_lmtp || t->is_expected || !ph_transaction_is_known(t) ||
        t->taken == 0 || !ph_wire_expect(wire, PH_VERB_DOT, t->mail, t->taken))
        return;
    t->is_expected = true;
}

/* A message of one chunk goes with its envelope (S21). A longer one goes when
 * somebody was taken, a few chunks ahead of their replies. */
static void allow_chunks(ph_transaction *t, const ph_wire *wire)
{
    ph_mail_data *content = &t->content;
    bool is_wanted = ph_transaction_is_known(t) && t->taken;
    bool is_near = t->can_pipeline ? content->awaited < PH_MAIL_DATA_CHUNKS
                                   : !in_flight(t, wire);

    if (!content->is_chunked)
        return;
    content->may_go_on = is_wanted && is_near;
    content->may_end =
        (is_wanted && is_near) ||
        (t->can_pipeline && !ph_transaction_is_known(t) && !content->said);
}

int ph_transaction_pull(ph_transaction *t, ph_wire *wire)
{
    int result;

    allow_chunks(t, wire);
    result = ph_mail_data_pull(&t->content, wire);
    ph_transaction_expect(t, wire);
    return result;
}

int ph_transaction_put(ph_transaction *t, ph_wire *wire, ph_span text,
                       size_t *taken)
{
    allow_chunks(t, wire);
    return ph_mail_data_put(&t->content, wire, text, taken);
}

int ph_transaction_put_end(ph_transaction *t, ph_wire *wire)
{
    int result;

    allow_chunks(t, wire);
    result = ph_mail_data_put_end(&t->content, wire);
    ph_transaction_expect(t, wire);
    return result;
}
