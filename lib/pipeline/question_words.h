/* The texts of questions out of the catalog, cut into words: what vocabularies and
 * training sets are made of. */
#ifndef AVQA_PIPELINE_QUESTION_WORDS_H
#define AVQA_PIPELINE_QUESTION_WORDS_H

#include "base/arena.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/question.h"
#include "qa/tokens.h"

#include <stddef.h>

/* Zero is valid: empty. */
struct avqa_question_words {
    struct avqa_arena kept; /* all phrases of the catalog */
    const char **texts;     /* by id; NULL where there is none */
    size_t n_texts;
    struct avqa_arena row; /* words of the question in hand */
};

AVQA_CHECK enum avqa_status avqa_question_words_load(struct avqa_question_words *out,
                                                     struct avqa_catalog *cat);
void avqa_question_words_release(struct avqa_question_words *words);

/* A phrase; "" if there is none. Borrowed. */
const char *avqa_question_words_text(const struct avqa_question_words *words,
                                     int64_t id);

/* The words of a question, borrowed until the next call. */
AVQA_CHECK enum avqa_status avqa_question_words_cut(const char *const **list, size_t *n,
                                                    struct avqa_question_words *words,
                                                    enum avqa_tokens_way way,
                                                    const struct avqa_question *q);

#endif
