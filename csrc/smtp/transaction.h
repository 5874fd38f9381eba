/* transaction.h - one mail on its way: MAIL, RCPT, DATA or BDAT, the content,
 * and what the server says to each (RFC 5321, 3.3; RFC 2920; RFC 3030; RFC
 * 2033; delivery.md, 3.2 and 3.3).
 *
 * It writes commands and content to a wire and is given the replies that are
 * its own. An envelope whose recipients do not fit in one transaction goes in
 * several, one after another, each with the whole content.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_TRANSACTION_H
#define PH_SMTP_TRANSACTION_H

#include "capability.h"
#include "mail_data.h"
#include "envelope.h"

#pragma GCC visibility push(hidden)

enum {
    PH_TRANSACTION_RECIPIENTS = 100 /* in one transaction (Q12, RFC 5321,
                                       4.5.3.1.8) */
};

typedef struct ph_transaction_options {
    uint64_t size;     /* octets of the content before dot-stuffing */
    bool has_size;     /* size is known */
    bool is_eight_bit; /* BODY=8BITMIME */
    bool needs_smtputf8;
    bool require_all; /* all recipients, or nothing is sent */
    bool wants_rset;  /* RSET goes before MAIL (S30) */
    bool has_body;    /* a machine gives the content, else the caller does */
    bool is_binary;   /* BODY=BINARYMIME (RFC 3030, 3) */
    bool is_lmtp;     /* a verdict for each recipient (RFC 2033) */
    ph_span octets;   /* the content itself, CRLF at its end, instead of a
                         machine; borrowed until ph_session_has_body says no */
    bool is_bulk;     /* another mail may follow before any reply (S21) */
} ph_transaction_options;

/* Fields are to be read only through the functions below. */
typedef struct ph_transaction {
    ph_envelope *envelope; /* owned; NULL: no mail */
    ph_transaction_options options;
    unsigned mail; /* its number on the wire */
    bool can_pipeline, offers_size, offers_eight_bit;
    bool is_rset_said, is_mail_said, is_data_said;
    bool is_doomed;   /* nothing more is to be said: replies are drained */
    bool is_open;     /* the server may hold half a transaction */
    bool is_spoiled;  /* the connection is not to be used again (S31) */
    bool is_expected; /* a verdict for each recipient (RFC 2033) */
    size_t limit;     /* recipients of a transaction */
    size_t first;     /* recipients before it are decided */
    size_t next;      /* the next to be said */
    size_t answer;    /* the next whose reply is awaited, or behind it */
    size_t verdict;   /* the next whose verdict is awaited, or behind it */
    size_t said, answered, taken, refused; /* of this transaction */
    size_t judged; /* of those taken, in LMTP: they have a verdict */
    ph_mail_data content;
} ph_transaction;

/* Takes the envelope. Writes nothing yet. */
void ph_transaction_init(ph_transaction *transaction, unsigned mail,
                         ph_envelope *envelope,
                         const ph_transaction_options *options,
                         const ph_capability *capability);

/* Frees the envelope: no mail any more. */
void ph_transaction_clear(ph_transaction *transaction);

/* Writes what may be said now. PH_E_LIMIT, PH_E_INVALID as ph_wire_say. */
int ph_transaction_write(ph_transaction *transaction, ph_wire *wire);

/* The reply to a command of this mail; *flight was taken off the wire.
 * PH_E_PROTOCOL: not to be understood; PH_E_REFUSED: no to RSET; PH_E_CLOSED:
 * a verdict before the content had left, whose connection is of no use
 * (S18). */
int ph_transaction_reply(ph_transaction *transaction, ph_wire *wire,
                         ph_verb verb, const ph_reply *reply);

/* Whether this transaction has nothing more to say or hear. */
bool ph_transaction_is_over(const ph_transaction *transaction,
                            const ph_wire *wire);

/* Whether all that this mail will ever say is in the output, but for what a
 * reply to it may ask for, and the next one may be said behind it (S24). */
bool ph_transaction_is_said(const ph_transaction *transaction);

/* Whether recipients are left for another transaction; and: begins that. */
bool ph_transaction_has_more(const ph_transaction *transaction);
void ph_transaction_again(ph_transaction *transaction);

/* Ends the mail: what is not decided gets this outcome, but class unknown
 * where the content was handed over and the outcome is no reply (its kind is
 * not PH_E_REFUSED). */
void ph_transaction_end(ph_transaction *transaction, const ph_outcome *outcome);

/* As the functions of ph_mail_data: chunks are said as the replies to the
 * envelope allow. */
int ph_transaction_pull(ph_transaction *transaction, ph_wire *wire);
int ph_transaction_put(ph_transaction *transaction, ph_wire *wire, ph_span text,
                       size_t *taken);
int ph_transaction_put_end(ph_transaction *transaction, ph_wire *wire);

#pragma GCC visibility pop
#endif
