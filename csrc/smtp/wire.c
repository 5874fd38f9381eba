/* wire.c - a client's side of the connection.
 * SPDX-License-Identifier: MIT */
#include "wire.h"
#include "base/mem.h"

ph_phase ph_verb_phase(ph_verb verb)
{
    static const ph_phase phases[] = {
        [PH_VERB_GREETING] = PH_PHASE_GREETING,
        [PH_VERB_EHLO] = PH_PHASE_EHLO,
        [PH_VERB_HELO] = PH_PHASE_EHLO,
        [PH_VERB_STARTTLS] = PH_PHASE_STARTTLS,
        [PH_VERB_AUTH] = PH_PHASE_AUTH,
        [PH_VERB_MAIL] = PH_PHASE_MAIL,
        [PH_VERB_RCPT] = PH_PHASE_RCPT,
        [PH_VERB_DATA] = PH_PHASE_DATA,
        [PH_VERB_BDAT] = PH_PHASE_CONTENT,
        [PH_VERB_DOT] = PH_PHASE_DOT,
        [PH_VERB_END] = PH_PHASE_DATA,
        [PH_VERB_RSET] = PH_PHASE_RSET,
        [PH_VERB_COMMAND] = PH_PHASE_COMMAND,
        [PH_VERB_QUIT] = PH_PHASE_QUIT,
    };
    return phases[verb];
}

void ph_wire_init(ph_wire *wire, ph_trace *trace)
{
    *wire = (ph_wire){ .trace = trace, .room = PH_WIRE_FLIGHTS };
    ph_buf_init(&wire->out, PH_WIRE_LIMIT);
}

void ph_wire_clear(ph_wire *wire)
{
    ph_buf_wipe(&wire->out);
    ph_mem_free(wire->many);
    wire->many = NULL;
    wire->held = 0;
    wire->first = wire->count = 0;
    wire->room = PH_WIRE_FLIGHTS;
}

void ph_wire_rest(ph_wire *wire, bool is_secret)
{
    if (ph_buf_size(&wire->out))
        return;
    if (is_secret)
        ph_buf_wipe(&wire->out);
    else
        ph_buf_clear(&wire->out);
}

static ph_flight *flight(const ph_wire *wire, unsigned n)
{
    unsigned at = wire->first + n;
    const ph_flight *ring = wire->many ? wire->many : wire->few;

    return (ph_flight *)&ring[at < wire->room ? at : at - wire->room];
}

/* Makes room for one more. */
static int make_room(ph_wire *wire)
{
    ph_flight *many;

    if (wire->count < wire->room)
        return PH_OK;
    if (wire->many)
        return PH_E_LIMIT;
    many = ph_mem_zero(PH_WIRE_CROWD * sizeof *many);
    if (!many)
        return PH_E_MEMORY;
    for (unsigned i = 0; i < wire->count; i++)
        many[i] = *flight(wire, i);
    wire->many = many;
    wire->first = 0;
    wire->room = PH_WIRE_CROWD;
    return PH_OK;
}

/* One more of the same kind joins those before it. */
static bool joins(const ph_wire *wire, ph_verb verb, unsigned mail)
{
    const ph_flight *last;

    if (wire->count == 0 || verb != PH_VERB_RCPT)
        return false;
    last = flight(wire, wire->count - 1);
    return last->verb == verb && last->mail == mail;
}

int ph_wire_await(ph_wire *wire, ph_verb verb, unsigned mail)
{
    int result;

    if (joins(wire, verb, mail)) {
        flight(wire, wire->count - 1)->count++;
        return PH_OK;
    }
    result = make_room(wire);
    if (result < 0)
        return result;
    *flight(wire, wire->count++) = (ph_flight){ .begin = ph_wire_end(wire),
                                                .count = 1,
                                                .verb = (uint8_t)verb,
                                                .mail = (uint8_t)mail };
    return PH_OK;
}

/* Octets of a command line at most. */
static size_t limit_of(ph_verb verb)
{
    if (verb == PH_VERB_AUTH)
        return PH_COMMAND_LONGEST;
    if (verb == PH_VERB_MAIL || verb == PH_VERB_RCPT)
        return PH_COMMAND_LONGER;
    return PH_COMMAND_LINE;
}

int ph_wire_say(ph_wire *wire, ph_verb verb, unsigned mail,
                const ph_command *command, const char *shown)
{
    size_t before = ph_buf_size(&wire->out);
    size_t limit = limit_of(verb);
    uint64_t begin = ph_wire_end(wire);
    ph_span line;
    int result;

    result = joins(wire, verb, mail) ? PH_OK : make_room(wire);
    if (result >= 0)
        result = ph_command_put(&wire->out, command, limit);
    if (result >= 0)
        result = ph_wire_await(wire, verb, mail);
    if (result < 0)
        return result;
    if (flight(wire, wire->count - 1)->count == 1)
        flight(wire, wire->count - 1)->begin = begin;
    line = ph_span_after(ph_buf_span(&wire->out), before);
    line.size -= 2;
    ph_trace_add(wire->trace, ph_verb_phase(verb), true,
                 shown ? ph_span_text(shown) : line);
    return PH_OK;
}

const ph_flight *ph_wire_head(const ph_wire *wire)
{
    return wire->count ? flight(wire, 0) : NULL;
}

void ph_wire_answered(ph_wire *wire)
{
    ph_flight *head = flight(wire, 0);

    if (--head->count == 0) {
        wire->first = wire->first + 1 < wire->room ? wire->first + 1 : 0;
        wire->count--;
    }
}

bool ph_wire_expect(ph_wire *wire, ph_verb verb, unsigned mail, size_t count)
{
    for (unsigned i = 0; i < wire->count; i++) {
        ph_flight *one = flight(wire, i);
        if (one->mail == mail && one->verb == verb) {
            one->count = (uint32_t)count;
            return true;
        }
    }
    return false;
}

const ph_flight *ph_wire_find(const ph_wire *wire, unsigned mail)
{
    for (unsigned i = 0; i < wire->count; i++)
        if (flight(wire, i)->mail == mail)
            return flight(wire, i);
    return NULL;
}

bool ph_wire_is_asked(const ph_wire *wire)
{
    const ph_flight *head = ph_wire_head(wire);

    return head &&
           (head->verb == PH_VERB_GREETING || head->verb == PH_VERB_DOT ||
            head->verb == PH_VERB_BDAT || wire->offered > head->begin);
}

ph_span ph_wire_output(ph_wire *wire)
{
    ph_span span = ph_buf_span(&wire->out);

    span.size = ph_wire_size(wire);
    if (wire->consumed + span.size > wire->offered)
        wire->offered = wire->consumed + span.size;
    return span;
}

void ph_wire_consume(ph_wire *wire, size_t n)
{
    size_t size = ph_wire_size(wire);

    if (n > size)
        n = size;
    ph_buf_consume(&wire->out, n);
    wire->consumed += n;
}
