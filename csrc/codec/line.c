/* line.c - the lines of a message text (RFC 5322, 2.1.1 and 2.3).
 * SPDX-License-Identifier: MIT */
#include "line.h"
#include "base/ascii.h"

void ph_line_check_init(ph_line_check *check)
{
    *check = (ph_line_check){ 0 };
}

/* One octet; false: a fault. */
static bool step(ph_line_check *check, char c)
{
    if (check->has_cr && c != '\n')
        check->fault = PH_LINE_BARE_CR;
    else if (c == '\n' && !check->has_cr)
        check->fault = PH_LINE_BARE_LF;
    else if (c == '\0')
        check->fault = PH_LINE_NUL;
    if (check->fault)
        return false;
    check->has_cr = c == '\r';
    if (c == '\n') {
        check->size = 0;
        check->number++;
    } else if (c != '\r' && ++check->size > PH_LINE_LIMIT) {
        check->fault = PH_LINE_LONG;
    }
    if (ph_ascii_is_high(c))
        check->has_high = true;
    return !check->fault;
}

ph_line_fault ph_line_check_feed(ph_line_check *check, ph_span text)
{
    for (size_t i = 0; i < text.size && !check->fault; i++)
        step(check, text.at[i]);
    return check->fault;
}

ph_line_fault ph_line_check_end(ph_line_check *check)
{
    if (!check->fault && check->has_cr)
        check->fault = PH_LINE_BARE_CR;
    return check->fault;
}

const char *ph_line_fault_name(ph_line_fault fault)
{
    static const char *const names[] = {
        [PH_LINE_FINE] = "",
        [PH_LINE_BARE_CR] = "a bare CR",
        [PH_LINE_BARE_LF] = "a bare LF",
        [PH_LINE_NUL] = "a NUL",
        [PH_LINE_LONG] = "a line over 998 octets",
    };
    return names[fault];
}

void ph_line_ends_init(ph_line_ends *ends, ph_line_ends_kind kind)
{
    *ends = (ph_line_ends){ .kind = kind };
}

int ph_line_ends_put(ph_line_ends *ends, ph_span text, ph_buf *out)
{
    char *room, *next;
    int result = ph_buf_reserve(out, text.size * 2, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool is_cr = ends->kind == PH_LINE_ENDS_ANY && c == '\r';
        if (is_cr || (c == '\n' && !ends->has_cr)) {
            *next++ = '\r';
            *next++ = '\n';
        } else if (c != '\n') {
            *next++ = c;
        }
        ends->has_cr = is_cr;
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}
