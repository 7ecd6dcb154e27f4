/* The words of questions and the answers that a model knows, as numbers. It belongs to
 * a run: what was trained with one cannot be used with another.
 *
 * Word 0 is "<pad>". Words and answers are numbered by first appearance in the rows it
 * is made of, as published; a file may fix them instead. */
#ifndef AVQA_QA_VOCABULARY_H
#define AVQA_QA_VOCABULARY_H

#include "base/intern.h"
#include "base/json.h"
#include "base/status.h"
#include "qa/tokens.h"

#include <stddef.h>
#include <stdint.h>

#define AVQA_VOCABULARY_PAD "<pad>"
enum { AVQA_VOCABULARY_MUSIC_AVQA_LENGTH = 14, AVQA_VOCABULARY_UNKNOWN = -1 };

/* Zero is valid: empty. */
struct avqa_vocabulary {
    enum avqa_tokens_way way;
    size_t length; /* words of a question, filled up with <pad>; longer ones are cut */
    struct avqa_intern words, answers;
};

void avqa_vocabulary_release(struct avqa_vocabulary *vocabulary);

/* {"tokens","length","words":[...],"answers":[...]}; `*out` starts zero. AVQA_EFORMAT
 * names what is wrong: a word twice, no <pad> at 0, a length that is none. */
AVQA_CHECK enum avqa_status avqa_vocabulary_from_json(struct avqa_vocabulary *out,
                                                      const struct avqa_json *json);
AVQA_CHECK enum avqa_status avqa_vocabulary_read(struct avqa_vocabulary *out,
                                                 const char *path);
/* The same as JSON; yours. */
struct avqa_json *avqa_vocabulary_json(const struct avqa_vocabulary *vocabulary);

/* The number of a word or an answer, or AVQA_VOCABULARY_UNKNOWN. */
int32_t avqa_vocabulary_word(const struct avqa_vocabulary *vocabulary,
                             const char *word);
int32_t avqa_vocabulary_answer(const struct avqa_vocabulary *vocabulary,
                               const char *answer);

#endif
