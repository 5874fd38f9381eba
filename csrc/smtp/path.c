/* path.c - the argument of MAIL and RCPT as a server reads it.
 * SPDX-License-Identifier: MIT */
#include "path.h"
#include "base/ascii.h"
#include "codec/address.h"

static ph_span skip_blanks(ph_span text)
{
    size_t n = 0;

    while (n < text.size && text.at[n] == ' ')
        n++;
    return ph_span_after(text, n);
}

/* Offset of the bracket that closes the path; quotes may hold one. */
static size_t find_close(ph_span text)
{
    bool is_quoted = false;
    size_t i;

    for (i = 1; i < text.size; i++) {
        char c = text.at[i];
        if (c == '\\' && is_quoted)
            i++;
        else if (c == '"')
            is_quoted = !is_quoted;
        else if (c == '>' && !is_quoted)
            break;
    }
    return i < text.size ? i : text.size;
}

/* Takes a source route ("@one,@two:") off, which is read and ignored (RFC
 * 5321, 4.1.2 and appendix C); an address literal in it may hold colons. */
static ph_span drop_route(ph_span path)
{
    bool is_literal = false;
    size_t i;

    if (!path.size || path.at[0] != '@')
        return path;
    for (i = 0; i < path.size && (is_literal || path.at[i] != ':'); i++)
        if (path.at[i] == '[' || path.at[i] == ']')
            is_literal = path.at[i] == '[';
    return ph_span_after(path, i + 1);
}

int ph_path_parse(ph_span text, ph_span *path, ph_span *rest)
{
    size_t close;

    text = skip_blanks(text);
    if (!text.size || text.at[0] != '<')
        return PH_E_INVALID;
    close = find_close(text);
    if (close == text.size)
        return PH_E_INVALID;
    *path = ph_span_of(text.at + 1, close - 1);
    *rest = ph_span_after(text, close + 1);
    if (rest->size && rest->at[0] != ' ')
        return PH_E_INVALID;
    if (!path->size || ph_ascii_equal(*path, ph_span_text("postmaster")))
        return PH_OK;
    *path = drop_route(*path);
    return ph_address_put_bare(NULL, *path);
}

/* esmtp-keyword of RFC 5321, 4.1.2. */
static bool is_keyword(ph_span text)
{
    if (!text.size || !ph_ascii_is_alnum(text.at[0]))
        return false;
    for (size_t i = 1; i < text.size; i++)
        if (!ph_ascii_is_alnum(text.at[i]) && text.at[i] != '-')
            return false;
    return true;
}

int ph_path_parameter_next(ph_span *text, ph_path_parameter *parameter)
{
    ph_span word;
    size_t equals;

    *text = skip_blanks(*text);
    if (!text->size)
        return 0;
    word = ph_span_of(text->at, ph_span_find(*text, ' '));
    *text = ph_span_after(*text, word.size);
    equals = ph_span_find(word, '=');
    parameter->keyword = ph_span_of(word.at, equals);
    parameter->value = ph_span_of(NULL, 0);
    if (equals < word.size) {
        parameter->value =
            ph_span_of(word.at + equals + 1, word.size - equals - 1);
        if (!parameter->value.size || ph_ascii_has_control(parameter->value))
            return PH_E_INVALID;
    }
    return is_keyword(parameter->keyword) ? 1 : PH_E_INVALID;
}
