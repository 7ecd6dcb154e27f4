/* What models are compared by: the questions of a split as the audit has them, the
 * split that a guesser learns from, and one list of all answers. And what one model
 * said to them, wherever it came from. */
#ifndef AVQA_PIPELINE_EVAL_SET_H
#define AVQA_PIPELINE_EVAL_SET_H

#include "audit/audit.h"
#include "base/arena.h"
#include "base/intern.h"
#include "base/json.h"
#include "base/status.h"
#include "qa/reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero is valid: empty. */
struct avqa_eval_set {
    char *dataset; /* its name */
    struct avqa_audit_table table;
    struct avqa_audit audit;    /* only what prior.h and score.h use */
    struct avqa_intern answers; /* the vocabulary, then others as they are met */
    size_t n;                   /* questions of the split */
};

#define AVQA_EVAL_PRIOR_SPLIT "train"

/* Reads them. The guesser learns from split `prior`; if that is NULL, from the first
 * that there is of `learnt`, which may be NULL (what a model learnt from),
 * AVQA_EVAL_PRIOR_SPLIT, and `split` itself. Names are borrowed. `*out` starts zero;
 * release it in any case. */
AVQA_CHECK enum avqa_status avqa_eval_set_load(struct avqa_eval_set *out,
                                               const char *dataset, const char *split,
                                               const char *prior, const char *learnt);
void avqa_eval_set_release(struct avqa_eval_set *set);

/* The i-th question of the split, and its right answer. */
const struct avqa_audit_row *avqa_eval_row(const struct avqa_eval_set *set, size_t i);
const char *avqa_eval_truth(const struct avqa_eval_set *set, size_t i);

/* What a model said to a question. */
struct avqa_eval_said {
    bool asked;              /* the question counts */
    bool said;               /* there is a reply */
    enum avqa_reply_way way; /* how it was read */
    uint32_t answer;         /* into set->answers, or AVQA_INTERN_NONE */
    const char *text;        /* as it came; NULL if that is the answer */
    double share;            /* that the model gave to it, or NaN */
};

/* Zero is valid: empty. */
struct avqa_eval_model {
    struct avqa_arena arena;
    char *name;
    struct avqa_eval_said *said; /* by question of the split */
    struct avqa_json *about;     /* goes into the report, ... */
    bool is_run;                 /* ... as "run" or else as "predictions" */
    struct avqa_json *grounding; /* or NULL */
};

/* Makes room for the questions, none of them asked. */
AVQA_CHECK enum avqa_status avqa_eval_model_init(struct avqa_eval_model *out,
                                                 const struct avqa_eval_set *set);
void avqa_eval_model_release(struct avqa_eval_model *model);
bool avqa_eval_is_right(const struct avqa_eval_set *set,
                        const struct avqa_eval_model *model, size_t i);

#endif
