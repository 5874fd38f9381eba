/* lph_codec.c - the codecs as functions of posthorn.core. Where a codec
 * streams, a text may be an array of strings: they are fed one by one.
 * SPDX-License-Identifier: MIT */
#include "lph.h"
#include "lph_core.h"
#include "codec/base64.h"
#include "codec/date.h"
#include "codec/domain.h"
#include "codec/dot_stuffing.h"
#include "codec/encoded_word.h"
#include "codec/fold.h"
#include "codec/line.h"
#include "codec/parameter.h"
#include "codec/parameter_list.h"
#include "codec/quoted_printable.h"
#include "codec/xtext.h"

#define CEILING ((size_t)1 << 30) /* octets of a result */

enum {
    SLICE = 16384,    /* octets fed at once */
    SLACK = SLICE * 4 /* more than any codec may make of a slice */
};

static ph_buf *new_buf(lua_State *L)
{
    return lph_buf_new(L, CEILING);
}

static int finish(lua_State *L, ph_buf *buf, int result, const char *field)
{
    if (result == PH_E_INVALID) {
        ph_buf_clear(buf);
        return lph_invalid(L, field, "this text cannot be taken");
    }
    if (result < 0) {
        ph_buf_clear(buf);
        return lph_failure_kind(L, result, PH_CLASS_TEMPORARY, PH_PHASE_BUILD,
                                "out of memory, or over a limit");
    }
    lph_buf_push(L, buf);
    return 1;
}

/* A text argument on its way: a string, or an array of them. */
struct feed {
    int arg;
    int next; /* element of an array */
    ph_span rest;
};

static struct feed begin(lua_State *L, int arg)
{
    struct feed feed = { arg, 1, { NULL, 0 } };

    if (lua_type(L, arg) == LUA_TTABLE)
        return feed;
    feed.rest = lph_check_span(L, arg);
    feed.next = 0;
    return feed;
}

/* The next slice; false: the text has ended. The string stays anchored in
 * its table. */
static bool advance(lua_State *L, struct feed *feed, ph_span *slice)
{
    while (!feed->rest.size && feed->next) {
        lua_rawgeti(L, feed->arg, feed->next++);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            return false;
        }
        feed->rest = lph_check_span(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    *slice = feed->rest;
    if (slice->size > SLICE)
        slice->size = SLICE;
    feed->rest = ph_span_after(feed->rest, slice->size);
    return slice->size != 0;
}

/* Room for a result at once, where that is known to take about size octets;
 * one slice more is asked for than written. What fails here fails again where
 * the room is needed, and is told there. */
static void expect(ph_buf *buf, const struct feed *feed, size_t size)
{
    char *room;

    if (feed->rest.size > SLICE)
        (void)ph_buf_reserve(buf, size + SLACK, &room);
}

/* base64.encode(text [, columns]): in one line, or in lines of so many. */
static int base64_encode(lua_State *L)
{
    struct feed feed = begin(L, 1);
    size_t columns = (size_t)luaL_optinteger(L, 2, 0);
    ph_buf *buf = new_buf(L);
    ph_base64_encoder encoder;
    ph_span slice;
    char *room;
    int result = PH_OK;

    luaL_argcheck(L, columns % 4 == 0 && columns < 1024, 2, "columns");
    ph_base64_encoder_init(&encoder, columns);
    expect(buf, &feed, ph_base64_room(feed.rest.size));
    while (result == PH_OK && advance(L, &feed, &slice)) {
        size_t need = ph_base64_room(slice.size) * (columns ? 2 : 1);
        result = ph_buf_reserve(buf, need, &room);
        if (result == PH_OK)
            ph_buf_added(buf, ph_base64_encode(&encoder, slice, room));
    }
    if (result == PH_OK)
        result = ph_buf_reserve(buf, PH_BASE64_END, &room);
    if (result == PH_OK)
        ph_buf_added(buf, ph_base64_encode_end(&encoder, room));
    return finish(L, buf, result, "text");
}

/* base64.parse(text): strict, one line. */
static int base64_parse(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_base64_parse(text, buf), "text");
}

