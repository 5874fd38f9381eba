/* raw_check.h - what must be known of finished octets before the first of them
 * is sent (RFC 5322, 2.1.1 and 2.3; RFC 6152, 3; RFC 6532, 3.2): whether their
 * lines are fit to be sent, and what they ask of a server.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_RAW_CHECK_H
#define PH_MIME_RAW_CHECK_H

#include "header_scan.h"
#include "codec/line.h"

#pragma GCC visibility push(hidden)

/* Fields may be read. */
typedef struct ph_raw_check {
    bool has_lf; /* line ends are LF, and no CR may stand anywhere */
    ph_line_check lines;
    ph_header_scan header;
    long long size;   /* octets, as they were given */
    long long normal; /* and once each line end is CRLF */
    bool is_ended;    /* the last octet ends a line */
} ph_raw_check;

void ph_raw_check_init(ph_raw_check *check, bool has_lf);

/* The next octets, however they are cut, and the end: the first fault so far,
 * after which nothing more is read. */
ph_line_fault ph_raw_check_feed(ph_raw_check *check, ph_span octets);
ph_line_fault ph_raw_check_end(ph_raw_check *check);

#pragma GCC visibility pop
#endif
