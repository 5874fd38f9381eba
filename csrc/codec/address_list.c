/* address_list.c - lists of mailboxes (RFC 5322, 3.4; RFC 6532).
 * SPDX-License-Identifier: MIT */
#include "address_list.h"
#include "base/ascii.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "comment.h"
#include "encoded_word.h"
#include "quoted_string.h"

/* A part of the list's text. */
struct place {
    uint32_t at, size;
};

struct ph_address_item {
    struct place name, local, domain, ascii, group;
    uint32_t group_id;
    bool is_unicode;
};

void ph_address_list_init(ph_address_list *list)
{
    *list = (ph_address_list){ 0 };
    ph_buf_init(&list->text, PH_ADDRESS_LIST_LIMIT);
}

void ph_address_list_clear(ph_address_list *list)
{
    ph_buf_clear(&list->text);
    ph_mem_free(list->items);
    ph_address_list_init(list);
}

static ph_span span_of(const ph_address_list *list, struct place place)
{
    return place.size
               ? ph_span_of(ph_buf_span(&list->text).at + place.at, place.size)
               : ph_span_of("", 0);
}

ph_address ph_address_list_get(const ph_address_list *list, size_t i)
{
    const struct ph_address_item *item = &list->items[i];
    return (ph_address){
        .name = span_of(list, item->name),
        .local = span_of(list, item->local),
        .domain = span_of(list, item->domain),
        .ascii = span_of(list, item->ascii),
        .group = span_of(list, item->group),
        .group_id = item->group_id,
        .is_unicode = item->is_unicode,
    };
}

/* --- Reading ------------------------------------------------------------ */

/* What the element before was: where an element, a comma, an end may be. */
enum behind {
    START,
    COMMA,
    MAILBOX,
    GROUP
};

struct reader {
    ph_address_list *list;
    ph_span rest;
    ph_address_mode mode;
    enum behind behind;
    bool is_in_group, has_members;
    struct place group;
    uint32_t group_id;
};

static struct place place_from(const ph_buf *text, size_t start)
{
    return (struct place){ (uint32_t)start,
                           (uint32_t)(ph_buf_size(text) - start) };
}

static int add_item(ph_address_list *list, const struct ph_address_item *item)
{
    if (list->count == PH_ADDRESS_LIST_COUNT)
        return PH_E_LIMIT;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        void *items = ph_mem_resize(list->items, capacity * sizeof *item);
        if (!items)
            return PH_E_MEMORY;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *item;
    return PH_OK;
}

/* The size of the word at the start; 0: none is there. Encoded-words of a
 * field may hold what no atom does. */
static size_t word_size(const struct reader *reader, ph_span rest)
{
    size_t size = ph_quoted_string_end(rest);

    if (!size && reader->mode == PH_ADDRESS_READ)
        size = ph_encoded_word_size(rest);
    if (size)
        return size;
    while (size < rest.size &&
           (ph_ascii_is_atext(rest.at[size]) ||
            ph_ascii_is_high(rest.at[size]) || rest.at[size] == '.'))
        size++;
    return size;
}

/* What comes first behind the words at the start: "@", "<", ":", or something
 * that makes the element invalid. */
static char decide(const struct reader *reader)
{
    ph_span rest = ph_comment_skip(reader->rest);

    while (rest.size) {
        size_t size = word_size(reader, rest);
        if (!size)
            return *rest.at;
        rest = ph_comment_skip(ph_span_after(rest, size));
    }
    return '\0';
}

/* Decodes what a quoted-string says. If all of it is one encoded-word in which
 * blanks stand as they are ("=?utf-8?Q?Doe, Ada?="), they are meant as "_". */
