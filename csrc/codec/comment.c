/* comment.c - comments and folding whitespace (RFC 5322, 3.2.2).
 * SPDX-License-Identifier: MIT */
#include "comment.h"
#include "base/ascii.h"

static bool is_white(char c)
{
    return ph_ascii_is_blank(c) || c == '\r' || c == '\n';
}

ph_span ph_comment_skip(ph_span rest)
{
    ph_span start = rest; /* of the comment under way */
    size_t depth = 0;     /* counted, not descended into */

    for (; rest.size; rest = ph_span_after(rest, 1)) {
        char c = *rest.at;
        if (c == '(') {
            if (!depth++)
                start = rest;
        } else if (c == ')' && depth) {
            depth--;
        } else if (c == '\\' && depth && rest.size > 1) {
            rest = ph_span_after(rest, 1);
        } else if (!depth && !is_white(c)) {
            break;
        }
    }
    return depth ? start : rest;
}
