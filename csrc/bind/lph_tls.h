/* lph_tls.h - what the files of posthorn.tls share.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_TLS_H
#define PH_BIND_LPH_TLS_H

#include "lph.h"

#include <openssl/ssl.h>

#pragma GCC visibility push(hidden)

/* Puts in place of the table at arg (misuse raises) a copy without metatable,
 * whose strings stay while it does. */
void lph_tls_options(lua_State *L, int arg, const char *const *names);

/* Makes a context of the options in the table at that absolute index and
 * pushes its userdata; 0. Else pushes a failure: how many values. */
int lph_context_push(lua_State *L, int table);

/* The context in a userdata; raises when it is none. Borrowed. */
SSL_CTX *lph_context_check(lua_State *L, int index);

/* engine(options), of lph_engine.c. */
int lph_engine_new(lua_State *L);

#pragma GCC visibility pop
#endif
