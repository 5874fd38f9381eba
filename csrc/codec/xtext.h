/* xtext.h - what parameters of MAIL and RCPT may not hold as it stands: xtext
 * (RFC 3461, 4), and its forms for internationalized addresses (RFC 6533, 3).
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_XTEXT_H
#define PH_CODEC_XTEXT_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

/* Appends any octets as xtext: what is not "!" to "~", and "+" and "=", as "+"
 * and two digits. PH_E_LIMIT. */
int ph_xtext_put(ph_buf *out, ph_span text);

/* Appends the octets of a xtext. PH_E_INVALID: it is none; PH_E_LIMIT. */
int ph_xtext_parse(ph_span xtext, ph_buf *out);

/* Appends an address in UTF-8: blank, "+", "=" and "\" as "\x{2B}"; others
 * outside ASCII likewise (utf-8-addr-xtext), or as they stand (is_unitext:
 * utf-8-addr-unitext, only to a server with SMTPUTF8). PH_E_INVALID: a
 * control, or no UTF-8; PH_E_LIMIT. Then out may hold a part of it. */
int ph_xtext_put_address(ph_buf *out, ph_span address, bool is_unitext);

/* Appends the address of either form. PH_E_INVALID: it is none, or stands for
 * a control; PH_E_LIMIT. */
int ph_xtext_parse_address(ph_span text, ph_buf *out);

#pragma GCC visibility pop
#endif
