/* lph_chunk.h - octets of one of Lua's open files, read into memory of ours:
 * what is streamed makes no Lua string.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_CHUNK_H
#define PH_BIND_LPH_CHUNK_H

#include "lph.h"

#include <stdio.h>

#pragma GCC visibility push(hidden)

/* The octets of a string or of a chunk at a stack index; raises when it is
 * neither. Borrowed while the value lives; a chunk's until it reads again. */
ph_span lph_chunk_check(lua_State *L, int arg);

/* The file of an open handle of Lua's at a stack index; raises when there is
 * none, or it was closed. */
FILE *lph_file_check(lua_State *L, int arg);

/* Pushes nil and the system's words for errno. Returns 2. */
int lph_file_fail(lua_State *L);

#pragma GCC visibility pop
#endif
