/* plan.h - a message as a list of steps, in the order of its octets: what is
 * written as it stands, what is encoded. The tree of its parts is flat here,
 * another message's inside it too, so that nobody recurs over it.
 * SPDX-License-Identifier: MIT */
#ifndef PH_MIME_PLAN_H
#define PH_MIME_PLAN_H

#include "part.h"

#pragma GCC visibility push(hidden)

enum {
    PH_PLAN_STEPS = 100000,   /* at most */
    PH_PLAN_GLUE = 16777216,  /* octets between the parts */
    PH_PLAN_DEPTH = 32,       /* of parts in parts */
    PH_PLAN_FIRST_STEPS = 24, /* that most plans do with */
    PH_PLAN_FIRST_GLUE = 1024
};

typedef enum ph_step_kind {
    PH_STEP_TEXT,      /* octets as they are */
    PH_STEP_ENCODING,  /* the line of a part's transfer encoding */
    PH_STEP_CONTAINER, /* the same of a multipart or message/rfc822 */
    PH_STEP_BODY       /* a part's body */
} ph_step_kind;

/* Fields may be read once the plan is finished. */
typedef struct ph_step {
    ph_step_kind kind;
    bool is_eight_bit; /* CONTAINER: a part inside travels as 8bit */
    bool is_glue;      /* TEXT: of the plan's own, at glue */
    size_t glue;
    ph_span text;
    ph_part *part;
    unsigned source; /* BODY: the number of its source, or 0 */
} ph_step;

/* It begins in its own memory, so it cannot be moved. */
typedef struct ph_plan {
    ph_step *steps;
    size_t count, capacity;
    ph_buf glue;
    size_t mark;  /* glue behind it has no step yet */
    int result;   /* the first PH_E_LIMIT, which the end tells */
    bool is_done; /* finished */
    ph_step first_steps[PH_PLAN_FIRST_STEPS];
    char first_glue[PH_PLAN_FIRST_GLUE];
} ph_plan;

void ph_plan_init(ph_plan *plan);
void ph_plan_clear(ph_plan *plan);

/* The next octets: a copy, or borrowed for as long as the plan is used. A
 * failure is told by ph_plan_finish. */
void ph_plan_put(ph_plan *plan, ph_span text);
void ph_plan_put_text(ph_plan *plan, const char *text);
void ph_plan_borrow(ph_plan *plan, ph_span text);

/* A part's transfer encoding, and its body. */
void ph_plan_put_encoding(ph_plan *plan, ph_part *part);
void ph_plan_put_body(ph_plan *plan, ph_part *part);

/* The transfer encoding of a container; returns its step, for the end. */
size_t ph_plan_open(ph_plan *plan);

/* What was put since then is what the container holds. */
void ph_plan_close(ph_plan *plan, size_t step);

/* All of another plan, finished, that must outlive this one; sources: added
 * to the numbers of its sources. */
void ph_plan_append(ph_plan *plan, const ph_plan *other, unsigned sources);

/* Nothing more is put. PH_E_LIMIT: memory, or PH_PLAN_STEPS. */
int ph_plan_finish(ph_plan *plan);

/* Octets of the whole, or PH_SIZE_UNKNOWN; without a line end that the writer
 * adds at the very end. */
long long ph_plan_size(const ph_plan *plan, bool eight_bit);

/* Whether a part in memory that travels as it is, or the glue of another
 * message, holds that text. */
bool ph_plan_holds(const ph_plan *plan, ph_span text);

/* Whether a span holds that text, which is not empty. */
bool ph_plan_span_holds(ph_span span, ph_span text);

/* The octets of a step that is no body. */
ph_span ph_step_text(const ph_step *step, bool eight_bit);

#pragma GCC visibility pop
#endif
