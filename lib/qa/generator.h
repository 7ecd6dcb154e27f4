/* Questions out of facts: which templates can be asked of a clip with which answers,
 * and a choice among them that is balanced over the whole set.
 *
 * The choice is a pure function of the seed, the clips' names and facts, and the
 * templates: it does not depend on the order of clips or on the number of workers. It
 * has three steps: what could be asked (in parallel, clip by clip); which answers are
 * wanted (quotas over the set); and the questions themselves. */
#ifndef AVQA_QA_GENERATOR_H
#define AVQA_QA_GENERATOR_H

#include "base/log.h"
#include "qa/evaluate.h"
#include "qa/facts.h"
#include "qa/missing.h"
#include "qa/template.h"

#include <stddef.h>
#include <stdint.h>

/* Answers of a template as bits: the position of the word among its answer domains, one
 * after the other. A template with more answers is refused. */
#define AVQA_GENERATOR_MAX_ANSWERS 64
typedef uint64_t avqa_answer_mask;

/* Ways to fill the slots of a template; more is refused, and so are more words for a
 * slot than qa/fillings.h tries. */
#define AVQA_GENERATOR_MAX_FILLINGS 200000

struct avqa_generator_opts {
    uint64_t seed;
    size_t per_clip;    /* questions of a clip, each of another template */
    double max_share;   /* of one answer in a template, where the material allows */
    double max_ratio;   /* of the commonest answer to the rarest chosen; 0: any */
    double min_entropy; /* of a template's chosen answers, see qa/share.h; 0: any */
    size_t absent;      /* kinds that are not in the clip, tried for each object slot */
    size_t jobs;        /* threads; 0 is one per core */
    const struct avqa_log *log; /* is asked whether to stop */
    struct avqa_margins margins;
};

#define AVQA_GENERATOR_PER_CLIP 5
#define AVQA_GENERATOR_MAX_SHARE 0.6

#define AVQA_GENERATOR_DEFAULTS                                                        \
    ((struct avqa_generator_opts){.per_clip = AVQA_GENERATOR_PER_CLIP,                 \
                                  .max_share = AVQA_GENERATOR_MAX_SHARE,               \
                                  .absent = 2,                                         \
                                  .margins = AVQA_MARGINS_DEFAULTS})

/* What happened to a template over the whole set. */
struct avqa_generator_count {
    uint64_t
        refused[AVQA_N_ILL_POSED];  /* questions tried, by reason; [0]: well-posed */
    uint64_t clips;                 /* clips it could be asked of */
    uint64_t missing[AVQA_N_FACTS]; /* clips without a fact that it asks for */
    uint64_t crowded; /* clips that were to be asked it, and had others to be asked */
    uint64_t chosen;
    /* clips by answer bit: possible, chosen */
    uint64_t before[AVQA_GENERATOR_MAX_ANSWERS], after[AVQA_GENERATOR_MAX_ANSWERS];
};

/* One chosen question. */
struct avqa_generated {
    uint32_t clip;                               /* into the scenes */
    uint16_t template;                           /* into the templates */
    const char *values[AVQA_TEMPLATE_MAX_SLOTS]; /* borrowed from the domains */
    struct avqa_evaluation evaluation;           /* its answer and evidence */
    /* Its neighbours, the other ways to fill its template about its clip: those that
     * were tried and refused, by reason. */
    uint32_t refused[AVQA_N_ILL_POSED];
};

struct avqa_generator {
    const struct avqa_templates *templates;
    const struct avqa_scene *const *scenes; /* in avqa_generator_order */
    size_t n_scenes;
    struct avqa_generator_opts opts;
    struct avqa_generator_count *counts; /* by template */
    struct avqa_generated *questions;    /* by clip, then by template */
    size_t n_questions;
};

/* For qsort of pointers to scenes: by name, then by sound. */
int avqa_generator_order(const void *a, const void *b);

/* Generates. `generator` has templates, scenes and opts set; counts and questions are
 * filled in and given back by avqa_generator_release. AVQA_EINVAL if a template has too
 * many answers, words or fillings, AVQA_ESTOPPED if the log says so. */
AVQA_CHECK enum avqa_status avqa_generator_run(struct avqa_generator *generator);
/* A hash of the seed, a question's clip and template, and `what` it is to decide. */
uint64_t avqa_generator_hash(const struct avqa_generator *generator, size_t question,
                             const char *what);
void avqa_generator_release(struct avqa_generator *generator);

#endif
