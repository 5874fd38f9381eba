/* ip.h - addresses of IPv4 and IPv6: text to octets and back (RFC 4291, 2.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_IP_H
#define PH_BASE_IP_H

#include "span.h"

#pragma GCC visibility push(hidden)

enum {
    PH_IP_OCTETS = 16, /* of the longer family */
    PH_IP_TEXT = 46    /* the longest text and its NUL */
};

/* Reads a dotted quad of IPv4 or an IPv6 address, without brackets or a zone.
 * Returns how many octets it wrote: 4, 16, or 0 when the text is neither. */
size_t ph_ip_parse(ph_span text, unsigned char octets[PH_IP_OCTETS]);

/* Writes the usual text of 4 or 16 octets and a NUL; returns its length. */
size_t ph_ip_format(const unsigned char *octets, size_t size,
                    char text[PH_IP_TEXT]);

#pragma GCC visibility pop
#endif
