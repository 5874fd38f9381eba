/* flowed.h - text as format=flowed (RFC 3676): long lines become several that
 * a reader joins again, at a width that old readers can show; and the reader.
 *
 * A line of the text is a paragraph, and ">" at its start tells how deep it is
 * quoted. What a reader sees once it has joined the lines is the text, but for
 * blanks at the ends of lines, which mean something here and go; the line
 * "-- " before a signature stays.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_FLOWED_H
#define PH_CODEC_FLOWED_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_FLOWED_LINE = 78,  /* characters of a line, if it can be */
    PH_FLOWED_QUOTES = 40 /* depth at most; what is quoted deeper is text */
};

/* Zeroed it stands before the first octet. Fields are its own. */
typedef struct ph_flowed {
    char word[PH_FLOWED_LINE * 4]; /* octets that wait for their place */
    size_t size, width;            /* of it, in octets and in characters */
    size_t blanks;                 /* before it, not written */
    size_t column;                 /* characters of the line */
    size_t quotes;                 /* how deep the paragraph is quoted */
    bool is_begun;                 /* the quotes of the paragraph are counted */
    bool is_open;                  /* something stands in the line under way */
    bool is_blank;                 /* its last octet is a blank of the text */
    bool is_dashes;                /* all of it is "--", or "-- " */
    bool is_broken;                /* the paragraph has a line already */
    bool is_long;                  /* the word under way passes through */
    bool has_cr;                   /* the last octet was a CR */
} ph_flowed;

/* The most that putting n octets, and the end after it, may write. */
static inline size_t ph_flowed_room(size_t n)
{
    return (n + PH_FLOWED_LINE * 4) * 4 + 128;
}

/* Appends what is certain of the text, UTF-8 with any line ends: lines that
 * end in CRLF. PH_E_LIMIT; then the object is of no more use. */
int ph_flowed_put(ph_flowed *flowed, ph_span text, ph_buf *out);

/* Appends what waits. */
int ph_flowed_end(ph_flowed *flowed, ph_buf *out);

/* Appends the text of flowed lines (4.2 to 4.5): each paragraph in a line,
 * with the line end of its last one, any of CRLF, LF and CR; quotes as ">> "
 * before it. is_del_sp (DelSp=yes): the blank at which a line was broken goes.
 * PH_E_LIMIT: out has no room for twice text.size. */
int ph_flowed_undo(ph_buf *out, ph_span text, bool is_del_sp);

#pragma GCC visibility pop
#endif
