/* Rows by their directions alone. */
#ifndef AVQA_NN_SIMILAR_H
#define AVQA_NN_SIMILAR_H

#include "nn/tape.h"

/* Each row of the last dimension over its length: x / max(|x|, 1e-12)
 * (torch.nn.functional.normalize). */
struct avqa_node *avqa_unit_rows(struct avqa_tape *tape, struct avqa_node *x);

/* The cosine of each row of a with its row of b, of the same shape: a b / (max(|a|,
 * 1e-8) max(|b|, 1e-8)) (torch.nn.functional.cosine_similarity); y without the last
 * dimension. */
struct avqa_node *avqa_cosine(struct avqa_tape *tape, struct avqa_node *a,
                              struct avqa_node *b);

#endif
