/* quoted_printable.c - quoted-printable (RFC 2045, 6.7).
 * SPDX-License-Identifier: MIT */
#include "quoted_printable.h"
#include "base/ascii.h"

#include <stdint.h>

#define EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

enum {
    FIT = PH_QUOTED_PRINTABLE_LINE - 1 /* columns before a soft line end */
};

static const char digits[] = "0123456789ABCDEF";

void ph_quoted_printable_encoder_init(ph_quoted_printable_encoder *encoder,
                                      unsigned flags)
{
    *encoder = (ph_quoted_printable_encoder){ .flags = flags };
}

static bool is_plain(char c)
{
    return c > 0x20 && c < 0x7f && c != '=';
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
    unsigned char octet = (unsigned char)c;

    if (encoder->column + (is_encoded ? 3 : 1) > FIT) {
        *next++ = '=';
        next = begin_line(encoder, next);
    }
    if (is_encoded || is_guarded(encoder, c)) {
        *next++ = '=';
        *next++ = digits[octet >> 4];
        *next++ = digits[octet & 15];
        encoder->column += 3;
        return next;
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
        next = put_octet(encoder, c, !is_plain(c), next);
    return next;
}

/* How many of eight octets come before the first that is not printable ASCII,
 * or "=". No sum below carries into the octet above. */
static size_t plain_octets(uint64_t octets)
{
    uint64_t low = octets & EACH(0x7f), equals = low ^ EACH('=');
    uint64_t special = (octets | ~(low + EACH(0x60)) | (low + EACH(1)) |
                        ~(equals + EACH(0x7f))) &
                       EACH(0x80);

    if (!special)
        return sizeof octets;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(special) / 8;
#else
    return (size_t)__builtin_clzll(special) / 8;
#endif
}

/* Whether c may have to be guarded, or is part of a "From" so far. */
static bool is_suspect(const ph_quoted_printable_encoder *encoder, char c)
{
    return encoder->flags & PH_QUOTED_PRINTABLE_GUARD &&
           encoder->from == encoder->column &&
           (encoder->column || c == '.' || c == 'F');
}

/* Copies octets that stand in the line as they are, eight at a time, and
 * returns how many; what else it copied is written over. A blank at their end
 * is left out where it may end its line. */
static size_t put_plain_run(ph_quoted_printable_encoder *encoder, ph_span rest,
                            char *next)
{
    size_t n = 0, step = sizeof(uint64_t), fit = FIT - encoder->column;
    uint64_t octets;

    if (encoder->blank || encoder->has_cr || is_suspect(encoder, rest.at[0]))
        return 0;
    if (fit > rest.size)
        fit = rest.size;
    while (step == sizeof octets && n + sizeof octets <= fit) {
        memcpy(&octets, rest.at + n, sizeof octets);
        memcpy(next + n, &octets, sizeof octets);
        step = plain_octets(octets);
        n += step;
    }
    for (; n < fit && (is_plain(rest.at[n]) || rest.at[n] == ' '); n++)
        next[n] = rest.at[n];
    if (n && rest.at[n - 1] == ' ' && (n == rest.size || rest.at[n] == '\r'))
        n--;
    encoder->column += n;
    return n;
}

/* Octets of a character outside ASCII, or "=": as many as fit in the line. */
static size_t put_encoded_run(ph_quoted_printable_encoder *encoder,
                              ph_span rest, char **next)
{
    size_t n = 0, fit = (FIT - encoder->column) / 3;
    char *out = *next;

    if (encoder->blank || encoder->has_cr)
        return 0;
    if (fit > rest.size)
        fit = rest.size;
    for (; n < fit && (ph_ascii_is_high(rest.at[n]) || rest.at[n] == '=');
         n++) {
        unsigned char octet = (unsigned char)rest.at[n];
        *out++ = '=';
        *out++ = digits[octet >> 4];
        *out++ = digits[octet & 15];
    }
    encoder->column += n * 3;
    *next = out;
    return n;
}

/* Whether the line ends here and nothing waits. */
static bool is_line_end(const ph_quoted_printable_encoder *encoder,
                        ph_span rest)
{
    return rest.size >= 2 && rest.at[0] == '\r' && rest.at[1] == '\n' &&
           !encoder->blank && !encoder->has_cr &&
           !(encoder->flags & PH_QUOTED_PRINTABLE_BINARY);
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
        ph_span rest = ph_span_after(octets, i);
        size_t run = put_plain_run(encoder, rest, next);
        next += run;
        i += run;
        i += put_encoded_run(encoder, ph_span_after(octets, i), &next);
        if (is_line_end(encoder, ph_span_after(octets, i))) {
            next = begin_line(encoder, next);
            i += 2;
        } else if (i < octets.size) {
            next = encode_octet(encoder, octets.at[i++], next);
        }
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

int ph_quoted_printable_decode(ph_quoted_printable_decoder *decoder,
                               ph_span text, ph_buf *out)
{
    char *room, *next;
    int result =
        ph_buf_reserve(out, text.size + PH_QUOTED_PRINTABLE_HELD, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (decoder->holding)
            next = decide(decoder, c, next);
        else if (c == '=' || ph_ascii_is_blank(c))
            decoder->held[decoder->holding++] = c;
        else
            *next++ = c;
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
