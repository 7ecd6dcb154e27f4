/* Adds questions that are known to be new to a split, many with one statement: three
 * times as fast as looking each one up. */
#ifndef AVQA_CATALOG_QUESTION_BATCH_H
#define AVQA_CATALOG_QUESTION_BATCH_H

#include "catalog/question.h"

#include <stdint.h>

struct avqa_question_batch;

AVQA_CHECK enum avqa_status avqa_question_batch_open(struct avqa_question_batch **out,
                                                     struct avqa_catalog *cat,
                                                     int64_t run_id, int64_t split_id);
/* Gives up what was not finished. NULL is legal. */
void avqa_question_batch_close(struct avqa_question_batch *batch);

/* Adds a generated question, which no row of the split asks yet; its texts are copied.
 */
AVQA_CHECK enum avqa_status avqa_question_batch_add(struct avqa_question_batch *batch,
                                                    const struct avqa_question *q);
/* Until then the last ones are not in the catalog. */
AVQA_CHECK enum avqa_status avqa_question_batch_finish(struct avqa_question_batch *b);

#endif
