/* What comes of all fillings of a template at once is what comes of each one evaluated
 * on its own: answer, place of the answer, reason, evidence, over random scenes, for
 * the templates that are shipped and for one program of every function; also where the
 * sheet gives up (many instances, wide programs, words that stand twice). */
#include "check.h"
#include "random_scene.h"
#include "templates.h"

#include "qa/fillings.h"
#include "qa/question.h"

static const struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;

/* One program of every function, and some whose parts depend on three slots. */
static const char HEAD[] =
    "{\"schema\": 1, \"name\": \"every\", \"language\": \"en\", \"domains\": {"
    "\"kind\": {\"kind\": \"object\", \"values\": [\"cello\", \"violin\", \"viola\", "
    "\"drum\", \"erhu\"]},"
    "\"twice\": {\"kind\": \"object\", \"values\": [\"cello\", \"drum\", \"cello\"]},"
    "\"few\": {\"kind\": \"object\", \"values\": [\"cello\", \"erhu\"]},"
    "\"place\": {\"kind\": \"place\", \"values\": [\"left\", \"right\", \"middle\"]},"
    "\"edge\": {\"kind\": \"order\", \"values\": [\"first\", \"last\", \"third\"]},"
    "\"amount\": {\"kind\": \"number\", \"values\": [\"none\", \"one\", \"two\", "
    "\"more\"]},"
    "\"yes\": {\"kind\": \"truth\", \"values\": [\"yes\", \"no\"]},"
    "\"setting\": {\"kind\": \"scene\", \"values\": [\"indoor\", \"outdoor\"]},"
    "\"both\": {\"kind\": \"text\", \"values\": [\"both\"]}},"
    "\"slots\": {\"K\": \"kind\", \"D\": \"twice\", \"P\": \"place\", \"E\": \"edge\", "
    "\"N\": \"amount\", \"S\": \"setting\"},"
    "\"answers\": [\"yes\"], \"templates\": [";

static const struct {
    const char *slots; /* letters */
    const char *answers;
    const char *program;
    const char *more;
} cases[] = {
    {"", "yes", "voiceover", ""},
    {"", "setting", "scene", ""},
    {"S", "yes", "equal(scene, $0)", ""},
    {"S", "yes", "equal($0, \\\"indoor\\\")", ""},
    {"P", "yes", "or(equal($0, \\\"left\\\"), exists(at(visible(all), $0)))", ""},
    {"K", "amount", "count(union(is(all, $0), offscreen(all)))", ""},
    {"K", "amount", "count(intersect(sounding(all), is(visible(all), $0)))", ""},
    {"K", "amount", "types(minus(all, is(silent(all), $0)))", ""},
    {"N", "yes", "greater(count(sounding(all)), $0)", ""},
    {"N", "yes", "equal($0, count(visible(all)))", ""},
    {"N", "kind", "kind(unique(nth(all, $0)))", ""},
    {"E", "kind", "kind(unique(nth(sounding(all), $0)))", ""},
    {"K", "kind", "kind(unique(nth(all, count(is(all, $0)))))", ""},
    {"", "place", "place(unique(nth(visible(all), 2)))", ""},
    {"K", "place", "place(unique(is(all, $0)))", ""},
    {"", "kind", "kind(first(all))", ""},
    {"", "few", "kind(last(all))", ""},
    {"K", "kind", "kind(unique(if(exists(is(all, $0)), first(all), last(all))))", ""},
    {"", "kind", "kind(last(sounding(all)))", ""},
    {"", "kind", "kind(loudest(all))", ""},
    {"", "kind", "kind(unique(quietest(sounding(all))))", ""},
    {"", "place", "place(unique(leftmost(visible(all))))", ""},
    {"", "kind", "kind(rightmost(all))", ""},
    {"KP", "kind", "kind(neighbour(unique(is(all, $0)), $1))", ""},
    {"K", "kind", "kind(unique(preceding(all, unique(is(all, $0)))))", ""},
    {"K", "kind", "kind(unique(following(sounding(all), unique(is(all, $0)))))", ""},
    {"K", "amount", "count(overlapping(all, unique(is(visible(all), $0))))", ""},
    {"KK", "yes",
     "greater(loudness(unique(is(all, $0))), loudness(unique(is(all, $1))))",
     ", \"referents\": [[0], [1]]"},
    {"KK", "yes", "greater(rhythm(unique(is(all, $1))), rhythm(unique(is(all, $0))))",
     ", \"referents\": [[0], [1]]"},
    {"KK", "yes",
     "greater(duration(unique(is(all, $0))), duration(unique(is(all, $1))))", ""},
    {"KK", "yes", "greater(onset(unique(is(all, $0))), onset(unique(is(all, $1))))",
     ""},
    {"K", "yes", "not(covers(unique(is(sounding(all), $0))))", ""},
    {"K", "yes", "equal(is(all, $0), visible(all))", ""},
    {"KP", "yes", "equal(unique(is(all, $0)), unique(at(all, $1)))", ""},
    {"KP", "yes", "equal(place(unique(is(all, $0))), $1)", ""},
    {"K", "yes", "equal(kind(unique(loudest(sounding(all)))), $0)", ""},
    {"K", "yes", "exists(is(all, kind(unique(first(sounding(all))))))", ""},
    {"K", "both place",
     "if(greater(count(is(all, $0)), 1), \\\"both\\\", place(unique(is(all, $0))))",
     ""},
    {"KE", "kind",
     "given(exists(is(all, $0)), kind(unique(if(equal($1, \\\"first\\\"), "
     "first(sounding(all)), last(sounding(all))))))",
     ""},
    {"KPKP", "yes",
     "greater(loudness(unique(at(is(all, $0), $1))), loudness(unique(at(is(all, $2), "
     "$3))))",
     ", \"referents\": [[0, 1], [2, 3]], \"needed\": [1, 3], \"senseless\": "
     "[{\"slot\": "
     "1, \"value\": \"middle\", \"reason\": \"m\"}]"},
    /* not for sheets */
    {"KPK", "yes", "not(and(exists(at(is(all, $0), $1)), exists(is(all, $2))))", ""},
    {"D", "yes", "exists(is(all, $0))", ""},
    {"DD", "yes", "and(exists(is(all, $0)), exists(is(visible(all), $1)))",
     ", \"referents\": [[0], [1]]"},
    {"K", "yes", "exists(is(all, $0))",
     ", \"senseless\": [{\"slot\": 0, \"value\": \"drum\", \"reason\": \"d\"}]"},
};

