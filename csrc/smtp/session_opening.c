/* session_opening.c - a session until it is ready for mail: TLS, greeting,
 * EHLO or HELO, STARTTLS, AUTH (RFC 5321, 3.1 and 3.2; RFC 3207; RFC 4954).
 * SPDX-License-Identifier: MIT */
#include "session_state.h"
#include "base/ascii.h"

/* ---- TLS before all */

void ph_session_want_tls(ph_session *s)
{
    ph_wire_rest(&s->wire, false);
    s->wish = PH_SESSION_WANT_TLS;
}

/* Credentials go only to a peer that was verified, or where the caller allows
 * all (security.md, row 25). */
bool ph_session_may_log_in(ph_session *s)
{
    if (!s->sasl.secret || s->is_verified || s->allow_plaintext_auth)
        return true;
    ph_error_set(&s->error, PH_E_AUTH, PH_CLASS_PERMANENT, PH_PHASE_AUTH,
                 "no login over a connection that is not encrypted and "
                 "verified");
    ph_session_end_failed(s);
    return false;
}

void ph_session_greet(ph_session *s)
{
    int result = ph_wire_await(&s->wire, PH_VERB_GREETING, PH_WIRE_SESSION);

    if (result < 0)
        ph_session_fail_to_say(s, result);
    else
        ph_session_enter(s, PH_AT_GREETING);
}

int ph_session_secured(ph_session *s, bool is_verified)
{
    if (s->phase != PH_AT_TLS)
        return PH_E_USAGE;
    s->wish = PH_SESSION_NOTHING;
    s->is_secure = true;
    s->is_verified = is_verified;
    ph_capability_clear(&s->capability); /* RFC 3207, 4.2 */
    if (!ph_session_may_log_in(s))
        return PH_OK;
    if (s->tls == PH_SESSION_TLS_IMPLICIT)
        ph_session_greet(s);
    else
        ph_session_enter(s, PH_AT_EHLO);
    return PH_OK;
}

/* ---- greeting, EHLO, HELO */

/* The name at the start of a greeting (RFC 5321, 4.2), without the brackets of
 * an address literal or the dot of a domain that is written to the root. */
static ph_span greeted_name(ph_span text)
{
    size_t size = 0;

    while (size < text.size && text.at[size] > ' ')
        size++;
    if (size > 2 && text.at[0] == '[' && text.at[size - 1] == ']')
        return ph_span_of(text.at + 1, size - 2);
    return ph_span_of(text.at,
                      size && text.at[size - 1] == '.' ? size - 1 : size);
}

static bool is_self(const ph_session *s, ph_span name)
{
    ph_span rest = ph_span_text(s->self_names ? s->self_names : "");
    size_t n;

    while (name.size && rest.size) {
        n = ph_span_find(rest, '\n');
        if (ph_ascii_equal(ph_span_of(rest.at, n), name))
            return true;
        rest = ph_span_after(rest, n + 1);
    }
    return false;
}

/* No is no verdict on a recipient: another server may say yes (S8). */
/* Dovecot's submission server (2.3.19) falls over a RCPT that waits while the
 * mail before ends, and takes the reply to that one's dot with it. It tells its
 * name in the greeting, or by BURL (RFC 4468), which hardly another offers. */
static bool is_dovecot(ph_span greeting)
{
    static const char name[] = "Dovecot";

    for (; greeting.size >= sizeof name - 1;
         greeting = ph_span_after(greeting, 1))
        if (!memcmp(greeting.at, name, sizeof name - 1))
            return true;
    return false;
}

void ph_session_on_greeting(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    (void)verb;
    s->is_frail = !s->is_lmtp && is_dovecot(reply->text);
    if (reply->code / 100 == 2 && is_self(s, greeted_name(reply->text))) {
        ph_session_fail(s, PH_E_CONNECT, "the connection leads to ourselves");
        s->error.class = PH_CLASS_PERMANENT;
        memcpy(s->error.enhanced, "5.4.6", 6);
    } else if (reply->code / 100 == 2) {
        ph_session_enter(s, PH_AT_EHLO);
    } else if (reply->code / 100 == 3) {
        ph_session_misunderstand(s);
    } else {
        ph_session_refuse(s, PH_E_REFUSED, PH_CLASS_TEMPORARY, reply,
                          "the server refused to talk to us");
    }
}

