/* quoted_string.c - quoted-strings (RFC 5322, 3.2.4).
 * SPDX-License-Identifier: MIT */
#include "quoted_string.h"

static bool is_escaped(char c)
{
    return c == '"' || c == '\\';
}

size_t ph_quoted_string_size(ph_span text)
{
    size_t size = text.size + 2;

    for (size_t i = 0; i < text.size; i++)
        size += is_escaped(text.at[i]);
    return size;
}

int ph_quoted_string_put(ph_buf *out, ph_span text)
{
    char *room, *next;
    int result = ph_buf_reserve(out, ph_quoted_string_size(text), &room);

    if (result < 0)
        return result;
    next = room;
    *next++ = '"';
    for (size_t i = 0; i < text.size; i++) {
        if (is_escaped(text.at[i]))
            *next++ = '\\';
        *next++ = text.at[i];
    }
    *next++ = '"';
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

size_t ph_quoted_string_end(ph_span rest)
{
    if (!rest.size || *rest.at != '"')
        return 0;
    for (size_t i = 1; i < rest.size; i++) {
        if (rest.at[i] == '"')
            return i + 1;
        if (rest.at[i] == '\\')
            i++;
    }
    return 0;
}

int ph_quoted_string_read(ph_buf *out, ph_span quoted)
{
    char *room, *next;
    int result = ph_buf_reserve(out, quoted.size, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 1; i + 1 < quoted.size; i++) {
        if (quoted.at[i] == '\\' && i + 2 < quoted.size)
            i++;
        if (quoted.at[i] != '\r' && quoted.at[i] != '\n')
            *next++ = quoted.at[i];
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}
