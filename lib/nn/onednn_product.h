/* One product of a convolution (convolve.h) of a fixed size by one thread, through
 * oneDNN: x and y in plain layouts, weights in the layout that oneDNN chose for them.
 * It is planned for the number of OpenMP's threads when it is made, which must be 1
 * (convolve.c sees to it), and may be run by several threads at once. */
#ifndef AVQA_NN_ONEDNN_PRODUCT_H
#define AVQA_NN_ONEDNN_PRODUCT_H

#include "nn/convolve.h"

#include <stddef.h>

enum avqa_product_kind {
    AVQA_PRODUCT_FORWARD,    /* y = x * w */
    AVQA_PRODUCT_TO_INPUT,   /* x += y * w */
    AVQA_PRODUCT_TO_WEIGHTS, /* w = x * y */
};

struct avqa_product;

/* Between two rows of y lie `y_row` numbers: the channels may be some of more. */
AVQA_CHECK enum avqa_status avqa_product_new(struct avqa_product **out,
                                             enum avqa_product_kind kind,
                                             const struct avqa_convolution *c,
                                             size_t y_row);
void avqa_product_free(struct avqa_product *product); /* NULL is legal */

/* Bytes of the weights in their layout, and of the room that a run needs, multiples of
 * 64; the memory is aligned to that. */
size_t avqa_product_weights_bytes(const struct avqa_product *product);
size_t avqa_product_room_bytes(const struct avqa_product *product);

AVQA_CHECK enum avqa_status avqa_product_run(const struct avqa_product *product,
                                             float *x, float *packed, float *y,
                                             char *room);
/* Weights into their layout, before a run that reads them; or what a run made of them
 * out of it, added to `w`. */
AVQA_CHECK enum avqa_status avqa_product_move(const struct avqa_product *product,
                                              float *w, float *packed);

#endif