void ph_session_say_ehlo(ph_session *s)
{
    ph_capability_clear(&s->capability);
    ph_session_say(s, PH_VERB_EHLO, s->is_lmtp ? "LHLO " : "EHLO ",
                   ph_span_text(s->hello_name));
}

void ph_session_say_helo(ph_session *s)
{
    ph_capability_clear(&s->capability);
    ph_session_say(s, PH_VERB_HELO, "HELO ", ph_span_text(s->hello_name));
}

/* What comes behind hello: TLS, then login, then mail. */
static void go_on(ph_session *s)
{
    ph_capability *offers = &s->capability;
    bool has_tls = ph_capability_has(offers, PH_CAPABILITY_STARTTLS);

    if (!s->is_secure && s->tls != PH_SESSION_TLS_NONE) {
        if (has_tls) {
            ph_session_enter(s, PH_AT_STARTTLS);
            return;
        }
        if (s->tls == PH_SESSION_TLS_STARTTLS) {
            s->phase = PH_AT_STARTTLS;
            ph_session_fail(s, PH_E_TLS, "the server does not offer STARTTLS");
            memcpy(s->error.enhanced, "4.7.4", 6);
            return;
        }
    }
    if (s->sasl.secret)
        ph_session_enter(s, PH_AT_AUTH);
    else
        ph_session_enter(s, PH_AT_READY);
}

/* HELO has no TLS and no login: it is said only where neither is needed, and
 * never in LMTP (RFC 2033, 4.1). */
static bool may_say_helo(const ph_session *s, int code)
{
    return ((code >= 500 && code <= 504) || code == 550) && !s->is_secure &&
           s->tls != PH_SESSION_TLS_STARTTLS && !s->sasl.secret &&
           !s->required && !s->is_lmtp;
}

void ph_session_on_ehlo(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    ph_capability *offers = &s->capability;
    const char *lack;

    (void)verb;
    ph_capability_settle(offers, s->disabled);
    if (!s->is_lmtp && ph_capability_lists(offers, "BURL"))
        s->is_frail = true;
    lack = ph_capability_lack(offers, s->required);
    if (reply->code / 100 == 3) {
        ph_session_misunderstand(s);
    } else if (reply->code / 100 != 2) {
        if (may_say_helo(s, reply->code))
            ph_session_enter(s, PH_AT_HELO);
        else
            ph_session_refuse(s,
                              s->tls == PH_SESSION_TLS_STARTTLS && !s->is_secure
                                  ? PH_E_TLS
                                  : PH_E_REFUSED,
                              PH_CLASS_TEMPORARY, reply,
                              s->is_lmtp ? "the server refused LHLO"
                                         : "the server refused EHLO");
    } else if ((s->is_secure || s->tls == PH_SESSION_TLS_NONE ||
                s->tls == PH_SESSION_TLS_OPPORTUNISTIC) &&
               lack) {
        ph_session_fail(s, PH_E_UNSUPPORTED, lack);
        s->error.class = PH_CLASS_PERMANENT;
    } else {
        go_on(s);
    }
}

void ph_session_on_helo(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    (void)verb;
    if (reply->code / 100 == 2)
        ph_session_enter(s, PH_AT_READY);
    else if (reply->code / 100 == 3)
        ph_session_misunderstand(s);
    else
        ph_session_refuse(s, PH_E_REFUSED, PH_CLASS_TEMPORARY, reply,
                          "the server refused HELO");
}

/* ---- STARTTLS */

void ph_session_say_starttls(ph_session *s)
{
    ph_session_say(s, PH_VERB_STARTTLS, "STARTTLS", ph_span_of(NULL, 0));
}

/* Octets that came in clear and would be read as if they had come through TLS
 * (T3; CVE-2011-0411 and its family). */
void ph_session_fail_injected(ph_session *s)
{
    ph_error_set(&s->error, PH_E_TLS, PH_CLASS_TEMPORARY, PH_PHASE_STARTTLS,
                 "the server sent octets before the TLS handshake");
    memcpy(s->error.enhanced, "4.7.0", 6);
    ph_session_end_failed(s);
}

