/* header_scan.c - whether the header of finished octets asks for SMTPUTF8.
 * SPDX-License-Identifier: MIT */
#include "header_scan.h"
#include "base/ascii.h"

void ph_header_scan_feed(ph_header_scan *scan, ph_span octets)
{
    for (size_t i = 0; i < octets.size && !scan->is_ended; i++) {
        char c = octets.at[i];
        if (c == '\n') {
            scan->is_ended = !scan->has_text;
            scan->has_text = false;
        } else if (c != '\r') {
            scan->has_text = true;
            scan->has_high |= ph_ascii_is_high(c);
        }
    }
}
