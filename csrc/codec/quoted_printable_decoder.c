/* quoted_printable_decoder.c - the tolerant decoder of quoted-printable
 * (RFC 2045, 6.7).
 * SPDX-License-Identifier: MIT */
#include "quoted_printable.h"
#include "base/ascii.h"
#include "plain_run.h"

enum {
    DIGIT = 0x10 /* a hexadecimal digit; below it its value */
};

static const unsigned char hexadecimal[256] = {
    ['0'] = DIGIT,      ['1'] = DIGIT | 1,  ['2'] = DIGIT | 2,
    ['3'] = DIGIT | 3,  ['4'] = DIGIT | 4,  ['5'] = DIGIT | 5,
    ['6'] = DIGIT | 6,  ['7'] = DIGIT | 7,  ['8'] = DIGIT | 8,
    ['9'] = DIGIT | 9,  ['A'] = DIGIT | 10, ['B'] = DIGIT | 11,
    ['C'] = DIGIT | 12, ['D'] = DIGIT | 13, ['E'] = DIGIT | 14,
    ['F'] = DIGIT | 15, ['a'] = DIGIT | 10, ['b'] = DIGIT | 11,
    ['c'] = DIGIT | 12, ['d'] = DIGIT | 13, ['e'] = DIGIT | 14,
    ['f'] = DIGIT | 15,
};

void ph_quoted_printable_decoder_init(ph_quoted_printable_decoder *decoder)
{
    decoder->holding = 0;
}

static char *release(ph_quoted_printable_decoder *decoder, char *next)
{
    memcpy(next, decoder->held, decoder->holding);
    next += decoder->holding;
    decoder->holding = 0;
    return next;
}

/* A line has ended: the blanks held go, and "=" with its line end. */
static char *end_line(ph_quoted_printable_decoder *decoder, char *next)
{
    bool is_soft = decoder->held[0] == '=';
    bool has_cr = decoder->held[decoder->holding - 1] == '\r';

    decoder->holding = 0;
    if (is_soft)
        return next;
    if (has_cr)
        *next++ = '\r';
    *next++ = '\n';
    return next;
}

/* Whether c may follow what is held without deciding it. */
static bool is_undecided(const ph_quoted_printable_decoder *decoder, char c)
{
    char last = decoder->held[decoder->holding - 1];

    if (decoder->holding == PH_QUOTED_PRINTABLE_HELD || last == '\r')
        return false;
    if (last == '=')
        return ph_ascii_is_blank(c) || c == '\r' || ph_ascii_hex(c) >= 0;
    return ph_ascii_is_blank(last) && (ph_ascii_is_blank(c) || c == '\r');
}

/* One octet while something is held. */
static char *decide(ph_quoted_printable_decoder *decoder, char c, char *next)
{
    int high = decoder->holding == 2 ? ph_ascii_hex(decoder->held[1]) : -1;

    if (decoder->held[0] == '=' && high >= 0) {
        int low = ph_ascii_hex(c);
        if (low >= 0) {
            decoder->holding = 0;
            *next++ = (char)(high << 4 | low);
            return next;
        }
    } else if (c == '\n') {
        return end_line(decoder, next);
    } else if (is_undecided(decoder, c)) {
        decoder->held[decoder->holding++] = c;
        return next;
    }
    next = release(decoder, next);
    if (c == '=' || ph_ascii_is_blank(c))
        decoder->held[decoder->holding++] = c;
    else
        *next++ = c;
    return next;
}

static char *take_octet(ph_quoted_printable_decoder *decoder, char c,
                        char *next)
{
    if (decoder->holding)
        return decide(decoder, c, next);
    decoder->held[decoder->holding++] = c; /* decode_run stopped at it */
    return next;
}

/* Copies plain octets, but not the blanks at their end when these may end
 * their line. */
static size_t take_plain(ph_span text, char *next)
{
    size_t n = ph_plain_run(text, text.size, next);
    char behind = n < text.size ? text.at[n] : '\n';

    if (behind == '\r' || behind == '\n' || behind == '\t')
        while (n && text.at[n - 1] == ' ')
            n--;
    return n;
}

/* A whole "=XX", or a soft line end as it should be; false: something else. */
static bool take_escape(ph_span text, char **next)
{
    unsigned high, low;

    if (text.size < 3)
        return false;
    high = hexadecimal[(unsigned char)text.at[1]];
    low = hexadecimal[(unsigned char)text.at[2]];
    if (!(high & low & DIGIT))
        return text.at[1] == '\r' && text.at[2] == '\n';
    *(*next)++ = (char)((high & 15) << 4 | (low & 15));
    return true;
}

/* Takes octets while none has to be held; returns how many. */
static size_t decode_run(ph_span text, char **out)
{
    ph_span rest = text;
    char *next = *out;

    while (rest.size && rest.at[0] != '\t') {
        size_t n = 1;
        if (rest.at[0] == '=') {
            if (!take_escape(rest, &next))
                break;
            n = 3;
        } else if (ph_plain_is(rest.at[0])) {
            n = take_plain(rest, next);
            if (!n)
                break;
            next += n;
        } else {
            *next++ = rest.at[0];
        }
        rest = ph_span_after(rest, n);
    }
    *out = next;
    return text.size - rest.size;
}

int ph_quoted_printable_decode(ph_quoted_printable_decoder *decoder,
                               ph_span text, ph_buf *out)
{
    char *room, *next;
    size_t i = 0;
    int result =
        ph_buf_reserve(out, text.size + PH_QUOTED_PRINTABLE_HELD, &room);

    if (result < 0)
        return result;
    next = room;
    while (i < text.size) {
        if (!decoder->holding)
            i += decode_run(ph_span_after(text, i), &next);
        if (i < text.size)
            next = take_octet(decoder, text.at[i++], next);
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

int ph_quoted_printable_decode_end(ph_quoted_printable_decoder *decoder,
                                   ph_buf *out)
{
    const char *held = decoder->held;
    size_t holding = decoder->holding;
    int result = PH_OK;

    /* A last "=" and last blanks go; "=4" stays, as does a CR. */
    if (holding == 2 && held[0] == '=' && ph_ascii_hex(held[1]) >= 0)
        result = ph_buf_put(out, held, 2);
    else if (holding && held[0] != '=' && held[holding - 1] == '\r')
        result = ph_buf_put_char(out, '\r');
    if (result == PH_OK)
        decoder->holding = 0;
    return result;
}
