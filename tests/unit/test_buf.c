/* A buffer holds what was appended, ends with NUL, never passes its bound, and after a
 * failed append says so until it is cleared. */
#include "check.h"

static void test_appends(void **state)
{
    (void)state;
    struct avqa_buf buf = AVQA_BUF_INIT;
    assert_string_equal(avqa_buf_str(&buf), "");
    avqa_buf_add(&buf, "ab\0c", 4);
    avqa_buf_adds(&buf, "de");
    avqa_buf_addc(&buf, 'f');
    avqa_buf_addf(&buf, "%d-%s", 12, "x");
    assert_int_equal(buf.len, 11);
    assert_memory_equal(buf.data, "ab\0cdef12-x", 12);
    assert_ok(avqa_buf_status(&buf));
    avqa_buf_clear(&buf);
    assert_string_equal(avqa_buf_str(&buf), "");
    avqa_buf_release(&buf);
    assert_null(buf.data);
}

static void test_numbers(void **state)
{
    (void)state;
    static const int64_t numbers[] = {
        0, 7, -1, 10, 1234567890123, -5, INT64_MAX, INT64_MIN, UINT32_MAX};
    for (size_t i = 0; i < N_OF(numbers); i++) {
        char expected[32];
        struct avqa_buf buf = AVQA_BUF_INIT;
        snprintf(expected, sizeof expected, "%lld", (long long)numbers[i]);
        avqa_buf_addi(&buf, numbers[i]);
        assert_string_equal(avqa_buf_str(&buf), expected);
        avqa_buf_release(&buf);
    }
}

static void test_growth_keeps_the_bytes(void **state)
{
    (void)state;
    struct avqa_buf buf = AVQA_BUF_INIT;
    for (int i = 0; i < 10000; i++)
        avqa_buf_addf(&buf, "%04d", i);
    assert_int_equal(buf.len, 40000);
    assert_memory_equal(buf.data + 4 * 1234, "12341235", 8);
    assert_memory_equal(buf.data + 4 * 9999, "9999", 5);
    avqa_buf_release(&buf);
}

static void test_bound(void **state)
{
    (void)state;
    struct avqa_buf buf = {.max = 10};
    avqa_buf_adds(&buf, "0123456789");
    assert_ok(avqa_buf_status(&buf));
    avqa_buf_addc(&buf, 'x');
    assert_fails(avqa_buf_status(&buf), AVQA_ENOMEM, "10 bytes");
    assert_string_equal(avqa_buf_str(&buf), "0123456789");
    avqa_buf_adds(&buf, "");
    avqa_buf_addf(&buf, "%s", "more");
    assert_int_equal(buf.len, 10);
    avqa_buf_clear(&buf);
    avqa_buf_addf(&buf, "%s", "0123456789");
    assert_ok(avqa_buf_status(&buf));
    avqa_buf_addf(&buf, "%d", 1);
    assert_true(buf.failed);
    avqa_buf_release(&buf);
    assert_int_equal(buf.max, 10);
}

static void test_a_length_that_would_overflow(void **state)
{
    (void)state;
    struct avqa_buf buf = {.max = SIZE_MAX};
    avqa_buf_adds(&buf, "ab");
    avqa_buf_add(&buf, "x", SIZE_MAX - 1);
    assert_true(buf.failed);
    assert_string_equal(avqa_buf_str(&buf), "ab");
    avqa_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_growth_keeps_the_bytes), cmocka_unit_test(test_bound),
        cmocka_unit_test(test_a_length_that_would_overflow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
