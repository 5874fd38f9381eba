/* address.h - mailboxes and lists of them (RFC 5322, 3.4; RFC 6532): the one
 * parser and the one writer of addresses, for header fields and envelopes.
 *
 * A mailbox is stored as a local part without quotes and a domain as it was
 * given; it is written back with quotes whenever they are needed, and
 * parse(write(a)) == a. There are two ways in: a list, as it stands in a
 * header field, and a *bare* mailbox, as it stands in an envelope and in
 * { name=, address= }. Nothing here recurs, and all of it is linear.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_ADDRESS_H
#define PH_CODEC_ADDRESS_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_ADDRESS_LIMIT = 254,    /* octets as written (RFC 5321, 4.5.3.1.3) */
    PH_ADDRESS_LOCAL = 64,     /* octets of the local part as written */
    PH_ADDRESS_TEXT = 1048576, /* octets of a list (security.md, row 20) */
    PH_ADDRESS_COUNT = 100000  /* mailboxes of a list */
};

/* One mailbox, or a group without any (local and domain empty). */
typedef struct ph_address {
    ph_span name;    /* display name, UTF-8; empty: none */
    ph_span local;   /* local part without quotes */
    ph_span domain;  /* as given: labels or literal */
    ph_span group;   /* the group's display name */
    size_t group_id; /* 0: in no group; else equal for those of one group */
    bool is_unicode; /* local part or domain need SMTPUTF8 */
} ph_address;

/* A list that grows. Fields are to be read through the functions below. */
typedef struct ph_address_list {
    ph_buf text;                   /* all names, local parts, domains */
    struct ph_address_item *items; /* where each lies in text */
    size_t count, capacity;
    size_t groups; /* how many so far */
} ph_address_list;

/* Allocates nothing; clear frees all and leaves the list empty. */
void ph_address_list_init(ph_address_list *list);
void ph_address_list_clear(ph_address_list *list);

/* How a list is read. */
typedef enum ph_address_mode {
    PH_ADDRESS_BUILD, /* a user's input: display names are literal text, no
                         control at all, no obsolete form, no empty element */
    PH_ADDRESS_READ   /* a header field: encoded-words in display names are
                         decoded; folds, obsolete forms (routes, blanks around
                         dots) and empty elements are read */
} ph_address_mode;

/* Adds the mailboxes of a list: "Ada <ada@example.org>, team: b@c.example;".
 * Comments are skipped. A group without members adds one item without a
 * mailbox. PH_E_INVALID: text is no list, or a mailbox in it is none, too long
 * or of a kind that ph_domain_check refuses; PH_E_LIMIT: memory,
 * PH_ADDRESS_TEXT, PH_ADDRESS_COUNT. In either case the list is as it was. */
int ph_address_list_parse(ph_address_list *list, ph_span text,
                          ph_address_mode mode);

/* Adds exactly one bare mailbox (ph_address_put_bare) with a display name of
 * literal text, or none (empty). Errors as above; PH_E_INVALID also when the
 * name holds a control or is no UTF-8. */
int ph_address_list_add(ph_address_list *list, ph_span name, ph_span bare);

/* Item i, 0 <= i < list->count; borrowed until the list changes. */
ph_address ph_address_list_get(const ph_address_list *list, size_t i);

/* Appends the whole list for a header field, groups as groups, ", " between
 * two; column as for ph_encoded_word_put_text. PH_E_LIMIT. */
int ph_address_list_put(ph_buf *out, const ph_address_list *list,
                        size_t column);

/* Appends "local@domain", the local part in quotes if it needs them.
 * PH_E_LIMIT. */
int ph_address_put(ph_buf *out, const ph_address *address);

/* Appends `name <local@domain>`, or what ph_address_put appends when there is
 * no name; the name as atoms, quoted-string or encoded-words. PH_E_INVALID:
 * the name holds a control or is no UTF-8; PH_E_LIMIT. Out is as it was. */
int ph_address_put_mailbox(ph_buf *out, const ph_address *address,
                           size_t column);

/* For envelopes: checks one bare mailbox and appends it as it is to travel in
 * a command, between "<" and ">" that are the caller's. Bare: local part,
 * "@", domain; no comment, blank, group, route, display name or angle
 * bracket, and no control, not even in quotes. Returns 0, or 1 when it needs
 * SMTPUTF8. PH_E_INVALID (the empty text too: the null reverse-path is the
 * caller's to know); PH_E_LIMIT. Out is as it was; NULL: only the check. */
int ph_address_put_bare(ph_buf *out, ph_span text);

#pragma GCC visibility pop
#endif
