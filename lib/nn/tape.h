/* What a step of training remembers: every operation that ran, in order, with its
 * result and the way back. Going over it from the end gives the gradients
 * (reverse-mode differentiation; Griewank and Walther, 2008, chapter 3).
 *
 * An operation takes nodes and gives a node; a model is a function that calls
 * operations and reads like its paper. The first failure is kept and later operations
 * do nothing and give NULL, so only the end is asked (avqa_tape_status). Memory comes
 * from blocks that are kept from step to step. */
#ifndef AVQA_NN_TAPE_H
#define AVQA_NN_TAPE_H

#include "base/arena.h"
#include "base/status.h"
#include "nn/gemm.h"
#include "nn/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_NODE_MAX_RANK = 4, AVQA_NODE_MAX_FROM = 4 };

struct avqa_tape;
struct avqa_node;
struct avqa_weight;
struct avqa_tape_block;

/* Adds to the gradients of what a node was made from. The node's own gradient is
 * complete and may be overwritten. */
typedef void avqa_backward_fn(struct avqa_tape *tape, struct avqa_node *node);

struct avqa_node {
    size_t rank;
    size_t shape[AVQA_NODE_MAX_RANK];
    size_t n; /* numbers */
    avqa_real *value;
    avqa_real *grad; /* NULL until something flows back */
    bool wants_grad;
    size_t n_still; /* so many first columns want none; who does not care may add it */
    avqa_backward_fn *backward;
    struct avqa_node *from[AVQA_NODE_MAX_FROM];
    struct avqa_node *window_on; /* shares memory with it, ... */
    size_t window_at;            /* ... from this number on */
    void *saved;                 /* what the operation keeps for its way back */
    struct avqa_node *before;    /* on the tape */
};

/* Zero is valid, with one thread and no dropout. */
struct avqa_tape {
    struct avqa_arena nodes;
    struct avqa_tape_block *blocks, *block; /* all of them; the one in use */
    struct avqa_node *last;
    enum avqa_status status;
    size_t n_threads;   /* 0 is 1 */
    bool training;      /* dropout drops */
    uint64_t seed;      /* of this step's random numbers */
    uint64_t n_dropped; /* dropouts of this step so far */
    avqa_real *room;    /* of products, n_room numbers; stays over steps */
    size_t n_room;
    size_t n_items;    /* of several ranks that share a step: how many items, the */
    size_t first_item; /* first dimension of all nodes that drop, are here, and how
                          many are before them. Else 0 */
};

void avqa_tape_release(struct avqa_tape *tape);
/* Forgets the nodes, keeps the memory. For the next step. */
void avqa_tape_reset(struct avqa_tape *tape);
/* The first failure since the reset; its message is that of the thread. */
AVQA_CHECK enum avqa_status avqa_tape_status(const struct avqa_tape *tape);
/* Bytes taken from the system. */
size_t avqa_tape_bytes(const struct avqa_tape *tape);

/* ---- what operations begin with -------------------------------------------------- */

/* Somebody else's numbers, which must outlive the step; no gradient goes into them. */
struct avqa_node *avqa_input(struct avqa_tape *tape, size_t rank, const size_t *shape,
                             const avqa_real *value);
/* The parameter itself: gradients are added to its own. */
struct avqa_node *avqa_of_weight(struct avqa_tape *tape, struct avqa_weight *weight);
/* The same numbers with another shape. */
struct avqa_node *avqa_reshape(struct avqa_tape *tape, struct avqa_node *x, size_t rank,
                               const size_t *shape);
/* Rows from <= i < to of the first dimension, without a copy. */
struct avqa_node *avqa_rows(struct avqa_tape *tape, struct avqa_node *x, size_t from,
                            size_t to);

/* Runs back from a node of one number, whose gradient becomes 1. */
AVQA_CHECK enum avqa_status avqa_tape_backward(struct avqa_tape *tape,
                                               struct avqa_node *loss);

/* ---- for those who write operations ---------------------------------------------- */

/* A node with memory for its value, made from up to AVQA_NODE_MAX_FROM others (unused
 * ones NULL). NULL if the tape has failed. */
struct avqa_node *avqa_tape_node(struct avqa_tape *tape, size_t rank,
                                 const size_t *shape, avqa_backward_fn *backward,
                                 struct avqa_node *const from[AVQA_NODE_MAX_FROM]);
/* `n` elements of `size` bytes, 64-byte aligned, not zeroed, for the rest of the step;
 * NULL, and the tape has failed, if there are none. */
void *avqa_tape_array(struct avqa_tape *tape, size_t n, size_t size);
/* Where a node's gradient is added to, zero at first; NULL if it wants none. */
avqa_real *avqa_tape_grad(struct avqa_tape *tape, struct avqa_node *node);
/* Keeps the first failure. */
void avqa_tape_fail(struct avqa_tape *tape, enum avqa_status status);
bool avqa_tape_failed(const struct avqa_tape *tape);
size_t avqa_tape_threads(const struct avqa_tape *tape);
/* avqa_gemm with the tape's threads and its failure. */
void avqa_tape_gemm(struct avqa_tape *tape, struct avqa_matrix_out out,
                    struct avqa_matrix a, struct avqa_matrix b, const size_t mnk[3]);
/* The last dimension, and how many rows of it there are. */
size_t avqa_node_width(const struct avqa_node *node);
size_t avqa_node_height(const struct avqa_node *node);

#endif
