/* receiver_command.c - the commands of a receiver, in the order of the
 * protocol, and AUTH's server side (RFC 4954, 4616).
 * SPDX-License-Identifier: MIT */
#include "receiver_state.h"
#include "path.h"
#include "base/ascii.h"
#include "codec/base64.h"

/* ----- greeting: EHLO, HELO, STARTTLS */

/* Keeps a copy, or ends the session for want of memory. */
static bool keep(ph_receiver *receiver, ph_buf *buf, ph_span span)
{
    ph_buf_reset(buf);
    if (ph_buf_put_span(buf, span) >= 0)
        return true;
    ph_receiver_end(receiver, "limit");
    return false;
}

static bool greet(ph_receiver *receiver, ph_span name, bool is_esmtp)
{
    if (!name.size || ph_span_find(name, ' ') < name.size) {
        ph_receiver_complain(receiver, 501, "5.5.4", "a host name is due");
        return false;
    }
    ph_receiver_reset(receiver);
    receiver->is_esmtp = is_esmtp;
    return keep(receiver, &receiver->helo, name);
}

static bool may_auth(const ph_receiver *receiver)
{
    return receiver->options.has_auth &&
           (receiver->is_secured || receiver->options.allow_plaintext_auth);
}

static int put_line(ph_buf *out, const char *line)
{
    int result = ph_buf_put_text(out, "\n");
    return result < 0 ? result : ph_buf_put_text(out, line);
}

/* What stands behind a keyword. */
static int put_values(const ph_receiver *receiver, unsigned extension,
                      ph_buf *out)
{
    const ph_receiver_options *options = &receiver->options;

    if (extension == PH_RECEIVER_SIZE)
        return ph_buf_put_number(out, options->size_limit);
    if (extension == PH_RECEIVER_LIMITS)
        return ph_buf_put_number(out, options->recipient_limit);
    if (extension != PH_RECEIVER_FUTURERELEASE)
        return PH_OK;
    if (ph_buf_put_number(out, PH_RECEIVER_HOLD) < 0)
        return PH_E_LIMIT;
    return ph_buf_put_text(out, " 9999-12-31T23:59:59Z");
}

/* The capabilities, a line each. */
static int put_capabilities(const ph_receiver *receiver, ph_buf *out)
{
    static const char *const names[] = {
        "PIPELINING",     "8BITMIME",    "SIZE ",      "ENHANCEDSTATUSCODES",
        "SMTPUTF8",       "HELP",        "DSN",        "DELIVERBY",
        "FUTURERELEASE ", "MT-PRIORITY", "REQUIRETLS", "LIMITS RCPTMAX=",
        "CHUNKING",       "BINARYMIME",
    };
    const ph_receiver_options *options = &receiver->options;
    int result = PH_OK;

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (result < 0 || !ph_receiver_offers(receiver, 1u << i))
            continue;
        result = put_line(out, names[i]);
        if (result >= 0)
            result = put_values(receiver, 1u << i, out);
    }
    if (result >= 0 && options->tls == PH_RECEIVER_TLS_STARTTLS &&
        !receiver->is_secured)
        result = put_line(out, "STARTTLS");
    if (result >= 0 && may_auth(receiver))
        result = put_line(out, "AUTH PLAIN LOGIN");
    return result;
}

static void run_ehlo(ph_receiver *receiver, ph_span name)
{
    ph_buf text;

    if (!greet(receiver, name, true))
        return;
    ph_buf_init(&text, PH_RECEIVER_REPLY);
    if (ph_buf_put_span(&text, receiver->options.hostname) >= 0 &&
        put_capabilities(receiver, &text) >= 0)
        ph_receiver_say_span(receiver, 250, ph_span_of(NULL, 0),
                             ph_buf_span(&text));
    else
        ph_receiver_end(receiver, "limit");
    ph_buf_clear(&text);
}

static void run_helo(ph_receiver *receiver, ph_span name)
{
    if (greet(receiver, name, false))
        ph_receiver_say_span(receiver, 250, ph_span_of(NULL, 0),
                             receiver->options.hostname);
}

/* Octets behind STARTTLS came in the clear and would be read as if they had
 * come over TLS (CVE-2011-0411): they end the session. */