/* base64.decode(text): a body, tolerant. */
static int base64_decode(lua_State *L)
{
    struct feed feed = begin(L, 1);
    ph_buf *buf = new_buf(L);
    ph_base64_decoder decoder = { 0 };
    ph_span slice;
    int result = PH_OK;

    expect(buf, &feed, feed.rest.size / 4 * 3);
    while (result == PH_OK && advance(L, &feed, &slice))
        result = ph_base64_decode(&decoder, slice, buf);
    if (result == PH_OK)
        result = ph_base64_decode_end(&decoder, buf);
    return finish(L, buf, result, "text");
}

/* base64.size(n): octets of n octets in lines of 76. */
static int base64_size(lua_State *L)
{
    lua_Number n = luaL_checknumber(L, 1);

    luaL_argcheck(L, n >= 0 && n < 9e15, 1, "not a size");
    lua_pushnumber(L, (lua_Number)ph_base64_size((unsigned long long)n));
    return 1;
}

/* quoted_printable.encode(text [, "binary" or "guard"]) */
static int qp_encode(lua_State *L)
{
    static const char *const names[] = { "text", "binary", "guard", NULL };
    static const unsigned flags[] = { 0, PH_QUOTED_PRINTABLE_BINARY,
                                      PH_QUOTED_PRINTABLE_GUARD };
    struct feed feed = begin(L, 1);
    int mode = luaL_checkoption(L, 2, "text", names);
    ph_buf *buf = new_buf(L);
    ph_quoted_printable_encoder encoder;
    ph_span slice;
    int result = PH_OK;

    ph_quoted_printable_encoder_init(&encoder, flags[mode]);
    expect(buf, &feed, feed.rest.size / 4 * 5);
    while (result == PH_OK && advance(L, &feed, &slice))
        result = ph_quoted_printable_encode(&encoder, slice, buf);
    if (result == PH_OK)
        result = ph_quoted_printable_encode_end(&encoder, buf);
    return finish(L, buf, result, "text");
}

/* quoted_printable.decode(text) */
static int qp_decode(lua_State *L)
{
    struct feed feed = begin(L, 1);
    ph_buf *buf = new_buf(L);
    ph_quoted_printable_decoder decoder;
    ph_span slice;
    int result = PH_OK;

    ph_quoted_printable_decoder_init(&decoder);
    expect(buf, &feed, feed.rest.size);
    while (result == PH_OK && advance(L, &feed, &slice))
        result = ph_quoted_printable_decode(&decoder, slice, buf);
    if (result == PH_OK)
        result = ph_quoted_printable_decode_end(&decoder, buf);
    return finish(L, buf, result, "text");
}

/* dot_stuffing.encode(text): stuffed, with its end marker. */
static int dot_encode(lua_State *L)
{
    struct feed feed = begin(L, 1);
    ph_buf *buf = new_buf(L);
    ph_dot_stuffing stuffing = { 0 };
    ph_span slice;
    int result = PH_OK;

    while (result == PH_OK && advance(L, &feed, &slice))
        result = ph_dot_stuffing_put(&stuffing, slice, buf);
    if (result == PH_OK)
        result = ph_dot_stuffing_end(&stuffing, buf);
    return finish(L, buf, result, "text");
}

/* dot_stuffing.decode(wire): the text so far, and how many octets of wire
 * it took with the end marker; nil: none was seen. */
static int dot_decode(lua_State *L)
{
    struct feed feed = begin(L, 1);
    ph_buf *buf = new_buf(L);
    ph_dot_stuffing stuffing = { 0 };
    size_t used = 0, taken = 0;
    ph_span slice;
    int result = PH_OK;

    while (result == PH_OK && advance(L, &feed, &slice)) {
        result = ph_dot_unstuffing_put(&stuffing, slice, buf, &used);
        taken += used;
    }
    if (result < 0)
        return finish(L, buf, result, "wire");
    lph_buf_push(L, buf);
    if (!result)
        return 1;
    lua_pushinteger(L, (lua_Integer)taken);
    return 2;
}

/* line.check(text): true; or nil, message, failure. */
static int line_check(lua_State *L)
{
    struct feed feed = begin(L, 1);
    ph_line_check check;
    ph_span slice;

    ph_line_check_init(&check);
    while (advance(L, &feed, &slice))
        ph_line_check_feed(&check, slice);
    if (ph_line_check_end(&check))
        return lph_invalid(L, "text", ph_line_fault_name(check.fault));
    lua_pushboolean(L, 1);
    return 1;
}

