/* stream_check.c - what is learned of a source only while it is read.
 * SPDX-License-Identifier: MIT */
#include "stream_check.h"
#include "base/ascii.h"
#include "base/utf8.h"

static int fail(ph_error *error, int kind, const char *message)
{
    ph_class class = kind == PH_E_IO ? PH_CLASS_TEMPORARY : PH_CLASS_PERMANENT;

    return ph_error_set(error, kind, class, PH_PHASE_CONTENT, message);
}

void ph_stream_check_init(ph_stream_check *check, const ph_part *part,
                          bool eight_bit)
{
    ph_transfer_encoding encoding = part->encodings[eight_bit];

    *check = (ph_stream_check){ .part = part, .eight_bit = eight_bit };
    check->is_text = !part->is_raw && (part->form == PH_FORM_TEXT ||
                                       part->form == PH_FORM_FLOWED);
    check->is_lines =
        encoding == PH_ENCODING_7BIT || encoding == PH_ENCODING_8BIT;
    check->may_high = encoding == PH_ENCODING_8BIT && eight_bit;
    ph_line_check_init(&check->lines);
}

/* One octet behind those of a character that is not whole yet. */
static bool hold(ph_stream_check *check, char c)
{
    check->held[check->holding++] = c;
    if (ph_utf8_next(ph_span_of(check->held, check->holding), NULL))
        check->holding = 0;
    return check->holding < sizeof check->held;
}

static bool is_utf8(ph_stream_check *check, ph_span octets)
{
    while (octets.size) {
        size_t length = check->holding ? 0 : ph_utf8_next(octets, NULL);
        if (length == 0 && octets.size >= sizeof check->held && !check->holding)
            return false;
        if (length == 0 && !hold(check, octets.at[0]))
            return false;
        octets = ph_span_after(octets, length ? length : 1);
    }
    return true;
}

int ph_stream_check_in(ph_stream_check *check, ph_span octets, ph_error *error)
{
    const ph_part *part = check->part;

    check->size += (long long)octets.size;
    if (part->body.size >= 0 && check->size > part->body.size)
        return fail(error, PH_E_IO, "the source is longer than its size");
    if (check->is_text && !is_utf8(check, octets))
        return fail(error, PH_E_INVALID, "the text is no valid UTF-8");
    /* Line ends are LF there: a CR is no part of one. */
    if (part->is_raw && part->form == PH_FORM_TEXT &&
        ph_span_find(octets, '\r') < octets.size)
        return fail(error, PH_E_INVALID, "the content holds a bare CR");
    return PH_OK;
}

static int tell_fault(ph_line_fault fault, ph_error *error)
{
    static const char *const sentences[] = {
        [PH_LINE_FINE] = "",
        [PH_LINE_BARE_CR] = "the content holds a bare CR",
        [PH_LINE_BARE_LF] = "the content holds a bare LF",
        [PH_LINE_NUL] = "the content holds a NUL",
        [PH_LINE_LONG] = "the content has a line over 998 octets",
    };
    return fail(error, PH_E_INVALID, sentences[fault]);
}

int ph_stream_check_out(ph_stream_check *check, ph_span octets, ph_error *error)
{
    ph_line_fault fault;

    if (!check->is_lines)
        return PH_OK;
    fault = ph_line_check_feed(&check->lines, octets);
    if (fault)
        return tell_fault(fault, error);
    if (!check->lines.has_high || check->may_high)
        return PH_OK;
    if (check->part->is_raw)
        return fail(error, PH_E_UNSUPPORTED,
                    "the server does not offer 8BITMIME");
    return fail(error, PH_E_INVALID, "7bit cannot carry this content");
}

int ph_stream_check_end(ph_stream_check *check, ph_error *error)
{
    if (check->part->body.size >= 0 && check->size < check->part->body.size)
        return fail(error, PH_E_IO, "the source ended before its size");
    if (check->holding)
        return fail(error, PH_E_INVALID, "the text is no valid UTF-8");
    if (check->is_lines && ph_line_check_end(&check->lines))
        return tell_fault(check->lines.fault, error);
    return PH_OK;
}