static int put_decoded(ph_buf *text, ph_span from)
{
    char room[PH_ENCODED_WORD_LIMIT];
    int result = 0;

    if (from.size <= sizeof room) {
        for (size_t i = 0; i < from.size; i++)
            room[i] = from.at[i] == ' ' ? '_' : from.at[i];
        if (ph_encoded_word_size(ph_span_of(room, from.size)) == from.size)
            result =
                ph_encoded_word_decode_one(text, ph_span_of(room, from.size));
    }
    if (result == 0)
        result = ph_encoded_word_decode(text, from);
    return result < 0 ? result : PH_OK;
}

/* A quoted-string holds no encoded-word (RFC 2047, 5 (3)), but much of the
 * world writes one there, and other readers decode it. Nobody who writes by
 * the rules means one literally: our writer encodes it. */
static int read_quoted(ph_buf *text, ph_span word)
{
    size_t start = ph_buf_size(text);
    int result = ph_quoted_string_read(text, word);
    ph_span plain = ph_span_after(ph_buf_span(text), start);
    ph_buf copy;

    if (result < 0 || !ph_encoded_word_has_mark(plain))
        return result;
    ph_buf_init(&copy, plain.size);
    result = ph_buf_put_span(&copy, plain);
    ph_buf_truncate(text, start);
    if (result == PH_OK)
        result = put_decoded(text, ph_buf_span(&copy));
    ph_buf_clear(&copy);
    return result;
}

/* One word of a phrase. has_gap: a blank belongs before it; *was_word: the
 * word before was an encoded-word, which swallows the gap to another one. */
static int read_word(struct reader *reader, ph_span word, bool has_gap,
                     bool *was_word)
{
    ph_buf *text = &reader->list->text;
    bool is_word = reader->mode == PH_ADDRESS_READ && *word.at != '"' &&
                   ph_encoded_word_size(word);
    int result = PH_OK;

    if (has_gap && !(*was_word && is_word))
        result = ph_buf_put_char(text, ' ');
    if (result == PH_OK && is_word)
        result = ph_encoded_word_decode_one(text, word);
    is_word = result > 0;
    if (result == PH_OK && *word.at != '"')
        result = ph_buf_put_span(text, word);
    else if (result == PH_OK)
        result = reader->mode == PH_ADDRESS_READ
                     ? read_quoted(text, word)
                     : ph_quoted_string_read(text, word);
    *was_word = is_word;
    return result < 0 ? result : PH_OK;
}

/* The words before "<" or ":". */
static int read_phrase(struct reader *reader, struct place *name)
{
    size_t start = ph_buf_size(&reader->list->text), size;
    bool is_first = true, was_word = false, has_gap = false;
    ph_span rest = ph_comment_skip(reader->rest);
    int result = PH_OK;

    while (rest.size && result == PH_OK &&
           (size = word_size(reader, rest)) != 0) {
        ph_span behind;
        result = read_word(reader, ph_span_of(rest.at, size),
                           has_gap && !is_first, &was_word);
        rest = ph_span_after(rest, size);
        behind = ph_comment_skip(rest);
        has_gap = behind.size != rest.size;
        is_first = false;
        rest = behind;
    }
    reader->rest = rest;
    *name = place_from(&reader->list->text, start);
    return result;
}

static bool take(struct reader *reader, char mark)
{
    reader->rest = ph_comment_skip(reader->rest);
    if (!reader->rest.size || *reader->rest.at != mark)
        return false;
    reader->rest = ph_span_after(reader->rest, 1);
    return true;
}

/* Local part and domain lie one behind the other in the list's text. */
static int read_spec(ph_address_list *list, ph_span *rest, ph_address_mode mode,
                     struct ph_address_item *item)
{
    size_t start = ph_buf_size(&list->text);
    ph_address address = { 0 };
    int result = ph_address_read(&address, rest, mode, &list->text);

    item->local =
        (struct place){ (uint32_t)start, (uint32_t)address.local.size };
    item->domain = (struct place){ (uint32_t)(start + address.local.size),
                                   (uint32_t)address.domain.size };
    item->is_unicode = address.is_unicode;
    return result;
}

