/* A layer of gated recurrent units (Cho et al., 2014; gates as in PyTorch: reset,
 * update, new, with the reset gate after the product), from a zero state. The other
 * direction is this between two avqa_flip_steps (move.h). */
#ifndef AVQA_NN_GRU_H
#define AVQA_NN_GRU_H

#include "nn/tape.h"

/* gates [steps, n, 3 width] is the input's part, x w_ih^T + b_ih, made by the caller as
 * for an LSTM (lstm.h). w_hh [3 width, width], b_hh [3 width]. y [steps, n, width]. */
struct avqa_node *avqa_gru(struct avqa_tape *tape, struct avqa_node *gates,
                           struct avqa_node *w_hh, struct avqa_node *b_hh);

#endif
