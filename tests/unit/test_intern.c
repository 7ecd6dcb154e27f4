/* Equal strings get equal ids, counted from 0 in order of appearance, through growth,
 * with NUL bytes inside and after a clear. */
#include "check.h"

#include "base/intern.h"

static void test_ids_in_order(void **state)
{
    (void)state;
    struct avqa_intern in = AVQA_INTERN_INIT;
    bool is_new;
    assert_int_equal(avqa_intern_find(&in, "x", 1), AVQA_INTERN_NONE);
    assert_int_equal(avqa_intern_add(&in, "piano", 5, &is_new), 0);
    assert_true(is_new);
    assert_int_equal(avqa_intern_add(&in, "erhu", 4, &is_new), 1);
    assert_int_equal(avqa_intern_add(&in, "pianoforte", 5, &is_new), 0);
    assert_false(is_new);
    assert_int_equal(avqa_intern_add(&in, "", 0, NULL), 2);
    assert_int_equal(avqa_intern_find(&in, "", 0), 2);
    assert_int_equal(avqa_intern_find(&in, "erh", 3), AVQA_INTERN_NONE);
    assert_string_equal(avqa_intern_text(&in, 0), "piano");
    assert_int_equal(in.n, 3);
    avqa_intern_release(&in);
    assert_int_equal(in.n, 0);
}

static void test_nul_bytes_count(void **state)
{
    (void)state;
    struct avqa_intern in = AVQA_INTERN_INIT;
    assert_int_equal(avqa_intern_add(&in, "a\0b", 3, NULL), 0);
    assert_int_equal(avqa_intern_add(&in, "a\0c", 3, NULL), 1);
    assert_int_equal(avqa_intern_add(&in, "a", 1, NULL), 2);
    assert_int_equal(avqa_intern_find(&in, "a\0c", 3), 1);
    avqa_intern_release(&in);
}

static void test_many(void **state)
{
    (void)state;
    enum { N = 20000 };
    struct avqa_intern in = AVQA_INTERN_INIT;
    char text[32];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < N; i++) {
            int len = snprintf(text, sizeof text, "word %u", i * 7);
            assert_int_equal(avqa_intern_add(&in, text, (size_t)len, NULL), i);
        }
        const char *first = avqa_intern_text(&in, 0);
        for (uint32_t i = 0; i < N; i++) {
            int len = snprintf(text, sizeof text, "word %u", i * 7);
            assert_int_equal(avqa_intern_find(&in, text, (size_t)len), i);
            assert_string_equal(avqa_intern_text(&in, i), text);
        }
        assert_ptr_equal(avqa_intern_text(&in, 0), first);
        assert_int_equal(avqa_intern_find(&in, "word 1", 6), AVQA_INTERN_NONE);
        avqa_intern_clear(&in);
        assert_int_equal(avqa_intern_find(&in, "word 0", 6), AVQA_INTERN_NONE);
    }
    avqa_intern_release(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ids_in_order),
                                       cmocka_unit_test(test_nul_bytes_count),
                                       cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
