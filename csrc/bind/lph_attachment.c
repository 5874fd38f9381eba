/* lph_attachment.c - the attachments of a message out of Lua values.
 * SPDX-License-Identifier: MIT */
#include "lph_message.h"

/* The option of that name, a string or nil; leaves it on the stack. 0 or 3. */
static int read_option(lua_State *L, const char *field, const char *name,
                       ph_span *text)
{
    ph_part_fault fault = { name, "is no string" };

    lua_getfield(L, 3, name);
    if (lua_isnil(L, -1))
        return 0;
    if (lua_type(L, -1) != LUA_TSTRING)
        return lph_message_refuse_part(L, PH_E_INVALID, field, &fault);
    text->at = lua_tolstring(L, -1, &text->size);
    fault.message = "is empty";
    return text->size ? 0
                      : lph_message_refuse_part(L, PH_E_INVALID, field, &fault);
}

/* The header of an attachment out of the options at 3 and the name that its
 * source suggests at 6. */
static int read_header(lua_State *L, const char *field, ph_part_header *header)
{
    int result;

    *header = (ph_part_header){ 0 };
    if ((result = read_option(L, field, "type", &header->type)) ||
        (result = read_option(L, field, "cid", &header->cid)) ||
        (result = read_option(L, field, "disposition", &header->disposition)) ||
        (result = read_option(L, field, "filename", &header->filename)))
        return result;
    if (!header->filename.at && lua_type(L, 6) == LUA_TSTRING)
        header->filename.at = lua_tolstring(L, 6, &header->filename.size);
    return 0;
}

int lph_message_attach(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    const char *field = luaL_checkstring(L, 2);
    ph_part_fault fault = { NULL, NULL };
    ph_transfer_encoding encoding;
    ph_part_header header;
    ph_body body;
    int result;

    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 6);
    lua_getfield(L, 3, "encoding");
    if ((result = lph_message_read_encoding(L, 7, field, &encoding)) ||
        (result = read_header(L, field, &header)))
        return result;
    lph_message_read_body(L, 4, &body);
    body.encoding = encoding;
    return lph_message_answer(
        L, ph_message_attach(message, &body, &header, &fault), field, &fault);
}

/* ---- tables of strings, read in one walk ---- */

enum {
    CONTENT,
    FILENAME,
    TYPE,
    CID,
    DISPOSITION,
    ENCODING,
    OPTIONS
};

static const char *const options[] = {
    [CONTENT] = "content",
    [FILENAME] = "filename",
    [TYPE] = "type",
    [CID] = "cid",
    [DISPOSITION] = "disposition",
    [ENCODING] = "encoding",
};

static int find_option(ph_span name)
{
    for (int i = 0; i < OPTIONS; i++)
        if (ph_span_equal(name, ph_span_text(options[i])))
            return i;
    return -1;
}

/* A table without a metatable. */
static bool is_plain(lua_State *L, int index)
{
    if (!lua_istable(L, index))
        return false;
    if (!lua_getmetatable(L, index))
        return true;
    lua_pop(L, 1);
    return false;
}

/* The strings of the table at 3, which holds nothing else and none that is
 * empty but its content, which is left at 4. */
static bool read_strings(lua_State *L, ph_span values[OPTIONS])
{
    int option;

    lua_pushnil(L);
    while (lua_next(L, 3)) {
        if (lua_type(L, 5) != LUA_TSTRING || lua_type(L, 6) != LUA_TSTRING ||
            (option = find_option(lph_check_span(L, 5))) < 0)
            return false;
        values[option] = lph_check_span(L, 6);
        if (option == CONTENT)
            lua_replace(L, 4);
        else if (values[option].size == 0)
            return false;
        lua_settop(L, 5);
    }
    return values[CONTENT].at != NULL;
}

/* The attachment at 3. 1; 0: it is none of these; negative: an error. */
static int attach_table(lua_State *L, ph_message *message, ph_part_fault *fault)
{
    ph_body body = { .size = PH_SIZE_UNKNOWN };
    ph_span values[OPTIONS] = { { NULL, 0 } };
    ph_part_header header;
    int result;

    *fault = (ph_part_fault){ NULL, NULL };
    lua_settop(L, 4);
    if (!is_plain(L, 3) || !read_strings(L, values))
        return 0;
    if (values[ENCODING].at &&
        ph_transfer_encoding_parse(values[ENCODING], &body.encoding) < 0)
        return 0;
    body.octets = values[CONTENT];
    header = (ph_part_header){ .type = values[TYPE],
                               .cid = values[CID],
                               .disposition = values[DISPOSITION],
                               .filename = values[FILENAME] };
    lph_message_keep(L, 4);
    result = ph_message_attach(message, &body, &header, fault);
    return result < 0 ? result : 1;
}

int lph_message_attach_tables(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    ph_part_fault fault;
    int count = 0, taken = 0, result = 1;

    lua_settop(L, 2);
    if (is_plain(L, 2) && lph_message_is_array(L, 2))
        count = (int)lua_rawlen(L, 2);
    else
        result = 0;
    while (taken < count && result > 0) {
        lua_settop(L, 2);
        lua_rawgeti(L, 2, taken + 1);
        result = attach_table(L, message, &fault);
        taken += result > 0;
    }
    if (result < 0)
        return lph_message_refuse_part(
            L, result, lua_pushfstring(L, "attachments[%d]", taken + 1),
            &fault);
    lua_pushinteger(L, taken);
    lua_pushboolean(L, result > 0);
    return 2;
}

/* ---- messages ---- */

int lph_message_attach_message(lua_State *L)
{
    ph_message *message = lph_message_check(L, 1);
    const char *field = luaL_checkstring(L, 2);
    ph_message *other = lph_message_check(L, 4);
    unsigned sources = (unsigned)luaL_checkinteger(L, 5);
    ph_part_fault fault = { NULL, NULL };
    ph_part_header header;
    int result;

    luaL_checktype(L, 3, LUA_TTABLE);
    luaL_argcheck(L, other != message, 4, "the message itself");
    lua_settop(L, 6);
    result = read_header(L, field, &header);
    if (result)
        return result;
    lph_message_keep(L, 4);
    result = ph_message_plan(other);
    if (result == PH_OK)
        result =
            ph_message_attach_message(message, other, sources, &header, &fault);
    return lph_message_answer(L, result, field, &fault);
}
