/* Memory of an arena is zeroed, aligned and its own until the reset, which keeps a
 * block and leaves nothing of what was there. */
#include "check.h"

#include <stdalign.h>

#include "base/arena.h"

static void test_allocations_do_not_touch(void **state)
{
    (void)state;
    enum { N = 2000 };
    struct avqa_arena arena = AVQA_ARENA_INIT;
    unsigned char *parts[N];
    for (size_t i = 0; i < N; i++) {
        size_t size = i % 97;
        parts[i] = avqa_arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)parts[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(parts[i][k], 0);
        memset(parts[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < i % 97; k++)
            assert_int_equal(parts[i][k], i % 251);
    }
    avqa_arena_release(&arena);
}

static void test_large_ones(void **state)
{
    (void)state;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    char *small = avqa_arena_strdup(&arena, "small");
    char *large = avqa_arena_alloc(&arena, (size_t)5 << 20);
    memset(large, 'x', (size_t)5 << 20);
    char *after = avqa_arena_strndup(&arena, "after that", 5);
    assert_string_equal(small, "small");
    assert_string_equal(after, "after");
    avqa_arena_release(&arena);
    assert_null(arena.blocks);
}

static void test_reset(void **state)
{
    (void)state;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    avqa_arena_reset(&arena);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++)
            memset(avqa_arena_alloc(&arena, 100), 0xff, 100);
        avqa_arena_reset(&arena);
        assert_non_null(arena.blocks);
        unsigned char *p = avqa_arena_alloc(&arena, 2000);
        for (int k = 0; k < 2000; k++)
            assert_int_equal(p[k], 0);
    }
    avqa_arena_release(&arena);
    avqa_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_allocations_do_not_touch),
                                       cmocka_unit_test(test_large_ones),
                                       cmocka_unit_test(test_reset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
