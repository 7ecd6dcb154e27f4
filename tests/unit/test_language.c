/* Answers and slot values outside their domains, stated types, answers and words that
 * the other split never has: each is counted and named with its rows. */
#include "tiny.h"

#include "audit/language.h"

static const struct avqa_json *text_of(const struct tiny *t)
{
    return check_at(t->audit.report, "dataset", "text", NULL);
}

static void assert_rows(const struct tiny *t, const struct avqa_finding *f,
                        const char *expected)
{
    struct avqa_buf got = AVQA_BUF_INIT;
    assert_non_null(f);
    for (size_t i = 0; i < f->n_rows; i++)
        avqa_buf_addf(&got, "%s%u", i ? "," : "", t->table.rows[f->rows[i]].line);
    assert_string_equal(avqa_buf_str(&got), expected);
    avqa_buf_release(&got);
}

static void test_answers(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const struct {
        const char *code, *answer;
    } rows[] = {{"X10", "no"},    {"X10", "violn"},  {"X10", "violin"},
                {"X10", "violn"}, {"V08", "Indoor"}, {"V08", "indoor"}};
    for (size_t i = 0; i < N_OF(rows); i++)
        tiny_add(&t, "v", rows[i].code, "", rows[i].answer);
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_int_equal(check_int(text_of(&t), "validity", "valid", NULL), 2);
    assert_int_equal(check_int(text_of(&t), "validity", "total", NULL), 6);
    const struct avqa_finding *f = tiny_finding(&t, "text", AVQA_ERROR, 0);
    assert_has(f->message, "1 of 2 answers to V08");
    assert_has(f->message, "\"Indoor\" (not in the vocabulary at all)");
    assert_rows(&t, f, "5");
    f = tiny_finding(&t, "text", AVQA_ERROR, 1);
    assert_has(f->message,
               "3 of 4 answers to X10 \"Is there a voiceover?\" are none of "
               "its words: \"violn\" (not in the vocabulary at all), "
               "\"violin\"");
    assert_rows(&t, f, "2,3,4");
    assert_null(tiny_finding(&t, "text", AVQA_ERROR, 2));
    tiny_free(&t);
}

static void test_slots(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "A06", "harp", "no");
    tiny_add(&t, "v", "A06", "violin", "no");
    tiny_add(&t, "w", "A06", "harp", "yes");
    tiny_add(&t, "v", "V05", "leftest,violin", "erhu");
    tiny_add(&t, "v", "X16", "violin", "erhu"); /* a word of another slot */
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    const struct avqa_finding *f = tiny_finding(&t, "text", AVQA_ERROR, 0);
    assert_has(f->message,
               "A06 \"Is there a <Object> sound?\": \"harp\" is no word for "
               "<Object>");
    assert_rows(&t, f, "1,3");
    assert_rows(&t, tiny_finding(&t, "text", AVQA_ERROR, 1), "4");
    f = tiny_finding(&t, "text", AVQA_ERROR, 2);
    assert_has(f->message, "\"violin\" is no word for <TH>");
    assert_rows(&t, f, "5");
    assert_null(tiny_finding(&t, "text", AVQA_ERROR, 3));
    tiny_free(&t);
}

static void test_stated_types(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const types[] = {"\"type\": [\"Audio-Visual\", \"Existential\"]",
                                        "\"type\": [\"Audio\", \"Existential\"]", NULL};
    for (size_t i = 0; i < N_OF(types); i++)
        tiny_put(&t,
                 &(struct tiny_row){"v", "X10", "", "no", NULL, (int)i + 1, types[i]});
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    const struct avqa_finding *f = tiny_finding(&t, "text", AVQA_WARNING, 0);
    assert_has(f->message, "1 row states another type");
    assert_rows(&t, f, "2");
    tiny_free(&t);
}

static void test_lengths(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "X10", "", "no"); /* Is there a voiceover: 4 */
    tiny_add(&t, "w", "X10", "", "no"); /* 4 */
    tiny_add(&t, "v", "A01", "violin,erhu",
             "no"); /* Is the violin louder than the erhu: 7 */
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    const struct avqa_json *length = avqa_json_get(text_of(&t), "length_words");
    assert_int_equal(check_int(length, "min", NULL), 4);
    assert_int_equal(check_int(length, "max", NULL), 7);
    assert_close(check_double(length, "mean", NULL), 5, 1e-9);
    assert_int_equal(check_int(text_of(&t), "words", NULL), 9);
    tiny_free(&t);
}

static void test_against_another_split(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "A06", "violin", "no");
    tiny_add(&t, "v", "X10", "", "yes");
    tiny_import(&t, "fit");
    tiny_add(&t, "w", "A06", "erhu", "no");    /* erhu is new */
    tiny_add(&t, "w", "A06", "violin", "yes"); /* A06 was never yes */
    tiny_add(&t, "w", "V08", "", "indoor");    /* four new words; V08 was never asked */
    tiny_import(&t, "on");
    tiny_audit(&t, "on", "fit");
    const struct avqa_json *text = text_of(&t);
    assert_int_equal(check_int(text, "plausibility", "plausible", NULL), 1);
    assert_int_equal(check_int(text, "plausibility", "total", NULL), 3);
    assert_int_equal(check_int(text, "out_of_vocabulary", "questions", NULL), 2);
    assert_int_equal(check_int(text, "out_of_vocabulary", "words", NULL), 5);
    assert_has(tiny_finding(&t, "text", AVQA_NOTE, 0)->message,
               "2 questions have an answer that 'fit' never gives to their template");
    assert_has(tiny_finding(&t, "text", AVQA_NOTE, 1)->message,
               "5 words of 2 questions never occur in 'fit'");
    tiny_audit(&t, "on", NULL);
    assert_null(avqa_json_get(text_of(&t), "plausibility"));
    tiny_free(&t);
}

/* Two templates with the same odd value are two findings; each has all its rows. */
static void test_slots_by_template(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    for (int i = 1; i <= 1500; i++) {
        tiny_put(&t, &(struct tiny_row){"v", "A06", "harp", "no", NULL, i, NULL});
        if (i % 2)
            tiny_add(&t, "v", "V02", "harp", "one");
    }
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    const struct avqa_finding *f = tiny_finding(&t, "text", AVQA_ERROR, 0);
    assert_has(f->message, "A06 \"");
    assert_has(f->message, "\"harp\" is no word for <Object> (1500 rows)");
    assert_int_equal(f->n_rows_total, 1500);
    assert_int_equal(f->n_rows, AVQA_FINDING_MAX_ROWS);
    f = tiny_finding(&t, "text", AVQA_ERROR, 1);
    assert_has(f->message, "V02 \"");
    assert_has(f->message, "(750 rows)");
    assert_int_equal(f->n_rows_total, 750);
    assert_null(tiny_finding(&t, "text", AVQA_ERROR, 2));
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_slots),
                                       cmocka_unit_test(test_stated_types),
                                       cmocka_unit_test(test_lengths),
                                       cmocka_unit_test(test_against_another_split),
                                       cmocka_unit_test(test_slots_by_template)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
