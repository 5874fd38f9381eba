/* flowed.c - text as format=flowed (RFC 3676, 4).
 * SPDX-License-Identifier: MIT */
#include "flowed.h"

/* --- Writing ------------------------------------------------------------ */

/* Octets of a line, in characters of UTF-8. */
static size_t width_of(ph_span text)
{
    size_t width = 0;

    for (size_t i = 0; i < text.size; i++)
        width += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return width;
}

static int put_quotes(size_t quotes, ph_buf *out)
{
    int result = PH_OK;

    for (size_t i = 0; i < quotes && result == PH_OK; i++)
        result = ph_buf_put_char(out, '>');
    return result;
}

/* Quotes, and a blank behind them; or one before text that would otherwise
 * be read as something else (space-stuffing, 4.4). */
static int begin_line(ph_flowed *flowed, bool is_stuffed, ph_buf *out)
{
    int result = put_quotes(flowed->quotes, out);

    flowed->column = flowed->quotes;
    flowed->is_open = true;
    if (result == PH_OK && (flowed->quotes || is_stuffed)) {
        result = ph_buf_put_char(out, ' ');
        flowed->column++;
    }
    return result;
}

/* The line ends in a blank: its reader joins the next one to it. */
static int break_line(ph_flowed *flowed, ph_buf *out)
{
    flowed->is_open = flowed->is_blank = flowed->is_dashes = false;
    flowed->is_broken = true;
    return ph_buf_put(out, "\r\n", 2);
}

static int put_blanks(ph_flowed *flowed, ph_buf *out)
{
    int result = PH_OK;

    if (flowed->blanks > 1)
        flowed->is_dashes = false;
    while (flowed->blanks && result == PH_OK) {
        if (!flowed->is_open)
            result = begin_line(flowed, true, out);
        if (result == PH_OK)
            result = ph_buf_put_char(out, ' ');
        flowed->column++;
        flowed->blanks--;
        flowed->is_blank = true;
        if (flowed->column >= PH_FLOWED_LINE && result == PH_OK)
            result = break_line(flowed, out);
    }
    return result;
}

static bool needs_stuffing(ph_span word)
{
    return word.at[0] == '>' || ph_span_equal(word, ph_span_text("From"));
}

/* The word that waits, on this line or on the next. A line "-- " would begin
 * a signature, so none is broken there (4.3). */
static int place_word(ph_flowed *flowed, ph_buf *out)
{
    ph_span word = ph_span_of(flowed->word, flowed->size);
    bool is_first;
    int result;

    if (word.size == 0)
        return PH_OK;
    result = put_blanks(flowed, out);
    if (result == PH_OK && flowed->is_blank && !flowed->is_dashes &&
        flowed->column + flowed->width >= PH_FLOWED_LINE)
        result = break_line(flowed, out);
    is_first = !flowed->is_open;
    if (result == PH_OK && is_first)
        result = begin_line(flowed, needs_stuffing(word), out);
    if (result == PH_OK)
        result = ph_buf_put_span(out, word);
    flowed->is_dashes = is_first && ph_span_equal(word, ph_span_text("--"));
    flowed->is_blank = false;
    flowed->column += flowed->width;
    flowed->size = flowed->width = 0;
    return result;
}

/* A word that fills a line by itself passes through. */
static int put_word(ph_flowed *flowed, ph_span octets, ph_buf *out)
{
    size_t room = sizeof flowed->word - flowed->size;
    int result = PH_OK;

    if (!flowed->is_long) {
        ph_span part = octets;
        if (part.size > room)
            part.size = room;
        memcpy(flowed->word + flowed->size, part.at, part.size);
        flowed->size += part.size;
        flowed->width += width_of(part);
        octets = ph_span_after(octets, part.size);
        flowed->is_long = flowed->size == sizeof flowed->word;
        if (flowed->is_long)
            result = place_word(flowed, out);
    }
    flowed->column += width_of(octets);
    return result < 0 ? result : ph_buf_put_span(out, octets);
}

/* The last line of a paragraph, whose blanks at the end go; a line of quotes
 * alone is one too. */
static int end_paragraph(ph_flowed *flowed, ph_buf *out)
{
    int result = place_word(flowed, out);

    if (result == PH_OK && flowed->is_dashes && !flowed->is_broken &&
        flowed->blanks == 1)
        result = ph_buf_put_char(out, ' ');
    if (result == PH_OK && !flowed->is_open)
        result = put_quotes(flowed->quotes, out);
    flowed->is_begun = flowed->is_open = flowed->is_blank = false;
    flowed->is_dashes = flowed->is_long = flowed->is_broken = false;
    flowed->blanks = flowed->quotes = flowed->column = 0;
    return result;
}

