/* lph_esmtp.h - the parameters of MAIL and RCPT on their way from Lua: options
 * of a send, and fields of a recipient.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_ESMTP_H
#define PH_BIND_LPH_ESMTP_H

#include "compat.h"
#include "smtp/esmtp.h"

#pragma GCC visibility push(hidden)

/* The options below, for lph_option_check. */
#define LPH_ESMTP_NAMES \
    "dsn", "deliver_by", "mt_priority", "hold_until", "hold_for", "require_tls"

/* Reads them from the table at an absolute index; spans borrow from its
 * strings, which stay on the stack. Returns 0, or 3: nil, message, failure
 * (pushed). Raises for wrong types and unknown fields. */
int lph_esmtp_read(lua_State *L, int table, ph_esmtp_parameters *parameters);

/* Reads notify and orcpt of the recipient in the table on top of the stack and
 * pushes them as one string, or nil when it has none: 0. PH_E_INVALID: *field
 * is the name of what is unusable, and nothing was pushed. */
int lph_esmtp_read_recipient(lua_State *L, const char **field);

/* What that string says. */
unsigned lph_esmtp_notify(ph_span recipient);
ph_span lph_esmtp_orcpt(ph_span recipient);

#pragma GCC visibility pop
#endif
