/* line.c - the lines of a message text (RFC 5322, 2.1.1 and 2.3).
 * SPDX-License-Identifier: MIT */
#include "line.h"
#include "base/ascii.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

void ph_line_check_init(ph_line_check *check)
{
    *check = (ph_line_check){ 0 };
}

/* One octet; false: a fault. */
static bool step(ph_line_check *check, char c)
{
    if (check->has_cr && c != '\n')
        check->fault = PH_LINE_BARE_CR;
    else if (c == '\n' && !check->has_cr)
        check->fault = PH_LINE_BARE_LF;
    else if (c == '\0')
        check->fault = PH_LINE_NUL;
    if (check->fault)
        return false;
    check->has_cr = c == '\r';
    if (c == '\n') {
        check->size = 0;
        check->number++;
    } else if (c != '\r' && ++check->size > PH_LINE_LIMIT) {
        check->fault = PH_LINE_LONG;
    }
    if (ph_ascii_is_high(c))
        check->has_high = true;
    return !check->fault;
}

ph_line_fault ph_line_check_feed(ph_line_check *check, ph_span text)
{
    for (size_t i = 0; i < text.size && !check->fault; i++)
        step(check, text.at[i]);
    return check->fault;
}

ph_line_fault ph_line_check_end(ph_line_check *check)
{
    if (!check->fault && check->has_cr)
        check->fault = PH_LINE_BARE_CR;
    return check->fault;
}

/* ---- a whole text ---- */

enum {
    BLOCK = 64 /* octets looked at at once: a bit for each */
};

/* Where in a block CR and LF stand; whether it holds a NUL, an octet above 7F.
 */
typedef struct block {
    uint64_t cr, lf;
    bool has_nul, has_high;
} block;

#if defined(__SSE2__)
static inline __attribute__((always_inline)) block look(const char *at)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i nul = zero, high = zero;
    block found = { 0, 0, false, false };

    for (int i = 0; i < BLOCK; i += 16) {
        __m128i octets = _mm_loadu_si128((const __m128i *)(at + i));
        __m128i cr = _mm_cmpeq_epi8(octets, _mm_set1_epi8('\r'));
        __m128i lf = _mm_cmpeq_epi8(octets, _mm_set1_epi8('\n'));
        found.cr |= (uint64_t)(unsigned)_mm_movemask_epi8(cr) << i;
        found.lf |= (uint64_t)(unsigned)_mm_movemask_epi8(lf) << i;
        nul = _mm_or_si128(nul, _mm_cmpeq_epi8(octets, zero));
        high = _mm_or_si128(high, octets);
    }
    found.has_nul = _mm_movemask_epi8(nul) != 0;
    found.has_high = _mm_movemask_epi8(high) != 0;
    return found;
}
#else
static block look(const char *at)
{
    block found = { 0, 0, false, false };

    for (int i = 0; i < BLOCK; i++) {
        found.cr |= (uint64_t)(at[i] == '\r') << i;
        found.lf |= (uint64_t)(at[i] == '\n') << i;
        found.has_nul |= at[i] == '\0';
        found.has_high |= ph_ascii_is_high(at[i]);
    }
    return found;
}
#endif

/* What a text holds up to some block. */
typedef struct whole {
    size_t at;    /* octets before the block */
    size_t start; /* of the line under way */
    bool has_cr;  /* the last octet was a CR */
    bool has_high;
} whole;

/* Each LF must stand behind a CR, and each CR before an LF. Of the lines that
 * end in a block only the first can be long. */
static inline bool is_fine(whole *self, const char *at)
{
    block found = look(at);
    size_t first;

    self->has_high |= found.has_high;
    if (found.has_nul || found.lf != (found.cr << 1 | self->has_cr))
        return false;
    self->has_cr = found.cr >> (BLOCK - 1);
    if (found.lf) {
        first = self->at + (size_t)__builtin_ctzll(found.lf);
        if (first - self->start > PH_LINE_LIMIT + 1)
            return false;
        self->start = self->at + BLOCK - (size_t)__builtin_clzll(found.lf);
    }
    self->at += BLOCK;
    return true;
}

bool ph_line_is_fine(ph_span text, bool *has_high)
{
    whole self = { 0, 0, false, false };
    char rest[BLOCK];
    size_t left;

    while (text.size - self.at >= BLOCK)
        if (!is_fine(&self, text.at + self.at))
            return false;
    left = text.size - self.at;
    /* What fills the last block is no line end: a CR before it is bare. */
    memset(rest, ' ', sizeof rest);
    if (left)
        memcpy(rest, text.at + self.at, left);
    if (!is_fine(&self, rest))
        return false;
    *has_high = self.has_high;
    return text.size - self.start <= PH_LINE_LIMIT;
}

const char *ph_line_fault_name(ph_line_fault fault)
{
    static const char *const names[] = {
        [PH_LINE_FINE] = "",
        [PH_LINE_BARE_CR] = "a bare CR",
        [PH_LINE_BARE_LF] = "a bare LF",
        [PH_LINE_NUL] = "a NUL",
        [PH_LINE_LONG] = "a line over 998 octets",
    };
    return names[fault];
}

void ph_line_ends_init(ph_line_ends *ends, ph_line_ends_kind kind)
{
    *ends = (ph_line_ends){ .kind = kind };
}

int ph_line_ends_put(ph_line_ends *ends, ph_span text, ph_buf *out)
{
    char *room, *next;
    int result = ph_buf_reserve(out, text.size * 2, &room);

    if (result < 0)
        return result;
    next = room;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool is_cr = ends->kind == PH_LINE_ENDS_ANY && c == '\r';
        if (is_cr || (c == '\n' && !ends->has_cr)) {
            *next++ = '\r';
            *next++ = '\n';
        } else if (c != '\n') {
            *next++ = c;
        }
        ends->has_cr = is_cr;
    }
    ph_buf_added(out, (size_t)(next - room));
    return PH_OK;
}
