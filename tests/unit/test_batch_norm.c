/* Batch normalisation beyond its numbers (test_ops_torch, test_derivatives): what moves
 * the running statistics and what does not; means far from zero; and of it, pooling and
 * recurrent layers the same bits for any number of
 * threads; which number of a window is the largest. */
#include "check.h"

#include "nn/batch_norm.h"
#include "nn/conv.h"
#include "nn/gru.h"
#include "nn/linear.h"
#include "nn/lstm.h"
#include "nn/pooling.h"
#include "nn/weights.h"

enum { N = 8, CHANNELS = 6, SIDE = 40, SIZE = N * CHANNELS * SIDE * SIDE };
enum { STEPS = 5, ROWS = 64 }; /* of the recurrent ones */

static const size_t x_shape[] = {N, CHANNELS, SIDE, SIDE};
static const size_t channels[] = {CHANNELS};

static void fill(float *p, size_t n, uint32_t seed, float around)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t u = ((uint32_t)i + seed) * 2654435761U;
        p[i] = around + (float)((u ^ u >> 13) % 4001) / 2000 - 1;
    }
}

/* The mean of each channel is `around`, its variance 1/3. */
static void test_statistics(void **state)
{
    (void)state;
    static float x[SIZE];
    const float gain[] = {1, 1, 1, 2, 2, 2};
    const float bias[] = {0, 1, 2, 0, 1, 2};
    float mean[CHANNELS] = {0};
    float variance[] = {1, 1, 1, 1, 1, 1};
    const struct avqa_batch_norm running = {mean, variance, 0.5F};
    struct avqa_tape tape = {.training = true};
    fill(x, SIZE, 5, 1000);
    for (int how = 0; how < 2; how++) {
        avqa_tape_reset(&tape);
        tape.training = how == 0;
        struct avqa_node *y =
            avqa_batch_norm(&tape, avqa_input(&tape, 4, x_shape, x),
                            avqa_input(&tape, 1, channels, gain),
                            avqa_input(&tape, 1, channels, bias), &running);
        assert_ok(avqa_tape_status(&tape));
        for (size_t c = 0; c < CHANNELS; c++) {
            double sum = 0;
            double square = 0;
            for (size_t k = 0; k < (size_t)N * SIDE * SIDE; k++) {
                size_t plane = k / (SIDE * SIDE) * CHANNELS + c;
                double v = (double)y->value[plane * SIDE * SIDE + k % (SIDE * SIDE)];
                sum += v / (N * SIDE * SIDE);
                square += v * v / (N * SIDE * SIDE);
            }
            /* by the running ones: mean 500, variance (1 + 1/3) / 2 */
            double wide = how ? sqrt((1.0 / 3) / (2.0 / 3)) : 1;
            double off = how ? 500 / sqrt(2.0 / 3) : 0;
            assert_close(sum, off * (double)gain[c] + (double)bias[c],
                         2e-3 + 0.02 * off);
            assert_close(sqrt(square - sum * sum), wide * (double)gain[c], 0.03);
            assert_close((double)mean[c], 500, 0.1);
            assert_close((double)variance[c], 2.0 / 3, 0.01);
        }
    }
    avqa_tape_release(&tape);
}

static void test_one_value(void **state)
{
    (void)state;
    const float x[] = {1, 2, 3};
    float mean[3] = {0};
    float variance[3] = {0};
    const struct avqa_batch_norm running = {mean, variance, 0.1F};
    struct avqa_tape tape = {.training = true};
    const size_t shape[] = {1, 3};
    struct avqa_node *row = avqa_input(&tape, 2, shape, x);
    assert_null(avqa_batch_norm(&tape, row, avqa_input(&tape, 1, shape + 1, x),
                                avqa_input(&tape, 1, shape + 1, x), &running));
    assert_fails(avqa_tape_status(&tape), AVQA_EINVAL, "one value a channel");
    assert_true(mean[0] == 0 && variance[0] == 0);
    avqa_tape_release(&tape);
}

/* Of equal numbers the first gets the gradient; a NaN is not lost. */
static void test_largest(void **state)
{
    (void)state;
    static const struct avqa_weight_spec spec = {
        .name = "x", .rank = 3, .shape = {1, 1, 4}};
    const struct avqa_window window = {.kernel = {1, 2}, .stride = {1, 2}};
    struct avqa_weights w = {0};
    struct avqa_tape tape = {0};
    assert_ok(avqa_weights_add(&w, &spec, 1, 1));
    memcpy(w.items[0].value, (float[]){2, 2, NAN, 5}, 4 * sizeof(float));
    struct avqa_node *y =
        avqa_max_pool(&tape, avqa_of_weight(&tape, &w.items[0]), &window);
    assert_ok(avqa_tape_status(&tape));
    assert_true(y->value[0] == 2 && isnan(y->value[1]));
    const float by[] = {3, 7};
    struct avqa_node *loss = avqa_linear(
        &tape, avqa_reshape(&tape, y, 2, (size_t[]){1, 2}),
        avqa_input(&tape, 2, (size_t[]){1, 2}, by), NULL, AVQA_NO_ACTIVATION);
    assert_ok(avqa_tape_backward(&tape, loss));
    assert_memory_equal(w.items[0].grad, ((float[]){3, 0, 7, 0}), 4 * sizeof(float));
    avqa_weights_release(&w);
    avqa_tape_release(&tape);
}

