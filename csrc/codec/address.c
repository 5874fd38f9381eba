/* address.c - mailboxes (RFC 5321, 4.1.2; RFC 5322, 3.4; RFC 6532).
 * SPDX-License-Identifier: MIT */
#include "address.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "comment.h"
#include "domain.h"
#include "encoded_word.h"
#include "quoted_string.h"

/* --- Reading ------------------------------------------------------------ */

/* What was read of a local part or a domain. */
struct parts {
    size_t count, quoted;
    char last;        /* 'w' a word, '.' a dot, 0 nothing */
    bool has_doubled; /* two dots, or one at an end */
    bool has_gap;     /* blanks or comments between two parts */
};

static bool is_word(char c)
{
    return ph_ascii_is_atext(c) || ph_ascii_is_high(c);
}

static ph_span skip(ph_span rest, ph_address_mode mode)
{
    return mode == PH_ADDRESS_BARE ? rest : ph_comment_skip(rest);
}

static bool is_part(ph_span rest)
{
    return rest.size &&
           (is_word(*rest.at) || *rest.at == '.' || *rest.at == '"');
}

/* One atom, dot or quoted-string. */
static int read_part(ph_span *rest, ph_buf *text, struct parts *parts)
{
    bool is_dot = *rest->at == '.';
    ph_span part = ph_span_of(rest->at, is_dot);

    if (is_dot && parts->last != 'w')
        parts->has_doubled = true;
    if (!is_dot && parts->last == 'w')
        return PH_E_INVALID;
    parts->last = is_dot ? '.' : 'w';
    parts->count++;
    if (*rest->at == '"') {
        parts->quoted++;
        part.size = ph_quoted_string_end(*rest);
        *rest = ph_span_after(*rest, part.size);
        return part.size ? ph_quoted_string_read(text, part) : PH_E_INVALID;
    }
    while (!is_dot && part.size < rest->size && is_word(part.at[part.size]))
        part.size++;
    *rest = ph_span_after(*rest, part.size);
    return ph_buf_put_span(text, part);
}

/* All parts, up to something else. */
static int read_parts(ph_span *rest, ph_address_mode mode, ph_buf *text,
                      struct parts *parts)
{
    int result = PH_OK;

    *parts = (struct parts){ 0 };
    *rest = skip(*rest, mode);
    while (is_part(*rest) && result == PH_OK) {
        size_t before;
        result = read_part(rest, text, parts);
        before = rest->size;
        *rest = skip(*rest, mode);
        if (rest->size != before && is_part(*rest))
            parts->has_gap = true;
    }
    if (parts->last == '.')
        parts->has_doubled = true;
    return parts->count || result < 0 ? result : PH_E_INVALID;
}

/* Blanks between parts, mixed quotes and doubled dots are obsolete or in
 * nobody's grammar, yet they arrive. */
static bool is_strict(const struct parts *parts)
{
    return !parts->has_gap && !parts->has_doubled &&
           (!parts->quoted || parts->count == 1);
}

/* "[192.0.2.1]". In a field blanks, folds and escapes within are obsolete or
 * mean nothing (RFC 5322, 3.4.1 and 4.4); elsewhere they are refused later. */
static int read_literal(ph_span *rest, ph_address_mode mode, ph_buf *text)
{
    size_t end = ph_span_find(*rest, ']');
    ph_span literal = ph_span_of(rest->at, end + 1);
    int result = PH_OK;

    if (end == rest->size)
        return PH_E_INVALID;
    *rest = ph_span_after(*rest, end + 1);
    if (mode != PH_ADDRESS_READ)
        return ph_buf_put_span(text, literal);
    for (size_t i = 0; i < literal.size && result == PH_OK; i++)
        if (!strchr(" \t\r\n\\", literal.at[i]))
            result = ph_buf_put_char(text, literal.at[i]);
    return result;
}

static int read_domain(ph_span *rest, ph_address_mode mode, ph_buf *text)
{
    struct parts parts;
    int result;

    *rest = skip(*rest, mode);
    if (rest->size && *rest->at == '[')
        return read_literal(rest, mode, text);
    result = read_parts(rest, mode, text, &parts);
    if (result == PH_OK &&
        (parts.quoted || (mode != PH_ADDRESS_READ && !is_strict(&parts))))
        return PH_E_INVALID;
    return result;
}

/* Not even quotes excuse a control. */
static bool is_local(ph_span local)
{
    while (local.size) {
        uint32_t point = 0;
        bool is_plain =
            !ph_ascii_is_control(*local.at) && !ph_ascii_is_high(*local.at);
        size_t size = is_plain ? 1 : ph_utf8_next(local, &point);
        if (!is_plain && (!size || ph_domain_is_hidden(point)))
            return false;
        local = ph_span_after(local, size);
    }
    return true;
}

/* A dot-atom needs no quotes. */
static bool is_dot_atom(ph_span local)
{
    char last = '.';

    for (size_t i = 0; i < local.size; i++) {
        char c = local.at[i];
        if (c == '.' ? last == '.' : !is_word(c))
            return false;
        last = c;
    }
    return last != '.';
}

