/* capability.c - what a server offers (RFC 5321, 4.1.1.1).
 * SPDX-License-Identifier: MIT */
#include "capability.h"
#include "base/ascii.h"
#include "codec/date.h"

enum {
    OTHERS = 64,         /* unknown keywords that are kept */
    PARAMETERS = 512,    /* octets of a line's parameters that are kept */
    KEYWORD = 64,        /* octets of a keyword; longer ones are none */
    LINES_LIMIT = 49152, /* octets of all lines */
    AUTH_LIMIT = 1024    /* octets of all names of mechanisms */
};

#define LACK(keyword) "the server does not offer " keyword ", as required"
#define ROW(keyword)           \
    {                          \
        keyword, LACK(keyword) \
    }

/* In the order of the bits; and what is said where one is missing. */
static const struct {
    const char *name, *lack;
} keywords[PH_CAPABILITY_COUNT] = {
    ROW("PIPELINING"),    ROW("SIZE"),
    ROW("8BITMIME"),      ROW("SMTPUTF8"),
    ROW("STARTTLS"),      ROW("AUTH"),
    ROW("LIMITS"),        ROW("ENHANCEDSTATUSCODES"),
    ROW("CHUNKING"),      ROW("BINARYMIME"),
    ROW("DSN"),           ROW("REQUIRETLS"),
    ROW("MT-PRIORITY"),   ROW("DELIVERBY"),
    ROW("FUTURERELEASE"),
};

static const char *const mechanisms[] = { "PLAIN", "LOGIN" };

void ph_capability_init(ph_capability *capability)
{
    *capability = (ph_capability){ 0 };
    ph_buf_init(&capability->lines, LINES_LIMIT);
    ph_buf_init(&capability->auth, AUTH_LIMIT);
}

void ph_capability_clear(ph_capability *capability)
{
    ph_buf_clear(&capability->lines);
    ph_buf_clear(&capability->auth);
    ph_capability_init(capability);
}

unsigned ph_capability_find(ph_span keyword)
{
    for (size_t i = 0; i < PH_CAPABILITY_COUNT; i++)
        if (ph_ascii_equal(ph_span_text(keywords[i].name), keyword))
            return 1u << i;
    return 0;
}

const char *ph_capability_name(unsigned which)
{
    size_t i = 0;

    while (i + 1 < PH_CAPABILITY_COUNT && which != 1u << i)
        i++;
    return keywords[i].name;
}

unsigned ph_capability_find_mechanism(ph_span name)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (ph_ascii_equal(ph_span_text(mechanisms[i]), name))
            return 1u << i;
    return 0;
}

const char *ph_capability_lack(const ph_capability *capability,
                               unsigned required)
{
    for (size_t i = 0; i < PH_CAPABILITY_COUNT; i++)
        if (required & ~capability->offered & 1u << i)
            return keywords[i].lack;
    return NULL;
}

/* Takes the next word off *text, at blanks. */
static ph_span take_word(ph_span *text)
{
    size_t n = 0;
    ph_span word;

    while (text->size && ph_ascii_is_blank(text->at[0]))
        *text = ph_span_after(*text, 1);
    while (n < text->size && !ph_ascii_is_blank(text->at[n]))
        n++;
    word = ph_span_of(text->at, n);
    *text = ph_span_after(*text, n);
    return word;
}

/* 1 to 20 digits that fit in 63 bits, else 0: not known (S10). */
static uint64_t read_number(ph_span text)
{
    uint64_t value = 0;

    if (text.size == 0 || text.size > 20)
        return 0;
    for (size_t i = 0; i < text.size; i++) {
        uint64_t digit = (uint64_t)(text.at[i] - '0');
        if (!ph_ascii_is_digit(text.at[i]) ||
            value > ((uint64_t)INT64_MAX - digit) / 10)
            return 0;
        value = value * 10 + digit;
    }
    return value;
}

/* "RCPTMAX=2": its number into *limit; what is malformed or no count at all
 * is left out (RFC 9422, 4). */
static void read_limit(ph_span word, const char *name, uint32_t *limit)
{
    ph_span wanted = ph_span_text(name);
    uint64_t value;

    if (word.size <= wanted.size ||
        !ph_ascii_equal(ph_span_of(word.at, wanted.size), wanted))
        return;
    value = read_number(ph_span_after(word, wanted.size));
    if (value && value < 1000000 && word.size <= wanted.size + 6)
        *limit = (uint32_t)value;
}

static void read_limits(ph_capability *capability, ph_span text)
{
    while (text.size) {
        ph_span word = take_word(&text);
        read_limit(word, "RCPTMAX=", &capability->rcpt_max);
        read_limit(word, "MAILMAX=", &capability->mail_max);
        read_limit(word, "RCPTDOMAINMAX=", &capability->rcpt_domain_max);
    }
}

/* Seconds of at most nine digits, else 0. */
static uint32_t read_seconds(ph_span text)
{
    return text.size <= 9 ? (uint32_t)read_number(text) : 0;
}

/* How long a mail may be held, and until when (RFC 4865, 3). */
static void read_future_release(ph_capability *capability, ph_span text)
{
    capability->hold_max = read_seconds(take_word(&text));
    if (ph_date_parse_internet(take_word(&text), &capability->hold_last) < 0)
        capability->hold_last = 0;
}

static bool has_mechanism(ph_span list, ph_span name)
{
    while (list.size)
        if (ph_ascii_equal(take_word(&list), name))
            return true;
    return false;
}

