/* encoded_word.c - encoded-words (RFC 2047).
 * SPDX-License-Identifier: MIT */
#include "encoded_word.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "base64.h"
#include "charset.h"
#include "quoted_string.h"

enum {
    AROUND = 12,      /* octets of an encoded-word that carry no text */
    BEHIND = 3,       /* octets that may follow a phrase at once, as ":;," */
    SMALLEST = 24,    /* room in a line that is worth an encoded-word */
    LONGEST = 900,    /* octets of literal text without a place to fold */
    LONGEST_GAP = 32, /* blanks in a row that stay literal */
    READ_LIMIT = 1024 /* octets of an encoded-word that is still read */
};

/* --- Writing ------------------------------------------------------------ */

struct writer {
    ph_buf *out;
    size_t column;  /* about where the line stands, folds thought of */
    size_t gap;     /* blanks before the next encoded-word */
    bool is_phrase; /* Q knows fewer characters there (RFC 2047, 5 (3)) */
};

/* Octets of a line, without what may stand behind the encoded-word in it. */
static size_t line_size(const struct writer *writer)
{
    return PH_ENCODED_WORD_LINE - (writer->is_phrase ? BEHIND : 0);
}

static int put(struct writer *writer, const char *at, size_t size)
{
    writer->column += size;
    return ph_buf_put(writer->out, at, size);
}

static bool is_text(ph_span text)
{
    return ph_utf8_is_valid(text) && !ph_ascii_has_control(text);
}

/* Octets of an octet in Q; a blank is "_". */
static size_t q_width(const struct writer *writer, char c)
{
    if (ph_ascii_is_alnum(c) || c == ' ')
        return 1;
    if (c <= 0x20 || c >= 0x7f)
        return 3;
    if (writer->is_phrase)
        return strchr("!*+-/", c) ? 1 : 3;
    return strchr("=?_", c) ? 3 : 1;
}

static int put_q(struct writer *writer, ph_span text)
{
    static const char digits[] = "0123456789ABCDEF";
    char room[PH_ENCODED_WORD_LIMIT], *next = room;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (q_width(writer, c) == 3) {
            *next++ = '=';
            *next++ = digits[(unsigned char)c >> 4];
            *next++ = digits[(unsigned char)c & 15];
        } else {
            *next++ = c == ' ' ? '_' : c;
        }
    }
    return put(writer, room, (size_t)(next - room));
}

/* Octets of whole characters whose Q or B is at most room. */
static size_t fit(const struct writer *writer, ph_span text, size_t room,
                  bool is_b)
{
    size_t taken = 0, used = 0;

    while (taken < text.size) {
        size_t size = ph_utf8_next(ph_span_after(text, taken), NULL);
        size_t width = 0;
        for (size_t i = 0; i < size; i++)
            width += q_width(writer, text.at[taken + i]);
        used = is_b ? (taken + size + 2) / 3 * 4 : used + width;
        if (used > room)
            return taken;
        taken += size;
    }
    return taken;
}

/* The largest number of whole characters within size octets (longest), or the
 * smallest, whose octets leave that rest when divided by 3; 0: none does. */
static size_t find_rest(ph_span text, size_t size, size_t rest, bool longest)
{
    size_t taken = 0, found = 0;

    while (taken < size && (longest || !found)) {
        taken += ph_utf8_next(ph_span_after(text, taken), NULL);
        if (taken % 3 == rest)
            found = taken;
    }
    return found;
}

/* Octets of the next word. Where the text goes on, B ends without padding,
 * since GMime takes padding for the end of all words in B that follow. If no
 * character ends there (one letter, then Chinese), a word in Q before them
 * lets the others fit. */
static size_t next_word(const struct writer *writer, ph_span text, size_t room,
                        bool *is_b)
{
    size_t size = fit(writer, text, room, *is_b), unpadded, odd;

    if (!*is_b || size == text.size || size % 3 == 0)
        return size;
    unpadded = find_rest(text, size, 0, true);
    if (2 * unpadded >= size)
        return unpadded;
    *is_b = false;
    odd = find_rest(text, size, size % 3, false);
    if (odd <= fit(writer, text, room, false))
        return odd;
    *is_b = unpadded > 0;
    return *is_b ? unpadded : ph_utf8_next(text, NULL);
}

