/* See tape.h. */
#include "nn/tape.h"
#include "base/mem.h"
#include "nn/weights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, BLOCK = 16 << 20 };

struct avqa_tape_block {
    struct avqa_tape_block *next;
    size_t size, used;
    char *bytes;
};

/* ---- memory ---------------------------------------------------------------------- */

void avqa_tape_release(struct avqa_tape *tape)
{
    while (tape->blocks) {
        struct avqa_tape_block *next = tape->blocks->next;
        free(tape->blocks->bytes);
        free(tape->blocks);
        tape->blocks = next;
    }
    avqa_arena_release(&tape->nodes);
    free(tape->room);
    memset(tape, 0, sizeof *tape);
}

void avqa_tape_reset(struct avqa_tape *tape)
{
    for (struct avqa_tape_block *b = tape->blocks; b; b = b->next)
        b->used = 0;
    tape->block = tape->blocks;
    avqa_arena_reset(&tape->nodes);
    tape->last = NULL;
    tape->status = AVQA_OK;
    tape->n_dropped = 0;
}

size_t avqa_tape_bytes(const struct avqa_tape *tape)
{
    size_t sum = tape->n_room * sizeof *tape->room;
    for (const struct avqa_tape_block *b = tape->blocks; b; b = b->next)
        sum += b->size;
    return sum;
}

/* A block with room for `bytes` behind the last one. */
static struct avqa_tape_block *add_block(struct avqa_tape *tape, size_t bytes)
{
    struct avqa_tape_block *made = avqa_mem_new(sizeof *made);
    made->size = bytes > BLOCK ? bytes : BLOCK;
    made->bytes = aligned_alloc(ALIGNMENT, made->size);
    if (!made->bytes) {
        free(made);
        avqa_tape_fail(
            tape, avqa_fail(AVQA_ENOMEM, "no memory for %zu bytes of a step", bytes));
        return NULL;
    }
    struct avqa_tape_block **end = &tape->blocks;
    while (*end)
        end = &(*end)->next;
    return *end = made;
}

void *avqa_tape_array(struct avqa_tape *tape, size_t n, size_t size)
{
    size_t bytes;
    if (avqa_tape_failed(tape))
        return NULL;
    if (!avqa_mem_product(&bytes, n, size) || bytes > SIZE_MAX - ALIGNMENT) {
        avqa_tape_fail(tape, avqa_fail(AVQA_ENOMEM, "no memory for %zu numbers", n));
        return NULL;
    }
    bytes = avqa_mem_rounded(bytes, ALIGNMENT);
    while (tape->block && tape->block->size - tape->block->used < bytes)
        tape->block = tape->block->next;
    if (!tape->block)
        tape->block = add_block(tape, bytes);
    if (!tape->block)
        return NULL;
    void *p = tape->block->bytes + tape->block->used;
    tape->block->used += bytes;
    return p;
}

/* ---- failures -------------------------------------------------------------------- */

void avqa_tape_fail(struct avqa_tape *tape, enum avqa_status status)
{
    if (tape->status == AVQA_OK)
        tape->status = status;
}

bool avqa_tape_failed(const struct avqa_tape *tape)
{
    return tape->status != AVQA_OK;
}

enum avqa_status avqa_tape_status(const struct avqa_tape *tape)
{
    return tape->status;
}

size_t avqa_tape_threads(const struct avqa_tape *tape)
{
    return tape->n_threads ? tape->n_threads : 1;
}

/* Without it products are slower, so that there is none is no failure. */
static void need_room(struct avqa_tape *tape, size_t n)
{
    size_t bytes;
    if (n <= tape->n_room || !avqa_mem_product(&bytes, n, sizeof *tape->room))
        return;
    free(tape->room);
    tape->room = aligned_alloc(ALIGNMENT, (bytes / ALIGNMENT + 1) * ALIGNMENT);
    tape->n_room = tape->room ? n : 0;
}

void avqa_tape_gemm(struct avqa_tape *tape, struct avqa_matrix_out out,
                    struct avqa_matrix a, struct avqa_matrix b, const size_t mnk[3])
{
    if (avqa_tape_failed(tape))
        return;
    need_room(tape, avqa_gemm_room(a, b, mnk));
    struct avqa_gemm_means means = {avqa_tape_threads(tape), tape->room};
    avqa_tape_fail(tape, avqa_gemm(out, a, b, mnk, &means));
}

/* ---- nodes ----------------------------------------------------------------------- */

size_t avqa_node_width(const struct avqa_node *node)
{
    return node->rank ? node->shape[node->rank - 1] : 1;
}

