/* Questions about one clip that give others away: which, in which direction, and never
 * across clips. Pairs that are alike are decided once, so many clips are tried. */
#include "templates.h"

#include "qa/entail.h"

enum { MAX_QUESTIONS = 256 };

static struct avqa_templates *templates;

/* A generator that has chosen these questions. */
struct chosen {
    struct avqa_generator generator;
    struct avqa_generated questions[MAX_QUESTIONS];
};

static void choose(struct chosen *c, uint32_t clip, const char *code, const char *slot,
                   const char *answer)
{
    size_t n = c->generator.n_questions++;
    size_t t = avqa_templates_find(templates, code);
    assert_true(n < MAX_QUESTIONS && t != AVQA_TEMPLATE_NONE);
    c->questions[n] = (struct avqa_generated){
        .clip = clip, .template = (uint16_t)t, .evaluation.answer = answer};
    c->questions[n].values[0] = slot;
    c->generator.questions = c->questions;
    c->generator.templates = templates;
    c->generator.opts = AVQA_GENERATOR_DEFAULTS;
}

static void test_pairs(void **state)
{
    static struct chosen c;
    struct avqa_entailments e = {0};
    (void)state;
    choose(&c, 0, "V02", "violin", "two"); /* gives the next one away */
    choose(&c, 0, "V04", "violin", "yes");
    choose(&c, 0, "V04", "cello", "yes");
    choose(&c, 0, "X10", NULL, "no");
    choose(&c, 1, "V04", "violin", "no"); /* no is none, and none is no */
    choose(&c, 1, "V02", "violin", "zero");
    choose(&c, 2, "V04", "violin", "yes"); /* not that of another clip */
    assert_ok(avqa_entailments_find(&e, &c.generator));
    assert_int_equal(e.given_away[0], 1 << 1);
    assert_int_equal(e.given_away[1], 0);
    assert_int_equal(e.given_away[2], 0);
    assert_int_equal(e.given_away[3], 0);
    assert_int_equal(e.given_away[4], 1 << 1);
    assert_int_equal(e.given_away[5], 1 << 0);
    assert_int_equal(e.given_away[6], 0);
    assert_int_equal(e.n_pairs, 3);
    avqa_entailments_release(&e);
}

/* Many clips that differ in their instruments: the same for each and for any number of
 * threads. */
static void test_clips_that_are_alike(void **state)
{
    static struct chosen c;
    const struct avqa_domain *kinds =
        templates->items[avqa_templates_find(templates, "V04")].slots[0];
    (void)state;
    for (uint32_t clip = 0; clip < 60; clip++) {
        const char *kind = kinds->values[clip % kinds->n_values];
        const char *other = kinds->values[(clip + 1 + clip % 2) % kinds->n_values];
        choose(&c, clip, "V07", NULL, kind);
        choose(&c, clip, "V04", kind, "yes");
        choose(&c, clip, "V04", other, "no");
    }
    for (size_t jobs = 1; jobs <= 3; jobs += 2) {
        struct avqa_entailments e = {0};
        c.generator.opts.jobs = jobs;
        assert_ok(avqa_entailments_find(&e, &c.generator));
        for (size_t i = 0; i < c.generator.n_questions; i += 3) {
            assert_int_equal(e.given_away[i], 1 << 1 | 1 << 2);
            assert_int_equal(e.given_away[i + 1], 1 << 0); /* if it can be asked */
            assert_int_equal(e.given_away[i + 2], 0);
        }
        assert_int_equal(e.n_not_decided, 0);
        avqa_entailments_release(&e);
    }
}

/* Only the first questions of a clip are looked at, and all numbers are places of it.
 */
static void test_a_clip_of_many_questions(void **state)
{
    static struct chosen c;
    struct avqa_entailments e = {0};
    (void)state;
    for (size_t i = 0; i < AVQA_ENTAIL_MAX_QUESTIONS; i++)
        choose(&c, 0, "X10", NULL, "no");
    choose(&c, 0, "V02", "violin", "two");
    choose(&c, 0, "V04", "violin", "yes");
    choose(&c, 1, "V02", "violin", "two");
    choose(&c, 1, "V04", "violin", "yes");
    assert_ok(avqa_entailments_find(&e, &c.generator));
    assert_true(e.given_away[0] ==
                UINT64_MAX - 1); /* the same question as all others */
    assert_true(e.given_away[AVQA_ENTAIL_MAX_QUESTIONS] == 0);
    assert_true(e.given_away[AVQA_ENTAIL_MAX_QUESTIONS + 1] == 0);
    assert_true(e.given_away[AVQA_ENTAIL_MAX_QUESTIONS + 2] == 1 << 1);
    avqa_entailments_release(&e);
}

static bool stop(void *user)
{
    (void)user;
    return true;
}

static void test_stopping(void **state)
{
    static struct chosen c;
    struct avqa_entailments e = {0};
    struct avqa_log log = {.stopped = stop};
    (void)state;
    choose(&c, 0, "V02", "violin", "two");
    choose(&c, 0, "V04", "violin", "yes");
    c.generator.opts.log = &log;
    assert_fails(avqa_entailments_find(&e, &c.generator), AVQA_ESTOPPED, "stopped");
    avqa_entailments_release(&e);
}

static int load(void **state)
{
    (void)state;
    templates = templates_of("templates/music-avqa.json");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    avqa_templates_free(templates);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs),
                                       cmocka_unit_test(test_clips_that_are_alike),
                                       cmocka_unit_test(test_a_clip_of_many_questions),
                                       cmocka_unit_test(test_stopping)};
    return cmocka_run_group_tests(tests, load, unload);
}