/* line.ends(text [, "any" or "lf"]): with CRLF line ends. */
static int line_ends(lua_State *L)
{
    static const char *const names[] = { "any", "lf", NULL };
    struct feed feed = begin(L, 1);
    int kind = luaL_checkoption(L, 2, "any", names);
    ph_buf *buf = new_buf(L);
    ph_line_ends ends;
    ph_span slice;
    int result = PH_OK;

    ph_line_ends_init(&ends, kind ? PH_LINE_ENDS_LF : PH_LINE_ENDS_ANY);
    while (result == PH_OK && advance(L, &feed, &slice))
        result = ph_line_ends_put(&ends, slice, buf);
    return finish(L, buf, result, "text");
}

/* encoded_word.encode(text [, "text", "phrase" or "word" [, column]]) */
static int word_encode(lua_State *L)
{
    static const char *const names[] = { "text", "phrase", "word", NULL };
    static int (*const put[])(ph_buf *, ph_span,
                              size_t) = { ph_encoded_word_put_text,
                                          ph_encoded_word_put_phrase,
                                          ph_encoded_word_put };
    ph_span text = lph_check_span(L, 1);
    int context = luaL_checkoption(L, 2, "text", names);
    lua_Integer column = luaL_optinteger(L, 3, 0);
    ph_buf *buf;

    luaL_argcheck(L, column >= 0 && column < 1000, 3, "not a column");
    buf = new_buf(L);
    return finish(L, buf, put[context](buf, text, (size_t)column), "text");
}

/* encoded_word.decode(text) */
static int word_decode(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_encoded_word_decode(buf, text), "text");
}

/* parameter.encode(name, value [, "fallback"]): "; name=value" */
static int parameter_encode(lua_State *L)
{
    static const char *const names[] = { "plain", "fallback", NULL };
    ph_span name = lph_check_span(L, 1), value = lph_check_span(L, 2);
    int form = luaL_checkoption(L, 3, "plain", names);
    ph_buf *buf = new_buf(L);

    return finish(L, buf,
                  form ? ph_parameter_put_fallback(buf, name, value)
                       : ph_parameter_put(buf, name, value),
                  "value");
}

static int list_gc(lua_State *L)
{
    ph_parameter_list_clear(lua_touserdata(L, 1));
    return 0;
}

/* parameter.parse(text): an array of { name, value }. */
static int parameter_parse(lua_State *L)
{
    static const luaL_Reg methods[] = { { NULL, NULL } };
    static const luaL_Reg metamethods[] = { { "__gc", list_gc },
                                            { NULL, NULL } };
    ph_span text = lph_check_span(L, 1);
    ph_parameter_list *list;

    lph_class(L, "posthorn.parameter_list", methods, metamethods);
    list = lph_newuserdata(L, sizeof *list);
    ph_parameter_list_init(list, CEILING);
    lph_class_set(L, "posthorn.parameter_list");
    if (ph_parameter_list_parse(list, text) < 0)
        return lph_failure_kind(L, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                PH_PHASE_NONE, "out of memory");
    lua_createtable(L, (int)list->count, 0);
    for (size_t i = 0; i < list->count; i++) {
        ph_span name = ph_parameter_list_name(list, i);
        ph_span value = ph_parameter_list_value(list, i);
        lua_createtable(L, 2, 0);
        lua_pushlstring(L, name.at, name.size);
        lua_rawseti(L, -2, 1);
        lua_pushlstring(L, value.at, value.size);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (int)i + 1);
    }
    ph_parameter_list_clear(list); /* sooner than a collector would */
    return 1;
}

/* fold.encode(name, value): the field, with its CRLF. */
static int fold_encode(lua_State *L)
{
    ph_span name = lph_check_span(L, 1), value = lph_check_span(L, 2);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_fold_put(buf, name, value), "value");
}

/* fold.decode(value): without folds. */
static int fold_decode(lua_State *L)
{
    ph_span value = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_fold_undo(buf, value), "value");
}

