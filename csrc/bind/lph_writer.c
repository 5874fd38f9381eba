/* lph_writer.c - the writer of a message as a userdata.
 * SPDX-License-Identifier: MIT */
#include "lph_chunk.h"
#include "lph_core.h"
#include "lph_message.h"
#include "mime/writer.h"
#include <string.h>

#define CLASS "posthorn.core.writer"

/* Slots of the table that the writer anchors. */
enum {
    MESSAGE = 1,
    CHUNK = 2,  /* that it borrows */
    MACHINE = 3 /* once asked for */
};

typedef struct lph_writer {
    ph_writer *writer; /* NULL: closed */
    ph_machine machine;
} lph_writer;

static lph_writer *check(lua_State *L)
{
    lph_writer *self = luaL_checkudata(L, 1, CLASS);

    if (!self->writer)
        luaL_error(L, "the writer was closed");
    return self;
}

static void keep(lua_State *L, int index, int slot)
{
    index = lua_absindex(L, index);
    lph_anchor_get(L, 1);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, slot);
    lua_pop(L, 1);
}

/* next(): "want_source", number, octets | "done" | "failed", failure | nil. */
static int writer_next(lua_State *L)
{
    ph_writer *writer = check(L)->writer;

    switch (ph_writer_next(writer)) {
    case PH_WRITER_WANT_SOURCE:
        lua_pushliteral(L, "want_source");
        lua_pushinteger(L, (lua_Integer)ph_writer_source(writer));
        lua_pushinteger(L, PH_WRITER_CHUNK);
        return 3;
    case PH_WRITER_DONE:
        lua_pushliteral(L, "done");
        return 1;
    case PH_WRITER_FAILED:
        lua_pushliteral(L, "failed");
        lph_failure_push(L, ph_writer_error(writer));
        return 2;
    case PH_WRITER_NONE:
        break;
    }
    return 0;
}

static int answer(lua_State *L, ph_writer *writer, int result)
{
    if (result == PH_E_USAGE)
        return luaL_error(L, "the writer wants no source now");
    if (result < 0)
        return lph_failure(L, ph_writer_error(writer));
    lua_pushboolean(L, 1);
    return 1;
}

/* feed(string or chunk): borrowed until the next one. */
static int writer_feed(lua_State *L)
{
    ph_writer *writer = check(L)->writer;
    ph_span chunk = lph_chunk_check(L, 2);
    int result = ph_writer_feed(writer, chunk);

    if (result == PH_OK)
        keep(L, 2, CHUNK);
    return answer(L, writer, result);
}

static int writer_feed_eof(lua_State *L)
{
    ph_writer *writer = check(L)->writer;

    return answer(L, writer, ph_writer_feed_eof(writer));
}

/* output([most]): what is to be consumed next, at most that many octets. */
static int writer_output(lua_State *L)
{
    ph_writer *writer = check(L)->writer;
    lua_Number most = luaL_optnumber(L, 2, PH_WRITER_BUFFER);
    ph_span span = ph_writer_output(writer);

    luaL_argcheck(L, most >= 1, 2, "must be positive");
    if (most < (lua_Number)span.size)
        span.size = (size_t)most;
    lua_pushlstring(L, span.size ? span.at : "", span.size);
    return 1;
}

static int writer_consume(lua_State *L)
{
    ph_writer *writer = check(L)->writer;
    lua_Integer n = luaL_checkinteger(L, 2);

    luaL_argcheck(L, n >= 0, 2, "must not be negative");
    ph_writer_consume(writer, (size_t)n);
    return 0;
}

