/* Which facts a program asks for, and which a clip does not have. */
#include "check.h"
#include "templates.h"

#include "qa/missing.h"

#include <math.h>

static void add_facts(struct avqa_buf *out, avqa_facts_mask mask)
{
    for (size_t f = 0; f < AVQA_N_FACTS; f++) {
        if (mask & 1U << f)
            avqa_buf_addf(out, "%s%s", out->len ? " " : "",
                          avqa_fact_name((enum avqa_fact)f));
    }
}

static void test_asked(void **state)
{
    (void)state;
    static const struct {
        const char *code, *facts;
    } cases[] = {
        {"A01", "instances instrument sounding loudness_db"},
        {"A02", "instances instrument sounding rhythmicity"},
        {"A03", "instances instrument sounding"},
        {"V02", "instances instrument visible"},
        {"V05", "instances instrument visible x"},
        {"V08", "scene"},
        {"X09", "instances instrument visible sounding duration"},
        {"X10", "voiceover"},
        {"X11", "instances visible sounding"},
        {"X14", "instances visible x sounding loudness_db"},
        {"X16", "instances instrument sounding"},
    };
    struct avqa_templates *t = templates_of("templates/music-avqa.json");
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_buf got = AVQA_BUF_INIT;
        size_t at = avqa_templates_find(t, cases[i].code);
        add_facts(&got, avqa_facts_asked(t->items[at].answer));
        assert_string_equal(avqa_buf_str(&got), cases[i].facts);
        avqa_buf_release(&got);
    }
    avqa_templates_free(t);
}

static void assert_missing(const struct avqa_scene *scene, const char *facts)
{
    struct avqa_buf got = AVQA_BUF_INIT;
    add_facts(&got, avqa_facts_missing(scene));
    assert_string_equal(avqa_buf_str(&got), facts);
    avqa_buf_release(&got);
}

static void test_missing(void **state)
{
    (void)state;
    struct avqa_range range = {0, 1000000};
    struct avqa_instance in = {.id = "i",
                               .instrument = "drum",
                               .visible = AVQA_YES,
                               .x = 0.5,
                               .sounding = {&range, 1, true},
                               .loudness_db = -20,
                               .rhythmicity = 0.5};
    struct avqa_scene scene = {.clip = "c",
                               .duration_us = 2000000,
                               .place = "indoor",
                               .voiceover = {.known = true},
                               .instances = &in,
                               .n_instances = 1,
                               .instances_known = true};
    assert_missing(&scene, "");
    in.x = in.loudness_db = in.rhythmicity = (double)NAN;
    assert_missing(&scene, "x loudness_db rhythmicity");
    in.visible = AVQA_NO; /* nowhere */
    assert_missing(&scene, "loudness_db rhythmicity");
    in.sounding.n = 0; /* silent */
    assert_missing(&scene, "");
    in.sounding.known = false;
    in.visible = AVQA_UNKNOWN;
    in.instrument = NULL;
    assert_missing(&scene, "instrument visible x sounding loudness_db rhythmicity");
    scene = (struct avqa_scene){.clip = "c", .duration_us = AVQA_FACTS_UNKNOWN};
    assert_missing(&scene, "instances duration scene voiceover");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_asked),
                                       cmocka_unit_test(test_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
