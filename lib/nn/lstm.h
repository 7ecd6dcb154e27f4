/* A layer of long short-term memory (Hochreiter and Schmidhuber, 1997; gates as in
 * PyTorch: input, forget, cell, output), from a zero state. */
#ifndef AVQA_NN_LSTM_H
#define AVQA_NN_LSTM_H

#include "nn/tape.h"

/* gates [steps, n, 4 width] is the input's part, x w_ih^T + b_ih, which the caller
 * makes (avqa_linear), for all steps or, where inputs are few, for each of them once.
 * w_hh [4 width, width], b_hh [4 width]. y [steps, n, 2 width]: of each step output and
 * cell state, [h ; c]. */
struct avqa_node *avqa_lstm(struct avqa_tape *tape, struct avqa_node *gates,
                            struct avqa_node *w_hh, struct avqa_node *b_hh);

#endif
