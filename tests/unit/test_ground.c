/* Spatial grounding in one operation, in float and from packed maps, against its
 * formulas in plain loops with double, at every width of this processor; the same bits
 * for 1, 2 and 3 threads, and from AVX2 on for all widths. */
#include "check.h"

#include "base/rng.h"
#include "nn/ground.h"
#include "base/half.h"
#include "nn/linear.h"
#include "nn/weights.h"
#include "nn/map.h"

enum { C = 52, P = 49, ROWS = 3, MAPS = 6, SIZE = C * P };

struct scene {
    uint16_t dense[MAPS][SIZE], sparse[MAPS][SIZE];
    uint8_t mask[MAPS][SIZE / 8 + 1];
    float real[MAPS][SIZE];
    struct avqa_map maps[3][MAPS]; /* by kind */
    float f[ROWS][C], by[MAPS * 2 * C];
};

static float around_zero(struct avqa_rng *rng)
{
    return (float)(2 * avqa_rng_unit(rng) - 1);
}

static void make_scene(struct scene *s)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 3, "scene");
    memset(s, 0, sizeof *s);
    for (size_t m = 0; m < MAPS; m++) {
        size_t n = 0;
        for (size_t i = 0; i < SIZE; i++) {
            float x = around_zero(&rng) - 0.2F;
            if (m == 4 && i % P == 7) /* a place where nothing is */
                x = 0;
            uint16_t half = avqa_half_from_float(x > 0 ? x : 0);
            s->dense[m][i] = half;
            s->real[m][i] = avqa_half_to_float(half);
            if (!half)
                continue;
            s->mask[m][i / 8] |= (uint8_t)(1U << i % 8);
            s->sparse[m][n++] = half;
        }
        s->maps[0][m] = (struct avqa_map){AVQA_MAP_REAL, s->real[m], NULL, SIZE};
        s->maps[1][m] = (struct avqa_map){AVQA_MAP_F16, s->dense[m], NULL, SIZE};
        s->maps[2][m] =
            (struct avqa_map){AVQA_MAP_SPARSE16, s->sparse[m], s->mask[m], n};
    }
    for (size_t i = 0; i < (size_t)ROWS * C; i++)
        s->f[i / C][i % C] = around_zero(&rng);
    for (size_t i = 0; i < N_OF(s->by); i++)
        s->by[i] = around_zero(&rng);
}

/* ---- the formulas ---------------------------------------------------------------- */

static double length(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return fmax(sqrt(sum), 1e-12);
}

struct spot {
    double v[P][C]; /* normalised */
    double f[C], w[P], f_length;
};

static void look(struct spot *spot, const struct scene *s, size_t m)
{
    double sum = 0;
    double f[C];
    for (size_t c = 0; c < C; c++)
        f[c] = (double)s->f[m % ROWS][c];
    spot->f_length = length(f, C);
    for (size_t c = 0; c < C; c++)
        spot->f[c] = f[c] / spot->f_length;
    for (size_t p = 0; p < P; p++) {
        double v[C];
        double cosine = 0;
        for (size_t c = 0; c < C; c++)
            v[c] = (double)s->real[m][c * P + p];
        double of_v = length(v, C);
        for (size_t c = 0; c < C; c++) {
            spot->v[p][c] = v[c] / of_v;
            cosine += spot->v[p][c] * spot->f[c];
        }
        spot->w[p] = exp(cosine);
        sum += spot->w[p];
    }
    for (size_t p = 0; p < P; p++)
        spot->w[p] /= sum;
}

static void wanted_value(double y[2 * C], const struct scene *s, size_t m)
{
    struct spot spot;
    look(&spot, s, m);
    memset(y, 0, 2 * C * sizeof *y);
    for (size_t c = 0; c < C; c++)
        for (size_t p = 0; p < P; p++) {
            y[c] += (double)s->real[m][c * P + p] / P;
            y[C + c] += spot.w[p] * spot.v[p][c];
        }
}

