/* address.h - mailboxes (RFC 5321, 4.1.2; RFC 5322, 3.4; RFC 6532): the one
 * reader and the one writer of addresses, for header fields and envelopes.
 *
 * A mailbox is stored as a local part without quotes and a domain as it was
 * given; it is written back with quotes whenever they are needed, and
 * parse(write(a)) == a. A domain with U-labels travels as A-labels once it is
 * told them, else it needs SMTPUTF8 as a local part outside ASCII does. There
 * are two ways in: a list, as it stands in a header field (address_list.h), and
 * a *bare* mailbox, as it stands in an envelope and in { name=, address= }:
 * local part, "@", domain; no comment, blank, group, route, display name or
 * angle bracket, and no control, not even in quotes. Nothing recurs, and all is
 * linear. SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_ADDRESS_H
#define PH_CODEC_ADDRESS_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_ADDRESS_LIMIT = 254, /* octets as written (RFC 5321, 4.5.3.1.3) */
    PH_ADDRESS_LOCAL = 64   /* octets of the local part as written */
};

/* One mailbox; the spans are borrowed from whoever made it. */
typedef struct ph_address {
    ph_span name;   /* display name, UTF-8; empty: none */
    ph_span local;  /* local part without quotes */
    ph_span domain; /* as given: labels or literal */
    ph_span ascii; /* the domain's A-labels; empty: none are needed, or known */
    ph_span group; /* the display name of its group */
    size_t group_id; /* 0: in no group; else equal for those of one group */
    bool is_unicode; /* local part or domain need SMTPUTF8, as they are written
                      */
} ph_address;

/* How an address is read. */
typedef enum ph_address_mode {
    PH_ADDRESS_BARE,  /* as above */
    PH_ADDRESS_BUILD, /* a user's list for a field: display names are literal
                         text, no control at all, no obsolete form */
    PH_ADDRESS_READ   /* a field of a message: encoded-words in display names
                         are decoded, in quotation marks too; folds and obsolete
                         forms are read */
} ph_address_mode;

/* Reads the mailbox (without display name and angle brackets) that begins
 * *rest, appends local part and domain to text, borrows address->local and
 * address->domain from there and sets is_unicode; *rest is what stands behind
 * it. PH_E_INVALID: there is none, or it is too long, or holds a hidden code
 * point, or its domain is refused by ph_domain_check; PH_E_LIMIT. */
int ph_address_read(ph_address *address, ph_span *rest, ph_address_mode mode,
                    ph_buf *text);

/* Skips a route, "@a,@b:", if one is there: obsolete, read in a field before
 * a mailbox in angle brackets, and dropped (RFC 5322, 4.4). text is a room to
 * read in, left as it was. PH_E_INVALID: it begins as one and is none;
 * PH_E_LIMIT. */
int ph_address_skip_route(ph_span *rest, ph_buf *text);

/* For envelopes: checks one bare mailbox and appends it as it is to travel in
 * a command, between "<" and ">" that are the caller's. Returns 0, or 1 when
 * it needs SMTPUTF8. PH_E_INVALID (the empty text too: the null reverse-path
 * is the caller's to know); PH_E_LIMIT. Out is as it was; NULL: only the
 * check. */
int ph_address_put_bare(ph_buf *out, ph_span text);

/* Whether the domain has U-labels and its A-labels are not known. They are
 * csrc/idn's to tell. */
bool ph_address_is_unmapped(const ph_address *address);

/* Sets them, borrowed; from here on the address is written with them.
 * PH_E_INVALID: they are no domain of ASCII, or the address gets too long. */
int ph_address_set_ascii(ph_address *address, ph_span ascii);

/* Appends "local@domain", the local part in quotes if it needs them, the
 * domain in A-labels if they are set. PH_E_LIMIT. */
int ph_address_put(ph_buf *out, const ph_address *address);

/* Appends `name <local@domain>`, or what ph_address_put appends when there is
 * no name; the name as atoms, quoted-string or encoded-words. PH_E_INVALID:
 * the name holds a control or is no UTF-8; PH_E_LIMIT. Out is as it was. */
int ph_address_put_mailbox(ph_buf *out, const ph_address *address,
                           size_t column);

#pragma GCC visibility pop
#endif
