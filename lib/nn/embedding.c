/* See embedding.h. */
#include "nn/embedding.h"
#include "nn/rowmath.h"

#include <assert.h>
#include <string.h>

/* dtable[id] += dy, in the order of the rows */
static void embedding_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    avqa_real *dtable = avqa_tape_grad(tape, y->from[0]);
    const int32_t *ids = y->saved;
    size_t width = y->shape[1];
    for (size_t i = 0; dtable && i < y->shape[0]; i++)
        avqa_row_add(dtable + (size_t)ids[i] * width, 1, y->grad + i * width, width);
}

struct avqa_node *avqa_embedding(struct avqa_tape *tape, struct avqa_node *table,
                                 const int32_t *ids, size_t n)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(table->rank == 2);
    size_t width = table->shape[1];
    struct avqa_node *y =
        avqa_tape_node(tape, 2, (size_t[]){n, width}, embedding_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){table, NULL, NULL});
    int32_t *kept = avqa_tape_array(tape, n, sizeof *kept);
    if (!y || !kept)
        return NULL;
    y->saved = memcpy(kept, ids, n * sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        assert(ids[i] >= 0 && (size_t)ids[i] < table->shape[0]);
        memcpy(y->value + i * width, table->value + (size_t)ids[i] * width,
               width * sizeof *y->value);
    }
    return y;
}
