/* envelope.c - the envelope of one mail, and what became of it.
 * SPDX-License-Identifier: MIT */
#include "envelope.h"
#include "base/ascii.h"
#include "base/mem.h"

enum {
    TEXTS_LIMIT = 65536 /* octets of replies kept for one mail */
};

ph_envelope *ph_envelope_new(size_t count, size_t size)
{
    size_t records = count * sizeof(ph_recipient);
    ph_envelope *envelope;

    if (count > PH_ENVELOPE_RECIPIENTS || size > UINT32_MAX)
        return NULL;
    envelope = ph_mem_alloc(sizeof *envelope + records + size);
    if (!envelope)
        return NULL;
    *envelope = (ph_envelope){ 0 };
    envelope->text = (char *)envelope->recipients + records;
    ph_buf_init(&envelope->texts, TEXTS_LIMIT);
    return envelope;
}

void ph_envelope_free(ph_envelope *envelope)
{
    if (!envelope)
        return;
    ph_buf_clear(&envelope->texts);
    ph_mem_free(envelope);
}

static uint32_t put_text(ph_envelope *envelope, ph_span text)
{
    uint32_t at = envelope->used;

    if (text.size)
        memcpy(envelope->text + at, text.at, text.size);
    envelope->used += (uint32_t)text.size;
    return at;
}

static uint32_t put(ph_envelope *envelope, ph_span path)
{
    if (ph_ascii_has_high(path))
        envelope->needs_smtputf8 = true;
    return put_text(envelope, path);
}

void ph_envelope_set_from(ph_envelope *envelope, ph_span from)
{
    envelope->from_size = (uint32_t)from.size;
    put(envelope, from);
}

void ph_envelope_set_parameters(ph_envelope *envelope,
                                const ph_esmtp_parameters *parameters)
{
    envelope->parameters = *parameters;
    envelope->parameters.envid.at =
        envelope->text + put_text(envelope, parameters->envid);
}

void ph_envelope_add(ph_envelope *envelope, ph_span address)
{
    ph_recipient *recipient = &envelope->recipients[envelope->count++];

    *recipient = (ph_recipient){ .address = put(envelope, address),
                                 .address_size = (uint16_t)address.size };
}

/* An ORCPT stands behind the address, its size before it: recipients without
 * one take no room for it. */
void ph_envelope_add_parameters(ph_envelope *envelope, unsigned notify,
                                ph_span orcpt)
{
    ph_recipient *recipient = &envelope->recipients[envelope->count - 1];
    char size[PH_ENVELOPE_ORCPT] = { (char)(orcpt.size >> 8),
                                     (char)(orcpt.size & 0xff) };

    recipient->notify = (uint8_t)notify;
    envelope->parameters.has_recipients = true;
    if (!orcpt.size)
        return;
    recipient->has_orcpt = true;
    put_text(envelope, ph_span_of(size, sizeof size));
    put_text(envelope, orcpt);
}

ph_span ph_envelope_from(const ph_envelope *envelope)
{
    return ph_span_of(envelope->text, envelope->from_size);
}

ph_span ph_envelope_address(const ph_envelope *envelope, size_t index)
{
    const ph_recipient *recipient = &envelope->recipients[index];
    return ph_span_of(envelope->text + recipient->address,
                      recipient->address_size);
}

ph_span ph_envelope_orcpt(const ph_envelope *envelope, size_t index)
{
    const ph_recipient *recipient = &envelope->recipients[index];
    const unsigned char *at = (const unsigned char *)envelope->text +
                              recipient->address + recipient->address_size;

    if (!recipient->has_orcpt)
        return ph_span_of(NULL, 0);
    return ph_span_of((const char *)at + PH_ENVELOPE_ORCPT,
                      (size_t)at[0] << 8 | at[1]);
}

/* Behind the last "@"; of an address without one, nothing. */
static ph_span domain_of(ph_span address)
{
    size_t at = address.size;

    while (at && address.at[at - 1] != '@')
        at--;
    return ph_span_after(address, at ? at : address.size);
}

uint32_t ph_envelope_domains(const ph_envelope *envelope)
{
    ph_span last = { NULL, 0 };
    uint32_t count = 0;

    for (size_t i = 0; i < envelope->count; i++) {
        ph_span domain = domain_of(ph_envelope_address(envelope, i));
        if (i == 0 || !ph_ascii_equal(domain, last))
            count++;
        last = domain;
    }
    return count;
}

