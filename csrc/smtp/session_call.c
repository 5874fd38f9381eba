/* session_call.c - the caller's side of a session: birth and death, and what
 * may be asked for.
 * SPDX-License-Identifier: MIT */
#include "session_state.h"
#include "base/ascii.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
    HELLO_NAME = 255, /* octets of hello_name */
    SENTENCE = 512    /* octets of an abort's message */
};

/* ---- birth and death */

static int feed(void *self, const char *at, size_t size)
{
    return ph_session_feed(self, at, size);
}

static int feed_eof(void *self)
{
    return ph_session_feed_eof(self);
}

static ph_span output(void *self)
{
    return ph_session_output(self);
}

static void consume(void *self, size_t n)
{
    ph_session_consume(self, n);
}

static bool pending(void *self)
{
    return ph_session_is_pending(self);
}

static double deadline(void *self, unsigned long *number)
{
    return ph_session_deadline(self, number);
}

static void expire(void *self)
{
    ph_session_expire(self);
}

static const ph_machine machine = {
    .version = PH_MACHINE_VERSION,
    .size = sizeof(ph_machine),
    .feed = feed,
    .feed_eof = feed_eof,
    .output = output,
    .consume = consume,
    .pending = pending,
    .deadline = deadline,
    .expire = expire,
};

/* A domain, or an address literal in brackets (RFC 5321, 4.1.1.1); what else
 * stands in it is the server's business. */
static bool is_hello_name(ph_span name)
{
    bool is_literal =
        name.size > 2 && name.at[0] == '[' && name.at[name.size - 1] == ']';

    if (name.size > HELLO_NAME || name.at[0] == '.' || name.at[0] == '-')
        return false;
    for (size_t i = is_literal; i < name.size - is_literal; i++)
        if (!ph_ascii_is_alnum(name.at[i]) &&
            !strchr(is_literal ? ".-:" : ".-_", name.at[i]))
            return false;
    return memchr(name.at, '\0', name.size) == NULL;
}

static int check(const ph_session_options *options, ph_error *error)
{
    ph_span user = options->user, password = options->password;

    if (options->hello_name.size && !is_hello_name(options->hello_name))
        return ph_error_set_invalid(error, "hello_name",
                                    "hello_name is no domain and no address");
    if (user.size > PH_SASL_SECRET || ph_ascii_has_control(user))
        return ph_error_set_invalid(error, "user",
                                    "the user cannot be used for a login");
    if (password.size > PH_SASL_SECRET || ph_ascii_has_control(password) ||
        (user.size && !password.size))
        return ph_error_set_invalid(error, "password",
                                    "the password cannot be used for a login");
    return PH_OK;
}

static int set_up(ph_session *s, const ph_session_options *options)
{
    ph_span name = options->hello_name;

    s->machine = machine;
    s->machine.self = s;
    s->hearing = PH_WIRE_SESSION;
    s->tls = options->tls;
    s->allow_plaintext_auth = options->allow_plaintext_auth;
    s->is_lmtp = options->is_lmtp;
    s->is_bulk = options->is_bulk;
    s->is_terse = options->is_terse;
    s->allowed = options->mechanisms ? options->mechanisms : ~0u;
    s->required = options->required;
    s->disabled = options->disabled;
    for (size_t i = 0; i < PH_SESSION_PHASES; i++)
        s->timeouts[i] = (float)options->timeouts[i];
    ph_reply_reader_init(&s->reader);
    if (s->disabled & PH_CAPABILITY_ENHANCED)
        ph_reply_reader_plain(&s->reader);
    ph_capability_init(&s->capability);
    ph_trace_init(&s->trace, options->has_trace);
    ph_wire_init(&s->wire, &s->trace);
    if (name.size == 0)
        name = ph_span_text("[127.0.0.1]");
    s->hello_name = ph_mem_copy(name.at, name.size);
    if (options->self_names.size)
        s->self_names =
            ph_mem_copy(options->self_names.at, options->self_names.size);
    if (!s->hello_name || (options->self_names.size && !s->self_names))
        return PH_E_LIMIT;
    return options->user.size
               ? ph_sasl_init(&s->sasl, options->user, options->password)
               : PH_OK;
}

