/* lph_raw.c - posthorn.core.raw: finished octets and their envelope, checked
 * once and kept as they are, so that a mail of many costs little.
 *
 * It is one userdata without memory of its own beside it. Only what is plain is
 * taken: octets with CRLF line ends throughout, and mailboxes that travel as
 * they were given. All else is for posthorn.core.message.
 * SPDX-License-Identifier: MIT */
#include "lph_core.h"
#include "lph_raw.h"
#include "base/ascii.h"
#include "codec/address.h"
#include "codec/line.h"
#include "mime/header_scan.h"

#define CLASS "posthorn.core.raw"

enum {
    RECIPIENTS = 16, /* compared with each other one by one */
    MAILBOX = 320    /* octets of a mailbox that is plain */
};

struct lph_raw {
    ph_span octets; /* of the string in the anchor */
    bool is_eight_bit, needs_smtputf8;
    size_t count;                 /* recipients */
    size_t size;                  /* octets of text */
    size_t sizes[RECIPIENTS + 1]; /* of the reverse-path and each recipient */
    char text[];                  /* one behind the other */
};

const lph_raw *lph_raw_check(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, CLASS);
}

ph_envelope *lph_raw_envelope(const lph_raw *raw)
{
    ph_envelope *envelope = ph_envelope_new(raw->count, raw->size);
    const char *at = raw->text;

    if (!envelope)
        return NULL;
    ph_envelope_set_from(envelope, ph_span_of(at, raw->sizes[0]));
    for (size_t i = 1; i <= raw->count; i++) {
        at += raw->sizes[i - 1];
        ph_envelope_add(envelope, ph_span_of(at, raw->sizes[i]));
    }
    return envelope;
}

void lph_raw_options(const lph_raw *raw, ph_transaction_options *options)
{
    options->has_size = true;
    options->size = raw->octets.size;
    options->is_eight_bit = raw->is_eight_bit;
    options->needs_smtputf8 = raw->needs_smtputf8;
    options->octets = raw->octets;
}

/* ---- what is plain */

/* Most mailboxes are nothing but atoms and dots on both sides of one "@" (RFC
 * 5321, 4.1.2: Dot-string, and sub-domains that begin and end in a letter or
 * digit); the parser is asked about others. */
static bool is_simple_mailbox(ph_span text)
{
    size_t at = ph_span_find(text, '@'), label = 0;

    if (at == 0 || at > 64 || text.size - at < 2 || text.size > 254 ||
        text.at[0] == '.' || text.at[at - 1] == '.')
        return false;
    for (size_t i = 0; i < at; i++)
        if (!ph_ascii_is_alnum(text.at[i]) && text.at[i] != '-' &&
            text.at[i] != '_' && text.at[i] != '+' &&
            (text.at[i] != '.' || text.at[i + 1] == '.'))
            return false;
    for (size_t i = at + 1; i < text.size; i++) {
        char c = text.at[i];
        if (ph_ascii_is_alnum(c))
            label++;
        else if (c == '-' && label && i + 1 < text.size &&
                 text.at[i + 1] != '.')
            label++;
        else if (c == '.' && label && i + 1 < text.size)
            label = 0;
        else
            return false;
        if (label > 63)
            return false;
    }
    /* A last label of digits is an address. */
    return label && ph_ascii_is_alpha(text.at[text.size - label]);
}

/* An ASCII mailbox that is written as it would be. Leaves the stack alone. */
static bool is_plain_mailbox(lua_State *L, int index, ph_span *mailbox)
{
    char room[MAILBOX];
    ph_buf written;

    if (lua_type(L, index) != LUA_TSTRING)
        return false;
    mailbox->at = lua_tolstring(L, index, &mailbox->size);
    if (is_simple_mailbox(*mailbox))
        return true;
    ph_buf_borrow(&written, room, sizeof room);
    return mailbox->size <= sizeof room && !ph_ascii_has_high(*mailbox) &&
           ph_address_put_bare(&written, *mailbox) == PH_OK &&
           ph_span_equal(ph_buf_span(&written), *mailbox);
}

/* Whether the table at index has that many entries and no metatable. */
static bool has_entries(lua_State *L, int index, size_t count)
{
    if (lua_getmetatable(L, index)) {
        lua_pop(L, 1);
        return false;
    }
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (count-- == 0) {
            lua_pop(L, 1);
            return false;
        }
    }
    return count == 0;
}

