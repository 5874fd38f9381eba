/* transaction_reply.c - one mail on its way: what is heard.
 * SPDX-License-Identifier: MIT */
#include "transaction_state.h"

/* Where chunks have left behind it, their replies tell what becomes of the
 * mail: it must not be sent a second time. */
static int on_rset(ph_transaction *t, const ph_reply *reply)
{
    if (reply->code / 100 == 3)
        return PH_E_PROTOCOL;
    if (reply->code / 100 == 2) {
        t->is_open = false;
        return PH_OK;
    }
    if (!t->content.is_chunked || !t->is_data_said)
        return PH_E_REFUSED;
    t->is_spoiled = true;
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
    int result = ph_wire_await(wire, PH_VERB_DOT, t->mail);

    ph_mail_data_open(&t->content, wire);
    ph_transaction_expect(t, wire);
    return result;
}

static int on_data(ph_transaction *t, ph_wire *wire, const ph_reply *reply)
{
    ph_outcome outcome;

    if (reply->code / 100 == 2)
        return PH_E_PROTOCOL;
    if (reply->code / 100 == 3) {
        if (t->taken && !t->is_doomed)
            return open_content(t, wire);
        if (t->options.is_lmtp)
            return PH_E_PROTOCOL; /* RFC 2033, 4.2: 503 and nothing else */
        t->is_open = false;
        return ph_transaction_say(t, wire, PH_VERB_END, ".");
    }
    outcome = ph_outcome_of_reply(reply, PH_PHASE_DATA,
                                  "the server refused to take the message");
    ph_envelope_decide_all(t->envelope, t->first, t->next, PH_RECIPIENT_TAKEN,
                           &outcome);
    return PH_OK;
}

/* A chunk but the last; a refused one ends the transaction (RFC 3030, 2). */
static int on_chunk(ph_transaction *t, const ph_reply *reply)
{
    ph_outcome outcome;

    t->content.awaited--;
    if (reply->code / 100 == 3)
        return PH_E_PROTOCOL;
    if (reply->code / 100 == 2 || t->is_doomed)
        return PH_OK;
    outcome = ph_outcome_of_reply(reply, PH_PHASE_CONTENT,
                                  "the server refused the message");
    ph_envelope_decide_all(t->envelope, t->first, t->next, PH_RECIPIENT_TAKEN,
                           &outcome);
    /* See is_hasty: nobody else gets a content that is half given. */
    if (!t->options.has_body && ph_transaction_wants_content(t))
        ph_envelope_decide_all(t->envelope, 0, t->envelope->count,
                               PH_RECIPIENT_TODO, &outcome);
    t->is_doomed = true;
    return PH_OK;
}

/* The verdict on all who were taken; in LMTP on the next of them alone. */
static void give_verdict(ph_transaction *t, const ph_outcome *outcome)
{
    const ph_recipient *recipients = t->envelope->recipients;

    if (!t->options.is_lmtp) {
        ph_envelope_decide_all(t->envelope, t->first, t->next,
                               PH_RECIPIENT_TAKEN, outcome);
        return;
    }
    while (t->verdict < t->next &&
           recipients[t->verdict].state != PH_RECIPIENT_TAKEN)
        t->verdict++;
    if (t->verdict == t->next)
        return;
    ph_envelope_decide(t->envelope, t->verdict++, outcome);
    t->judged++;
}

/* A chunk that is refused while it leaves goes on: the server reads it (RFC
 * 3030, 2), and then RSET. Content behind DATA cannot be ended in peace. */
static int on_dot(ph_transaction *t, const ph_reply *reply)
{
    bool is_early = t->content.state != PH_MAIL_DATA_HANDED;
    bool is_chunked = t->content.is_chunked;
    ph_outcome outcome;

    if (reply->code / 100 == 3 || (is_early && reply->code / 100 == 2))
        return PH_E_PROTOCOL;
    if (is_chunked && t->content.awaited)
        t->content.awaited--;
    if (is_chunked && (t->is_doomed || t->taken == 0))
        return PH_OK;
    outcome =
        ph_outcome_of_reply(reply, is_early ? PH_PHASE_CONTENT : PH_PHASE_DOT,
                            "the server refused the message");
    give_verdict(t, &outcome);
    if (!is_chunked || outcome.accepted)
        t->is_open = false;
    t->content.body = NULL;
    return is_early && !is_chunked ? PH_E_CLOSED : PH_OK;
}

/* x0z: the two do not understand each other (S31); but that content needs a
 * recipient was known. */
static bool is_confused(const ph_transaction *t, ph_verb verb,
                        const ph_reply *reply)
{
    bool is_content =
        verb == PH_VERB_DATA || verb == PH_VERB_DOT || verb == PH_VERB_BDAT;

    return reply->code / 100 >= 4 && reply->code / 10 % 10 == 0 &&
           !(is_content && t->taken == 0);
}

/* Nobody is left who would take the content under way. */
static void drop_content(ph_transaction *t, ph_wire *wire)
{
    if (t->content.is_chunked && ph_transaction_wants_content(t) &&
        (t->is_doomed || (ph_transaction_is_known(t) && t->taken == 0)))
        ph_mail_data_drop(&t->content, wire);
}

int ph_transaction_reply(ph_transaction *t, ph_wire *wire, ph_verb verb,
                         const ph_reply *reply)
{
    int result = PH_OK;

    if (is_confused(t, verb, reply))
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
        ph_transaction_expect(t, wire);
        break;
    case PH_VERB_DATA:
        result = on_data(t, wire, reply);
        break;
    case PH_VERB_BDAT:
        result = on_chunk(t, reply);
        break;
    case PH_VERB_DOT:
        return on_dot(t, reply);
    default: /* PH_VERB_END: says nothing (S16) */
        return PH_OK;
    }
    if (result < 0)
        return result;
    drop_content(t, wire);
    return ph_transaction_write(t, wire);
}
