/* Generating: the same questions for any order of clips and any number of workers, no
 * answer above its share where the facts allow, a template once per clip, every answer
 * what its program says, and a second run replaces the first. */
#include "base/rng.h"
#include "catalog/catalog.h"
#include "pipeline/dataset.h"
#include "pipeline/export.h"
#include "pipeline/generate.h"
#include "qa/question.h"
#include "qa/version.h"
#include "tiny.h"

enum { N_CLIPS = 1000 };

static const char *const kinds[] = {"violin", "piano", "cello",
                                    "flute",  "drum",  "erhu"};
static const char *const scenes[] = {"indoor", "indoor", "outdoor"};

static void put_instance(struct avqa_buf *out, struct avqa_rng *rng, uint64_t i)
{
    bool visible = avqa_rng_below(rng, 6) > 0;
    double from = (double)avqa_rng_below(rng, 30);
    double to = from + 1 + (double)avqa_rng_below(rng, 29);
    avqa_buf_addf(out, "%s{\"id\": \"i%d\", \"instrument\": \"%s\", \"visible\": %s, ",
                  i ? ", " : "", (int)i, kinds[avqa_rng_below(rng, N_OF(kinds))],
                  visible ? "true" : "false");
    if (visible)
        avqa_buf_addf(out, "\"x\": %.3f, ",
                      avqa_rng_below(rng, 3) ? avqa_rng_unit(rng)
                                             : 0.2 * (double)avqa_rng_below(rng, 6));
    else
        avqa_buf_adds(out, "\"x\": null, ");
    if (avqa_rng_below(rng, 6) == 0)
        avqa_buf_adds(out, "\"sounding\": [], ");
    else if (avqa_rng_below(rng, 4) == 0)
        avqa_buf_adds(out, "\"sounding\": [[0, 60]], ");
    else
        avqa_buf_addf(out, "\"sounding\": [[%.1f, %.1f]], ", from, to);
    avqa_buf_addf(out, "\"loudness_db\": %.1f, \"rhythmicity\": %.2f}",
                  -30 + 25 * avqa_rng_unit(rng), avqa_rng_unit(rng));
}

/* The facts of clip c depend on c only, so that files may list clips in any order. */
static void put_clip(struct avqa_buf *out, int c)
{
    char name[16];
    struct avqa_rng rng;
    snprintf(name, sizeof name, "clip%04d", c);
    avqa_rng_init(&rng, 7, name);
    avqa_buf_addf(out, "{\"clip\": \"%s\", \"duration\": 60, \"scene\": \"%s\", ", name,
                  scenes[avqa_rng_below(&rng, N_OF(scenes))]);
    avqa_buf_addf(out, "\"voiceover\": %s, \"instances\": [",
                  avqa_rng_below(&rng, 4) ? "[]" : "[[1, 2]]");
    uint64_t n = 1 + avqa_rng_below(&rng, 6);
    for (uint64_t i = 0; i < n; i++)
        put_instance(out, &rng, i);
    avqa_buf_adds(out, "]}\n");
}

static struct tiny dataset_of_facts(bool backwards)
{
    struct tiny t = tiny_new();
    struct avqa_buf text = AVQA_BUF_INIT;
    for (int c = 0; c < N_CLIPS; c++)
        put_clip(&text, backwards ? N_CLIPS - 1 - c : c);
    tiny_facts(&t, avqa_buf_str(&text));
    avqa_buf_release(&text);
    return t;
}

static struct avqa_json *generate(struct tiny *t, uint64_t seed, size_t jobs)
{
    struct avqa_json *report;
    struct avqa_generate_config config = {.dataset = t->dataset,
                                          .split = "made",
                                          .templates = t->template_path,
                                          .opts = AVQA_GENERATOR_DEFAULTS};
    config.opts.seed = seed;
    config.opts.jobs = jobs;
    assert_ok(avqa_generate(&config, &report));
    return report;
}

static struct avqa_buf exported(struct tiny *t)
{
    int64_t rows;
    char *path = avqa_io_join(t->folder, "out.jsonl");
    struct avqa_export_config config = {
        .dataset = t->dataset, .format = AVQA_EXPORT_JSONL, .output = path};
    assert_ok(avqa_export(&config, &rows));
    struct avqa_buf text = check_read(path);
    free(path);
    return text;
}

