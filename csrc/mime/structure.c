/* structure.c - how the parts of a message lie in each other (RFC 2046, 5.1;
 * RFC 2387): the plan of a message, and what is told of the whole.
 * SPDX-License-Identifier: MIT */
#include "message_state.h"
#include "header.h"

enum {
    BOUNDARY = PH_IDENTITY_SIZE + 4 /* "--=_" and what was drawn */
};

/* "=_" stands in no quoted-printable and no base64 (RFC 2045, 6.7), so only
 * parts that travel as they are can hold it. */
typedef struct multipart {
    char line[BOUNDARY + 5]; /* CRLF "--=_..." CRLF */
    size_t step;
} multipart;

static bool is_as_it_is(const ph_part *part)
{
    return part->encodings[1] == PH_ENCODING_7BIT ||
           part->encodings[1] == PH_ENCODING_8BIT;
}

static bool part_holds(const ph_part *part, ph_span text)
{
    if (part->is_message)
        return ph_plan_holds(&part->message->plan, text);
    return part->content.has_dashes && is_as_it_is(part) &&
           ph_plan_span_holds(part->body.octets, text);
}

static bool is_taken(const ph_message *message, ph_span delimiter)
{
    if (message->has_text && part_holds(&message->text, delimiter))
        return true;
    if (message->has_html && part_holds(&message->html, delimiter))
        return true;
    for (size_t i = 0; i < message->count; i++)
        if (part_holds(&message->parts[i], delimiter))
            return true;
    return false;
}

/* The header of a multipart, with a boundary that no part holds. */
static int open(ph_message *message, const char *type, multipart *container)
{
    ph_plan *plan = &message->plan;
    ph_span delimiter = ph_span_of(container->line + 2, BOUNDARY);
    int result;

    memcpy(container->line, "\r\n--=_", 6);
    memcpy(container->line + 2 + BOUNDARY, "\r\n", 3);
    do {
        result = ph_identity_draw(&message->identity, container->line + 6);
    } while (result == PH_OK && is_taken(message, delimiter));
    ph_plan_put_text(plan, "Content-Type: multipart/");
    ph_plan_put_text(plan, type);
    ph_plan_put_text(plan, ";\r\n boundary=\"");
    ph_plan_put(plan, ph_span_after(delimiter, 2));
    ph_plan_put_text(plan, "\"\r\n");
    container->step = ph_plan_open(plan);
    ph_plan_put_text(plan, container->line + 2);
    return result;
}

static void put_delimiter(ph_message *message, const multipart *container)
{
    ph_plan_put_text(&message->plan, container->line);
}

static void close(ph_message *message, const multipart *container)
{
    ph_plan_put(&message->plan, ph_span_of(container->line, BOUNDARY + 2));
    ph_plan_put_text(&message->plan, "--");
    ph_plan_close(&message->plan, container->step);
}

/* The type of the text or the html. */
static const char *leaf_type(const ph_message *message, const ph_part *part)
{
#define TEXT "Content-Type: text/plain; charset=utf-8"
    if (part == &message->html)
        return "Content-Type: text/html; charset=utf-8\r\n";
    return part->body.is_flowed ? TEXT "; format=flowed; delsp=no\r\n"
                                : TEXT "\r\n";
#undef TEXT
}

static void put_leaf(ph_message *message, ph_part *part)
{
    ph_plan_put_text(&message->plan, leaf_type(message, part));
    ph_plan_put_encoding(&message->plan, part);
    ph_plan_put_body(&message->plan, part);
}

static void put_part(ph_message *message, ph_part *part)
{
    ph_plan *plan = &message->plan;
    ph_span head =
        ph_span_of(ph_buf_span(&message->heads).at + part->head, part->size);

    ph_plan_put(plan, head);
    if (part->is_message) {
        size_t step = ph_plan_open(plan);
        ph_plan_append(plan, &part->message->plan, part->sources);
        ph_plan_close(plan, step);
    } else {
        ph_plan_put_encoding(plan, part);
        ph_plan_put_body(plan, part);
    }
}

static bool is_related(const ph_message *message, const ph_part *part)
{
    return message->has_html && part->has_cid &&
           part->place == PH_PLACE_ATTACHED;
}

static size_t count_related(const ph_message *message)
{
    size_t count = 0;

    for (size_t i = 0; i < message->count; i++)
        count += is_related(message, &message->parts[i]);
    return count;
}

/* The html and what belongs to it (RFC 2387: the root comes first). */
static int put_html(ph_message *message)
{
    multipart container;
    int result;

    if (count_related(message) == 0) {
        put_leaf(message, &message->html);
        return PH_OK;
    }
    result = open(message, "related; type=\"text/html\"", &container);
    put_leaf(message, &message->html);
    for (size_t i = 0; i < message->count; i++) {
        if (is_related(message, &message->parts[i])) {
            put_delimiter(message, &container);
            put_part(message, &message->parts[i]);
        }
    }
    close(message, &container);
    return result;
}

static size_t count_alternatives(const ph_message *message)
{
    size_t count = (size_t)message->has_text + message->has_html;

    for (size_t i = 0; i < message->count; i++)
        count += message->parts[i].place != PH_PLACE_ATTACHED;
    return count;
}

/* The alternatives of one place, with a delimiter before all but the first
 * part of the container, if there is one. */
static void put_alternatives(ph_message *message, ph_place place,
                             multipart *container, bool *has_first)
{
    for (size_t i = 0; i < message->count; i++) {
        if (message->parts[i].place != place)
            continue;
        if (*has_first)
            put_delimiter(message, container);
        *has_first = true;
        put_part(message, &message->parts[i]);
    }
}

