/* A row is new, met again by a later import (the same or with another answer), or
 * stands twice in one file (then it is kept twice); importing again changes nothing. */
#include "catalog_fixture.h"

#include "catalog/clip.h"
#include "catalog/phrase.h"
#include "catalog/question_batch.h"

/* A question as a few letters. Number 0 is none. */
struct row {
    int number;
    const char *clip, *text, *slots, *answer;
};

struct importer {
    struct catalog_fixture *f;
    struct avqa_phrases *phrases;
    struct avqa_clip_store *clips;
    struct avqa_question_store *questions;
    int64_t split, row;
};

static struct importer begin_import(struct catalog_fixture *f, const char *split)
{
    struct importer im = {.f = f};
    catalog_next_run(f);
    assert_ok(catalog_try(f->cat, "INSERT OR IGNORE INTO template_set VALUES "
                                  "(1, 't', 'sha', '{}')"));
    assert_ok(catalog_try(f->cat, "INSERT OR IGNORE INTO template VALUES (1, 1, 'A')"));
    assert_ok(avqa_split_ensure(f->cat, split, &im.split));
    assert_ok(avqa_phrases_open(&im.phrases, f->cat));
    assert_ok(avqa_clip_store_open(&im.clips, f->cat, f->run));
    assert_ok(avqa_question_store_open(&im.questions, f->cat, f->run, im.split));
    return im;
}

static enum avqa_status put_row(struct importer *im, const struct row *r,
                                enum avqa_question_outcome *outcome)
{
    bool is_new;
    struct avqa_clip clip = {.picture = r->clip,
                             .sound = r->clip,
                             .start_us = AVQA_CLIP_UNKNOWN,
                             .duration_us = AVQA_CLIP_UNKNOWN};
    struct avqa_question q = {.split_id = im->split,
                              .template_id = 1,
                              .number = r->number,
                              .has_number = r->number != 0,
                              .row = ++im->row};
    assert_ok(avqa_clip_ensure(im->clips, &clip, &q.clip_id, &is_new));
    assert_ok(avqa_phrases_id(im->phrases, r->text, &q.text_id));
    assert_ok(avqa_phrases_id(im->phrases, r->slots, &q.slots_id));
    assert_ok(avqa_phrases_id(im->phrases, r->answer, &q.answer_id));
    return avqa_question_put(im->questions, &q, outcome);
}

static void end_import(struct importer *im)
{
    avqa_phrases_close(im->phrases);
    avqa_clip_store_close(im->clips);
    avqa_question_store_close(im->questions);
}

/* Imports rows; the outcomes as letters: New, Same, Updated, Duplicate, Conflict. */
static void assert_import(struct catalog_fixture *f, const char *split,
                          const struct row *rows, size_t n, const char *outcomes)
{
    char got[64] = "";
    struct importer im = begin_import(f, split);
    assert_true(n < sizeof got);
    for (size_t i = 0; i < n; i++) {
        enum avqa_question_outcome outcome;
        assert_ok(put_row(&im, &rows[i], &outcome));
        got[i] = "NSUDC"[outcome];
    }
    end_import(&im);
    assert_string_equal(got, outcomes);
}

static int64_t count(struct catalog_fixture *f)
{
    return catalog_ask(f->cat, "SELECT count(*) FROM question");
}

static void test_what_makes_a_question(void **state)
{
    struct catalog_fixture *f = *state;
    static const struct row rows[] = {
        {1, "v", "t", "[]", "yes"}, {2, "v", "t", "[]", "yes"},
        {0, "v", "t", "[]", "yes"}, {1, "w", "t", "[]", "yes"},
        {1, "v", "u", "[]", "yes"}, {1, "v", "t", "[x]", "yes"}};
    assert_import(f, "train", rows, N_OF(rows), "NNNNNN");
    assert_import(f, "val", rows, N_OF(rows), "NNNNNN");
    assert_import(f, "train", rows, N_OF(rows), "SSSSSS");
    assert_int_equal(count(f), 12);
}