static void test_order_and_jobs_do_not_matter(void **state)
{
    (void)state;
    struct avqa_buf texts[4] = {0};
    for (int k = 0; k < 4; k++) {
        struct tiny t = dataset_of_facts(k == 1);
        avqa_json_free(generate(&t, k == 3 ? 2 : 1, k == 2 ? 2 : 1));
        texts[k] = exported(&t);
        tiny_free(&t);
    }
    assert_string_equal(avqa_buf_str(&texts[0]), avqa_buf_str(&texts[1]));
    assert_string_equal(avqa_buf_str(&texts[0]), avqa_buf_str(&texts[2]));
    assert_string_not_equal(avqa_buf_str(&texts[0]), avqa_buf_str(&texts[3]));
    for (int k = 0; k < 4; k++)
        avqa_buf_release(&texts[k]);
}

static void test_balance(void **state)
{
    (void)state;
    struct tiny t = dataset_of_facts(false);
    struct avqa_json *report = generate(&t, 1, 1);
    const struct avqa_json *r = avqa_json_first(avqa_json_get(report, "templates"));
    int templates = 0;
    for (; r; r = avqa_json_next(r)) {
        if (avqa_json_count(avqa_json_get(r, "before")) > 1)
            assert_true(check_double(r, "share", NULL) <= 0.6 + 1e-9);
        templates += check_int(r, "chosen", NULL) > 0;
    }
    assert_int_equal(templates, 33);
    avqa_json_free(report);
    const struct avqa_json *audit = tiny_audit(&t, "made", NULL);
    assert_int_equal(avqa_json_count(avqa_json_get(audit, "dominant")), 0);
    tiny_free(&t);
}

/* No clip has a template twice, none more than five questions, and an earlier run is
 * gone. */
static void test_a_template_once(void **state)
{
    (void)state;
    struct tiny t = dataset_of_facts(false);
    avqa_json_free(generate(&t, 1, 1));
    int64_t before = tiny_total(&t, "questions");
    avqa_json_free(generate(&t, 1, 1));
    assert_int_equal(tiny_total(&t, "questions"), before);
    tiny_audit(&t, "made", NULL);
    assert_true(t.table.n_rows > 4 * N_CLIPS);
    for (size_t i = 0; i < t.table.n_rows; i++) {
        size_t same = 0;
        for (size_t j = 0; j < t.table.n_rows; j++) {
            if (t.table.rows[j].clip != t.table.rows[i].clip)
                continue;
            same++;
            assert_true(i == j || t.table.rows[j].template != t.table.rows[i].template);
        }
        assert_in_range(same, 1, 5);
    }
    tiny_free(&t);
}

/* Several instruments at one place, off screen or of one kind, and the audit has
 * nothing to say: what its rules take for granted and these clips do not is explained
 * by their facts. */
static void test_no_contradiction(void **state)
{
    (void)state;
    struct tiny t = dataset_of_facts(false);
    avqa_json_free(generate(&t, 3, 1));
    const struct avqa_json *audit = tiny_audit(&t, "made", NULL);
    const struct avqa_json *rule = avqa_json_first(avqa_json_get(audit, "consistency"));
    int64_t judged = 0;
    int64_t explained = 0;
    for (; rule; rule = avqa_json_next(rule)) {
        if (strcmp(avqa_json_key(rule), "solver") == 0)
            continue; /* knows scenes, not rules; see below */
        judged += check_int(rule, "checkable", NULL);
        assert_int_equal(check_int(rule, "violations", NULL), 0);
        if (avqa_json_get(rule, "explained_by_facts"))
            explained += check_int(rule, "explained_by_facts", NULL);
    }
    assert_true(judged > 1000);
    assert_true(explained > 10); /* these clips are what rules do not think of */
    assert_int_equal(avqa_findings_count(&t.audit.findings, AVQA_ERROR), 0);
    assert_int_equal(avqa_findings_count(&t.audit.findings, AVQA_WARNING), 0);
    /* the solver may say that two stand at one place, which is so, but no more */
    const struct avqa_json *solver = check_at(audit, "consistency", "solver", NULL);
    assert_int_equal(check_int(solver, "by_answers", NULL), 0);
    assert_int_equal(check_int(solver, "by_posing", NULL), 0);
    assert_true(check_int(solver, "consistent", NULL) > 900);
    const struct avqa_json *facts = check_at(audit, "consistency", "facts", NULL);
    assert_int_equal(check_int(facts, "checkable", NULL), t.table.n_rows);
    assert_int_equal(check_int(facts, "violations", NULL), 0);
    tiny_free(&t);
}

