/* wire.c - a BIO over memory: a borrowed span in, a bounded buffer out.
 * SPDX-License-Identifier: MIT */
#include "wire.h"

static int wire_read(BIO *bio, char *at, size_t size, size_t *taken)
{
    ph_wire *wire = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (wire->in.size == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *taken = size < wire->in.size ? size : wire->in.size;
    memcpy(at, wire->in.at, *taken);
    wire->in = ph_span_after(wire->in, *taken);
    return 1;
}

static int wire_write(BIO *bio, const char *at, size_t size, size_t *written)
{
    ph_wire *wire = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (ph_buf_put(&wire->out, at, size) < 0) {
        wire->is_full = true;
        return 0;
    }
    *written = size;
    return 1;
}

/* Writing needs no flush; no other control means anything here. */
static long wire_control(BIO *bio, int command, long number, void *at)
{
    (void)bio;
    (void)number;
    (void)at;
    return command == BIO_CTRL_FLUSH;
}

/* Without an index, whose counter is the whole process's. */
BIO_METHOD *ph_wire_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "posthorn wire");

    if (method && BIO_meth_set_read_ex(method, wire_read) &&
        BIO_meth_set_write_ex(method, wire_write) &&
        BIO_meth_set_ctrl(method, wire_control))
        return method;
    BIO_meth_free(method);
    return NULL;
}

BIO *ph_wire_init(ph_wire *wire, const BIO_METHOD *method, size_t limit)
{
    BIO *bio = BIO_new(method);

    *wire = (ph_wire){ .is_full = false };
    ph_buf_init(&wire->out, limit);
    if (!bio)
        return NULL;
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    return bio;
}

void ph_wire_clear(ph_wire *wire)
{
    ph_buf_clear(&wire->out);
}
