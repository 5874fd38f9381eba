/* engine.c - one TLS connection as a machine between the wire and another
 * machine.
 * SPDX-License-Identifier: MIT */
#include "engine.h"
#include "base/buf.h"
#include "base/mem.h"
#include "reason.h"

#include <openssl/err.h>

#include <limits.h>

enum {
    RECORD = 16 * 1024, /* plain octets at most in one, RFC 8446, 5.1 */
    RECORDS = 4,        /* sealed for one write */
    HELD = 128 * 1024,  /* ciphertext that comes before attach */
    OUT = 192 * 1024    /* 4 records; certificates; alerts */
};

/* No wait of an attached machine has this number. */
static const unsigned long handshake_number = ULONG_MAX;

typedef enum phase {
    SHAKING, /* the handshake is under way */
    SECURED, /* and done; nobody is attached */
    OPEN,    /* a machine is attached */
    FAILED
} phase;

/* A sealed record that was not consumed whole. */
typedef struct record {
    size_t cipher; /* octets of ciphertext up to its end */
    size_t plain;  /* octets of the attached machine in it */
} record;

struct ph_engine {
    phase phase;
    ph_connection tls;
    ph_buf held; /* ciphertext for whoever will be attached */
    const ph_machine *inner;
    record records[RECORDS];
    size_t first, last; /* the records that wait: [first .. last) */
    double seconds;     /* for the handshake */
    bool is_started;    /* our first flight was asked for */
    bool is_ended;      /* the peer says nothing more */
    bool is_shut;       /* nor do we */
    bool is_muted;      /* failed with sealed octets that must not leave */
    bool secured_waits, closed_waits;
    ph_error error;
};

/* ---- failing ---- */

static int fail(ph_engine *engine)
{
    engine->phase = FAILED;
    engine->secured_waits = engine->closed_waits = false;
    engine->is_muted = engine->first < engine->last;
    engine->tls.wire.in = ph_span_of(NULL, 0);
    ph_buf_clear(&engine->held);
    ph_reason_forget();
    return engine->error.kind;
}

static int fail_as(ph_engine *engine, int kind, const char *message)
{
    ph_error_set(&engine->error, kind, PH_CLASS_TEMPORARY, PH_PHASE_TLS,
                 message);
    return fail(engine);
}

/* The last call into OpenSSL did not succeed; its error queue tells why. */
static int fail_by_queue(ph_engine *engine, const char *message)
{
    if (engine->tls.wire.is_full)
        return fail_as(engine, PH_E_LIMIT, "no room for TLS output");
    ph_reason_set(&engine->error, PH_E_TLS, PH_CLASS_TEMPORARY, PH_PHASE_TLS,
                  message);
    return fail(engine);
}

static int refuse_certificate(ph_engine *engine, const char *reason)
{
    fail_as(engine, PH_E_TLS, "the server's certificate was refused");
    ph_error_set_text(&engine->error, ph_span_text(reason));
    return engine->error.kind;
}

