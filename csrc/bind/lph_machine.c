/* lph_machine.c - a ph_machine as a userdata: how modules that share no symbol
 * meet, and the verbs for drivers that carry bytes as strings.
 * SPDX-License-Identifier: MIT */
#include "lph.h"

#define MACHINE "posthorn.machine"

const ph_machine *lph_machine_check(lua_State *L, int arg)
{
    const ph_machine **at = luaL_checkudata(L, arg, MACHINE);
    return ph_machine_is_open(*at) ? *at : NULL;
}

static const ph_machine *open_machine(lua_State *L)
{
    const ph_machine *machine = lph_machine_check(L, 1);
    if (!machine)
        luaL_error(L, "the machine was closed");
    return machine;
}

static int machine_feed(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    ph_span span = lph_check_span(L, 2);

    lua_pushboolean(L, machine->feed(machine->self, span.at, span.size) >= 0);
    return 1;
}

static int machine_feed_eof(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    lua_pushboolean(L, machine->feed_eof(machine->self) >= 0);
    return 1;
}

static int machine_output(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    ph_span span = machine->output(machine->self);
    lua_pushlstring(L, span.size ? span.at : "", span.size);
    return 1;
}

static int machine_consume(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    lua_Integer n = luaL_checkinteger(L, 2);

    luaL_argcheck(L, n >= 0, 2, "must not be negative");
    machine->consume(machine->self, (size_t)n);
    return 0;
}

static int machine_pending(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    lua_pushboolean(L, machine->pending(machine->self));
    return 1;
}

static int machine_deadline(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    unsigned long number = 0;
    double seconds = machine->deadline(machine->self, &number);

    if (seconds < 0)
        return 0;
    lua_pushnumber(L, seconds);
    lua_pushinteger(L, (lua_Integer)number);
    return 2;
}

static int machine_expire(lua_State *L)
{
    const ph_machine *machine = open_machine(L);
    machine->expire(machine->self);
    return 0;
}

static const luaL_Reg methods[] = {
    { "feed", machine_feed },         { "feed_eof", machine_feed_eof },
    { "output", machine_output },     { "consume", machine_consume },
    { "pending", machine_pending },   { "expire", machine_expire },
    { "deadline", machine_deadline }, { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { NULL, NULL },
};

void lph_machine_push(lua_State *L, const ph_machine *machine, int owner)
{
    const ph_machine **at;

    owner = lua_absindex(L, owner);
    at = lph_newuserdata(L, sizeof *at);
    *at = machine;
    lph_class(L, MACHINE, methods, metamethods);
    lph_class_set(L, MACHINE);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, owner);
    lua_rawseti(L, -2, 1);
    lph_anchor_set(L, -2);
}
