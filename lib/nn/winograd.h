/* Convolutions with a half to a fifth of the multiplications: Winograd's as Lavin and
 * Gray (2016) use them, with tiles that fit the picture. Of our own, because oneDNN has
 * it for AVX-512 alone, and no more from 3.2 on; here it is for AVX2.
 *
 * One of stride 2 is made of even and odd rows and columns: a sum of four of stride 1
 * over pictures half as high and wide, with filters of every second tap.
 *
 * Channels lie in blocks of eight: [n, c / 8, h, w, 8], which is what oneDNN chooses
 * for its own layers on AVX2, so that they follow one another without a copy; but fewer
 * than eight that a network begins with lie plane by plane: [n, c, h, w]. A result does
 * not depend on the number of threads or on what else is in the batch. */
#ifndef AVQA_NN_WINOGRAD_H
#define AVQA_NN_WINOGRAD_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { AVQA_WINOGRAD_BLOCK = 8 };

struct avqa_winograd_form {
    size_t batch, n_in, n_out;
    size_t height, width;  /* of inputs; of results, divided by the stride */
    size_t kernel, stride; /* with kernel / 2 zeros around */
    bool adds;             /* to what is in `to`, before relu */
    bool relu;
    size_t n_threads;
};

/* Whether there are tiles for it: a kernel of 3 with stride 1 or 2, or 7 with stride 2
 * over a few planes; channels in multiples of what is computed at once. */
bool avqa_winograd_fits(const struct avqa_winograd_form *form);
/* Whether it fits, and takes fewer products than without: small pictures leave most of
 * a tile unused. */
bool avqa_winograd_saves(const struct avqa_winograd_form *form);

/* Immutable after it is made: any threads may run it at once. */
struct avqa_winograd;
/* `weights` are [n_out, n_in, kernel, kernel], `bias` [n_out]; transformed here, not
 * kept. */
AVQA_CHECK enum avqa_status avqa_winograd_new(struct avqa_winograd **out,
                                              const struct avqa_winograd_form *form,
                                              const float *weights, const float *bias);
void avqa_winograd_free(struct avqa_winograd *winograd); /* NULL is legal */

size_t avqa_winograd_scratch_bytes(const struct avqa_winograd *winograd);

/* All 64-byte aligned, but for planes. */
void avqa_winograd_run(const struct avqa_winograd *winograd, const float *from,
                       float *to, float *scratch);

#endif
