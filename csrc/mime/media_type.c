/* media_type.c - the type of a body (RFC 2045, 5; RFC 6838).
 * SPDX-License-Identifier: MIT */
#include "media_type.h"
#include "base/ascii.h"
#include "base/error.h"
#include "codec/quoted_string.h"

enum {
    NAME_LIMIT = 127 /* RFC 6838, 4.2 */
};

/* The length of the token at the start of the span. */
static size_t token(ph_span span)
{
    size_t n = 0;

    while (n < span.size && ph_ascii_is_token(span.at[n]))
        n++;
    return n;
}

int ph_media_type_parse(ph_span text, ph_media_type *type)
{
    size_t top = token(text), size = top + 1;

    if (top == 0 || top > NAME_LIMIT || top == text.size ||
        text.at[top] != '/' || ph_ascii_has_control(text))
        return PH_E_INVALID;
    size += token(ph_span_after(text, size));
    if (size == top + 1 || size - top - 1 > NAME_LIMIT)
        return PH_E_INVALID;
    type->name = ph_span_of(text.at, size);
    while (size < text.size && text.at[size] == ' ')
        size++;
    if (size < text.size && text.at[size] != ';')
        return PH_E_INVALID;
    type->parameters = ph_span_after(text, size);
    return PH_OK;
}

static ph_span skip_blanks(ph_span rest)
{
    while (rest.size && rest.at[0] == ' ')
        rest = ph_span_after(rest, 1);
    return rest;
}

/* Size of the token or quoted-string at the start of the span, or 0. */
static size_t value_size(ph_span rest)
{
    if (rest.size && rest.at[0] == '"')
        return ph_quoted_string_end(rest);
    return token(rest);
}

size_t ph_media_type_parameters(ph_span rest)
{
    size_t count = 0;

    while (rest.size) {
        size_t name, value;
        if (rest.at[0] != ';')
            return 0;
        rest = skip_blanks(ph_span_after(rest, 1));
        name = token(rest);
        if (name == 0 || name == rest.size || rest.at[name] != '=')
            return 0;
        rest = ph_span_after(rest, name + 1);
        value = value_size(rest);
        if (value == 0)
            return 0;
        rest = skip_blanks(ph_span_after(rest, value));
        count++;
    }
    return count;
}

bool ph_media_type_is(const ph_media_type *type, const char *top)
{
    size_t size = strlen(top);

    return type->name.size > size && type->name.at[size] == '/' &&
           ph_ascii_equal(ph_span_of(type->name.at, size), ph_span_text(top));
}
