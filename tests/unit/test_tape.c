/* The tape: memory is kept from step to step and aligned, the first failure stays and
 * stops what follows; dropout drops as many as asked, depending on seed and place;
 * loops are shared out without a gap; products are those of plain loops, for any
 * stride. */
#include "check.h"

#include "nn/optimiser.h"
#include "nn/dropout.h"
#include "nn/elementwise.h"
#include "nn/ranges.h"
#include "nn/weights.h"

static void step(struct avqa_tape *tape, const avqa_real *x)
{
    avqa_tape_reset(tape);
    struct avqa_node *y = avqa_input(tape, 2, (size_t[]){1000, 1000}, x);
    for (size_t i = 0; i < 10; i++)
        y = avqa_tanh(tape, y);
    assert_ok(avqa_tape_status(tape));
    assert_int_equal((uintptr_t)y->value % 64, 0);
}

static void test_memory_is_kept(void **state)
{
    (void)state;
    struct avqa_tape tape = {0};
    float *x;
    assert_ok(avqa_mem_array(&x, 1000000, sizeof *x));
    step(&tape, x);
    size_t bytes = avqa_tape_bytes(&tape);
    assert_true(bytes >= 40000000 && bytes < 80000000);
    for (size_t i = 0; i < 3; i++)
        step(&tape, x);
    assert_int_equal(avqa_tape_bytes(&tape), bytes);
    avqa_tape_release(&tape);
    free(x);
}

static void test_first_failure_stays(void **state)
{
    (void)state;
    struct avqa_tape tape = {0};
    float x = 1;
    struct avqa_node *one = avqa_input(&tape, 1, (size_t[]){1}, &x);
    assert_null(avqa_tape_array(&tape, SIZE_MAX / 4, sizeof x));
    assert_null(avqa_tanh(&tape, one));
    assert_null(avqa_join(&tape, NULL, NULL));
    assert_null(avqa_rows(&tape, NULL, 0, 1));
    assert_fails(avqa_tape_status(&tape), AVQA_ENOMEM, "no memory");
    assert_fails(avqa_tape_backward(&tape, NULL), AVQA_ENOMEM, "no memory");
    avqa_tape_reset(&tape);
    assert_ok(avqa_tape_status(&tape));
    assert_non_null(avqa_tanh(&tape, avqa_input(&tape, 1, (size_t[]){1}, &x)));
    avqa_tape_release(&tape);
}

static void test_dropout(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct avqa_tape tape = {.training = true, .seed = 5};
    const float *a = avqa_dropout_mask(&tape, N, 0.3F);
    const float *b = avqa_dropout_mask(&tape, N, 0.3F);
    size_t n_zero = 0;
    size_t n_both = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(a[i] == 0 || a[i] == 1 / (1 - 0.3F));
        n_zero += a[i] == 0;
        n_both += a[i] == 0 && b[i] == 0;
    }
    assert_close((double)n_zero / N, 0.3, 0.006); /* four deviations */
    assert_close((double)n_both / N, 0.09, 0.004);
    float kept[100];
    memcpy(kept, a, sizeof kept);
    avqa_tape_reset(&tape);
    assert_memory_equal(avqa_dropout_mask(&tape, 100, 0.3F), kept, sizeof kept);
    avqa_tape_reset(&tape);
    tape.seed = 6;
    assert_memory_not_equal(avqa_dropout_mask(&tape, 100, 0.3F), kept, sizeof kept);
    tape.training = false;
    struct avqa_node *x = avqa_input(&tape, 1, (size_t[]){3}, kept);
    assert_ptr_equal(avqa_dropout(&tape, x, 0.3F), x);
    avqa_tape_release(&tape);
}

static void count(void *user, size_t from, size_t to)
{
    unsigned char *seen = user;
    for (size_t i = from; i < to; i++)
        seen[i]++;
}

static void test_ranges(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (size_t n_threads = 1; n_threads < 6; n_threads++)
            for (size_t least = 0; least < 12; least += 5) {
                unsigned char seen[41] = {0};
                avqa_ranges_run(n_threads, n, least, count, seen);
                for (size_t i = 0; i < 41; i++)
                    assert_int_equal(seen[i], i < n);
            }
}

