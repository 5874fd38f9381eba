/* base64.c - base64 (RFC 4648, 4; RFC 2045, 6.8).
 * SPDX-License-Identifier: MIT */
#include "base64.h"

void ph_base64_encoder_init(ph_base64_encoder *encoder, size_t line)
{
    *encoder =
        (ph_base64_encoder){ .path = ph_base64_path_best(), .line = line };
}

/* Whole groups, with a line end before each that would not fit; whole lines
 * of a body at once. */
static char *encode_lines(ph_base64_encoder *encoder, const unsigned char *in,
                          size_t groups, char *out)
{
    const ph_base64_path *path = encoder->path;

    if (!encoder->line)
        return path->encode(in, groups, out);
    while (groups) {
        size_t lines = groups / (PH_BASE64_LINE / 4), fit;
        if (encoder->column == PH_BASE64_LINE &&
            encoder->line == PH_BASE64_LINE && lines) {
            out = path->encode_lines(in, lines, out);
            in += lines * PH_BASE64_PATH_OCTETS;
            groups -= lines * (PH_BASE64_LINE / 4);
            continue;
        }
        if (encoder->column == encoder->line) {
            *out++ = '\r';
            *out++ = '\n';
            encoder->column = 0;
        }
        fit = (encoder->line - encoder->column) / 4;
        if (fit > groups)
            fit = groups;
        out = path->encode(in, fit, out);
        encoder->column += fit * 4;
        groups -= fit;
        in += fit * 3;
    }
    return out;
}

size_t ph_base64_encode(ph_base64_encoder *encoder, ph_span octets, char *room)
{
    const unsigned char *in = (const unsigned char *)octets.at;
    size_t left = octets.size;
    char *out = room;

    if (encoder->holding) {
        while (encoder->holding < 3 && left) {
            encoder->held[encoder->holding++] = *in++;
            left--;
        }
        if (encoder->holding < 3)
            return 0;
        out = encode_lines(encoder, encoder->held, 1, out);
        encoder->holding = 0;
    }
    out = encode_lines(encoder, in, left / 3, out);
    encoder->holding = left % 3;
    if (encoder->holding)
        memcpy(encoder->held, in + (left - left % 3), left % 3);
    return (size_t)(out - room);
}

size_t ph_base64_encode_end(ph_base64_encoder *encoder, char *room)
{
    size_t holding = encoder->holding;
    char *out = room;

    if (holding) {
        memset(encoder->held + holding, 0, 3 - holding);
        out = encode_lines(encoder, encoder->held, 1, out);
        memset(out - (3 - holding), '=', 3 - holding);
    }
    ph_base64_encoder_init(encoder, encoder->line);
    return (size_t)(out - room);
}

unsigned long long ph_base64_size(unsigned long long n)
{
    unsigned long long size = (n / 3 + (n % 3 != 0)) * 4;
    return size ? size + (size - 1) / PH_BASE64_LINE * 2 : 0;
}

int ph_base64_put(ph_buf *out, ph_span octets)
{
    ph_base64_encoder encoder;
    size_t size;
    char *room;
    int result = ph_buf_reserve(out, (octets.size + 2) / 3 * 4, &room);

    if (result < 0)
        return result;
    ph_base64_encoder_init(&encoder, 0);
    size = ph_base64_encode(&encoder, octets, room);
    size += ph_base64_encode_end(&encoder, room + size);
    ph_buf_added(out, size);
    return PH_OK;
}

static unsigned value_of(char c)
{
    return ph_base64_values[(unsigned char)c];
}

void ph_base64_decoder_init(ph_base64_decoder *decoder)
{
    *decoder = (ph_base64_decoder){ 0 };
}

/* The whole octets of the group under way; a new group begins. */
static char *finish_group(ph_base64_decoder *decoder, char *out)
{
    unsigned long bits = decoder->bits << (6 * (4 - decoder->count));

    if (decoder->count >= 2)
        *out++ = (char)(bits >> 16 & 255);
    if (decoder->count >= 3)
        *out++ = (char)(bits >> 8 & 255);
    if (decoder->count == 4)
        *out++ = (char)(bits & 255);
    decoder->bits = decoder->count = 0;
    return out;
}

static char *decode_octet(ph_base64_decoder *decoder, char c, char *out)
{
    unsigned value = value_of(c);

    if (value == PH_BASE64_PAD)
        return finish_group(decoder, out);
    if (!value)
        return out;
    decoder->bits = decoder->bits << 6 | (value & 63);
    return ++decoder->count == 4 ? finish_group(decoder, out) : out;
}

/* The path takes whole groups of clean text; line ends and whatever else is
 * between them, and groups that they cut, go octet by octet. Behind i octets
 * at most i + 2 are written, so the path has the room it may scribble in. */
int ph_base64_decode(ph_base64_decoder *decoder, ph_span text, ph_buf *out)
{
    const ph_base64_path *path =
        decoder->path ? decoder->path : ph_base64_path_best();
    char *room, *next;
    int result = ph_buf_reserve(out, text.size + 2, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < text.size; i++) {
        if (!decoder->count && value_of(text.at[i]) & PH_BASE64_VALUE) {
            size_t run = path->decode(text.at + i, text.size - i, next);
            next += run / 4 * 3;
            i += run;
            if (i == text.size)
                break;
        }
        next = decode_octet(decoder, text.at[i], next);
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}

int ph_base64_decode_end(ph_base64_decoder *decoder, ph_buf *out)
{
    char room[3];
    size_t size = (size_t)(finish_group(decoder, room) - room);

    return ph_buf_put(out, room, size);
}

/* Size without its padding, or more than text.size when the text is none. */
static size_t strict_size(ph_span text)
{
    size_t size = text.size, tail;

    if (size % 4)
        return size + 1;
    while (size && text.size - size < 2 && text.at[size - 1] == '=')
        size--;
    for (size_t i = 0; i < size; i++)
        if (!(value_of(text.at[i]) & PH_BASE64_VALUE))
            return text.size + 1;
    tail = size % 4; /* bits left over must be zero (RFC 4648, 3.5) */
    if (tail && value_of(text.at[size - 1]) & (tail == 2 ? 15 : 3))
        return text.size + 1;
    return size;
}

int ph_base64_parse(ph_span text, ph_buf *out)
{
    ph_base64_decoder decoder = { 0 };
    size_t size = strict_size(text), before = ph_buf_size(out);
    int result;

    if (size > text.size)
        return PH_E_INVALID;
    result = ph_base64_decode(&decoder, ph_span_of(text.at, size), out);
    if (result == PH_OK)
        result = ph_base64_decode_end(&decoder, out);
    if (result < 0)
        ph_buf_truncate(out, before);
    return result;
}