/* date.format(epoch [, is_internet]): what is no such number is bad data. */
static int date_format(lua_State *L)
{
    double epoch = lua_type(L, 1) == LUA_TNUMBER ? lua_tonumber(L, 1) : 1e30;
    bool is_internet = lua_toboolean(L, 2);
    ph_buf *buf;

    if (!(epoch >= (double)PH_DATE_FIRST && epoch < (double)PH_DATE_LAST + 1))
        return lph_invalid(L, "date", "a date must lie in 1900 to 9999");
    if (epoch < 0 && epoch != (double)(int64_t)epoch)
        epoch -= 1; /* down, as for positive numbers */
    buf = new_buf(L);
    return finish(
        L, buf,
        (is_internet ? ph_date_put_internet : ph_date_put)(buf, (int64_t)epoch),
        "date");
}

/* date.parse(text [, is_internet]): seconds since 1970 in UTC. */
static int date_parse(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    int64_t epoch = 0;
    int result = lua_toboolean(L, 2) ? ph_date_parse_internet(text, &epoch)
                                     : ph_date_parse(text, &epoch);

    if (result < 0)
        return lph_invalid(L, "date", "this is no date");
    lua_pushnumber(L, (lua_Number)epoch);
    return 1;
}

/* domain.format(text): the normal form and "name", "unicode" or "literal". */
static int domain_format(lua_State *L)
{
    static const char *const kinds[] = { "name", "unicode", "literal" };
    ph_span text = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);
    int kind = ph_domain_put(buf, text), count = finish(L, buf, kind, "domain");

    if (kind < 0)
        return count;
    lua_pushstring(L, kinds[kind]);
    return 2;
}

/* xtext.encode(octets) */
static int xtext_encode(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_xtext_put(buf, text), "text");
}

/* xtext.decode(text) */
static int xtext_decode(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_xtext_parse(text, buf), "text");
}

/* xtext.encode_address(address [, is_unitext]) */
static int xtext_encode_address(lua_State *L)
{
    ph_span address = lph_check_span(L, 1);
    bool is_unitext = lua_toboolean(L, 2);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_xtext_put_address(buf, address, is_unitext),
                  "address");
}

/* xtext.decode_address(text): either form */
static int xtext_decode_address(lua_State *L)
{
    ph_span text = lph_check_span(L, 1);
    ph_buf *buf = new_buf(L);

    return finish(L, buf, ph_xtext_parse_address(text, buf), "text");
}

static const luaL_Reg base64[] = {
    { "encode", base64_encode },
    { "parse", base64_parse },
    { "decode", base64_decode },
    { "size", base64_size },
    { NULL, NULL },
};

static const luaL_Reg quoted_printable[] = {
    { "encode", qp_encode },
    { "decode", qp_decode },
    { NULL, NULL },
};

static const luaL_Reg dot_stuffing[] = {
    { "encode", dot_encode },
    { "decode", dot_decode },
    { NULL, NULL },
};

static const luaL_Reg line[] = {
    { "check", line_check },
    { "ends", line_ends },
    { NULL, NULL },
};

static const luaL_Reg encoded_word[] = {
    { "encode", word_encode },
    { "decode", word_decode },
    { NULL, NULL },
};

static const luaL_Reg parameter[] = {
    { "encode", parameter_encode },
    { "parse", parameter_parse },
    { NULL, NULL },
};

static const luaL_Reg fold[] = {
    { "encode", fold_encode },
    { "decode", fold_decode },
    { NULL, NULL },
};

static const luaL_Reg date[] = {
    { "format", date_format },
    { "parse", date_parse },
    { NULL, NULL },
};

static const luaL_Reg domain[] = {
    { "format", domain_format },
    { NULL, NULL },
};

static const luaL_Reg xtext[] = {
    { "encode", xtext_encode },
    { "decode", xtext_decode },
    { "encode_address", xtext_encode_address },
    { "decode_address", xtext_decode_address },
    { NULL, NULL },
};

static void open_codec(lua_State *L, const char *name, const luaL_Reg *list)
{
    lua_newtable(L);
    luaL_setfuncs(L, list, 0);
    lua_setfield(L, -2, name);
}

void lph_codec_open(lua_State *L)
{
    open_codec(L, "base64", base64);
    open_codec(L, "quoted_printable", quoted_printable);
    open_codec(L, "dot_stuffing", dot_stuffing);
    open_codec(L, "line", line);
    open_codec(L, "encoded_word", encoded_word);
    open_codec(L, "parameter", parameter);
    open_codec(L, "fold", fold);
    open_codec(L, "date", date);
    open_codec(L, "domain", domain);
    open_codec(L, "xtext", xtext);
}
