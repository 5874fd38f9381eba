/* receiver_parameter.c - the parameters of MAIL and RCPT as a receiver takes
 * them: only those of extensions that it offers, each once, each well formed
 * (RFC 1870, 2852, 3461, 4865, 4954, 6152, 6531, 6533, 6710, 8689).
 * SPDX-License-Identifier: MIT */
#include "receiver_state.h"
#include "path.h"
#include "base/ascii.h"
#include "codec/date.h"
#include "codec/xtext.h"

enum {
    MALFORMED = 501,
    TOO_LARGE = 552,
    UNKNOWN = 555,
    ENVID = 100, /* octets of a value (RFC 3461, 4.4) */
    ORCPT = 500, /* likewise (4.2) */
    DIGITS = 9   /* of seconds (RFC 2852, 4; RFC 4865, 3) */
};

static bool is_word(ph_span text, const char *word)
{
    return ph_ascii_equal(text, ph_span_text(word));
}

static bool is_number(ph_span text, size_t digits, uint64_t *number)
{
    *number = 0;
    if (text.size < 1 || text.size > digits)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!ph_ascii_is_digit(text.at[i]))
            return false;
        *number = *number * 10 + (unsigned)(text.at[i] - '0');
    }
    return true;
}

/* ----- the values; 0, or the code of a refusal */

static int check_size(const ph_receiver *receiver, ph_span value)
{
    uint64_t size;

    if (!is_number(value, 19, &size))
        return MALFORMED;
    return size > receiver->options.size_limit ? TOO_LARGE : 0;
}

static int check_body(const ph_receiver *receiver, ph_span value)
{
    if (is_word(value, "BINARYMIME"))
        return ph_receiver_offers(receiver, PH_RECEIVER_BINARYMIME) ? 0
                                                                    : MALFORMED;
    return is_word(value, "7BIT") || is_word(value, "8BITMIME") ? 0 : MALFORMED;
}

static int check_none(const ph_receiver *receiver, ph_span value)
{
    (void)receiver;
    return value.at ? MALFORMED : 0;
}

static int check_some(const ph_receiver *receiver, ph_span value)
{
    (void)receiver;
    return value.size ? 0 : MALFORMED;
}

static int check_ret(const ph_receiver *receiver, ph_span value)
{
    (void)receiver;
    return is_word(value, "FULL") || is_word(value, "HDRS") ? 0 : MALFORMED;
}

/* What a xtext says, in room for it; false: it says nothing printable. */
static bool is_printable_xtext(ph_span value)
{
    char room[ORCPT];
    ph_buf text;

    ph_buf_borrow(&text, room, sizeof room);
    return value.size && ph_xtext_parse(value, &text) >= 0 &&
           !ph_ascii_has_control(ph_buf_span(&text)) &&
           !ph_ascii_has_high(ph_buf_span(&text));
}

static int check_envid(const ph_receiver *receiver, ph_span value)
{
    (void)receiver;
    return value.size <= ENVID && is_printable_xtext(value) ? 0 : MALFORMED;
}

/* NEVER alone, or a list of the others. */
static int check_notify(const ph_receiver *receiver, ph_span value)
{
    (void)receiver;
    if (is_word(value, "NEVER"))
        return 0;
    while (value.size) {
        size_t comma = ph_span_find(value, ',');
        ph_span word = ph_span_of(value.at, comma);
        if (!is_word(word, "SUCCESS") && !is_word(word, "FAILURE") &&
            !is_word(word, "DELAY"))
            return MALFORMED;
        if (comma == value.size)
            return 0;
        value = ph_span_after(value, comma + 1);
    }
    return MALFORMED;
}

/* addr-type ";" xtext; an address of the type utf-8 has forms of its own, one
 * of which needs SMTPUTF8 (RFC 6533, 3). */
static int check_orcpt(const ph_receiver *receiver, ph_span value)
{
    size_t semicolon = ph_span_find(value, ';');
    ph_span type = ph_span_of(value.at, semicolon);
    ph_span address = ph_span_after(value, semicolon + 1);
    char room[ORCPT];
    ph_buf text;

    if (!type.size || !address.size || value.size > ORCPT)
        return MALFORMED;
    for (size_t i = 0; i < type.size; i++)
        if (!ph_ascii_is_atext(type.at[i]))
            return MALFORMED;
    if (!is_word(type, "utf-8"))
        return is_printable_xtext(address) ? 0 : MALFORMED;
    ph_buf_borrow(&text, room, sizeof room);
    if (ph_xtext_parse_address(address, &text) < 0 ||
        (ph_ascii_has_high(address) &&
         !ph_receiver_offers(receiver, PH_RECEIVER_SMTPUTF8)))
        return MALFORMED;
    return 0;
}

