/* lph_raw.h - finished octets and their envelope, checked, on their way into a
 * session.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_RAW_H
#define PH_BIND_LPH_RAW_H

#include "lph.h"
#include "smtp/transaction.h"

#pragma GCC visibility push(hidden)

typedef struct lph_raw lph_raw;

/* The one in a userdata; raises when it is none. */
const lph_raw *lph_raw_check(lua_State *L, int arg);

/* A new envelope out of it, or NULL: no memory. */
ph_envelope *lph_raw_envelope(const lph_raw *raw);

/* What it asks of a session; octets are borrowed as long as it lives. */
void lph_raw_options(const lph_raw *raw, ph_transaction_options *options);

#pragma GCC visibility pop
#endif
