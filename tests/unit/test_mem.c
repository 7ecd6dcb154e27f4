/* Sizes are multiplied with a check, arrays grow with zeroed room, and a request that
 * cannot be met leaves the array as it was. */
#include "check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void test_product(void **state)
{
    (void)state;
    size_t out = 7;
    assert_true(avqa_mem_product(&out, 1u << 20, 3));
    assert_int_equal(out, 3u << 20);
    assert_true(avqa_mem_product(&out, SIZE_MAX, 1));
    assert_true(avqa_mem_product(&out, 0, SIZE_MAX));
    assert_int_equal(out, 0);
    assert_false(avqa_mem_product(&out, SIZE_MAX / 2 + 1, 2));
    assert_false(avqa_mem_product(&out, SIZE_MAX, SIZE_MAX));
}

static void test_copies(void **state)
{
    (void)state;
    char *a = avqa_mem_strdup("violin");
    char *b = avqa_mem_strndup("violin", 3);
    unsigned char *zero = avqa_mem_new(64);
    assert_string_equal(a, "violin");
    assert_string_equal(b, "vio");
    for (int i = 0; i < 64; i++)
        assert_int_equal(zero[i], 0);
    free(a);
    free(b);
    free(zero);
    free(avqa_mem_new(0));
}

static void test_array(void **state)
{
    (void)state;
    uint32_t *list;
    assert_ok(avqa_mem_array(&list, 1000, sizeof *list));
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(list[i], 0);
    free(list);
    assert_ok(avqa_mem_array(&list, 0, sizeof *list));
    assert_non_null(list);
    free(list);
    assert_fails(avqa_mem_array(&list, SIZE_MAX / 2, sizeof *list), AVQA_ENOMEM,
                 "elements of 4 bytes");
    assert_null(list);
}

/* Out of memory for something small ends the program, wherever it was asked for. */
static void test_small_ones_end_the_program(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        pid_t child = fork();
        if (child == 0) {
            uint64_t *list = NULL;
            size_t cap = 0;
            if (kind == 0)
                avqa_mem_exhausted();
            avqa_mem_need(&list, &cap, SIZE_MAX / 4, sizeof *list);
            _exit(0);
        }
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
    }
}

static void test_grow(void **state)
{
    (void)state;
    uint32_t *list = NULL;
    size_t cap = 0;
    for (size_t n = 0; n < 1000; n++) {
        assert_ok(avqa_mem_grow(&list, &cap, n + 1, sizeof *list));
        assert_true(cap > n);
        assert_int_equal(list[n], 0);
        list[n] = (uint32_t)n;
    }
    for (size_t n = 0; n < 1000; n++)
        assert_int_equal(list[n], n);
    for (size_t n = 1000; n < cap; n++)
        assert_int_equal(list[n], 0);
    free(list);
}

static void test_what_cannot_be_had(void **state)
{
    (void)state;
    uint64_t *list = NULL;
    size_t cap = 0;
    assert_ok(avqa_mem_grow(&list, &cap, 1, sizeof *list));
    uint64_t *before = list;
    size_t cap_before = cap;
    list[0] = 42;
    assert_fails(avqa_mem_grow(&list, &cap, SIZE_MAX, sizeof *list), AVQA_ENOMEM,
                 "elements");
    assert_fails(avqa_mem_grow(&list, &cap, SIZE_MAX / 4, sizeof *list), AVQA_ENOMEM,
                 "elements");
    assert_ptr_equal(list, before);
    assert_int_equal(cap, cap_before);
    assert_int_equal(list[0], 42);
    free(list);
}

/* On a line of the cache, a large one for work on a large page, all of it there to be
 * written.
 */
static void test_aligned(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 64, 100, (2 << 20) - 1, 2 << 20, 5000001};
    for (size_t i = 0; i < N_OF(sizes); i++) {
        unsigned char *bytes = NULL;
        assert_ok(avqa_mem_aligned(&bytes, sizes[i]));
        assert_int_equal((uintptr_t)bytes % 64, 0);
        memset(bytes, 1, sizes[i]);
        free(bytes);
        assert_ok(avqa_mem_work(&bytes, sizes[i]));
        assert_int_equal((uintptr_t)bytes % (sizes[i] < 2 << 20 ? 64 : 2 << 20), 0);
        memset(bytes, 1, sizes[i]);
        free(bytes);
    }
    unsigned char *none = (unsigned char *)"";
    assert_fails(avqa_mem_aligned(&none, SIZE_MAX), AVQA_ENOMEM, "out of memory");
    assert_null(none);
    none = (unsigned char *)"";
    assert_fails(avqa_mem_work(&none, SIZE_MAX), AVQA_ENOMEM, "out of memory");
    assert_null(none);
}

/* Pages that the kernel had to give while four large pieces came and went. */
static long pages_of_a_round(void)
{
    enum { N = 4, SIZE = 24 << 20 };
    struct rusage before;
    struct rusage after;
    unsigned char *pieces[N] = {0};
    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < N; i++) {
        assert_ok(avqa_mem_aligned(&pieces[i], SIZE));
        memset(pieces[i], 1, SIZE);
    }
    for (size_t i = 0; i < N; i++)
        free(pieces[i]);
    getrusage(RUSAGE_SELF, &after);
    return after.ru_minflt - before.ru_minflt;
}

static void test_keep(void **state)
{
    (void)state;
    if (HAS_ADDRESS_SANITIZER || HAS_THREAD_SANITIZER) {
        puts("skipped: memory is the sanitizer's");
        skip();
    }
    assert_int_equal(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0); /* pages are counted */
    for (int i = 0; i < 3; i++)
        assert_true(pages_of_a_round() > 1000);
    avqa_mem_keep();
    (void)pages_of_a_round();
    assert_true(pages_of_a_round() < 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_array),
        cmocka_unit_test(test_aligned),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_small_ones_end_the_program),
        cmocka_unit_test(test_what_cannot_be_had)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
