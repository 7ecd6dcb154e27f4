/* Winograd's convolution against plain loops in double: sides that are no multiple of a
 * tile, every kind of tile, groups that end anywhere, any number of threads. */
#include "numbers.h"

#include "nn/params.h"
#include "nn/onednn.h"
#include "nn/winograd.h"
#include "nn/winograd_tile.h"

/* Index of [n, c, y, x] in blocks of eight channels. */
static size_t place(const struct avqa_winograd_form *f, size_t n_channels, size_t n,
                    size_t c, size_t i)
{
    size_t area = f->height * f->width;
    return ((n * n_channels + c) / 8 * area + i) * 8 + c % 8;
}

static double define(const struct avqa_winograd_form *f, const float *from,
                     const float *weights, size_t n, size_t o, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < f->n_in * 9; k++) {
        size_t y = i / f->width + k / 3 % 3 - 1; /* -1 wraps and is outside */
        size_t x = i % f->width + k % 3 - 1;
        if (y < f->height && x < f->width)
            sum += (double)weights[o * f->n_in * 9 + k] *
                   (double)from[place(f, f->n_in, n, k / 9, y * f->width + x)];
    }
    return sum;
}

static bool met[AVQA_WINOGRAD_KINDS];

static void check(struct avqa_winograd_form f)
{
    struct avqa_winograd *w = NULL;
    struct avqa_winograd_tiling tiling;
    avqa_winograd_tiling_init(&tiling, &f);
    met[tiling.kind] = true;
    size_t area = f.height * f.width;
    size_t n_results = f.batch * f.n_out * area;
    float *from = numbers("from", f.batch * f.n_in * area);
    float *weights = numbers("weights", f.n_out * f.n_in * 9);
    float *bias = numbers("bias", f.n_out);
    float *before = numbers("before", n_results);
    float *to = numbers("before", n_results + 8); /* behind it nothing changes */
    avqa_params_units(to + n_results, 2, "behind", 0, 8);
    assert_ok(avqa_winograd_new(&w, &f, weights, bias));
    float *scratch = numbers("scratch", avqa_winograd_scratch_bytes(w) / sizeof(float));
    avqa_winograd_run(w, from, to, scratch);
    double scale = sqrt((double)f.n_in * 9) / 3; /* of a sum of so many products */
    if (tiling.down.side == 7 && tiling.across.side == 7)
        scale *= 2.5; /* 7 x 7 loses more, see there */
    double squares = 0;
    for (size_t k = 0; k < n_results; k++) {
        size_t n = k / (f.n_out * area);
        size_t o = k / area % f.n_out;
        size_t at = place(&f, f.n_out, n, o, k % area);
        double want = define(&f, from, weights, n, o, k % area) + (double)bias[o] +
                      (f.adds ? (double)before[at] : 0);
        assert_close((double)to[at], f.relu && want < 0 ? 0 : want, 3e-5 * scale);
        double off = (double)to[at] - (f.relu && want < 0 ? 0 : want);
        squares += off * off;
    }
    assert_true(sqrt(squares / (double)n_results) < 3e-6 * scale);
    avqa_params_units(before, 2, "behind", 0, 8);
    assert_memory_equal(to + n_results, before, 8 * sizeof *to);
    avqa_winograd_free(w);
    free(from);
    free(weights);
    free(bias);
    free(before);
    free(to);
    free(scratch);
}

static void test_definition(void **state)
{
    (void)state;
    check((struct avqa_winograd_form){1, 8, 16, 4, 4, false, false, 1});
    check((struct avqa_winograd_form){1, 8, 16, 1, 1, false, false, 1});
    check((struct avqa_winograd_form){2, 16, 32, 7, 5, true, true, 1});
    check((struct avqa_winograd_form){3, 24, 16, 14, 14, false, true, 2});
    check((struct avqa_winograd_form){2, 8, 48, 9, 30, true, false, 3});
    check((struct avqa_winograd_form){1, 256, 16, 6, 8, false, false, 1});
    check((struct avqa_winograd_form){9, 8, 16, 8, 12, true, true, 5});
    check((struct avqa_winograd_form){1, 128, 16, 14, 9, true, false, 1});
    check((struct avqa_winograd_form){2, 72, 16, 7, 4, false, true, 2});
    check((struct avqa_winograd_form){1, 256, 32, 14, 14, true, true, 1});
    check((struct avqa_winograd_form){2, 264, 16, 13, 7, false, false, 2});
    check((struct avqa_winograd_form){2, 64, 64, 10, 10, false, false, 1});
    check((struct avqa_winograd_form){3, 40, 48, 12, 8, true, true, 1});
    for (size_t i = 0; i < AVQA_WINOGRAD_KINDS; i++)
        assert_true(met[i]);
}

/* The same bits for any number of threads. */
static void test_threads(void **state)
{
    (void)state;
    struct avqa_winograd_form f = {5, 16, 32, 13, 11, false, true, 1};
    size_t n_results = f.batch * f.n_out * f.height * f.width;
    float *from = numbers("from", f.batch * f.n_in * f.height * f.width);
    float *weights = numbers("weights", f.n_out * f.n_in * 9);
    float *bias = numbers("bias", f.n_out);
    float *first = numbers("first", n_results);
    for (f.n_threads = 1; f.n_threads <= 4; f.n_threads++) {
        struct avqa_winograd *w = NULL;
        float *to = numbers("to", n_results);
        assert_ok(avqa_winograd_new(&w, &f, weights, bias));
        float *scratch =
            numbers("scratch", avqa_winograd_scratch_bytes(w) / sizeof(float));
        avqa_winograd_run(w, from, f.n_threads == 1 ? first : to, scratch);
        if (f.n_threads > 1)
            assert_memory_equal(to, first, n_results * sizeof *to);
        avqa_winograd_free(w);
        free(scratch);
        free(to);
    }
    free(from);
    free(weights);
    free(bias);
    free(first);
}

/* A filter with one column that is not 0 is G of that column, times G's first. */
static void test_matrices(void **state)
{
    (void)state;
    static const float g[9] = {1, 0, 0, 2, 0, 0, 3, 0, 0};
    for (size_t side = 4; side <= AVQA_WINOGRAD_MAX_SIDE; side++) {
        struct avqa_winograd_matrix m;
        double out[AVQA_WINOGRAD_MAX_AROUND * AVQA_WINOGRAD_MAX_AROUND];
        avqa_winograd_matrix_init(&m, side);
        assert_int_equal(m.around, side + 2);
        assert_int_equal(2 * m.n_pairs + m.has_zero + 1, m.around);
        avqa_winograd_filter(out, &m, &m, g);
        for (size_t i = 0; i < m.around;
             i++) { /* along the first column: of G (1, 2, 3) */
            double want = m.filter[i][0] + 2 * m.filter[i][1] + 3 * m.filter[i][2];
            assert_close(out[i * m.around], want * m.filter[0][0], 1e-12);
        }
    }
}

static void test_fits(void **state)
{
    (void)state;
    assert_true(avqa_winograd_fits(8, 16));
    assert_false(avqa_winograd_fits(3, 64));
    assert_false(avqa_winograd_fits(64, 8));
    assert_false(avqa_winograd_fits(0, 16));
    avqa_winograd_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_matrices), cmocka_unit_test(test_fits)};
    if (avqa_dnn_cpu() < AVQA_DNN_AVX2) {
        puts("skipped: this processor has no AVX2");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
