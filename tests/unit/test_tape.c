/* The tape: memory is kept from step to step and aligned, the first failure stays and
 * stops what follows; dropout drops as many as asked, depending on seed and place;
 * loops are shared out without a gap; products are those of plain loops, for any
 * stride. */
#include "check.h"

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
        cmocka_unit_test(test_initial_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
