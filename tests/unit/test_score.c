/* Counting what a model gets right, against a count by hand over random rows; what is
 * drawn for the intervals is tested in test_bootstrap. */
#include "random_set.h"

#include "audit/prior.h"
#include "audit/score.h"

static const struct avqa_score_group *find(const struct avqa_score *s,
                                           enum avqa_score_kind kind, const char *name)
{
    for (size_t g = 0; g < s->n_groups; g++) {
        if (s->groups[g].kind == kind && strcmp(s->groups[g].name, name) == 0)
            return &s->groups[g];
    }
    fail_msg("no group '%s'", name);
    return NULL;
}

/* Whether a row belongs to a group, by its words. */
static bool belongs(const struct tiny *t, const struct avqa_audit_row *row,
                    const struct avqa_score_group *g)
{
    const struct avqa_template *template = avqa_audit_template(&t->table, row);
    switch (g->kind) {
    case AVQA_SCORE_ALL:
        return true;
    case AVQA_SCORE_MODALITY:
        return strcmp(template->modality, g->name) == 0;
    case AVQA_SCORE_TYPE:
        return strcmp(template->label, g->name) == 0;
    case AVQA_SCORE_TEMPLATE:
        return strcmp(template->code, g->name) == 0;
    case AVQA_SCORE_ANSWER:
        return strcmp(avqa_audit_answer(&t->table, row->answer), g->name) == 0;
    case AVQA_SCORE_INSTANCES:
    case AVQA_SCORE_N_KINDS:
        break;
    }
    return false;
}

static bool guess_is_right(const struct tiny *t, const struct avqa_audit_row *row)
{
    enum avqa_grouping by = AVQA_GROUP_TEMPLATE;
    return avqa_prior_guess(&t->audit, by, avqa_grouping_of(&t->table, row, by)) ==
           row->answer;
}

struct sheets {
    bool asked[2][200], right[2][200];
};

static void check_group(const struct tiny *t, const struct sheets *s,
                        const struct avqa_score_group *g)
{
    size_t n[2][2] = {{0}}; /* by this one and the other one right */
    size_t total = 0;
    size_t correct = 0;
    size_t prior = 0;
    for (size_t i = t->audit.on.from; i < t->audit.on.to; i++) {
        size_t k = i - t->audit.on.from;
        if (!s->asked[0][k] || !belongs(t, &t->table.rows[i], g))
            continue;
        total++;
        correct += s->right[0][k];
        prior += guess_is_right(t, &t->table.rows[i]);
        if (s->asked[1][k])
            n[s->right[0][k]][s->right[1][k]]++;
    }
    assert_int_equal(g->total, total);
    assert_int_equal(g->correct, correct);
    assert_int_equal(g->prior, prior);
    assert_int_equal(g->pair.total, n[0][0] + n[0][1] + n[1][0] + n[1][1]);
    assert_int_equal(g->pair.both, n[1][1]);
    assert_int_equal(g->pair.test.only_one, n[1][0]);
    assert_int_equal(g->pair.test.only_other, n[0][1]);
    struct avqa_mcnemar m = avqa_mcnemar(n[1][0], n[0][1]);
    assert_true(g->pair.test.p_exact == m.p_exact);
    assert_int_equal(isnan(g->interval.lo),
                     g->interval.n_clusters < AVQA_BOOTSTRAP_MIN_CLUSTERS);
    assert_true(isnan(g->pair.difference.lo) ||
                g->pair.difference.n_clusters >= AVQA_BOOTSTRAP_MIN_CLUSTERS);
    if (!isnan(g->interval.lo)) {
        double share = (double)correct / (double)total;
        assert_true(g->interval.lo <= share && share <= g->interval.hi);
        assert_true(correct == 0 || correct == total ||
                    g->interval.lo < g->interval.hi);
    }
}

