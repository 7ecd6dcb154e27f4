/* See winograd_matrix.h. How much of an error in the products is seen in the results
 * depends on the points alone: with entries of inputs and filters all alike, its square
 * is the sum over places of A^2 |G|^2 |B|^2. Of points whose matrices A and B are exact
 * in 24 bits, these make that smallest (found by trying all with small denominators): a
 * side of 4 multiplies errors by 4.8, where 1 and 2, as papers have them, do by 10.8.
 */
#include "nn/winograd_matrix.h"

#include <assert.h>
#include <string.h>

enum {
    MAX_SIDE = AVQA_WINOGRAD_MAX_SIDE,
    MAX_AROUND = AVQA_WINOGRAD_MAX_AROUND,
    MAX_PAIRS = AVQA_WINOGRAD_MAX_PAIRS,
};

/* By side. */
static const double points[MAX_SIDE + 1][MAX_PAIRS] = {
    [4] = {5.0 / 8, 3.0 / 2},
    [5] = {1.0 / 4, 7.0 / 8, 7.0 / 4},
    [6] = {1.0 / 2, 1.0, 2.0},
    [7] = {1.0 / 4, 11.0 / 16, 9.0 / 8, 9.0 / 4},
};

/* Coefficients of the product of (y - p^2) over the pairs but one, lowest first. */
static void multiply_pairs(float *out, const double *pairs, size_t n_pairs,
                           size_t without)
{
    double product[MAX_PAIRS + 1] = {1};
    size_t n = 1;
    for (size_t s = 0; s < n_pairs; s++) {
        double square = pairs[s] * pairs[s];
        if (s == without)
            continue;
        for (size_t k = n++; k > 0; k--)
            product[k] = product[k - 1] - square * product[k];
        product[0] *= -square;
    }
    for (size_t k = 0; k < n; k++)
        out[k] = (float)product[k];
}

static void make_filter(struct avqa_winograd_matrix *m, const double *pairs)
{
    double at[MAX_AROUND] = {0};
    const size_t last = m->around - 1;
    size_t n = m->has_zero;
    for (size_t s = 0; s < m->n_pairs; s++) {
        at[n++] = pairs[s];
        at[n++] = -pairs[s];
    }
    for (size_t i = 0; i < last; i++) {
        double scale = 1;
        for (size_t k = 0; k < last; k++)
            scale *= k == i ? 1 : at[i] - at[k];
        m->filter[i][0] = 1 / scale;
        m->filter[i][1] = at[i] / scale;
        m->filter[i][2] = at[i] * at[i] / scale;
    }
    m->filter[last][2] = 1;
}

void avqa_winograd_matrix_init(struct avqa_winograd_matrix *matrix, size_t side)
{
    struct avqa_winograd_matrix *m = matrix;
    assert(side >= 4 && side <= MAX_SIDE);
    const double *pairs = points[side];
    *m = (struct avqa_winograd_matrix){.side = side,
                                       .around = side + 2,
                                       .n_pairs = (side + 1) / 2,
                                       .has_zero = side % 2 == 0};
    make_filter(m, pairs);
    multiply_pairs(m->all, pairs, m->n_pairs, m->n_pairs);
    for (size_t s = 0; s < m->n_pairs; s++) {
        double power = 1;
        m->points[s] = (float)pairs[s];
        multiply_pairs(m->others[s], pairs, m->n_pairs, s);
        for (size_t k = 0; k < side; k++, power *= pairs[s])
            m->powers[s][k] = (float)power;
    }
}

void avqa_winograd_filter(double *out, const struct avqa_winograd_matrix *down,
                          const struct avqa_winograd_matrix *across, const float g[9])
{
    for (size_t i = 0; i < down->around; i++) {
        const double *to = down->filter[i];
        double row[3];
        for (size_t k = 0; k < 3; k++)
            row[k] = to[0] * (double)g[k] + to[1] * (double)g[3 + k] +
                     to[2] * (double)g[6 + k];
        for (size_t j = 0; j < across->around; j++, out++)
            *out = row[0] * across->filter[j][0] + row[1] * across->filter[j][1] +
                   row[2] * across->filter[j][2];
    }
}