/* What is read: the text, other alternatives, the html, a calendar; a better
 * one comes later (RFC 2046, 5.1.4). */
static int put_body(ph_message *message)
{
    bool is_one = count_alternatives(message) == 1;
    bool has_first = message->has_text;
    multipart container;
    int result = PH_OK, inner = PH_OK;

    if (!is_one)
        result = open(message, "alternative", &container);
    if (message->has_text)
        put_leaf(message, &message->text);
    put_alternatives(message, PH_PLACE_BETTER, &container, &has_first);
    if (message->has_html) {
        if (has_first)
            put_delimiter(message, &container);
        has_first = true;
        inner = put_html(message);
    }
    put_alternatives(message, PH_PLACE_BEST, &container, &has_first);
    if (!is_one)
        close(message, &container);
    return result < 0 ? result : inner;
}

static bool is_other(const ph_message *message, const ph_part *part)
{
    return part->place == PH_PLACE_ATTACHED && !is_related(message, part);
}

/* The body and all other parts; no container for one part alone, and for none
 * an empty text. */
static int put_all(ph_message *message)
{
    size_t bodies = count_alternatives(message), others = 0, left = bodies > 0;
    multipart container;
    int result = PH_OK, inner = PH_OK;

    for (size_t i = 0; i < message->count; i++)
        others += is_other(message, &message->parts[i]);
    if (bodies + others == 0) {
        put_leaf(message, &message->text);
        return PH_OK;
    }
    left += others;
    if (left > 1)
        result = open(message, "mixed", &container);
    if (bodies)
        inner = put_body(message);
    for (size_t i = 0; i < message->count; i++) {
        if (!is_other(message, &message->parts[i]))
            continue;
        if (bodies)
            put_delimiter(message, &container);
        bodies = 1;
        put_part(message, &message->parts[i]);
    }
    if (left > 1)
        close(message, &container);
    return result < 0 ? result : inner;
}

int ph_message_plan(ph_message *message)
{
    ph_plan *plan = &message->plan;
    int result = PH_OK, finished;

    if (plan->is_done)
        return PH_OK;
    ph_plan_clear(plan);
    if (message->is_raw) {
        ph_plan_put_body(plan, &message->text);
    } else {
        ph_plan_borrow(plan, ph_buf_span(&message->fields));
        ph_plan_put_text(plan, "MIME-Version: 1.0\r\n");
        result = put_all(message);
    }
    finished = ph_plan_finish(plan);
    if (result == PH_OK)
        result = finished;
    if (result < 0)
        ph_plan_clear(plan);
    return result;
}

const ph_plan *ph_message_get_plan(const ph_message *message)
{
    return &message->plan;
}

/* Whether the last step leaves the text at the start of a line. */
static bool is_ended(const ph_plan *plan, bool eight_bit)
{
    const ph_step *step = &plan->steps[plan->count - 1];
    const ph_part *part = step->part;

    if (step->kind != PH_STEP_BODY)
        return false;
    if (ph_part_size(step->part, eight_bit) == 0)
        return plan->count > 1; /* behind the header's empty line */
    if (part->encodings[eight_bit] == PH_ENCODING_BASE64 ||
        (part->encodings[eight_bit] == PH_ENCODING_QUOTED_PRINTABLE &&
         part->form == PH_FORM_OCTETS))
        return false;
    return part->body.source ? part->body.is_ended : part->content.is_ended;
}

long long ph_message_size(const ph_message *message, bool eight_bit)
{
    long long size = ph_plan_size(&message->plan, eight_bit);

    if (size >= 0 && !is_ended(&message->plan, eight_bit))
        size += 2; /* the writer's CRLF at the end */
    return size;
}

bool ph_message_is_unicode(const ph_message *message)
{
    const ph_plan *plan = &message->plan;
    bool is_unicode = message->facts.is_unicode;

    for (size_t i = 0; i < plan->count && !is_unicode; i++)
        is_unicode = plan->steps[i].kind == PH_STEP_BODY &&
                     plan->steps[i].part->has_unicode;
    return is_unicode;
}

bool ph_message_is_eight_bit(const ph_message *message)
{
    const ph_plan *plan = &message->plan;

    for (size_t i = 0; i < plan->count; i++)
        if (plan->steps[i].kind == PH_STEP_BODY &&
            ph_part_is_eight_bit(plan->steps[i].part))
            return true;
    return message->facts.is_unicode;
}

bool ph_message_needs_eight_bit(const ph_message *message)
{
    const ph_plan *plan = &message->plan;

    for (size_t i = 0; i < plan->count; i++)
        if (plan->steps[i].kind == PH_STEP_BODY &&
            plan->steps[i].part->is_raw &&
            plan->steps[i].part->content.high > 0)
            return true;
    return message->facts.is_unicode;
}

/* The fields that the structure writes are in the first step of glue, and the
 * encoding of a single part in the step behind it. */
static bool find_structure(const ph_plan *plan, ph_span name, ph_span *value)
{
    for (size_t i = 1; i < plan->count && i < 3; i++)
        if (ph_header_find(ph_step_text(&plan->steps[i], true), name, value))
            return true;
    return false;
}

int ph_message_get(ph_message *message, ph_span name, ph_buf *out)
{
    ph_span value = { NULL, 0 };
    int result;

    if (!ph_header_find(ph_buf_span(&message->fields), name, &value)) {
        result = ph_message_plan(message);
        if (result < 0)
            return result;
        if (!find_structure(&message->plan, name, &value))
            return 0;
    }
    result = ph_header_decode(out, value);
    return result < 0 ? result : 1;
}
