/* oneDNN's layers against plain loops in double, and the traps of its 2.6: scratch
 * memory and threads, precision and processors. */
#include "check.h"

#include "nn/onednn.h"
#include "nn/params.h"

#include <pthread.h>

/* The runtime that oneDNN computes with. */
int omp_get_max_threads(void);
void omp_set_num_threads(int n);

static const struct avqa_dnn_config one_thread = {.precision = AVQA_DNN_F32,
                                                  .n_threads = 1};

struct volume {
    size_t shape[4];
    float *data;
};

static struct volume volume(const char *name, size_t n, size_t c, size_t h, size_t w)
{
    struct volume v = {.shape = {n, c, h, w}};
    assert_ok(avqa_mem_array(&v.data, n * c * h * w, sizeof *v.data));
    avqa_params_units(v.data, 1, name, 0, n * c * h * w);
    for (size_t i = 0; i < n * c * h * w; i++)
        v.data[i] -= 0.5F;
    return v;
}

static float *aligned(size_t bytes)
{
    void *p = aligned_alloc(64, (bytes / 64 + 1) * 64);
    assert_non_null(p);
    return p;
}

/* 0 outside. */
static double at(const struct volume *v, size_t n, size_t c, size_t y, size_t x)
{
    const size_t *s = v->shape;
    if (y >= s[2] || x >= s[3]) /* negative ones have wrapped */
        return 0;
    return (double)v->data[((n * s[1] + c) * s[2] + y) * s[3] + x];
}

static struct avqa_dnn_layout *plain(size_t rank, const size_t *shape)
{
    struct avqa_dnn_layout *layout = NULL;
    assert_ok(avqa_dnn_layout_new(&layout, AVQA_TENSOR_F32, rank, shape));
    return layout;
}

/* Plain memory through a reorder. */
static void bring(const struct avqa_dnn_layout *from, const void *in,
                  const struct avqa_dnn_layout *to, void *out)
{
    struct avqa_dnn_op *op = NULL;
    assert_ok(avqa_dnn_reorder_new(&op, &one_thread, from, to));
    float *scratch = aligned(avqa_dnn_op_scratch_bytes(op));
    assert_ok(avqa_dnn_op_run(op, in, out, scratch));
    free(scratch);
    avqa_dnn_op_free(op);
}

/* Runs an operation on plain memory; `to` is read, too. Returns plain memory. */
static float *run(const struct avqa_dnn_op *op, const struct volume *in,
                  const float *before)
{
    size_t shape[AVQA_TENSOR_MAX_RANK];
    size_t rank = avqa_dnn_layout_shape(shape, avqa_dnn_op_to(op));
    struct avqa_dnn_layout *plain_in = plain(4, in->shape);
    struct avqa_dnn_layout *plain_out = plain(rank, shape);
    float *from = aligned(avqa_dnn_layout_bytes(avqa_dnn_op_from(op)));
    float *to = aligned(avqa_dnn_layout_bytes(avqa_dnn_op_to(op)));
    float *scratch = aligned(avqa_dnn_op_scratch_bytes(op));
    float *out = aligned(avqa_dnn_layout_bytes(plain_out));
    bring(plain_in, in->data, avqa_dnn_op_from(op), from);
    if (before)
        bring(plain_out, before, avqa_dnn_op_to(op), to);
    assert_ok(avqa_dnn_op_run(op, from, to, scratch));
    bring(avqa_dnn_op_to(op), to, plain_out, out);
    avqa_dnn_layout_free(plain_in);
    avqa_dnn_layout_free(plain_out);
    free(from);
    free(to);
    free(scratch);
    return out;
}