int ph_session_new(const ph_session_options *options, ph_session **session,
                   ph_error *error)
{
    int result = check(options, error);
    ph_session *s;

    *session = NULL;
    if (result < 0)
        return result;
    s = ph_mem_zero(sizeof *s);
    if (!s || set_up(s, options) < 0) {
        ph_session_free(s);
        return ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                            PH_PHASE_BUILD, ph_session_no_memory);
    }
    *session = s;
    if (s->tls == PH_SESSION_TLS_IMPLICIT)
        ph_session_enter(s, PH_AT_TLS);
    else if (s->tls != PH_SESSION_TLS_NONE || ph_session_may_log_in(s))
        ph_session_greet(s);
    return PH_OK;
}

void ph_session_free(ph_session *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < s->count; i++) {
        ph_transaction_clear(&ph_session_mail_at(s, i)->transaction);
        ph_error_clear(&ph_session_mail_at(s, i)->error);
    }
    ph_mem_free(s->mails);
    ph_sasl_clear(&s->sasl);
    ph_wire_clear(&s->wire);
    ph_reply_reader_clear(&s->reader);
    ph_capability_clear(&s->capability);
    ph_trace_clear(&s->trace);
    ph_error_clear(&s->answer);
    ph_error_clear(&s->error);
    ph_mem_free(s->hello_name);
    ph_mem_free(s->self_names);
    ph_mem_free(s->sentence);
    ph_mem_free(s);
}

/* ---- what the caller asks for */

/* Leaves ready. A reply that nobody asked for, half of it there already, is
 * found before a command goes (row 30). Behind another mail the phase stays
 * that of the reply which is awaited next. */
static void leave(ph_session *s, ph_session_at next)
{
    s->is_offered = false;
    if (s->phase != PH_AT_READY)
        return;
    s->wish = PH_SESSION_NOTHING;
    s->phase = next;
    s->wait++;
}

/* What this server cannot take is known before it is asked (S12). */
static int check_needs(const ph_session *s, ph_esmtp_parameters *parameters,
                       const ph_transaction_options *options, ph_error *error)
{
    const ph_capability *offers = &s->capability;
    const char *enhanced;
    int kind = PH_E_UNSUPPORTED;

    if (options->needs_smtputf8 &&
        !ph_capability_has(offers, PH_CAPABILITY_SMTPUTF8)) {
        ph_error_set(error, kind, PH_CLASS_PERMANENT, PH_PHASE_MAIL,
                     "the server takes no addresses or headers in UTF-8");
        enhanced = "5.6.7";
    } else if (options->is_eight_bit &&
               !ph_capability_has(offers, PH_CAPABILITY_8BITMIME)) {
        ph_error_set(error, kind, PH_CLASS_PERMANENT, PH_PHASE_MAIL,
                     "the server takes no 8-bit content");
        enhanced = "5.6.3";
    } else if (options->is_binary &&
               !ph_capability_has(offers, PH_CAPABILITY_CHUNKING |
                                              PH_CAPABILITY_BINARYMIME)) {
        ph_error_set(error, kind, PH_CLASS_PERMANENT, PH_PHASE_MAIL,
                     "the server takes no binary content");
        enhanced = "5.6.3";
    } else if (options->has_size && offers->size &&
               ph_capability_has(offers, PH_CAPABILITY_SIZE) &&
               options->size > offers->size) {
        kind = PH_E_LIMIT;
        ph_error_set(error, kind, PH_CLASS_PERMANENT, PH_PHASE_MAIL,
                     "the message is larger than the server takes");
        enhanced = "5.3.4";
    } else if (!ph_session_may_take(s)) {
        kind = PH_E_LIMIT;
        ph_error_set(error, kind, PH_CLASS_TEMPORARY, PH_PHASE_MAIL,
                     "the server takes no more mails in this session");
        enhanced = "4.5.3";
    } else {
        return ph_esmtp_settle(parameters, offers,
                               s->is_secure && s->is_verified, error);
    }
    memcpy(error->enhanced, enhanced, 6);
    return kind;
}