static void run_starttls(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    if (receiver->options.tls != PH_RECEIVER_TLS_STARTTLS) {
        ph_receiver_complain(receiver, 502, "5.5.1", "TLS is not offered");
    } else if (receiver->is_secured) {
        ph_receiver_complain(receiver, 503, "5.5.1", "TLS is on already");
    } else if (receiver->has_more) {
        ph_receiver_say(receiver, 554, "5.5.0",
                        "nothing may follow STARTTLS before the handshake");
        ph_receiver_end(receiver, "protocol");
    } else {
        ph_receiver_say(receiver, 220, "2.0.0", "ready to shake hands");
        receiver->place = PH_PLACE_HANDSHAKE;
    }
}

/* ----- AUTH */

/* "authorization NUL user NUL password" (RFC 4616, 2). */
static void ask_plain(ph_receiver *receiver)
{
    ph_span all = ph_buf_span(&receiver->secret);
    size_t first = ph_span_find(all, '\0');
    ph_span behind = ph_span_after(all, first + 1);
    size_t second = ph_span_find(behind, '\0');
    ph_receiver_event *event = &receiver->event;

    if (first == all.size || second == behind.size || !second ||
        ph_span_find(ph_span_after(behind, second + 1), '\0') <
            ph_span_after(behind, second + 1).size) {
        ph_receiver_complain(receiver, 501, "5.5.2", "no such credentials");
        return;
    }
    ph_receiver_raise(receiver, PH_RECEIVER_AUTH,
                      ph_span_of(behind.at, second));
    event->authorization = ph_span_of(all.at, first);
    event->password = ph_span_after(behind, second + 1);
}

static void ask_login(ph_receiver *receiver)
{
    ph_receiver_raise(receiver, PH_RECEIVER_AUTH,
                      ph_buf_span(&receiver->login));
    receiver->event.password = ph_buf_span(&receiver->secret);
}

static bool decode(ph_receiver *receiver, ph_span text, ph_buf *out)
{
    int result;

    ph_buf_reset(out);
    if (text.size == 1 && text.at[0] == '=') /* an empty response */
        return true;
    result = ph_base64_parse(text, out);
    if (result >= 0)
        return true;
    if (ph_error_is_limit(result))
        ph_receiver_end(receiver, "limit");
    else
        ph_receiver_complain(receiver, 501, "5.5.2", "no base64");
    return false;
}

/* One response of the client; an initial one too. */
static void run_response(ph_receiver *receiver, ph_span line)
{
    ph_receiver_place place = receiver->place;
    bool is_user = place == PH_PLACE_AUTH_USER;

    receiver->place = PH_PLACE_COMMAND;
    if (line.size == 1 && line.at[0] == '*') {
        ph_receiver_say(receiver, 501, "5.7.0", "cancelled");
        return;
    }
    if (!decode(receiver, line, is_user ? &receiver->login : &receiver->secret))
        return;
    if (is_user) {
        receiver->place = PH_PLACE_AUTH_PASSWORD;
        ph_receiver_say(receiver, 334, NULL, "UGFzc3dvcmQ6");
    } else if (place == PH_PLACE_AUTH_PLAIN) {
        ask_plain(receiver);
    } else {
        ask_login(receiver);
    }
}

static bool refuse_auth(ph_receiver *receiver)
{
    if (!receiver->options.has_auth)
        ph_receiver_complain(receiver, 502, "5.5.1", "AUTH is not offered");
    else if (!receiver->is_esmtp || receiver->has_mail)
        ph_receiver_complain(receiver, 503, "5.5.1", "not now");
    else if (ph_buf_size(&receiver->user))
        ph_receiver_complain(receiver, 503, "5.5.1", "you are known already");
    else if (!may_auth(receiver))
        ph_receiver_complain(receiver, 538, "5.7.11", "only over TLS");
    else
        return false;
    return true;
}

static void run_auth(ph_receiver *receiver, ph_span argument)
{
    size_t blank = ph_span_find(argument, ' ');
    ph_span name = ph_span_of(argument.at, blank);
    ph_span initial = ph_span_after(argument, blank + 1);
    bool is_plain = ph_ascii_equal(name, ph_span_text("PLAIN"));

    if (refuse_auth(receiver))
        return;
    if (!is_plain && !ph_ascii_equal(name, ph_span_text("LOGIN"))) {
        ph_receiver_complain(receiver, 504, "5.5.4", "PLAIN and LOGIN only");
        return;
    }
    receiver->place = is_plain ? PH_PLACE_AUTH_PLAIN : PH_PLACE_AUTH_USER;
    if (initial.size)
        run_response(receiver, initial);
    else
        ph_receiver_say(receiver, 334, NULL, is_plain ? "" : "VXNlcm5hbWU6");
}

/* ----- the transaction: MAIL, RCPT, DATA, RSET */

