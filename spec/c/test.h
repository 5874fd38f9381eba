/* test.h - the rooms of posthorn.test, a module for specs alone: each file
 * spec/c/test_<noun>.c has one.
 * SPDX-License-Identifier: MIT */
#ifndef PH_SPEC_TEST_H
#define PH_SPEC_TEST_H

#include "bind/lph.h"

#pragma GCC visibility push(hidden)

/* echo(): a machine that a spec holds by the hand: it says what it is told to
 * say and keeps what it hears. Methods: say(bytes), heard() (all since the
 * last time), consumed() (octets in all), feeds(), ends(), expiries() (calls),
 * set_pending(is_pending), set_deadline(seconds, number), set_deaf(is_deaf)
 * (feed and feed_eof answer an error), machine(), close(). */
int lph_test_echo(lua_State *L);

/* datagram([port]): the server's side of UDP on 127.0.0.1, which never blocks;
 * nil: the port is taken. Methods: receive() (octets and their sender, or
 * nothing), send(octets, to), port(), close(). */
int lph_test_datagram(lua_State *L);

/* buf(limit): a ph_buf as an object whose methods are those of buf.h: put,
 * put_number, reserve(n, text that is written there), consume, truncate,
 * reset, clear, wipe, content, size, room, capacity. What may fail gives true,
 * or nil and the kind. */
int lph_test_buf(lua_State *L);

/* borrowed(size, text [, limit]): the text once it was put into a borrowed
 * buffer of that size, or into one that begins in so much and has that limit;
 * and whether it is in there still. Or nil and the kind. */
int lph_test_borrowed(lua_State *L);

/* utf8(text): whether it is valid; its first character's length (0: none) and
 * code point. */
int lph_test_utf8(lua_State *L);

/* printable(buf, text, limit): as ph_printable_put. */
int lph_test_printable(lua_State *L);

/* base64_paths(): names of the paths that this processor has, the fastest
 * first. base64_encode(path, text, columns, at), base64_decode(path, text, at):
 * by that path, from a block of memory that begins at octets before the text
 * and ends with it, into one that ends where the codec's room does. */
int lph_test_base64_paths(lua_State *L);
int lph_test_base64_encode(lua_State *L);
int lph_test_base64_decode(lua_State *L);

/* codec_repeat(codec, text, times [, path]): runs "base64", "base64 decode",
 * "quoted_printable", "quoted_printable decode" or "content" over the text so
 * often, in memory that stays the same: a caller measures. */
int lph_test_codec_repeat(lua_State *L);

/* content(text): what ph_content_read says of it, by its fields' names. */
int lph_test_content(lua_State *L);

/* session_rows(): the rows of the session's table, in their order: { name,
 * seconds, acts (something is said or done on entering), hears }. */
int lph_test_session_rows(lua_State *L);

/* Puts the allocator that can strike in its place, before any other use. */
void lph_test_strike_open(void);

/* strike(n, all): refuses the n-th block asked for from now on, with all also
 * every later one; strike() ends it. allocations(): blocks asked for since
 * then. live(): blocks never freed. */
int lph_test_strike(lua_State *L);
int lph_test_allocations(lua_State *L);
int lph_test_live(lua_State *L);

/* strike_of_lua(n): the same for Lua's own memory, the n-th request that grows
 * and all that follow; strike_of_lua() ends it. Gives how many were asked for
 * since the last call, while n was not 0. Not under LuaJIT. */
int lph_test_strike_of_lua(lua_State *L);

/* core(): the table of a posthorn.core of its own, on this allocator. Classes
 * are registered by name, so whoever wants it must not have loaded the real
 * posthorn.core: see spec/strike.lua. */
int lph_test_core(lua_State *L);

#pragma GCC visibility pop
#endif
