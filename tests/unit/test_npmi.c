/* nPMI of question words and answers: hand numbers, and the definition applied naively
 * to random rows. */
#include "random_set.h"

#include "audit/npmi.h"
#include "base/text.h"

/* Whether a row's question, filled in, has this word. */
static bool has_word(const struct tiny *t, size_t row, const char *word)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_word *words;
    size_t n;
    bool found = false;
    assert_ok(avqa_audit_fill(&text, &t->table, &t->table.rows[row]));
    assert_ok(avqa_text_words(&words, &n, avqa_buf_str(&text)));
    for (size_t i = 0; i < n; i++)
        found = found || (words[i].len == strlen(word) &&
                          memcmp(text.data + words[i].start, word, words[i].len) == 0);
    free(words);
    avqa_buf_release(&text);
    return found;
}

static double naive_npmi(const struct tiny *t, const char *word, const char *answer,
                         uint32_t *both)
{
    double n = (double)(t->audit.on.to - t->audit.on.from);
    double words = 0;
    double answers = 0;
    *both = 0;
    for (size_t i = t->audit.on.from; i < t->audit.on.to; i++) {
        bool w = has_word(t, i, word);
        bool a = strcmp(random_answer(t, i), answer) == 0;
        words += w;
        answers += a;
        *both += w && a;
    }
    double p = *both / n;
    return p < 1 ? log(p / (words / n * answers / n)) / -log(p) : 1;
}

static struct avqa_npmi *collect(struct tiny *t, struct avqa_wordings *w,
                                 size_t min_rows, size_t max, size_t *n)
{
    struct avqa_npmi *pairs;
    assert_ok(avqa_wordings_collect(w, &t->table, &t->audit.tallies[AVQA_GROUP_SLOTS]));
    assert_ok(avqa_npmi_collect(&t->audit, w, min_rows, max, &pairs, n));
    return pairs;
}

static void test_against_naive(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_wordings w = {0};
    size_t n;
    random_fill(&t, 2);
    struct avqa_npmi *pairs = collect(&t, &w, 3, 1000, &n);
    assert_in_range(n, 20, 999);
    for (size_t i = 0; i < n; i++) {
        uint32_t both;
        double npmi = naive_npmi(&t, pairs[i].word, pairs[i].answer, &both);
        assert_int_equal(pairs[i].n, both);
        assert_true(both >= 3);
        assert_close(pairs[i].npmi, npmi, 1e-9);
        assert_true(i == 0 || pairs[i - 1].npmi >= pairs[i].npmi);
    }
    free(pairs);
    avqa_wordings_release(&w);
    w = (struct avqa_wordings){0};
    size_t few;
    pairs = collect(&t, &w, 3, 5, &few);
    assert_int_equal(few, 5);
    free(pairs);
    avqa_wordings_release(&w);
    tiny_free(&t);
}

/* Ten rows of one question and answer: always together, 1; a word that all questions
 * have says nothing, 0. */
static void test_hand_numbers(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    for (int i = 0; i < 10; i++) {
        tiny_add(&t, "v", "V08", "", "indoor");
        tiny_add(&t, "v", "X10", "", "no");
    }
    tiny_import(&t, "s");
    const struct avqa_json *text =
        avqa_json_get(avqa_json_get(tiny_audit(&t, "s", NULL), "dataset"), "text");
    const struct avqa_json *p = avqa_json_first(avqa_json_get(text, "npmi"));
    assert_int_equal(avqa_json_count(avqa_json_get(text, "npmi")), 8);
    for (; p; p = avqa_json_next(p)) {
        assert_close(check_double(p, "npmi", NULL), 1, 1e-9);
        assert_int_equal(check_int(p, "n", NULL), 10);
    }
    tiny_add(&t, "v", "X10", "", "yes");
    tiny_import(&t, "other");
    tiny_audit(&t, "other", NULL);
    text = avqa_json_get(avqa_json_get(t.audit.report, "dataset"), "text");
    assert_int_equal(avqa_json_count(avqa_json_get(text, "npmi")), 0);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_naive),
                                       cmocka_unit_test(test_hand_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
