/* A signal in the middle of a product of matrices must not be written over the heap,
 * where oneDNN's stack pointer stands meanwhile: handlers as the program has them run
 * on a stack of their own. */
#include "check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/interrupt.h"
#include "nn/gemm.h"

#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

enum { N = 64, M = 512, K = 2048, ALARMS = 300, LONGEST_US = 20000000 };

static volatile sig_atomic_t n_alarms, n_elsewhere;

static void on_alarm(int number)
{
    uintptr_t at = (uintptr_t)__builtin_frame_address(0);
    stack_t own;
    (void)number;
    if (sigaltstack(NULL, &own) != 0 || !(own.ss_flags & SS_ONSTACK) ||
        at < (uintptr_t)own.ss_sp || at >= (uintptr_t)own.ss_sp + own.ss_size)
        n_elsewhere++;
    n_alarms++;
}

/* Ones by ones: each sum is K. */
static void multiply(float *out, const float *a, const float *b)
{
    const struct avqa_gemm_means means = {.n_threads = 1};
    assert_int_equal(avqa_gemm((struct avqa_matrix_out){out, M, false},
                               (struct avqa_matrix){a, K, false},
                               (struct avqa_matrix){b, M, false}, (size_t[]){N, M, K},
                               &means),
                     AVQA_OK);
    for (size_t i = 0; i < (size_t)N * M; i++)
        assert_true(out[i] == (float)K);
}

static void test_signals_in_products(void **state)
{
    (void)state;
    struct sigaction action;
    avqa_interrupt_catch();
    assert_int_equal(sigaction(SIGTERM, NULL, &action), 0);
    assert_true(action.sa_flags & SA_ONSTACK);
    assert_int_equal(sigaction(SIGINT, NULL, &action), 0);
    action.sa_handler = on_alarm; /* with the flags that SIGINT has */
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);

    float *a = avqa_mem_new(sizeof(float) * N * K);
    float *b = avqa_mem_new(sizeof(float) * K * M);
    float *out = avqa_mem_new(sizeof(float) * N * M);
    for (size_t i = 0; i < (size_t)N * K; i++)
        a[i] = 1;
    for (size_t i = 0; i < (size_t)K * M; i++)
        b[i] = 1;
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    const struct itimerval never = {{0, 0}, {0, 0}};
    int64_t end = avqa_clock_monotonic_us() + LONGEST_US;
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    while (n_alarms < ALARMS && avqa_clock_monotonic_us() < end)
        multiply(out, a, b);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_true(n_alarms > 0);
    assert_int_equal(n_elsewhere, 0);
    free(a);
    free(b);
    free(out);
}

static void test_is_told(void **state)
{
    (void)state;
    avqa_interrupt_catch();
    assert_int_equal(avqa_interrupt_number(), 0);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(avqa_interrupt_number(), SIGTERM);
    assert_int_equal(raise(SIGTERM), 0); /* to the process, and to its group */
    assert_int_equal(raise(SIGINT), 0);
    assert_int_equal(avqa_interrupt_number(), SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_in_products),
        cmocka_unit_test(test_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
