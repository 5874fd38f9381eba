/* parameter.h - parameters of MIME fields ("; charset=utf-8") as they are
 * written, values outside ASCII and long ones too (RFC 2045, 5.1; RFC 2231).
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_PARAMETER_H
#define PH_CODEC_PARAMETER_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

/* Appends "; name=value": the value as a token, as a quoted-string, or, when
 * it is outside ASCII or long, as RFC 2231 has it: "; name*=utf-8''...", in
 * several pieces "; name*0*=utf-8''...; name*1*=..." when one line would not
 * do. A blank stands behind each ";", so that ph_fold_put can break there.
 * PH_E_INVALID: the name is no token, or the value holds a control, is no
 * UTF-8 or takes more than PH_PARAMETER_LIST_COUNT pieces, of which a reader
 * would lose the end; PH_E_LIMIT. In either case out is as it was. */
int ph_parameter_put(ph_buf *out, ph_span name, ph_span value);

/* Appends, for a value that ph_parameter_put writes the RFC 2231 way, a form
 * that older readers know: "; name=\"=?utf-8?Q?...?=\"", an encoded-word in a
 * quoted-string (several for a long value); for any other value nothing.
 * Belongs in a field of its own (name= of Content-Type), or before the other
 * form of the same name. Errors as above. */
int ph_parameter_put_fallback(ph_buf *out, ph_span name, ph_span value);

#pragma GCC visibility pop
#endif
