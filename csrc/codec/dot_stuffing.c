/* dot_stuffing.c - transparency of mail text after DATA (RFC 5321, 4.5.2).
 * SPDX-License-Identifier: MIT */
#include "dot_stuffing.h"

void ph_dot_stuffing_init(ph_dot_stuffing *stuffing)
{
    stuffing->place = PH_DOT_LINE_START;
}

/* Whether a line begins at offset i of text. */
static bool begins_line(const ph_dot_stuffing *stuffing, ph_span text, size_t i)
{
    if (i >= 2)
        return text.at[i - 1] == '\n' && text.at[i - 2] == '\r';
    if (i == 1)
        return text.at[0] == '\n' && stuffing->place == PH_DOT_CR;
    return stuffing->place == PH_DOT_LINE_START;
}

int ph_dot_stuffing_put(ph_dot_stuffing *stuffing, ph_span text, ph_buf *out)
{
    size_t done = 0;
    char *room, *next;
    int result = ph_buf_reserve(out, ph_dot_stuffing_room(text.size), &room);

    if (result < 0 || !text.size)
        return result;
    next = room;
    while (done < text.size) {
        ph_span rest = ph_span_after(text, done);
        size_t dot = ph_span_find(rest, '.');
        size_t take = dot < rest.size ? dot + 1 : dot;
        memcpy(next, rest.at, take);
        next += take;
        if (dot < rest.size && begins_line(stuffing, text, done + dot))
            *next++ = '.';
        done += take;
    }
    ph_buf_added(out, (size_t)(next - room));
    if (begins_line(stuffing, text, text.size))
        stuffing->place = PH_DOT_LINE_START;
    else
        stuffing->place =
            text.at[text.size - 1] == '\r' ? PH_DOT_CR : PH_DOT_INSIDE;
    return PH_OK;
}

int ph_dot_stuffing_end(ph_dot_stuffing *stuffing, ph_buf *out)
{
    bool is_whole = ph_dot_stuffing_at_line_start(stuffing);
    int result = ph_buf_put_text(out, is_whole ? ".\r\n" : "\r\n.\r\n");

    if (result == PH_OK)
        ph_dot_stuffing_init(stuffing);
    return result;
}

/* One octet of wire; what it proves to be text goes to next. The dot that
 * begins a line is no text; a CR behind it may belong to the end marker. */
static char *unstuff(ph_dot_stuffing *stuffing, char c, char *next)
{
    ph_dot_place place = stuffing->place;

    if (place == PH_DOT_LINE_START && c == '.') {
        stuffing->place = PH_DOT_DOT;
        return next;
    }
    if (place == PH_DOT_DOT && c == '\r') {
        stuffing->place = PH_DOT_DOT_CR;
        return next;
    }
    if (place == PH_DOT_DOT_CR) {
        if (c == '\n') {
            stuffing->place = PH_DOT_FINISHED;
            return next;
        }
        *next++ = '\r';
    }
    *next++ = c;
    if (c == '\r')
        stuffing->place = PH_DOT_CR;
    else if (c == '\n' && place == PH_DOT_CR)
        stuffing->place = PH_DOT_LINE_START;
    else
        stuffing->place = PH_DOT_INSIDE;
    return next;
}

int ph_dot_unstuffing_put(ph_dot_stuffing *stuffing, ph_span wire, ph_buf *out,
                          size_t *used)
{
    size_t i = 0;
    char *room, *next;
    int result = ph_buf_reserve(out, wire.size + 2, &room);

    *used = 0;
    if (result < 0)
        return result;
    next = room;
    while (i < wire.size && stuffing->place != PH_DOT_FINISHED) {
        /* Inside a line nothing happens before its CR. */
        if (stuffing->place == PH_DOT_INSIDE) {
            ph_span rest = ph_span_after(wire, i);
            size_t run = ph_span_find(rest, '\r');
            memcpy(next, rest.at, run);
            next += run;
            i += run;
        }
        if (i < wire.size)
            next = unstuff(stuffing, wire.at[i++], next);
    }
    ph_buf_added(out, (size_t)(next - room));
    *used = i;
    return stuffing->place == PH_DOT_FINISHED;
}
