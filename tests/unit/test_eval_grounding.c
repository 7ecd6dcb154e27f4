/* The pointing game on clips small enough to count by hand: maps of 4 x 4, three
 * seconds that stand for rows 0, 2 and 4. */
#include "tiny.h"

#include "pipeline/eval_grounding_report.h"
#include "pipeline/view.h"

enum { SIDE = 4, CELLS = SIDE * SIDE, SECONDS = 3, STRIDE = 2 };

/* In v the violin has the upper left quarter and sounds in rows 0, 1 and 4, the cello
 * the lower right one and rows 2 to 5. In u one flute is everywhere, always. In x the
 * place of the violin is not known, that of the flute is; in y the violin cannot be
 * seen. */
static const char facts[] =
    "{\"clip\": \"v\", \"duration\": 6, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.25, "
    "\"box\": [0, 0, 0.5, 0.5], \"sounding\": [[0, 2], [4.5, 5]]},"
    "{\"id\": \"b\", \"instrument\": \"cello\", \"visible\": true, \"x\": 0.75, "
    "\"box\": [0.5, 0.5, 0.5, 0.5], \"sounding\": [[2, 6]]}]}\n"
    "{\"clip\": \"u\", \"duration\": 6, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"flute\", \"visible\": true, \"x\": 0.5, "
    "\"box\": [0, 0, 1, 1], \"sounding\": [[0, 6]]}]}\n"
    "{\"clip\": \"x\", \"duration\": 6, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, "
    "\"sounding\": [[0, 1]]},"
    "{\"id\": \"b\", \"instrument\": \"flute\", \"visible\": true, \"x\": 0.25, "
    "\"box\": [0, 0, 0.5, 0.5], \"sounding\": [[0, 1]]}]}\n"
    "{\"clip\": \"y\", \"duration\": 6, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": false, "
    "\"box\": [0, 0, 0.5, 0.5], \"sounding\": [[4, 5]]}]}\n";

static const struct avqa_heat_region whole = AVQA_HEAT_WHOLE;

/* Attention with these peaks. */
struct peaks {
    double places[SECONDS * CELLS], heard[SECONDS], seen[SECONDS];
    struct avqa_attention_seen attention;
};

static const struct avqa_attention_seen *
attend(struct peaks *p, const size_t cells[SECONDS], size_t heard, size_t seen)
{
    *p = (struct peaks){.attention = {.n_seconds = SECONDS,
                                      .stride = STRIDE,
                                      .side = SIDE,
                                      .places = p->places,
                                      .region = &whole,
                                      .heard = p->heard,
                                      .seen = p->seen}};
    for (size_t k = 0; k < SECONDS; k++)
        p->places[k * CELLS + cells[k]] = 0.1;
    p->heard[heard] = p->seen[seen] = 0.5;
    return &p->attention;
}

static void check_kind(const struct avqa_json *json, const char *kind, int hits,
                       int total, double chance)
{
    assert_int_equal(check_int(json, kind, "hits", NULL), hits);
    assert_int_equal(check_int(json, kind, "total", NULL), total);
    assert_close(check_double(json, kind, "chance", NULL), chance, 1e-6);
    assert_close(check_double(json, kind, "accuracy", NULL), (double)hits / total,
                 1e-6);
    assert_close(check_double(json, kind, "above", NULL), (double)hits / total - chance,
                 1e-6);
}

/* Questions about clips of a dataset, and what came of the peaks. */
struct asked {
    struct tiny t;
    struct avqa_eval_set set;
    struct avqa_grounding g;
    struct avqa_json *json;
};

static void begin(struct asked *a)
{
    tiny_import(&a->t, "test");
    assert_ok(avqa_eval_set_load(&a->set, a->t.dataset, "test", NULL, NULL));
}

static void end(struct asked *a)
{
    avqa_json_free(a->json);
    avqa_grounding_release(&a->g);
    avqa_eval_set_release(&a->set);
    tiny_free(&a->t);
}

