/* A guesser's hits are those of a naive guesser: majority of the group in the rows it
 * learnt from, the next coarser group where it never met one, ties to the first word of
 * the alphabet. */
#include "random_set.h"

#include "audit/prior.h"

/* The majority answer of row i's group in the rows learnt from, or NULL. */
static const char *naive_guess(const struct tiny *t, struct avqa_audit_range fit,
                               size_t i, enum avqa_grouping by)
{
    const char *best = NULL;
    size_t best_n = 0;
    for (size_t k = fit.from; k < fit.to; k++) {
        const char *answer = random_answer(t, k);
        size_t n = 0;
        if (!random_same_group(t, i, k, by))
            continue;
        for (size_t m = fit.from; m < fit.to; m++)
            n += random_same_group(t, i, m, by) &&
                 strcmp(answer, random_answer(t, m)) == 0;
        if (n > best_n || (n == best_n && strcmp(answer, best) < 0)) {
            best = answer;
            best_n = n;
        }
    }
    if (!best && by > AVQA_GROUP_ALL)
        return naive_guess(t, fit, i, (enum avqa_grouping)(by - 1));
    return best;
}

static void assert_priors(const struct tiny *t, struct avqa_audit_range fit)
{
    for (int by = 0; by < AVQA_N_GROUPINGS; by++) {
        size_t correct = 0;
        enum avqa_grouping g = (enum avqa_grouping)by;
        for (size_t i = t->audit.on.from; i < t->audit.on.to; i++) {
            const char *guess = naive_guess(t, fit, i, g);
            uint32_t got = avqa_prior_guess(
                &t->audit, g, avqa_grouping_of(&t->table, &t->table.rows[i], g));
            assert_string_equal(avqa_audit_answer(&t->table, got), guess);
            correct += strcmp(guess, random_answer(t, i)) == 0;
        }
        assert_int_equal(avqa_prior_correct(&t->audit, g), correct);
    }
}

static void test_against_naive(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 2; seed++) {
        struct tiny t = tiny_new();
        random_fill(&t, seed);
        assert_priors(&t, t.audit.against);
        tiny_audit(&t, "on", NULL);
        assert_priors(&t, t.audit.on);
        tiny_free(&t);
    }
}

/* A06 ties, so "no"; its type has more "two"; the whole split more "yes". */
static void test_ties_and_fallback(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const answers[] = {"yes", "no", "no", "yes"};
    static const int correct[] = {1, 2, 3, 3};
    static const char *const keys[] = {"global", "type", "template", "slots"};
    for (size_t i = 0; i < N_OF(answers); i++) {
        tiny_add(&t, "v", "A06", "violin", answers[i]);
        tiny_add(&t, "v", "X10", "", "yes");
        tiny_add(&t, "v", "A05", "", i < 3 ? "two" : "ten");
    }
    tiny_import(&t, "fit");
    tiny_add(&t, "w", "A04", "erhu,piano", "two"); /* as its type */
    tiny_add(&t, "w", "A06", "erhu", "no");        /* as its template */
    tiny_add(&t, "w", "X14", "loudest", "yes");    /* as the whole split */
    tiny_import(&t, "on");
    const struct avqa_json *r = tiny_audit(&t, "on", "fit");
    for (size_t k = 0; k < N_OF(keys); k++) {
        assert_int_equal(check_int(r, "priors", keys[k], "correct", NULL), correct[k]);
        assert_int_equal(check_int(r, "priors", keys[k], "total", NULL), 3);
    }
    assert_string_equal(check_string(r, "priors", "fit", NULL), "fit");
    assert_string_equal(check_string(r, "priors", "on", NULL), "on");
    assert_has(tiny_finding(&t, "priors", AVQA_NOTE, 0)->message, "100.00 % (3 of 3)");
    tiny_free(&t);
}

/* A guesser that saw nothing guesses nothing. */
static void test_nothing_learnt(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_put(&t, &(struct tiny_row){"v", "X10", "", "no", NULL, 0,
                                    "\"question_deleted\": 1"});
    tiny_import(&t, "fit");
    tiny_add(&t, "w", "X10", "", "no");
    tiny_import(&t, "on");
    const struct avqa_json *r = tiny_audit(&t, "on", "fit");
    assert_int_equal(avqa_prior_guess(&t.audit, AVQA_GROUP_SLOTS, 0), AVQA_INTERN_NONE);
    assert_int_equal(check_int(r, "priors", "global", "correct", NULL), 0);
    tiny_audit(&t, "fit", NULL);
    assert_int_equal(check_int(t.audit.report, "priors", "global", "total", NULL), 0);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_naive),
                                       cmocka_unit_test(test_ties_and_fallback),
                                       cmocka_unit_test(test_nothing_learnt)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