static struct avqa_templates *every_function(void)
{
    struct avqa_templates *t;
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_adds(&text, HEAD);
    for (size_t i = 0; i < N_OF(cases); i++) {
        avqa_buf_addf(&text,
                      "%s{\"id\": \"T%zu\", \"modality\": \"m\", \"type\": \"t\", "
                      "\"text\": \"%zu",
                      i ? "," : "", i, i);
        for (const char *s = cases[i].slots; *s; s++)
            avqa_buf_addf(&text, " <%c>", *s);
        avqa_buf_adds(&text, "\", \"slots\": [");
        for (const char *s = cases[i].slots; *s; s++)
            avqa_buf_addf(&text, "%s\"%c\"", s > cases[i].slots ? ", " : "", *s);
        const char *second = strchr(cases[i].answers, ' ');
        avqa_buf_addf(&text, "], \"answers\": [\"%.*s\"%s%s%s], \"program\": \"%s\"%s}",
                      (int)strcspn(cases[i].answers, " "), cases[i].answers,
                      second ? ", \"" : "", second ? second + 1 : "",
                      second ? "\"" : "", cases[i].program, cases[i].more);
    }
    avqa_buf_adds(&text, "]}");
    if (avqa_templates_parse(&t, avqa_buf_str(&text), text.len) != AVQA_OK)
        fail_msg("%s", avqa_message());
    avqa_buf_release(&text);
    return t;
}

/* One filling on its own, as the header of fillings.h says. */
static struct avqa_evaluation alone(const struct avqa_template *t,
                                    const char *const *values,
                                    const struct avqa_scene *scene)
{
    const struct avqa_stage stage = {scene, &margins, NULL};
    const struct avqa_filling filling = {values, NULL, NULL};
    const struct avqa_program_node *part = avqa_program_first(t->answer);
    struct avqa_program_scope scope = avqa_template_scope(t);
    struct avqa_evaluation e = {.reason = AVQA_WELL_POSED};
    if (part)
        e.reason = avqa_evaluate_part(&stage, part, &scope, &filling);
    if (e.reason == AVQA_WELL_POSED)
        e = avqa_question_pose(t, values, scene, &margins);
    if (e.reason == AVQA_WELL_POSED)
        e.reason = avqa_question_degenerate(&stage, t, &filling, &e);
    return e;
}

static size_t compare(struct avqa_fillings *f, const struct avqa_templates *all,
                      const struct avqa_scene *scene, size_t met[AVQA_N_ILL_POSED])
{
    size_t total = 0;
    for (size_t ti = 0; ti < all->n; ti++) {
        const struct avqa_template *t = &all->items[ti];
        size_t n;
        const struct avqa_outcome *outcome = avqa_fillings_outcomes(f, ti, &n);
        const struct avqa_outcome *end = outcome + n;
        size_t left = n ? outcome->n : 0;
        for (size_t i = 0; outcome < end; i++, total++) {
            const char *values[AVQA_TEMPLATE_MAX_SLOTS];
            avqa_fillings_values(f, ti, i, values);
            struct avqa_evaluation e = alone(t, values, scene);
            if (outcome->reason != (uint8_t)e.reason)
                fail_msg("%s, filling %zu (%s): %s, alone %s", t->code, i,
                         t->n_slots ? values[0] : "",
                         avqa_ill_posed_name((enum avqa_ill_posed)outcome->reason),
                         avqa_ill_posed_name(e.reason));
            met[e.reason]++;
            if (e.reason == AVQA_WELL_POSED) {
                assert_int_equal(outcome->n, 1);
                assert_int_equal(outcome->position, e.position);
                struct avqa_evaluation x = avqa_fillings_evaluate(f, ti, i);
                assert_string_equal(x.answer, e.answer);
                assert_int_equal(x.position, e.position);
                assert_int_equal(x.by_sound, e.by_sound);
                assert_memory_equal(&x.evidence, &e.evidence, sizeof x.evidence);
            }
            if (--left == 0 && ++outcome < end)
                left = outcome->n;
        }
        assert_int_equal(left, 0);
    }
    return total;
}

