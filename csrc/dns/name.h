/* name.h - domain names: text, the octets of a message, and their compression
 * (RFC 1035, 3.1 and 4.1.4).
 * SPDX-License-Identifier: MIT */
#ifndef PH_DNS_NAME_H
#define PH_DNS_NAME_H

#include "base/buf.h"
#include "reader.h"

#pragma GCC visibility push(hidden)

enum {
    PH_DNS_NAME_OCTETS = 255,
    PH_DNS_NAME_TEXT = 4 * 255 /* the longest text: all octets escaped */
};

/* A whole name, not compressed, its letters small: so equal names have equal
 * octets. The root is one zero octet. */
typedef struct ph_dns_name {
    size_t size;
    unsigned char octets[PH_DNS_NAME_OCTETS];
} ph_dns_name;

/* Reads "mail.example.org", with or without the last dot: labels of letters,
 * digits, hyphens and underscores (RFC 1123, 2.1; RFC 8552). PH_E_INVALID:
 * an empty label, one over 63 octets, a name over 253, another character, a
 * last label of digits alone (an IPv4 address gone wrong), or no text. */
int ph_dns_name_parse(ph_dns_name *name, ph_span text);

/* Reads a name of a message and moves the reader behind it. Follows at most 16
 * pointers, each further back than the last. PH_E_PROTOCOL: malformed. */
int ph_dns_name_read(ph_dns_name *name, ph_dns_reader *reader);

/* Writes the name as text without a last dot (the root: "."), with \DDD for
 * each octet that is no letter, digit, hyphen or underscore. Returns the
 * length; no NUL is written. */
size_t ph_dns_name_format(const ph_dns_name *name, char text[PH_DNS_NAME_TEXT]);

static inline bool ph_dns_name_equal(const ph_dns_name *a, const ph_dns_name *b)
{
    return a->size == b->size && !memcmp(a->octets, b->octets, a->size);
}

#pragma GCC visibility pop
#endif
