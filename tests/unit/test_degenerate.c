/* Questions that ask nothing are found by what their slots refer to, whatever the
 * template; a senseless row is not counted for its answer too. */
#include "tiny.h"

#include "audit/degenerate.h"

/* A row and the reason it is counted for, or NULL. */
static const struct {
    const char *code, *slots, *answer, *reason;
} rows[] = {{"A01", "violin,violin", "yes", "same_object"},
            {"A01", "violin,piano", "yes", NULL},
            {"A04", "erhu,erhu", "no", "same_object"},
            {"V01", "erhu,erhu", "no", "same_object"},
            {"X01", "violin,left,violin,left", "yes", "same_object"},
            {"X01", "violin,left,violin,right", "yes", NULL},
            {"X01", "violin,left,piano,left", "yes", "two_at_one_place"},
            {"X02", "violin,left,piano,left", "yes", "two_at_one_place"},
            {"X02", "violin,left,piano,right", "yes", NULL},
            {"X03", "left,left", "yes", "same_place"},
            {"X04", "left,right", "yes", NULL},
            {"X15", "violin", "violin", "answer_repeats_slot"},
            {"X15", "violin", "piano", NULL},
            {"X19", "before,erhu", "erhu", "answer_repeats_slot"},
            {"V05", "left,violin", "violin", "answer_repeats_slot"},
            {"V05", "middle,violin", "violin", "middle_of"},
            {"V05", "middle,violin", "erhu", "middle_of"},
            {"X13", "middle,first", "erhu", "middle_of"},
            {"X13", "left,first", "erhu", NULL},
            {"X12", "first,left", "yes", NULL},
            {"X18", "violin,first", "left", NULL},
            {"A05", "", "two", NULL}};

static void test_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(rows); i++) {
        struct tiny t = tiny_new();
        tiny_add(&t, "v", rows[i].code, rows[i].slots, rows[i].answer);
        tiny_import(&t, "s");
        tiny_audit(&t, "s", NULL);
        const struct avqa_finding *f = tiny_finding(&t, "degenerate", AVQA_WARNING, 0);
        if ((f != NULL) != (rows[i].reason != NULL) ||
            (f && !strstr(f->message, rows[i].reason)))
            fail_msg("%s %s: %s", rows[i].code, rows[i].slots,
                     f ? f->message : "nothing");
        assert_null(tiny_finding(&t, "degenerate", AVQA_WARNING, 1));
        if (f)
            assert_int_equal(f->n_rows, 1);
        tiny_free(&t);
    }
}

static void test_report(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    for (size_t i = 0; i < N_OF(rows); i++)
        tiny_add(&t, "v", rows[i].code, rows[i].slots, rows[i].answer);
    tiny_import(&t, "s");
    struct avqa_json *expected =
        check_parse("{\"same_object\": 4, \"same_place\": 1, \"two_at_one_place\": 2, "
                    "\"answer_repeats_slot\": {\"V05\": 1, \"X15\": 1, \"X19\": 1}, "
                    "\"middle_of\": {\"V05\": 2, \"X13\": 1}}");
    assert_true(
        check_same(avqa_json_get(tiny_audit(&t, "s", NULL), "degenerate"), expected));
    const struct avqa_finding *f;
    size_t said = 0;
    for (size_t i = 0; (f = tiny_finding(&t, "degenerate", AVQA_WARNING, i)); i++)
        said += (strstr(f->message, "1 of the questions X15 ") &&
                 strstr(f->message, "\" has an answer that")) ||
                (strstr(f->message, "2 of the questions V05 ") &&
                 strstr(f->message, "\" ask what is"));
    assert_int_equal(said, 2);
    avqa_json_free(expected);
    tiny_free(&t);
}

/* Every reason stands in the report even if nothing was found, so that it always has
 * the same members. */
static void test_nothing_found(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "X10", "", "no");
    tiny_import(&t, "s");
    struct avqa_json *expected =
        check_parse("{\"same_object\": 0, \"same_place\": 0, \"two_at_one_place\": 0, "
                    "\"answer_repeats_slot\": {}, \"middle_of\": {}}");
    assert_true(
        check_same(avqa_json_get(tiny_audit(&t, "s", NULL), "degenerate"), expected));
    avqa_json_free(expected);
    tiny_free(&t);
}

/* Nothing of it is about English: the same with the templates of another language. */
static void test_another_language(void **state)
{
    (void)state;
    struct tiny t = tiny_new_with("tests/data/templates-zh.json");
    size_t n = 0;
    for (size_t i = 0; i < t.templates->n; i++) {
        const struct avqa_template *p = &t.templates->items[i];
        if (p->n_slots < 2 || p->slots[0] != p->slots[1])
            continue;
        struct avqa_buf slots = AVQA_BUF_INIT;
        avqa_buf_addf(&slots, "%s,%s", p->slots[0]->values[0], p->slots[0]->values[0]);
        tiny_add(&t, "v", p->code, avqa_buf_str(&slots), p->answers[0]->values[0]);
        avqa_buf_release(&slots);
        n++;
    }
    tiny_add(&t, "v", "数一", "钢琴", "一");
    tiny_import(&t, "s");
    const struct avqa_json *d = avqa_json_get(tiny_audit(&t, "s", NULL), "degenerate");
    assert_int_equal(
        check_int(d, "same_object", NULL) + check_int(d, "same_place", NULL), n);
    for (size_t i = 0; i < t.table.n_rows; i++)
        assert_false(t.table.rows[i].odd_type);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons), cmocka_unit_test(test_report),
        cmocka_unit_test(test_nothing_found), cmocka_unit_test(test_another_language)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
