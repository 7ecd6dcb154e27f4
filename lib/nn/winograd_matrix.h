/* The matrices of Winograd's convolutions in one direction: `side` results of a filter
 * of some taps, made of side + taps - 1 inputs around them. They follow from points
 * (Toom and Cook): G and A take polynomials to their values there, B' goes the way
 * back, and the last point lies at infinity. Ours come in pairs, a and -a, which halves
 * the work of A and B, and with 0 if their number is odd: places are 0, a, -a, b, -b,
 * ..., infinity. */
#ifndef AVQA_NN_WINOGRAD_MATRIX_H
#define AVQA_NN_WINOGRAD_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

enum {
    AVQA_WINOGRAD_MAX_SIDE = 7,
    AVQA_WINOGRAD_MAX_TAPS = 4,
    AVQA_WINOGRAD_MIN_AROUND = 6,
    AVQA_WINOGRAD_MAX_AROUND = 9,
    AVQA_WINOGRAD_MAX_PAIRS = 4,
    AVQA_WINOGRAD_FILTERS = 16, /* transformed at once */
};

struct avqa_winograd_matrix {
    size_t side, taps, around, n_pairs;
    bool has_zero;
    double filter[AVQA_WINOGRAD_MAX_AROUND][AVQA_WINOGRAD_MAX_TAPS]; /* G */
    float points[AVQA_WINOGRAD_MAX_PAIRS]; /* the positive ones */
    float powers[AVQA_WINOGRAD_MAX_PAIRS][AVQA_WINOGRAD_MAX_SIDE];  /* of them */
    float others[AVQA_WINOGRAD_MAX_PAIRS][AVQA_WINOGRAD_MAX_PAIRS]; /* see `all` */
    /* Coefficients of the product of (y - p^2) over the pairs, lowest first; `others`:
     * over all but one. */
    float all[AVQA_WINOGRAD_MAX_PAIRS + 1];
};

/* For a side of up to 7 with 6 to 9 inputs around it. */
void avqa_winograd_matrix_init(struct avqa_winograd_matrix *matrix, size_t side,
                               size_t taps);

/* G g H' of filters side by side, rounded once: g is [down->taps, across->taps,
 * AVQA_WINOGRAD_FILTERS], out [down->around, across->around, AVQA_WINOGRAD_FILTERS]. */
void avqa_winograd_filters(float *out, const struct avqa_winograd_matrix *down,
                           const struct avqa_winograd_matrix *across, const float *g);

#endif
