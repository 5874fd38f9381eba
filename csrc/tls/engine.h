/* engine.h - one TLS connection as a machine between the wire and another
 * machine: ciphertext in and out on one side, a session on the other. It
 * opens no socket and reads no clock.
 * SPDX-License-Identifier: MIT */
#ifndef PH_TLS_ENGINE_H
#define PH_TLS_ENGINE_H

#include "base/machine.h"
#include "connection.h"

#pragma GCC visibility push(hidden)

typedef struct ph_engine ph_engine;

typedef enum ph_engine_event {
    PH_ENGINE_NONE,
    PH_ENGINE_SECURED, /* the handshake is done: look at the facts, attach */
    PH_ENGINE_CLOSED,  /* the peer ended its side, politely or not */
    PH_ENGINE_FAILED   /* ph_engine_error tells how; nothing else follows */
} ph_engine_event;

/* Makes the engine of a context's connection, as client or server like the
 * context. Errors: those of ph_connection_start. */
int ph_engine_new(ph_context *context, const ph_connection_options *options,
                  ph_engine **engine, ph_error *error);
void ph_engine_free(ph_engine *engine);

/* Fills the machine with this engine's functions. Behind them:
 * feed takes all ciphertext. Until a machine is attached what comes behind
 * the handshake is held, at most 128 KiB (then PH_E_LIMIT); afterwards each
 * record is opened and fed to the attached machine, whose error it returns.
 * feed_eof fails the handshake; later it is the attached machine's to judge.
 * output seals up to 64 KiB of the attached machine's output, in records of
 * 16 KiB, once all that was sealed before has been consumed. After a failure
 * it gives the alert for the peer, if that can be sent without anything else.
 * consume tells the attached machine of its octets only when the record that
 * holds them was consumed whole, also after a failure.
 * pending: `secured` or `failed` waits, or an event of the attached machine.
 * deadline: the handshake's; then the attached machine's. */
void ph_engine_machine(ph_engine *engine, ph_machine *machine);

/* What happened; each but FAILED is told once. */
ph_engine_event ph_engine_next(ph_engine *engine);

/* Only after SECURED. */
void ph_engine_get_facts(const ph_engine *engine, ph_connection_facts *facts);

/* Whether a session of an earlier connection was offered for resumption. */
bool ph_engine_has_offered(const ph_engine *engine);

/* Borrowed; kind 0 before a failure. PH_E_TLS: alert, certificate refused,
 * garbage, end of stream in the handshake; PH_E_TIMEOUT; PH_E_LIMIT. */
const ph_error *ph_engine_error(const ph_engine *engine);

/* Puts a machine behind the engine, which must outlive it or be closed (its
 * self NULL), and feeds it what was held. It must let octets stand that it
 * has shown as output until they are consumed, whatever it is fed meanwhile.
 * PH_E_USAGE: the handshake is not done, or there is one already. */
int ph_engine_attach(ph_engine *engine, const ph_machine *inner);

/* Says to the peer that nothing more follows (close_notify), as output.
 * False, and nothing is said: the handshake is not done, it was said before,
 * or sealed octets wait, since these would have to leave with it. */
bool ph_engine_shutdown(ph_engine *engine);

#pragma GCC visibility pop
#endif
