/* Products of matrices whose rows and columns lie as they are multiplied: rows in lines
 * of the cache, [c / 16, row, 16], and what they are multiplied with in panels,
 * [column / 16, c, 16]. What is multiplied at once is in one piece, where long rows
 * would meet in few of the cache's sets. Each panel is read from memory once for all
 * rows. A row's result does not depend on the other rows. */
#ifndef AVQA_NN_PANELS_H
#define AVQA_NN_PANELS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    AVQA_PANELS_LINE = 16, /* numbers of a row side by side, and columns of a panel */
    AVQA_PANELS_ROWS = 6,  /* rows multiplied at once */
};

struct avqa_panels {
    size_t n_in, n_out; /* n_out: of panels, a multiple of 16 */
    size_t n_rows;
    size_t room; /* rows that there are lines for; n_rows rounded up to 6, or more */
};

/* `out` [n_out / 16, room, 16] becomes `in` [n_in / 16, room, 16] by `panels`. Rows
 * behind the last one up to a multiple of 6 are read and written, too. 64-byte
 * aligned. */
void avqa_panels_multiply(float *out, const float *in, const float *panels,
                          const struct avqa_panels *form);

/* A linear layer of that: rows [n_rows, n_in] become [n_rows, n_out]. */
struct avqa_dense;

struct avqa_dense_form {
    size_t n_rows, n_in, n_out; /* each at least 1; n_out a multiple of 16 */
    /* [n_out, n_in], on a line of the cache, from malloc: the layer's from then on,
     * also where it fails, and its panels lie in it. */
    float *weights;
    const float *bias; /* [n_out]; copied */
    /* Not 0: the weights are for inputs [n_in / channels, channels], but inputs come as
     * [channels, n_in / channels]. */
    size_t channels;
    bool relu;
    size_t n_threads;
};

/* Immutable after it is made: any threads may run it at once. */
AVQA_CHECK enum avqa_status avqa_dense_new(struct avqa_dense **out,
                                           const struct avqa_dense_form *form);
void avqa_dense_free(struct avqa_dense *dense); /* NULL is legal */

size_t avqa_dense_scratch_bytes(const struct avqa_dense *dense);

/* `scratch` 64-byte aligned. */
void avqa_dense_run(const struct avqa_dense *dense, const float *from, float *to,
                    float *scratch);

#endif