/* Which templates each clip was asked, as bits. */
static size_t asked(struct tiny *t, uint64_t by_clip[4])
{
    tiny_audit(t, "made", NULL);
    for (size_t i = 0; i < t->table.n_rows; i++)
        by_clip[t->table.rows[i].clip] |= (uint64_t)1 << t->table.rows[i].template;
    return t->table.n_clips;
}

/* Clips of one name with other sounds are told apart: they come in the order of their
 * sounds, and chance does not choose the same for all. */
static void test_sounds(void **state)
{
    (void)state;
    static const char row[] =
        "{\"clip\": \"v\", \"media\": {\"audio\": \"%s\"}, \"duration\": 9, "
        "\"scene\": \"indoor\", \"voiceover\": [], \"instances\": [{\"id\": \"i\", "
        "\"instrument\": \"violin\", \"visible\": true, \"x\": 0.1, "
        "\"sounding\": [[0, 9]]}]}\n";
    static const char *const sounds[] = {"a", "b", "c", "d"};
    struct avqa_buf texts[2] = {0};
    uint64_t by_clip[4] = {0};
    for (size_t k = 0; k < 2; k++) {
        struct tiny t = tiny_new();
        struct avqa_buf facts = AVQA_BUF_INIT;
        for (size_t i = 0; i < N_OF(sounds); i++)
            avqa_buf_addf(&facts, row, sounds[k ? N_OF(sounds) - 1 - i : i]);
        tiny_facts(&t, avqa_buf_str(&facts));
        avqa_buf_release(&facts);
        avqa_json_free(generate(&t, 1, 1));
        texts[k] = exported(&t);
        if (k == 0)
            assert_int_equal(asked(&t, by_clip), 4);
        tiny_free(&t);
    }
    assert_string_equal(avqa_buf_str(&texts[0]), avqa_buf_str(&texts[1]));
    assert_false(by_clip[0] == by_clip[1] && by_clip[1] == by_clip[2] &&
                 by_clip[2] == by_clip[3]);
    avqa_buf_release(&texts[0]);
    avqa_buf_release(&texts[1]);
}

/* Why one filling is refused: the part of the program that is looked at first comes
 * before all else. */
static enum avqa_ill_posed judge(const struct avqa_template *t,
                                 const char *const *values,
                                 const struct avqa_scene *scene)
{
    const struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    const struct avqa_stage stage = {scene, &margins, NULL};
    const struct avqa_filling filling = {values, NULL, NULL};
    const struct avqa_program_node *part = avqa_program_first(t->answer);
    struct avqa_program_scope scope = avqa_template_scope(t);
    enum avqa_ill_posed first =
        part ? avqa_evaluate_part(&stage, part, &scope, &filling) : AVQA_WELL_POSED;
    if (first != AVQA_WELL_POSED)
        return first;
    struct avqa_evaluation e = avqa_question_pose(t, values, scene, &margins);
    return e.reason != AVQA_WELL_POSED
               ? e.reason
               : avqa_question_degenerate(&stage, t, &filling, &e);
}

/* All ways to fill a template over a clip, the refused ones counted: every word of
 * every slot, each filling asked on its own. */
static void count_refused(uint32_t refused[AVQA_N_ILL_POSED],
                          const struct avqa_template *t, const struct avqa_scene *scene)
{
    size_t n = 1;
    for (size_t s = 0; s < t->n_slots; s++)
        n *= t->slots[s]->n_values;
    for (size_t f = 0; f < n; f++) {
        const char *values[AVQA_TEMPLATE_MAX_SLOTS];
        size_t rest = f;
        for (size_t s = 0; s < t->n_slots; s++) {
            values[s] = t->slots[s]->values[rest % t->slots[s]->n_values];
            rest /= t->slots[s]->n_values;
        }
        refused[judge(t, values, scene)]++;
    }
}

