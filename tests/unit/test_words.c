/* How questions begin, raw and filled in, and how many questions and words there are,
 * counted over wordings but worth their rows. */
#include "tiny.h"

#include "audit/words.h"

static struct tiny *fill(struct tiny *t)
{
    tiny_add(t, "v", "A06", "violin", "yes"); /* Is there a violin sound? */
    tiny_add(t, "w", "A06", "violin", "no");
    tiny_add(t, "v", "A06", "erhu", "no");
    tiny_add(t, "v", "V04", "erhu", "no"); /* Is there a erhu in the entire video? */
    tiny_add(t, "v", "X10", "", "no");     /* Is there a voiceover? */
    tiny_import(t, "s");
    return t;
}

static void assert_list(const struct avqa_json *list, const char *expected)
{
    struct avqa_buf got = AVQA_BUF_INIT;
    for (const struct avqa_json *b = avqa_json_first(list); b; b = avqa_json_next(b))
        avqa_buf_addf(&got, "%s %d;", check_string(b, "words", NULL),
                      (int)check_int(b, "count", NULL));
    assert_string_equal(avqa_buf_str(&got), expected);
    avqa_buf_release(&got);
}

static void test_beginnings(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    const struct avqa_json *c =
        avqa_json_get(tiny_audit(fill(&t), "s", NULL), "counts");
    assert_list(check_at(c, "first_words", "raw", NULL),
                "Is there a <Object> 4;Is there a voiceover 1;");
    assert_list(check_at(c, "first_words", "filled", NULL),
                "Is there a erhu 2;Is there a violin 2;Is there a voiceover 1;");
    assert_int_equal(check_int(c, "first_words", "n", NULL), 4);
    assert_int_equal(check_int(c, "filled_questions", NULL), 4);
    /* Is there a violin sound erhu in the entire video voiceover */
    assert_int_equal(check_int(c, "words", NULL), 11);
    tiny_free(&t);
}

static void test_other_lengths(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    fill(&t);
    opts.first_words = 1;
    const struct avqa_json *c = avqa_json_get(tiny_audit_with(&t, &opts), "counts");
    assert_list(check_at(c, "first_words", "raw", NULL), "Is 5;");
    opts.first_words = 8; /* as many as are kept */
    c = avqa_json_get(tiny_audit_with(&t, &opts), "counts");
    assert_list(check_at(c, "first_words", "raw", NULL),
                "Is there a <Object> sound 3;Is there a <Object> in the entire video 1;"
                "Is there a voiceover 1;");
    tiny_free(&t);
}

static void test_wordings(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_wordings w = {0};
    tiny_audit(fill(&t), "s", NULL);
    assert_ok(avqa_wordings_collect(&w, &t.table, &t.audit.tallies[AVQA_GROUP_SLOTS]));
    size_t rows = 0;
    assert_int_equal(w.n, 4);
    assert_int_equal(w.texts.n, 4);
    for (size_t i = 0; i < w.n; i++) {
        rows += w.items[i].n;
        assert_string_equal(avqa_intern_text(&w.words, w.word_ids[w.items[i].first]),
                            "Is");
    }
    assert_int_equal(rows, 5);
    avqa_wordings_release(&w);
    assert_null(w.items);
    tiny_free(&t);
}

/* Two templates that read the same once filled in are one question. */
static void test_same_filled_question(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "v", "A01", "violin,erhu", "no");
    tiny_add(&t, "v", "A01", "violin,erhu", "yes");
    tiny_add(&t, "w", "A01", "Violin,erhu", "yes");
    tiny_import(&t, "s");
    const struct avqa_json *c = avqa_json_get(tiny_audit(&t, "s", NULL), "counts");
    assert_int_equal(check_int(c, "filled_questions", NULL), 2);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beginnings), cmocka_unit_test(test_other_lengths),
        cmocka_unit_test(test_wordings), cmocka_unit_test(test_same_filled_question)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
