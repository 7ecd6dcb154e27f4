/* The matrices of Winograd's convolutions in one direction: `side` results of a filter
 * of three, made of side + 2 inputs. They follow from points (Toom and Cook): G and A
 * take polynomials to their values there, B' goes the way back, and the last point lies
 * at infinity. Ours come in pairs, a and -a, which halves the work of A and B, and with
 * 0 if their number is even: places are 0, a, -a, b, -b, ..., infinity. */
#ifndef AVQA_NN_WINOGRAD_MATRIX_H
#define AVQA_NN_WINOGRAD_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

enum {
    AVQA_WINOGRAD_MAX_SIDE = 7,
    AVQA_WINOGRAD_MAX_AROUND = AVQA_WINOGRAD_MAX_SIDE + 2,
    AVQA_WINOGRAD_MAX_PAIRS = 4,
};

struct avqa_winograd_matrix {
    size_t side, around, n_pairs;
    bool has_zero;
    double filter[AVQA_WINOGRAD_MAX_AROUND][3]; /* G */
    float points[AVQA_WINOGRAD_MAX_PAIRS];      /* the positive ones */
    float powers[AVQA_WINOGRAD_MAX_PAIRS][AVQA_WINOGRAD_MAX_SIDE];  /* of them */
    float others[AVQA_WINOGRAD_MAX_PAIRS][AVQA_WINOGRAD_MAX_PAIRS]; /* see `all` */
    /* Coefficients of the product of (y - p^2) over the pairs, lowest first; `others`:
     * over all but one. */
    float all[AVQA_WINOGRAD_MAX_PAIRS + 1];
};

/* For a side of 4 to 7. */
void avqa_winograd_matrix_init(struct avqa_winograd_matrix *matrix, size_t side);

/* G g H' of one 3 x 3 filter, [down->around, across->around]. */
void avqa_winograd_filter(double *out, const struct avqa_winograd_matrix *down,
                          const struct avqa_winograd_matrix *across, const float g[9]);

#endif