static size_t written_size(ph_span local)
{
    return is_dot_atom(local) ? local.size : ph_quoted_string_size(local);
}

/* The rules of both ways in, on what was read. */
static int check(ph_address *address)
{
    size_t size = written_size(address->local);
    int kind = ph_domain_check(address->domain);

    if (kind < 0 || size > PH_ADDRESS_LOCAL || !is_local(address->local) ||
        size + 1 + address->domain.size > PH_ADDRESS_LIMIT)
        return PH_E_INVALID;
    address->is_unicode =
        kind == PH_DOMAIN_UNICODE || ph_ascii_has_high(address->local);
    return PH_OK;
}

static int read_mailbox(ph_address *address, ph_span *rest,
                        ph_address_mode mode, ph_buf *text)
{
    size_t start = ph_buf_size(text), middle;
    struct parts parts;
    ph_span read;
    int result = read_parts(rest, mode, text, &parts);

    if (result < 0)
        return result;
    if ((mode != PH_ADDRESS_READ && !is_strict(&parts)) || !rest->size ||
        *rest->at != '@')
        return PH_E_INVALID;
    *rest = ph_span_after(*rest, 1);
    middle = ph_buf_size(text);
    result = read_domain(rest, mode, text);
    if (result < 0)
        return result;
    read = ph_buf_span(text);
    address->local = ph_span_of(read.at + start, middle - start);
    address->domain = ph_span_of(read.at + middle, read.size - middle);
    return check(address);
}

int ph_address_read(ph_address *address, ph_span *rest, ph_address_mode mode,
                    ph_buf *text)
{
    size_t before = ph_buf_size(text);
    int result;

    /* Looked at before anything is read: a quoted-string of a field may hold
     * folds, which go unseen. The lists have checked their text already. */
    if (mode == PH_ADDRESS_BARE && ph_ascii_has_control(*rest))
        return PH_E_INVALID;
    result = read_mailbox(address, rest, mode, text);
    if (result < 0)
        ph_buf_truncate(text, before);
    return result;
}

int ph_address_skip_route(ph_span *rest, ph_buf *text)
{
    size_t before = ph_buf_size(text);
    ph_span route = ph_comment_skip(*rest);
    bool has_domain = false, is_next = true;
    int result = PH_OK;

    while (route.size && result == PH_OK &&
           (*route.at == ',' || (*route.at == '@' && is_next))) {
        is_next = *route.at == ',';
        route = ph_span_after(route, 1);
        if (!is_next) {
            has_domain = true;
            result = read_domain(&route, PH_ADDRESS_READ, text);
            ph_buf_truncate(text, before);
        }
        route = ph_comment_skip(route);
    }
    if (result < 0 || !has_domain)
        return result;
    if (!route.size || *route.at != ':')
        return PH_E_INVALID;
    *rest = ph_span_after(route, 1);
    return PH_OK;
}

int ph_address_put_bare(ph_buf *out, ph_span text)
{
    ph_address address = { 0 };
    ph_buf room;
    int result;

    ph_buf_init(&room, text.size + 1);
    result = ph_address_read(&address, &text, PH_ADDRESS_BARE, &room);
    if (result == PH_OK && text.size)
        result = PH_E_INVALID;
    if (result == PH_OK && out)
        result = ph_address_put(out, &address);
    ph_buf_clear(&room);
    return result < 0 ? result : address.is_unicode;
}

bool ph_address_is_unmapped(const ph_address *address)
{
    return address->is_unicode && !address->ascii.size &&
           ph_ascii_has_high(address->domain);
}

int ph_address_set_ascii(ph_address *address, ph_span ascii)
{
    if (ph_domain_check(ascii) != PH_DOMAIN_NAME ||
        written_size(address->local) + 1 + ascii.size > PH_ADDRESS_LIMIT)
        return PH_E_INVALID;
    address->ascii = ascii;
    address->is_unicode = ph_ascii_has_high(address->local);
    return PH_OK;
}

/* --- Writing ------------------------------------------------------------ */

int ph_address_put(ph_buf *out, const ph_address *address)
{
    size_t before = ph_buf_size(out);
    int result = is_dot_atom(address->local)
                     ? ph_buf_put_span(out, address->local)
                     : ph_quoted_string_put(out, address->local);

    if (result == PH_OK)
        result = ph_buf_put_char(out, '@');
    if (result == PH_OK)
        result = ph_buf_put_span(out, address->ascii.size ? address->ascii
                                                          : address->domain);
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}

int ph_address_put_mailbox(ph_buf *out, const ph_address *address,
                           size_t column)
{
    size_t before = ph_buf_size(out);
    int result;

    if (!address->name.size)
        return ph_address_put(out, address);
    result = ph_encoded_word_put_phrase(out, address->name, column);
    if (result == PH_OK)
        result = ph_buf_put(out, " <", 2);
    if (result == PH_OK)
        result = ph_address_put(out, address);
    if (result == PH_OK)
        result = ph_buf_put_char(out, '>');
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}