size_t avqa_node_height(const struct avqa_node *node)
{
    size_t width = avqa_node_width(node);
    return width ? node->n / width : 0;
}

/* A node without memory. */
static struct avqa_node *bare_node(struct avqa_tape *tape, size_t rank,
                                   const size_t *shape)
{
    if (avqa_tape_failed(tape))
        return NULL;
    assert(rank <= AVQA_NODE_MAX_RANK);
    struct avqa_node *node = avqa_arena_alloc(&tape->nodes, sizeof *node);
    node->rank = rank;
    node->n = 1;
    for (size_t i = 0; i < rank; i++) {
        node->shape[i] = shape[i];
        if (!avqa_mem_product(&node->n, node->n, shape[i])) {
            avqa_tape_fail(tape, avqa_fail(AVQA_ENOMEM, "a node is too large"));
            return NULL;
        }
    }
    node->before = tape->last;
    return tape->last = node;
}

struct avqa_node *avqa_tape_node(struct avqa_tape *tape, size_t rank,
                                 const size_t *shape, avqa_backward_fn *backward,
                                 struct avqa_node *const from[AVQA_NODE_MAX_FROM])
{
    struct avqa_node *node = bare_node(tape, rank, shape);
    if (!node)
        return NULL;
    for (size_t i = 0; i < AVQA_NODE_MAX_FROM && from[i]; i++) {
        node->from[i] = from[i];
        node->wants_grad |= from[i]->wants_grad;
    }
    node->backward = node->wants_grad ? backward : NULL;
    node->value = avqa_tape_array(tape, node->n, sizeof *node->value);
    return node->value ? node : NULL;
}

struct avqa_node *avqa_input(struct avqa_tape *tape, size_t rank, const size_t *shape,
                             const avqa_real *value)
{
    struct avqa_node *node = bare_node(tape, rank, shape);
    if (node) /* nothing writes into the value of a node that was made already */
        node->value = (avqa_real *)(uintptr_t)value;
    return node;
}

struct avqa_node *avqa_of_weight(struct avqa_tape *tape, struct avqa_weight *weight)
{
    struct avqa_node *node = bare_node(tape, weight->rank, weight->shape);
    if (!node)
        return NULL;
    node->value = weight->value;
    node->grad = weight->grad;
    node->wants_grad = true;
    return node;
}

static struct avqa_node *window(struct avqa_node *x, struct avqa_node *made, size_t at)
{
    if (!made)
        return NULL;
    assert(at + made->n <= x->n);
    made->value = x->value + at;
    made->wants_grad = x->wants_grad;
    made->window_on = x;
    made->window_at = at;
    return made;
}

struct avqa_node *avqa_reshape(struct avqa_tape *tape, struct avqa_node *x, size_t rank,
                               const size_t *shape)
{
    return window(x, bare_node(tape, rank, shape), 0);
}

struct avqa_node *avqa_rows(struct avqa_tape *tape, struct avqa_node *x, size_t from,
                            size_t to)
{
    size_t shape[AVQA_NODE_MAX_RANK];
    if (avqa_tape_failed(tape))
        return NULL;
    assert(x->rank > 0 && from <= to && to <= x->shape[0]);
    memcpy(shape, x->shape, sizeof shape);
    shape[0] = to - from;
    size_t stride = x->shape[0] ? x->n / x->shape[0] : 0;
    return window(x, bare_node(tape, x->rank, shape), from * stride);
}

avqa_real *avqa_tape_grad(struct avqa_tape *tape, struct avqa_node *node)
{
    if (!node->wants_grad || avqa_tape_failed(tape))
        return NULL;
    if (node->window_on) {
        avqa_real *grad = avqa_tape_grad(tape, node->window_on);
        return grad ? grad + node->window_at : NULL;
    }
    if (!node->grad) {
        node->grad = avqa_tape_array(tape, node->n, sizeof *node->grad);
        if (node->grad)
            memset(node->grad, 0, node->n * sizeof *node->grad);
    }
    return node->grad;
}

enum avqa_status avqa_tape_backward(struct avqa_tape *tape, struct avqa_node *loss)
{
    if (avqa_tape_failed(tape))
        return tape->status;
    assert(loss->n == 1);
    avqa_real *grad = avqa_tape_grad(tape, loss);
    if (grad)
        *grad = 1;
    for (struct avqa_node *node = tape->last; node; node = node->before)
        if (node->backward && node->grad && !avqa_tape_failed(tape))
            node->backward(tape, node);
    return tape->status;
}