static void compare_scenes(struct avqa_templates *t, size_t absent, int n_scenes,
                           const struct avqa_domain *objects,
                           size_t met[AVQA_N_ILL_POSED])
{
    static struct world w;
    struct avqa_fillings *f = avqa_fillings_new(t, absent, &margins);
    for (int i = 0; i < n_scenes; i++) {
        char item[32];
        struct avqa_rng rng;
        snprintf(item, sizeof item, "fillings %d", i);
        avqa_rng_init(&rng, 20220620, item);
        random_world(&rng, &w, objects, -1);
        avqa_fillings_take(f, &w.scene, avqa_rng_below(&rng, UINT64_MAX));
        assert_true(compare(f, t, &w.scene, met) > t->n);
    }
    avqa_fillings_free(f);
}

static void test_shipped(void **state)
{
    (void)state;
    static const char *const files[] = {"templates/music-avqa.json",
                                        "templates/street.json"};
    for (size_t k = 0; k < N_OF(files); k++) {
        struct avqa_templates *t = templates_of(files[k]);
        size_t met[AVQA_N_ILL_POSED] = {0};
        const struct avqa_domain *objects = t->domains;
        while (objects->kind != AVQA_DOMAIN_OBJECT)
            objects++;
        compare_scenes(t, 2, 400, objects, met);
        for (int r = 0; k == 0 && r < AVQA_N_ILL_POSED; r++) {
            if (met[r] == 0 && r != AVQA_ILL_NO_WORD && r != AVQA_ILL_REPEATS)
                fail_msg("no question is \"%s\"",
                         avqa_ill_posed_name((enum avqa_ill_posed)r));
        }
        avqa_templates_free(t);
    }
}

static void test_every_function(void **state)
{
    (void)state;
    struct avqa_templates *t = every_function();
    size_t met[AVQA_N_ILL_POSED] = {0};
    size_t n_fit = 0;
    struct avqa_sheet *sheet = avqa_sheet_new(t, &margins);
    for (size_t i = 0; i < t->n; i++)
        n_fit += avqa_sheet_fits(sheet, i);
    avqa_sheet_free(sheet);
    assert_int_equal(n_fit, t->n - 4); /* the last ones are not for sheets */
    compare_scenes(t, SIZE_MAX, 1500, &t->domains[0], met);
    for (int r = 0; r < AVQA_N_ILL_POSED; r++) {
        if (met[r] == 0)
            fail_msg("no question is \"%s\"",
                     avqa_ill_posed_name((enum avqa_ill_posed)r));
    }
    avqa_templates_free(t);
}

/* More instances than a sheet has bits, just as many, and one fewer. */
static void test_many_instances(void **state)
{
    (void)state;
    static const size_t sizes[] = {63, 64, 65, 200};
    static struct avqa_instance instances[200];
    static struct avqa_range ranges[200];
    struct avqa_templates *t = every_function();
    struct avqa_fillings *f = avqa_fillings_new(t, 2, &margins);
    struct avqa_rng rng;
    avqa_rng_init(&rng, 7, "many");
    for (size_t k = 0; k < N_OF(sizes); k++) {
        size_t met[AVQA_N_ILL_POSED] = {0};
        struct avqa_scene scene = {.clip = "many",
                                   .duration_us = 10000000,
                                   .place = "indoor",
                                   .voiceover = {.known = true},
                                   .instances = instances,
                                   .n_instances = sizes[k],
                                   .instances_known = true};
        for (size_t i = 0; i < sizes[k]; i++) {
            ranges[i] = (struct avqa_range){(int64_t)i * 40000, 10000000};
            instances[i] =
                (struct avqa_instance){.id = "i",
                                       .instrument = i == 5  ? "erhu"
                                                     : i % 2 ? "cello"
                                                             : "drum",
                                       .visible = i % 3 ? AVQA_YES : AVQA_NO,
                                       .x = (double)i / 200,
                                       .sounding = {&ranges[i], i % 7 ? 1 : 0, true},
                                       .loudness_db = -(double)avqa_rng_below(&rng, 60),
                                       .rhythmicity = (double)i / 200};
        }
        avqa_fillings_take(f, &scene, 1);
        compare(f, t, &scene, met);
        assert_true(met[AVQA_WELL_POSED] > 20);
    }
    avqa_fillings_free(f);
    avqa_templates_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shipped),
                                       cmocka_unit_test(test_every_function),
                                       cmocka_unit_test(test_many_instances)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
