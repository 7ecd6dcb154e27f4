/* The lines of a file of predictions, whatever its format: JSON lines, a JSON array of
 * objects, one object {"ID": "ANSWER", ...}, CSV or TSV (by its ending). Read once, in
 * bounded memory. */
#ifndef AVQA_PIPELINE_EVAL_LINES_H
#define AVQA_PIPELINE_EVAL_LINES_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_eval_line {
    bool has_id, has_row; /* one of them at least */
    int64_t id;           /* published number of the question */
    int64_t row;          /* of the split */
    const char *text;     /* UTF-8; "" if the answer is null */
};

typedef enum avqa_status avqa_eval_line_fn(void *user,
                                           const struct avqa_eval_line *line);

/* Calls `fn` with each line; what it says of itself is borrowed for the call. Failures
 * name the file and the line. */
AVQA_CHECK enum avqa_status avqa_eval_lines(const char *path, const char *id_key,
                                            const char *answer_key,
                                            avqa_eval_line_fn *fn, void *user);

#endif
