/* resolver.c - asks name servers one question, as a machine.
 * SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "base/mem.h"
#include "base/random.h"

typedef enum phase {
    IDLE,
    ASKING,
    ANSWERED, /* the event was not fetched yet */
    FAILED    /* likewise */
} phase;

/* Why there is no answer; the worst that happened is told. */
typedef enum trouble {
    NONE,
    UNREACHABLE,
    SILENT,
    MALFORMED
} trouble;

struct ph_resolver {
    ph_resolver_options options;
    phase phase;
    ph_question question;
    ph_channel *channel;
    size_t attempt;                     /* server and round are told by this */
    unsigned long wait;                 /* number of the wait */
    bool is_spent[PH_RESOLVER_SERVERS]; /* it answered, but nothing good */
    trouble trouble;
    bool has_answer; /* the one to give when no better one comes */
    ph_buf message;  /* its octets */
    ph_answer answer;
    size_t answered_by; /* index of the server */
    ph_error error;
};

static size_t server_of(const ph_resolver *resolver)
{
    return resolver->attempt % resolver->options.server_count;
}

static void set_failed(ph_resolver *resolver, int kind, const char *message)
{
    resolver->phase = FAILED;
    ph_error_set(&resolver->error, kind, PH_CLASS_TEMPORARY, PH_PHASE_LOOKUP,
                 message);
}

/* --- one attempt --- */

static void start(ph_resolver *resolver)
{
    const ph_resolver_options *options = &resolver->options;
    double timeout = options->timeout;
    unsigned char id[2];
    ph_buf octets;

    for (size_t i = resolver->attempt / options->server_count; i; i--)
        timeout *= 2;
    if (ph_random_fill(id, sizeof id) < 0) {
        set_failed(resolver, PH_E_IO, "the system gave no random number");
        return;
    }
    ph_buf_init(&octets, PH_QUESTION_LIMIT);
    if (ph_question_format(&resolver->question, (uint16_t)(id[0] << 8 | id[1]),
                           &octets) < 0)
        set_failed(resolver, PH_E_LIMIT, "out of memory");
    else
        ph_channel_ask(resolver->channel,
                       &options->servers[server_of(resolver)], timeout,
                       ph_buf_span(&octets));
    ph_buf_clear(&octets);
    resolver->wait++;
}

/* Nobody is left to ask. */
static void give_up(ph_resolver *resolver)
{
    if (resolver->has_answer)
        resolver->phase = ANSWERED;
    else if (resolver->trouble == MALFORMED)
        set_failed(resolver, PH_E_DNS,
                   "the name server gave a malformed answer");
    else if (resolver->trouble == SILENT)
        set_failed(resolver, PH_E_TIMEOUT, "no name server answered in time");
    else
        set_failed(resolver, PH_E_DNS, "no name server could be reached");
}

static void try_next(ph_resolver *resolver)
{
    size_t last = resolver->options.server_count * resolver->options.tries;

    do
        resolver->attempt++;
    while (resolver->attempt < last && resolver->is_spent[server_of(resolver)]);
    if (resolver->attempt < last)
        start(resolver);
    else
        give_up(resolver);
}

static void note(ph_resolver *resolver, trouble what)
{
    if (what > resolver->trouble)
        resolver->trouble = what;
}

static bool is_verdict(const ph_answer *answer)
{
    return answer->rcode == PH_RCODE_NOERROR ||
           answer->rcode == PH_RCODE_NXDOMAIN;
}

/* Keeps the answer, which borrows from our own copy of the message. */
static void judge(ph_resolver *resolver, ph_span message)
{
    ph_answer answer;

    resolver->is_spent[server_of(resolver)] = true;
    if (ph_answer_read(&answer, message, &resolver->question) < 0 ||
        (is_verdict(&answer) && answer.is_truncated)) {
        note(resolver, MALFORMED);
        return;
    }
    ph_buf_reset(&resolver->message);
    if (ph_buf_put_span(&resolver->message, message) < 0) {
        set_failed(resolver, PH_E_LIMIT, "out of memory");
        return;
    }
    (void)ph_answer_read(&resolver->answer, ph_buf_span(&resolver->message),
                         &resolver->question);
    resolver->answered_by = server_of(resolver);
    resolver->has_answer = true;
    if (is_verdict(&answer))
        resolver->phase = ANSWERED;
}

