/* Affine maps. */
#ifndef AVQA_NN_LINEAR_H
#define AVQA_NN_LINEAR_H

#include "nn/tape.h"

enum avqa_activation { AVQA_NO_ACTIVATION, AVQA_RELU, AVQA_TANH };

/* y = act(x w^T + b): x [.., in], w [out, in], b [out] or NULL; y [.., out]. */
struct avqa_node *avqa_linear(struct avqa_tape *tape, struct avqa_node *x,
                              struct avqa_node *w, struct avqa_node *b,
                              enum avqa_activation act);

/* The same with b [rows, out], which begins again at its end, and with the columns of w
 * from `column` on. So act([a ; x] w^T + bias) is this with b = a w^T + bias over the
 * columns before, computed once where rows of `a` repeat, and nothing is joined. */
struct avqa_node *avqa_linear_onto(struct avqa_tape *tape, struct avqa_node *x,
                                   struct avqa_node *w, size_t column,
                                   struct avqa_node *b, enum avqa_activation act);

/* out += the sum of the rows of x [n, width]; the same for any number of threads. */
void avqa_add_column_sums(struct avqa_tape *tape, avqa_real *out, const avqa_real *x,
                          size_t n, size_t width);

#endif
