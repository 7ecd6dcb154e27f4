/* A layer of long short-term memory (Hochreiter and Schmidhuber, 1997; gates as in
 * PyTorch: input, forget, cell, output), from a zero state. */
#ifndef AVQA_NN_LSTM_H
#define AVQA_NN_LSTM_H

#include "nn/tape.h"

#include <stdint.h>

/* Sequences that begin alike have their first states in common. A row is the state
 * after a step; those of step s are begin[s] <= i < begin[s + 1], and row i goes on
 * from row before[i], which is one of the step before (of the first step: nothing).
 * Both are borrowed until the end of the step of training. */
struct avqa_lstm_rows {
    size_t n_steps;
    const size_t *begin;
    const uint32_t *before;
};

/* gates [rows, 4 width] is the input's part, x w_ih^T + b_ih, which the caller makes
 * (avqa_linear), for all rows or, where inputs are few, for each of them once. w_hh [4
 * width, width], b_hh [4 width]. y [rows, 2 width]: of each row output and cell state,
 * [h ; c]. */
struct avqa_node *avqa_lstm(struct avqa_tape *tape, struct avqa_node *gates,
                            struct avqa_node *w_hh, struct avqa_node *b_hh,
                            const struct avqa_lstm_rows *rows);

#endif