/* A row of the export beside what its clip's facts say. */
static void check_neighbours(const struct tiny *t, const struct avqa_json *row,
                             uint32_t met[AVQA_N_ILL_POSED])
{
    int c;
    uint32_t refused[AVQA_N_ILL_POSED] = {0};
    struct avqa_arena arena = {0};
    struct avqa_buf facts = AVQA_BUF_INIT;
    struct avqa_json *json;
    struct avqa_scene *scene;
    const struct avqa_json *neighbours = check_at(row, "neighbours", NULL);
    size_t ti = avqa_templates_find(t->templates, check_string(row, "template", NULL));
    assert_int_equal(sscanf(check_string(row, "video", NULL), "clip%d", &c), 1);
    put_clip(&facts, c);
    assert_ok(avqa_json_parse(&json, avqa_buf_str(&facts), facts.len - 1));
    assert_ok(avqa_scene_read(&scene, &arena, json));
    count_refused(refused, &t->templates->items[ti], scene);
    size_t n = 0;
    for (size_t r = 1; r < AVQA_N_ILL_POSED; r++) {
        const char *name = avqa_ill_posed_name((enum avqa_ill_posed)r);
        met[r] += refused[r];
        n += refused[r] > 0;
        if (refused[r])
            assert_int_equal(check_int(neighbours, name, NULL), refused[r]);
    }
    assert_int_equal(avqa_json_count(neighbours), n);
    avqa_json_free(json);
    avqa_buf_release(&facts);
    avqa_arena_release(&arena);
}

/* Stored with a question: how many other fillings of its template over its clip were
 * refused, by reason, and which program answered it. */
static void test_neighbours(void **state)
{
    (void)state;
    enum { CLIPS = 40, REASONS = 8 };
    struct tiny t = tiny_new();
    struct avqa_buf text = AVQA_BUF_INIT;
    uint32_t met[AVQA_N_ILL_POSED] = {0};
    for (int c = 0; c < CLIPS; c++)
        put_clip(&text, c);
    tiny_facts(&t, avqa_buf_str(&text));
    avqa_buf_release(&text);
    struct avqa_generate_config config = {.dataset = t.dataset,
                                          .split = "made",
                                          .templates = t.template_path,
                                          .opts = AVQA_GENERATOR_DEFAULTS};
    struct avqa_json *report;
    config.opts.absent = SIZE_MAX; /* every word is tried */
    assert_ok(avqa_generate(&config, &report));
    avqa_json_free(report);
    text = exported(&t);
    int rows = 0;
    for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
        struct avqa_json *row;
        char version[AVQA_VERSION_HEX];
        assert_ok(avqa_json_parse(&row, line, strlen(line)));
        check_neighbours(&t, row, met);
        size_t ti =
            avqa_templates_find(t.templates, check_string(row, "template", NULL));
        avqa_program_version(version, &t.templates->items[ti], &config.opts.margins);
        assert_string_equal(check_string(row, "program", NULL), version);
        avqa_json_free(row);
        rows++;
    }
    assert_true(rows > 3 * CLIPS);
    int reasons = 0;
    for (size_t r = 1; r < AVQA_N_ILL_POSED; r++)
        reasons += met[r] > 0;
    assert_in_range(reasons, REASONS, AVQA_N_ILL_POSED);
    avqa_buf_release(&text);
    tiny_free(&t);
}

/* A template file with one domain of `n` words and one template. */
static char *one_template(struct tiny *t, int n, const char *kind, const char *rest)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_addf(&text,
                  "{\"schema\": 1, \"name\": \"one\", \"language\": \"en\", "
                  "\"domains\": {\"w\": {\"kind\": \"%s\", \"values\": [",
                  kind);
    for (int i = 0; i < n; i++)
        avqa_buf_addf(&text, "%s\"w%d\"", i ? ", " : "", i);
    avqa_buf_addf(
        &text,
        "]}, \"yn\": {\"kind\": \"truth\", \"values\": [\"yes\", \"no\"]}}, "
        "\"slots\": {\"W\": \"w\"}, \"answers\": [\"w0\", \"yes\", \"no\"], "
        "\"templates\": [{\"id\": \"T\", \"modality\": \"m\", \"type\": \"t\", "
        "%s}]}",
        rest);
    char *path = check_write_text(t->folder, "one.json", avqa_buf_str(&text));
    avqa_buf_release(&text);
    return path;
}