void lph_writer_drain(lua_State *L, ph_writer *writer)
{
    ph_span span = ph_writer_output(writer);
    luaL_Buffer buffer;
    int first;

    /* Most messages are one buffer: copied once, with room for no more. */
    lua_pushlstring(L, span.size ? span.at : "", span.size);
    ph_writer_consume(writer, span.size);
    span = ph_writer_output(writer);
    if (span.size == 0)
        return;
    first = lua_gettop(L);
    luaL_buffinit(L, &buffer);
    lua_pushvalue(L, first);
    luaL_addvalue(&buffer);
    while (span.size) {
        luaL_addlstring(&buffer, span.at, span.size);
        ph_writer_consume(writer, span.size);
        span = ph_writer_output(writer);
    }
    luaL_pushresult(&buffer);
    lua_replace(L, first);
}

/* drain(): all octets up to the next event, as one string. */
static int writer_drain(lua_State *L)
{
    lph_writer_drain(L, check(L)->writer);
    return 1;
}

/* write(handle): all octets up to the next event, to an open file; true, or
 * nil and the system's words. */
static int writer_write(lua_State *L)
{
    ph_writer *writer = check(L)->writer;
    FILE *file = lph_file_check(L, 2);
    ph_span span = ph_writer_output(writer);

    while (span.size) {
        if (fwrite(span.at, 1, span.size, file) != span.size)
            return lph_file_fail(L);
        ph_writer_consume(writer, span.size);
        span = ph_writer_output(writer);
    }
    lua_pushboolean(L, 1);
    return 1;
}

static int writer_machine(lua_State *L)
{
    lph_writer *self = check(L);

    lph_anchor_get(L, 1);
    lua_rawgeti(L, -1, MACHINE);
    if (lua_isnil(L, -1)) {
        lph_machine_push(L, &self->machine, 1);
        keep(L, -1, MACHINE);
    }
    return 1;
}

static int writer_close(lua_State *L)
{
    lph_writer *self = luaL_checkudata(L, 1, CLASS);

    ph_writer_free(self->writer);
    self->writer = NULL;
    self->machine.self = NULL;
    return 0;
}

static int writer_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", CLASS, lua_touserdata(L, 1));
    return 1;
}

static const luaL_Reg methods[] = {
    { "next", writer_next },         { "feed", writer_feed },
    { "feed_eof", writer_feed_eof }, { "output", writer_output },
    { "consume", writer_consume },   { "drain", writer_drain },
    { "write", writer_write },       { "machine", writer_machine },
    { "close", writer_close },       { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__gc", writer_close },
    { "__close", writer_close },
    { "__tostring", writer_tostring },
    { NULL, NULL },
};

/* nil, message, failure for what the server lacks (RFC 3463, 3.7). */
static int unsupported(lua_State *L, const char *enhanced, const char *message)
{
    ph_error error = { 0 };

    ph_error_set(&error, PH_E_UNSUPPORTED, PH_CLASS_PERMANENT, PH_PHASE_MAIL,
                 message);
    memcpy(error.enhanced, enhanced, strlen(enhanced) + 1);
    return lph_failure(L, &error);
}

int lph_message_writer(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    bool eight_bit = lua_toboolean(L, 2);
    lph_writer *self;
    int result = ph_message_plan(message);

    if (result < 0)
        return lph_message_fail(L, result, "the message", "");
    if (ph_message_is_unicode(message) && !lua_toboolean(L, 3))
        return unsupported(L, "5.6.7",
                           "the header needs SMTPUTF8, which the server does "
                           "not offer");
    if (ph_message_needs_eight_bit(message) && !eight_bit)
        return unsupported(L, "5.6.3",
                           "the content needs 8BITMIME, which the server does "
                           "not offer");
    self = lph_newuserdata(L, sizeof *self);
    *self = (lph_writer){ 0 };
    lph_class_set(L, CLASS);
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, MESSAGE);
    lph_anchor_set(L, -2);
    self->writer = ph_writer_new(message, eight_bit);
    if (!self->writer)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                PH_PHASE_BUILD, "out of memory");
    ph_writer_machine(self->writer, &self->machine);
    return 1;
}

void lph_writer_open(lua_State *L)
{
    lph_class(L, CLASS, methods, metamethods);
}