/* by-time ";" by-mode [by-trace]; to return, it must be a time to come. */
static int check_by(const ph_receiver *receiver, ph_span value)
{
    size_t semicolon = ph_span_find(value, ';');
    ph_span time = ph_span_of(value.at, semicolon);
    ph_span mode = ph_span_after(value, semicolon + 1);
    bool is_past = time.size && time.at[0] == '-';
    uint64_t seconds;

    (void)receiver;
    if (time.size && (is_past || time.at[0] == '+'))
        time = ph_span_after(time, 1);
    if (!is_number(time, DIGITS, &seconds))
        return MALFORMED;
    if (mode.size == 2 && ph_ascii_upper(mode.at[1]) == 'T')
        mode.size = 1;
    if (is_word(mode, "R"))
        return is_past || !seconds ? MALFORMED : 0;
    return is_word(mode, "N") ? 0 : MALFORMED;
}

static int check_hold_for(const ph_receiver *receiver, ph_span value)
{
    uint64_t seconds;

    (void)receiver;
    return is_number(value, DIGITS, &seconds) && seconds &&
                   seconds <= PH_RECEIVER_HOLD
               ? 0
               : MALFORMED;
}

static int check_hold_until(const ph_receiver *receiver, ph_span value)
{
    int64_t epoch;

    (void)receiver;
    return ph_date_parse_internet(value, &epoch) < 0 ? MALFORMED : 0;
}

/* "-9" to "9". */
static int check_priority(const ph_receiver *receiver, ph_span value)
{
    bool is_low = value.size == 2 && value.at[0] == '-';

    (void)receiver;
    if (is_low)
        value = ph_span_after(value, 1);
    return value.size == 1 && ph_ascii_is_digit(value.at[0]) &&
                   !(is_low && value.at[0] == '0')
               ? 0
               : MALFORMED;
}

/* ----- all of a command */

static const struct parameter {
    const char *keyword;
    bool is_mail;       /* else of RCPT */
    unsigned extension; /* PH_RECEIVER_*; 0: AUTH */
    int (*check)(const ph_receiver *receiver, ph_span value);
} parameters[] = {
    { "SIZE", true, PH_RECEIVER_SIZE, check_size },
    { "BODY", true, PH_RECEIVER_8BITMIME, check_body },
    { "SMTPUTF8", true, PH_RECEIVER_SMTPUTF8, check_none },
    { "AUTH", true, 0, check_some },
    { "RET", true, PH_RECEIVER_DSN, check_ret },
    { "ENVID", true, PH_RECEIVER_DSN, check_envid },
    { "BY", true, PH_RECEIVER_DELIVERBY, check_by },
    { "HOLDFOR", true, PH_RECEIVER_FUTURERELEASE, check_hold_for },
    { "HOLDUNTIL", true, PH_RECEIVER_FUTURERELEASE, check_hold_until },
    { "MT-PRIORITY", true, PH_RECEIVER_MT_PRIORITY, check_priority },
    { "REQUIRETLS", true, PH_RECEIVER_REQUIRETLS, check_none },
    { "NOTIFY", false, PH_RECEIVER_DSN, check_notify },
    { "ORCPT", false, PH_RECEIVER_DSN, check_orcpt },
};

bool ph_receiver_offers(const ph_receiver *receiver, unsigned extension)
{
    if (!extension)
        return receiver->options.has_auth;
    /* RFC 8689, 2: only over TLS. */
    if (extension == PH_RECEIVER_REQUIRETLS && !receiver->is_secured)
        return false;
    return (receiver->options.extensions & extension) != 0;
}

/* One parameter; *seen has a bit for each that came. */
static int check_one(const ph_receiver *receiver, bool is_mail,
                     const ph_path_parameter *given, unsigned *seen)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        const struct parameter *known = &parameters[i];
        /* HOLDFOR and HOLDUNTIL: one of the two (RFC 4865, 3). */
        unsigned bit = known->extension == PH_RECEIVER_FUTURERELEASE
                           ? known->extension << 16
                           : 1u << i;
        if (known->is_mail != is_mail ||
            !is_word(given->keyword, known->keyword) ||
            !ph_receiver_offers(receiver, known->extension))
            continue;
        if (*seen & bit)
            return MALFORMED;
        *seen |= bit;
        return known->check(receiver, given->value);
    }
    return UNKNOWN;
}

bool ph_receiver_check_parameters(ph_receiver *receiver, bool is_mail)
{
    ph_span rest = ph_buf_span(&receiver->arguments);
    ph_path_parameter given;
    unsigned seen = 0;
    int result, code = 0;

    while (!code && (result = ph_path_parameter_next(&rest, &given)) != 0)
        code = result < 0 ? MALFORMED
                          : check_one(receiver, is_mail, &given, &seen);
    if (code == TOO_LARGE)
        ph_receiver_say(receiver, code, "5.3.4", "the message is too large");
    else if (code == MALFORMED)
        ph_receiver_complain(receiver, code, "5.5.4", "a malformed parameter");
    else if (code)
        ph_receiver_complain(receiver, code, "5.5.4", "an unknown parameter");
    return !code;
}