static void test_doubled_ids(void **state)
{
    struct catalog_fixture *f = *state;
    static const struct row rows[] = {
        {7, "v", "t", "[]", "yes"}, {8, "v", "t", "[]", "two"},
        {7, "v", "t", "[]", "no"},  {8, "v", "t", "[]", "two"},
        {7, "v", "t", "[]", "yes"}, {0, "v", "t", "[]", "a"},
        {0, "v", "t", "[]", "b"}};
    assert_import(f, "s", rows, N_OF(rows), "NNCDDNC");
    assert_int_equal(count(f), 7);
    for (int again = 0; again < 3; again++)
        assert_import(f, "s", rows, N_OF(rows), "SSSSSSS");
    assert_int_equal(count(f), 7);
    assert_int_equal(catalog_ask(f->cat, "SELECT count(DISTINCT row) FROM question"),
                     7);
    assert_int_equal(catalog_ask(f->cat,
                                 "SELECT count(*) FROM question q JOIN phrase p "
                                 "ON p.id = answer_id WHERE text = 'yes'"),
                     2);
}

static void test_corrected_answers(void **state)
{
    struct catalog_fixture *f = *state;
    static const struct row first[] = {{1, "v", "t", "[]", "yes"},
                                       {2, "v", "t", "[]", "one"}};
    static const struct row second[] = {{1, "v", "t", "[]", "no"},
                                        {2, "v", "t", "[]", "one"}};
    static const struct row both[] = {{1, "v", "t", "[]", "yes"},
                                      {1, "v", "t", "[]", "no"}};
    assert_import(f, "s", first, 2, "NN");
    assert_import(f, "s", second, 2, "US");
    assert_int_equal(count(f), 2);
    assert_int_equal(catalog_ask(f->cat,
                                 "SELECT count(*) FROM question q JOIN phrase p "
                                 "ON p.id = answer_id WHERE text = 'no'"),
                     1);
    assert_import(f, "s", both, 2, "UC"); /* the first takes the stored row */
    assert_int_equal(count(f), 3);
    assert_import(f, "s", both, 2, "SS");
    assert_import(f, "s", second, 2, "SS");
}

static void test_too_many_of_the_same(void **state)
{
    struct catalog_fixture *f = *state;
    static const struct row same = {1, "v", "t", "[]", "yes"};
    enum avqa_question_outcome outcome;
    struct importer im = begin_import(f, "s");
    for (int i = 0; i < AVQA_QUESTION_MAX_SAME; i++)
        assert_ok(put_row(&im, &same, &outcome));
    enum avqa_status rc = put_row(&im, &same, &outcome);
    if (rc == AVQA_OK)
        rc = put_row(&im, &same, &outcome);
    assert_int_equal(rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "the same question stands more than 1000 times");
    end_import(&im);
}

/* More rows than the store keeps in mind at first, all told apart. */
static void test_many(void **state)
{
    struct catalog_fixture *f = *state;
    enum avqa_question_outcome outcome;
    char text[32];
    assert_ok(avqa_catalog_begin(f->cat));
    for (int round = 0; round < 2; round++) {
        struct importer im = begin_import(f, "s");
        for (int i = 0; i < 9000; i++) {
            snprintf(text, sizeof text, "t%d", i % 4500);
            struct row r = {0, i % 2 ? "v" : "w", text, "[]", i < 4500 ? "yes" : "no"};
            assert_ok(put_row(&im, &r, &outcome));
            bool twice = i >= 4500;
            assert_int_equal(outcome, round   ? AVQA_QUESTION_SAME
                                      : twice ? AVQA_QUESTION_CONFLICT
                                              : AVQA_QUESTION_NEW);
        }
        end_import(&im);
    }
    assert_ok(avqa_catalog_commit(f->cat));
    assert_int_equal(count(f), 9000);
}

static enum avqa_status add_question(void *user, const struct avqa_question *q)
{
    struct avqa_buf *text = user;
    avqa_buf_addf(text, "%d@%d%s;", q->has_number ? (int)q->number : -1, (int)q->row,
                  q->deleted ? "!" : "");
    return AVQA_OK;
}

static enum avqa_status add_split(void *user, int64_t id, const char *name)
{
    assert_true(id > 0);
    avqa_buf_addf(user, "%s;", name);
    return AVQA_OK;
}

