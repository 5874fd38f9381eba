/* structured_field.c - fields of the user's that programs read.
 * SPDX-License-Identifier: MIT */
#include "structured_field.h"
#include "header.h"
#include "base/ascii.h"
#include "codec/address_list.h"
#include "codec/comment.h"
#include "codec/encoded_word.h"
#include "codec/fold.h"
#include "codec/quoted_string.h"

enum {
    VALUE_LIMIT = 8 * PH_HEADER_VALUE
};

typedef int (*put_value)(ph_buf *value, ph_span text, size_t column,
                         ph_field_facts *facts);

struct ph_structured_field {
    const char *name;
    int times; /* ONCE or MANY */
    put_value put;
    const char *fault;
};

/* What stands there as it is: ASCII, none of which a reader would decode. */
static bool is_plain(ph_span text)
{
    return !ph_ascii_has_high(text) && !ph_encoded_word_is_in(text);
}

/* ---- URIs (RFC 2369, 2) ---- */

/* Size of "<scheme:...>" at the start of the span, or 0. */
static size_t uri_size(ph_span rest)
{
    size_t size = 1, scheme;

    if (rest.size < 2 || rest.at[0] != '<' || !ph_ascii_is_alpha(rest.at[1]))
        return 0;
    while (size < rest.size &&
           (ph_ascii_is_alnum(rest.at[size]) || strchr("+-.", rest.at[size])))
        size++;
    scheme = size;
    if (size == rest.size || rest.at[size] != ':')
        return 0;
    while (size < rest.size && (unsigned char)rest.at[size] > 0x20 &&
           (unsigned char)rest.at[size] < 0x7f &&
           !strchr("<>\"", rest.at[size]))
        size++;
    if (size == rest.size || rest.at[size] != '>' || size == scheme + 1)
        return 0;
    return size + 1;
}

static bool is_https(ph_span uri)
{
    ph_span scheme = ph_span_text("<https:");

    uri.size = uri.size < scheme.size ? uri.size : scheme.size;
    return ph_ascii_equal(uri, scheme);
}

/* Blanks and comments, as one blank and the comments as they are. */
static int put_comments(ph_buf *value, ph_span *rest)
{
    ph_span behind = ph_comment_skip(*rest);
    size_t size = rest->size - behind.size;
    ph_span text = ph_span_of(rest->at, size);
    int result = PH_OK;

    while (text.size && text.at[0] == ' ')
        text = ph_span_after(text, 1);
    while (text.size && text.at[text.size - 1] == ' ')
        text.size--;
    *rest = behind;
    if (text.size && ph_buf_size(value))
        result = ph_buf_put_char(value, ' ');
    return result < 0 ? result : ph_buf_put_span(value, text);
}

static int put_uri_list(ph_buf *value, ph_span rest, bool *has_https)
{
    bool has_comma = false;

    if (!is_plain(rest))
        return PH_E_INVALID;
    for (;;) {
        size_t size;
        int result = put_comments(value, &rest);
        if (result == PH_OK && ph_buf_size(value))
            result = ph_buf_put_char(value, ' ');
        size = uri_size(rest);
        if (size == 0)
            return PH_E_INVALID;
        if (result == PH_OK)
            result = ph_buf_put_span(value, ph_span_of(rest.at, size));
        *has_https |= is_https(rest);
        rest = ph_span_after(rest, size);
        if (result == PH_OK)
            result = put_comments(value, &rest);
        has_comma = rest.size && rest.at[0] == ',';
        if (result < 0 || !has_comma)
            return result < 0 || rest.size == 0 ? result : PH_E_INVALID;
        result = ph_buf_put_char(value, ',');
        rest = ph_span_after(rest, 1);
    }
}

static int put_uris(ph_buf *value, ph_span text, size_t column,
                    ph_field_facts *facts)
{
    bool has_https = false;

    (void)column, (void)facts;
    return put_uri_list(value, text, &has_https);
}

static int put_unsubscribe(ph_buf *value, ph_span text, size_t column,
                           ph_field_facts *facts)
{
    (void)column;
    return put_uri_list(value, text, &facts->has_https);
}

