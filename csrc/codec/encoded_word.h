/* encoded_word.h - encoded-words (RFC 2047): text outside ASCII in header
 * fields, written as UTF-8 in B or Q, whichever is shorter.
 *
 * What is given to the writers is literal text: it is never decoded, and a
 * literal "=?" is itself encoded, so that a reader sees what was typed. For
 * every valid UTF-8 text without controls, decode(put(text)) == text.
 * SPDX-License-Identifier: MIT */
#ifndef PH_CODEC_ENCODED_WORD_H
#define PH_CODEC_ENCODED_WORD_H

#include "base/buf.h"

#pragma GCC visibility push(hidden)

enum {
    PH_ENCODED_WORD_LIMIT = 75, /* octets of one (RFC 2047, 2) */
    PH_ENCODED_WORD_LINE = 76   /* octets of a line that holds one */
};

/* Appends unstructured text (Subject, Comments, fields of the user's): words
 * that need it encoded, all others as they are, one blank between two tokens,
 * so that ph_fold_put can break there. column: how long the line is already
 * ("Subject: " is 9): the first encoded-word is made to fit. PH_E_INVALID: a
 * control (a tab too), or no UTF-8; PH_E_LIMIT. In either case out is as it
 * was. */
int ph_encoded_word_put_text(ph_buf *out, ph_span text, size_t column);

/* Appends a phrase (a display name, RFC 5322, 3.2.5): atoms as they are, other
 * ASCII as one quoted-string, all else as encoded-words. A line keeps room for
 * what may follow at once (a comma, ":;" of a group). Otherwise as put_text. */
int ph_encoded_word_put_phrase(ph_buf *out, ph_span text, size_t column);

/* Appends encoded-words alone, whatever the text: for the places where old
 * readers expect them (a "name" parameter). Otherwise as put_phrase. */
int ph_encoded_word_put(ph_buf *out, ph_span text, size_t column);

/* Whether "=?" stands anywhere, which a reader may take for an encoded-word:
 * literal text must not hold it. */
static inline bool ph_encoded_word_has_mark(ph_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.at[i] == '=' && text.at[i + 1] == '?')
            return true;
    return false;
}

/* Whether a reader may find an encoded-word in the text, as strict or lax as
 * readers are: what may neither hold one nor be encoded (ids, URIs) is refused
 * then, as nobody would read there what was typed. */
bool ph_encoded_word_is_in(ph_span text);

/* Appends unstructured text with its encoded-words decoded to UTF-8, the
 * blanks between two neighbours dropped (RFC 2047, 6.2). An encoded-word in a
 * character set that ph_charset_find does not know, or broken, stays as it
 * is. Folds must be gone. PH_E_LIMIT. */
int ph_encoded_word_decode(ph_buf *out, ph_span text);

/* The size of the encoded-word that begins the text, known or not; 0: none
 * does. */
size_t ph_encoded_word_size(ph_span text);

/* If text begins with an encoded-word: appends it decoded and returns its
 * size; 0: it does not, or cannot be decoded. PH_E_LIMIT. */
int ph_encoded_word_decode_one(ph_buf *out, ph_span text);

#pragma GCC visibility pop
#endif
