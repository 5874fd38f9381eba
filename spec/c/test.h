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

#pragma GCC visibility pop
#endif
