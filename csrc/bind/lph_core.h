/* lph_core.h - the rooms of posthorn.core: each opens itself into the
 * module's table.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BIND_LPH_CORE_H
#define PH_BIND_LPH_CORE_H

#include "compat.h"

#pragma GCC visibility push(hidden)

/* Each adds its functions to the table on top of the stack. */
void lph_parser_open(lua_State *L);
void lph_receiver_open(lua_State *L);
void lph_codec_open(lua_State *L);
void lph_address_open(lua_State *L);
void lph_session_open(lua_State *L);
void lph_esmtp_open(lua_State *L);
void lph_message_open(lua_State *L);
void lph_writer_open(lua_State *L);
void lph_raw_open(lua_State *L);
void lph_raw_check_open(lua_State *L);
void lph_chunk_open(lua_State *L);

#pragma GCC visibility pop
#endif