/* "NO": nobody may post (RFC 2369, 3.4). */
static int put_post(ph_buf *value, ph_span text, size_t column,
                    ph_field_facts *facts)
{
    if (ph_span_equal(text, ph_span_text("NO")))
        return ph_buf_put_span(value, text);
    return put_uris(value, text, column, facts);
}

/* ---- words, and the one that RFC 8058, 3.1 wants ---- */

static int put_one_click(ph_buf *value, ph_span text, size_t column,
                         ph_field_facts *facts)
{
    (void)column;
    if (!ph_span_equal(text, ph_span_text("List-Unsubscribe=One-Click")))
        return PH_E_INVALID;
    facts->is_one_click = true;
    return ph_buf_put_span(value, text);
}

/* The only value that RFC 8689, 5 knows. */
static int put_no(ph_buf *value, ph_span text, size_t column,
                  ph_field_facts *facts)
{
    (void)column, (void)facts;
    return ph_ascii_equal(text, ph_span_text("No"))
               ? ph_buf_put_span(value, text)
               : PH_E_INVALID;
}

static int put_ascii(ph_buf *value, ph_span text, size_t column,
                     ph_field_facts *facts)
{
    (void)column, (void)facts;
    if (text.size == 0 || !is_plain(text))
        return PH_E_INVALID;
    return ph_buf_put_span(value, text);
}

/* ---- List-Id (RFC 2919, 3): a phrase, and the id in brackets ---- */

static bool is_list_id(ph_span id)
{
    bool has_dot = false, was_dot = true;

    for (size_t i = 0; i < id.size; i++) {
        bool is_dot = id.at[i] == '.';
        if (is_dot ? was_dot : !ph_ascii_is_atext(id.at[i]))
            return false;
        has_dot |= is_dot;
        was_dot = is_dot;
    }
    return has_dot && !was_dot && !ph_encoded_word_is_in(id);
}

/* The phrase as it was typed: with quotation marks or without. */
static int put_phrase(ph_buf *value, ph_span text, size_t column)
{
    ph_buf plain;
    int result;

    if (text.size == 0 || ph_quoted_string_end(text) != text.size)
        return ph_encoded_word_put_phrase(value, text, column);
    ph_buf_init(&plain, text.size);
    result = ph_quoted_string_read(&plain, text);
    if (result == PH_OK)
        result = ph_encoded_word_put_phrase(value, ph_buf_span(&plain), column);
    ph_buf_clear(&plain);
    return result;
}

static int put_list_id(ph_buf *value, ph_span text, size_t column,
                       ph_field_facts *facts)
{
    size_t start = ph_span_find(text, '<');
    ph_span phrase = ph_span_of(text.at, start);
    ph_span id = ph_span_after(text, start + 1);
    int result;

    (void)facts;
    if (id.size < 2 || id.at[id.size - 1] != '>')
        return PH_E_INVALID;
    id.size--;
    while (phrase.size && phrase.at[phrase.size - 1] == ' ')
        phrase.size--;
    if (!is_list_id(id))
        return PH_E_INVALID;
    result = put_phrase(value, phrase, column);
    if (result == PH_OK)
        result = ph_buf_put_text(value, phrase.size ? " <" : "<");
    if (result == PH_OK)
        result = ph_buf_put_span(value, id);
    return result < 0 ? result : ph_buf_put_char(value, '>');
}

/* ---- mailboxes ---- */

static int put_list(ph_buf *value, const ph_address_list *list, size_t column,
                    ph_field_facts *facts)
{
    if (list->count == 0)
        return PH_E_INVALID;
    for (size_t i = 0; i < list->count; i++)
        facts->is_unicode |= ph_address_list_get(list, i).is_unicode;
    return ph_address_list_put(value, list, column);
}

static int put_mailboxes(ph_buf *value, ph_span text, size_t column,
                         ph_field_facts *facts)
{
    ph_address_list list;
    int result;

    ph_address_list_init(&list);
    result = ph_address_list_parse(&list, text, PH_ADDRESS_BUILD);
    if (result >= 0)
        result = put_list(value, &list, column, facts);
    ph_address_list_clear(&list);
    return result;
}