static int read_mailbox(struct reader *reader, bool has_angle)
{
    struct ph_address_item item = { .group = reader->group,
                                    .group_id = reader->group_id };
    int result = PH_OK;

    if (has_angle) {
        result = read_phrase(reader, &item.name);
        if (result == PH_OK && !take(reader, '<'))
            result = PH_E_INVALID;
        if (result == PH_OK && reader->mode == PH_ADDRESS_READ)
            result = ph_address_skip_route(&reader->rest, &reader->list->text);
    }
    if (result == PH_OK)
        result = read_spec(reader->list, &reader->rest, reader->mode, &item);
    if (result == PH_OK && has_angle && !take(reader, '>'))
        result = PH_E_INVALID;
    reader->behind = MAILBOX;
    reader->has_members = true;
    return result < 0 ? result : add_item(reader->list, &item);
}

static int open_group(struct reader *reader)
{
    int result = read_phrase(reader, &reader->group);

    if (result < 0)
        return result;
    if (reader->is_in_group || !reader->group.size || !take(reader, ':'))
        return PH_E_INVALID;
    reader->is_in_group = true;
    reader->has_members = false;
    reader->group_id = (uint32_t)++reader->list->groups;
    reader->behind = START;
    return PH_OK;
}

static int close_group(struct reader *reader)
{
    struct ph_address_item item = { .group = reader->group,
                                    .group_id = reader->group_id };
    int result = PH_OK;

    if (!reader->is_in_group)
        return PH_E_INVALID;
    if (!reader->has_members)
        result = add_item(reader->list, &item);
    reader->is_in_group = false;
    reader->group = (struct place){ 0, 0 };
    reader->group_id = 0;
    reader->behind = GROUP;
    return result;
}

/* One mailbox, comma, or end of a group. Empty elements are obsolete. */
static int read_element(struct reader *reader)
{
    bool is_strict = reader->mode != PH_ADDRESS_READ;
    bool is_empty = reader->behind == COMMA || reader->behind == START;

    if (take(reader, ',')) {
        reader->behind = COMMA;
        return is_strict && is_empty ? PH_E_INVALID : PH_OK;
    }
    if (take(reader, ';'))
        return is_strict && reader->behind == COMMA ? PH_E_INVALID
                                                    : close_group(reader);
    if (!is_empty && (is_strict || reader->behind != GROUP))
        return PH_E_INVALID;
    switch (decide(reader)) {
    case '@':
        return read_mailbox(reader, false);
    case '<':
        return read_mailbox(reader, true);
    case ':':
        return open_group(reader);
    default:
        return PH_E_INVALID;
    }
}

/* No control in what a user gives; in a field folds and tabs. */
static bool is_text(ph_span text, ph_address_mode mode)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool is_last = i + 1 == text.size;
        if (!ph_ascii_is_control(c))
            continue;
        if (mode != PH_ADDRESS_READ)
            return false;
        if (c == '\r' ? is_last || text.at[i + 1] != '\n'
                      : c != '\t' && (c != '\n' || is_last ||
                                      !ph_ascii_is_blank(text.at[i + 1])))
            return false;
    }
    return mode == PH_ADDRESS_READ || ph_utf8_is_valid(text);
}

static int read_list(struct reader *reader)
{
    int result = PH_OK;

    reader->rest = ph_comment_skip(reader->rest);
    while (reader->rest.size && result == PH_OK) {
        result = read_element(reader);
        reader->rest = ph_comment_skip(reader->rest);
    }
    if (result < 0)
        return result;
    if (reader->mode != PH_ADDRESS_READ &&
        (reader->is_in_group || reader->behind == COMMA))
        return PH_E_INVALID;
    return reader->is_in_group ? close_group(reader) : PH_OK;
}

int ph_address_list_parse(ph_address_list *list, ph_span text,
                          ph_address_mode mode)
{
    struct reader reader = { .list = list, .rest = text, .mode = mode };
    size_t size = ph_buf_size(&list->text), count = list->count;
    size_t groups = list->groups;
    int result;

    if (text.size > PH_ADDRESS_LIST_TEXT)
        return PH_E_LIMIT;
    result = is_text(text, mode) ? read_list(&reader) : PH_E_INVALID;
    if (result < 0) {
        ph_buf_truncate(&list->text, size);
        list->count = count;
        list->groups = groups;
    }
    return result;
}