static int fail_handshake(ph_engine *engine)
{
    const char *reason = ph_connection_refusal(&engine->tls);

    ph_connection_forget_session(&engine->tls);
    if (reason &&
        ERR_GET_REASON(ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        return refuse_certificate(engine, reason);
    return fail_by_queue(engine, "the TLS handshake failed");
}

/* ---- from the peer ---- */

static bool has_inner(const ph_engine *engine)
{
    return ph_machine_is_open(engine->inner);
}

/* A session that is resumed brings the verdict on its certificate along: it
 * is looked at once more here. */
static int finish_handshake(ph_engine *engine)
{
    const char *reason = ph_connection_refusal(&engine->tls);

    if (reason) {
        ph_connection_forget_session(&engine->tls);
        return refuse_certificate(engine, reason);
    }
    engine->phase = SECURED;
    engine->secured_waits = true;
    return PH_OK;
}

static int shake(ph_engine *engine)
{
    int result;

    ph_reason_forget();
    engine->is_started = true;
    result = SSL_do_handshake(engine->tls.ssl);
    if (result != 1 &&
        SSL_get_error(engine->tls.ssl, result) != SSL_ERROR_WANT_READ)
        return fail_handshake(engine);
    ph_reason_forget();
    return result == 1 ? finish_handshake(engine) : PH_OK;
}

static int hold(ph_engine *engine)
{
    if (ph_buf_put_span(&engine->held, engine->tls.wire.in) < 0)
        return fail_as(engine, PH_E_LIMIT,
                       "too much came behind the TLS handshake");
    engine->tls.wire.in = ph_span_of(NULL, 0);
    return PH_OK;
}

static int tell_end(ph_engine *engine)
{
    int result = PH_OK;

    if (has_inner(engine))
        result = engine->inner->feed_eof(engine->inner->self);
    return result < 0 ? result : PH_OK;
}

static int end(ph_engine *engine)
{
    if (engine->is_ended)
        return PH_OK;
    engine->is_ended = true;
    engine->closed_waits = true;
    return tell_end(engine);
}

/* Opens the next record: 1 and its octets, 0 when there is none, or an
 * error. */
static int unseal_one(ph_engine *engine, char *plain, size_t *size)
{
    int error;

    ph_reason_forget();
    if (SSL_read_ex(engine->tls.ssl, plain, RECORD, size) == 1)
        return 1;
    error = SSL_get_error(engine->tls.ssl, 0);
    if (error == SSL_ERROR_WANT_READ)
        return 0;
    if (error == SSL_ERROR_ZERO_RETURN)
        return end(engine);
    return fail_by_queue(engine, "the TLS connection broke");
}

/* Feeds the attached machine all that the wire holds. When that machine has
 * failed the rest is dropped: it would not take it. */
static int unseal(ph_engine *engine)
{
    char plain[RECORD];
    size_t size, most = 0;
    int result;

    while ((result = unseal_one(engine, plain, &size)) > 0) {
        most = size > most ? size : most;
        if (has_inner(engine))
            result = engine->inner->feed(engine->inner->self, plain, size);
        if (result < 0)
            break;
    }
    OPENSSL_cleanse(plain, most);
    ph_reason_forget();
    return result;
}

static int engine_feed(void *self, const char *at, size_t size)
{
    ph_engine *engine = self;
    int result = PH_OK;

    if (engine->phase == FAILED)
        return engine->error.kind;
    if (engine->is_ended)
        return PH_OK;
    engine->tls.wire.in = ph_span_of(at, size);
    if (engine->phase == SHAKING)
        result = shake(engine);
    if (engine->phase == SECURED)
        result = hold(engine);
    else if (engine->phase == OPEN)
        result = unseal(engine);
    engine->tls.wire.in = ph_span_of(NULL, 0);
    return result;
}

/* An end without close_notify is common: whether something is missing only
 * the attached machine knows (delivery.md T7). */
static int engine_feed_eof(void *self)
{
    ph_engine *engine = self;

    if (engine->phase == FAILED)
        return engine->error.kind;
    if (engine->phase == SHAKING) {
        ph_connection_forget_session(&engine->tls);
        return fail_as(engine, PH_E_TLS,
                       "the peer closed the connection during the TLS "
                       "handshake");
    }
    return end(engine);
}

/* ---- to the peer ---- */

static int seal_one(ph_engine *engine, ph_span plain, size_t *taken)
{
    size_t size = plain.size < RECORD ? plain.size : RECORD;
    size_t before = ph_buf_size(&engine->tls.wire.out);
    record *sealed = &engine->records[engine->last];

    ph_reason_forget();
    if (SSL_write_ex(engine->tls.ssl, plain.at, size, taken) != 1)
        return fail_by_queue(engine, "the TLS connection broke");
    /* What stood before the first one counts as part of it. */
    if (engine->last == 0)
        before = 0;
    sealed->cipher = ph_buf_size(&engine->tls.wire.out) - before;
    sealed->plain = *taken;
    engine->last++;
    return PH_OK;
}

/* The attached machine learns at once when its octets were handed over, and
 * shows the same until then: so one flight at a time is sealed. */
static void seal(ph_engine *engine)
{
    ph_span plain;
    size_t taken = 0;

    if (engine->first < engine->last || engine->is_shut || !has_inner(engine))
        return;
    plain = engine->inner->output(engine->inner->self);
    engine->first = engine->last = 0;
    if (plain.size == 0 && ph_buf_size(&engine->tls.wire.out) == 0)
        ph_buf_clear(&engine->tls.wire.out);
    while (plain.size && engine->last < RECORDS &&
           seal_one(engine, plain, &taken) >= 0)
        plain = ph_span_after(plain, taken);
    ph_reason_forget();
}

static ph_span engine_output(void *self)
{
    ph_engine *engine = self;

    if (engine->phase == SHAKING && !engine->is_started)
        shake(engine);
    else if (engine->phase == OPEN)
        seal(engine);
    if (engine->is_muted)
        return ph_span_of(NULL, 0);
    return ph_buf_span(&engine->tls.wire.out);
}

static void engine_consume(void *self, size_t n)
{
    ph_engine *engine = self;
    size_t plain = 0;

    ph_buf_consume(&engine->tls.wire.out, n);
    while (n && engine->first < engine->last) {
        record *next = &engine->records[engine->first];
        size_t step = n < next->cipher ? n : next->cipher;
        next->cipher -= step;
        n -= step;
        if (next->cipher)
            break;
        plain += next->plain;
        engine->first++;
    }
    if (plain && has_inner(engine))
        engine->inner->consume(engine->inner->self, plain);
}

/* ---- events and time ---- */

static bool engine_pending(void *self)
{
    ph_engine *engine = self;

    return engine->phase == FAILED || engine->secured_waits ||
           (engine->phase == OPEN && has_inner(engine) &&
            engine->inner->pending(engine->inner->self));
}

static double engine_deadline(void *self, unsigned long *number)
{
    ph_engine *engine = self;

    *number = handshake_number;
    if (engine->phase == SHAKING)
        return engine->seconds;
    if (engine->phase == OPEN && has_inner(engine))
        return engine->inner->deadline(engine->inner->self, number);
    return -1;
}

static void engine_expire(void *self)
{
    ph_engine *engine = self;

    if (engine->phase == SHAKING) {
        ph_connection_forget_session(&engine->tls);
        fail_as(engine, PH_E_TIMEOUT, "the TLS handshake took too long");
    } else if (engine->phase == OPEN && has_inner(engine))
        engine->inner->expire(engine->inner->self);
}

void ph_engine_machine(ph_engine *engine, ph_machine *machine)
{
    *machine = (ph_machine){
        .version = PH_MACHINE_VERSION,
        .size = sizeof *machine,
        .self = engine,
        .feed = engine_feed,
        .feed_eof = engine_feed_eof,
        .output = engine_output,
        .consume = engine_consume,
        .pending = engine_pending,
        .deadline = engine_deadline,
        .expire = engine_expire,
    };
}

ph_engine_event ph_engine_next(ph_engine *engine)
{
    if (engine->phase == FAILED)
        return PH_ENGINE_FAILED;
    if (engine->secured_waits) {
        engine->secured_waits = false;
        return PH_ENGINE_SECURED;
    }
    if (engine->closed_waits) {
        engine->closed_waits = false;
        return PH_ENGINE_CLOSED;
    }
    return PH_ENGINE_NONE;
}

void ph_engine_get_facts(const ph_engine *engine, ph_connection_facts *facts)
{
    ph_connection_get_facts(&engine->tls, facts);
}

bool ph_engine_has_offered(const ph_engine *engine)
{
    return engine->tls.is_offered;
}

const ph_error *ph_engine_error(const ph_engine *engine)
{
    return &engine->error;
}

/* ---- birth, marriage, death ---- */

int ph_engine_attach(ph_engine *engine, const ph_machine *inner)
{
    bool is_ended = engine->is_ended;
    int result = PH_OK;

    if (engine->phase != SECURED || !ph_machine_is_open(inner))
        return PH_E_USAGE;
    engine->inner = inner;
    engine->phase = OPEN;
    if (ph_buf_size(&engine->held)) {
        engine->tls.wire.in = ph_buf_span(&engine->held);
        result = unseal(engine);
        engine->tls.wire.in = ph_span_of(NULL, 0);
        ph_buf_clear(&engine->held);
    }
    /* The end of the stream came before, the octets held stood before it. */
    if (is_ended && engine->phase == OPEN && result >= 0)
        result = tell_end(engine);
    return result;
}

bool ph_engine_shutdown(ph_engine *engine)
{
    if (engine->is_shut || engine->first < engine->last ||
        (engine->phase != SECURED && engine->phase != OPEN))
        return false;
    engine->is_shut = true;
    ph_reason_forget();
    SSL_shutdown(engine->tls.ssl);
    ph_reason_forget();
    return true;
}

int ph_engine_new(ph_context *context, const ph_connection_options *options,
                  ph_engine **engine, ph_error *error)
{
    ph_engine *made = ph_mem_zero(sizeof *made);
    int result;

    if (!made)
        return ph_error_set(error, PH_E_LIMIT, PH_CLASS_TEMPORARY, PH_PHASE_TLS,
                            "no memory for a TLS connection");
    made->seconds = options->seconds;
    ph_buf_init(&made->held, HELD);
    result = ph_connection_start(&made->tls, context, options, OUT, error);
    if (result < 0)
        ph_engine_free(made);
    else
        *engine = made;
    return result;
}

void ph_engine_free(ph_engine *engine)
{
    if (!engine)
        return;
    ph_connection_end(&engine->tls, engine->phase != FAILED);
    ph_buf_clear(&engine->held);
    ph_error_clear(&engine->error);
    ph_mem_free(engine);
}