/* What a refused chunk leaves behind must be reset (RFC 3030, 2), and whether
 * one will be refused is not known yet. */
static bool is_behind_chunks(const ph_session *s)
{
    const ph_session_mail *mail = ph_session_youngest(s);
    return mail && mail->is_on && mail->transaction.content.is_chunked;
}

int ph_session_send(ph_session *s, ph_envelope *envelope,
                    const ph_transaction_options *options,
                    const ph_machine *body, ph_error *error)
{
    ph_transaction_options wanted = *options;
    ph_session_mail *mail;
    int result;

    if (!ph_session_is_ready(s))
        return PH_E_USAGE;
    wanted.needs_smtputf8 = options->needs_smtputf8 || envelope->needs_smtputf8;
    wanted.has_body = body || options->octets.at;
    wanted.is_lmtp = s->is_lmtp;
    wanted.is_bulk = s->is_bulk;
    wanted.wants_rset = options->wants_rset || is_behind_chunks(s);
    result = check_needs(s, &envelope->parameters, &wanted, error);
    mail = result < 0 ? NULL : ph_session_add_mail(s);
    if (!mail) {
        ph_envelope_free(envelope);
        return result < 0 ? result
                          : ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY,
                                         PH_PHASE_MAIL, ph_session_no_memory);
    }
    ph_transaction_init(&mail->transaction, (unsigned)(mail - s->mails),
                        envelope, &wanted, &s->capability);
    ph_mail_data_set_body(&mail->transaction.content, body);
    mail->is_on = true;
    mail->has_verdict = false;
    if (s->capability.rcpt_domain_max)
        s->domains += ph_envelope_domains(envelope);
    leave(s, PH_AT_MAIL);
    ph_session_begin_transaction(s, mail);
    return PH_OK;
}

/* The mail that wants its content of the caller now, or NULL. */
static ph_transaction *body_now(ph_session *s)
{
    ph_session_mail *mail = ph_session_youngest(s);

    if (!mail || !mail->is_on || mail->transaction.options.has_body ||
        mail->transaction.content.state != PH_MAIL_DATA_OPEN)
        return NULL;
    return &mail->transaction;
}

static int end_body(ph_session *s, ph_line_fault fault, int result)
{
    static const char *const sentences[] = {
        [PH_LINE_FINE] = "the body cannot be sent",
        [PH_LINE_BARE_CR] = "the body holds a bare CR",
        [PH_LINE_BARE_LF] = "the body holds a bare LF",
        [PH_LINE_NUL] = "the body holds a NUL",
        [PH_LINE_LONG] = "the body holds a line over 998 octets",
    };

    if (result == PH_E_INVALID) {
        ph_error_set_invalid(&s->error, "body", sentences[fault]);
        ph_session_end_failed(s);
    } else {
        ph_session_fail_to_say(s, result);
    }
    return result;
}

int ph_session_body(ph_session *s, ph_span text, size_t *taken)
{
    ph_transaction *t = body_now(s);
    int result;

    if (!t)
        return PH_E_USAGE;
    result = ph_transaction_put(t, &s->wire, text, taken);
    if (result < 0)
        return end_body(s, t->content.check.fault, result);
    s->is_asked = false;
    return PH_OK;
}

int ph_session_body_end(ph_session *s)
{
    ph_transaction *t = body_now(s);
    int result;

    if (!t)
        return PH_E_USAGE;
    result = ph_transaction_put_end(t, &s->wire);
    return result < 0 ? end_body(s, t->content.check.fault, result) : PH_OK;
}

bool ph_session_has_body(const ph_session *s)
{
    const ph_session_mail *mail = ph_session_youngest(s);
    return mail && mail->is_on && mail->transaction.options.has_body &&
           mail->transaction.content.state < PH_MAIL_DATA_ENDED;
}

