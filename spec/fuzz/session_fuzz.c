/* session_fuzz.c - a client whose server says anything, in any pieces, at any
 * time: each mail has one verdict, in order, of all its recipients; what is to
 * be sent is bounded; an ended session says nothing more.
 * SPDX-License-Identifier: MIT */
#include "smtp/session.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    MAILS = 40,
    RECIPIENTS = 3,
    OUTPUT = 2 * 65536 + 8192,
    EVENTS = 1000 /* in a row, far more than there can be */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Replies that lead somewhere, so that the fuzzer need not spell them. */
static const char *const replies[] = {
    "220 mx.test ESMTP\r\n",
    "250 ok\r\n",
    "354 go\r\n",
    "250-mx.test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-BINARYMIME\r\n"
    "250-SIZE 100000\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 "
    "8BITMIME\r\n",
    "250-mx.test\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=1 MAILMAX=9\r\n",
    "250 mx.test\r\n",
    "550 5.1.1 no\r\n",
    "452 4.5.3 too many\r\n",
    "250 2.0.0 Ok: queued as 4AF01\r\n",
    "421 4.3.0 bye\r\n",
    "503 5.5.1 what?\r\n",
    "250-",
    "235 welcome\r\n",
    "334 \r\n",
    "250 ok\r\n250 ok\r\n354 go\r\n",
    "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n",
};

static ph_session *session;
static unsigned sent, told;    /* mails begun; mails with their verdict */
static size_t given;           /* octets of the content under way */
static bool is_lazy, is_piped; /* does not send by itself; gives no body */

static void require(bool holds)
{
    if (!holds)
        abort();
}

static ph_envelope *new_envelope(unsigned number)
{
    char from[] = "m00@a.test";
    unsigned count = 1 + number % RECIPIENTS;
    ph_envelope *envelope = ph_envelope_new(count, 200);

    require(envelope != NULL);
    from[1] = (char)('0' + number / 10);
    from[2] = (char)('0' + number % 10);
    ph_envelope_set_from(envelope, ph_span_text(from));
    for (unsigned i = 0; i < count; i++)
        ph_envelope_add(envelope, ph_span_text("user@b.test"));
    return envelope;
}

static void send_one(unsigned bits)
{
    ph_transaction_options options = { .has_size = bits & 1,
                                       .size = 30,
                                       .wants_rset = bits & 2,
                                       .require_all = (bits & 12) == 12,
                                       .is_binary = (bits & 48) == 48 };
    ph_error error = { 0 };

    if (sent == MAILS || !ph_session_is_ready(session))
        return;
    given = 0;
    if (ph_session_send(session, new_envelope(sent), &options, NULL, &error) ==
        PH_OK)
        sent++;
    ph_error_clear(&error);
}

static void give_body(size_t room)
{
    static char text[8192];
    size_t taken, n = room < sizeof text ? room : sizeof text;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : '.';
    require(room > 0);
    if (given > 3 * n && sent % 7) {
        ph_session_body_end(session);
        given = 0;
    } else if (ph_session_body(
                   session,
                   ph_span_of(text, n / 64 * 64 + 64 > n ? n : n / 64 * 64),
                   &taken) == PH_OK) {
        given += taken + 1;
    }
}

static void check_verdict(const ph_session_event *event)
{
    const ph_envelope *envelope = event->envelope;
    ph_span from = ph_envelope_from(envelope);

    require((unsigned)(from.at[1] - '0') * 10 + (unsigned)(from.at[2] - '0') ==
            told);
    require(envelope->decided == envelope->count);
    require((event->kind == PH_SESSION_DELIVERED) == (envelope->accepted > 0));
    require(event->kind == PH_SESSION_DELIVERED ||
            event->error->class != PH_CLASS_NONE);
    told++;
}

/* All events that wait. */
static void listen(unsigned bits)
{
    for (unsigned i = 0;; i++) {
        ph_session_event event = ph_session_peek(session);
        require(i < EVENTS);
        if (event.kind == PH_SESSION_NOTHING)
            return;
        if (event.kind == PH_SESSION_DELIVERED ||
            event.kind == PH_SESSION_REFUSED ||
            (event.kind == PH_SESSION_FAILED && event.envelope))
            check_verdict(&event);
        ph_session_take(session);
        if (event.kind == PH_SESSION_READY && !is_lazy)
            send_one(bits);
        else if (event.kind == PH_SESSION_WANT_BODY && !is_piped)
            give_body(event.room);
        else if (event.kind == PH_SESSION_WANT_TLS)
            ph_session_secured(session, bits & 1);
    }
}

static void carry(unsigned share)
{
    ph_span output = ph_session_output(session);

    require(output.size <= OUTPUT);
    ph_session_consume(session, output.size * share / 31);
}

static void do_something(unsigned what)
{
    switch (what) {
    case 0:
        ph_session_feed_eof(session);
        break;
    case 1:
        ph_session_expire(session);
        break;
    case 2:
        ph_session_quit(session);
        break;
    case 3:
        ph_session_reset(session);
        break;
    case 4:
        ph_session_noop(session);
        break;
    case 5:
        ph_session_abort(session, PH_E_CANCELLED, PH_CLASS_TEMPORARY,
                         ph_span_text("cancelled"));
        break;
    case 6:
        ph_session_body_end(session);
        break;
    default:
        send_one(what);
        break;
    }
}

static void play(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned op = data[i] & 7, bits = data[i] >> 3;
        unsigned long number;
        if (op <= 2) {
            const char *reply = replies[bits % 16];
            ph_session_feed(session, reply, strlen(reply));
        } else if (op == 3) {
            size_t n = bits < size - i - 1 ? bits : size - i - 1;
            ph_session_feed(session, (const char *)data + i + 1, n);
            i += n;
        } else if (op <= 5) {
            carry(op == 4 ? bits : 31);
        } else if (op == 6) {
            listen(bits);
        } else {
            do_something(bits);
        }
        ph_session_is_pending(session);
        ph_session_deadline(session, &number);
        require(ph_session_progress(session) <= (size_t)1 << 40);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ph_session_options options = { 0 };
    ph_error error = { 0 };

    if (size < 2)
        return 0;
    options.tls = (ph_session_tls)(data[0] & 3);
    options.is_lmtp = data[0] & 4;
    options.is_bulk = data[0] & 8;
    options.is_terse = data[0] & 16;
    options.disabled = data[0] & 32 ? PH_CAPABILITY_CHUNKING : 0;
    if (data[0] & 64)
        options.user = options.password = ph_span_text("secret");
    options.allow_plaintext_auth = data[0] & 128;
    options.has_trace = data[1] & 1;
    is_lazy = data[1] & 2;
    is_piped = data[1] & 4;
    sent = told = 0;
    given = 0;
    require(ph_session_new(&options, &session, &error) == PH_OK);
    play(data + 2, size - 2);
    listen(0);
    ph_session_feed_eof(session);
    is_lazy = is_piped = true;
    listen(0);
    require(told == sent);
    require(ph_session_output(session).size == 0);
    ph_session_free(session);
    return 0;
}