/* After every call into the channel: an attempt that ended is judged, and the
 * next one begun, which may end at once. */
static void settle(ph_resolver *resolver)
{
    while (resolver->phase == ASKING) {
        switch (ph_channel_ended(resolver->channel)) {
        case PH_CHANNEL_ASKING:
            return;
        case PH_CHANNEL_ANSWERED:
            judge(resolver, ph_channel_answer(resolver->channel));
            break;
        case PH_CHANNEL_TIMEOUT:
            note(resolver, SILENT);
            break;
        case PH_CHANNEL_UNREACHABLE:
            note(resolver, UNREACHABLE);
            break;
        case PH_CHANNEL_MEMORY:
            set_failed(resolver, PH_E_LIMIT, "out of memory");
            break;
        }
        ph_channel_stop(resolver->channel);
        if (resolver->phase == ASKING)
            try_next(resolver);
    }
}

/* --- the verbs --- */

int ph_resolver_ask(ph_resolver *resolver, ph_span name, uint16_t type)
{
    if (!*ph_record_type_name(type) || resolver->options.server_count == 0)
        return PH_E_USAGE;
    ph_channel_stop(resolver->channel);
    ph_error_clear(&resolver->error);
    resolver->phase = IDLE;
    if (ph_question_init(&resolver->question, name, type) < 0)
        return PH_E_INVALID;
    resolver->phase = ASKING;
    resolver->attempt = 0;
    resolver->trouble = NONE;
    resolver->has_answer = false;
    memset(resolver->is_spent, 0, sizeof resolver->is_spent);
    start(resolver);
    settle(resolver);
    return PH_OK;
}

ph_resolver_event ph_resolver_next(ph_resolver *resolver,
                                   ph_resolver_detail *detail)
{
    phase was = resolver->phase;

    *detail = (ph_resolver_detail){ NULL, NULL, NULL };
    detail->socket = ph_channel_next(resolver->channel);
    if (detail->socket) {
        switch (detail->socket->action) {
        case PH_CHANNEL_OPEN:
            return PH_RESOLVER_OPEN;
        case PH_CHANNEL_SEND:
            return PH_RESOLVER_SEND;
        case PH_CHANNEL_CLOSE:
        case PH_CHANNEL_NONE:
            return PH_RESOLVER_CLOSE;
        }
    }
    if (was != ANSWERED && was != FAILED)
        return PH_RESOLVER_NONE;
    resolver->phase = IDLE;
    if (was == FAILED)
        return PH_RESOLVER_FAILED;
    detail->answer = &resolver->answer;
    detail->server = &resolver->options.servers[resolver->answered_by];
    return PH_RESOLVER_ANSWER;
}

void ph_resolver_feed(ph_resolver *resolver, int socket, ph_span octets)
{
    if (resolver->phase != ASKING)
        return;
    ph_channel_feed(resolver->channel, socket, octets);
    settle(resolver);
}

void ph_resolver_closed(ph_resolver *resolver, int socket)
{
    if (resolver->phase != ASKING)
        return;
    ph_channel_closed(resolver->channel, socket);
    settle(resolver);
}

double ph_resolver_deadline(const ph_resolver *resolver, unsigned long *number)
{
    *number = resolver->wait;
    return resolver->phase == ASKING ? ph_channel_deadline(resolver->channel)
                                     : -1;
}

void ph_resolver_expire(ph_resolver *resolver)
{
    if (resolver->phase != ASKING)
        return;
    ph_channel_expire(resolver->channel);
    settle(resolver);
}

const ph_error *ph_resolver_error(const ph_resolver *resolver)
{
    return &resolver->error;
}

/* --- birth and death --- */

ph_resolver *ph_resolver_new(const ph_resolver_options *options)
{
    ph_resolver *resolver = ph_mem_zero(sizeof *resolver);

    if (!resolver)
        return NULL;
    resolver->options = *options;
    ph_buf_init(&resolver->message, PH_ANSWER_OCTETS);
    resolver->channel = ph_channel_new();
    if (!resolver->channel) {
        ph_mem_free(resolver);
        return NULL;
    }
    return resolver;
}

void ph_resolver_free(ph_resolver *resolver)
{
    if (!resolver)
        return;
    ph_channel_free(resolver->channel);
    ph_buf_clear(&resolver->message);
    ph_error_clear(&resolver->error);
    ph_mem_free(resolver);
}