/* The mailboxes of the envelope at 2 into parts, the reverse-path first; 0: it
 * is not plain, else how many. Their strings stay on the stack. */
static size_t read_envelope(lua_State *L, ph_span parts[RECIPIENTS + 1])
{
    size_t count;

    if (!lua_istable(L, 2) || !has_entries(L, 2, 2))
        return 0;
    lua_getfield(L, 2, "from");
    if (lua_type(L, 3) == LUA_TSTRING && lua_rawlen(L, 3) == 0)
        parts[0] = ph_span_of("", 0);
    else if (!is_plain_mailbox(L, 3, &parts[0]))
        return 0;
    lua_getfield(L, 2, "to");
    if (!lua_istable(L, 4))
        return 0;
    count = lua_rawlen(L, 4);
    if (count == 0 || count > RECIPIENTS || !has_entries(L, 4, count))
        return 0;
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, 4, (int)i);
        if (!is_plain_mailbox(L, lua_gettop(L), &parts[i]))
            return 0;
        for (size_t j = 1; j < i; j++)
            if (ph_ascii_equal(parts[i], parts[j]))
                return 0; /* which of them are the same, is not told here */
    }
    return count + 1;
}

/* The octets at 1; false: they are not plain. */
static bool read_octets(lua_State *L, lph_raw *raw)
{
    ph_header_scan scan = { false, false, false };
    ph_span octets;

    if (lua_type(L, 1) != LUA_TSTRING)
        return false;
    octets.at = lua_tolstring(L, 1, &octets.size);
    raw->octets = octets;
    if (octets.size == 0 || octets.at[octets.size - 1] != '\n' ||
        !ph_line_is_fine(octets, &raw->is_eight_bit))
        return false;
    if (raw->is_eight_bit)
        ph_header_scan_feed(&scan, octets);
    raw->needs_smtputf8 = scan.has_high;
    return true;
}

/* raw(octets, envelope) -> what can be sent as it is; nothing: it is not plain,
 * or bad. */
static int raw_new(lua_State *L)
{
    ph_span parts[RECIPIENTS + 1];
    lph_raw head = { .count = 0 }, *self;
    size_t count, size = 0;
    char *at;

    lua_settop(L, 2);
    luaL_checkstack(L, RECIPIENTS + 8, NULL);
    if (!read_octets(L, &head))
        return 0;
    count = read_envelope(L, parts);
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    self = lph_newuserdata(L, sizeof *self + size);
    *self = head;
    self->count = count - 1;
    self->size = size;
    at = self->text;
    for (size_t i = 0; i < count; i++) {
        self->sizes[i] = parts[i].size;
        if (parts[i].size)
            memcpy(at, parts[i].at, parts[i].size);
        at += parts[i].size;
    }
    lph_class_set(L, CLASS);
    lph_anchor_value(L, -1, 1);
    return 1;
}

/* ---- what may be asked about */

static int raw_octets(lua_State *L)
{
    const lph_raw *self = lph_raw_check(L, 1);

    lua_pushlstring(L, self->octets.at, self->octets.size);
    return 1;
}

/* envelope() -> { from =, to = }, as it was given. */
static int raw_envelope(lua_State *L)
{
    const lph_raw *self = lph_raw_check(L, 1);
    const char *at = self->text;

    lua_createtable(L, 0, 2);
    lua_pushlstring(L, at, self->sizes[0]);
    lua_setfield(L, -2, "from");
    lua_createtable(L, (int)self->count, 0);
    for (size_t i = 1; i <= self->count; i++) {
        at += self->sizes[i - 1];
        lua_pushlstring(L, at, self->sizes[i]);
        lua_rawseti(L, -2, (int)i);
    }
    lua_setfield(L, -2, "to");
    return 1;
}

static int raw_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lph_raw_check(L, 1)->octets.size);
    return 1;
}

static int raw_tostring(lua_State *L)
{
    lua_pushfstring(L, "%s: %p", CLASS, lua_touserdata(L, 1));
    return 1;
}

static const luaL_Reg methods[] = {
    { "octets", raw_octets },
    { "envelope", raw_envelope },
    { "size", raw_size },
    { NULL, NULL },
};

static const luaL_Reg metamethods[] = {
    { "__tostring", raw_tostring },
    { NULL, NULL },
};

void lph_raw_open(lua_State *L)
{
    lph_class(L, CLASS, methods, metamethods);
    lua_pushcfunction(L, raw_new);
    lua_setfield(L, -2, "raw");
}
