/* address_list.h - lists of mailboxes, as header fields hold them (RFC 5322,
 * 3.4; RFC 6532): read, collected, written.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_ADDRESS_LIST_H
#define PH_CODEC_ADDRESS_LIST_H

#include "address.h"

#pragma GCC visibility push(hidden)

enum {
    PH_ADDRESS_LIST_TEXT = 1048576, /* octets of one field (security.md, 20) */
    PH_ADDRESS_LIST_COUNT = 100000, /* mailboxes */
    PH_ADDRESS_LIST_LIMIT = 1 << 26 /* octets of all names and mailboxes */
};

/* A list that grows. Fields are to be read through the functions below. */
typedef struct ph_address_list {
    ph_buf text;                   /* all names, local parts, domains */
    struct ph_address_item *items; /* where each lies in text */
    size_t count, capacity;
    size_t groups;            /* how many so far */
    size_t group, group_size; /* the name of the group that add is in */
    bool has_group;
} ph_address_list;

/* Allocates nothing; clear frees all and leaves the list empty. */
void ph_address_list_init(ph_address_list *list);
void ph_address_list_clear(ph_address_list *list);

/* Adds the mailboxes of a list: "Ada <ada@example.org>, team: b@c.example;".
 * Comments are skipped. A group without members adds one item without a
 * mailbox (its domain is empty). mode: BUILD or READ; READ allows empty
 * elements too. PH_E_INVALID: text is no list, or a mailbox in it is refused by
 * ph_address_read; PH_E_LIMIT: memory, PH_ADDRESS_LIST_TEXT or
 * PH_ADDRESS_LIST_COUNT. In either case the list is as it was. */
int ph_address_list_parse(ph_address_list *list, ph_span text,
                          ph_address_mode mode);

/* Adds exactly one bare mailbox (ph_address_put_bare) with a display name of
 * literal text, or none (empty). Errors as above; PH_E_INVALID also when the
 * name holds a control or is no UTF-8. */
int ph_address_list_add(ph_address_list *list, ph_span name, ph_span bare);

/* What is added from here on belongs to a new group of that name; empty: to
 * none. Errors as above. */
int ph_address_list_set_group(ph_address_list *list, ph_span name);

/* Item i, 0 <= i < list->count; borrowed until the list changes. */
ph_address ph_address_list_get(const ph_address_list *list, size_t i);

/* Sets the A-labels of item i (ph_address_set_ascii); copies them. */
int ph_address_list_set_ascii(ph_address_list *list, size_t i, ph_span ascii);

/* Appends the whole list for a header field, groups as groups, ", " between
 * two; column as for ph_encoded_word_put_text. PH_E_LIMIT. */
int ph_address_list_put(ph_buf *out, const ph_address_list *list,
                        size_t column);

#pragma GCC visibility pop
#endif
