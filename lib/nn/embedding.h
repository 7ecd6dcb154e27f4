/* Rows of a table by their numbers. */
#ifndef AVQA_NN_EMBEDDING_H
#define AVQA_NN_EMBEDDING_H

#include "nn/tape.h"

/* table [rows, width], `n` ids below rows, which are copied; y [n, width]. */
struct avqa_node *avqa_embedding(struct avqa_tape *tape, struct avqa_node *table,
                                 const int32_t *ids, size_t n);

#endif
