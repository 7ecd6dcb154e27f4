/* Facts out of the catalog's rows are those that parsing the objects gives, whatever is
 * unknown, borrowed from other clips or imported a second time; rows that are not those
 * of the objects are damage. */
#include "catalog_fixture.h"
#include "tiny.h"

#include "base/rng.h"
#include "pipeline/dataset.h"
#include "pipeline/import.h"
#include "qa/facts_load.h"

enum { N_CLIPS = 400 };

static void put_maybe(struct avqa_buf *out, struct avqa_rng *rng, const char *key,
                      const char *value)
{
    uint64_t draw = avqa_rng_below(rng, 8);
    if (draw > 0) /* else the key is missing */
        avqa_buf_addf(out, ", \"%s\": %s", key, draw > 1 ? value : "null");
}

static const char *one_of(struct avqa_rng *rng, const char *const *list, size_t n)
{
    return list[avqa_rng_below(rng, n)];
}

static void put_instance(struct avqa_buf *out, struct avqa_rng *rng, int i)
{
    static const char *const kinds[] = {"\"violin\"", "\"church bell\"", "\"erhu\""};
    static const char *const truths[] = {"true", "false"};
    static const char *const ranges[] = {"[]", "[[0, 10]]", "[[4.5, 5.25], [0.1, 0.3]]",
                                         "[[1, 2], [2, 3], [7.123457, 9]]"};
    static const char *const numbers[] = {"0.1", "0", "0.3333333333333333", "1"};
    avqa_buf_addf(out, "%s{\"id\": \"i%d\"", i ? ", " : "", 9 - i);
    put_maybe(out, rng, "instrument", one_of(rng, kinds, N_OF(kinds)));
    put_maybe(out, rng, "visible", one_of(rng, truths, N_OF(truths)));
    if (avqa_rng_below(rng, 3))
        put_maybe(out, rng, "x", one_of(rng, numbers, N_OF(numbers)));
    else
        put_maybe(out, rng, "box", "[0.1, 0.2, 0.3, 0.4]");
    put_maybe(out, rng, "sounding", one_of(rng, ranges, N_OF(ranges)));
    put_maybe(out, rng, "loudness_db", "-12.3");
    put_maybe(out, rng, "rhythmicity", one_of(rng, numbers, N_OF(numbers)));
    avqa_buf_addc(out, '}');
}

static void put_clip(struct avqa_buf *out, struct avqa_rng *rng, int c)
{
    static const char *const media[] = {
        "{\"audio\": \"sound\"}", "{\"video\": \"a\", \"audio\": \"b\"}",
        "{\"video\": \"a\"}", "{\"base\": [\"x\", \"y\"]}", "{}"};
    static const char *const voices[] = {"[]", "[[1, 2]]", "[[5, 6], [0.5, 1.5]]"};
    static const char *const places[] = {"\"indoor\"", "\"a park\""};
    static const char *const origins[] = {"\"studio\"", "\"composed\"", "\"labelled\"",
                                          "\"measured\""};
    avqa_buf_addf(out, "{\"clip\": \"c%d\"", c);
    put_maybe(out, rng, "duration", "10.000001");
    put_maybe(out, rng, "scene", one_of(rng, places, N_OF(places)));
    put_maybe(out, rng, "voiceover", one_of(rng, voices, N_OF(voices)));
    put_maybe(out, rng, "media", one_of(rng, media, N_OF(media)));
    avqa_buf_addf(out, ", \"origin\": %s", one_of(rng, origins, N_OF(origins)));
    if (avqa_rng_below(rng, 20)) {
        avqa_buf_adds(out, ", \"instances\": [");
        int n = (int)avqa_rng_below(rng, 5);
        for (int i = 0; i < n; i++)
            put_instance(out, rng, i);
        avqa_buf_addc(out, ']');
    }
    avqa_buf_adds(out, "}\n");
}

static void import_round(struct tiny *t, int round, int from, int to)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_import_counts counts = {0};
    for (int c = from; c < to; c++) {
        char item[32];
        struct avqa_rng rng;
        snprintf(item, sizeof item, "%d of round %d", c, round);
        avqa_rng_init(&rng, 3, item);
        put_clip(&text, &rng, c);
    }
    char *path = check_write_text(t->folder, "facts.jsonl", avqa_buf_str(&text));
    const char *const files[] = {path};
    const struct avqa_import_config config = {
        .dataset = t->dataset, .files = files, .n_files = 1};
    assert_ok(avqa_import_facts(&config, &counts));
    avqa_import_counts_release(&counts);
    avqa_buf_release(&text);
    free(path);
}

/* ---- both ways --------------------------------------------------------------------
 */

struct loaded {
    const struct avqa_scene **scenes;
    size_t n, at;
    size_t with_audio;
};

