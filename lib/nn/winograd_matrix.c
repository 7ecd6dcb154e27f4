/* See winograd_matrix.h. How much of an error in the products is seen in the results
 * depends on the points alone: with entries of inputs and filters all alike, its square
 * is the sum over places of A^2 |G|^2 |B|^2. Of points whose matrices A and B are exact
 * in 24 bits, these make that smallest for three taps (found by trying all with small
 * denominators): a side of 4 multiplies errors by 4.8, where 1 and 2, as papers have
 * them, do by 10.8. But 2 instead of 9/4 for a side of 7: counted over layers of 512
 * channels, the mean is 4 % more with it, and the largest error 22 % less. This file is
 * compiled for AVX2, as winograd_tile.c is. */
#include "nn/winograd_matrix.h"

#include <assert.h>
#include <string.h>

enum {
    MAX_AROUND = AVQA_WINOGRAD_MAX_AROUND,
    MAX_PAIRS = AVQA_WINOGRAD_MAX_PAIRS,
    MAX_TAPS = AVQA_WINOGRAD_MAX_TAPS,
    FILTERS = AVQA_WINOGRAD_FILTERS,
    LANES = 4,
    N_LANES = FILTERS / LANES,
};

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* By the inputs around a tile. */
static const double points[MAX_AROUND + 1][MAX_PAIRS] = {
    [6] = {5.0 / 8, 3.0 / 2},
    [7] = {1.0 / 4, 7.0 / 8, 7.0 / 4},
    [8] = {1.0 / 2, 1.0, 2.0},
    [9] = {1.0 / 4, 11.0 / 16, 9.0 / 8, 2.0},
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
        for (size_t k = 1; k < m->taps; k++)
            m->filter[i][k] = m->filter[i][k - 1] * at[i];
    }
    m->filter[last][m->taps - 1] = 1;
}

void avqa_winograd_matrix_init(struct avqa_winograd_matrix *matrix, size_t side,
                               size_t taps)
{
    struct avqa_winograd_matrix *m = matrix;
    const size_t around = side + taps - 1;
    assert(taps >= 2 && taps <= MAX_TAPS);
    assert(side >= 1 && side <= AVQA_WINOGRAD_MAX_SIDE);
    assert(around >= AVQA_WINOGRAD_MIN_AROUND && around <= MAX_AROUND);
    const double *pairs = points[around];
    *m = (struct avqa_winograd_matrix){.side = side,
                                       .taps = taps,
                                       .around = around,
                                       .n_pairs = (around - 1) / 2,
                                       .has_zero = around % 2 == 0};
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

/* `to` becomes the sum of `n` rows of filters, each times a factor. */
static inline void add_up(lanes *to, const lanes *rows, size_t apart,
                          const double *factors, size_t n)
{
    for (size_t v = 0; v < N_LANES; v++) {
        lanes sum = factors[0] * rows[v];
        for (size_t k = 1; k < n; k++)
            sum += factors[k] * rows[k * apart + v];
        to[v] = sum;
    }
}

void avqa_winograd_filters(float *out, const struct avqa_winograd_matrix *down,
                           const struct avqa_winograd_matrix *across, const float *g)
{
    const size_t apart = across->taps * N_LANES;
    lanes exact[MAX_TAPS * MAX_TAPS * N_LANES];
    lanes row[MAX_TAPS * N_LANES];
    lanes place[N_LANES];
    for (size_t i = 0; i < down->taps * apart * LANES; i++)
        exact[i / LANES][i % LANES] = (double)g[i];
    for (size_t i = 0; i < down->around; i++) {
        for (size_t k = 0; k < apart; k += N_LANES)
            add_up(row + k, exact + k, apart, down->filter[i], down->taps);
        for (size_t j = 0; j < across->around; j++) {
            add_up(place, row, N_LANES, across->filter[j], across->taps);
            for (size_t f = 0; f < FILTERS; f++)
                *out++ = (float)place[f / LANES][f % LANES];
        }
    }
}