static int put_word(struct writer *writer, ph_span text, bool is_b)
{
    int result = put(writer, is_b ? "=?utf-8?B?" : "=?utf-8?Q?", AROUND - 2);

    if (result < 0)
        return result;
    if (is_b) {
        writer->column += (text.size + 2) / 3 * 4;
        result = ph_base64_put(writer->out, text);
    } else {
        result = put_q(writer, text);
    }
    return result < 0 ? result : put(writer, "?=", 2);
}

static bool is_b_shorter(const struct writer *writer, ph_span text)
{
    size_t q = 0;

    for (size_t i = 0; i < text.size; i++)
        q += q_width(writer, text.at[i]);
    return (text.size + 2) / 3 * 4 < q;
}

/* The text as encoded-words, one blank between two. */
static int put_words(struct writer *writer, ph_span text)
{
    bool is_b_all = is_b_shorter(writer, text);
    size_t line = line_size(writer);
    int result = PH_OK;

    while (text.size && result == PH_OK) {
        size_t size, room = PH_ENCODED_WORD_LIMIT;
        bool is_b = is_b_all;
        if (writer->column + SMALLEST > line)
            writer->column = writer->gap; /* a fold will come before it */
        if (room > line - writer->column)
            room = line - writer->column;
        size = next_word(writer, text, room - AROUND, &is_b);
        result = put_word(writer, ph_span_of(text.at, size), is_b);
        text = ph_span_after(text, size);
        if (text.size && result == PH_OK)
            result = put(writer, " ", 1);
        writer->gap = 1;
    }
    return result;
}

static bool needs_encoding(ph_span text)
{
    return text.size > LONGEST || ph_ascii_has_high(text) ||
           ph_encoded_word_has_mark(text);
}

/* Offset of the first octet from i on that is a blank (or that is none). */
static size_t find(ph_span text, size_t i, bool is_blank)
{
    while (i < text.size && (text.at[i] == ' ') != is_blank)
        i++;
    return i;
}

/* A gap that a reader would not see, or no line hold, is encoded together
 * with the words around it. */
static bool is_gap_encoded(ph_span text, size_t start, size_t end)
{
    return end > start &&
           (start == 0 || end == text.size || end - start > LONGEST_GAP);
}

static int put_literal(struct writer *writer, ph_span text)
{
    if (writer->column + text.size > PH_ENCODED_WORD_LINE)
        writer->column = 0;
    return put(writer, text.at, text.size);
}

/* Unstructured text: a run of words that need it becomes encoded-words, the
 * gaps between them too, since a reader drops those that stand between two
 * encoded-words. start..end is the run that is under way. */
static int put_runs(struct writer *writer, ph_span text)
{
    size_t at = 0, start = 0, end = 0;
    int result = PH_OK;

    while (at < text.size && result == PH_OK) {
        size_t word = find(text, at, false), behind = find(text, word, true);
        size_t gap = find(text, behind, false);
        bool has_gap = is_gap_encoded(text, at, word);
        bool is_encoded =
            has_gap || is_gap_encoded(text, behind, gap) ||
            needs_encoding(ph_span_of(text.at + word, behind - word));

        if (is_encoded && end == start) {
            start = has_gap ? at : word;
            writer->gap = start > at ? start - at : 1;
            result = put_literal(writer, ph_span_of(text.at + at, start - at));
        }
        if (is_encoded) {
            end = gap == text.size ? gap : behind;
        } else {
            result =
                put_words(writer, ph_span_of(text.at + start, end - start));
            if (result == PH_OK)
                result =
                    put_literal(writer, ph_span_of(text.at + at, behind - at));
            start = end = behind;
        }
        at = gap == text.size ? gap : behind;
    }
    if (result == PH_OK)
        result = put_words(writer, ph_span_of(text.at + start, end - start));
    return result;
}

