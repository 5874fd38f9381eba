/* error.h - what can go wrong: kinds, classes, phases, and the full record.
 * SPDX-License-Identifier: MIT */
#ifndef PH_BASE_ERROR_H
#define PH_BASE_ERROR_H

#include "span.h"

#pragma GCC visibility push(hidden)

/* The answer of a function that may fail: 0 or more is success. */
enum {
    PH_OK = 0,
    PH_E_INVALID = -1,     /* bad data from the caller; a field is named */
    PH_E_UNSUPPORTED = -2, /* the peer lacks an extension that is needed */
    PH_E_PROTOCOL = -3,    /* the peer broke the rules */
    PH_E_AUTH = -4,        /* the credential was not taken */
    PH_E_REFUSED = -5,     /* a negative SMTP reply */
    PH_E_CLOSED = -6,      /* the peer hung up */
    PH_E_DNS = -7,
    PH_E_CONNECT = -8,
    PH_E_TLS = -9,
    PH_E_TIMEOUT = -10,
    PH_E_IO = -11,        /* a source or a file */
    PH_E_LIMIT = -12,     /* a ceiling of ours or of the server's */
    PH_E_CANCELLED = -13, /* by the caller */
    PH_E_USAGE = -14,     /* a C caller broke the contract: no kind, raised */
    PH_E_MEMORY = -15     /* none is left: of kind LIMIT, always temporary */
};

typedef enum ph_class {
    PH_CLASS_NONE,
    PH_CLASS_TEMPORARY, /* may be tried again */
    PH_CLASS_PERMANENT, /* never as it stands */
    PH_CLASS_UNKNOWN    /* all handed over, no reply */
} ph_class;

typedef enum ph_phase {
    PH_PHASE_NONE,
    PH_PHASE_BUILD,
    PH_PHASE_LOOKUP,
    PH_PHASE_CONNECT,
    PH_PHASE_GREETING,
    PH_PHASE_EHLO,
    PH_PHASE_STARTTLS,
    PH_PHASE_TLS,
    PH_PHASE_AUTH,
    PH_PHASE_MAIL,
    PH_PHASE_RCPT,
    PH_PHASE_DATA,
    PH_PHASE_CONTENT,
    PH_PHASE_DOT,
    PH_PHASE_RSET,
    PH_PHASE_QUIT,
    PH_PHASE_COMMAND
} ph_phase;

enum {
    PH_ERROR_FIELD = 64,
    PH_ERROR_ENHANCED = 12
};

/* The record of a failure. Zeroed it says that nothing went wrong. */
typedef struct ph_error {
    int kind; /* PH_E_*, or 0 */
    ph_class class;
    ph_phase phase;
    int code;                         /* SMTP reply code, or 0 */
    char enhanced[PH_ERROR_ENHANCED]; /* "5.1.1", or "" */
    char field[PH_ERROR_FIELD];       /* for PH_E_INVALID: which input */
    const char *message; /* one plain sentence without a secret; static */
    char *text;          /* the peer's or a library's words; owned, or NULL */
    size_t text_size;
} ph_error;

/* Fills the record (the field "" and no reply); message must be static. Frees
 * what it held before. Returns kind, so that a caller can return it on. */
int ph_error_set(ph_error *error, int kind, ph_class class, ph_phase phase,
                 const char *message);

/* As set, of kind INVALID, class permanent, phase build, with its field
 * (cut to fit). Returns PH_E_INVALID. */
int ph_error_set_invalid(ph_error *error, const char *field,
                         const char *message);

/* Adds words of a peer or a library: a copy of at most 4 KiB. Without memory
 * the record stays without them. */
void ph_error_set_text(ph_error *error, ph_span text);

/* Copies a record, its text as well (left out when memory is short). */
void ph_error_copy(ph_error *to, const ph_error *from);

/* Frees the text and zeroes the record. */
void ph_error_clear(ph_error *error);

/* Whether that is told as `limit`: wherever a header names PH_E_LIMIT alone,
 * PH_E_MEMORY may come as well. */
static inline bool ph_error_is_limit(int kind)
{
    return kind == PH_E_LIMIT || kind == PH_E_MEMORY;
}

/* The words of api.md: "invalid", "temporary", "rcpt"; "" for none. */
const char *ph_error_kind_name(int kind);
const char *ph_error_class_name(ph_class class);
const char *ph_error_phase_name(ph_phase phase);

#pragma GCC visibility pop
#endif
