/* engine_fuzz.c - hostile octets before, in and after a TLS handshake, and
 * hostile reference names.
 * SPDX-License-Identifier: MIT */
#include "tls/certificate.h"
#include "tls/context.h"
#include "tls/engine.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the first octet of the input asks for. */
enum {
    CLIENT,
    SERVER,
    OPEN_CLIENT,
    OPEN_SERVER,
    NAME,
    WAYS
};

static ph_context *client_context, *server_context;

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    ph_span name = ph_span_text("mail.example.test");
    ph_certificate_options made = {
        .names = &name, .count = 1, .now = 1600000000, .days = 36500
    };
    ph_buf certificate, key;
    ph_error error = { 0 };

    (void)argc;
    (void)argv;
    ph_buf_init(&certificate, PH_CERTIFICATE_TEXT);
    ph_buf_init(&key, PH_CERTIFICATE_TEXT);
    must(ph_certificate_make(&made, &certificate, &key, &error) == 0);
    ph_context_options client = { .is_verifying = true,
                                  .trust.text = ph_buf_span(&certificate) };
    ph_context_options server = { .is_server = true,
                                  .is_resuming = true,
                                  .identity.certificate.text =
                                      ph_buf_span(&certificate),
                                  .identity.key.text = ph_buf_span(&key) };
    must(ph_context_new(&client, &client_context, &error) == 0);
    must(ph_context_new(&server, &server_context, &error) == 0);
    ph_buf_clear(&certificate);
    ph_buf_wipe(&key);
    return 0;
}

/* ---- a machine behind the engine: says a little, hears all ---- */

static int quiet_feed(void *self, const char *at, size_t size)
{
    (void)self;
    must(size > 0 && at != NULL);
    return PH_OK;
}

static int quiet_eof(void *self)
{
    (void)self;
    return PH_OK;
}

static ph_span quiet_output(void *self)
{
    (void)self;
    return ph_span_text("NOOP\r\n");
}

static void quiet_consume(void *self, size_t n)
{
    (void)self;
    must(n == strlen("NOOP\r\n"));
}

static bool quiet_pending(void *self)
{
    (void)self;
    return false;
}

static double quiet_deadline(void *self, unsigned long *number)
{
    (void)self;
    *number = 1;
    return 1;
}

static void quiet_expire(void *self)
{
    (void)self;
}

static ph_machine quiet = {
    PH_MACHINE_VERSION, sizeof quiet, &quiet,        quiet_feed,
    quiet_eof,          quiet_output, quiet_consume, quiet_pending,
    quiet_deadline,     quiet_expire,
};

/* ---- the plays ---- */

typedef struct side {
    ph_engine *engine;
    ph_machine machine;
} side;

static side make(ph_context *context)
{
    ph_connection_options options = {
        .name = ph_span_text("mail.example.test"),
        .seconds = 60,
        .session = ph_span_text("mail.example.test:25"),
        .now = time(NULL), /* the one that was kept by the play before counts */
    };
    side made;
    ph_error error = { 0 };

    must(ph_engine_new(context, &options, &made.engine, &error) == 0);
    ph_engine_machine(made.engine, &made.machine);
    return made;
}

static bool carry(side *from, side *to)
{
    ph_span said = from->machine.output(from->engine);
    char *copy = malloc(said.size ? said.size : 1);
    size_t size = said.size;

    must(copy != NULL);
    if (size)
        memcpy(copy, said.at, size);
    from->machine.consume(from->engine, size);
    to->machine.feed(to->engine, copy, size);
    free(copy);
    return size > 0;
}

static void open_both(side *client, side *server)
{
    bool is_moving = true;

    while (is_moving) {
        is_moving = carry(client, server);
        is_moving = carry(server, client) || is_moving;
    }
    must(ph_engine_next(client->engine) == PH_ENGINE_SECURED);
    must(ph_engine_next(server->engine) == PH_ENGINE_SECURED);
    must(ph_engine_attach(client->engine, &quiet) == 0);
    must(ph_engine_attach(server->engine, &quiet) == 0);
}

/* Feeds in pieces of a size that the input chooses, and consumes half. */
static void attack(side *target, const uint8_t *data, size_t size)
{
    size_t step = size ? (size_t)data[0] + 1 : 1;

    while (size) {
        size_t n = size < step ? size : step;
        int result =
            target->machine.feed(target->engine, (const char *)data, n);
        ph_span said = target->machine.output(target->engine);
        must(said.size <= 192 * 1024);
        must((result < 0) == (ph_engine_error(target->engine)->kind < 0));
        target->machine.consume(target->engine, said.size / 2);
        data += n;
        size -= n;
    }
    target->machine.feed_eof(target->engine);
    target->machine.expire(target->engine);
    while (ph_engine_next(target->engine) == PH_ENGINE_CLOSED)
        ;
}

static void name(const uint8_t *data, size_t size)
{
    ph_connection_options options = { .name =
                                          ph_span_of((const char *)data, size),
                                      .seconds = 60 };
    ph_engine *engine = NULL;
    ph_error error = { 0 };

    if (ph_engine_new(client_context, &options, &engine, &error) < 0)
        must(error.kind == PH_E_INVALID && !strcmp(error.field, "server_name"));
    else
        must(memchr(data, '\0', size) == NULL && size <= 254);
    ph_error_clear(&error);
    ph_engine_free(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    side client, server;
    int way;

    if (size == 0)
        return 0;
    way = data[0] % WAYS;
    data++;
    size--;
    if (way == NAME) {
        name(data, size);
        return 0;
    }
    client = make(client_context);
    server = make(server_context);
    if (way == OPEN_CLIENT || way == OPEN_SERVER)
        open_both(&client, &server);
    else
        client.machine.output(client.engine);
    attack(way == CLIENT || way == OPEN_CLIENT ? &client : &server, data, size);
    ph_engine_free(client.engine);
    ph_engine_free(server.engine);
    return 0;
}
