/* test_codec.c - codecs without the binding around them: base64 by one path,
 * and runs to be measured.
 * SPDX-License-Identifier: MIT */
#include "test.h"
#include "codec/base64.h"
#include "codec/quoted_printable.h"
#include "mime/content.h"

#include <stdlib.h>

int lph_test_base64_paths(lua_State *L)
{
    const ph_base64_path *path;

    lua_newtable(L);
    for (size_t i = 0; (path = ph_base64_path_at(i)) != NULL; i++) {
        lua_pushstring(L, path->name);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static const ph_base64_path *check_path(lua_State *L, int arg)
{
    const char *name = luaL_checkstring(L, arg);
    const ph_base64_path *path;

    for (size_t i = 0; (path = ph_base64_path_at(i)) != NULL; i++)
        if (strcmp(path->name, name) == 0)
            return path;
    luaL_argerror(L, arg, "this processor has no such path");
    return NULL;
}

/* A copy that a sanitizer watches the end of, at octets into its block. */
static char *copy_at(ph_span text, size_t at)
{
    char *block = malloc(at + text.size + 1);

    if (block && text.size)
        memcpy(block + at, text.at, text.size);
    return block ? realloc(block, at + text.size ? at + text.size : 1) : NULL;
}

/* Gives what is in the buffer and frees both blocks. */
static int finish(lua_State *L, char *block, ph_buf *out)
{
    ph_span content = ph_buf_span(out);

    lua_pushlstring(L, content.size ? content.at : "", content.size);
    free(out->data);
    free(block);
    return 1;
}

int lph_test_base64_encode(lua_State *L)
{
    const ph_base64_path *path = check_path(L, 1);
    ph_span text = lph_check_span(L, 2);
    size_t columns = (size_t)luaL_checkinteger(L, 3);
    size_t at = (size_t)luaL_checkinteger(L, 4);
    size_t size = ph_base64_room(text.size) + PH_BASE64_END;
    char *block = copy_at(text, at), *room = malloc(size);
    ph_base64_encoder encoder;
    ph_buf out;

    ph_buf_borrow(&out, room, size);
    ph_base64_encoder_init(&encoder, columns);
    encoder.path = path;
    size = ph_base64_encode(&encoder, ph_span_of(block + at, text.size), room);
    size += ph_base64_encode_end(&encoder, room + size);
    ph_buf_added(&out, size);
    return finish(L, block, &out);
}

int lph_test_base64_decode(lua_State *L)
{
    ph_base64_decoder decoder = { .path = check_path(L, 1) };
    ph_span text = lph_check_span(L, 2);
    size_t at = (size_t)luaL_checkinteger(L, 3), size = text.size + 2;
    char *block = copy_at(text, at);
    ph_buf out;

    ph_buf_borrow(&out, malloc(size), size);
    if (ph_base64_decode(&decoder, ph_span_of(block + at, text.size), &out) < 0)
        ph_buf_reset(&out);
    ph_base64_decode_end(&decoder, &out);
    return finish(L, block, &out);
}

static int run_base64(ph_span text, ph_buf *out, const ph_base64_path *path)
{
    ph_base64_encoder encoder;
    char *room;
    int result =
        ph_buf_reserve(out, ph_base64_room(text.size) + PH_BASE64_END, &room);
    size_t size;

    if (result < 0)
        return result;
    ph_base64_encoder_init(&encoder, PH_BASE64_LINE);
    encoder.path = path;
    size = ph_base64_encode(&encoder, text, room);
    ph_buf_added(out, size + ph_base64_encode_end(&encoder, room + size));
    return PH_OK;
}

static int run_base64_decode(ph_span text, ph_buf *out,
                             const ph_base64_path *path)
{
    ph_base64_decoder decoder = { .path = path };
    int result = ph_base64_decode(&decoder, text, out);

    return result < 0 ? result : ph_base64_decode_end(&decoder, out);
}

static int run_quoted(ph_span text, ph_buf *out, const ph_base64_path *path)
{
    ph_quoted_printable_encoder encoder;
    int result;

    (void)path;
    ph_quoted_printable_encoder_init(&encoder, PH_QUOTED_PRINTABLE_GUARD);
    result = ph_quoted_printable_encode(&encoder, text, out);
    return result < 0 ? result : ph_quoted_printable_encode_end(&encoder, out);
}

static int run_quoted_decode(ph_span text, ph_buf *out,
                             const ph_base64_path *path)
{
    ph_quoted_printable_decoder decoder = { 0 };
    int result = ph_quoted_printable_decode(&decoder, text, out);

    (void)path;
    return result < 0 ? result : ph_quoted_printable_decode_end(&decoder, out);
}

static int run_content(ph_span text, ph_buf *out, const ph_base64_path *path)
{
    ph_content content;

    (void)path;
    ph_content_read(&content, text);
    return ph_buf_put_number(out, content.high);
}

static void set_count(lua_State *L, const char *name, size_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool flag)
{
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

int lph_test_content(lua_State *L)
{
    ph_content content;

    ph_content_read(&content, lph_check_span(L, 1));
    lua_createtable(L, 0, 11);
    set_count(L, "size", content.size);
    set_count(L, "crlf", content.crlf);
    set_count(L, "lf", content.lf);
    set_count(L, "cr", content.cr);
    set_count(L, "longest", content.longest);
    set_count(L, "high", content.high);
    set_count(L, "controls", content.controls);
    set_flag(L, "is_broken", content.is_broken);
    set_flag(L, "has_nul", content.has_nul);
    set_flag(L, "has_dashes", content.has_dashes);
    set_flag(L, "is_ended", content.is_ended);
    return 1;
}

int lph_test_codec_repeat(lua_State *L)
{
    static const char *const names[] = {
        "base64",           "base64 decode",
        "quoted_printable", "quoted_printable decode",
        "content",          NULL
    };
    static int (*const runs[])(ph_span, ph_buf *, const ph_base64_path *) = {
        run_base64, run_base64_decode, run_quoted, run_quoted_decode,
        run_content
    };
    int codec = luaL_checkoption(L, 1, NULL, names);
    ph_span text = lph_check_span(L, 2);
    lua_Integer times = luaL_checkinteger(L, 3);
    const ph_base64_path *path =
        lua_isnoneornil(L, 4) ? ph_base64_path_best() : check_path(L, 4);
    int result = PH_OK;
    ph_buf out;

    ph_buf_init(&out, (size_t)1 << 30);
    for (; times > 0 && result >= 0; times--) {
        ph_buf_reset(&out);
        result = runs[codec](text, &out, path);
    }
    lua_pushinteger(L, result < 0 ? -1 : (lua_Integer)ph_buf_size(&out));
    ph_buf_clear(&out);
    return 1;
}