ph_outcome ph_envelope_outcome(const ph_envelope *envelope, size_t index)
{
    const ph_recipient *recipient = &envelope->recipients[index];
    ph_outcome outcome = {
        .accepted = recipient->accepted,
        .kind = recipient->kind,
        .class = (ph_class)recipient->class,
        .phase = (ph_phase)recipient->phase,
        .code = recipient->code,
        .message = recipient->message,
    };

    memcpy(outcome.enhanced, recipient->enhanced, sizeof outcome.enhanced);
    if (recipient->text_size)
        outcome.text =
            ph_span_of(ph_buf_span(&envelope->texts).at + recipient->text,
                       recipient->text_size);
    return outcome;
}

/* One text serves all that got the same one after another. */
static void keep_text(ph_envelope *envelope, ph_recipient *recipient,
                      ph_span text)
{
    ph_span texts = ph_buf_span(&envelope->texts);

    if (text.size > PH_ENVELOPE_TEXT)
        text.size = PH_ENVELOPE_TEXT;
    if (text.size == 0)
        return;
    if (envelope->last_size != text.size ||
        memcmp(texts.at + envelope->last_text, text.at, text.size) != 0) {
        if (ph_buf_put_span(&envelope->texts, text) < 0)
            return;
        envelope->last_text = (uint32_t)texts.size;
        envelope->last_size = (uint32_t)text.size;
    }
    recipient->text = envelope->last_text;
    recipient->text_size = (uint16_t)text.size;
}

static void queue_report(ph_envelope *envelope, size_t index)
{
    uint32_t number = (uint32_t)index + 1;

    if (envelope->report_last)
        envelope->recipients[envelope->report_last - 1].report = number;
    else
        envelope->report = number;
    envelope->report_last = number;
}

void ph_envelope_decide(ph_envelope *envelope, size_t index,
                        const ph_outcome *outcome)
{
    ph_recipient *recipient = &envelope->recipients[index];

    if (recipient->state == PH_RECIPIENT_DONE)
        return;
    recipient->state = PH_RECIPIENT_DONE;
    recipient->accepted = outcome->accepted;
    recipient->kind = (int8_t)outcome->kind;
    recipient->class = (uint8_t)outcome->class;
    recipient->phase = (uint8_t)outcome->phase;
    recipient->code = (int16_t)outcome->code;
    recipient->message = outcome->message;
    memcpy(recipient->enhanced, outcome->enhanced, sizeof recipient->enhanced);
    keep_text(envelope, recipient, outcome->text);
    envelope->decided++;
    envelope->accepted += outcome->accepted;
    queue_report(envelope, index);
}

void ph_envelope_decide_all(ph_envelope *envelope, size_t first, size_t last,
                            ph_recipient_state state, const ph_outcome *outcome)
{
    for (size_t i = first; i < last; i++)
        if (envelope->recipients[i].state == state)
            ph_envelope_decide(envelope, i, outcome);
}

size_t ph_envelope_report(const ph_envelope *envelope)
{
    return envelope->report;
}

void ph_envelope_reported(ph_envelope *envelope)
{
    envelope->report = envelope->recipients[envelope->report - 1].report;
    if (!envelope->report)
        envelope->report_last = 0;
}

void ph_envelope_reported_all(ph_envelope *envelope)
{
    envelope->report = envelope->report_last = 0;
}

void ph_envelope_failure(const ph_envelope *envelope, ph_error *error)
{
    /* PH_CLASS_*: how much each weighs in the failure of the whole. */
    static const int weights[] = { 0, 2, 1, 3 };
    const ph_recipient *worst = envelope->recipients;
    ph_outcome outcome;

    for (size_t i = 1; i < envelope->count; i++)
        if (weights[envelope->recipients[i].class] > weights[worst->class])
            worst = &envelope->recipients[i];
    outcome =
        ph_envelope_outcome(envelope, (size_t)(worst - envelope->recipients));
    ph_error_set(error, outcome.kind, outcome.class, outcome.phase,
                 outcome.message);
    error->code = outcome.code;
    memcpy(error->enhanced, outcome.enhanced, sizeof error->enhanced);
    ph_error_set_text(error, outcome.text);
}

ph_outcome ph_outcome_of_reply(const ph_reply *reply, ph_phase phase,
                               const char *message)
{
    ph_outcome outcome = { .accepted = reply->code / 100 == 2,
                           .code = reply->code,
                           .text = reply->text };

    memcpy(outcome.enhanced, reply->enhanced, sizeof outcome.enhanced);
    if (outcome.accepted)
        return outcome;
    outcome.kind = PH_E_REFUSED;
    outcome.class = PH_CLASS_PERMANENT;
    outcome.phase = phase;
    outcome.message = message;
    /* 503 after a right sequence: the server lost its place (S34). */
    if (reply->code / 100 == 4 || reply->code == 503)
        outcome.class = PH_CLASS_TEMPORARY;
    if (reply->code == 530) { /* S11: a login is missing */
        outcome.kind = PH_E_AUTH;
        outcome.message = "the server wants a login first";
    }
    return outcome;
}
