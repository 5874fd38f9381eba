/* quoted_printable.c - the encoder of quoted-printable (RFC 2045, 6.7).
 * SPDX-License-Identifier: MIT */
#include "quoted_printable.h"
#include "base/ascii.h"
#include "plain_run.h"

enum {
    FIT = PH_QUOTED_PRINTABLE_LINE - 1 /* columns before a soft line end */
};

/* Each octet as "=XX", four characters apart. */
#define ROW(high)                                                        \
    "=" high "0 =" high "1 =" high "2 =" high "3 =" high "4 =" high "5 " \
    "=" high "6 =" high "7 =" high "8 =" high "9 =" high "A =" high "B " \
    "=" high "C =" high "D =" high "E =" high "F "

static const char triples[] =
    ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7")
        ROW("8") ROW("9") ROW("A") ROW("B") ROW("C") ROW("D") ROW("E") ROW("F");

void ph_quoted_printable_encoder_init(ph_quoted_printable_encoder *encoder,
                                      unsigned flags)
{
    *encoder = (ph_quoted_printable_encoder){ .flags = flags };
}

/* Writes one octet beyond, which the next is written over. */
static char *put_triple(char c, char *next)
{
    memcpy(next, triples + 4 * (size_t)(unsigned char)c, 4);
    return next + 3;
}

static char *begin_line(ph_quoted_printable_encoder *encoder, char *next)
{
    *next++ = '\r';
    *next++ = '\n';
    encoder->column = encoder->from = 0;
    return next;
}

/* "." at the start of a line, or the blank of a "From " there. */
static bool is_guarded(const ph_quoted_printable_encoder *encoder, char c)
{
    if (!(encoder->flags & PH_QUOTED_PRINTABLE_GUARD))
        return false;
    return (c == '.' && encoder->column == 0) ||
           (c == ' ' && encoder->from == 4 && encoder->column == 4);
}

/* One octet, never split by a soft line end. */
static char *put_octet(ph_quoted_printable_encoder *encoder, char c,
                       bool is_encoded, char *next)
{
    if (encoder->column + (is_encoded ? 3 : 1) > FIT) {
        *next++ = '=';
        next = begin_line(encoder, next);
    }
    if (is_encoded || is_guarded(encoder, c)) {
        encoder->column += 3;
        return put_triple(c, next);
    }
    if (encoder->from == encoder->column && encoder->from < 4 &&
        c == "From"[encoder->from])
        encoder->from++;
    *next++ = c;
    encoder->column++;
    return next;
}

/* A blank and a CR that waited; is_end: a line end or the end follows. */
static char *put_waiting(ph_quoted_printable_encoder *encoder, bool is_end,
                         char *next)
{
    if (encoder->blank)
        next = put_octet(encoder, encoder->blank, is_end, next);
    encoder->blank = '\0';
    if (encoder->has_cr)
        next = put_octet(encoder, '\r', true, next);
    encoder->has_cr = false;
    return next;
}

static char *encode_octet(ph_quoted_printable_encoder *encoder, char c,
                          char *next)
{
    bool is_text = !(encoder->flags & PH_QUOTED_PRINTABLE_BINARY);

    if (c == '\r' && is_text && !encoder->has_cr) {
        encoder->has_cr = true;
        return next;
    }
    if (c == '\n' && encoder->has_cr) {
        encoder->has_cr = false;
        next = put_waiting(encoder, true, next);
        return begin_line(encoder, next);
    }
    next = put_waiting(encoder, false, next);
    if (c == '\r' && is_text)
        encoder->has_cr = true;
    else if (ph_ascii_is_blank(c))
        encoder->blank = c;
    else
        next = put_octet(encoder, c, !ph_plain_is(c), next);
    return next;
}

/* Whether c may have to be guarded, or may be part of a "From": then it goes
 * by encode_octet. */
