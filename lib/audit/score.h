/* What a model gets right, by all that questions can be told apart by: the table of a
 * paper (modalities, types, all), templates, answers, and how many instruments a clip
 * has. Every share is one of questions, with its count, its interval and what a guesser
 * who knows only the template would get (prior.h). Questions about one video are drawn
 * together for the intervals, because a model that fails to see one thing in it fails
 * all of them.
 *
 * It is here, and not in lib/train, because all of it is counting rows of the audit's
 * table, and because answers of any model can be counted, not only of ours. */
#ifndef AVQA_AUDIT_SCORE_H
#define AVQA_AUDIT_SCORE_H

#include "audit/audit.h"
#include "audit/bootstrap.h"
#include "audit/mcnemar.h"
#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_score_kind {
    AVQA_SCORE_ALL,
    AVQA_SCORE_MODALITY,
    AVQA_SCORE_TYPE,
    AVQA_SCORE_TEMPLATE,
    AVQA_SCORE_ANSWER,    /* the right one */
    AVQA_SCORE_INSTANCES, /* of the clip, by its facts */
    AVQA_SCORE_N_KINDS
};

/* How a model did, by row of audit->on, from 0. */
struct avqa_score_sheet {
    const bool *asked; /* questions that count; NULL: all */
    const bool *right;
};

/* Two models on the questions that both were asked. */
struct avqa_score_pair {
    size_t total, both;
    struct avqa_mcnemar test;        /* one is this model, the other the other */
    struct avqa_interval difference; /* of the shares, this less the other */
};

struct avqa_score_group {
    enum avqa_score_kind kind;
    const char *name; /* "Audio/Counting"; of AVQA_SCORE_ALL "" */
    size_t total, correct;
    size_t prior; /* that the guesser gets */
    struct avqa_interval interval;
    struct avqa_score_pair pair; /* zero without another model */
};

/* Zero is valid: empty. */
struct avqa_score {
    struct avqa_arena arena;
    struct avqa_score_group *groups; /* by kind; templates and answers in their order */
    size_t n_groups;
    size_t n_videos;                 /* that questions were asked about */
    size_t priors[AVQA_N_GROUPINGS]; /* what guessers get, by what they know */
};

struct avqa_score_opts {
    size_t n_draws;
    uint64_t seed;
    size_t jobs;
};

void avqa_score_release(struct avqa_score *score);

/* Counts. Of the audit only table, ranges and tallies are used. `other` may be NULL.
 * `*out` starts zero; release it in any case. */
AVQA_CHECK enum avqa_status avqa_score_make(struct avqa_score *out,
                                            const struct avqa_audit *audit,
                                            const struct avqa_score_sheet *sheet,
                                            const struct avqa_score_sheet *other,
                                            const struct avqa_score_opts *opts);

#endif
