/* The figure of what a trained model attended to when it was asked a question, for
 * questions that are named or chosen. */
#ifndef AVQA_PIPELINE_EXPLAIN_H
#define AVQA_PIPELINE_EXPLAIN_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_EXPLAIN_N 4
enum { AVQA_EXPLAIN_MAX = 32 }; /* questions on a sheet */

struct avqa_explain_config {
    const char *dataset, *run;
    bool last;          /* its last weights, not the best ones */
    const char *output; /* ends with .png, .svg or .pdf and is not there yet; NULL:
                           nothing is written */
    bool dry_run;       /* all but that */
    bool no_boxes;      /* leave out where facts say that instruments are */
    /* The questions: SPLIT#ROW or published numbers; NULL: `n` are chosen */
    const char *const *questions;
    size_t n_questions;
    const char *split; /* NULL: where named ones are; else the run's validation */
    const char *code,
        *type; /* chosen ones: only of this template, this type; or NULL */
    bool only_wrong, only_right;
    size_t n;
    uint64_t seed;
    size_t columns; /* pictures in a line; 0: as fits */
    double dpi;     /* of a PNG; 0: as the page's writer has it */
    size_t n_jobs;  /* 0: one per core */
    const struct avqa_log *log;
};

/* Whether the options make sense, as far as that is known without the dataset. */
AVQA_CHECK enum avqa_status
avqa_explain_check(const struct avqa_explain_config *config);

/* *report says of each question what the figure shows, with all numbers; it is yours.
 * *n_without questions that were named are not in it, since their clips have not the
 * features. AVQA_ENOENT if no question is left, AVQA_EEXIST if the output is there. */
AVQA_CHECK enum avqa_status avqa_explain(struct avqa_json **report, size_t *n_without,
                                         const struct avqa_explain_config *config);

#endif
