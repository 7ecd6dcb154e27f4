/* Linear layers in panels against plain loops in double: rows and inputs that are no
 * multiple of what is multiplied at once, channels that come first, any threads. */
#include "numbers.h"

#include "nn/onednn.h"
#include "nn/panels.h"

static double define(const struct avqa_dense_form *f, const float *from, size_t o)
{
    double sum = (double)f->bias[o];
    for (size_t i = 0; i < f->n_in; i++) {
        size_t at = i;
        if (f->channels) /* `i` counts places and channels; inputs are by channel */
            at = i % f->channels * (f->n_in / f->channels) + i / f->channels;
        sum += (double)f->weights[o * f->n_in + i] * (double)from[at];
    }
    return f->relu && sum < 0 ? 0 : sum;
}

static void check(struct avqa_dense_form f)
{
    struct avqa_dense *dense = NULL;
    float *weights = numbers("weights", f.n_in * f.n_out);
    float *bias = numbers("bias", f.n_out);
    float *from = numbers("from", f.n_rows * f.n_in);
    const size_t n = f.n_rows * f.n_out;
    float *to = numbers("to", n + 8); /* behind it nothing changes */
    float *first = numbers("to", n + 8);
    float *before = numbers("to", n + 8);
    f.bias = bias;
    for (f.n_threads = 1; f.n_threads <= 3; f.n_threads++) {
        f.weights = numbers("weights", f.n_in * f.n_out); /* the layer's */
        assert_ok(avqa_dense_new(&dense, &f));
        float *room = numbers("room", avqa_dense_scratch_bytes(dense) / sizeof(float));
        avqa_dense_run(dense, from, f.n_threads == 1 ? first : to, room);
        if (f.n_threads > 1)
            assert_memory_equal(to, first, (n + 8) * sizeof *to);
        avqa_dense_free(dense);
        free(room);
    }
    assert_memory_equal(first + n, before + n, 8 * sizeof *first);
    f.weights = weights;
    for (size_t k = 0; k < n; k++)
        assert_close((double)first[k],
                     define(&f, from + k / f.n_out * f.n_in, k % f.n_out),
                     1e-6 * sqrt((double)f.n_in));
    free(weights);
    free(bias);
    free(from);
    free(to);
    free(first);
    free(before);
}

static void test_definition(void **state)
{
    (void)state;
    check((struct avqa_dense_form){.n_rows = 1, .n_in = 1, .n_out = 16});
    check((struct avqa_dense_form){.n_rows = 6, .n_in = 32, .n_out = 32, .relu = true});
    check((struct avqa_dense_form){.n_rows = 7, .n_in = 45, .n_out = 48});
    check((struct avqa_dense_form){.n_rows = 12, .n_in = 500, .n_out = 64});
    check((struct avqa_dense_form){
        .n_rows = 5, .n_in = 24, .n_out = 16, .channels = 8, .relu = true});
    check((struct avqa_dense_form){
        .n_rows = 13, .n_in = 480, .n_out = 128, .channels = 20});
}

/* A row's result is the same wherever it stands and whatever else there is. */
static void test_rows_alone(void **state)
{
    (void)state;
    enum { N = 14, IN = 100, OUT = 32 };
    struct avqa_dense *dense = NULL;
    float *weights = numbers("weights", (size_t)IN * OUT);
    float *bias = numbers("bias", OUT);
    float *from = numbers("from", (size_t)N * IN);
    float *to = numbers("to", (size_t)N * OUT);
    for (size_t k = 1; k < N; k += 2)
        memcpy(from + k * IN, from, IN * sizeof *from);
    assert_ok(avqa_dense_new(&dense, &(struct avqa_dense_form){.n_rows = N,
                                                               .n_in = IN,
                                                               .n_out = OUT,
                                                               .weights = weights,
                                                               .bias = bias,
                                                               .n_threads = 1}));
    float *room = numbers("room", avqa_dense_scratch_bytes(dense) / sizeof(float));
    avqa_dense_run(dense, from, to, room);
    for (size_t k = 1; k < N; k += 2)
        assert_memory_equal(to + k * OUT, to, OUT * sizeof *to);
    assert_memory_not_equal(to + 2 * OUT, to, OUT * sizeof *to);
    avqa_dense_free(dense);
    free(bias);
    free(from);
    free(to);
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_definition),
                                       cmocka_unit_test(test_rows_alone)};
    if (avqa_dnn_cpu() < AVQA_DNN_AVX2) {
        puts("skipped: this processor has no AVX2");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
