/* path.h - the argument of MAIL and RCPT as a server reads it: a path in angle
 * brackets, then ESMTP parameters (RFC 5321, 4.1.2).
 * SPDX-License-Identifier: MIT */
#ifndef PH_SMTP_PATH_H
#define PH_SMTP_PATH_H

#include "base/error.h"
#include "base/span.h"

#pragma GCC visibility push(hidden)

/* Reads "<mailbox>" or "<>" at the start of text, blanks before it skipped: a
 * colon without the blank that some clients add is not asked for. A source
 * route ("@a,@b:") is dropped (RFC 5321, 4.1.1.3). *path borrows the text
 * between the brackets, *rest what stands behind them. Returns 0, or 1 when
 * the mailbox needs SMTPUTF8. PH_E_INVALID: no path, or its mailbox is none;
 * "postmaster" alone is one (4.5.1). PH_E_LIMIT: no memory. */
int ph_path_parse(ph_span text, ph_span *path, ph_span *rest);

/* An ESMTP parameter: esmtp-keyword ["=" esmtp-value]. */
typedef struct ph_path_parameter {
    ph_span keyword;
    ph_span value; /* at is NULL when there was no "=" */
} ph_path_parameter;

/* Takes the first parameter off *text. Returns 1, or 0: none is left.
 * PH_E_INVALID: what stands there is none. */
int ph_path_parameter_next(ph_span *text, ph_path_parameter *parameter);

#pragma GCC visibility pop
#endif
