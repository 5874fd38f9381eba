/* lph_session.h - the options of posthorn.core.session.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_SESSION_H
#define PH_BIND_LPH_SESSION_H

#include "compat.h"
#include "smtp/session.h"

#pragma GCC visibility push(hidden)

/* Reads the table at index 1 (nil: an empty one), which is left alone on the
 * stack; raises, naming the option, at misuse. Spans borrow from its strings.
 */
void lph_session_read_options(lua_State *L, ph_session_options *options);

/* The PH_CAPABILITY_ bit of a keyword, also as a name (mt_priority); 0: none is
 * known. */
unsigned lph_session_find_extension(ph_span name);

#pragma GCC visibility pop
#endif