static int finish(ph_buf *out, size_t before, int result)
{
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}

int ph_encoded_word_put_text(ph_buf *out, ph_span text, size_t column)
{
    struct writer writer = { .out = out, .column = column, .gap = 1 };

    if (!is_text(text))
        return PH_E_INVALID;
    return finish(out, ph_buf_size(out), put_runs(&writer, text));
}

int ph_encoded_word_put(ph_buf *out, ph_span text, size_t column)
{
    struct writer writer = {
        .out = out, .column = column, .gap = 1, .is_phrase = true
    };

    if (!is_text(text))
        return PH_E_INVALID;
    return finish(out, ph_buf_size(out), put_words(&writer, text));
}

/* Atoms with one blank between two. */
static bool is_atoms(ph_span text)
{
    bool was_blank = true;

    for (size_t i = 0; i < text.size; i++) {
        bool is_blank = text.at[i] == ' ';
        if (is_blank ? was_blank : !ph_ascii_is_atext(text.at[i]))
            return false;
        was_blank = is_blank;
    }
    return !was_blank;
}

int ph_encoded_word_put_phrase(ph_buf *out, ph_span text, size_t column)
{
    if (!is_text(text))
        return PH_E_INVALID;
    if (needs_encoding(text))
        return ph_encoded_word_put(out, text, column);
    if (!text.size || is_atoms(text))
        return ph_buf_put_span(out, text);
    return ph_quoted_string_put(out, text);
}

/* --- Reading ------------------------------------------------------------ */

/* The parts of =?charset?encoding?text?= */
struct word {
    ph_span charset, text;
    bool is_b;
    size_t size; /* of the whole */
};

/* Offset behind the "?" that ends the part at i; 0: there is none. */
static size_t part_end(ph_span rest, size_t i)
{
    while (i < rest.size && i < READ_LIMIT && rest.at[i] > 0x20 &&
           rest.at[i] < 0x7f) {
        if (rest.at[i++] == '?')
            return i;
    }
    return 0;
}

/* Whether an encoded-word begins the span. */
static bool split(ph_span rest, struct word *word)
{
    size_t charset, encoding, end;
    char letter;

    if (rest.size < 2 || rest.at[0] != '=' || rest.at[1] != '?')
        return false;
    charset = part_end(rest, 2);
    encoding = charset ? part_end(rest, charset) : 0;
    end = encoding ? part_end(rest, encoding) : 0;
    if (!end || encoding != charset + 2 || end == rest.size ||
        rest.at[end] != '=')
        return false;
    letter = ph_ascii_lower(rest.at[charset]);
    word->is_b = letter == 'b';
    word->charset = ph_span_of(rest.at + 2, charset - 3);
    /* A language may stand behind "*" (RFC 2231, 5). */
    word->charset.size = ph_span_find(word->charset, '*');
    word->text = ph_span_of(rest.at + encoding, end - 1 - encoding);
    word->size = end + 1;
    return word->charset.size && (letter == 'b' || letter == 'q');
}

size_t ph_encoded_word_size(ph_span text)
{
    struct word word;

    return split(text, &word) ? word.size : 0;
}

/* PH_E_INVALID: "=" without two digits. */
static int decode_q(ph_buf *out, ph_span text)
{
    int result = PH_OK;

    for (size_t i = 0; i < text.size && result == PH_OK; i++) {
        char c = text.at[i];
        if (c == '=') {
            int high = i + 2 < text.size ? ph_ascii_hex(text.at[i + 1]) : -1;
            int low = high >= 0 ? ph_ascii_hex(text.at[i + 2]) : -1;
            if (low < 0)
                return PH_E_INVALID;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '_') {
            c = ' ';
        }
        result = ph_buf_put_char(out, c);
    }
    return result;
}

static int decode_b(ph_buf *out, ph_span text)
{
    ph_base64_decoder decoder = { 0 };
    int result = ph_base64_decode(&decoder, text, out);

    return result < 0 ? result : ph_base64_decode_end(&decoder, out);
}