void ph_session_on_starttls(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    (void)verb;
    if (reply->code / 100 == 3) {
        ph_session_misunderstand(s);
    } else if (reply->code / 100 == 2) {
        if (s->unread)
            ph_session_fail_injected(s);
        else
            ph_session_enter(s, PH_AT_TLS);
    } else if (s->tls == PH_SESSION_TLS_STARTTLS) {
        ph_session_refuse(s, PH_E_TLS, PH_CLASS_TEMPORARY, reply,
                          "the server refused STARTTLS");
    } else if (s->sasl.secret) {
        ph_session_enter(s, PH_AT_AUTH);
    } else {
        ph_session_enter(s, PH_AT_READY);
    }
}

/* ---- AUTH */

static void fail_auth(ph_session *s, ph_class class, const char *message)
{
    ph_error_set(&s->error, PH_E_AUTH, class, PH_PHASE_AUTH, message);
    ph_session_end_failed(s);
}

/* A response alone, or behind the command of its mechanism. */
static void say_response(ph_session *s, const char *name, ph_span response)
{
    static const char *const shown[] = { "***", "AUTH PLAIN ***" };
    ph_command command = { .count = 0 };

    if (name) {
        ph_command_add_text(&command, "AUTH ");
        ph_command_add_text(&command, name);
        ph_command_add_text(&command, " ");
    }
    ph_command_add(&command, response);
    ph_session_say_command(s, PH_VERB_AUTH, &command, shown[name != NULL]);
}

/* An initial response goes with AUTH when the line holds it (RFC 4954, 4). */
void ph_session_say_auth(ph_session *s)
{
    const char *name;
    ph_buf response;
    int result;

    if (!ph_session_may_log_in(s))
        return;
    name = ph_sasl_choose(&s->sasl, s->capability.mechanisms & s->allowed);
    if (!name) {
        fail_auth(s, PH_CLASS_PERMANENT,
                  s->capability.mechanisms
                      ? "the server offers no login that may be used"
                      : "the server offers no login");
        return;
    }
    ph_reply_reader_challenge(&s->reader, true);
    ph_buf_init(&response, PH_COMMAND_LONGEST);
    result = ph_sasl_initial(&s->sasl, &response);
    if (result < 0) {
        ph_session_fail_to_say(s, result);
    } else if (result > 0 &&
               sizeof "AUTH PLAIN \r\n" + ph_buf_size(&response) <=
                   PH_COMMAND_LINE) {
        say_response(s, name, ph_buf_span(&response));
    } else {
        ph_sasl_restart(&s->sasl);
        ph_session_say(s, PH_VERB_AUTH, "AUTH ", ph_span_text(name));
    }
    ph_buf_wipe(&response);
}

static void on_challenge(ph_session *s, const ph_reply *reply)
{
    ph_buf response;
    int result = PH_E_PROTOCOL;

    ph_buf_init(&response, PH_COMMAND_LONGEST);
    if (reply->code == 334 && reply->lines == 1)
        result = ph_sasl_respond(&s->sasl, reply->text, &response);
    if (result == PH_OK) {
        say_response(s, NULL, ph_buf_span(&response));
    } else if (ph_error_is_limit(result)) {
        ph_session_fail_to_say(s, result);
    } else { /* give up politely (RFC 4954, 4) */
        s->is_aborting = true;
        say_response(s, NULL, ph_span_text("*"));
    }
    ph_buf_wipe(&response);
}

/* 534 and 538 want another mechanism or TLS, 535 another secret: all of 5yz
 * are for somebody to mend (S11). */
void ph_session_on_auth(ph_session *s, ph_verb verb, const ph_reply *reply)
{
    (void)verb;
    ph_wire_rest(&s->wire, true);
    if (s->is_aborting) {
        ph_session_misunderstand(s);
    } else if (reply->code / 100 == 3) {
        on_challenge(s, reply);
    } else if (reply->code / 100 == 2) {
        if (!ph_sasl_is_complete(&s->sasl)) {
            ph_session_misunderstand(s); /* a yes to half a login */
            return;
        }
        ph_sasl_clear(&s->sasl);
        ph_session_enter(s, PH_AT_READY);
    } else {
        ph_session_refuse(s, PH_E_AUTH,
                          reply->code / 100 == 4 ? PH_CLASS_TEMPORARY
                                                 : PH_CLASS_PERMANENT,
                          reply, "the server refused the login");
    }
}
