/* reply.c - the reader of SMTP replies (RFC 5321, 4.2).
 * SPDX-License-Identifier: MIT */
#include "reply.h"
#include "base/ascii.h"

enum {
    QUEUE_ID = 128
};

void ph_reply_reader_init(ph_reply_reader *reader)
{
    *reader =
        (ph_reply_reader){ .line_limit = PH_REPLY_LINE, .is_between = true };
    ph_buf_init(&reader->line, PH_REPLY_CHALLENGE);
    ph_buf_init(&reader->text, PH_REPLY_TEXT);
}

void ph_reply_reader_clear(ph_reply_reader *reader)
{
    bool is_plain = reader->is_plain;

    if (reader->line_limit == PH_REPLY_CHALLENGE) {
        ph_buf_wipe(&reader->line);
        ph_buf_wipe(&reader->text);
    } else {
        ph_buf_clear(&reader->line);
        ph_buf_clear(&reader->text);
    }
    ph_reply_reader_init(reader);
    reader->is_plain = is_plain;
}

void ph_reply_reader_plain(ph_reply_reader *reader)
{
    reader->is_plain = true;
}

void ph_reply_reader_challenge(ph_reply_reader *reader, bool is_challenge)
{
    if (reader->line_limit == PH_REPLY_CHALLENGE && !is_challenge)
        ph_reply_reader_clear(reader);
    reader->line_limit = is_challenge ? PH_REPLY_CHALLENGE : PH_REPLY_LINE;
}

bool ph_reply_reader_is_empty(const ph_reply_reader *reader)
{
    return reader->size == 0;
}

/* The first octets of a line, as many as there are: three digits, the first 2
 * to 5, then a blank, a hyphen or the line's end (S4). What is no SMTP is so
 * known before its line ends, if it ever does. */
static bool begins_well(ph_span line)
{
    for (size_t i = 0; i < line.size && i < 3; i++)
        if (!ph_ascii_is_digit(line.at[i]))
            return false;
    if (line.size && (line.at[0] < '2' || line.at[0] > '5'))
        return false;
    return line.size < 4 || line.at[3] == ' ' || line.at[3] == '-' ||
           line.at[3] == '\r';
}

/* Digits of the subject or the detail: 1 to 3 of them. */
static size_t count_digits(ph_span text)
{
    size_t n = 0;
    while (n < text.size && n < 4 && ph_ascii_is_digit(text.at[n]))
        n++;
    return n > 3 ? 0 : n;
}

/* The size of an enhanced status code at the start of text whose class is the
 * reply's (RFC 3463, 2); 0: none (S6). */
static size_t enhanced_size(ph_span text, char class)
{
    size_t at = 2, n;

    if (class == '3' || text.size < 5 || text.at[0] != class ||
        text.at[1] != '.')
        return 0;
    n = count_digits(ph_span_after(text, at));
    at += n;
    if (n == 0 || at >= text.size || text.at[at] != '.')
        return 0;
    n = count_digits(ph_span_after(text, ++at));
    at += n;
    if (n == 0 || (at < text.size && text.at[at] != ' '))
        return 0;
    return at;
}

/* Reads the code that a line begins with and takes it off: the enhanced code
 * of the last line wins, then that of the first (S6). */
static ph_span take_enhanced(ph_reply *reply, ph_span text)
{
    size_t size = enhanced_size(text, (char)('0' + reply->code / 100));

    if (size == 0)
        return text;
    if (reply->lines == 1 || reply->is_last) {
        memcpy(reply->enhanced, text.at, size);
        reply->enhanced[size] = '\0';
        reply->has_enhanced = true;
    }
    text = ph_span_after(text, size);
    while (text.size && text.at[0] == ' ')
        text = ph_span_after(text, 1);
    return text;
}

/* Sets the code of the first line; those of others must be the same (S4). */
static int read_code(ph_reply_reader *reader, ph_span line)
{
    ph_reply *reply = &reader->reply;
    int code;

    if (line.size < 3 || !begins_well(line))
        return PH_E_PROTOCOL;
    code =
        (line.at[0] - '0') * 100 + (line.at[1] - '0') * 10 + line.at[2] - '0';
    if (reply->lines == 0) {
        *reply = (ph_reply){ .code = code };
        if (code / 100 != 3)
            memcpy(reply->enhanced, "c.0.0", 6);
        reply->enhanced[0] = code / 100 != 3 ? line.at[0] : '\0';
        ph_buf_reset(&reader->text);
    } else if (reply->code != code) {
        return PH_E_PROTOCOL;
    }
    reply->lines++;
    reply->is_last = line.size == 3 || line.at[3] != '-';
    return PH_OK;
}

static bool is_blot(char c)
{
    return ph_ascii_is_control(c) && c != '\t';
}

/* Controls become "?" (S3), in a copy when the line stands in what was fed. */
static int blot(ph_reply_reader *reader, ph_span *line)
{
    size_t i = 0;
    char *at;

    while (i < line->size && !is_blot(line->at[i]))
        i++;
    if (i == line->size)
        return PH_OK;
    if (ph_buf_size(&reader->line) == 0 &&
        ph_buf_put_span(&reader->line, *line) < 0)
        return PH_E_LIMIT;
    at = reader->line.data + reader->line.start;
    for (; i < line->size; i++)
        if (is_blot(at[i]))
            at[i] = '?';
    line->at = at;
    return PH_OK;
}