static void same_text(const char *a, const char *b)
{
    assert_int_equal(!a, !b);
    if (a)
        assert_string_equal(a, b);
}

static void same_number(double a, double b)
{
    assert_int_equal(isnan(a), isnan(b));
    if (!isnan(a))
        assert_memory_equal(&a, &b, sizeof a);
}

static void same_ranges(const struct avqa_ranges *a, const struct avqa_ranges *b)
{
    assert_int_equal(a->known, b->known);
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->items[i].start_us, b->items[i].start_us);
        assert_int_equal(a->items[i].end_us, b->items[i].end_us);
    }
}

static enum avqa_status compare(void *user, const struct avqa_scene *parsed)
{
    struct loaded *l = user;
    assert_true(l->at < l->n);
    const struct avqa_scene *s = l->scenes[l->at++];
    const char *audio = parsed->audio;
    if (audio && strcmp(audio, parsed->clip) == 0)
        audio = NULL; /* its own */
    l->with_audio += audio != NULL;
    assert_int_equal(s->clip_id, parsed->clip_id);
    same_text(s->clip, parsed->clip);
    same_text(s->audio, audio);
    same_text(s->place, parsed->place);
    assert_int_equal(s->duration_us, parsed->duration_us);
    assert_int_equal(s->origin, parsed->origin);
    same_ranges(&s->voiceover, &parsed->voiceover);
    assert_int_equal(s->instances_known, parsed->instances_known);
    assert_int_equal(s->n_instances, parsed->n_instances);
    for (size_t i = 0; i < s->n_instances; i++) {
        const struct avqa_instance *a = &s->instances[i];
        const struct avqa_instance *b = &parsed->instances[i];
        same_text(a->id, b->id);
        same_text(a->instrument, b->instrument);
        assert_int_equal(a->visible, b->visible);
        same_number(a->x, b->x);
        same_ranges(&a->sounding, &b->sounding);
        same_number(a->loudness_db, b->loudness_db);
        same_number(a->rhythmicity, b->rhythmicity);
    }
    return AVQA_OK;
}

static void compare_all(struct tiny *t, size_t at_least)
{
    struct loaded l = {0};
    struct avqa_arena arena = {0};
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_facts_load(&l.scenes, &l.n, &arena, cat, NULL));
    assert_true(l.n >= at_least);
    assert_ok(avqa_facts_each(cat, compare, &l));
    assert_int_equal(l.at, l.n);
    assert_true(l.with_audio >= at_least / 10);
    avqa_catalog_close(cat);
    avqa_arena_release(&arena);
    free(l.scenes);
}

static void test_as_parsed(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    compare_all(&t, 0);
    import_round(&t, 1, 0, N_CLIPS);
    compare_all(&t, N_CLIPS);
    import_round(&t, 2, N_CLIPS / 4,
                 N_CLIPS / 2); /* rows with later ids, other sounds */
    compare_all(&t, N_CLIPS);
    tiny_free(&t);
}

/* ---- damage -----------------------------------------------------------------------
 */

static void assert_damaged(struct tiny *t, const char *sql, const char *what)
{
    const struct avqa_scene **scenes;
    size_t n;
    struct avqa_arena arena = {0};
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_WRITE));
    assert_ok(avqa_catalog_begin(cat));
    assert_ok(catalog_try(cat, "PRAGMA defer_foreign_keys = ON"));
    assert_ok(catalog_try(cat, sql));
    assert_fails(avqa_facts_load(&scenes, &n, &arena, cat, NULL), AVQA_EFORMAT, what);
    assert_null(scenes);
    avqa_catalog_close(cat);
    avqa_arena_release(&arena);
}

static void test_damage(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    import_round(&t, 1, 0, 50);
    assert_damaged(&t, "DELETE FROM instance WHERE id = (SELECT min(id) FROM instance)",
                   "the catalog is damaged: the instances of");
    assert_damaged(&t, "UPDATE scene SET n_instances = 1000000 WHERE clip_id = 3",
                   "the catalog is damaged: the instances of c2");
    assert_damaged(&t,
                   "UPDATE instance SET clip_id = (SELECT max(clip_id) FROM instance), "
                   "label = 'new' WHERE id = 1",
                   "the catalog is damaged");
    assert_damaged(&t, "UPDATE scene SET voiceover = '[[2, 1]]' WHERE clip_id = 1",
                   "stored facts of c0: voiceover: [2, 1] ends before it begins");
    assert_damaged(&t, "UPDATE scene SET voiceover = '[[' WHERE clip_id = 1",
                   "not JSON");
    assert_damaged(&t,
                   "INSERT INTO sounding(instance_id, start_us, end_us) "
                   "VALUES (1000000, 0, 1)",
                   "instance 1000000 of its ranges is not there");
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_parsed),
                                       cmocka_unit_test(test_damage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
