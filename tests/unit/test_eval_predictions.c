/* Other people's files of answers: every format gives the same, every line is for a
 * question or counted as being for none, and what is wrong is named by line. */
#include "tiny.h"

#include "pipeline/eval_predictions.h"

struct fixture {
    struct tiny t;
    struct avqa_eval_set set;
    struct avqa_reply_rules *rules;
};

/* Questions 0 and 3 share an id and differ in their answer; 4 has none. */
static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char *path = check_source("templates/replies-en.json");
    struct avqa_buf text = check_read(path);
    f->t = tiny_new();
    tiny_put(&f->t, &(struct tiny_row){"v1", "A06", "violin", "yes", .id = 7});
    tiny_put(&f->t, &(struct tiny_row){"v1", "A05", "", "two", .id = 8});
    tiny_put(&f->t, &(struct tiny_row){"v2", "V06", "leftest", "cello", .id = 9});
    tiny_put(&f->t, &(struct tiny_row){"v1", "A06", "violin", "no", .id = 7});
    tiny_add(&f->t, "v3", "V08", "", "indoor");
    tiny_import(&f->t, "test");
    tiny_put(&f->t, &(struct tiny_row){"v9", "V08", "", "indoor", .id = 99});
    tiny_import(&f->t, "other");
    assert_ok(avqa_eval_set_load(&f->set, f->t.dataset, "test", NULL, NULL));
    assert_ok(
        avqa_reply_rules_parse(&f->rules, text.data, text.len, f->set.table.templates));
    avqa_buf_release(&text);
    free(path);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    avqa_reply_rules_free(f->rules);
    avqa_eval_set_release(&f->set);
    tiny_free(&f->t);
    free(f);
    return 0;
}

static enum avqa_status read_text(struct avqa_eval_model *out, struct fixture *f,
                                  const char *name, const char *text)
{
    char *path = check_write_text(f->t.folder, name, text);
    const struct avqa_eval_file file = {path, "question_id", "answer", f->rules, false};
    enum avqa_status rc = avqa_eval_read(out, &f->set, &file);
    free(path);
    return rc;
}

/* What was said to question i, or "-". */
static const char *said(const struct fixture *f, const struct avqa_eval_model *m,
                        size_t i)
{
    uint32_t answer = m->said[i].answer;
    return answer == AVQA_INTERN_NONE ? "-" : avqa_intern_text(&f->set.answers, answer);
}

static void check_said(const struct fixture *f, const struct avqa_eval_model *m,
                       const char *const wanted[5])
{
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(said(f, m, i), wanted[i]);
}

static int count(const struct avqa_eval_model *m, const char *key)
{
    return (int)check_int(m->about, key, NULL);
}

static void test_formats(void **state)
{
    struct fixture *f = *state;
    static const char *const files[][2] = {
        {"a.jsonl", "{\"question_id\": 7, \"answer\": \"yes\"}\n"
                    "{\"question_id\": 8, \"answer\": 2}\n"
                    "{\"question_id\": \"9\", \"answer\": [\"Cellos.\"]}\n"},
        {"b.json", "[{\"question_id\": 7, \"answer\": \"yes\", \"more\": {}},"
                   "{\"answer\": 2, \"question_id\": 8},"
                   "{\"question_id\": 9, \"answer\": \"a cello\"}]"},
        {"c.json", "{\"7\": \"yes\", \"8\": \"2\", \"9\": \"It is a cello\"}"},
        {"d.csv", "model,question_id,answer\r\nm,7,yes\r\nm,8,2\r\nm,9,\"cello, I "
                  "think\"\r\n"},
        {"e.tsv", "answer\tquestion_id\nyes\t7\ntwo\t8\ncello\t9\n"},
    };
    static const char *const wanted[] = {"yes", "two", "cello", "yes", "-"};
    for (size_t i = 0; i < N_OF(files); i++) {
        struct avqa_eval_model m = {0};
        assert_ok(read_text(&m, f, files[i][0], files[i][1]));
        check_said(f, &m, wanted);
        assert_int_equal(count(&m, "lines"), 3);
        assert_int_equal(count(&m, "answered"), 4);
        assert_int_equal(count(&m, "missing"), 1);
        assert_int_equal(count(&m, "exact") + count(&m, "worded") + count(&m, "found"),
                         4);
        assert_true(avqa_eval_is_right(&f->set, &m, 0));
        assert_false(avqa_eval_is_right(&f->set, &m, 3)); /* the same, for "no" */
        assert_false(avqa_eval_is_right(&f->set, &m, 4));
        assert_int_equal(check_int(m.about, "shared", "ids", NULL), 1);
        assert_int_equal(check_int(m.about, "shared", "questions", NULL), 2);
        assert_int_equal(check_int(m.about, "shared", "contradicting", NULL), 1);
        assert_int_equal(count(&m, "without_id"), 1);
        avqa_eval_model_release(&m);
    }
}

/* Two lines for two questions of one id are for one each; a third is too many. What our
 * own predictions.jsonl says of rows goes before ids. */