int ph_session_set_body(ph_session *s, const ph_machine *body)
{
    ph_session_mail *mail = ph_session_youngest(s);

    if (!mail || !mail->is_on ||
        mail->transaction.content.state != PH_MAIL_DATA_REWIND)
        return PH_E_USAGE;
    s->is_asked = false;
    ph_mail_data_set_body(&mail->transaction.content, body);
    return PH_OK;
}

void ph_session_attended(ph_session *s)
{
    s->is_asked = false;
}

static int ask(ph_session *s, ph_session_at next, ph_verb verb, ph_span line)
{
    if (!ph_session_is_ready(s))
        return PH_E_USAGE;
    leave(s, next);
    s->wants_answer = true;
    ph_session_say(s, verb, "", line);
    ph_session_follow(s);
    return PH_OK;
}

int ph_session_noop(ph_session *s)
{
    return ask(s, PH_AT_COMMAND, PH_VERB_COMMAND, ph_span_text("NOOP"));
}

int ph_session_reset(ph_session *s)
{
    return ask(s, PH_AT_RSET, PH_VERB_RSET, ph_span_text("RSET"));
}

int ph_session_quit(ph_session *s)
{
    const ph_session_mail *mail = ph_session_youngest(s);
    bool is_early = s->phase != PH_AT_READY && ph_session_may_begin(s);

    if (ph_session_is_over(s) || s->is_quitting)
        return PH_OK;
    if (s->phase < PH_AT_READY ||
        (mail && !ph_session_is_decided(mail) &&
         mail->transaction.content.state < PH_MAIL_DATA_ENDED))
        return PH_E_USAGE;
    s->is_quitting = true;
    if (s->phase == PH_AT_READY)
        ph_session_enter(s, PH_AT_QUIT);
    else if (is_early) /* RFC 2920, 3.1: the last of a group */
        ph_session_say(s, PH_VERB_QUIT, "QUIT", ph_span_of(NULL, 0));
    return PH_OK;
}

/* These turn what follows into something that is no command, or no SMTP. */
static bool is_transforming(ph_span line)
{
    static const char *const verbs[] = { "DATA", "BDAT", "STARTTLS", "AUTH",
                                         "TURN" };
    ph_span verb = ph_span_of(line.at, ph_span_find(line, ' '));

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (ph_ascii_equal(verb, ph_span_text(verbs[i])))
            return true;
    return false;
}

int ph_session_command(ph_session *s, ph_span line)
{
    if (line.size == 0 || line.size > PH_COMMAND_LINE - 2 ||
        ph_ascii_has_control(line) || is_transforming(line))
        return PH_E_INVALID;
    /* Also of VRFY and EXPN (RFC 6531, 3.7.4.2). */
    if (ph_ascii_has_high(line) &&
        !(ph_utf8_is_valid(line) &&
          ph_capability_has(&s->capability, PH_CAPABILITY_SMTPUTF8)))
        return PH_E_INVALID;
    return ask(s, PH_AT_COMMAND, PH_VERB_COMMAND, line);
}

void ph_session_abort(ph_session *s, int kind, ph_class class, ph_span message)
{
    ph_phase now = ph_session_rows[s->phase].phase;

    if (ph_session_is_over(s))
        return;
    if (message.size > SENTENCE)
        message.size = SENTENCE;
    s->sentence = message.size ? ph_mem_copy(message.at, message.size) : NULL;
    ph_error_set(&s->error, kind, class, now,
                 s->sentence ? s->sentence : "the session was ended");
    ph_session_end_failed(s);
}

const char *ph_session_phase_name(const ph_session *s)
{
    return ph_session_rows[s->phase].name;
}

bool ph_session_is_reusable(const ph_session *s)
{
    return ph_session_may_begin(s) && !s->is_spoiled &&
           ph_session_may_take(s) && ph_reply_reader_is_empty(&s->reader);
}

bool ph_session_takes_mail(const ph_session *s)
{
    return ph_session_is_ready(s) && ph_session_is_reusable(s);
}

const ph_capability *ph_session_capability(const ph_session *s)
{
    return &s->capability;
}

ph_trace *ph_session_trace(ph_session *s)
{
    return &s->trace;
}

const ph_machine *ph_session_machine(ph_session *s)
{
    return &s->machine;
}
