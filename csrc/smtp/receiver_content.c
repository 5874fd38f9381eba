/* receiver_content.c - the content of a mail as a receiver takes it: up to the
 * dot behind DATA (RFC 5321, 4.5.2), or in chunks behind BDAT (RFC 3030, 2).
 * SPDX-License-Identifier: MIT */
#include "receiver_state.h"
#include "base/ascii.h"

#include <stdio.h>

/* Content goes on being read, up to its dot, but not kept. */
static void drop_content(ph_receiver *receiver, int code)
{
    receiver->trouble = code;
    ph_buf_clear(&receiver->content);
}

static void say_trouble(ph_receiver *receiver)
{
    if (receiver->trouble == 552)
        ph_receiver_say(receiver, 552, "5.3.4", "the message is too large");
    else
        ph_receiver_say(receiver, 452, "4.3.1", "no memory");
}

static void finish_content(ph_receiver *receiver)
{
    receiver->place = PH_PLACE_COMMAND;
    if (receiver->trouble) {
        for (size_t i = ph_receiver_verdicts(receiver); i > 0; i--)
            say_trouble(receiver);
        if (receiver->has_pieces)
            ph_receiver_raise(receiver, PH_RECEIVER_DROPPED,
                              ph_span_of(NULL, 0));
        ph_receiver_reset(receiver);
        return;
    }
    receiver->is_whole = true;
    if (receiver->options.content == PH_RECEIVER_STREAM &&
        ph_buf_size(&receiver->content))
        ph_receiver_raise(receiver, PH_RECEIVER_CONTENT,
                          ph_buf_span(&receiver->content));
    else
        ph_receiver_raise(receiver, PH_RECEIVER_MESSAGE,
                          ph_buf_span(&receiver->content));
}

/* Counts what came, restarts the wait, and keeps to the limit. */
static void count_content(ph_receiver *receiver, size_t n)
{
    receiver->size += n;
    if (receiver->size - receiver->counted >= PH_RECEIVER_PIECE) {
        receiver->counted = receiver->size;
        receiver->wait++;
    }
    if (receiver->size > receiver->options.size_limit && !receiver->trouble)
        drop_content(receiver, 552);
    if (receiver->trouble || receiver->options.content == PH_RECEIVER_DISCARD)
        ph_buf_reset(&receiver->content);
}

/* A piece of content for who wants it so. */
static void give_piece(ph_receiver *receiver)
{
    ph_buf *content = &receiver->content;

    if (receiver->options.content != PH_RECEIVER_STREAM ||
        ph_buf_size(content) < PH_RECEIVER_PIECE)
        return;
    receiver->has_pieces = true;
    ph_receiver_raise(receiver, PH_RECEIVER_CONTENT, ph_buf_span(content));
}

size_t ph_receiver_take_content(ph_receiver *receiver, ph_span wire)
{
    ph_buf *content = &receiver->content;
    size_t before = ph_buf_size(content), used = 0;
    ph_span slice = ph_span_of(
        wire.at, wire.size < PH_RECEIVER_SLICE ? wire.size : PH_RECEIVER_SLICE);
    int result = ph_dot_unstuffing_put(&receiver->dots, slice, content, &used);

    if (result < 0 && before) {
        drop_content(receiver, 452);
        before = 0;
        result = ph_dot_unstuffing_put(&receiver->dots, slice, content, &used);
    }
    if (result < 0) {
        ph_receiver_end(receiver, "limit");
        return 0;
    }
    count_content(receiver, ph_buf_size(content) - before);
    if (result > 0) {
        finish_content(receiver);
    } else {
        give_piece(receiver);
    }
    return used;
}

/* ----- chunks */

/* "n" or "n LAST". */
static bool read_chunk(ph_span argument, size_t *size, bool *is_last)
{
    size_t blank = ph_span_find(argument, ' ');
    ph_span word = ph_span_after(argument, blank + 1);

    *size = 0;
    *is_last = ph_ascii_equal(word, ph_span_text("LAST"));
    if (blank < 1 || blank > 18 || (word.size && !*is_last))
        return false;
    for (size_t i = 0; i < blank; i++) {
        if (!ph_ascii_is_digit(argument.at[i]))
            return false;
        *size = *size * 10 + (unsigned)(argument.at[i] - '0');
    }
    return true;
}

/* A chunk that is refused is read to its end, then answered. Behind it come
 * RSET or no further chunk. */
static void finish_chunk(ph_receiver *receiver)
{
    char text[48] = { 0 };

    receiver->place = PH_PLACE_COMMAND;
    if (receiver->refusal) {
        ph_receiver_complain(receiver, receiver->refusal, "5.5.1",
                             "no chunk is due");
    } else if (receiver->trouble && !receiver->is_last) {
        receiver->is_stopped = true;
        say_trouble(receiver);
    } else if (receiver->is_last) {
        finish_content(receiver);
    } else {
        snprintf(text, sizeof text, "%lu octets",
                 (unsigned long)receiver->size);
        ph_receiver_say(receiver, 250, "2.0.0", text);
        give_piece(receiver);
    }
}

static int refusal_of_chunk(const ph_receiver *receiver)
{
    if (!receiver->has_mail || receiver->is_stopped)
        return 503;
    return receiver->recipient_count   ? 0
           : receiver->options.is_lmtp ? 503
                                       : 554;
}

void ph_receiver_run_bdat(ph_receiver *receiver, ph_span argument)
{
    if (!read_chunk(argument, &receiver->left, &receiver->is_last)) {
        ph_receiver_complain(receiver, 501, "5.5.4", "no size of a chunk");
        return;
    }
    receiver->refusal = refusal_of_chunk(receiver);
    receiver->has_chunks = true;
    receiver->place = PH_PLACE_CHUNK;
    if (receiver->left == 0)
        finish_chunk(receiver);
}

size_t ph_receiver_take_chunk(ph_receiver *receiver, ph_span wire)
{
    size_t n = wire.size < receiver->left ? wire.size : receiver->left;

    if (n > PH_RECEIVER_SLICE)
        n = PH_RECEIVER_SLICE;
    receiver->left -= n;
    if (!receiver->refusal) {
        if (!receiver->trouble &&
            ph_buf_put(&receiver->content, wire.at, n) < 0)
            drop_content(receiver, 452);
        count_content(receiver, n);
    }
    if (receiver->left == 0)
        finish_chunk(receiver);
    else
        give_piece(receiver);
    return n;
}