static void test_lines(void **state)
{
    struct fixture *f = *state;
    struct avqa_eval_model m = {0};
    assert_ok(read_text(&m, f, "a.jsonl",
                        "{\"question_id\": 7, \"answer\": \"yes\"}\n"
                        "{\"question_id\": 99, \"answer\": \"yes\"}\n"
                        "{\"question_id\": 7, \"answer\": \"no\"}\n"
                        "{\"question_id\": 8, \"answer\": null}\n"
                        "{\"question_id\": 7, \"answer\": \"no\"}\n"
                        "{\"question_id\": 7, \"answer\": \"yes\"}\n"
                        "{\"question_id\": 9, \"answer\": \"the cello or the flute\"}\n"
                        "{\"row\": 5, \"question_id\": null, \"answer\": true}\n"));
    check_said(f, &m, (const char *const[]){"yes", "-", "-", "no", "yes"});
    assert_int_equal(count(&m, "lines"), 8);
    assert_int_equal(count(&m, "duplicates"), 2);
    assert_int_equal(count(&m, "contradicting"), 1);
    assert_int_equal(count(&m, "not_in_split"), 1);
    assert_int_equal(count(&m, "missing"), 0);
    assert_int_equal(count(&m, "nothing"), 1);
    assert_int_equal(count(&m, "several"), 1);
    assert_int_equal(count(&m, "exact"), 2);
    assert_int_equal(count(&m, "worded"), 1);
    assert_string_equal(check_string(m.about, "not_read", "#1", "text", NULL),
                        "the cello or the flute");
    avqa_eval_model_release(&m);
}

static void test_options(void **state)
{
    struct fixture *f = *state;
    struct avqa_eval_model m = {0};
    char *path = check_write_text(f->t.folder, "a.jsonl",
                                  "{\"qid\": 8, \"pred\": \"2\"}\n"
                                  "{\"qid\": 9, \"pred\": \"cello\"}\n");
    struct avqa_eval_file file = {path, "qid", "pred", NULL, true};
    assert_ok(avqa_eval_read(&m, &f->set, &file));
    check_said(f, &m, (const char *const[]){"-", "-", "cello", "-", "-"});
    static const bool asked[] = {false, true, true, false, false};
    for (size_t i = 0; i < N_OF(asked); i++)
        assert_int_equal(m.said[i].asked, asked[i]);
    avqa_eval_model_release(&m);
    free(path);
}

static void test_errors(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *text, *message;
        enum avqa_status code;
    } cases[] = {
        {"a.jsonl", "{\"question_id\": 7}\n", "row 1: it has no 'answer'",
         AVQA_EFORMAT},
        {"a.jsonl",
         "{\"question_id\": 7, \"answer\": \"yes\"}\n{\"id\": 7, \"answer\": "
         "\"no\"}",
         "row 2: it has no 'question_id', which is needed; --id-key says which key it "
         "is "
         "(id, answer)",
         AVQA_EFORMAT},
        {"a.jsonl", "{\"question_id\": 1.5, \"answer\": \"yes\"}", "no whole number",
         AVQA_EFORMAT},
        {"a.jsonl", "{\"question_id\": 7, \"answer\": {\"a\": 1}}",
         "its answer is an object", AVQA_EFORMAT},
        {"a.jsonl", "{\"question_id\": 7, \"answer\": [\"a\", \"b\"]}", "a list",
         AVQA_EFORMAT},
        {"a.jsonl", "{\"question_id\": 9, \"row\": 1, \"answer\": \"a\"}",
         "row 1 of split 'test' is not question 9", AVQA_EFORMAT},
        {"a.jsonl", "{\"question_id\": 7, \"answer\": \"yes\"", "a.jsonl",
         AVQA_EFORMAT},
        {"a.json", "[]", "no predictions in it", AVQA_EINVAL},
        {"a.json", "{\"99\": \"yes\", \"98\": \"no\"}",
         "none of its predictions (2) is for a question of split 'test'", AVQA_EINVAL},
        {"a.csv", "7,yes\n", "line 1: its first line must name", AVQA_EFORMAT},
        {"a.csv", "question_id,answer\n7,yes\nx,no\n",
         "line 3: 'question_id' is no "
         "whole number",
         AVQA_EFORMAT},
        {"a.csv", "", "no predictions in it", AVQA_EINVAL},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_eval_model m = {0};
        assert_fails(read_text(&m, f, cases[i].name, cases[i].text), cases[i].code,
                     cases[i].message);
        avqa_eval_model_release(&m);
    }
}

/* An id that nobody asked for is nobody's trouble. */
static void test_shared(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text;
        int ids;
    } cases[] = {
        {"{\"question_id\": 8, \"answer\": \"two\"}\n", 0},
        {"{\"row\": 1, \"question_id\": 7, \"answer\": \"yes\"}\n", 0},
        {"{\"question_id\": 7, \"answer\": \"yes\"}\n", 1},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_eval_model m = {0};
        assert_ok(read_text(&m, f, "shared.jsonl", cases[i].text));
        assert_int_equal(check_int(m.about, "shared", "ids", NULL), cases[i].ids);
        assert_int_equal(check_int(m.about, "shared", "contradicting", NULL),
                         cases[i].ids);
        assert_int_equal(check_int(m.about, "shared", "questions", NULL),
                         2 * cases[i].ids);
        avqa_eval_model_release(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_options), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_shared)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