/* df_k = sum_pc dl_c v_pc w_p sum_q (1[p = q] - w_q) dcos_q / df_k */
static void add_wanted_gradient(double df[C], const struct scene *s, size_t m)
{
    struct spot spot;
    double dw[P];
    double mean = 0;
    look(&spot, s, m);
    for (size_t p = 0; p < P; p++) {
        dw[p] = 0;
        for (size_t c = 0; c < C; c++)
            dw[p] += (double)s->by[m * 2 * C + C + c] * spot.v[p][c];
        mean += spot.w[p] * dw[p];
    }
    for (size_t p = 0; p < P; p++) {
        double ds = spot.w[p] * (dw[p] - mean);
        double cosine = 0;
        for (size_t c = 0; c < C; c++)
            cosine += spot.v[p][c] * spot.f[c];
        for (size_t c = 0; c < C; c++)
            df[c] += ds * (spot.v[p][c] - cosine * spot.f[c]) / spot.f_length;
    }
}

/* ---- the operation --------------------------------------------------------------- */

struct outcome {
    float y[MAPS * 2 * C], df[ROWS * C], w[MAPS * P];
};

static void run(struct outcome *out, struct scene *s, size_t kind, size_t n_threads,
                enum avqa_width width)
{
    struct avqa_tape tape = {.n_threads = n_threads};
    struct avqa_weights weights = {0};
    const float *places = NULL;
    static const struct avqa_weight_spec spec = {
        .name = "f", .rank = 2, .shape = {ROWS, C}};
    assert_ok(avqa_weights_add(&weights, &spec, 1, 1));
    memcpy(weights.items[0].value, s->f, sizeof s->f);
    struct avqa_ground options = {.maps = s->maps[kind],
                                  .n_maps = MAPS,
                                  .channels = C,
                                  .places = P,
                                  .weights = &places,
                                  .width = width};
    struct avqa_node *y =
        avqa_ground(&tape, avqa_of_weight(&tape, &weights.items[0]), &options);
    struct avqa_node *loss =
        avqa_linear(&tape, avqa_reshape(&tape, y, 2, (size_t[]){1, N_OF(s->by)}),
                    avqa_input(&tape, 2, (size_t[]){1, N_OF(s->by)}, s->by), NULL,
                    AVQA_NO_ACTIVATION);
    assert_ok(avqa_tape_backward(&tape, loss));
    memcpy(out->y, y->value, sizeof out->y);
    memcpy(out->w, places, sizeof out->w);
    memcpy(out->df, weights.items[0].grad, sizeof out->df);
    avqa_weights_release(&weights);
    avqa_tape_release(&tape);
}

static void check_outcome(const struct outcome *out, const struct scene *s)
{
    double df[ROWS][C] = {{0}};
    for (size_t m = 0; m < MAPS; m++) {
        double y[2 * C];
        double sum = 0;
        wanted_value(y, s, m);
        for (size_t c = 0; c < 2 * C; c++)
            assert_close((double)out->y[m * 2 * C + c], y[c], 1e-7 + 1e-6 * fabs(y[c]));
        for (size_t p = 0; p < P; p++)
            sum += (double)out->w[m * P + p];
        assert_close(sum, 1, 1e-6);
        add_wanted_gradient(df[m % ROWS], s, m);
    }
    for (size_t i = 0; i < (size_t)ROWS * C; i++)
        assert_close((double)out->df[i], df[i / C][i % C],
                     1e-7 + 1e-5 * fabs(df[i / C][i % C]));
}

static void test_against_formulas(void **state)
{
    (void)state;
    static struct scene s;
    static struct outcome first[AVQA_WIDTH_VBMI2 + 1];
    make_scene(&s);
    for (enum avqa_width width = AVQA_WIDTH_BEST; width <= avqa_width_best(); width++) {
        run(&first[width], &s, 0, 1, width);
        for (size_t kind = 0; kind < 3; kind++)
            for (size_t n_threads = 1; n_threads <= 3; n_threads++) {
                struct outcome out;
                run(&out, &s, kind, n_threads, width);
                check_outcome(&out, &s);
                assert_memory_equal(&out, &first[width], sizeof out);
            }
        if (width > AVQA_WIDTH_AVX2)
            assert_memory_equal(&first[width], &first[AVQA_WIDTH_AVX2], sizeof *first);
    }
    assert_memory_equal(&first[AVQA_WIDTH_BEST], &first[avqa_width_best()],
                        sizeof *first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_formulas)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
