/* Scenes that tell questions apart: what they say agrees with the solver's proofs, over
 * random scenes that are asked random questions; and what the variants of a scene are.
 */
#include "random_scene.h"
#include "templates.h"

#include "qa/question.h"
#include "qa/separate.h"
#include "qa/solver.h"
#include "qa/vary.h"

#include <math.h>

enum { N_WORLDS = 150, N_ASKED = 6 };

static const struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;

/* A question with the answer that it has in a scene. */
struct asked {
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    struct avqa_answered question;
};

/* Random questions that can be asked of the scene; how many were found. */
static size_t ask(struct asked *asked, struct avqa_rng *rng, struct world *w,
                  const struct avqa_templates *templates)
{
    size_t n = 0;
    for (int tries = 0; tries < 2000 && n < N_ASKED; tries++) {
        const struct avqa_template *t =
            &templates->items[below(rng, (int64_t)templates->n)];
        random_values(rng, t, &w->scene, asked[n].values);
        struct avqa_evaluation e =
            avqa_question_pose(t, asked[n].values, &w->scene, &margins);
        if (e.reason != AVQA_WELL_POSED)
            continue;
        asked[n].question = (struct avqa_answered){t, asked[n].values, e.answer};
        n++;
    }
    return n;
}

/* Neither the scenes nor the proofs may say what the other denies; and most of what
 * does not follow is told apart by a scene, or it would be of no use. */
static void test_agrees_with_proofs(void **state)
{
    static struct world worlds[N_WORLDS];
    static const struct avqa_scene *scenes[N_WORLDS];
    static struct avqa_separator separator;
    struct avqa_templates *templates = templates_of("templates/music-avqa.json");
    const struct avqa_domain *kinds =
        templates->items[avqa_templates_find(templates, "V04")].slots[0];
    struct avqa_rng rng;
    size_t apart = 0;
    size_t entailed = 0;
    size_t left = 0;
    (void)state;
    avqa_rng_init(&rng, 5, "separate");
    for (int i = 0; i < N_WORLDS; i++) {
        random_world(&rng, &worlds[i], kinds, 0);
        scenes[i] = &worlds[i].scene;
    }
    avqa_separator_init(&separator, scenes, N_WORLDS);
    assert_int_equal(separator.n, AVQA_SEPARATOR_SCENES);
    for (int i = 0; i < N_WORLDS / 3; i++) {
        struct asked asked[N_ASKED];
        size_t n = ask(asked, &rng, &worlds[i], templates);
        for (size_t k = 1; k < n; k++) {
            const struct avqa_answered *from = &asked[k - 1].question;
            const struct avqa_answered *to = &asked[k].question;
            enum avqa_entailment e = avqa_entails(from, 1, to, &margins);
            bool separates = avqa_separates(&separator, scenes[i], from, to, &margins);
            assert_false(separates && e == AVQA_ENTAILED);
            apart += separates;
            entailed += e == AVQA_ENTAILED;
            left += !separates && e == AVQA_NOT_ENTAILED;
        }
    }
    assert_true(apart > 100);
    assert_true(entailed > 0);
    assert_true(left * 5 < apart);
    avqa_templates_free(templates);
}

/* Two instances; the first one is early, loud, regular and on the left. */
static void test_variants(void **state)
{
    struct avqa_range ranges[] = {{0, 2000000}, {5000000, 6000000}, {3000000, 9000000}};
    struct avqa_instance two[] = {
        {"a", "violin", AVQA_YES, 0.125, {0}, {ranges, 2, true}, -6, 0.75},
        {"b", "piano", AVQA_YES, 0.75, {0}, {ranges + 2, 1, true}, -20, 0.25}};
    struct avqa_scene scene = {.clip = "c",
                               .duration_us = 10000000,
                               .instances = two,
                               .n_instances = 2,
                               .instances_known = true};
    struct avqa_variant v;
    size_t n = 0;
    size_t silent = 0;
    size_t hidden = 0;
    size_t alone = 0;
    (void)state;
    assert_true(avqa_vary(&v, &scene, 0));
    assert_memory_equal(v.instances, two, sizeof two);
    assert_true(avqa_vary(&v, &scene, AVQA_VARY_TURNS - 1)); /* everything turned */
    assert_true(fabs(v.instances[0].loudness_db + 20) < 1e-12);
    assert_true(fabs(v.instances[0].rhythmicity - 0.25) < 1e-12);
    assert_true(fabs(v.instances[0].x - 0.875) < 1e-12);
    assert_int_equal(v.instances[0].sounding.items[0].start_us, 4000000);
    assert_int_equal(v.instances[0].sounding.items[0].end_us, 5000000);
    assert_int_equal(v.instances[0].sounding.items[1].start_us, 8000000);
    assert_int_equal(v.instances[0].sounding.items[1].end_us, 10000000);
    assert_int_equal(v.instances[1].sounding.items[0].start_us, 1000000);
    for (; avqa_vary(&v, &scene, n); n++) {
        alone += v.scene.n_instances == 1;
        for (size_t i = 0; i < v.scene.n_instances; i++) {
            silent += v.instances[i].sounding.known && v.instances[i].sounding.n == 0;
            hidden += v.instances[i].visible == AVQA_NO;
        }
    }
    assert_int_equal(n, 7 * AVQA_VARY_TURNS); /* nobody; silent, hidden, gone, twice */
    assert_int_equal(silent, 2 * AVQA_VARY_TURNS);
    assert_int_equal(hidden, 2 * AVQA_VARY_TURNS);
    assert_int_equal(alone, 2 * AVQA_VARY_TURNS);
    assert_memory_equal(two[0].id, "a", 2); /* and the scene is as it was */
    assert_int_equal(ranges[0].end_us, 2000000);
}

/* What has no room has no variants. */
static void test_too_large(void **state)
{
    static struct avqa_instance many[AVQA_VARIANT_INSTANCES + 1];
    static struct avqa_range ranges[AVQA_VARIANT_RANGES + 1];
    struct avqa_scene scene = {.instances = many, .n_instances = N_OF(many)};
    struct avqa_variant v;
    (void)state;
    assert_false(avqa_vary(&v, &scene, 0));
    scene.n_instances = 1;
    assert_true(avqa_vary(&v, &scene, 0));
    for (size_t i = 0; i < N_OF(ranges); i++)
        ranges[i] = (struct avqa_range){(int64_t)i * 2, (int64_t)i * 2 + 1};
    many[0].sounding = (struct avqa_ranges){ranges, N_OF(ranges), true};
    assert_false(avqa_vary(&v, &scene, AVQA_VARY_TURNS - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_agrees_with_proofs),
                                       cmocka_unit_test(test_variants),
                                       cmocka_unit_test(test_too_large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
