/* Operations that only move numbers: pieces of a node, nodes side by side, dimensions
 * exchanged, steps in the other order. avqa_rows and avqa_reshape (tape.h) need no
 * copy, avqa_join (elementwise.h) repeats rows. */
#ifndef AVQA_NN_MOVE_H
#define AVQA_NN_MOVE_H

#include "nn/tape.h"

/* x[.., from <= i < to, ..] of dimension `dim`. */
struct avqa_node *avqa_slice(struct avqa_tape *tape, struct avqa_node *x, size_t dim,
                             size_t from, size_t to);
/* Up to AVQA_NODE_MAX_FROM nodes one behind the other along `dim`; their other
 * dimensions are the same. */
struct avqa_node *avqa_concat(struct avqa_tape *tape, size_t dim,
                              struct avqa_node *const *parts, size_t n_parts);
/* Dimensions a and b exchanged, as torch.transpose(x, a, b). */
struct avqa_node *avqa_swap(struct avqa_tape *tape, struct avqa_node *x, size_t a,
                            size_t b);
/* x [steps, n, ..] with the steps in the other order. With `lengths` [n] (copied) only
 * the first lengths[i] steps of each i change places and what is behind them stays, so
 * that a layer which reads the result begins at each row's own end. What a layer made
 * of it is put back by the same operation: so runs the second direction of an LSTM or
 * GRU (torch.nn.utils.rnn.pack_padded_sequence where there are lengths). */
struct avqa_node *avqa_flip_steps(struct avqa_tape *tape, struct avqa_node *x,
                                  const int32_t *lengths);

#endif
