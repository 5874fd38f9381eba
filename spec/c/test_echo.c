/* test_echo.c - a machine that specs hold by the hand.
 * SPDX-License-Identifier: MIT */
#include "test.h"
#include "base/buf.h"

#define ECHO "posthorn.test.echo"

enum {
    LIMIT = 32 * 1024 * 1024
};

typedef struct echo {
    ph_machine machine;
    ph_buf said, heard;
    size_t consumed;
    int feeds, ends, expiries;
    bool is_pending, is_deaf;
    double seconds;
    unsigned long number;
} echo;

static int echo_feed(void *self, const char *at, size_t size)
{
    echo *it = self;

    it->feeds++;
    return it->is_deaf ? PH_E_PROTOCOL : ph_buf_put(&it->heard, at, size);
}

static int echo_feed_eof(void *self)
{
    echo *it = self;

    it->ends++;
    return it->is_deaf ? PH_E_PROTOCOL : PH_OK;
}

static ph_span echo_output(void *self)
{
    return ph_buf_span(&((echo *)self)->said);
}

static void echo_consume(void *self, size_t n)
{
    echo *it = self;

    it->consumed += n;
    ph_buf_consume(&it->said, n);
}

static bool echo_pending(void *self)
{
    return ((echo *)self)->is_pending;
}

static double echo_deadline(void *self, unsigned long *number)
{
    echo *it = self;

    *number = it->number;
    return it->seconds;
}

static void echo_expire(void *self)
{
    ((echo *)self)->expiries++;
}

/* ---- in Lua ---- */

static echo *check(lua_State *L)
{
    return luaL_checkudata(L, 1, ECHO);
}

static int object_say(lua_State *L)
{
    echo *it = check(L);
    ph_span bytes = lph_check_span(L, 2);

    if (ph_buf_put_span(&it->said, bytes) < 0)
        return luaL_error(L, "no room");
    return 0;
}

static int object_heard(lua_State *L)
{
    echo *it = check(L);
    ph_span bytes = ph_buf_span(&it->heard);

    lua_pushlstring(L, bytes.size ? bytes.at : "", bytes.size);
    ph_buf_reset(&it->heard);
    return 1;
}

static int object_consumed(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check(L)->consumed);
    return 1;
}

static int object_feeds(lua_State *L)
{
    lua_pushinteger(L, check(L)->feeds);
    return 1;
}

static int object_ends(lua_State *L)
{
    lua_pushinteger(L, check(L)->ends);
    return 1;
}

static int object_expiries(lua_State *L)
{
    lua_pushinteger(L, check(L)->expiries);
    return 1;
}

static int object_set_pending(lua_State *L)
{
    check(L)->is_pending = lua_toboolean(L, 2);
    return 0;
}

static int object_set_deaf(lua_State *L)
{
    check(L)->is_deaf = lua_toboolean(L, 2);
    return 0;
}

static int object_set_deadline(lua_State *L)
{
    echo *it = check(L);

    it->seconds = luaL_checknumber(L, 2);
    it->number = (unsigned long)luaL_checkinteger(L, 3);
    return 0;
}

static int object_machine(lua_State *L)
{
    lph_machine_push(L, &check(L)->machine, 1);
    return 1;
}

static int object_close(lua_State *L)
{
    echo *it = check(L);

    it->machine.self = NULL;
    ph_buf_clear(&it->said);
    ph_buf_clear(&it->heard);
    return 0;
}

static const luaL_Reg methods[] = {
    { "say", object_say },
    { "heard", object_heard },
    { "consumed", object_consumed },
    { "feeds", object_feeds },
    { "ends", object_ends },
    { "expiries", object_expiries },
    { "set_pending", object_set_pending },
    { "set_deaf", object_set_deaf },
    { "set_deadline", object_set_deadline },
    { "machine", object_machine },
    { "close", object_close },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", object_close },
    { NULL, NULL },
};

int lph_test_echo(lua_State *L)
{
    echo *it = lph_newuserdata(L, sizeof *it);

    *it = (echo){ .machine = { .version = PH_MACHINE_VERSION,
                               .size = sizeof(ph_machine),
                               .self = it,
                               .feed = echo_feed,
                               .feed_eof = echo_feed_eof,
                               .output = echo_output,
                               .consume = echo_consume,
                               .pending = echo_pending,
                               .deadline = echo_deadline,
                               .expire = echo_expire },
                  .seconds = -1 };
    ph_buf_init(&it->said, LIMIT);
    ph_buf_init(&it->heard, LIMIT);
    lph_class(L, ECHO, methods, metamethods);
    lph_class_set(L, ECHO);
    return 1;
}