static int put_end(ph_flowed *flowed, char c, ph_buf *out)
{
    bool is_second = c == '\n' && flowed->has_cr;
    int result = PH_OK;

    flowed->has_cr = c == '\r';
    if (is_second)
        return PH_OK;
    result = end_paragraph(flowed, out);
    return result < 0 ? result : ph_buf_put(out, "\r\n", 2);
}

static int put_blank(ph_flowed *flowed, ph_buf *out)
{
    int result = place_word(flowed, out);

    flowed->is_long = false;
    /* The one behind the quotes belongs to them. */
    if (flowed->is_begun || flowed->quotes == 0)
        flowed->blanks++;
    flowed->is_begun = true;
    return result;
}

static size_t word_size(ph_span text)
{
    size_t size = 0;

    while (size < text.size && text.at[size] != ' ' && text.at[size] != '\r' &&
           text.at[size] != '\n')
        size++;
    return size;
}

int ph_flowed_put(ph_flowed *flowed, ph_span text, ph_buf *out)
{
    int result = PH_OK;

    while (text.size && result == PH_OK) {
        char c = text.at[0];
        size_t size = 1;
        if (c == '\r' || c == '\n') {
            result = put_end(flowed, c, out);
        } else if (c == ' ') {
            result = put_blank(flowed, out);
        } else if (c == '>' && !flowed->is_begun &&
                   flowed->quotes < PH_FLOWED_QUOTES) {
            flowed->quotes++;
        } else {
            flowed->is_begun = true;
            size = word_size(text);
            result = put_word(flowed, ph_span_of(text.at, size), out);
        }
        if (c != '\r' && c != '\n')
            flowed->has_cr = false;
        text = ph_span_after(text, size);
    }
    return result;
}

int ph_flowed_end(ph_flowed *flowed, ph_buf *out)
{
    return end_paragraph(flowed, out);
}

/* --- Reading ------------------------------------------------------------ */

/* The line that begins the text, and its end; the text moves on. */
static ph_span take_line(ph_span *text, ph_span *end)
{
    size_t size = 0, behind;
    ph_span line;

    while (size < text->size && text->at[size] != '\r' &&
           text->at[size] != '\n')
        size++;
    line = ph_span_of(text->at, size);
    *text = ph_span_after(*text, size);
    behind = text->size >= 2 && text->at[0] == '\r' && text->at[1] == '\n'
                 ? 2
                 : text->size != 0;
    *end = ph_span_of(text->at, behind);
    *text = ph_span_after(*text, behind);
    return line;
}

/* What a line says behind its quotes and the blank that stuffs it. */
static ph_span take_quotes(ph_span line, size_t *quotes)
{
    *quotes = 0;
    while (*quotes < line.size && line.at[*quotes] == '>')
        ++*quotes;
    line = ph_span_after(line, *quotes);
    return ph_span_after(line, line.size && line.at[0] == ' ');
}

/* A paragraph that was meant to go on ends where the depth of the quotes
 * changes, or a signature begins (4.3, 4.5). */
int ph_flowed_undo(ph_buf *out, ph_span text, bool is_del_sp)
{
    ph_span end = { NULL, 0 };
    size_t depth = 0;
    bool is_open = false, is_bare = false; /* quotes stand there alone */
    int result = PH_OK;

    while (text.size && result == PH_OK) {
        size_t quotes;
        ph_span behind, line = take_quotes(take_line(&text, &behind), &quotes);
        bool is_dashes = ph_span_equal(line, ph_span_text("-- "));
        if (!is_open || quotes != depth || is_dashes) {
            result = ph_buf_put_span(out, end);
            if (result == PH_OK)
                result = put_quotes(quotes, out);
            is_bare = quotes != 0;
        }
        is_open = !is_dashes && line.size && line.at[line.size - 1] == ' ';
        line.size -= is_open && is_del_sp;
        if (result == PH_OK && is_bare && line.size) {
            result = ph_buf_put_char(out, ' ');
            is_bare = false;
        }
        if (result == PH_OK)
            result = ph_buf_put_span(out, line);
        depth = quotes;
        end = behind;
    }
    return result < 0 ? result : ph_buf_put_span(out, end);
}