static void test_looking_back(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_buf text = AVQA_BUF_INIT;
    static const struct row rows[] = {{3, "v", "t", "[]", "a"},
                                      {0, "v", "t", "[]", "b"}};
    int64_t id = 0;
    int64_t n = 0;
    assert_fails(avqa_split_find(f->cat, "none", &id), AVQA_ENOENT,
                 "no split is called 'none'; there are none yet");
    assert_import(f, "train", rows, 2, "NN");
    assert_import(f, "val", rows + 1, 1, "N");
    assert_fails(avqa_split_find(f->cat, "none", &id), AVQA_ENOENT,
                 "there is: train, val");
    assert_ok(avqa_split_each(f->cat, add_split, &text));
    assert_string_equal(avqa_buf_str(&text), "train;val;");
    avqa_buf_clear(&text);
    assert_ok(avqa_split_find(f->cat, "train", &id));
    assert_ok(avqa_split_count(f->cat, id, &n));
    assert_int_equal(n, 2);
    assert_ok(avqa_question_each(f->cat, id, add_question, &text));
    assert_string_equal(avqa_buf_str(&text), "3@1;-1@2;");
    assert_ok(avqa_question_each(f->cat, 0, add_question, &text));
    assert_string_equal(avqa_buf_str(&text), "3@1;-1@2;3@1;-1@2;-1@1;");
    avqa_buf_release(&text);
}

/* Questions that are known to be new, as many as fill some statements and a few
 * more: each is there as it was given, and what was not finished is not. */
static void test_batch(void **state)
{
    struct catalog_fixture *f = *state;
    enum { N = 3 * 64 + 5 };
    struct importer im = begin_import(f, "made");
    int64_t clip = 0;
    bool is_new;
    const struct avqa_clip v = {.picture = "v",
                                .sound = "v",
                                .start_us = AVQA_CLIP_UNKNOWN,
                                .duration_us = AVQA_CLIP_UNKNOWN};
    assert_ok(avqa_clip_ensure(im.clips, &v, &clip, &is_new));
    struct avqa_question_batch *batch;
    assert_ok(avqa_question_batch_open(&batch, f->cat, f->run, im.split));
    for (int64_t i = 1; i <= N; i++) {
        char evidence[32];
        snprintf(evidence, sizeof evidence, "{\"n\": %d}", (int)i);
        struct avqa_question q = {.clip_id = clip,
                                  .template_id = 1,
                                  .text_id = 10 * i,
                                  .slots_id = 20 * i,
                                  .answer_id = 30 * i,
                                  .number = i,
                                  .has_number = true,
                                  .row = i + 1000,
                                  .generated = true,
                                  .program_id = 40 * i,
                                  .neighbours_id = 50 * i,
                                  .evidence = evidence,
                                  .entails = i % 3 ? NULL : evidence + 1};
        assert_ok(avqa_question_batch_add(batch, &q));
        memset(evidence, 'x', sizeof evidence - 1); /* it was copied */
    }
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM question"), 3 * 64);
    assert_ok(avqa_question_batch_finish(batch));
    avqa_question_batch_close(batch);
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM question"), N);
    assert_int_equal(
        catalog_ask(
            f->cat,
            "SELECT count(*) FROM question WHERE origin = 'generated' AND "
            "text_id = 10 * id AND slots_id = 20 * id AND answer_id = 30 * id "
            "AND number = id AND row = id + 1000 AND program_id = 40 * id AND "
            "neighbours_id = 50 * id AND deleted = 0 AND shape_id IS NULL AND "
            "evidence = '{\"n\": ' || id || '}' AND coalesce(entails, 0) = CASE "
            "id % 3 WHEN 0 THEN substr(evidence, 2) ELSE 0 END"),
        N);
    assert_int_equal(
        catalog_ask(f->cat, "SELECT count(DISTINCT key_hash) FROM question"), N);
    struct avqa_question bad = {.clip_id = 999, .template_id = 1, .number = 1};
    assert_ok(avqa_question_batch_open(&batch, f->cat, f->run, im.split));
    assert_ok(avqa_question_batch_add(batch, &bad));
    assert_int_equal(avqa_question_batch_finish(batch), AVQA_EIO); /* no such clip */
    avqa_question_batch_close(batch);
    avqa_question_store_close(im.questions);
    avqa_clip_store_close(im.clips);
    avqa_phrases_close(im.phrases);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, catalog_teardown)
    const struct CMUnitTest tests[] = {TEST(test_what_makes_a_question),
                                       TEST(test_doubled_ids),
                                       TEST(test_corrected_answers),
                                       TEST(test_too_many_of_the_same),
                                       TEST(test_many),
                                       TEST(test_looking_back),
                                       TEST(test_batch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