static void test_refused_templates(void **state)
{
    static const struct {
        int n;
        const char *kind, *rest, *message;
    } cases[] = {
        {65, "number",
         "\"text\": \"how many?\", \"slots\": [], \"answers\": [\"w\"], \"program\": "
         "\"count(all)\"",
         "template T has 65 answers; questions are generated for at most 64"},
        {22, "object",
         "\"text\": \"<W> <W> <W> <W>?\", \"slots\": [\"W\", \"W\", \"W\", \"W\"], "
         "\"answers\": [\"yn\"], \"program\": \"exists(is(all, $0))\"",
         "template T can be filled in more than 200000 ways"},
        {321, "order",
         "\"text\": \"<W>?\", \"slots\": [\"W\"], \"answers\": [\"yn\"], "
         "\"program\": \"equal($0, \\\"w0\\\")\"",
         "template T: slot 0 has 321 words; at most 320 are tried"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct tiny t = tiny_new();
        struct avqa_json *report;
        tiny_facts(&t, "{\"clip\": \"v\", \"instances\": []}");
        char *path = one_template(&t, cases[i].n, cases[i].kind, cases[i].rest);
        struct avqa_generate_config config = {.dataset = t.dataset,
                                              .split = "made",
                                              .templates = path,
                                              .opts = AVQA_GENERATOR_DEFAULTS};
        assert_fails(avqa_generate(&config, &report), AVQA_EINVAL, cases[i].message);
        assert_null(report);
        free(path);
        tiny_free(&t);
    }
}

static void test_refused_split(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    tiny_facts(&t, "{\"clip\": \"v\", \"instances\": []}");
    tiny_add(&t, "v", "A05", NULL, "zero");
    tiny_import(&t, "test");
    struct avqa_generate_config config = {.dataset = t.dataset,
                                          .split = "test",
                                          .templates = t.template_path,
                                          .opts = AVQA_GENERATOR_DEFAULTS};
    assert_fails(avqa_generate(&config, &report), AVQA_EINVAL,
                 "split 'test' has imported questions; generate into another");
    assert_int_equal(tiny_total(&t, "questions"), 1);
    tiny_free(&t);
}

/* Stops when it has been asked `user` times. */
static bool stop_after(void *user)
{
    int *left = user;
    return (*left)-- <= 0;
}

static void test_stopped(void **state)
{
    (void)state;
    struct tiny t = dataset_of_facts(false);
    for (int n = 0; n < 10; n++) {
        int left = n;
        struct avqa_json *report = NULL;
        struct avqa_log log = {.stopped = stop_after, .user = &left};
        struct avqa_generate_config config = {.dataset = t.dataset,
                                              .split = "made",
                                              .templates = t.template_path,
                                              .opts = AVQA_GENERATOR_DEFAULTS,
                                              .log = &log};
        config.opts.jobs = 1;
        assert_fails(avqa_generate(&config, &report), AVQA_ESTOPPED,
                     "stopped; nothing was generated");
        assert_int_equal(tiny_total(&t, "questions"), 0);
    }
    tiny_free(&t);
}

static void test_without_facts(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    struct avqa_generate_config config = {.dataset = t.dataset,
                                          .split = "made",
                                          .templates = t.template_path,
                                          .opts = AVQA_GENERATOR_DEFAULTS};
    assert_fails(avqa_generate(&config, &report), AVQA_ENOENT, "no facts yet");
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_jobs_do_not_matter),
        cmocka_unit_test(test_balance),
        cmocka_unit_test(test_a_template_once),
        cmocka_unit_test(test_no_contradiction),
        cmocka_unit_test(test_sounds),
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_refused_templates),
        cmocka_unit_test(test_refused_split),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_without_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
