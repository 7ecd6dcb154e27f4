/* Whether a model looks and listens where the answer is (the pointing game of Zhang et
 * al., IJCV 2018): facts say which instances an answer rests on, where they are and
 * when they sound; attention has a peak in space for each second and a peak in time. A
 * peak hits or misses; beside it stands what a peak at random would hit. What random
 * could not miss, or nothing could hit, is not counted. Definitions: docs/eval.md. */
#ifndef AVQA_PIPELINE_EVAL_GROUNDING_H
#define AVQA_PIPELINE_EVAL_GROUNDING_H

#include "base/status.h"
#include "pipeline/eval_set.h"
#include "plot/heat.h"

#include <stddef.h>
#include <stdint.h>

enum avqa_grounding_kind {
    AVQA_GROUNDING_PLACES,  /* the peak of a second is in the box of an instance of the
                               evidence that sounds then */
    AVQA_GROUNDING_SOURCES, /* ... of any instance that sounds then; each second of a
                               clip once, whatever is asked */
    AVQA_GROUNDING_HEARD,   /* the second that listening peaks at has an instance of the
                               evidence sounding */
    AVQA_GROUNDING_SEEN,    /* the second that looking peaks at */
    AVQA_GROUNDING_N_KINDS
};

/* What a model attended to for one question; what it does not have is NULL. */
struct avqa_attention_seen {
    size_t n_seconds, stride; /* second k stands for row k * stride of the clip */
    size_t side;              /* of the square map; 0 without */
    const double *places;     /* [n_seconds, side * side] */
    /* The part of the picture that the map covers; NULL: not known, so that nothing is
     * said of places. */
    const struct avqa_heat_region *region;
    const double *heard, *seen; /* [n_seconds] */
};

/* One peak. */
struct avqa_grounding_item {
    uint32_t video, type; /* of the table; the type's first template */
    enum avqa_grounding_kind kind;
    bool hit;
    double chance;
};

/* Zero is valid: empty. */
struct avqa_grounding {
    struct avqa_grounding_item *items;
    size_t n, cap;
    bool *clip_done;               /* by clip of the table: its sources are counted */
    size_t n_questions, n_without; /* looked at; without facts or a certain answer */
    size_t n_unplaced;             /* with a map, but it is not known of which part */
    size_t n_trivial[AVQA_GROUNDING_N_KINDS]; /* not to be missed, or not to be hit */
};

void avqa_grounding_release(struct avqa_grounding *grounding);

/* Adds the peaks of the i-th question of the set. */
AVQA_CHECK enum avqa_status avqa_grounding_add(struct avqa_grounding *grounding,
                                               const struct avqa_eval_set *set,
                                               size_t i,
                                               const struct avqa_attention_seen *seen);

#endif
