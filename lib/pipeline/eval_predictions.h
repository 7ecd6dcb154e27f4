/* Answers of other people's models, out of a file: JSON lines, a JSON array of objects,
 * one object {"ID": "ANSWER", ...}, CSV or TSV. */
#ifndef AVQA_PIPELINE_EVAL_PREDICTIONS_H
#define AVQA_PIPELINE_EVAL_PREDICTIONS_H

#include "base/status.h"
#include "pipeline/eval_set.h"
#include "qa/reply.h"

#include <stdbool.h>

struct avqa_eval_file {
    const char *path;
    const char *id_key, *answer_key;      /* "question_id", "answer" */
    const struct avqa_reply_rules *rules; /* NULL: only answers as they stand in the
                                             vocabulary */
    bool answered_only; /* questions without a reply do not count, rather than being
                           wrong */
};

/* Reads it. Questions that share an id get its lines in turn, or the last one of them;
 * what is more is a duplicate and counted. A line with "row" (avqa eval writes it)
 * names the question by its row in the split. Counts go into out->about. AVQA_EFORMAT
 * names the line; AVQA_EINVAL if no id is one of the split's. `*out` starts zero;
 * release it in any case. */
AVQA_CHECK enum avqa_status avqa_eval_read(struct avqa_eval_model *out,
                                           struct avqa_eval_set *set,
                                           const struct avqa_eval_file *file);

#endif
