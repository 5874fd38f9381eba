/* raw_check.c - what must be known of finished octets before they are sent.
 * SPDX-License-Identifier: MIT */
#include "raw_check.h"

void ph_raw_check_init(ph_raw_check *check, bool has_lf)
{
    *check = (ph_raw_check){ .has_lf = has_lf, .is_ended = true };
    ph_line_check_init(&check->lines);
}

/* Each LF as the CRLF that it will be. */
static ph_line_fault feed_lf(ph_raw_check *check, ph_span octets)
{
    ph_line_fault fault = check->lines.fault;

    if (!fault && ph_span_find(octets, '\r') < octets.size)
        fault = check->lines.fault = PH_LINE_BARE_CR;
    while (octets.size && !fault) {
        size_t size = ph_span_find(octets, '\n');
        fault = ph_line_check_feed(&check->lines, ph_span_of(octets.at, size));
        if (size < octets.size && !fault) {
            fault = ph_line_check_feed(&check->lines, ph_span_of("\r\n", 2));
            check->normal++;
        }
        octets = ph_span_after(octets, size + 1);
    }
    return fault;
}

ph_line_fault ph_raw_check_feed(ph_raw_check *check, ph_span octets)
{
    if (octets.size == 0)
        return check->lines.fault;
    check->size += (long long)octets.size;
    check->normal += (long long)octets.size;
    check->is_ended = octets.at[octets.size - 1] == '\n';
    ph_header_scan_feed(&check->header, octets);
    if (check->has_lf)
        return feed_lf(check, octets);
    return ph_line_check_feed(&check->lines, octets);
}

ph_line_fault ph_raw_check_end(ph_raw_check *check)
{
    return ph_line_check_end(&check->lines);
}
