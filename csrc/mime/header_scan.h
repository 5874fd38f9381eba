/* header_scan.h - whether the header of finished octets asks for SMTPUTF8: an
 * octet above 7F before the first empty line (RFC 6532, 3.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_HEADER_SCAN_H
#define PH_MIME_HEADER_SCAN_H

#include "base/span.h"

#pragma GCC visibility push(hidden)

/* Zeroed it stands before the first octet. */
typedef struct ph_header_scan {
    bool has_high; /* an octet above 7F stands in the header */
    bool is_ended; /* the empty line was seen, what follows is body */
    bool has_text; /* the line under way is not empty */
} ph_header_scan;

/* The next octets, however they are cut; lines end in CRLF or LF. Linear, and
 * nothing once the header has ended. */
void ph_header_scan_feed(ph_header_scan *scan, ph_span octets);

#pragma GCC visibility pop
#endif