/* Mechanisms past AUTH_LIMIT are not listed, but found. */
static int read_mechanisms(ph_capability *capability, ph_span text)
{
    ph_buf *auth = &capability->auth;

    while (text.size) {
        ph_span name = take_word(&text);
        if (name.size == 0 || has_mechanism(ph_buf_span(auth), name))
            continue;
        capability->mechanisms |= ph_capability_find_mechanism(name);
        if (ph_buf_room(auth) <= name.size)
            continue;
        if ((ph_buf_size(auth) && ph_buf_put_char(auth, ' ') < 0) ||
            ph_buf_put_span(auth, name) < 0)
            return PH_E_LIMIT;
    }
    return PH_OK;
}

static bool is_keyword(ph_span word)
{
    if (word.size == 0 || word.size > KEYWORD || !ph_ascii_is_alnum(word.at[0]))
        return false;
    for (size_t i = 1; i < word.size; i++)
        if (!ph_ascii_is_alnum(word.at[i]) && word.at[i] != '-' &&
            word.at[i] != '_')
            return false;
    return true;
}

/* Whether a keyword that is not known was listed already. */
static bool is_listed(const ph_capability *capability, ph_span keyword)
{
    ph_span lines = ph_buf_span(&capability->lines), other, parameters;

    while (ph_capability_next(&lines, &other, &parameters))
        if (ph_ascii_equal(other, keyword))
            return true;
    return false;
}

bool ph_capability_lists(const ph_capability *capability, const char *keyword)
{
    return is_listed(capability, ph_span_text(keyword));
}

/* Lists a line for show; what does not fit is not listed. */
static int list(ph_capability *capability, ph_span keyword, ph_span parameters)
{
    ph_buf *lines = &capability->lines;
    char *room;
    size_t n;

    if (parameters.size > PARAMETERS)
        parameters.size = PARAMETERS;
    n = keyword.size + 1 + parameters.size + 1;
    if (n > ph_buf_room(lines))
        return PH_OK;
    if (ph_buf_reserve(lines, n, &room) < 0)
        return PH_E_LIMIT;
    for (size_t i = 0; i < keyword.size; i++)
        *room++ = ph_ascii_upper(keyword.at[i]);
    *room++ = ' ';
    if (parameters.size)
        memcpy(room, parameters.at, parameters.size);
    room[parameters.size] = '\n';
    ph_buf_added(lines, n);
    return PH_OK;
}

static int add_known(ph_capability *capability, unsigned which, ph_span keyword,
                     ph_span parameters)
{
    ph_span word = parameters;

    if (which == PH_CAPABILITY_AUTH) {
        capability->offered |= which;
        return read_mechanisms(capability, parameters);
    }
    if (capability->offered & which)
        return PH_OK;
    capability->offered |= which;
    if (which == PH_CAPABILITY_SIZE)
        capability->size = read_number(take_word(&word));
    if (which == PH_CAPABILITY_LIMITS)
        read_limits(capability, parameters);
    if (which == PH_CAPABILITY_DELIVERBY)
        capability->by_min = read_seconds(take_word(&word));
    if (which == PH_CAPABILITY_FUTURERELEASE)
        read_future_release(capability, parameters);
    return list(capability, keyword, parameters);
}

int ph_capability_add(ph_capability *capability, ph_span line)
{
    ph_span text = line, keyword = take_word(&text);
    size_t equals = ph_span_find(keyword, '=');
    unsigned which;

    /* "AUTH=LOGIN PLAIN", of an old draft. */
    if (equals < keyword.size) {
        keyword.size = equals;
        text =
            ph_span_of(keyword.at + equals + 1,
                       (size_t)(line.at + line.size - keyword.at) - equals - 1);
    }
    while (text.size && ph_ascii_is_blank(text.at[0]))
        text = ph_span_after(text, 1);
    if (!is_keyword(keyword))
        return PH_OK;
    which = ph_capability_find(keyword);
    if (which)
        return add_known(capability, which, keyword, text);
    if (capability->others >= OTHERS || is_listed(capability, keyword))
        return PH_OK;
    capability->others++;
    return list(capability, keyword, text);
}

void ph_capability_settle(ph_capability *capability, unsigned disabled)
{
    unsigned offered = capability->offered;

    /* RFC 6531, 3.1, item 8; servers forget to say so. */
    if (offered & PH_CAPABILITY_SMTPUTF8)
        offered |= PH_CAPABILITY_8BITMIME;
    offered &= ~disabled;
    if (!(offered & PH_CAPABILITY_CHUNKING)) /* RFC 3030, 3 */
        offered &= ~(unsigned)PH_CAPABILITY_BINARYMIME;
    if (!(offered & PH_CAPABILITY_SIZE))
        capability->size = 0;
    if (!(offered & PH_CAPABILITY_LIMITS))
        capability->rcpt_max = capability->mail_max =
            capability->rcpt_domain_max = 0;
    capability->offered = offered;
}

bool ph_capability_next(ph_span *lines, ph_span *keyword, ph_span *parameters)
{
    size_t end = ph_span_find(*lines, '\n');
    ph_span line = ph_span_of(lines->at, end);
    size_t blank = ph_span_find(line, ' ');

    if (lines->size == 0)
        return false;
    *lines = ph_span_after(*lines, end + 1);
    *keyword = ph_span_of(line.at, blank);
    *parameters = ph_span_after(line, blank + 1);
    return true;
}
