/* command.h - the one function that writes command lines (RFC 5321, 2.4 and
 * 4.1.1; security.md, row 1).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_COMMAND_H
#define PH_SMTP_COMMAND_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_COMMAND_LINE = 512,      /* octets, CRLF included (4.5.3.1.4) */
    PH_COMMAND_LONGER = 1280,   /* of MAIL and RCPT with all parameters: what
                                   their RFCs add to it, and more */
    PH_COMMAND_LONGEST = 12288, /* of a line of AUTH (RFC 4954, 4) */
    PH_COMMAND_PARTS = 8
};

/* A line in parts, which are written one behind the other. */
typedef struct ph_command {
    ph_span parts[PH_COMMAND_PARTS];
    size_t count;
} ph_command;

/* Adds one more part; the text is borrowed. */
void ph_command_add(ph_command *command, ph_span part);
void ph_command_add_text(ph_command *command, const char *text);

/* Appends the parts and CRLF. PH_E_INVALID: a part holds a control (00-1F,
 * 7F), whatever was checked before; or the line is empty, or over limit
 * octets. PH_E_LIMIT: no room, no memory. In either case out is as it was. */
int ph_command_put(ph_buf *out, const ph_command *command, size_t limit);

#pragma GCC visibility pop
#endif
