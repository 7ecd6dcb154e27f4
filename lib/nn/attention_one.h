/* Attention of one query for each row, with the projections of keys and values in it.
 * torch.nn.MultiheadAttention projects every key to compare it with the query, and
 * every value to add them up. With one query it is the same, and a fraction of the
 * work, to project the query back and to compare there, and to project the sum: q (W_k
 * x) = (q W_k) x and sum p (W_v x) = W_v (sum p x). */
#ifndef AVQA_NN_ATTENTION_ONE_H
#define AVQA_NN_ATTENTION_ONE_H

#include "nn/tape.h"

struct avqa_attention_one {
    size_t heads;
    avqa_real dropout;         /* of the weights */
    const avqa_real **weights; /* becomes [n, heads, keys], before dropout; or NULL */
};

/* q [n, width] (projected), x [n, keys, width], w [2 width, width] and b [2 width]
 * those of keys and of values; y [n, width], before the last projection. The bias of
 * the keys adds the same to all of them and so does nothing, as in the original. */
struct avqa_node *avqa_attention_one(struct avqa_tape *tape,
                                     struct avqa_node *const qxwb[4],
                                     const struct avqa_attention_one *options);

#endif
