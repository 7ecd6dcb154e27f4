/* A failure keeps its code and one line of valid UTF-8, whatever was put into it;
 * context goes in front once; every thread has its own message. */
#include "check.h"

#include <pthread.h>

#include "base/text.h"

static void test_code_and_message(void **state)
{
    (void)state;
    assert_int_equal(avqa_fail(AVQA_EIO, "%s: short read at %d", "file", 7), AVQA_EIO);
    assert_string_equal(avqa_message(), "file: short read at 7");
    assert_int_equal(avqa_fail_in(AVQA_EIO, "row %d", 3), AVQA_EIO);
    assert_string_equal(avqa_message(), "row 3: file: short read at 7");
}

static void test_control_bytes_are_escaped(void **state)
{
    (void)state;
    (void)!avqa_fail(AVQA_EINVAL, "a\nb\tc\x1b[31m\x7f");
    assert_string_equal(avqa_message(), "a\\x0ab\\x09c\\x1b[31m\\x7f");
}

static void test_message_is_valid_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *message;
    } cases[] = {{"二胡 é 🎻", "二胡 é 🎻"},
                 {"cut \xe4\xba", "cut \\xe4\\xba"},
                 {"alone \x80", "alone \\x80"},
                 {"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
                 {"overlong \xe0\x80\xaf", "overlong \\xe0\\x80\\xaf"},
                 {"overlong \xf0\x80\x80\xaf", "overlong \\xf0\\x80\\x80\\xaf"},
                 {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
                 {"beyond \xf4\x90\x80\x80", "beyond \\xf4\\x90\\x80\\x80"}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        (void)!avqa_fail(AVQA_EFORMAT, "%s", cases[i].bytes);
        assert_string_equal(avqa_message(), cases[i].message);
        assert_true(avqa_text_valid(avqa_message(), strlen(avqa_message()), NULL));
    }
}

static void test_long_messages_are_cut(void **state)
{
    (void)state;
    char text[5000];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 3)
            memcpy(text + i, "胡", 4);
        (void)!avqa_fail(AVQA_EIO, "%s", text);
        for (int i = 0; i < 10; i++)
            (void)!avqa_fail_in(AVQA_EIO, "%s", text);
        assert_in_range(strlen(avqa_message()), 100, 1023);
        assert_true(avqa_text_valid(avqa_message(), strlen(avqa_message()), NULL));
    }
}

static void *fail_elsewhere(void *arg)
{
    (void)arg;
    (void)!avqa_fail(AVQA_EIO, "of the other thread");
    return NULL;
}

static void test_messages_are_per_thread(void **state)
{
    (void)state;
    pthread_t thread;
    (void)!avqa_fail(AVQA_EIO, "of this thread");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    assert_string_equal(avqa_message(), "of this thread");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_code_and_message),
                                       cmocka_unit_test(test_control_bytes_are_escaped),
                                       cmocka_unit_test(test_message_is_valid_utf8),
                                       cmocka_unit_test(test_long_messages_are_cut),
                                       cmocka_unit_test(test_messages_are_per_thread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
