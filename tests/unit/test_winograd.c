/* Winograd's convolution against plain loops in double: sides that are no multiple of a
 * tile, every kind of tile, groups that end anywhere, any number of threads. */
#include "numbers.h"

#include "nn/params.h"
#include "nn/onednn.h"
#include "nn/winograd.h"
#include "nn/winograd_tile.h"

/* Index of [n, c, i] in blocks of eight channels, or in planes if there are fewer. */
static size_t place(size_t n_channels, size_t area, size_t n, size_t c, size_t i)
{
    if (n_channels < 8)
        return (n * n_channels + c) * area + i;
    return ((n * n_channels + c) / 8 * area + i) * 8 + c % 8;
}

static size_t area_of_results(const struct avqa_winograd_form *f)
{
    return f->height / f->stride * (f->width / f->stride);
}

static double define(const struct avqa_winograd_form *f, const float *from,
                     const float *weights, size_t n, size_t o, size_t i)
{
    const size_t width = f->width / f->stride;
    const size_t per_channel = f->kernel * f->kernel;
    double sum = 0;
    for (size_t k = 0; k < f->n_in * per_channel; k++) { /* -1 wraps and is outside */
        size_t y = i / width * f->stride + k / f->kernel % f->kernel - f->kernel / 2;
        size_t x = i % width * f->stride + k % f->kernel - f->kernel / 2;
        if (y < f->height && x < f->width)
            sum += (double)weights[o * f->n_in * per_channel + k] *
                   (double)from[place(f->n_in, f->height * f->width, n, k / per_channel,
                                      y * f->width + x)];
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
    assert_true(avqa_winograd_fits(&f));
    size_t area = area_of_results(&f);
    size_t n_results = f.batch * f.n_out * area;
    size_t n_products = f.n_in * f.kernel * f.kernel;
    float *from = numbers("from", f.batch * f.n_in * f.height * f.width);
    float *weights = numbers("weights", f.n_out * n_products);
    float *bias = numbers("bias", f.n_out);
    float *before = numbers("before", n_results);
    float *to = numbers("before", n_results + 8); /* behind it nothing changes */
    avqa_params_units(to + n_results, 2, "behind", 0, 8);
    assert_ok(avqa_winograd_new(&w, &f, weights, bias));
    float *scratch = numbers("scratch", avqa_winograd_scratch_bytes(w) / sizeof(float));
    avqa_winograd_run(w, from, to, scratch);
    double scale = sqrt((double)n_products) / 3; /* of a sum of so many products */
    if (tiling.down.side == 7 && tiling.across.side == 7 && f.stride == 2)
        scale *= 2;
    else if (tiling.down.side == 7 && tiling.across.side == 7)
        scale *= 2.5; /* 7 x 7 loses more, see there */
    double squares = 0;
    for (size_t k = 0; k < n_results; k++) {
        size_t n = k / (f.n_out * area);
        size_t o = k / area % f.n_out;
        size_t at = place(f.n_out, area, n, o, k % area);
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
    check((struct avqa_winograd_form){1, 8, 16, 4, 4, 3, 1, false, false, 1});
    check((struct avqa_winograd_form){1, 8, 16, 1, 1, 3, 1, false, false, 1});
    check((struct avqa_winograd_form){2, 16, 32, 7, 5, 3, 1, true, true, 1});
    check((struct avqa_winograd_form){3, 24, 16, 14, 14, 3, 1, false, true, 2});
    check((struct avqa_winograd_form){2, 8, 48, 9, 30, 3, 1, true, false, 3});
    check((struct avqa_winograd_form){1, 256, 16, 6, 8, 3, 1, false, false, 1});
    check((struct avqa_winograd_form){9, 8, 16, 8, 12, 3, 1, true, true, 5});
    check((struct avqa_winograd_form){1, 128, 16, 14, 9, 3, 1, true, false, 1});
    check((struct avqa_winograd_form){2, 72, 16, 7, 4, 3, 1, false, true, 2});
    check((struct avqa_winograd_form){1, 256, 32, 14, 14, 3, 1, true, true, 1});
    check((struct avqa_winograd_form){2, 264, 16, 13, 7, 3, 1, false, false, 2});
    check((struct avqa_winograd_form){2, 64, 64, 10, 10, 3, 1, false, false, 1});
    check((struct avqa_winograd_form){3, 40, 48, 12, 8, 3, 1, true, true, 1});
    check((struct avqa_winograd_form){1, 8, 16, 2, 2, 3, 2, false, false, 1});
    check((struct avqa_winograd_form){2, 16, 32, 28, 28, 3, 2, false, true, 2});
    check((struct avqa_winograd_form){3, 24, 16, 18, 34, 3, 2, true, true, 1});
    check((struct avqa_winograd_form){1, 1, 16, 2, 4, 7, 2, false, false, 1});
    check((struct avqa_winograd_form){2, 3, 64, 32, 32, 7, 2, false, true, 1});
    check((struct avqa_winograd_form){5, 3, 32, 22, 38, 7, 2, true, true, 3});
    check((struct avqa_winograd_form){2, 7, 16, 10, 6, 7, 2, false, false, 2});
    for (size_t i = 0; i < AVQA_WINOGRAD_KINDS; i++)
        assert_true(met[i]);
}

/* Even and odd columns of the even rows, then of the odd ones; zeros behind. */
static void test_to_depth(void **state)
{
    (void)state;
    const struct avqa_winograd_form f = {1, 3, 16, 6, 4, 7, 2, false, false, 1};
    struct avqa_winograd_tiling tiling;
    avqa_winograd_tiling_init(&tiling, &f);
    float *planes = numbers("planes", f.n_in * f.height * f.width);
    float *deep = numbers("deep", avqa_winograd_depth(&tiling));
    avqa_winograd_to_depth(deep, planes, &tiling);
    for (size_t i = 0; i < avqa_winograd_depth(&tiling); i++) {
        size_t c = i / 48 * 8 + i % 8; /* 3 x 2 places of 8 channels are 48 */
        size_t y = i / 16 % 3 * 2 + c / 6;
        size_t x = i / 8 % 2 * 2 + c / 3 % 2;
        assert_close((double)deep[i],
                     c < 12 ? (double)planes[c % 3 * 24 + y * 4 + x] : 0, 0);
    }
    free(planes);
    free(deep);
}

/* The same bits for any number of threads. */
static void check_threads(struct avqa_winograd_form f)
{
    size_t n_results = f.batch * f.n_out * area_of_results(&f);
    float *from = numbers("from", f.batch * f.n_in * f.height * f.width);
    float *weights = numbers("weights", f.n_out * f.n_in * f.kernel * f.kernel);
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

static void test_threads(void **state)
{
    (void)state;
    check_threads((struct avqa_winograd_form){5, 16, 32, 13, 11, 3, 1, false, true, 1});
    check_threads((struct avqa_winograd_form){5, 3, 32, 26, 20, 7, 2, false, true, 1});
}

/* Filters with one column that is not 0 are G of that column, times G's first; each of
 * those side by side is another. */
static void check_matrix(size_t side, size_t taps)
{
    enum { FILTERS = AVQA_WINOGRAD_FILTERS, AROUND = AVQA_WINOGRAD_MAX_AROUND };
    float g[AVQA_WINOGRAD_MAX_TAPS * AVQA_WINOGRAD_MAX_TAPS * FILTERS] = {0};
    float out[AROUND * AROUND * FILTERS];
    struct avqa_winograd_matrix m;
    for (size_t k = 0; k < taps; k++) {
        for (size_t f = 0; f < FILTERS; f++)
            g[k * taps * FILTERS + f] = (float)(k * f + 1);
    }
    avqa_winograd_matrix_init(&m, side, taps);
    assert_int_equal(m.around, side + taps - 1);
    assert_int_equal(2 * m.n_pairs + m.has_zero + 1, m.around);
    avqa_winograd_filters(out, &m, &m, g);
    for (size_t i = 0; i < m.around * FILTERS; i++) { /* along the first column */
        double want = 0;
        for (size_t k = 0; k < taps; k++)
            want += (double)(k * (i % FILTERS) + 1) * m.filter[i / FILTERS][k];
        want *= m.filter[0][0];
        assert_close((double)out[i / FILTERS * m.around * FILTERS + i % FILTERS], want,
                     1e-7 * fabs(want));
    }
}

static void test_matrices(void **state)
{
    (void)state;
    for (size_t taps = 2; taps <= AVQA_WINOGRAD_MAX_TAPS; taps++) {
        for (size_t around = AVQA_WINOGRAD_MIN_AROUND;
             around <= AVQA_WINOGRAD_MAX_AROUND; around++)
            if (around - taps + 1 <= AVQA_WINOGRAD_MAX_SIDE)
                check_matrix(around - taps + 1, taps);
    }
}

static struct avqa_winograd_form form_of(size_t n_in, size_t n_out, size_t height,
                                         size_t width, size_t kernel, size_t stride)
{
    return (struct avqa_winograd_form){1,      n_in,   n_out, height, width,
                                       kernel, stride, false, false,  1};
}

static bool fits(size_t n_in, size_t n_out, size_t height, size_t width, size_t kernel,
                 size_t stride)
{
    const struct avqa_winograd_form f =
        form_of(n_in, n_out, height, width, kernel, stride);
    return avqa_winograd_fits(&f);
}

static void test_fits(void **state)
{
    (void)state;
    assert_true(fits(8, 16, 5, 5, 3, 1));
    assert_false(fits(3, 64, 5, 5, 3, 1));
    assert_false(fits(64, 8, 5, 5, 3, 1));
    assert_false(fits(0, 16, 5, 5, 3, 1));
    assert_true(fits(8, 16, 6, 6, 3, 2));
    assert_false(fits(8, 16, 6, 5, 3, 2)); /* of odd columns one too few */
    assert_false(fits(8, 16, 5, 6, 3, 2));
    assert_true(fits(3, 16, 6, 6, 7, 2));
    assert_false(fits(3, 16, 5, 6, 7, 2));
    assert_false(fits(3, 16, 6, 5, 7, 2));
    assert_false(fits(0, 16, 6, 6, 7, 2));
    assert_false(fits(8, 16, 6, 6, 7, 2));
    assert_false(fits(3, 16, 6, 6, 7, 1));
    assert_false(fits(8, 16, 6, 6, 1, 1));
    assert_false(fits(8, 16, 6, 6, 3, 3));
    avqa_winograd_free(NULL);
}

static bool saves(size_t n_in, size_t height, size_t width, size_t kernel,
                  size_t stride)
{
    const struct avqa_winograd_form f =
        form_of(n_in, 16, height, width, kernel, stride);
    return avqa_winograd_saves(&f);
}

/* 64 products for each place of 7 x 7 and channel in four phases, 9 without. */
static void test_saves(void **state)
{
    (void)state;
    assert_true(saves(8, 14, 14, 3, 2));  /* 256 < 441 */
    assert_false(saves(8, 16, 16, 3, 2)); /* 1024 > 576 */
    assert_true(saves(3, 224, 224, 7, 2));
    assert_true(saves(8, 4, 4, 3, 1));    /* 36 < 144 */
    assert_false(saves(8, 2, 2, 3, 1));   /* 36 = 36 */
    assert_false(saves(8, 14, 15, 3, 2)); /* does not fit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition), cmocka_unit_test(test_to_depth),
        cmocka_unit_test(test_threads),    cmocka_unit_test(test_matrices),
        cmocka_unit_test(test_fits),       cmocka_unit_test(test_saves)};
    if (avqa_dnn_cpu() < AVQA_DNN_AVX2) {
        puts("skipped: this processor has no AVX2");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
