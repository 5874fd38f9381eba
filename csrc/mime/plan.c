/* plan.c - a message as a list of steps.
 * SPDX-License-Identifier: MIT */
#include "plan.h"
#include "base/mem.h"

void ph_plan_init(ph_plan *plan)
{
    memset(plan, 0, offsetof(ph_plan, first_steps));
    plan->steps = plan->first_steps;
    plan->capacity = PH_PLAN_FIRST_STEPS;
    ph_buf_begin(&plan->glue, plan->first_glue, sizeof plan->first_glue,
                 PH_PLAN_GLUE);
}

void ph_plan_clear(ph_plan *plan)
{
    if (plan->steps != plan->first_steps)
        ph_mem_free(plan->steps);
    ph_buf_clear(&plan->glue);
    ph_plan_init(plan);
}

static int grow(ph_plan *plan)
{
    bool is_first = plan->steps == plan->first_steps;
    size_t capacity = plan->capacity * 2;
    ph_step *steps;

    if (plan->count >= PH_PLAN_STEPS)
        return PH_E_LIMIT;
    steps =
        ph_mem_resize(is_first ? NULL : plan->steps, capacity * sizeof *steps);
    if (!steps)
        return PH_E_MEMORY;
    if (is_first)
        memcpy(steps, plan->first_steps, sizeof plan->first_steps);
    plan->steps = steps;
    plan->capacity = capacity;
    return PH_OK;
}

static void add_step(ph_plan *plan, ph_step step)
{
    if (plan->result == PH_OK && plan->count == plan->capacity)
        plan->result = grow(plan);
    if (plan->result == PH_OK)
        plan->steps[plan->count++] = step;
}

/* Makes a step of the glue that has none. */
static void settle(ph_plan *plan)
{
    size_t end = ph_buf_size(&plan->glue);

    if (end > plan->mark)
        add_step(plan, (ph_step){ .kind = PH_STEP_TEXT,
                                  .is_glue = true,
                                  .glue = plan->mark,
                                  .text.size = end - plan->mark });
    plan->mark = end;
}

void ph_plan_put(ph_plan *plan, ph_span text)
{
    if (plan->result == PH_OK)
        plan->result = ph_buf_put_span(&plan->glue, text);
}

void ph_plan_put_text(ph_plan *plan, const char *text)
{
    ph_plan_put(plan, ph_span_text(text));
}

void ph_plan_borrow(ph_plan *plan, ph_span text)
{
    settle(plan);
    if (text.size)
        add_step(plan, (ph_step){ .kind = PH_STEP_TEXT, .text = text });
}

void ph_plan_put_encoding(ph_plan *plan, ph_part *part)
{
    settle(plan);
    add_step(plan, (ph_step){ .kind = PH_STEP_ENCODING, .part = part });
}

void ph_plan_put_body(ph_plan *plan, ph_part *part)
{
    settle(plan);
    add_step(plan, (ph_step){ .kind = PH_STEP_BODY,
                              .part = part,
                              .source = part->body.source });
}

size_t ph_plan_open(ph_plan *plan)
{
    settle(plan);
    add_step(plan, (ph_step){ .kind = PH_STEP_CONTAINER });
    return plan->count - 1;
}

void ph_plan_close(ph_plan *plan, size_t step)
{
    bool is_eight_bit = false;

    if (plan->result < 0)
        return;
    for (size_t i = step + 1; i < plan->count && !is_eight_bit; i++)
        is_eight_bit = plan->steps[i].kind == PH_STEP_BODY &&
                       ph_part_is_eight_bit(plan->steps[i].part);
    plan->steps[step].is_eight_bit = is_eight_bit;
}

void ph_plan_append(ph_plan *plan, const ph_plan *other, unsigned sources)
{
    settle(plan);
    for (size_t i = 0; i < other->count && plan->result == PH_OK; i++) {
        ph_step step = other->steps[i];
        if (step.source)
            step.source += sources;
        add_step(plan, step);
    }
}

int ph_plan_finish(ph_plan *plan)
{
    ph_span glue;

    settle(plan);
    glue = ph_buf_span(&plan->glue);
    for (size_t i = 0; i < plan->count; i++) {
        ph_step *step = &plan->steps[i];
        if (step->is_glue)
            step->text.at = glue.at + step->glue;
        step->is_glue = false;
    }
    plan->is_done = plan->result == PH_OK;
    return plan->result;
}

ph_span ph_step_text(const ph_step *step, bool eight_bit)
{
    switch (step->kind) {
    case PH_STEP_TEXT:
        return step->text;
    case PH_STEP_ENCODING:
        return ph_part_encoding_line(step->part, eight_bit);
    case PH_STEP_CONTAINER:
        if (step->is_eight_bit && eight_bit)
            return ph_span_text("Content-Transfer-Encoding: 8bit\r\n\r\n");
        return ph_span_text("\r\n");
    default:
        return ph_span_of(NULL, 0);
    }
}

long long ph_plan_size(const ph_plan *plan, bool eight_bit)
{
    long long size = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const ph_step *step = &plan->steps[i];
        long long part = (long long)ph_step_text(step, eight_bit).size;
        if (step->kind == PH_STEP_BODY)
            part = ph_part_size(step->part, eight_bit);
        if (part < 0)
            return PH_SIZE_UNKNOWN;
        size += part;
    }
    return size;
}

bool ph_plan_span_holds(ph_span span, ph_span text)
{
    while (span.size >= text.size) {
        size_t at = ph_span_find(span, text.at[0]);
        span = ph_span_after(span, at);
        if (span.size >= text.size && !memcmp(span.at, text.at, text.size))
            return true;
        span = ph_span_after(span, 1);
    }
    return false;
}

bool ph_plan_holds(const ph_plan *plan, ph_span text)
{
    for (size_t i = 0; i < plan->count; i++) {
        const ph_step *step = &plan->steps[i];
        ph_span where = step->text;
        if (step->kind == PH_STEP_BODY && step->part->content.has_dashes)
            where = step->part->body.octets;
        if (ph_plan_span_holds(where, text))
            return true;
    }
    return false;
}