static void check_conv(const struct volume *in, const struct avqa_dnn_conv *conv)
{
    size_t n_in = in->shape[1];
    size_t k = conv->kernel;
    size_t h = (in->shape[2] + 2 * conv->pad - k) / conv->stride + 1;
    size_t w = (in->shape[3] + 2 * conv->pad - k) / conv->stride + 1;
    struct volume before = volume("before", in->shape[0], conv->n_out, h, w);
    struct avqa_dnn_layout *from = plain(4, in->shape);
    struct avqa_dnn_op *op = NULL;
    assert_ok(avqa_dnn_conv_new(&op, &one_thread, from, conv));
    float *out = run(op, in, before.data);
    for (size_t i = 0; i < in->shape[0] * conv->n_out * h * w; i++) {
        size_t n = i / (conv->n_out * h * w);
        size_t o = i / (h * w) % conv->n_out;
        double sum = (double)conv->bias[o] + (conv->adds ? (double)before.data[i] : 0);
        for (size_t j = 0; j < n_in * k * k; j++) {
            size_t y = i / w % h * conv->stride + j / k % k - conv->pad;
            size_t x = i % w * conv->stride + j % k - conv->pad;
            sum += (double)conv->weights[o * n_in * k * k + j] *
                   at(in, n, j / (k * k), y, x);
        }
        assert_close((double)out[i], conv->relu && sum < 0 ? 0 : sum, 1e-5);
    }
    free(out);
    free(before.data);
    avqa_dnn_op_free(op);
    avqa_dnn_layout_free(from);
}

static void test_convolution(void **state)
{
    (void)state;
    static const struct {
        size_t n_in, n_out, side, kernel, stride, pad;
        bool adds, relu;
    } cases[] = {
        {3, 16, 20, 7, 2, 3, false, true},   {16, 24, 9, 3, 1, 1, false, false},
        {16, 16, 12, 3, 1, 1, true, true},   {16, 32, 12, 3, 2, 1, false, true},
        {16, 32, 12, 1, 2, 0, false, false}, {1, 8, 11, 3, 1, 1, false, true},
        {5, 7, 6, 3, 1, 1, true, false},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct volume in = volume("in", 2, cases[i].n_in, cases[i].side, cases[i].side);
        struct volume weights = volume("weights", cases[i].n_out, cases[i].n_in,
                                       cases[i].kernel, cases[i].kernel);
        struct volume bias = volume("bias", 1, 1, 1, cases[i].n_out);
        const struct avqa_dnn_conv conv = {.weights = weights.data,
                                           .bias = bias.data,
                                           .n_out = cases[i].n_out,
                                           .kernel = cases[i].kernel,
                                           .stride = cases[i].stride,
                                           .pad = cases[i].pad,
                                           .adds = cases[i].adds,
                                           .relu = cases[i].relu};
        check_conv(&in, &conv);
        free(in.data);
        free(weights.data);
        free(bias.data);
    }
}

static void test_pooling(void **state)
{
    (void)state;
    struct volume in = volume("in", 2, 16, 11, 11);
    struct avqa_dnn_layout *from = plain(4, in.shape);
    struct avqa_dnn_op *op = NULL;
    const struct avqa_dnn_max_pool pool = {.kernel = 3, .stride = 2, .pad = 1};
    assert_ok(avqa_dnn_max_pool_new(&op, &one_thread, from, &pool));
    float *out = run(op, &in, NULL);
    for (size_t i = 0; i < (size_t)2 * 16 * 6 * 6; i++) {
        double most = -1;
        for (size_t j = 0; j < 9; j++) {
            size_t y = i / 6 % 6 * 2 + j / 3 - 1;
            size_t x = i % 6 * 2 + j % 3 - 1;
            if (y < 11 && x < 11)
                most = fmax(most, at(&in, i / (16 * 36), i / 36 % 16, y, x));
        }
        assert_true((double)out[i] == most);
    }
    free(out);
    avqa_dnn_op_free(op);
    assert_ok(avqa_dnn_mean_pool_new(&op, &one_thread, from));
    out = run(op, &in, NULL);
    for (size_t i = 0; i < (size_t)2 * 16; i++) {
        double sum = 0;
        for (size_t j = 0; j < 121; j++)
            sum += (double)in.data[i * 121 + j];
        assert_close((double)out[i], sum / 121, 1e-6);
    }
    free(out);
    free(in.data);
    avqa_dnn_op_free(op);
    avqa_dnn_layout_free(from);
}