static int put_name(ph_address_list *list, ph_span name, struct place *place)
{
    size_t start = ph_buf_size(&list->text);
    int result;

    if (ph_ascii_has_control(name) || !ph_utf8_is_valid(name))
        return PH_E_INVALID;
    if (name.size > PH_ADDRESS_LIST_TEXT)
        return PH_E_LIMIT;
    result = ph_buf_put_span(&list->text, name);
    *place = place_from(&list->text, start);
    return result;
}

int ph_address_list_set_group(ph_address_list *list, ph_span name)
{
    struct place place;
    int result = put_name(list, name, &place);

    if (result < 0)
        return result;
    list->has_group = name.size != 0;
    list->groups += list->has_group;
    list->group = place.at;
    list->group_size = place.size;
    return PH_OK;
}

int ph_address_list_add(ph_address_list *list, ph_span name, ph_span bare)
{
    size_t size = ph_buf_size(&list->text);
    struct ph_address_item item = { .is_unicode = false };
    int result = put_name(list, name, &item.name);

    if (list->has_group) {
        item.group =
            (struct place){ (uint32_t)list->group, (uint32_t)list->group_size };
        item.group_id = (uint32_t)list->groups;
    }
    if (result == PH_OK)
        result = read_spec(list, &bare, PH_ADDRESS_BARE, &item);
    if (result == PH_OK && bare.size)
        result = PH_E_INVALID;
    if (result == PH_OK)
        result = add_item(list, &item);
    if (result < 0)
        ph_buf_truncate(&list->text, size);
    return result;
}

int ph_address_list_set_ascii(ph_address_list *list, size_t i, ph_span ascii)
{
    struct ph_address_item *item = &list->items[i];
    ph_address address = ph_address_list_get(list, i);
    size_t start = ph_buf_size(&list->text);
    int result = ph_address_set_ascii(&address, ascii);

    if (result == PH_OK)
        result = ph_buf_put_span(&list->text, ascii);
    if (result < 0)
        return result;
    item->ascii = place_from(&list->text, start);
    item->is_unicode = address.is_unicode;
    return PH_OK;
}

/* --- Writing ------------------------------------------------------------ */

/* Text and where the line stands, as ph_fold_put will break it. */
static int put(ph_buf *out, const char *text, size_t *column)
{
    *column += strlen(text);
    return ph_buf_put_text(out, text);
}

static int put_item(ph_buf *out, const ph_address *address, size_t *column)
{
    size_t before = ph_buf_size(out), size;
    int result = address->domain.size
                     ? ph_address_put_mailbox(out, address, *column)
                     : PH_OK;

    size = ph_buf_size(out) - before;
    *column = *column + size > PH_ENCODED_WORD_LINE ? size : *column + size;
    return result;
}

int ph_address_list_put(ph_buf *out, const ph_address_list *list, size_t column)
{
    size_t before = ph_buf_size(out), group_id = 0;
    int result = PH_OK;

    for (size_t i = 0; i < list->count && result == PH_OK; i++) {
        ph_address address = ph_address_list_get(list, i);
        bool is_new = address.group_id != group_id;
        if (is_new && group_id)
            result = put(out, ";", &column);
        if (result == PH_OK && i)
            result = put(out, ", ", &column);
        if (result == PH_OK && is_new && address.group_id) {
            result = ph_encoded_word_put_phrase(out, address.group, column);
            if (result == PH_OK)
                result = put(out, address.domain.size ? ": " : ":", &column);
        }
        if (result == PH_OK)
            result = put_item(out, &address, &column);
        group_id = address.group_id;
    }
    if (result == PH_OK && group_id)
        result = put(out, ";", &column);
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}