static void test_by_hand(void **state)
{
    (void)state;
    struct asked a = {.t = tiny_new()};
    struct peaks p;
    tiny_facts(&a.t, facts);
    tiny_add(&a.t, "v", "A06", "violin", "yes"); /* 0: rests on the violin */
    tiny_add(&a.t, "v", "A06", "cello", "yes");  /* 1: on the cello */
    tiny_add(&a.t, "v", "A06", "flute", "yes");  /* 2: which is wrong */
    tiny_add(&a.t, "w", "A06", "flute", "yes");  /* 3: of which nothing is known */
    tiny_add(&a.t, "u", "A06", "flute", "yes");  /* 4: which nobody could miss */
    tiny_add(&a.t, "x", "A06", "violin", "yes"); /* 5: somewhere */
    tiny_add(&a.t, "y", "A06", "violin", "yes"); /* 6: nowhere */
    begin(&a);
    for (size_t i = 0; i < a.set.n; i++)
        assert_ok(avqa_grounding_add(&a.g, &a.set, i,
                                     attend(&p, (const size_t[]){0, 15, 15}, 1, 2)));
    assert_ok(avqa_grounding_json(&a.json, &a.g, &a.set, 200, 1, 1));
    assert_int_equal(check_int(a.json, "questions", NULL), 7);
    assert_int_equal(check_int(a.json, "without", NULL), 2);
    /* The violin in rows 0 (hit) and 4 (missed), the cello in rows 2 and 4 (hit). */
    check_kind(a.json, "places", 3, 4, 0.25);
    /* Once a clip: the violin in row 0, the cello in row 2, either in row 4. */
    check_kind(a.json, "sources", 3, 3, (0.25 + 0.25 + 0.5) / 3);
    /* The violin sounds in two of three (missed), the cello too (hit), that of x in one
     * (missed), that of y in one (missed). */
    check_kind(a.json, "heard", 1, 4, (2. / 3 + 2. / 3 + 1. / 3 + 1. / 3) / 4);
    check_kind(a.json, "seen", 3, 4, (2. / 3 + 2. / 3 + 1. / 3 + 1. / 3) / 4);
    static const struct {
        const char *kind;
        int n;
    } trivial[] = {{"places", 3}, {"sources", 3}, {"heard", 1}, {"seen", 1}};
    for (size_t i = 0; i < N_OF(trivial); i++)
        assert_int_equal(check_int(a.json, "trivial", trivial[i].kind, NULL),
                         trivial[i].n);
    check_kind(check_at(a.json, "heard", "types", NULL), "Audio/Counting", 1, 4, 0.5);
    assert_int_equal(check_int(a.json, "heard", "videos", NULL), 3);
    end(&a);
}

/* The first of equal peaks counts, a box begins where it begins and ends before its
 * end, and a model without maps is judged by its seconds alone. */
static void test_edges(void **state)
{
    (void)state;
    struct asked a = {.t = tiny_new()};
    struct peaks p;
    tiny_facts(&a.t, facts);
    tiny_add(&a.t, "v", "A06", "violin", "yes");
    begin(&a);
    /* Cells 5 and 6 are the quarter's corner and its right neighbour. */
    assert_ok(avqa_grounding_add(&a.g, &a.set, 0,
                                 attend(&p, (const size_t[]){6, 0, 5}, 0, 0)));
    attend(&p, (const size_t[]){0, 0, 0}, 0, 0);
    p.attention.side = 0;
    p.attention.seen = NULL;
    p.heard[2] = p.heard[0];
    assert_ok(avqa_grounding_add(&a.g, &a.set, 0, &p.attention));
    assert_ok(avqa_grounding_json(&a.json, &a.g, &a.set, 200, 1, 1));
    check_kind(a.json, "places", 1, 2, 0.25);
    check_kind(a.json, "heard", 2, 2, 2. / 3);
    check_kind(a.json, "seen", 1, 1, 2. / 3);
    end(&a);
}

/* A picture of 320 x 160 scaled to 512 x 256 shows its columns 144 to 368 and lines 16
 * to 240, so that no cell of a map of 4 x 4 is where the flute is, and the violin is in
 * the first column of it; in the whole picture it would be the other way round. */