static double at(struct avqa_matrix m, size_t row, size_t column)
{
    return (double)(m.transposed ? m.data[column * m.stride + row]
                                 : m.data[row * m.stride + column]);
}

/* The product of x and y and what it is by definition. */
static void check_product(struct avqa_matrix x, struct avqa_matrix y, bool adds,
                          const size_t mnk[3], const struct avqa_gemm_means *means)
{
    static float out[400 * 400];
    const size_t stride = mnk[1] + 7;
    for (size_t i = 0; i < mnk[0] * stride; i++)
        out[i] = 3;
    assert_ok(avqa_gemm((struct avqa_matrix_out){out, stride, adds}, x, y, mnk, means));
    for (size_t i = 0; i < mnk[0]; i++)
        for (size_t j = 0; j < stride; j++) {
            double sum = j < mnk[1] && !adds ? 0 : 3;
            for (size_t k = 0; j < mnk[1] && k < mnk[2]; k++)
                sum += at(x, i, k) * at(y, k, j);
            assert_close((double)out[i * stride + j], sum, 5e-5);
        }
}

/* Strides and sizes with and without copies, one tile and several. */
static void test_products(void **state)
{
    (void)state;
    enum { LARGEST = 512 * 512 };
    static const struct {
        size_t m, n, k, stride;
    } sizes[] = {{33, 29, 41, 50}, {130, 300, 48, 512}, {257, 96, 33, 384}};
    float *a = test_malloc(LARGEST * sizeof *a);
    float *b = test_malloc(LARGEST * sizeof *b);
    for (size_t i = 0; i < LARGEST; i++) {
        a[i] = (float)((i * 37 + 11) % 101) / 50 - 1;
        b[i] = (float)((i * 53 + 29) % 103) / 50 - 1;
    }
    for (size_t s = 0; s < N_OF(sizes); s++)
        for (unsigned how = 0; how < 16; how++) {
            struct avqa_matrix x = {a, sizes[s].stride, how & 1};
            struct avqa_matrix y = {b, sizes[s].stride, how & 2};
            const size_t mnk[] = {sizes[s].m, sizes[s].n, sizes[s].k};
            size_t n_room = avqa_gemm_room(x, y, mnk);
            float *room = how & 8 ? test_malloc(n_room * sizeof *room + 1) : NULL;
            assert_true((n_room > 0) == (sizes[s].stride != 50 && (how & 3) != 2));
            check_product(x, y, how & 4, mnk, &(struct avqa_gemm_means){2, room});
            test_free(room);
        }
    test_free(a);
    test_free(b);
}

/* One product of each kind: cut in parts by rows or columns or not at all, with
 * operands that are copied and that are not. */
static void check_large_product(const size_t mnk[3], bool a_transposed,
                                bool b_transposed, bool adds)
{
    size_t rows = mnk[0] > mnk[2] ? mnk[0] : mnk[2];
    size_t most = rows > mnk[1] ? rows : mnk[1];
    size_t bytes = mnk[0] * mnk[1] * sizeof(float);
    float *a = malloc(most * most * sizeof *a);
    float *out[3];
    for (size_t i = 0; i < most * most; i++)
        a[i] = (float)((i * 7919 + 11) % 1009) / 500 - 1;
    struct avqa_matrix x = {a, a_transposed ? mnk[0] : mnk[2], a_transposed};
    struct avqa_matrix y = {a, b_transposed ? mnk[2] : mnk[1], b_transposed};
    size_t n_room = avqa_gemm_room(x, y, mnk);
    float *room = n_room ? malloc(n_room * sizeof *room) : NULL;
    for (size_t t = 0; t < 3; t++) {
        out[t] = malloc(bytes);
        for (size_t i = 0; i < mnk[0] * mnk[1]; i++)
            out[t][i] = 3;
        assert_ok(avqa_gemm((struct avqa_matrix_out){out[t], mnk[1], adds}, x, y, mnk,
                            &(struct avqa_gemm_means){t + 1, room}));
    }
    assert_memory_equal(out[0], out[1], bytes);
    assert_memory_equal(out[0], out[2], bytes);
    for (size_t i = 0; i < mnk[0]; i += 1 + mnk[0] / 40)
        for (size_t j = 0; j < mnk[1]; j += 1 + mnk[1] / 40) {
            double sum = adds ? 3 : 0;
            for (size_t k = 0; k < mnk[2]; k++)
                sum += at(x, i, k) * at(y, k, j);
            assert_close((double)out[0][i * mnk[1] + j], sum, 1e-4);
        }
    for (size_t t = 0; t < 3; t++)
        free(out[t]);
    free(room);
    free(a);
}

