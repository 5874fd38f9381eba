/* lph.h - what every binding needs: classes, spans, failures, machines.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_H
#define PH_BIND_LPH_H

#include "base/buf.h"
#include "base/error.h"
#include "base/machine.h"
#include "base/span.h"
#include "compat.h"

#include <stdint.h>

/* No visibility pragma around lua.h, see CONTRIBUTING.md; from here ours. */
#pragma GCC visibility push(hidden)

/* Makes the metatable of a class: methods become its __index, name its
 * __name; `__gc`, `__close`, `__tostring` are taken from metamethods. Leaves
 * nothing on the stack; a second call for the same name does nothing. */
void lph_class(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *metamethods);

/* The first argument of a method of that class; anything else raises. */
void *lph_self(lua_State *L, const char *name);

/* Gives the userdata on top of the stack its class. */
void lph_class_set(lua_State *L, const char *name);

/* A string argument (a number is none); anything else raises. Borrowed while
 * the value stays on the stack. */
ph_span lph_check_span(lua_State *L, int arg);

/* An option that must be a string, a boolean or a number, or nil; raises
 * with the option's name otherwise. table is an absolute index. The span
 * borrows from the table's own string. */
ph_span lph_option_span(lua_State *L, int table, const char *name);
bool lph_option_bool(lua_State *L, int table, const char *name, bool fallback);
double lph_option_number(lua_State *L, int table, const char *name,
                         double fallback);

/* Whether the option on top of the stack, of that name, is a table and stays
 * there; nil is taken off; raises for anything else. */
bool lph_option_is_table(lua_State *L, const char *name);

/* Raises for the first key of the table that is not in names (NULL ends).
 * Gives a bit for each of the first 32 that is there. */
uint32_t lph_option_check(lua_State *L, int table, const char *const *names);

/* Pushes the failure table of api.md, section 0; its metatable gives the
 * sentence to tostring. Text is shown escaped, at most 512 octets. */
void lph_failure_push(lua_State *L, const ph_error *error);

/* Pushes its sentence alone: what happened, then the peer's own words. */
void lph_push_sentence(lua_State *L, const ph_error *error);

/* Makes the table on top of the stack a failure: tostring gives its message. */
void lph_failure_class(lua_State *L);

/* Pushes nil, message, failure and returns 3. USAGE raises instead. */
int lph_failure(lua_State *L, const ph_error *error);

/* The same for kind INVALID, class permanent, phase build. */
int lph_invalid(lua_State *L, const char *field, const char *message);

/* The same for a codec's bare number. */
int lph_failure_kind(lua_State *L, int kind, ph_class class, ph_phase phase,
                     const char *message);

/* Pushes a userdata that owns an empty buffer of that ceiling: whatever raises
 * from here on, nothing leaks. */
ph_buf *lph_buf_new(lua_State *L, size_t limit);

/* Pushes the buffer's content as a string and frees its memory. */
void lph_buf_push(lua_State *L, ph_buf *buf);

/* Pushes text escaped for display, at most 512 octets (security.md, 33). */
void lph_push_printable(lua_State *L, ph_span text);

/* Pushes a userdata that carries the machine's address and anchors the value
 * at owner, so that the machine lives as long. */
void lph_machine_push(lua_State *L, const ph_machine *machine, int owner);

/* The machine in a userdata of this or another of our modules; raises when
 * the argument is none. NULL: its owner was closed. */
const ph_machine *lph_machine_check(lua_State *L, int arg);

/* Keeps this module loaded until the process ends, however often Lua states
 * come and go: for those whose foreign library stays. */
void lph_pin(void);

#pragma GCC visibility pop
#endif
