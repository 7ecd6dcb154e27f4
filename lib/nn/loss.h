/* What training makes small. Each is the mean over the rows, a node of one number. A
 * row whose answer is not known is no part of it; without any known one it is 0. */
#ifndef AVQA_NN_LOSS_H
#define AVQA_NN_LOSS_H

#include "nn/tape.h"

/* -log softmax(logits)[class]: logits [.., classes], a class for each row (copied),
 * negative where it is not known. */
struct avqa_node *avqa_cross_entropy(struct avqa_tape *tape, struct avqa_node *logits,
                                     const int32_t *classes);
/* The same for shares of classes: wanted [.., classes], each row of which sums to 1, or
 * is zero where they are not known; borrowed. */
struct avqa_node *avqa_cross_entropy_soft(struct avqa_tape *tape,
                                          struct avqa_node *logits,
                                          const avqa_real *wanted);
/* Binary: -(w log s + (1 - w) log(1 - s)), s the logistic function of each number, w
 * what is wanted of it in [0, 1] (borrowed); the mean over all numbers. */
struct avqa_node *avqa_binary_cross_entropy(struct avqa_tape *tape,
                                            struct avqa_node *logits,
                                            const avqa_real *wanted);

#endif