static void test_large_products(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1280, 2, 128},  {64, 42, 512},   {640, 512, 300},
                                      {256, 500, 700}, {64, 1024, 512}, {93, 130, 100},
                                      {512, 515, 600}, {1000, 33, 64}};
    for (size_t i = 0; i < N_OF(sizes); i++)
        for (unsigned how = 0; how < 4; how++)
            check_large_product(sizes[i], how & 1, how & 2, i % 2 == 0);
}

/* What is fixed is listed and found, but neither counted nor moved. */
static void test_fixed_weights(void **state)
{
    (void)state;
    static const struct avqa_weight_spec specs[] = {
        {.name = "p", .rank = 1, .shape = {3}, AVQA_INIT_CONSTANT, 2},
        {.name = "p.mean", .rank = 1, .shape = {3}, AVQA_INIT_CONSTANT, 5, true}};
    struct avqa_weights w = {0};
    struct avqa_optimiser adam = AVQA_OPTIMISER_DEFAULTS;
    adam.weight_decay = 0.1;
    assert_ok(avqa_weights_add(&w, specs, 2, 1));
    assert_int_equal(avqa_weights_count(&w), 3);
    assert_ptr_equal(avqa_weights_find(&w, "p.mean"), &w.items[1]);
    for (size_t k = 0; k < 3; k++)
        w.items[0].grad[k] = w.items[1].grad[k] = 1;
    avqa_optimiser_step(&adam, &w, 0.1, 2);
    for (size_t k = 0; k < 3; k++) {
        assert_true(w.items[0].value[k] < 2);
        assert_true(w.items[1].value[k] == 5);
    }
    avqa_weights_release(&w);
}

static void test_initial_weights(void **state)
{
    (void)state;
    enum { N = 100000 };
    static const struct avqa_weight_spec specs[] = {
        {.name = "uniform", .rank = 1, .shape = {N}, .scale = 0.5},
        {.name = "normal", .rank = 1, .shape = {N}, AVQA_INIT_NORMAL, 2},
        {.name = "one", .rank = 1, .shape = {N}, AVQA_INIT_CONSTANT, 1},
    };
    static const double deviations[] = {0.288675, 2, 0};
    static const double means[] = {0, 0, 1};
    struct avqa_weights w = {0};
    assert_ok(avqa_weights_add(&w, specs, 3, 7));
    assert_int_equal(avqa_weights_count(&w), 3 * N);
    for (size_t i = 0; i < 3; i++) {
        double sum = 0;
        double square = 0;
        for (size_t k = 0; k < N; k++) {
            double x = (double)w.items[i].value[k];
            sum += x / N;
            square += x * x / N;
        }
        assert_close(sum, means[i], 0.03);
        assert_close(sqrt(fabs(square - sum * sum)), deviations[i], 0.02);
    }
    assert_fails(avqa_weights_add(&w, specs, 1, 7), AVQA_EEXIST, "\"uniform\"");
    assert_null(avqa_weights_find(&w, "none"));
    avqa_weights_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_kept),
        cmocka_unit_test(test_first_failure_stays),
        cmocka_unit_test(test_dropout),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_large_products),
        cmocka_unit_test(test_fixed_weights),
        cmocka_unit_test(test_initial_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
