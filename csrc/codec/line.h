/* line.h - the lines of a message text (RFC 5322, 2.1.1 and 2.3): a check of
 * finished octets, and line ends of any kind made CRLF.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_LINE_H
#define PH_CODEC_LINE_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_LINE_LIMIT = 998 /* octets of a line without its CRLF */
};

typedef enum ph_line_fault {
    PH_LINE_FINE,
    PH_LINE_BARE_CR,
    PH_LINE_BARE_LF,
    PH_LINE_NUL,
    PH_LINE_LONG /* over PH_LINE_LIMIT */
} ph_line_fault;

/* Zeroed (or after init) it is at the start of a text. The fields may be
 * read. */
typedef struct ph_line_check {
    ph_line_fault fault;       /* the first one */
    unsigned long long number; /* line ends so far (until the first fault) */
    size_t size;               /* octets of the line under way */
    bool has_cr;               /* the last octet was a CR */
    bool has_high;             /* an octet above 7F was seen */
} ph_line_check;

void ph_line_check_init(ph_line_check *check);

/* Reads any cut of a text and returns the first fault so far; after a fault
 * it reads no further. */
ph_line_fault ph_line_check_feed(ph_line_check *check, ph_span text);

/* The text has ended: a CR that ends it is bare. A last line needs no CRLF. */
ph_line_fault ph_line_check_end(ph_line_check *check);

/* The same of a whole text at once: whether it has no fault; and whether there
 * is an octet above 7F. Much faster, and says no more. */
bool ph_line_is_fine(ph_span text, bool *has_high);

/* A sentence for a fault: "a bare LF", static. */
const char *ph_line_fault_name(ph_line_fault fault);

/* Line ends on their way to CRLF. */
typedef enum ph_line_ends_kind {
    PH_LINE_ENDS_ANY, /* CRLF, LF and CR each end a line */
    PH_LINE_ENDS_LF   /* LF alone does; a CR stays, for the check to refuse */
} ph_line_ends_kind;

typedef struct ph_line_ends {
    ph_line_ends_kind kind;
    bool has_cr; /* ANY: the last octet was a CR */
} ph_line_ends;

void ph_line_ends_init(ph_line_ends *ends, ph_line_ends_kind kind);

/* Appends any cut of a text with CRLF line ends. PH_E_LIMIT: out has no room
 * for twice text.size; nothing was taken. Nothing ever waits: there is no
 * end to call. */
int ph_line_ends_put(ph_line_ends *ends, ph_span text, ph_buf *out);

#pragma GCC visibility pop
#endif
