/* message.h - a message under construction (RFC 5322; RFC 2045 to 2049): its
 * header fields, which are written as they are put, and its parts.
 *
 * The structure follows from what is there: text and html are alternatives,
 * parts with a cid are related to the html, all others are mixed; no
 * container holds one part alone. Nothing here reads a clock or a file: a
 * body is octets that are borrowed, or the number of a source that the caller
 * reads when the writer wants it.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_MESSAGE_H
#define PH_MIME_MESSAGE_H

#include "part.h"
#include "plan.h"
#include "codec/address_list.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

enum {
    PH_MESSAGE_RECIPIENTS = 100000, /* of one message */
    PH_MESSAGE_PARTS = 10000,
    PH_MESSAGE_FIELDS =
        1044480,                /* octets of its header fields: with those of
                                   MIME the 1 MiB that readers take, ours too */
    PH_MESSAGE_HEADS = 16777216 /* octets of those of its parts */
};

typedef enum ph_role {
    PH_ROLE_FROM,
    PH_ROLE_SENDER,
    PH_ROLE_REPLY_TO,
    PH_ROLE_TO,
    PH_ROLE_CC,
    PH_ROLE_BCC,
    PH_ROLES
} ph_role;

typedef enum ph_priority {
    PH_PRIORITY_NORMAL,
    PH_PRIORITY_HIGH,
    PH_PRIORITY_LOW
} ph_priority;

typedef struct ph_message ph_message;

/* NULL: no memory. */
ph_message *ph_message_new(void);
void ph_message_free(ph_message *message);

/* For tests: boundaries and Message-ID follow from the seed. */
void ph_message_set_seed(ph_message *message, ph_span seed);

/* ---- header fields, in the order in which they are to be written ---- */

/* PH_E_INVALID: outside the years of ph_date_put; PH_E_LIMIT. */
int ph_message_put_date(ph_message *message, int64_t epoch);

/* The list of a role, to be filled before put_addresses (or, of Bcc, for the
 * envelope alone) and read afterwards. */
ph_address_list *ph_message_list(ph_message *message, ph_role role);

/* Writes the field of a list that was filled; of an empty one nothing, and of
 * Bcc never anything. Several authors without a sender: the first of them is
 * the sender. PH_E_INVALID: no author, a group among them, or more than one
 * sender; PH_E_LIMIT: memory, or over PH_MESSAGE_RECIPIENTS or _FIELDS. */
int ph_message_put_addresses(ph_message *message, ph_role role);

/* A field of text, or one that ph_structured_field knows; its name is unchecked
 * but for its grammar. Errors of ph_header_put_text. */
int ph_message_put_text(ph_message *message, ph_span name, ph_span text);

/* For ph_structured_field_has_mailboxes: an empty list, to be filled, and the
 * field of it. Errors of ph_structured_field_put_list. */
ph_address_list *ph_message_begin_mailboxes(ph_message *message);
int ph_message_put_mailboxes(ph_message *message, ph_span name);

/* Whether a field of that name may stand in a message once (RFC 5322, 3.6),
 * and does. */
bool ph_message_is_spent(const ph_message *message, ph_span name);

/* Whether List-Unsubscribe-Post stands there without an HTTPS URI in
 * List-Unsubscribe (RFC 8058, 3.1). */
bool ph_message_is_unpaired(const ph_message *message);

/* Message-ID, with or without brackets; empty: one is drawn, with the domain
 * of the sender or the first author. PH_E_INVALID: no id; PH_E_IO: no random
 * octets; PH_E_LIMIT. */
int ph_message_put_id(ph_message *message, ph_span id);

/* A field of ids ("In-Reply-To"): each call adds the ids of a text, put writes
 * what was added. PH_E_INVALID: no ids in it; PH_E_LIMIT. */
int ph_message_add_ids(ph_message *message, ph_span ids);
int ph_message_put_ids(ph_message *message, ph_span name);

/* Importance, X-Priority, Priority; nothing for NORMAL. PH_E_LIMIT. */
int ph_message_put_priority(ph_message *message, ph_priority priority);

/* ---- bodies ---- */

/* Errors of ph_part_init_text, _alternative, _attachment, _message and _raw. */
int ph_message_set_text(ph_message *message, const ph_body *body,
                        ph_part_fault *fault);
int ph_message_set_html(ph_message *message, const ph_body *body,
                        ph_part_fault *fault);
int ph_message_add_alternative(ph_message *message, const ph_body *body,
                               ph_span type, ph_place place,
                               ph_part_fault *fault);
int ph_message_attach(ph_message *message, const ph_body *body,
                      const ph_part_header *header, ph_part_fault *fault);

/* A calendar (iMIP, RFC 6047): text/calendar as the best alternative, and
 * invite.ics for readers who want a file. The method must be the one that the
 * octets tell (RFC 6047, 2.4); empty: is taken from there. Line ends become
 * CRLF in both (RFC 5545, 3.1). PH_E_INVALID. */
int ph_message_set_calendar(ph_message *message, const ph_body *body,
                            ph_span method, ph_part_fault *fault);

/* Another message, planned, that is not changed any more and outlives this
 * one: as message/rfc822 or, with UTF-8 in its header fields, message/global
 * (RFC 6532, 3.7). PH_E_INVALID also when parts would lie deeper than
 * PH_PLAN_DEPTH. */
int ph_message_attach_message(ph_message *message, ph_message *other,
                              unsigned sources, const ph_part_header *header,
                              ph_part_fault *fault);

/* The message is these finished octets and nothing else; UTF-8 in their
 * header needs SMTPUTF8. What a source gives is not looked at here. */
int ph_message_set_raw(ph_message *message, const ph_body *body, bool has_lf,
                       ph_part_fault *fault);

/* Of such a message from a source: what a check of that source has found. May
 * be told again, and when the message lies in another that was planned. */
void ph_message_know_raw(ph_message *message, const ph_raw_check *check);

/* ---- the whole ---- */

/* Lays the parts out and draws the boundaries, unless that was done since
 * the last change. PH_E_IO, PH_E_LIMIT. */
int ph_message_plan(ph_message *message);

/* The steps; only after ph_message_plan, and until the next change. */
const ph_plan *ph_message_get_plan(const ph_message *message);

/* Octets of the whole as ph_writer writes it, or PH_SIZE_UNKNOWN; after
 * ph_message_plan. */
long long ph_message_size(const ph_message *message, bool eight_bit);

/* Whether a header field needs SMTPUTF8; whether an octet above 7F travels
 * when the server takes it, and whether it must. After ph_message_plan. */
bool ph_message_is_unicode(const ph_message *message);
bool ph_message_is_eight_bit(const ph_message *message);
bool ph_message_needs_eight_bit(const ph_message *message);

/* The Message-ID without brackets; empty before put_id. */
ph_span ph_message_id(const ph_message *message);

/* Appends the decoded text of the first field of that name, those of MIME
 * too. Returns 1, or 0: there is none; PH_E_IO, PH_E_LIMIT. */
int ph_message_get(ph_message *message, ph_span name, ph_buf *out);

#pragma GCC visibility pop
#endif
