/* What the questions of a batch begin with. Most questions are made from a few
 * templates, so many have their first words in common, and a network that reads word by
 * word is in the same state after them: such a beginning is read once for all. The
 * numbers are the same; of the published questions, 64 at a time, a little more than
 * half of the states remain. */
#ifndef AVQA_MODEL_BEGINNINGS_H
#define AVQA_MODEL_BEGINNINGS_H

#include "nn/lstm.h"
#include "nn/tape.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_beginnings {
    struct avqa_lstm_rows rows; /* the different beginnings of 1, 2, ... words */
    const int32_t *words;       /* the last word of each of them */
    const int32_t *last;        /* [n], which of the longest ones a question is */
    size_t n_rows, n_last;
};

/* words [n, length], n > 0, length > 0. In the tape's memory; the tape may fail. */
void avqa_beginnings_find(struct avqa_beginnings *out, struct avqa_tape *tape,
                          const int32_t *words, size_t n, size_t length);

#endif
