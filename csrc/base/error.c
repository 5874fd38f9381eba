/* error.c - what can go wrong: kinds, classes, phases, and the full record.
 * SPDX-License-Identifier: MIT */
#include "error.h"
#include "mem.h"

enum {
    TEXT_LIMIT = 4096
};

static const char *const kinds[] = {
    "",    "invalid", "unsupported", "protocol", "auth", "refused", "closed",
    "dns", "connect", "tls",         "timeout",  "io",   "limit",   "cancelled",
    "",    "limit",
};

static const char *const classes[] = { "", "temporary", "permanent",
                                       "unknown" };

static const char *const phases[] = {
    "",         "build", "lookup", "connect", "greeting", "ehlo",
    "starttls", "tls",   "auth",   "mail",    "rcpt",     "data",
    "content",  "dot",   "rset",   "quit",    "command",
};

int ph_error_set(ph_error *error, int kind, ph_class class, ph_phase phase,
                 const char *message)
{
    ph_error_clear(error);
    error->kind = kind;
    error->class = class;
    error->phase = phase;
    error->message = message;
    return kind;
}

int ph_error_set_invalid(ph_error *error, const char *field,
                         const char *message)
{
    size_t size = strlen(field);

    ph_error_set(error, PH_E_INVALID, PH_CLASS_PERMANENT, PH_PHASE_BUILD,
                 message);
    if (size >= sizeof error->field)
        size = sizeof error->field - 1;
    memcpy(error->field, field, size);
    error->field[size] = '\0';
    return PH_E_INVALID;
}

void ph_error_set_text(ph_error *error, ph_span text)
{
    size_t size = text.size < TEXT_LIMIT ? text.size : TEXT_LIMIT;

    ph_mem_free(error->text);
    error->text = size ? ph_mem_copy(text.at, size) : NULL;
    error->text_size = error->text ? size : 0;
}

void ph_error_copy(ph_error *to, const ph_error *from)
{
    ph_error_clear(to);
    *to = *from;
    to->text = NULL;
    ph_error_set_text(to, ph_span_of(from->text, from->text_size));
}

void ph_error_clear(ph_error *error)
{
    ph_mem_free(error->text);
    *error = (ph_error){ 0 };
}

const char *ph_error_kind_name(int kind)
{
    size_t index = (size_t)-kind;
    return kind <= 0 && index < sizeof kinds / sizeof *kinds ? kinds[index]
                                                             : "";
}

const char *ph_error_class_name(ph_class class)
{
    return classes[class];
}

const char *ph_error_phase_name(ph_phase phase)
{
    return phases[phase];
}
