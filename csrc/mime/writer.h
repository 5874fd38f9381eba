/* writer.h - a message as octets, on demand and in bounded memory: a machine
 * whose output is the message with CRLF line ends, not dot-stuffed.
 *
 * Octets in memory are encoded straight from where they lie. What the caller
 * must read is wanted by number: while next answers WANT_SOURCE, the caller
 * feeds chunks of that source, or its end.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_WRITER_H
#define PH_MIME_WRITER_H

#include "message.h"
#include "base/machine.h"

#pragma GCC visibility push(hidden)

enum {
    PH_WRITER_BUFFER = 65536, /* octets of output at most */
    PH_WRITER_CHUNK = 65536   /* octets of a source that suit at once */
};

typedef enum ph_writer_event {
    PH_WRITER_NONE,        /* there is output to take */
    PH_WRITER_WANT_SOURCE, /* feed, or feed_eof */
    PH_WRITER_DONE,        /* all was taken */
    PH_WRITER_FAILED
} ph_writer_event;

typedef struct ph_writer ph_writer;

/* A writer of a message that was planned, is not changed any more and
 * outlives it. eight_bit: the peer takes octets above 7F. NULL: no memory.
 * The buffer is allocated with the first output. */
ph_writer *ph_writer_new(const ph_message *message, bool eight_bit);
void ph_writer_free(ph_writer *writer);

/* What is the matter now. */
ph_writer_event ph_writer_next(ph_writer *writer);

/* The number of the source that is wanted, or the last one that was. */
unsigned ph_writer_source(const ph_writer *writer);

/* The next octets of the source that is wanted; borrowed until next answers
 * anything but NONE, or the writer is freed. PH_E_USAGE: none is wanted. Other
 * errors as the error tells: IO (longer than its size), INVALID. */
int ph_writer_feed(ph_writer *writer, ph_span chunk);

/* The source has ended. Errors as above. */
int ph_writer_feed_eof(ph_writer *writer);

/* Octets to hand over; borrowed until the next call. Empty: see next. */
ph_span ph_writer_output(ph_writer *writer);
void ph_writer_consume(ph_writer *writer, size_t n);

/* What went wrong; zeroed when nothing did. Borrowed. */
const ph_error *ph_writer_error(const ph_writer *writer);

/* Fills the struct; its feed takes nothing, as a source's chunk must be
 * borrowed from somebody. */
void ph_writer_machine(ph_writer *writer, ph_machine *machine);

#pragma GCC visibility pop
#endif
