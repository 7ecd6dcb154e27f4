/* See softmax.h. */
#include "nn/softmax.h"
#include "nn/rowmath.h"

/* dx += y (dy - sum y dy) */
static void softmax_backward(struct avqa_tape *tape, struct avqa_node *y)
{
    size_t width = avqa_node_width(y);
    avqa_real *dx = avqa_tape_grad(tape, y->from[0]);
    for (size_t i = 0; dx && i < avqa_node_height(y); i++) {
        const avqa_real *p = y->value + i * width;
        const avqa_real *dy = y->grad + i * width;
        avqa_real sum = avqa_row_dot(p, dy, width);
        for (size_t k = 0; k < width; k++)
            dx[i * width + k] += p[k] * (dy[k] - sum);
    }
}

struct avqa_node *avqa_softmax(struct avqa_tape *tape, struct avqa_node *x)
{
    if (avqa_tape_failed(tape))
        return NULL;
    size_t width = avqa_node_width(x);
    struct avqa_node *y =
        avqa_tape_node(tape, x->rank, x->shape, softmax_backward,
                       (struct avqa_node *[AVQA_NODE_MAX_FROM]){x, NULL, NULL});
    for (size_t i = 0; y && i < avqa_node_height(x); i++)
        avqa_row_softmax(y->value + i * width, x->value + i * width, width);
    return y;
}
