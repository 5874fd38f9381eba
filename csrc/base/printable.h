/* printable.h - a peer's text made harmless for eyes, logs and terminals.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_PRINTABLE_H
#define PH_BASE_PRINTABLE_H

#include "buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_PRINTABLE_LIMIT = 512
}; /* octets of a reply that are shown */

/* Appends text as one line of printable UTF-8: a line end becomes a blank,
 * other controls, bidirectional marks and octets that are no UTF-8 become
 * \xHH (security.md, row 33). At most limit octets are written, ending in
 * "..." when more was there. PH_E_LIMIT: no memory. */
int ph_printable_put(ph_buf *buf, ph_span text, size_t limit);

#pragma GCC visibility pop
#endif