static void check_linear(bool channels_last, bool relu)
{
    enum { N = 3, C = 16, H = 3, W = 2, OUT = 10, IN = C * H * W };
    struct volume in = volume("in", N, C, H, W);
    struct volume weights = volume("weights", OUT, IN, 1, 1);
    struct volume bias = volume("bias", 1, 1, 1, OUT);
    struct avqa_dnn_layout *from = plain(4, in.shape);
    struct avqa_dnn_op *op = NULL;
    const struct avqa_dnn_linear linear = {.weights = weights.data,
                                           .bias = bias.data,
                                           .n_out = OUT,
                                           .channels_last = channels_last,
                                           .relu = relu};
    assert_ok(avqa_dnn_linear_new(&op, &one_thread, from, &linear));
    float *out = run(op, &in, NULL);
    for (size_t i = 0; i < (size_t)N * OUT; i++) {
        double sum = (double)bias.data[i % OUT];
        for (size_t j = 0; j < IN; j++) {
            size_t place = channels_last ? j % (H * W) * C + j / (H * W) : j;
            sum += (double)in.data[i / OUT * IN + j] *
                   (double)weights.data[i % OUT * IN + place];
        }
        assert_close((double)out[i], relu && sum < 0 ? 0 : sum, 1e-5);
    }
    free(out);
    free(in.data);
    free(weights.data);
    free(bias.data);
    avqa_dnn_op_free(op);
    avqa_dnn_layout_free(from);
}

static void test_linear(void **state)
{
    (void)state;
    check_linear(false, false);
    check_linear(true, true);
}

/* ---- traps ----------------------------------------------------------------------- */

struct errand {
    const struct avqa_dnn_op *op;
    const struct volume *in;
    float *out;
};

static void *run_elsewhere(void *user)
{
    struct errand *errand = user;
    errand->out = run(errand->op, errand->in, NULL);
    return NULL;
}

enum { N_THREADS = 4, N_ROUNDS = 3, SIDE = 28 };

static void check_elsewhere(const struct avqa_dnn_op *op, const struct volume *in,
                            size_t n_out)
{
    float *here = run(op, in, NULL);
    for (int round = 0; round < N_ROUNDS; round++) {
        pthread_t threads[N_THREADS];
        struct errand errands[N_THREADS];
        for (int i = 0; i < N_THREADS; i++) {
            errands[i] = (struct errand){.op = op, .in = in};
            assert_int_equal(
                pthread_create(&threads[i], NULL, run_elsewhere, &errands[i]), 0);
        }
        for (int i = 0; i < N_THREADS; i++) {
            pthread_join(threads[i], NULL);
            assert_memory_equal(errands[i].out, here,
                                n_out * SIDE * SIDE * sizeof(float));
            free(errands[i].out);
        }
    }
    free(here);
}

/* An operation made in this thread runs in others, at the same time, and after the
 * thread that ran it first has ended. One that needs scratch memory (these channels
 * do) asks the caller for it: oneDNN's own belongs to the thread that made it. */
static void test_other_threads(void **state)
{
    (void)state;
    static const size_t channels[][2] = {{64, 64}, {5, 7}};
    for (size_t i = 0; i < N_OF(channels); i++) {
        size_t n_out = channels[i][1];
        struct volume in = volume("in", 1, channels[i][0], SIDE, SIDE);
        struct volume weights = volume("weights", n_out, channels[i][0], 3, 3);
        struct volume bias = volume("bias", 1, 1, 1, n_out);
        struct avqa_dnn_layout *from = plain(4, in.shape);
        struct avqa_dnn_op *op = NULL;
        const struct avqa_dnn_conv conv = {.weights = weights.data,
                                           .bias = bias.data,
                                           .n_out = n_out,
                                           .kernel = 3,
                                           .stride = 1,
                                           .pad = 1};
        assert_ok(avqa_dnn_conv_new(&op, &one_thread, from, &conv));
        if (n_out == 7)
            assert_true(avqa_dnn_op_scratch_bytes(op) > 0);
        check_elsewhere(op, &in, n_out);
        free(in.data);
        free(weights.data);
        free(bias.data);
        avqa_dnn_op_free(op);
        avqa_dnn_layout_free(from);
    }
}

/* What an operation was made for holds wherever it runs, and the caller's own number of
 * threads is as it was. */
