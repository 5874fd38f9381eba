/* calendar.c - a look into a calendar (RFC 5545).
 * SPDX-License-Identifier: MIT */
#include "calendar.h"
#include "base/ascii.h"

/* The next line without its end; the rest moves on. */
static ph_span next_line(ph_span *rest)
{
    size_t size = 0;
    ph_span line;

    while (size < rest->size && rest->at[size] != '\n' &&
           rest->at[size] != '\r')
        size++;
    line = ph_span_of(rest->at, size);
    *rest = ph_span_after(*rest, size + 1);
    while (line.size && ph_ascii_is_blank(line.at[line.size - 1]))
        line.size--;
    return line;
}

/* The value of a line "name:value" without case, or an empty span. */
static ph_span value_of(ph_span line, const char *name)
{
    size_t size = strlen(name);

    if (line.size <= size || line.at[size] != ':' ||
        !ph_ascii_equal(ph_span_of(line.at, size), ph_span_text(name)))
        return ph_span_of(NULL, 0);
    return ph_span_after(line, size + 1);
}

static bool is_calendar(ph_span value)
{
    return ph_ascii_equal(value, ph_span_text("VCALENDAR"));
}

bool ph_calendar_is_one(ph_span calendar)
{
    ph_span line = { NULL, 0 };

    while (calendar.size && line.size == 0)
        line = next_line(&calendar);
    return is_calendar(value_of(line, "BEGIN"));
}

ph_span ph_calendar_method(ph_span calendar)
{
    size_t depth = 0;

    while (calendar.size) {
        ph_span line = next_line(&calendar), method;
        if (value_of(line, "BEGIN").size)
            depth++;
        else if (value_of(line, "END").size && depth)
            depth--;
        method = value_of(line, "METHOD");
        if (method.size && depth == 1)
            return method;
    }
    return ph_span_of(NULL, 0);
}
