/* Remarks, progress and the wish to stop go through the callbacks that were given, and
 * nowhere if there are none. */
#include "check.h"

#include "base/log.h"

struct heard {
    char line[2048];
    enum avqa_log_level level;
    int64_t done, total;
    int n;
    bool stop;
};

static void hear(void *user, enum avqa_log_level level, const char *line)
{
    struct heard *h = user;
    h->n++;
    h->level = level;
    snprintf(h->line, sizeof h->line, "%s", line);
}

static void see(void *user, const char *what, int64_t done, int64_t total)
{
    struct heard *h = user;
    snprintf(h->line, sizeof h->line, "%s", what);
    h->done = done;
    h->total = total;
}

static void note(void *user, const char *text)
{
    struct heard *h = user;
    snprintf(h->line, sizeof h->line, "%s", text);
}

static bool asked(void *user)
{
    return ((struct heard *)user)->stop;
}

static void test_callbacks(void **state)
{
    (void)state;
    struct heard h = {0};
    struct avqa_log log = {hear, see, asked, &h, note};
    avqa_log_write(&log, AVQA_LOG_WARNING, "%s %d", "row", 3);
    assert_string_equal(h.line, "row 3");
    assert_int_equal(h.level, AVQA_LOG_WARNING);
    avqa_log_progress(&log, "bytes", 5, 10);
    assert_string_equal(h.line, "bytes");
    assert_int_equal(h.done, 5);
    assert_int_equal(h.total, 10);
    avqa_log_note(&log, "epoch %d", 2);
    assert_string_equal(h.line, "epoch 2");
    assert_false(avqa_log_stopped(&log));
    h.stop = true;
    assert_true(avqa_log_stopped(&log));
    assert_int_equal(h.n, 1);
}

static void test_none(void **state)
{
    (void)state;
    struct avqa_log empty = {0};
    avqa_log_write(NULL, AVQA_LOG_INFO, "x");
    avqa_log_write(&empty, AVQA_LOG_INFO, "x");
    avqa_log_progress(NULL, "x", 1, 2);
    avqa_log_note(NULL, "x");
    avqa_log_note(&empty, "x");
    avqa_log_progress(&empty, "x", 1, 2);
    assert_false(avqa_log_stopped(NULL));
    assert_false(avqa_log_stopped(&empty));
}

static void test_long_lines_are_cut(void **state)
{
    (void)state;
    struct heard h = {0};
    struct avqa_log log = {.write = hear, .user = &h};
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    avqa_log_write(&log, AVQA_LOG_DEBUG, "%s", text);
    assert_in_range(strlen(h.line), 500, 1023);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_callbacks),
                                       cmocka_unit_test(test_none),
                                       cmocka_unit_test(test_long_lines_are_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