/* The path behind "FROM:" or "TO:"; a reply is given when it is none. */
static bool read_path(ph_receiver *receiver, ph_span argument, const char *word)
{
    ph_span head = ph_span_text(word), path, rest;
    int result = PH_E_INVALID;

    if (argument.size > head.size &&
        ph_ascii_equal(ph_span_of(argument.at, head.size), head))
        result =
            ph_path_parse(ph_span_after(argument, head.size), &path, &rest);
    if (result == PH_E_INVALID)
        ph_receiver_complain(receiver, 501, "5.1.3", "no path");
    else if (result < 0)
        ph_receiver_end(receiver, "limit");
    else if (result && !(receiver->options.extensions & PH_RECEIVER_SMTPUTF8))
        ph_receiver_say(receiver, 553, "5.6.7", "SMTPUTF8 is not offered");
    else
        return keep(receiver, &receiver->path, path) &&
               keep(receiver, &receiver->arguments, rest);
    return false;
}

/* Raises the event if it was asked for, or accepts at once. */
static void ask(ph_receiver *receiver, unsigned flag,
                ph_receiver_event_kind kind)
{
    ph_receiver_event event = { .kind = kind };

    event.text = ph_buf_span(&receiver->path);
    if (receiver->options.ask & flag) {
        ph_receiver_raise(receiver, kind, event.text);
        receiver->event.parameters = ph_buf_span(&receiver->arguments);
    } else {
        ph_receiver_settle(receiver, &event, 0);
    }
}

static void run_mail(ph_receiver *receiver, ph_span argument)
{
    if (!ph_buf_size(&receiver->helo))
        ph_receiver_complain(receiver, 503, "5.5.1", "EHLO first");
    else if (receiver->has_mail)
        ph_receiver_complain(receiver, 503, "5.5.1", "a mail is under way");
    else if (receiver->options.require_auth && !ph_buf_size(&receiver->user))
        ph_receiver_complain(receiver, 530, "5.7.0", "authenticate first");
    else if (read_path(receiver, argument, "FROM:") &&
             ph_receiver_check_parameters(receiver, true))
        ask(receiver, PH_RECEIVER_ASK_MAIL, PH_RECEIVER_MAIL);
}

static void run_rcpt(ph_receiver *receiver, ph_span argument)
{
    if (!receiver->has_mail)
        ph_receiver_complain(receiver, 503, "5.5.1", "MAIL first");
    else if (!read_path(receiver, argument, "TO:"))
        return;
    else if (!ph_buf_size(&receiver->path))
        ph_receiver_complain(receiver, 501, "5.1.3", "no forward-path");
    else if (!ph_receiver_check_parameters(receiver, false))
        return;
    else if (receiver->recipient_count >= receiver->options.recipient_limit)
        ph_receiver_say(receiver, 452, "4.5.3", "too many recipients");
    else
        ask(receiver, PH_RECEIVER_ASK_RECIPIENT, PH_RECEIVER_RECIPIENT);
}

/* Whether DATA cannot take it (RFC 3030, 3). */
static bool is_binary(const ph_receiver *receiver)
{
    ph_span rest = ph_buf_span(&receiver->parameters);
    ph_path_parameter given;

    while (ph_path_parameter_next(&rest, &given) > 0)
        if (ph_ascii_equal(given.keyword, ph_span_text("BODY")) &&
            ph_ascii_equal(given.value, ph_span_text("BINARYMIME")))
            return true;
    return false;
}

static void run_data(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    if (!receiver->has_mail) {
        ph_receiver_complain(receiver, 503, "5.5.1", "MAIL first");
    } else if (receiver->has_chunks || is_binary(receiver)) {
        ph_receiver_complain(receiver, 503, "5.5.1", "BDAT is due");
    } else if (!receiver->recipient_count) {
        ph_receiver_say(receiver, receiver->options.is_lmtp ? 503 : 554,
                        "5.5.1", "no valid recipients");
    } else {
        ph_receiver_say(receiver, 354, NULL, "end with <CRLF>.<CRLF>");
        ph_dot_stuffing_init(&receiver->dots);
        receiver->place = PH_PLACE_CONTENT;
    }
}

static void run_rset(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    ph_receiver_reset(receiver);
    ph_receiver_say(receiver, 250, "2.0.0", "Ok");
}

/* ----- the rest */

static void run_noop(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    ph_receiver_say(receiver, 250, "2.0.0", "Ok");
}

static void run_vrfy(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    ph_receiver_say(receiver, 252, "2.5.2", "send some mail, and see");
}