static void test_against_naive(void **state)
{
    (void)state;
    const struct avqa_score_opts opts = {400, 1, 1};
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct tiny t = tiny_new();
        struct avqa_score score = {0};
        struct avqa_rng rng;
        struct sheets s;
        random_fill(&t, seed);
        avqa_rng_init(&rng, seed, "sheets");
        for (size_t k = 0; k < N_OF(s.asked[0]); k++) {
            for (size_t m = 0; m < 2; m++) {
                s.asked[m][k] = avqa_rng_below(&rng, 10) > 0;
                s.right[m][k] = avqa_rng_below(&rng, 10) < 6;
            }
        }
        const struct avqa_score_sheet one = {s.asked[0], s.right[0]};
        const struct avqa_score_sheet other = {s.asked[1], s.right[1]};
        assert_ok(avqa_score_make(&score, &t.audit, &one, &other, &opts));
        for (size_t g = 0; g < score.n_groups; g++)
            check_group(&t, &s, &score.groups[g]);
        assert_true(find(&score, AVQA_SCORE_ALL, "")->pair.total <
                    find(&score, AVQA_SCORE_ALL, "")->total);
        avqa_score_release(&score);
        tiny_free(&t);
    }
}

/* All questions, everything right: the guesser's hits are the audit's, and intervals
 * are the exact ones of so many videos. */
static void test_all_right(void **state)
{
    (void)state;
    const struct avqa_score_opts opts = {100, 1, 1};
    struct tiny t = tiny_new();
    struct avqa_score score = {0};
    bool right[200];
    random_fill(&t, 5);
    memset(right, true, sizeof right);
    assert_ok(avqa_score_make(&score, &t.audit, &(struct avqa_score_sheet){NULL, right},
                              NULL, &opts));
    for (int by = 0; by < AVQA_N_GROUPINGS; by++)
        assert_int_equal(score.priors[by],
                         avqa_prior_correct(&t.audit, (enum avqa_grouping)by));
    const struct avqa_score_group *all = find(&score, AVQA_SCORE_ALL, "");
    assert_int_equal(all->total, 150);
    assert_int_equal(all->pair.total, 0);
    assert_int_equal(all->interval.n_clusters, score.n_videos);
    assert_close(pow(all->interval.lo, (double)score.n_videos), 0.025, 1e-12);
    assert_close(all->interval.hi, 1, 0);
    memset(right, false, sizeof right);
    avqa_score_release(&score);
    assert_ok(avqa_score_make(&score, &t.audit, &(struct avqa_score_sheet){NULL, right},
                              NULL, &opts));
    all = find(&score, AVQA_SCORE_ALL, "");
    assert_close(pow(1 - all->interval.hi, (double)score.n_videos), 0.025, 1e-12);
    assert_close(all->interval.lo, 0, 0);
    avqa_score_release(&score);
    tiny_free(&t);
}

/* Where one video has most questions, and all of them right, questions drawn one by one
 * would give an interval that is far too narrow. */
static void test_videos_are_drawn(void **state)
{
    (void)state;
    const struct avqa_score_opts opts = {2000, 1, 1};
    struct tiny t = tiny_new();
    struct avqa_score score = {0};
    bool right[60];
    for (int i = 0; i < 60; i++) {
        char video[16];
        snprintf(video, sizeof video, "v%d", i < 40 ? 0 : i);
        tiny_add(&t, video, "A05", "", "two");
        right[i] = i < 40;
    }
    tiny_import(&t, "on");
    tiny_audit(&t, "on", NULL);
    assert_ok(avqa_score_make(&score, &t.audit, &(struct avqa_score_sheet){NULL, right},
                              NULL, &opts));
    const struct avqa_score_group *all = find(&score, AVQA_SCORE_ALL, "");
    assert_int_equal(score.n_videos, 21);
    assert_close(all->interval.lo, 0, 0); /* it is not drawn in (20/21)^21 = 0.36 */
    assert_true(all->interval.hi > 0.85); /* it is drawn three times or more in 0.08 */
    avqa_score_release(&score);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_naive),
                                       cmocka_unit_test(test_all_right),
                                       cmocka_unit_test(test_videos_are_drawn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
