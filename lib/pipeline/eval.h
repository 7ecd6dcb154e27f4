/* How good a model is: answers of a run or of a file against those of a split, as
 * report, tables and figures (docs/eval.md). */
#ifndef AVQA_PIPELINE_EVAL_H
#define AVQA_PIPELINE_EVAL_H

#include "audit/bootstrap.h" /* how often to draw */
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_eval_config {
    const char *dataset;     /* folder */
    const char *split;       /* asked */
    const char *run;         /* name or folder of a run; or else ... */
    const char *predictions; /* ... a file of answers */
    const char *against;     /* another file or run to compare with, or NULL */
    bool last;               /* the last weights of runs, not the best ones */
    size_t batch;            /* questions that a run is asked at a time */
    const char *prior; /* split that the guesser learns from; NULL: what the run learnt
                          from, "train", or `split` itself, as there are */
    const char *rules; /* templates/replies-en.json; NULL: replies are taken as they
                          stand */
    const char *id_key, *answer_key; /* of files of predictions */
    bool answered_only;              /* see eval_predictions.h */
    size_t n_draws;                  /* of the intervals */
    uint64_t seed;
    size_t jobs;
    const char *output; /* folder; NULL: write nothing */
    bool dry_run;       /* look at the folder and write nothing */
    bool figures;
    const struct avqa_log *log;
};

/* Evaluates; *report is what --json prints, yours. */
AVQA_CHECK enum avqa_status avqa_eval(struct avqa_json **report,
                                      const struct avqa_eval_config *config);

#endif
