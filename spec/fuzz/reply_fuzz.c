/* reply_fuzz.c - any octets as replies: whole and octet by octet they read the
 * same, within the limits, and a queue identifier lies inside its text.
 * SPDX-License-Identifier: MIT */
#include "smtp/reply.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    NOTES = 1 << 22
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* What a line or a reply told, as octets. */
static void note(ph_buf *notes, int result, const ph_reply *reply)
{
    ph_span id = ph_reply_queue_id(reply->text);

    require(reply->code >= 200 && reply->code <= 599);
    require(reply->lines >= 1 && reply->lines <= PH_REPLY_LINES);
    require(reply->text.size <= PH_REPLY_TEXT);
    require(id.size <= 128);
    require(id.size == 0 ||
            (id.at >= reply->text.at &&
             id.at + id.size <= reply->text.at + reply->text.size));
    require(ph_buf_put_number(notes, (unsigned)result) == PH_OK);
    require(ph_buf_put_number(notes, (unsigned)reply->code) == PH_OK);
    require(ph_buf_put_number(notes, reply->lines) == PH_OK);
    require(ph_buf_put_text(notes, reply->enhanced) == PH_OK);
    require(ph_buf_put_span(notes, reply->line) == PH_OK);
    require(ph_buf_put_span(notes, reply->text) == PH_OK);
}

static void read_all(ph_span octets, size_t step, bool is_plain, ph_buf *notes)
{
    ph_reply_reader reader;
    int result = PH_OK;

    ph_reply_reader_init(&reader);
    if (is_plain)
        ph_reply_reader_plain(&reader);
    while (octets.size && result >= 0) {
        ph_span piece =
            ph_span_of(octets.at, octets.size < step ? octets.size : step);
        octets = ph_span_after(octets, piece.size);
        while (piece.size && result >= 0) {
            const ph_reply *reply = NULL;
            result = ph_reply_read(&reader, &piece, &reply);
            if (result == PH_REPLY_PART || result == PH_REPLY_DONE)
                note(notes, result, reply);
        }
    }
    require(ph_buf_put_number(notes, (unsigned)(result < 0 ? -result : 0)) ==
            PH_OK);
    ph_reply_reader_clear(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ph_span octets = { (const char *)data, size };
    ph_buf whole, parts;

    if (size == 0)
        return 0;
    ph_buf_init(&whole, NOTES);
    ph_buf_init(&parts, NOTES);
    read_all(ph_span_after(octets, 1), size, data[0] & 1, &whole);
    read_all(ph_span_after(octets, 1), 1 + (data[0] >> 1) % 5, data[0] & 1,
             &parts);
    require(ph_span_equal(ph_buf_span(&whole), ph_buf_span(&parts)));
    ph_buf_clear(&whole);
    ph_buf_clear(&parts);
    return 0;
}