static void test_number_of_threads(void **state)
{
    (void)state;
    struct volume in = volume("in", 2, 32, 16, 16);
    struct volume weights = volume("weights", 32, 32, 3, 3);
    struct volume bias = volume("bias", 1, 1, 1, 32);
    struct avqa_dnn_layout *from = plain(4, in.shape);
    const struct avqa_dnn_conv conv = {.weights = weights.data,
                                       .bias = bias.data,
                                       .n_out = 32,
                                       .kernel = 3,
                                       .stride = 1,
                                       .pad = 1};
    float *results[3];
    for (size_t n = 1; n <= 3; n++) {
        struct avqa_dnn_op *op = NULL;
        struct avqa_dnn_config config = one_thread;
        config.n_threads = n;
        omp_set_num_threads(5);
        assert_ok(avqa_dnn_conv_new(&op, &config, from, &conv));
        assert_int_equal(omp_get_max_threads(), 5);
        results[n - 1] = run(op, &in, NULL);
        assert_int_equal(omp_get_max_threads(), 5);
        assert_memory_equal(results[n - 1], results[0],
                            (size_t)2 * 32 * 16 * 16 * sizeof(float));
        avqa_dnn_op_free(op);
    }
    for (size_t n = 0; n < 3; n++)
        free(results[n]);
    free(in.data);
    free(weights.data);
    free(bias.data);
    avqa_dnn_layout_free(from);
}

static void test_precision(void **state)
{
    (void)state;
    enum avqa_dnn_precision p;
    static const enum avqa_dnn_cpu without[] = {AVQA_DNN_PLAIN, AVQA_DNN_AVX2,
                                                AVQA_DNN_AVX512};
    for (size_t i = 0; i < N_OF(without); i++) {
        assert_ok(avqa_dnn_choose(&p, AVQA_DNN_FASTEST, without[i]));
        assert_int_equal(p, AVQA_DNN_F32);
        assert_ok(avqa_dnn_choose(&p, AVQA_DNN_F32, without[i]));
        assert_int_equal(p, AVQA_DNN_F32);
        assert_fails(avqa_dnn_choose(&p, AVQA_DNN_BF16, without[i]), AVQA_EINVAL,
                     "no bf16");
    }
    assert_ok(avqa_dnn_choose(&p, AVQA_DNN_FASTEST, AVQA_DNN_AVX512_BF16));
    assert_int_equal(p, AVQA_DNN_BF16);
    assert_ok(avqa_dnn_choose(&p, AVQA_DNN_BF16, AVQA_DNN_AVX512_BF16));
    assert_int_equal(p, AVQA_DNN_BF16);
    assert_ok(avqa_dnn_choose(&p, AVQA_DNN_F32, AVQA_DNN_AVX512_BF16));
    assert_int_equal(p, AVQA_DNN_F32);
    assert_false(avqa_dnn_has_winograd(AVQA_DNN_AVX2));
    assert_true(avqa_dnn_has_winograd(AVQA_DNN_AVX512));
}

/* Winograd is asked for where the processor seems to have it; where oneDNN does not,
 * there is a direct convolution. */
static void test_fallback(void **state)
{
    (void)state;
    struct volume in = volume("in", 1, 16, 8, 8);
    struct volume weights = volume("weights", 16, 16, 3, 3);
    struct volume bias = volume("bias", 1, 1, 1, 16);
    struct avqa_dnn_layout *from = plain(4, in.shape);
    struct avqa_dnn_config config = one_thread;
    struct avqa_dnn_op *op = NULL;
    const struct avqa_dnn_conv conv = {.weights = weights.data,
                                       .bias = bias.data,
                                       .n_out = 16,
                                       .kernel = 3,
                                       .stride = 1,
                                       .pad = 1};
    config.cpu = AVQA_DNN_AVX512;
    assert_ok(avqa_dnn_conv_new(&op, &config, from, &conv));
    if (!avqa_dnn_has_winograd(avqa_dnn_cpu()))
        assert_null(strstr(avqa_dnn_op_kind(op), "wino"));
    avqa_dnn_op_free(op);
    assert_ok(avqa_dnn_conv_new(&op, &one_thread, from, &conv));
    assert_null(strstr(avqa_dnn_op_kind(op), "wino"));
    avqa_dnn_op_free(op);
    free(in.data);
    free(weights.data);
    free(bias.data);
    avqa_dnn_layout_free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_convolution),
                                       cmocka_unit_test(test_pooling),
                                       cmocka_unit_test(test_linear),
                                       cmocka_unit_test(test_other_threads),
                                       cmocka_unit_test(test_number_of_threads),
                                       cmocka_unit_test(test_precision),
                                       cmocka_unit_test(test_fallback)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
