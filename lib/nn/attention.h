/* Scaled dot-product attention in several heads (Vaswani et al., 2017). The
 * projections before and after it are avqa_linear. */
#ifndef AVQA_NN_ATTENTION_H
#define AVQA_NN_ATTENTION_H

#include "nn/tape.h"

struct avqa_attention {
    size_t heads;
    avqa_real dropout;         /* of the weights */
    const unsigned char *pad;  /* [n, keys], 1 = not looked at; borrowed; may be NULL */
    const avqa_real **weights; /* becomes [n, heads, queries, keys]; may be NULL */
};

/* q [n, queries, width], k and v [n, keys, width]: of each head, softmax(q k^T /
 * sqrt(width / heads)) v; y as q. At least one key of each row must not be padded. */
struct avqa_node *avqa_attention(struct avqa_tape *tape, struct avqa_node *const qkv[3],
                                 const struct avqa_attention *options);

#endif
