/* 3 x 3 convolutions of stride 1 with a quarter of the multiplications or less:
 * Winograd's as Lavin and Gray (2016) use them, with tiles that fit the picture. Of our
 * own, because oneDNN has it for AVX-512 alone, and no more from 3.2 on; here it is for
 * AVX2.
 *
 * Channels lie in blocks of eight: [n, c / 8, h, w, 8], which is what oneDNN chooses
 * for its own layers on AVX2, so that they follow one another without a copy. A result
 * does not depend on the number of threads or on what else is in the batch. */
#ifndef AVQA_NN_WINOGRAD_H
#define AVQA_NN_WINOGRAD_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_WINOGRAD_BLOCK = 8 };

struct avqa_winograd_form {
    size_t batch, n_in, n_out, height, width; /* zeros around: the sides stay */
    bool adds;                                /* to what is in `to`, before relu */
    bool relu;
    size_t n_threads;
};

/* Whether numbers of channels are multiples of what is computed at once. */
bool avqa_winograd_fits(size_t n_in, size_t n_out);

/* Immutable after it is made: any threads may run it at once. */
struct avqa_winograd;
/* `weights` are [n_out, n_in, 3, 3], `bias` [n_out]; transformed here, not kept. */
AVQA_CHECK enum avqa_status avqa_winograd_new(struct avqa_winograd **out,
                                              const struct avqa_winograd_form *form,
                                              const float *weights, const float *bias);
void avqa_winograd_free(struct avqa_winograd *winograd); /* NULL is legal */

size_t avqa_winograd_scratch_bytes(const struct avqa_winograd *winograd);

/* All three 64-byte aligned. */
void avqa_winograd_run(const struct avqa_winograd *winograd, const float *from,
                       float *to, float *scratch);

#endif
