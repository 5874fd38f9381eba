/* content.c - what the octets of a body are like.
 * SPDX-License-Identifier: MIT */
#include "content.h"
#include "base/ascii.h"
#include "codec/line.h"

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

/* The topmost bit of each of eight octets that is below 20 or 7F; one above
 * such an octet may be marked in error, but none without it. */
static uint64_t controls_of(uint64_t octets)
{
    uint64_t low = (octets - EACH(0x20)) & ~octets;
    uint64_t rubout = octets ^ EACH(0x7f);

    rubout = (rubout - EACH(1)) & ~rubout;
    return (low | rubout) & EACH(0x80);
}

/* Whether one of BLOCK octets is a control or above 7F. */
#ifdef __SSE2__
enum {
    BLOCK = 16
};

static bool is_special(const char *at)
{
    __m128i octets = _mm_loadu_si128((const __m128i *)at);
    /* Signed: what is above 7F lies below a blank too. */
    __m128i low = _mm_cmplt_epi8(octets, _mm_set1_epi8(0x20));
    __m128i rubout = _mm_cmpeq_epi8(octets, _mm_set1_epi8(0x7f));

    return _mm_movemask_epi8(_mm_or_si128(low, rubout)) != 0;
}
#else
enum {
    BLOCK = 8
};

static bool is_special(const char *at)
{
    uint64_t octets;

    memcpy(&octets, at, sizeof octets);
    return (controls_of(octets) | (octets & EACH(0x80))) != 0;
}
#endif

/* Whether all octets are printable ASCII. */
static bool is_printable(ph_span line)
{
    size_t i;

    if (line.size < BLOCK) {
        for (i = 0; i < line.size; i++)
            if (ph_ascii_is_control(line.at[i]) || ph_ascii_is_high(line.at[i]))
                return false;
        return true;
    }
    for (i = 0; i + BLOCK <= line.size; i += BLOCK)
        if (is_special(line.at + i))
            return false;
    return !is_special(line.at + line.size - BLOCK);
}

static void end_line(ph_content *content, const char *at, size_t size)
{
    if (size > content->longest)
        content->longest = size;
    if (size >= 2 && at[0] == '-' && at[1] == '-')
        content->has_dashes = true;
}

/* Counts octets above 7F, eight at a time, up to a control near which one has
 * to look closer; returns how many octets it passed. */
static size_t pass_text(ph_content *content, ph_span line)
{
    uint64_t octets;
    size_t i;

    for (i = 0; i + sizeof octets <= line.size; i += sizeof octets) {
        memcpy(&octets, line.at + i, sizeof octets);
        if (controls_of(octets))
            break;
        content->high += (size_t)((octets >> 7 & EACH(1)) * EACH(1) >> 56);
    }
    return i;
}

/* What stands before a LF or the end, with controls or octets above 7F. */
static void read_special(ph_content *content, ph_span line)
{
    size_t start = 0, closer = 0;

    for (size_t i = 0; i < line.size; i++) {
        char c;
        if (i >= closer) {
            i += pass_text(content, ph_span_after(line, i));
            closer = i + sizeof(uint64_t);
            if (i == line.size)
                break;
        }
        c = line.at[i];
        if (c == '\r') {
            end_line(content, line.at + start, i - start);
            content->cr++;
            start = i + 1;
        } else if (ph_ascii_is_high(c)) {
            content->high++;
        } else if (ph_ascii_is_control(c) && c != '\t') {
            content->controls++;
            content->has_nul |= c == '\0';
        }
    }
    end_line(content, line.at + start, line.size - start);
}

void ph_content_read(ph_content *content, ph_span body)
{
    ph_span rest = body;

    *content = (ph_content){ .size = body.size, .is_ended = body.size == 0 };
    while (rest.size) {
        size_t size = ph_span_find(rest, '\n');
        ph_span line = ph_span_of(rest.at, size);

        if (size < rest.size && size && line.at[size - 1] == '\r') {
            line.size--;
            content->crlf++;
        } else if (size < rest.size) {
            content->lf++;
        }
        if (is_printable(line))
            end_line(content, line.at, line.size);
        else
            read_special(content, line);
        rest = ph_span_after(rest, size + 1);
    }
    if (body.size) {
        char last = body.at[body.size - 1];
        content->is_ended = last == '\n' || last == '\r';
    }
}

bool ph_content_is_lines(const ph_content *content)
{
    return content->longest <= PH_LINE_LIMIT && content->controls == 0;
}
