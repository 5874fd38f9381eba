/* reason.c - OpenSSL's words for what went wrong, as a record of ours.
 * SPDX-License-Identifier: MIT */
#include "reason.h"

#include <openssl/err.h>

enum {
    LINE = 256,
    PREFIX = 4 /* "error:CODE:LIBRARY:FUNCTION:" comes before the reason */
};

static ph_span after_prefix(const char *line)
{
    for (int i = 0; i < PREFIX; i++) {
        const char *colon = strchr(line, ':');
        if (!colon)
            break;
        line = colon + 1;
    }
    return ph_span_text(line);
}

void ph_reason_forget(void)
{
    if (ERR_peek_error())
        ERR_clear_error();
}

int ph_reason_set(ph_error *error, int kind, ph_class class, ph_phase phase,
                  const char *message)
{
    unsigned long code = ERR_get_error();
    char line[LINE];

    if (code && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
        kind = PH_E_LIMIT;
    ph_error_set(error, kind, class, phase, message);
    if (code) {
        ERR_error_string_n(code, line, sizeof line);
        ph_error_set_text(error, after_prefix(line));
    }
    ph_reason_forget();
    return kind;
}