/* Who is on a list is nobody's business (RFC 5321, 7.3). */
static void run_expn(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    ph_receiver_complain(receiver, 502, "5.5.1", "lists are not told");
}

static void run_help(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    ph_receiver_say(receiver, 214, "2.0.0", "see RFC 5321");
}

static void run_quit(ph_receiver *receiver, ph_span argument)
{
    (void)argument;
    ph_receiver_say(receiver, 221, "2.0.0", "goodbye");
    ph_receiver_end(receiver, "quit");
}

static const struct command {
    const char *name;
    bool is_bare; /* takes no argument */
    void (*run)(ph_receiver *receiver, ph_span argument);
} commands[] = {
    { "EHLO", false, run_ehlo },
    { "HELO", false, run_helo },
    { "LHLO", false, run_ehlo },
    { "STARTTLS", true, run_starttls },
    { "AUTH", false, run_auth },
    { "MAIL", false, run_mail },
    { "RCPT", false, run_rcpt },
    { "DATA", true, run_data },
    { "BDAT", false, ph_receiver_run_bdat },
    { "RSET", true, run_rset },
    { "NOOP", false, run_noop },
    { "VRFY", false, run_vrfy },
    { "EXPN", false, run_expn },
    { "HELP", false, run_help },
    { "QUIT", true, run_quit },
};

/* LMTP has a hello of its own and no other (RFC 2033, 4.1); what BDAT brings
 * is read as commands where it is not offered. */
static bool is_known(const ph_receiver *receiver, const struct command *command)
{
    if (command->run == ph_receiver_run_bdat)
        return ph_receiver_offers(receiver, PH_RECEIVER_CHUNKING);
    if (command->run == run_ehlo)
        return (*command->name == 'L') == receiver->options.is_lmtp;
    return command->run != run_helo || !receiver->options.is_lmtp;
}

static ph_span without_blanks(ph_span text)
{
    while (text.size && text.at[text.size - 1] == ' ')
        text.size--;
    return text;
}

void ph_receiver_run(ph_receiver *receiver, ph_span line)
{
    size_t blank;
    ph_span verb, argument;

    if (receiver->place != PH_PLACE_COMMAND) {
        run_response(receiver, line);
        return;
    }
    line = without_blanks(line);
    blank = ph_span_find(line, ' ');
    verb = ph_span_of(line.at, blank);
    argument = ph_span_after(line, blank + 1);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!ph_ascii_equal(verb, ph_span_text(commands[i].name)) ||
            !is_known(receiver, &commands[i]))
            continue;
        if (commands[i].is_bare && argument.size)
            ph_receiver_complain(receiver, 501, "5.5.4", "no argument is due");
        else
            commands[i].run(receiver, argument);
        return;
    }
    ph_receiver_complain(receiver, 500, "5.5.2", "no such command");
}

/* ----- verdicts */

static void begin_mail(ph_receiver *receiver)
{
    receiver->has_mail =
        keep(receiver, &receiver->reverse_path, ph_buf_span(&receiver->path)) &&
        keep(receiver, &receiver->parameters,
             ph_buf_span(&receiver->arguments));
}

static void add_recipient(ph_receiver *receiver)
{
    ph_buf *paths = &receiver->recipients;
    ph_buf *parameters = &receiver->recipient_parameters;

    if (ph_buf_put_span(paths, ph_buf_span(&receiver->path)) < 0 ||
        ph_buf_put_char(paths, '\0') < 0 ||
        ph_buf_put_span(parameters, ph_buf_span(&receiver->arguments)) < 0 ||
        ph_buf_put_char(parameters, '\0') < 0)
        ph_receiver_end(receiver, "limit");
    else
        receiver->recipient_count++;
}

void ph_receiver_settle(ph_receiver *receiver, const ph_receiver_event *asked,
                        int verdict)
{
    bool is_accepted = verdict < 300;

    if (asked->kind == PH_RECEIVER_AUTH) {
        if (!verdict)
            ph_receiver_say(receiver, 235, "2.7.0", "welcome");
        if (is_accepted)
            keep(receiver, &receiver->user, asked->text);
        ph_buf_wipe(&receiver->login);
        ph_buf_wipe(&receiver->secret);
        return;
    }
    if (!verdict)
        ph_receiver_say(receiver, 250,
                        asked->kind == PH_RECEIVER_MAIL ? "2.1.0" : "2.1.5",
                        "Ok");
    if (is_accepted && asked->kind == PH_RECEIVER_MAIL)
        begin_mail(receiver);
    else if (is_accepted)
        add_recipient(receiver);
}
