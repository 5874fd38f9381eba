/* receiver_reply.c - what a receiver says (RFC 5321, 4.2; RFC 2034), by itself
 * or as its caller's verdict.
 * SPDX-License-Identifier: MIT */
#include "receiver_state.h"
#include "base/ascii.h"

static bool has_enhanced(const ph_receiver *receiver, ph_span enhanced)
{
    return enhanced.size &&
           (receiver->options.extensions & PH_RECEIVER_ENHANCEDSTATUSCODES);
}

static int put_reply_line(ph_receiver *receiver, int code, ph_span enhanced,
                          ph_span line, bool is_last)
{
    ph_buf *out = &receiver->output;
    int result = ph_buf_put_number(out, (unsigned long long)code);

    if (result >= 0)
        result = ph_buf_put_char(out, is_last ? ' ' : '-');
    if (result >= 0 && has_enhanced(receiver, enhanced)) {
        result = ph_buf_put_span(out, enhanced);
        if (result >= 0)
            result = ph_buf_put_char(out, ' ');
    }
    if (result >= 0)
        result = ph_buf_put_span(out, line);
    return result < 0 ? result : ph_buf_put(out, "\r\n", 2);
}

void ph_receiver_say_span(ph_receiver *receiver, int code, ph_span enhanced,
                          ph_span text)
{
    bool is_last;

    do {
        size_t n = ph_span_find(text, '\n');
        is_last = n == text.size;
        if (put_reply_line(receiver, code, enhanced, ph_span_of(text.at, n),
                           is_last) < 0) {
            ph_receiver_end(receiver, "limit");
            return;
        }
        text = ph_span_after(text, n + 1);
    } while (!is_last);
}

void ph_receiver_say(ph_receiver *receiver, int code, const char *enhanced,
                     const char *text)
{
    ph_receiver_say_span(receiver, code, ph_span_text(enhanced),
                         ph_span_text(text));
}

void ph_receiver_complain(ph_receiver *receiver, int code, const char *enhanced,
                          const char *text)
{
    ph_receiver_say(receiver, code, enhanced, text);
    if (++receiver->errors < PH_RECEIVER_ERRORS)
        return;
    ph_receiver_say(receiver, 421, "4.7.0", "too many errors");
    ph_receiver_end(receiver, "errors");
}

void ph_receiver_say_greeting(ph_receiver *receiver)
{
    ph_buf text;

    ph_buf_init(&text, PH_RECEIVER_NAME + 16);
    if (ph_buf_put_span(&text, receiver->options.hostname) >= 0 &&
        ph_buf_put_text(&text,
                        receiver->options.is_lmtp ? " LMTP" : " ESMTP") >= 0)
        ph_receiver_say_span(receiver, 220, ph_span_of(NULL, 0),
                             ph_buf_span(&text));
    else
        ph_receiver_end(receiver, "limit");
    ph_buf_clear(&text);
}

void ph_receiver_say_queued(ph_receiver *receiver)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[40] = "Ok: queued as ";
    size_t at = strlen(text);

    for (int shift = 44; shift >= 0; shift -= 4)
        text[at++] = digits[receiver->queue_id >> shift & 15];
    text[at] = '\0';
    receiver->queue_id++;
    ph_receiver_say(receiver, 250, "2.0.0", text);
}

/* ----- verdicts */

static bool wants_verdict(ph_receiver_event_kind kind)
{
    return kind == PH_RECEIVER_AUTH || kind == PH_RECEIVER_MAIL ||
           kind == PH_RECEIVER_RECIPIENT || kind == PH_RECEIVER_MESSAGE;
}

/* x.y.z of RFC 3463, 2, or nothing. */
static bool is_enhanced(ph_span text, int code)
{
    size_t dots = 0;

    if (!text.size)
        return true;
    if (text.size < 5 || text.size >= PH_ERROR_ENHANCED ||
        text.at[0] - '0' != code / 100 || text.at[1] != '.')
        return false;
    for (size_t i = 1; i < text.size; i++) {
        if (text.at[i] == '.')
            dots++;
        else if (!ph_ascii_is_digit(text.at[i]))
            return false;
    }
    return dots == 2 && text.at[2] != '.' && text.at[text.size - 1] != '.';
}

static bool is_reply_text(ph_span text)
{
    if (text.size > PH_RECEIVER_REPLY)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (ph_ascii_is_control(text.at[i]) && text.at[i] != '\n')
            return false;
    return true;
}

/* A message may want several verdicts, each other event one. */
static bool has_verdict(const ph_receiver *receiver)
{
    if (receiver->asked.kind == PH_RECEIVER_MESSAGE)
        return receiver->verdict == 421 ||
               receiver->given >= ph_receiver_verdicts(receiver);
    return receiver->verdict != 0;
}

int ph_receiver_reply(ph_receiver *receiver, int code, ph_span enhanced,
                      ph_span text)
{
    bool is_message = receiver->asked.kind == PH_RECEIVER_MESSAGE;

    if (!wants_verdict(receiver->asked.kind) || has_verdict(receiver))
        return PH_E_USAGE;
    if (!code) {
        if (!is_message)
            return PH_OK;
        receiver->given++;
        ph_receiver_say_queued(receiver);
        return PH_OK;
    }
    if (code < 200 || code > 599 || !is_enhanced(enhanced, code) ||
        !is_reply_text(text))
        return PH_E_INVALID;
    receiver->verdict = code;
    receiver->given += is_message;
    ph_receiver_say_span(receiver, code, enhanced, text);
    return PH_OK;
}
