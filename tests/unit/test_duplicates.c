/* Rows that repeat another word for word, and question ids that stand for several rows,
 * within a split. */
#include "random_set.h"

#include "audit/duplicates.h"

static void test_rows(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const answers[] = {"no", "yes", "no", "no"};
    for (int i = 0; i < 4; i++)
        tiny_put(&t, &(struct tiny_row){"v", "X10", "", answers[i], NULL, i + 1, NULL});
    tiny_put(&t, &(struct tiny_row){"v", "X10", "", "no", "w", 0, NULL});
    tiny_add(&t, "w", "X10", "", "no");
    tiny_import(&t, "s");
    const struct avqa_json *r = tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(r, "duplicates", "questions", NULL), 2);
    assert_int_equal(check_int(r, "duplicates", "question_ids", NULL), 0);
    const struct avqa_finding *f = tiny_finding(&t, "duplicates", AVQA_WARNING, 0);
    assert_has(f->message, "2 rows repeat another row word for word");
    assert_int_equal(f->n_rows, 3); /* each once */
    for (size_t i = 0; i < f->n_rows; i++)
        assert_string_equal(random_answer(&t, f->rows[i]), "no");
    assert_null(tiny_finding(&t, "duplicates", AVQA_WARNING, 1));
    tiny_free(&t);
}

static void test_ids(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const struct {
        int id;
        const char *code, *answer;
    } rows[] = {{5, "X10", "no"},  {6, "X10", "no"},  {5, "X11", "no"},
                {7, "X10", "yes"}, {6, "X11", "yes"}, {6, "V08", "indoor"}};
    for (size_t i = 0; i < N_OF(rows); i++)
        tiny_put(&t, &(struct tiny_row){"v", rows[i].code, "", rows[i].answer, NULL,
                                        rows[i].id, NULL});
    tiny_import(&t, "s");
    tiny_put(&t, &(struct tiny_row){"v", "X10", "", "no", NULL, 7, NULL});
    tiny_import(&t, "other"); /* an id of another split is no repetition */
    const struct avqa_json *r = tiny_audit(&t, NULL, NULL);
    assert_int_equal(check_int(r, "duplicates", "question_ids", NULL), 2);
    assert_int_equal(check_int(r, "duplicates", "question_ids_contradicting", NULL), 1);
    assert_has(tiny_finding(&t, "duplicates", AVQA_WARNING, 0)->message,
               "2 rows repeat");
    const struct avqa_finding *f = tiny_finding(&t, "duplicates", AVQA_WARNING, 1);
    assert_has(f->message,
               "2 question ids of 's' stand more than once; 1 of them with");
    assert_int_equal(f->n_rows, 5);
    assert_null(tiny_finding(&t, "duplicates", AVQA_WARNING, 2));
    tiny_free(&t);
}

/* Rows that repeat an earlier one, and ids met before, counted naively. */
static void test_against_naive(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < RANDOM_ROUNDS; seed++) {
        struct tiny t = tiny_new();
        int64_t rows = 0;
        int64_t ids = 0;
        random_fill(&t, seed);
        for (size_t i = t.audit.on.from; i < t.audit.on.to; i++) {
            bool repeats = false;
            size_t before = 0;
            size_t after = 0;
            for (size_t k = t.audit.on.from; k < t.audit.on.to; k++) {
                bool same_id = t.table.numbers[k] == t.table.numbers[i] &&
                               t.table.numbers[i] != AVQA_AUDIT_NO_NUMBER;
                before += same_id && k < i;
                after += same_id && k > i;
                repeats =
                    repeats || (k < i && t.table.rows[k].clip == t.table.rows[i].clip &&
                                random_same_group(&t, i, k, AVQA_GROUP_SLOTS) &&
                                t.table.rows[k].answer == t.table.rows[i].answer);
            }
            rows += repeats;
            ids += !before && after;
        }
        const struct avqa_json *d = avqa_json_get(t.audit.report, "duplicates");
        assert_int_equal(check_int(d, "questions", NULL), rows);
        assert_int_equal(check_int(d, "question_ids", NULL), ids);
        tiny_free(&t);
    }
}

/* A row repeats another however many stand between the two. */
static void test_far_apart(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "X07", "erhu", "ten");
    for (int i = 0; i < 1500; i++)
        tiny_put(&t, &(struct tiny_row){"v", "X07", "erhu", i % 2 ? "one" : "two", NULL,
                                        i + 1, NULL});
    tiny_add(&t, "v", "X07", "erhu", "ten");
    tiny_import(&t, "s");
    const struct avqa_json *r = tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(r, "duplicates", "questions", NULL), 1499);
    const struct avqa_finding *f = tiny_finding(&t, "duplicates", AVQA_WARNING, 0);
    assert_int_equal(f->n_rows_total, 1502);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_ids),
        cmocka_unit_test(test_against_naive), cmocka_unit_test(test_far_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