/* Adds a line's text to that of the reply: a reply of one line borrows it
 * where it stands; of several the first PH_REPLY_TEXT octets are kept. */
static int keep(ph_reply_reader *reader, ph_span text)
{
    ph_reply *reply = &reader->reply;
    size_t room = ph_buf_room(&reader->text);

    if (reply->lines == 1 && reply->is_last) {
        reply->text = text;
        return PH_OK;
    }
    if (reply->lines > 1 && room) {
        if (ph_buf_put_char(&reader->text, '\n') < 0)
            return PH_E_LIMIT;
        room--;
    }
    if (text.size > room)
        text.size = room;
    if (ph_buf_put_span(&reader->text, text) < 0)
        return PH_E_LIMIT;
    reply->text = ph_buf_span(&reader->text);
    return PH_OK;
}

/* A whole line, without its end. */
static int read_line(ph_reply_reader *reader, ph_span line)
{
    ph_reply *reply = &reader->reply;
    int result;

    if (line.size && line.at[line.size - 1] == '\r')
        line.size--;
    result = blot(reader, &line);
    if (result == PH_OK)
        result = read_code(reader, line);
    if (result < 0)
        return result;
    if (reply->lines > PH_REPLY_LINES)
        return PH_E_PROTOCOL;
    line = ph_span_after(line, 3);
    reply->line = ph_span_after(line, 1);
    result = keep(reader, reader->is_plain ? reply->line
                                           : take_enhanced(reply, reply->line));
    if (result < 0)
        return result;
    if (reply->is_last)
        reader->size = 0;
    return reply->is_last ? PH_REPLY_DONE : PH_REPLY_PART;
}

/* The octets of a line without its end, in pieces: kept until the rest comes.
 */
static int hold(ph_reply_reader *reader, ph_span piece)
{
    if (ph_buf_size(&reader->line) + piece.size >= reader->line_limit)
        return PH_E_PROTOCOL;
    if (ph_buf_put_span(&reader->line, piece) < 0)
        return PH_E_LIMIT;
    return begins_well(ph_buf_span(&reader->line)) ? PH_REPLY_MORE
                                                   : PH_E_PROTOCOL;
}

int ph_reply_read(ph_reply_reader *reader, ph_span *octets,
                  const ph_reply **reply)
{
    size_t at = ph_span_find(*octets, '\n');
    bool is_whole = at < octets->size;
    ph_span line = ph_span_of(octets->at, at);

    if (octets->size == 0)
        return PH_REPLY_MORE;
    if (reader->is_between)
        ph_buf_reset(&reader->line);
    if (reader->size == 0)
        reader->reply.lines = 0;
    reader->is_between = is_whole;
    reader->size += at + is_whole;
    if (reader->size > PH_REPLY_SIZE)
        return PH_E_PROTOCOL;
    *octets = ph_span_after(*octets, at + is_whole);
    if (!is_whole)
        return hold(reader, line);
    if (ph_buf_size(&reader->line) + line.size >= reader->line_limit)
        return PH_E_PROTOCOL;
    if (ph_buf_size(&reader->line)) {
        if (ph_buf_put_span(&reader->line, line) < 0)
            return PH_E_LIMIT;
        line = ph_buf_span(&reader->line);
    }
    *reply = &reader->reply;
    return read_line(reader, line);
}

static bool is_id(char c)
{
    return ph_ascii_is_alnum(c) || (c != '\0' && strchr("._-+@=/:", c));
}

/* The identifier that begins at text, a bracket before it skipped. */
static ph_span identifier(ph_span text)
{
    size_t n = 0;

    while (text.size && (text.at[0] == '<' || text.at[0] == '(' ||
                         text.at[0] == '[' || text.at[0] == ' '))
        text = ph_span_after(text, 1);
    while (n < text.size && n < QUEUE_ID && is_id(text.at[n]))
        n++;
    while (n && (text.at[n - 1] == '.' || text.at[n - 1] == ':'))
        n--;
    return ph_span_of(text.at, n);
}

/* Offset behind the first such words (without case) that begin no inner part
 * of a word; 0: none. */
static size_t find_words(ph_span text, const char *words)
{
    ph_span wanted = ph_span_text(words);

    for (size_t i = 0; i + wanted.size <= text.size; i++)
        if ((i == 0 || !ph_ascii_is_alnum(text.at[i - 1])) &&
            ph_ascii_equal(ph_span_of(text.at + i, wanted.size), wanted))
            return i + wanted.size;
    return 0;
}

ph_span ph_reply_queue_id(ph_span text)
{
    static const char *const before[] = {
        "queued as ", "queued with id ", "queued (", "id=", "ids=", "queue id "
    };
    static const char after[] = "message accepted for delivery";
    bool has_digit = false;
    size_t at;

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        at = find_words(text, before[i]);
        if (at)
            return identifier(ph_span_after(text, at));
    }
    at = find_words(text, after);
    if (at <= sizeof after)
        return ph_span_of(NULL, 0);
    /* "4AFGx Message accepted for delivery": the word before. */
    at -= sizeof after; /* at the blank between */
    text.size = at;
    while (at && is_id(text.at[at - 1])) {
        has_digit = has_digit || ph_ascii_is_digit(text.at[at - 1]);
        at--;
    }
    return has_digit ? identifier(ph_span_after(text, at))
                     : ph_span_of(NULL, 0);
}