/* ---- threads --------------------------------------------------------------------- */

static struct avqa_node *planes(struct avqa_tape *t, struct avqa_node **p)
{
    static float mean[CHANNELS];
    static float variance[CHANNELS];
    const struct avqa_batch_norm running = {mean, variance, 0.1F};
    const struct avqa_conv around = {.pad = {1, 1}};
    const struct avqa_window window = {.kernel = {2, 3}, .stride = {2, 2}, .pad = {1}};
    struct avqa_node *x = avqa_conv(t, p[0], p[3], p[2], &around);
    x = avqa_batch_norm(t, x, p[1], p[2], &running);
    x = avqa_max_pool(t, x, &window);
    x = avqa_mean_pool(t, x, &window);
    return avqa_adaptive_mean_pool(t, x, (size_t[]){3, 3});
}

static struct avqa_node *recurrent(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_node *gates = avqa_linear(t, p[0], p[1], NULL, AVQA_NO_ACTIVATION);
    return avqa_gru(t, gates, p[2], p[3]);
}

static struct avqa_node *lstm(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_node *gates = avqa_linear(t, p[0], p[1], NULL, AVQA_NO_ACTIVATION);
    static size_t begin[STEPS + 1];
    static uint32_t before[STEPS * ROWS];
    for (size_t s = 0; s <= STEPS; s++)
        begin[s] = s * ROWS;
    for (uint32_t i = ROWS; i < STEPS * ROWS; i++)
        before[i] = i - ROWS;
    return avqa_lstm(t, gates, p[2], p[3],
                     &(struct avqa_lstm_rows){STEPS, begin, before});
}

struct layers {
    struct avqa_node *(*run)(struct avqa_tape *t, struct avqa_node **p);
    struct avqa_weight_spec specs[4];
};

/* The result, then all gradients, of the sum of squares. */
static float *compute(size_t *n, const struct layers *layers, size_t n_threads)
{
    struct avqa_weights w = {0};
    struct avqa_tape tape = {.training = true, .n_threads = n_threads};
    struct avqa_node *p[4];
    assert_ok(avqa_weights_add(&w, layers->specs, 4, 1));
    for (size_t i = 0; i < 4; i++)
        p[i] = avqa_of_weight(&tape, &w.items[i]);
    struct avqa_node *y = layers->run(&tape, p);
    assert_ok(avqa_tape_status(&tape));
    struct avqa_node *row = avqa_reshape(&tape, y, 2, (size_t[]){1, y->n});
    struct avqa_node *loss = avqa_linear(&tape, row, row, NULL, AVQA_NO_ACTIVATION);
    assert_ok(avqa_tape_backward(&tape, loss));
    *n = y->n + avqa_weights_count(&w);
    float *all = malloc(*n * sizeof *all);
    float *end = all + y->n;
    memcpy(all, y->value, y->n * sizeof *all);
    for (size_t i = 0; i < 4; end += w.items[i++].n)
        memcpy(end, w.items[i].grad, w.items[i].n * sizeof *end);
    avqa_weights_release(&w);
    avqa_tape_release(&tape);
    return all;
}

static void test_threads(void **state)
{
    (void)state;
    static const struct layers all[] = {
        {planes,
         {{"x", 4, {N, CHANNELS, SIDE, SIDE}, .scale = 1},
          {"gain", 1, {CHANNELS}, .scale = 1},
          {"bias", 1, {CHANNELS}, .scale = 1},
          {"w", 4, {CHANNELS, CHANNELS, 3, 3}, .scale = 1}}},
        {recurrent,
         {{"x", 3, {STEPS, ROWS, 96}, .scale = 1},
          {"w_ih", 2, {384, 96}, .scale = 0.2},
          {"w_hh", 2, {384, 128}, .scale = 0.2},
          {"b_hh", 1, {384}, .scale = 1}}},
        {lstm,
         {{"x", 2, {STEPS * ROWS, 96}, .scale = 1},
          {"w_ih", 2, {512, 96}, .scale = 0.2},
          {"w_hh", 2, {512, 128}, .scale = 0.2},
          {"b_hh", 1, {512}, .scale = 1}}},
    };
    for (size_t i = 0; i < N_OF(all); i++) {
        size_t n;
        float *one = compute(&n, &all[i], 1);
        for (size_t n_threads = 2; n_threads <= 3; n_threads++) {
            float *other = compute(&n, &all[i], n_threads);
            assert_memory_equal(one, other, n * sizeof *one);
            free(other);
        }
        free(one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_one_value),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
