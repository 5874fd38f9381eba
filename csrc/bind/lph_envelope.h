/* lph_envelope.h - envelopes on their way from Lua, and what became of them on
 * its way back.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_ENVELOPE_H
#define PH_BIND_LPH_ENVELOPE_H

#include "compat.h"
#include "smtp/envelope.h"

#pragma GCC visibility push(hidden)

/* Reads { from =, to = { "a@b.example" or { address =, notify =, orcpt = },
 * ... } } at a stack index into a new envelope with these parameters, each
 * address once. Returns 0, and nothing more may raise before somebody owns
 * *envelope; or 3: nil, message, failure (pushed). An unknown field raises. */
int lph_envelope_read(lua_State *L, int index,
                      const ph_esmtp_parameters *parameters,
                      ph_envelope **envelope);

/* Pushes the record of a recipient (api.md, section 0). */
void lph_envelope_push_record(lua_State *L, const ph_envelope *envelope,
                              size_t index);

/* Gives the table on top of the stack recipients, accepted and refused; and
 * left_out: an array of keywords that were wanted and are not offered. */
void lph_envelope_set_recipients(lua_State *L, const ph_envelope *envelope);

/* Pushes what became of its only recipient: code, enhanced, text, queue id,
 * address; how many these are. */
int lph_envelope_push_brief(lua_State *L, const ph_envelope *envelope);

/* Pushes the result of a mail that somebody accepted (api.md, section 2). */
void lph_envelope_push_result(lua_State *L, const ph_envelope *envelope);

#pragma GCC visibility pop
#endif
