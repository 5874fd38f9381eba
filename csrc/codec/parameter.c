/* parameter.c - parameters of MIME fields, written (RFC 2045, 5.1; RFC 2231).
 * SPDX-License-Identifier: MIT */
#include "parameter.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "encoded_word.h"
#include "parameter_list.h"
#include "quoted_string.h"

enum {
    FIT = 76,      /* octets of " name=value;" that a line should hold */
    NAME = 64,     /* octets of a name that is written */
    SMALLEST = 12, /* octets of a piece: one character of four, encoded */
    LONGEST = 900  /* octets of a quoted-string for old readers */
};

/* attribute-char of RFC 2231, 7. */
static bool is_attribute(char c)
{
    return ph_ascii_is_token(c) && c != '*' && c != '\'' && c != '%';
}

static bool is_all(ph_span text, bool (*is)(char c))
{
    for (size_t i = 0; i < text.size; i++)
        if (!is(text.at[i]))
            return false;
    return text.size != 0;
}

static int check(ph_span name, ph_span value)
{
    if (name.size > NAME || !is_all(name, is_attribute) ||
        ph_ascii_has_control(value) || !ph_utf8_is_valid(value))
        return PH_E_INVALID;
    return PH_OK;
}

/* Whether only RFC 2231 can tell the value: a reader of today may take "=?"
 * for an encoded-word even in quotes. */
static bool is_extended(ph_span name, ph_span value)
{
    return ph_ascii_has_high(value) || ph_encoded_word_has_mark(value) ||
           name.size + 3 + ph_quoted_string_size(value) > FIT;
}

static int put_text(ph_buf *out, const char *text, int result)
{
    return result < 0 ? result : ph_buf_put_text(out, text);
}

static int put_span(ph_buf *out, ph_span span, int result)
{
    return result < 0 ? result : ph_buf_put_span(out, span);
}

static size_t percent_width(ph_span text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.size; i++)
        width += is_attribute(text.at[i]) ? 1 : 3;
    return width;
}

static int put_percent(ph_buf *out, ph_span text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *room, *next;
    int result = ph_buf_reserve(out, percent_width(text), &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char octet = (unsigned char)text.at[i];
        if (is_attribute(text.at[i])) {
            *next++ = text.at[i];
            continue;
        }
        *next++ = '%';
        *next++ = digits[octet >> 4];
        *next++ = digits[octet & 15];
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

/* Octets of whole characters that take at most room encoded. */
static size_t fit(ph_span text, size_t room)
{
    size_t taken = 0;

    while (taken < text.size) {
        ph_span rest = ph_span_after(text, taken);
        rest.size = ph_utf8_next(rest, NULL);
        if (percent_width(rest) > room)
            break;
        room -= percent_width(rest);
        taken += rest.size;
    }
    return taken;
}

/* Octets of " name*12*=;", what stands around a piece. */
static size_t around(ph_span name, size_t section)
{
    return name.size + 6 + (section >= 10) + (section >= 100) +
           (section >= 1000) + (section ? 0 : 7);
}

static int put_pieces(ph_buf *out, ph_span name, ph_span value)
{
    int result = PH_OK;

    for (size_t section = 0; value.size && result == PH_OK; section++) {
        size_t used = around(name, section), size;
        if (section == PH_PARAMETER_LIST_COUNT)
            return PH_E_INVALID;
        size = fit(value, used + SMALLEST > FIT ? SMALLEST : FIT - used);
        result = put_span(out, name, ph_buf_put_text(out, "; "));
        result = put_text(out, "*", result);
        if (result == PH_OK)
            result = ph_buf_put_number(out, section);
        result = put_text(out, section ? "*=" : "*=utf-8''", result);
        if (result == PH_OK)
            result = put_percent(out, ph_span_of(value.at, size));
        value = ph_span_after(value, size);
    }
    return result;
}

static int put_extended(ph_buf *out, ph_span name, ph_span value)
{
    int result;

    if (name.size + 11 + percent_width(value) > FIT)
        return put_pieces(out, name, value);
    result = put_span(out, name, ph_buf_put_text(out, "; "));
    result = put_text(out, "*=utf-8''", result);
    return result < 0 ? result : put_percent(out, value);
}

static int put_simple(ph_buf *out, ph_span name, ph_span value)
{
    int result = put_span(out, name, ph_buf_put_text(out, "; "));

    result = put_text(out, "=", result);
    if (result < 0)
        return result;
    /* A token may hold "'", yet Python's reader stumbles over it. */
    return is_all(value, is_attribute) ? ph_buf_put_span(out, value)
                                       : ph_quoted_string_put(out, value);
}

static int finish(ph_buf *out, size_t before, int result)
{
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}

int ph_parameter_put(ph_buf *out, ph_span name, ph_span value)
{
    size_t before = ph_buf_size(out);

    if (check(name, value) < 0)
        return PH_E_INVALID;
    return finish(out, before,
                  is_extended(name, value) ? put_extended(out, name, value)
                                           : put_simple(out, name, value));
}

static int put_encoded_words(ph_buf *out, ph_span name, ph_span value)
{
    int result = put_span(out, name, ph_buf_put_text(out, "; "));

    result = put_text(out, "=\"", result);
    if (result == PH_OK)
        result = ph_encoded_word_put(out, value, name.size + 3);
    return put_text(out, "\"", result);
}

int ph_parameter_put_fallback(ph_buf *out, ph_span name, ph_span value)
{
    size_t before = ph_buf_size(out);

    if (check(name, value) < 0)
        return PH_E_INVALID;
    if (!is_extended(name, value))
        return PH_OK;
    if (ph_ascii_has_high(value) || ph_encoded_word_has_mark(value) ||
        value.size > LONGEST)
        return finish(out, before, put_encoded_words(out, name, value));
    return finish(out, before, put_simple(out, name, value));
}