static bool is_suspect(const ph_quoted_printable_encoder *encoder, char c)
{
    return encoder->flags & PH_QUOTED_PRINTABLE_GUARD &&
           encoder->from == encoder->column &&
           (encoder->column || c == '.' || c == 'F');
}

/* Whether what an octet becomes depends on the one behind it, and that is not
 * there or makes it more than usual: a blank before a CR, a CR without LF. */
static bool is_open(ph_span text, bool is_text)
{
    char c = text.at[0], behind = text.size > 1 ? text.at[1] : '\r';

    if (c == '\r')
        return is_text && behind != '\n';
    return ph_ascii_is_blank(c) && behind == '\r';
}

/* Copies an octet and the plain ones behind it that fit in the line, but not a
 * last blank that may end the line. */
static size_t put_plain(ph_span text, size_t column, char *next)
{
    size_t n;

    next[0] = text.at[0];
    n = 1 + ph_plain_run(ph_span_after(text, 1), FIT - 1 - column, next + 1);
    if (text.at[n - 1] == ' ' && (n == text.size || text.at[n] == '\r'))
        n--;
    return n;
}

/* Encodes an octet, and those of characters outside ASCII, or "=", behind it
 * that fit in the line. */
static size_t put_encoded(ph_span text, size_t column, char *next)
{
    size_t n = 0, fit = (FIT - column) / 3;

    if (fit > text.size)
        fit = text.size;
    do
        next = put_triple(text.at[n++], next);
    while (n < fit && (ph_ascii_is_high(text.at[n]) || text.at[n] == '='));
    return n;
}

/* Takes octets up to one that has to wait, or may have to be guarded; returns
 * how many. Works on a copy of the state, which no octet written can change.
 */
static size_t encode_run(ph_quoted_printable_encoder *encoder, ph_span text,
                         char **out)
{
    ph_quoted_printable_encoder line = *encoder;
    bool is_text = !(line.flags & PH_QUOTED_PRINTABLE_BINARY);
    ph_span rest = text;
    char *next = *out;

    while (rest.size && !is_suspect(&line, rest.at[0]) &&
           !is_open(rest, is_text)) {
        char c = rest.at[0];
        size_t n, width = ph_plain_is(c) || c == '\t' ? 1 : 3;
        if (c == '\r' && is_text) {
            next = begin_line(&line, next);
            rest = ph_span_after(rest, 2);
            continue;
        }
        if (line.column + width > FIT) {
            *next++ = '=';
            next = begin_line(&line, next);
            continue;
        }
        n = width == 1 ? put_plain(rest, line.column, next)
                       : put_encoded(rest, line.column, next);
        next += n * width;
        line.column += n * width;
        rest = ph_span_after(rest, n);
    }
    *encoder = line;
    *out = next;
    return text.size - rest.size;
}

/* Whether an octet waits for the one behind it. */
static bool is_waiting(const ph_quoted_printable_encoder *encoder)
{
    return encoder->blank || encoder->has_cr;
}

int ph_quoted_printable_encode(ph_quoted_printable_encoder *encoder,
                               ph_span octets, ph_buf *out)
{
    char *room, *next;
    size_t i = 0;
    int result =
        ph_buf_reserve(out, ph_quoted_printable_room(octets.size), &room);

    if (result < 0)
        return result;
    next = room;
    while (i < octets.size) {
        if (!is_waiting(encoder))
            i += encode_run(encoder, ph_span_after(octets, i), &next);
        if (i < octets.size)
            next = encode_octet(encoder, octets.at[i++], next);
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

int ph_quoted_printable_encode_end(ph_quoted_printable_encoder *encoder,
                                   ph_buf *out)
{
    char *room;
    int result = ph_buf_reserve(out, ph_quoted_printable_room(0), &room);

    if (result < 0)
        return result;
    ph_buf_added(out,
                 (size_t)(put_waiting(encoder, !encoder->has_cr, room) - room));
    ph_quoted_printable_encoder_init(encoder, encoder->flags);
    return PH_OK;
}