/* ---- the fields ---- */

#define NO_URIS     "is no list of URIs in angle brackets"
#define URIS        put_uris, NO_URIS
#define UNSUBSCRIBE put_unsubscribe, NO_URIS
#define ASCII       put_ascii, "is no word of ASCII"
#define MAILBOX     put_mailboxes, "is no list of mailboxes"
#define ONE_CLICK   put_one_click, "is not List-Unsubscribe=One-Click"

enum {
    ONCE,
    MANY
};

/* One bit each in ph_field_facts. */
static const ph_structured_field fields[] = {
    { "archived-at", MANY, URIS },
    { "auto-submitted", ONCE, ASCII },
    { "disposition-notification-to", ONCE, MAILBOX },
    { "errors-to", ONCE, MAILBOX },
    { "feedback-id", ONCE, ASCII },
    { "importance", ONCE, ASCII },
    { "list-archive", ONCE, URIS },
    { "list-help", ONCE, URIS },
    { "list-id", ONCE, put_list_id, "is no list's name and <list.id>" },
    { "list-owner", ONCE, URIS },
    { "list-post", ONCE, put_post, "is neither NO nor URIs in angle brackets" },
    { "list-subscribe", ONCE, URIS },
    { "list-unsubscribe", ONCE, UNSUBSCRIBE },
    { "list-unsubscribe-post", ONCE, ONE_CLICK },
    { "mail-followup-to", ONCE, MAILBOX },
    { "mail-reply-to", ONCE, MAILBOX },
    { "precedence", ONCE, ASCII },
    { "priority", ONCE, ASCII },
    { "return-receipt-to", ONCE, MAILBOX },
    { "sensitivity", ONCE, ASCII },
    { "tls-required", ONCE, put_no, "is not No" },
    { "x-auto-response-suppress", ONCE, ASCII },
    { "x-confirm-reading-to", ONCE, MAILBOX },
    { "x-priority", ONCE, ASCII },
};

const ph_structured_field *ph_structured_field_find(ph_span name)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (ph_ascii_equal(name, ph_span_text(fields[i].name)))
            return &fields[i];
    return NULL;
}

const char *ph_structured_field_fault(const ph_structured_field *field)
{
    return field->fault;
}

static uint64_t bit_of(const ph_structured_field *field)
{
    return (uint64_t)1 << (size_t)(field - fields);
}

bool ph_structured_field_is_spent(const ph_structured_field *field,
                                  const ph_field_facts *facts)
{
    return field->times == ONCE && (facts->put & bit_of(field));
}

bool ph_structured_field_has_mailboxes(const ph_structured_field *field)
{
    return field->put == put_mailboxes;
}

/* Writes the value, if it was made, and tells what it means. */
static int finish(const ph_structured_field *field, ph_buf *out, ph_span name,
                  ph_buf *value, ph_field_facts *facts)
{
    int result = ph_fold_put(out, name, ph_buf_span(value));

    if (result >= 0)
        facts->put |= bit_of(field);
    return result;
}

int ph_structured_field_put(const ph_structured_field *field, ph_buf *out,
                            ph_span name, ph_span value, ph_field_facts *facts)
{
    ph_field_facts own = *facts;
    ph_buf final;
    int result;

    if (ph_header_fault(value))
        return PH_E_INVALID;
    ph_buf_init(&final, VALUE_LIMIT);
    result = field->put(&final, value, name.size + 2, &own);
    if (result >= 0)
        result = finish(field, out, name, &final, &own);
    if (result >= 0)
        *facts = own;
    ph_buf_clear(&final);
    return result;
}

int ph_structured_field_put_list(const ph_structured_field *field, ph_buf *out,
                                 ph_span name, const ph_address_list *list,
                                 ph_field_facts *facts)
{
    ph_field_facts own = *facts;
    ph_buf final;
    int result;

    ph_buf_init(&final, VALUE_LIMIT);
    result = put_list(&final, list, name.size + 2, &own);
    if (result >= 0)
        result = finish(field, out, name, &final, &own);
    if (result >= 0)
        *facts = own;
    ph_buf_clear(&final);
    return result;
}
