/* lph_tls.h - what the files of posthorn.tls share.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_TLS_H
#define PH_BIND_LPH_TLS_H

#include "lph.h"
#include "tls/context.h"

#pragma GCC visibility push(hidden)

/* Puts in place of the table at arg (misuse raises) a copy without metatable,
 * whose strings stay while it does. */
void lph_tls_options(lua_State *L, int arg, const char *const *names);

/* The context in a userdata; raises when it is none. Borrowed. */
ph_context *lph_context_check(lua_State *L, int index);

/* Makes the class of contexts known; context(options). */
void lph_context_class(lua_State *L);
int lph_context_new(lua_State *L);

/* The same of engines. */
void lph_engine_class(lua_State *L);
int lph_engine_new(lua_State *L);

#pragma GCC visibility pop
#endif
