/* fold.c - header fields as lines (RFC 5322, 2.2.3).
 * SPDX-License-Identifier: MIT */
#include "fold.h"
#include "base/ascii.h"
#include "encoded_word.h"
#include "quoted_string.h"

static bool is_name(ph_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.at[i] <= 0x20 || name.at[i] >= 0x7f || name.at[i] == ':')
            return false;
    return name.size != 0;
}

static bool is_value(ph_span value)
{
    if (!ph_ascii_has_control(value)) /* most, and fast */
        return true;
    for (size_t i = 0; i < value.size; i++)
        if (ph_ascii_is_control(value.at[i]) && value.at[i] != '\t')
            return false;
    return true;
}

/* The field being written. */
struct folder {
    ph_buf *out;
    size_t column;
    size_t lead;      /* 1 until the blank behind the colon is written */
    bool has_word;    /* an encoded-word stands in this line */
    bool has_token;   /* a token of the value does */
    bool is_unquoted; /* no quotation mark has its partner from here on */
};

/* Size of the blanks at the start and the token behind them. */
static size_t piece_size(struct folder *folder, ph_span rest, bool is_whole)
{
    size_t i = 0;

    while (i < rest.size && ph_ascii_is_blank(rest.at[i]))
        i++;
    while (i < rest.size && !ph_ascii_is_blank(rest.at[i])) {
        size_t end = 0;
        if (rest.at[i] == '"' && is_whole && !folder->is_unquoted) {
            end = ph_quoted_string_end(ph_span_after(rest, i));
            folder->is_unquoted = end == 0;
        }
        i += end ? end : 1;
    }
    return i;
}

static bool is_blank(ph_span piece)
{
    for (size_t i = 0; i < piece.size; i++)
        if (!ph_ascii_is_blank(piece.at[i]))
            return false;
    return true;
}

/* Whether the piece should begin a line. The first one leaves its name only
 * when a line of its own holds it. */
static bool wants_line(const struct folder *folder, ph_span piece, size_t limit)
{
    size_t size = piece.size + folder->lead;
    size_t whole = folder->column + size;

    if (whole <= limit || is_blank(piece))
        return false;
    return folder->has_token || size <= limit || whole > PH_FOLD_HARD;
}

static int put_piece(struct folder *folder, ph_span piece)
{
    bool has_word = ph_encoded_word_has_mark(piece);
    bool is_short = has_word || folder->has_word;
    size_t limit = is_short ? (size_t)PH_ENCODED_WORD_LINE : PH_FOLD_SOFT;
    bool is_new = wants_line(folder, piece, limit);
    size_t column = (is_new ? 0 : folder->column) + folder->lead + piece.size;
    int result = ph_buf_put(folder->out, "\r\n", is_new ? 2 : 0);

    if (column > PH_FOLD_HARD)
        return PH_E_INVALID;
    if (result == PH_OK)
        result = ph_buf_put(folder->out, " ", folder->lead);
    if (result == PH_OK)
        result = ph_buf_put_span(folder->out, piece);
    folder->column = column;
    folder->lead = 0;
    folder->has_word = has_word || (folder->has_word && !is_new);
    folder->has_token = true;
    return result;
}

/* A piece, in smaller ones when no line can hold it, or when what looks like
 * a quoted-string is text with encoded-words, whose lines are short. */
static int put_pieces(struct folder *folder, ph_span piece)
{
    int result = PH_OK;

    if (piece.size + folder->lead <= PH_FOLD_HARD &&
        !ph_encoded_word_has_mark(piece))
        return put_piece(folder, piece);
    while (piece.size && result == PH_OK) {
        size_t size = piece_size(folder, piece, false);
        result = put_piece(folder, ph_span_of(piece.at, size));
        piece = ph_span_after(piece, size);
    }
    return result;
}

static int put_value(struct folder *folder, ph_span value)
{
    int result = PH_OK;

    while (value.size && result == PH_OK) {
        size_t size = piece_size(folder, value, true);
        result = put_pieces(folder, ph_span_of(value.at, size));
        value = ph_span_after(value, size);
    }
    return result;
}

/* A field that is one short line. */
static int put_line(ph_buf *out, ph_span name, ph_span value)
{
    char *room;
    int result = ph_buf_reserve(out, name.size + value.size + 4, &room);

    if (result < 0)
        return result;
    memcpy(room, name.at, name.size);
    room += name.size;
    *room++ = ':';
    *room++ = ' ';
    memcpy(room, value.at, value.size);
    memcpy(room + value.size, "\r\n", 2);
    ph_buf_added(out, name.size + value.size + 4);
    return PH_OK;
}

int ph_fold_put(ph_buf *out, ph_span name, ph_span value)
{
    struct folder folder = { .out = out, .column = name.size + 1, .lead = 1 };
    size_t before = ph_buf_size(out);
    int result;

    if (!is_name(name) || name.size >= PH_FOLD_HARD || !is_value(value))
        return PH_E_INVALID;
    if (value.size && name.size + 2 + value.size <= PH_ENCODED_WORD_LINE)
        return put_line(out, name, value);
    result = ph_buf_put_span(out, name);
    if (result == PH_OK)
        result = ph_buf_put_char(out, ':');
    if (result == PH_OK)
        result = put_value(&folder, value);
    if (result == PH_OK)
        result = ph_buf_put(out, "\r\n", 2);
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}

/* Size of the line end at the start of the span: 2, 1 or 0. */
static size_t line_end(ph_span rest)
{
    if (rest.size >= 2 && rest.at[0] == '\r' && rest.at[1] == '\n')
        return 2;
    if (rest.size >= 2 && rest.at[0] == '\r')
        return ph_ascii_is_blank(rest.at[1]);
    return rest.size && rest.at[0] == '\n';
}

int ph_fold_undo(ph_buf *out, ph_span value)
{
    char *room, *next;
    int result = ph_buf_reserve(out, value.size, &room);

    if (result < 0)
        return result;
    next = room;
    while (value.size) {
        size_t size = line_end(value);
        if (!size) {
            *next++ = *value.at;
            size = 1;
        }
        value = ph_span_after(value, size);
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}