/* The octets of the encoded-word that begins the text, which is returned in
 * size; 0: none does, or it cannot be decoded. */
static int decode_octets(ph_span text, ph_buf *octets, ph_charset *charset)
{
    struct word word;
    int result;

    if (!split(text, &word))
        return 0;
    *charset = ph_charset_find(word.charset);
    if (*charset == PH_CHARSET_UNKNOWN)
        return 0;
    ph_buf_reset(octets);
    result =
        word.is_b ? decode_b(octets, word.text) : decode_q(octets, word.text);
    if (result == PH_E_INVALID)
        return 0;
    return result < 0 ? result : (int)word.size;
}

int ph_encoded_word_decode_one(ph_buf *out, ph_span text)
{
    ph_charset charset;
    ph_buf octets;
    int size;

    ph_buf_init(&octets, READ_LIMIT + 3);
    size = decode_octets(text, &octets, &charset);
    if (size > 0 && ph_charset_put(out, charset, ph_buf_span(&octets)) < 0)
        size = PH_E_LIMIT;
    ph_buf_clear(&octets);
    return size;
}

/* Offset of the next "=?", or the size. */
static size_t find_mark(ph_span text)
{
    size_t i = 0;

    for (; i < text.size; i++) {
        i += ph_span_find(ph_span_after(text, i), '=');
        if (i + 1 < text.size && text.at[i + 1] == '?')
            return i;
    }
    return text.size;
}

/* Whether "?Q?" or "?B?" stands there. */
static bool is_encoding(ph_span text)
{
    return text.size >= 3 && text.at[0] == '?' && text.at[2] == '?' &&
           (ph_ascii_lower(text.at[1]) == 'q' ||
            ph_ascii_lower(text.at[1]) == 'b');
}

bool ph_encoded_word_is_in(ph_span text)
{
    bool is_begun = false;

    for (size_t i = 0; i + 1 < text.size; i++) {
        ph_span rest = ph_span_after(text, i), charset;
        if (is_begun && rest.at[0] == '?' && rest.at[1] == '=')
            return true;
        if (is_begun || rest.at[0] != '=' || rest.at[1] != '?')
            continue;
        charset = ph_span_after(rest, 2);
        rest = ph_span_after(charset, ph_span_find(charset, '?'));
        is_begun = is_encoding(rest);
        i = is_begun ? text.size - rest.size + 2 : i;
    }
    return false;
}

static bool is_blank(ph_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!ph_ascii_is_blank(text.at[i]))
            return false;
    return true;
}

/* Literal text, then what is marked as an encoded-word; *is_behind tells
 * whether one stands before them. Returns how much was taken. */
static int decode_step(ph_buf *out, ph_span text, ph_buf *octets,
                       bool *is_behind, size_t *taken)
{
    ph_charset charset = PH_CHARSET_UNKNOWN;
    size_t gap = find_mark(text);
    ph_span literal = ph_span_of(text.at, gap);
    int size = decode_octets(ph_span_after(text, gap), octets, &charset);
    int result = size < 0 ? size : PH_OK;

    if (!size) /* no encoded-word: its mark is literal */
        literal.size = text.size - gap < 2 ? text.size : gap + 2;
    if (result == PH_OK && !(size && *is_behind && is_blank(literal)))
        result = ph_buf_put_span(out, literal);
    if (result == PH_OK && size)
        result = ph_charset_put(out, charset, ph_buf_span(octets));
    *is_behind = size > 0;
    *taken = literal.size + (size > 0 ? (size_t)size : 0);
    return result;
}

int ph_encoded_word_decode(ph_buf *out, ph_span text)
{
    size_t before = ph_buf_size(out), taken;
    bool is_behind = false;
    int result = PH_OK;
    ph_buf octets;

    ph_buf_init(&octets, READ_LIMIT + 3);
    while (text.size && result == PH_OK) {
        result = decode_step(out, text, &octets, &is_behind, &taken);
        text = ph_span_after(text, taken);
    }
    ph_buf_clear(&octets);
    return finish(out, before, result);
}
