/* header.c - header fields of a message (RFC 5322, 3.6).
 * SPDX-License-Identifier: MIT */
#include "header.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "codec/encoded_word.h"
#include "codec/fold.h"

/* A "-" at the end stands for every name that begins so. */
static const char *const reserved[] = {
    "from",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "sender",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-",
    "received",
    "return-path",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "resent-",
    "dkim-signature",
    "domainkey-signature",
    "arc-",
    "authentication-results",
    "received-spf",
};

bool ph_header_is_reserved(ph_span name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        ph_span known = ph_span_text(reserved[i]), start = name;
        if (known.at[known.size - 1] == '-' && name.size > known.size)
            start.size = known.size;
        if (ph_ascii_equal(start, known))
            return true;
    }
    return false;
}

bool ph_header_is_name(ph_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] < 0x21 ||
            (unsigned char)name.at[i] > 0x7e || name.at[i] == ':')
            return false;
    return name.size > 0 && name.size <= PH_HEADER_NAME;
}

const char *ph_header_fault(ph_span text)
{
    if (ph_ascii_has_control(text))
        return "holds a control character";
    if (ph_ascii_has_high(text) && !ph_utf8_is_valid(text))
        return "is no valid UTF-8";
    return text.size > PH_HEADER_VALUE ? "is too long" : NULL;
}

int ph_header_put_text(ph_buf *out, ph_span name, ph_span text)
{
    char room[256];
    ph_buf value;
    int result;

    if (!ph_header_is_name(name) || ph_header_fault(text))
        return PH_E_INVALID;
    ph_buf_begin(&value, room, sizeof room, (size_t)8 * PH_HEADER_VALUE);
    result = ph_encoded_word_put_text(&value, text, name.size + 2);
    if (result == PH_OK)
        result = ph_fold_put(out, name, ph_buf_span(&value));
    ph_buf_clear(&value);
    return result;
}

/* What stands in brackets is taken as it came, since replies must name ids of
 * any make, unless a reader would decode it; bare, a comma or comment is none
 * of it (RFC 5322, 3.6.4). */
static bool is_id(ph_span id, bool has_bracket)
{
    for (size_t i = 0; i < id.size; i++) {
        char c = id.at[i];
        if (ph_ascii_is_control(c) || c == ' ' || c == '<' || c == '>' ||
            (!has_bracket && strchr(",;()", c)))
            return false;
    }
    return id.size > 0 && id.size <= PH_HEADER_ID && ph_utf8_is_valid(id) &&
           !ph_encoded_word_is_in(id);
}

/* Some write commas between ids, as in a list of addresses. */
static bool is_between(char c, bool is_list)
{
    return c == ' ' || (is_list && c == ',');
}

int ph_header_next_id(ph_span *rest, bool is_list, ph_span *id)
{
    size_t size = 0;
    bool has_bracket;

    while (rest->size && is_between(rest->at[0], is_list))
        *rest = ph_span_after(*rest, 1);
    if (rest->size == 0)
        return 0;
    has_bracket = rest->at[0] == '<';
    if (has_bracket)
        *rest = ph_span_after(*rest, 1);
    while (size < rest->size &&
           (has_bracket ? rest->at[size] != '>'
                        : !is_between(rest->at[size], is_list)))
        size++;
    if (has_bracket && size == rest->size)
        return PH_E_INVALID;
    *id = ph_span_of(rest->at, size);
    *rest = ph_span_after(*rest, size + has_bracket);
    return is_id(*id, has_bracket) ? 1 : PH_E_INVALID;
}

/* The size of the field at the start of a header, its CRLF included. */
static size_t field_size(ph_span header)
{
    size_t size = 0;

    do {
        size += ph_span_find(ph_span_after(header, size), '\n') + 1;
    } while (size < header.size && ph_ascii_is_blank(header.at[size]));
    return size < header.size ? size : header.size;
}

bool ph_header_find(ph_span header, ph_span name, ph_span *value)
{
    while (header.size) {
        size_t size = field_size(header), colon = ph_span_find(header, ':');

        if (colon < size &&
            ph_ascii_equal(ph_span_of(header.at, colon), name)) {
            *value = ph_span_of(header.at + colon + 1, size - colon - 1);
            if (value->size >= 2)
                value->size -= 2; /* CRLF */
            return true;
        }
        header = ph_span_after(header, size);
    }
    return false;
}

int ph_header_decode(ph_buf *out, ph_span value)
{
    ph_buf line;
    int result;

    ph_buf_init(&line, value.size);
    result = ph_fold_undo(&line, value);
    value = ph_buf_span(&line); /* a fold may follow the colon at once */
    while (value.size && ph_ascii_is_blank(value.at[0]))
        value = ph_span_after(value, 1);
    if (result == PH_OK)
        result = ph_encoded_word_decode(out, value);
    ph_buf_clear(&line);
    return result;
}