static void test_wide_picture(void **state)
{
    (void)state;
    struct asked a = {.t = tiny_new()};
    struct peaks p;
    const struct avqa_feature_info *info;
    tiny_facts(&a.t, "{\"clip\": \"v\", \"duration\": 6, \"instances\": ["
                     "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, "
                     "\"box\": [0.3, 0, 0.1, 1], \"sounding\": [[0, 6]]}]}\n"
                     "{\"clip\": \"u\", \"duration\": 6, \"instances\": ["
                     "{\"id\": \"a\", \"instrument\": \"flute\", \"visible\": true, "
                     "\"box\": [0.75, 0, 0.25, 1], \"sounding\": [[0, 6]]}]}\n");
    tiny_add(&a.t, "v", "A06", "violin", "yes");
    tiny_add(&a.t, "u", "A06", "flute", "yes");
    begin(&a);
    assert_ok(avqa_feature_find(&info, "resnet18", "torchvision-maps"));
    const struct avqa_heat_region middle = avqa_view_region(info, 320, 160);
    assert_close(middle.x, 144. / 512, 1e-12);
    assert_close(middle.width, 224. / 512, 1e-12);
    assert_close(middle.y, 16. / 256, 1e-12);
    assert_close(middle.height, 224. / 256, 1e-12);
    /* Columns' middles are at 0.336, 0.445, 0.555 and 0.664. */
    for (size_t i = 0; i < a.set.n; i++) {
        attend(&p, (const size_t[]){0, 1, 4}, 0, 0);
        p.attention.region = &middle;
        assert_ok(avqa_grounding_add(&a.g, &a.set, i, &p.attention));
    }
    /* Of a part that is not known nothing is counted in space, but said. */
    attend(&p, (const size_t[]){0, 1, 4}, 0, 0);
    p.attention.region = NULL;
    assert_ok(avqa_grounding_add(&a.g, &a.set, 0, &p.attention));
    assert_ok(avqa_grounding_json(&a.json, &a.g, &a.set, 200, 1, 1));
    check_kind(a.json, "places", 2, 3, 0.25);
    check_kind(a.json, "sources", 2, 3, 0.25);
    assert_int_equal(check_int(a.json, "unplaced", NULL), 1);
    assert_int_equal(check_int(a.json, "trivial", "places", NULL), 0);
    end(&a);
}

/* In v an answer rests on the places of all, and nobody knows when the cello sounds. In
 * w nobody knows whether the cello is to be seen, which matters in row 0 alone, where
 * it sounds; when the flute sounds does not matter, since it is not to be seen. */
static const char unknown_facts[] =
    "{\"clip\": \"v\", \"duration\": 6, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.2, "
    "\"box\": [0, 0, 0.4, 0.4], \"sounding\": [[0, 2]]},"
    "{\"id\": \"b\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.8, "
    "\"box\": [0.6, 0, 0.4, 0.4], \"sounding\": [[2, 4]]},"
    "{\"id\": \"c\", \"instrument\": \"cello\", \"visible\": true, \"x\": 0.5, "
    "\"box\": [0.4, 0.4, 0.2, 0.2], \"sounding\": null}]}\n"
    "{\"clip\": \"w\", \"duration\": 6, \"instances\": ["
    "{\"id\": \"a\", \"instrument\": \"violin\", \"visible\": true, "
    "\"box\": [0, 0, 0.5, 0.5], \"loudness_db\": -10, \"sounding\": [[0, 6]]},"
    "{\"id\": \"b\", \"instrument\": \"cello\", \"visible\": null, "
    "\"loudness_db\": -20, \"sounding\": [[0, 1]]},"
    "{\"id\": \"c\", \"instrument\": \"flute\", \"visible\": false, "
    "\"sounding\": null}]}\n";

static void test_null_is_unknown(void **state)
{
    (void)state;
    struct asked a = {.t = tiny_new()};
    struct peaks p;
    tiny_facts(&a.t, unknown_facts);
    tiny_add(&a.t, "v", "X18", "violin,first", "left");
    tiny_add(&a.t, "w", "A01", "violin,cello", "yes");
    begin(&a);
    for (size_t i = 0; i < a.set.n; i++)
        assert_ok(avqa_grounding_add(&a.g, &a.set, i,
                                     attend(&p, (const size_t[]){15, 0, 15}, 2, 2)));
    assert_ok(avqa_grounding_json(&a.json, &a.g, &a.set, 200, 1, 1));
    assert_int_equal(check_int(a.json, "questions", NULL), 2);
    assert_int_equal(check_int(a.json, "without", NULL), 0);
    check_kind(a.json, "places", 1, 2, 0.25);
    check_kind(a.json, "sources", 1, 2, 0.25);
    assert_null(avqa_json_get(a.json, "heard"));
    assert_null(avqa_json_get(a.json, "seen"));
    assert_int_equal(check_int(a.json, "trivial", "places", NULL), 0);
    assert_int_equal(check_int(a.json, "trivial", "heard", NULL), 1); /* of w */
    end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_edges),
        cmocka_unit_test(test_wide_picture), cmocka_unit_test(test_null_is_unknown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
