/* Sources with urls, what their manifest expects, their last attempt; and the ledger,
 * which gives back what was written into it. */
#include "catalog_fixture.h"

#include "catalog/attempt.h"
#include "catalog/source.h"

static enum avqa_status add_source(void *user, const struct avqa_source *s)
{
    avqa_buf_addf(user, "%s %s %s %d %s/%s %d %s;", s->name, s->url ? s->url : "-",
                  s->path ? s->path : "-", (int)s->bytes,
                  s->last_outcome ? s->last_outcome : "-",
                  s->last_class ? s->last_class : "-", (int)s->expected_bytes,
                  s->expected_sha256 ? s->expected_sha256 : "-");
    return AVQA_OK;
}

static enum avqa_status add_attempt(void *user, const struct avqa_attempt *a)
{
    avqa_buf_addf(user, "%d %s %s %s %s %s %d %d %d;", (int)a->run_id, a->stage,
                  a->item, a->outcome, a->class ? a->class : "-",
                  a->reason ? a->reason : "-", a->http_status, (int)a->bytes,
                  (int)(a->ended_us - a->started_us));
    return AVQA_OK;
}

static void test_each(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    assert_ok(catalog_try(
        f->cat,
        "INSERT INTO source(id, name, url) VALUES (1, 'a', 'u1'), (2, 'b', NULL), "
        "(3, 'c', 'u3'), (4, 'd', 'u4')"));
    assert_ok(catalog_try(
        f->cat,
        "INSERT INTO clip(picture, sound, source_id, origin, extra, run_id) VALUES "
        "('c', 'c', 3, 'real', '{\"bytes\": \"77\", \"sha256\": \"ab\"}', 1), "
        "('c2', 'c2', 3, 'real', NULL, 1), "
        "('d', 'd', 4, 'real', '{\"mood\": \"calm\"}', 1)"));
    assert_ok(catalog_try(
        f->cat,
        "INSERT INTO attempt(run_id, stage, item, started_us, outcome, class) VALUES "
        "(1, 'fetch', 'a', 1, 'failed', 'transient'), "
        "(1, 'fetch', 'a', 2, 'failed', 'permanent'), "
        "(1, 'cut', 'c', 2, 'failed', 'ours')"));
    assert_ok(avqa_source_set_file(f->cat, 4, "media/d.mp4", 9, "cd"));
    assert_ok(avqa_source_each(f->cat, add_source, &text));
    assert_string_equal(avqa_buf_str(&text), "b - - -1 -/- -1 -;c u3 - -1 -/- 77 ab;"
                                             "d u4 media/d.mp4 9 -/- -1 -;"
                                             "a u1 - -1 failed/permanent -1 -;");
    avqa_buf_clear(&text);
    assert_ok(avqa_source_find_file(f->cat, "cd", 9, &text));
    assert_string_equal(avqa_buf_str(&text), "media/d.mp4");
    avqa_buf_clear(&text);
    assert_ok(avqa_source_find_file(f->cat, "cd", 8, &text));
    assert_ok(avqa_source_find_file(f->cat, "ce", 9, &text));
    assert_int_equal(text.len, 0);
    avqa_buf_release(&text);
}

static void test_ledger(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_attempt a = {.run_id = f->run,
                             .stage = "fetch",
                             .item = "x",
                             .started_us = 5,
                             .ended_us = 12,
                             .outcome = "failed",
                             .class = "transient",
                             .reason = "http-503",
                             .detail = "a sentence",
                             .http_status = 503,
                             .bytes = 0};
    assert_ok(avqa_attempt_add(f->cat, &a));
    a = (struct avqa_attempt){.run_id = f->run,
                              .stage = "fetch",
                              .item = "x",
                              .outcome = "done",
                              .bytes = -1};
    assert_ok(avqa_attempt_add(f->cat, &a));
    a.class = "hopeless"; /* no class of ours */
    assert_true(avqa_attempt_add(f->cat, &a) != AVQA_OK);
    assert_ok(avqa_attempt_each(f->cat, add_attempt, &text));
    assert_string_equal(avqa_buf_str(&text),
                        "1 fetch x failed transient http-503 503 0 7;"
                        "1 fetch x done - - 0 -1 0;");
    avqa_buf_release(&text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, catalog_teardown)
    const struct CMUnitTest tests[] = {TEST(test_each), TEST(test_ledger)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
