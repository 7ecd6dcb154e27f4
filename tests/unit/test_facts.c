/* Facts: every way to be wrong has its sentence, what is unknown stays unknown, and
 * what follows from the facts follows as a person would say it. Scenes are small enough
 * to check by head. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "qa/facts.h"

static struct avqa_arena arena;

static enum avqa_status read_text(struct avqa_scene **scene, const char *text)
{
    struct avqa_json *json;
    avqa_arena_reset(&arena);
    assert_int_equal(avqa_json_parse(&json, text, strlen(text)), AVQA_OK);
    enum avqa_status rc = avqa_scene_read(scene, &arena, json);
    avqa_json_free(json);
    return rc;
}

static struct avqa_scene *scene_of(const char *text)
{
    struct avqa_scene *scene = NULL;
    if (read_text(&scene, text) != AVQA_OK)
        fail_msg("%s\n%s", text, avqa_message());
    return scene;
}

static void assert_refused(const char *text, const char *message)
{
    struct avqa_scene *scene = NULL;
    if (read_text(&scene, text) != AVQA_EFORMAT)
        fail_msg("not refused: %s", text);
    assert_string_equal(avqa_message(), message);
    assert_null(scene);
}

/* ---- wrong ----------------------------------------------------------------------- */

static const struct {
    const char *text, *message;
} wrong_clips[] = {
    {"[]", "the facts of a clip are an object, not a list"},
    {"{}", "clip: is missing"},
    {"{\"clip\":null}", "clip: is missing"},
    {"{\"clip\":101}", "clip: is a number, not a string"},
    {"{\"clip\":\"\"}", "clip: is empty"},
    {"{\"clip\":\"a/b\"}", "clip: has a space, slash or control byte: a/b"},
    {"{\"clip\":\"a b\"}", "clip: has a space, slash or control byte: a b"},
    {"{\"clip\":\"a\",\"clip\":\"b\"}", "clip: stands twice"},
    {"{\"clip\":\"a\",\"origin\":\"guessed\"}",
     "origin: is not studio, composed, labelled or measured: guessed"},
    {"{\"clip\":\"a\",\"origin\":3}",
     "origin: is not studio, composed, labelled or measured"},
    {"{\"clip\":\"a\",\"duration\":\"60\"}", "duration: is a string, not a number"},
    {"{\"clip\":\"a\",\"duration\":0}",
     "duration: 0 is not a number of seconds above 0 and up to 1e+06"},
    {"{\"clip\":\"a\",\"duration\":-1}",
     "duration: -1 is not a number of seconds above 0 and up to 1e+06"},
    {"{\"clip\":\"a\",\"duration\":1e-9}",
     "duration: 1e-09 is not a number of seconds above 0 and up to 1e+06"},
    {"{\"clip\":\"a\",\"duration\":1e300}",
     "duration: 1e+300 is not a number of seconds above 0 and up to 1e+06"},
    {"{\"clip\":\"a\",\"scene\":true}", "scene: is true or false, not a string"},
    {"{\"clip\":\"a\",\"scene\":\"indoor \"}",
     "scene: has a space at an end or control byte: indoor "},
    {"{\"clip\":\"a\",\"voiceover\":false}",
     "voiceover: is true or false, not a list of ranges"},
    {"{\"clip\":\"a\",\"voiceover\":[3,4]}",
     "voiceover: a range is two numbers, [from, to]"},
    {"{\"clip\":\"a\",\"voiceover\":[[3]]}",
     "voiceover: a range is two numbers, [from, to]"},
    {"{\"clip\":\"a\",\"voiceover\":[[3,4,5]]}",
     "voiceover: a range is two numbers, [from, to]"},
    {"{\"clip\":\"a\",\"voiceover\":[[3,null]]}",
     "voiceover: a range is two numbers, [from, to]"},
    {"{\"clip\":\"a\",\"voiceover\":[[-0.5,1]]}",
     "voiceover: [-0.5, 1] begins before 0"},
    {"{\"clip\":\"a\",\"voiceover\":[[5,4]]}",
     "voiceover: [5, 4] ends before it begins"},
    {"{\"clip\":\"a\",\"voiceover\":[[4,4]]}", "voiceover: [4, 4] is empty"},
    {"{\"clip\":\"a\",\"voiceover\":[[4,4.0000001]]}",
     "voiceover: [4, 4.0000001] is empty"},
    {"{\"clip\":\"a\",\"voiceover\":[[4,1e7]]}",
     "voiceover: [4, 10000000] ends after 1e+06 seconds"},
    {"{\"clip\":\"a\",\"duration\":10,\"voiceover\":[[4,10.5]]}",
     "voiceover: [4, 10.5] ends after the clip, which lasts 10"},
    {"{\"clip\":\"a\",\"voiceover\":[[4,6],[0,4.5]]}",
     "voiceover: [0, 4.5] and [4, 6] overlap"},
    {"{\"clip\":\"a\",\"voiceover\":[[4,6],[4,6]]}",
     "voiceover: [4, 6] and [4, 6] overlap"},
    {"{\"clip\":\"a\",\"media\":\"a.mp4\"}", "media: is a string, not an object"},
    {"{\"clip\":\"a\",\"media\":{\"video\":1}}",
     "media.video: is a number, not a string"},
    {"{\"clip\":\"a\",\"media\":{\"audio\":\"a\\u0009b\"}}",
     "media.audio: has a space, slash or control byte: a\\x09b"},
    {"{\"clip\":\"a\",\"media\":{\"base\":\"b\"}}",
     "media.base: is a string, not a list of names"},
    {"{\"clip\":\"a\",\"media\":{\"base\":[\"b\",null]}}",
     "media.base: is null, not a name"},
    {"{\"clip\":\"a\",\"media\":{\"base\":[\"\"]}}", "media.base: is empty"},
    {"{\"clip\":\"a\",\"media\":{\"base\":[\"b\",\"a\"]}}",
     "media.base: a is the clip itself"},
    {"{\"clip\":\"a\",\"media\":{\"base\":[],\"base\":[]}}",
     "media.base: stands twice"},
    {"{\"clip\":\"a\",\"instances\":{}}", "instances: is an object, not a list"},
    {"{\"clip\":\"a\",\"instances\":[null]}", "instances[0]: is null, not an object"},
    {"{\"clip\":\"a\",\"more\":12345678901234567890}",
     "more: a number is too large to be kept"},
    {"{\"clip\":\"a\",\"more\":9007199254740993}",
     "more: a number is too large to be kept"},
};

static void test_wrong_clips_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong_clips / sizeof *wrong_clips; i++)
        assert_refused(wrong_clips[i].text, wrong_clips[i].message);
}

/* What stands behind the id of the second instance. */
static const struct {
    const char *members, *message;
} wrong_instances[] = {
    {"\"instrument\":7", "instrument: is a number, not a string"},
    {"\"instrument\":\"\"", "instrument: is empty"},
    {"\"instrument\":\" drum\"",
     "instrument: has a space at an end or control byte:  drum"},
    {"\"visible\":\"yes\"", "visible: is a string, not true, false or null"},
    {"\"visible\":1", "visible: is a number, not true, false or null"},
    {"\"visible\":true,\"visible\":false", "visible: stands twice"},
    {"\"x\":1.01", "x: 1.01 is not from 0 to 1"},
    {"\"x\":-0.01", "x: -0.01 is not from 0 to 1"},
    {"\"box\":[0.5,0,0.6,1]", "box: reaches beyond the right edge, to 1.1"},
    {"\"box\":[0,0.9,1,0.1001]", "box: reaches beyond the lower edge, to 1.0001"},
    {"\"x\":0.6,\"box\":[0.1,0,0.25,1]", "x: 0.6 is outside the box, 0.1 to 0.35"},
    {"\"box\":[0.1,0,0.25,1],\"x\":0.0999",
     "x: 0.0999 is outside the box, 0.1 to 0.35"},
    {"\"x\":\"left\"", "x: is a string, not a number"},
    {"\"sounding\":[[5,4]]", "sounding: [5, 4] ends before it begins"},
    {"\"sounding\":[[0,5],[4,6]]", "sounding: [0, 5] and [4, 6] overlap"},
    {"\"sounding\":[[0,60.5]]",
     "sounding: [0, 60.5] ends after the clip, which lasts 60"},
    {"\"sounding\":\"always\"", "sounding: is a string, not a list of ranges"},
    {"\"loudness_db\":[]", "loudness_db: is a list, not a number"},
    {"\"rhythmicity\":\"high\"", "rhythmicity: is a string, not a number"},
};

static const char *const wrong_boxes[] = {
    "[0,0,1]",     "[0,0,1,1,1]",   "[0,0,0,1]", "[0,0,1,0]", "[-0.1,0,1,1]",
    "[0,1.5,1,1]", "[0,0,1,\"1\"]", "{}",        "true",
};

static void assert_instance_refused(const char *members, const char *message)
{
    char text[512];
    char expected[512];
    snprintf(text, sizeof text,
             "{\"clip\":\"a\",\"duration\":60,\"instances\":[{\"id\":\"p\"},{\"id\":"
             "\"q\",%s}]}",
             members);
    snprintf(expected, sizeof expected, "instances[1].%s", message);
    assert_refused(text, expected);
}

static void test_wrong_instances_are_refused(void **state)
{
    char members[64];
    (void)state;
    for (size_t i = 0; i < sizeof wrong_instances / sizeof *wrong_instances; i++)
        assert_instance_refused(wrong_instances[i].members, wrong_instances[i].message);
    for (size_t i = 0; i < sizeof wrong_boxes / sizeof *wrong_boxes; i++) {
        snprintf(members, sizeof members, "\"box\":%s", wrong_boxes[i]);
        assert_instance_refused(members,
                                "box: is not [x, y, width, height] with numbers from 0 "
                                "to 1, the last two above 0");
    }
    assert_refused("{\"clip\":\"a\",\"instances\":[{\"id\":\"p\"},{\"id\":\"p\"}]}",
                   "instances[1].id: 'p' is the id of instances[0] too");
    assert_refused("{\"clip\":\"a\",\"instances\":[{\"instrument\":\"drum\"}]}",
                   "instances[0].id: is missing");
}

/* Reads an object with a list of `n` items between head and tail. */
static enum avqa_status read_many(const char *head, size_t n, const char *item,
                                  const char *tail)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_scene *scene;
    avqa_buf_adds(&text, head);
    for (size_t i = 0; i < n; i++) {
        avqa_buf_adds(&text, i ? "," : "");
        for (const char *s = item; *s; s++) { /* # is the number, + the next one */
            if (*s == '#' || *s == '+')
                avqa_buf_addf(&text, "%zu", i + (*s == '+'));
            else
                avqa_buf_addc(&text, *s);
        }
    }
    avqa_buf_adds(&text, tail);
    enum avqa_status rc = read_text(&scene, avqa_buf_str(&text));
    avqa_buf_release(&text);
    return rc;
}

static void test_counts_are_bounded(void **state)
{
    static const struct {
        const char *head, *item, *tail, *message;
        size_t max;
    } lists[] = {
        {"{\"clip\":\"a\",\"instances\":[", "{\"id\":\"#\"}", "]}",
         "instances: more than 256", AVQA_FACTS_MAX_INSTANCES},
        {"{\"clip\":\"a\",\"voiceover\":[", "[#,+]", "]}",
         "voiceover: more than 4096 ranges", AVQA_FACTS_MAX_RANGES},
        {"{\"clip\":\"a\",\"instances\":[{\"id\":\"p\",\"sounding\":[", "[#,+]", "]}]}",
         "instances[0].sounding: more than 4096 ranges", AVQA_FACTS_MAX_RANGES},
        {"{\"clip\":\"a\",\"media\":{\"base\":[", "\"b#\"", "]}}",
         "media.base: more than 64", AVQA_FACTS_MAX_BASES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        assert_int_equal(
            read_many(lists[i].head, lists[i].max, lists[i].item, lists[i].tail),
            AVQA_OK);
        assert_int_equal(
            read_many(lists[i].head, lists[i].max + 1, lists[i].item, lists[i].tail),
            AVQA_EFORMAT);
        assert_string_equal(avqa_message(), lists[i].message);
    }
}

static void test_names_are_bounded(void **state)
{
    char name[AVQA_FACTS_NAME_MAX + 2] = "";
    char text[1024];
    struct avqa_scene *scene;
    (void)state;
    memset(name, 'n', AVQA_FACTS_NAME_MAX + 1);
    for (int shorter = 0; shorter < 2; shorter++) {
        name[AVQA_FACTS_NAME_MAX + 1 - shorter] = '\0';
        snprintf(text, sizeof text, "{\"clip\":\"%s\"}", name);
        assert_int_equal(read_text(&scene, text), shorter ? AVQA_OK : AVQA_EFORMAT);
        if (!shorter)
            assert_string_equal(avqa_message(), "clip: is longer than 255 bytes");
    }
}

/* ---- right ----------------------------------------------------------------------- */

static void test_a_whole_object_is_read(void **state)
{
    const struct avqa_scene *s = scene_of(
        "{\"clip\":\"va1\",\"duration\":60.5,\"scene\":\"indoor\",\"voiceover\":[[7,8],"
        "[1,2.25]],\"media\":{\"video\":\"v\",\"audio\":\"w\",\"base\":[\"v\",\"w\"]},"
        "\"instances\":[{\"id\":\"p\",\"instrument\":\"drum\",\"visible\":true,\"x\":0."
        "5,"
        "\"box\":[0.4,0.2,0.3,0.4],\"sounding\":[[2,3],[1,2]],\"loudness_db\":-20.5,"
        "\"rhythmicity\":0.7}],\"origin\":\"composed\",\"more\":[1,{\"a\":2}]}");
    const struct avqa_instance *in = &s->instances[0];
    (void)state;
    assert_string_equal(s->clip, "va1");
    assert_int_equal(s->duration_us, 60500000);
    assert_string_equal(s->place, "indoor");
    assert_true(s->voiceover.known);
    assert_int_equal(s->voiceover.n, 2);
    assert_int_equal(s->voiceover.items[0].start_us, 1000000);
    assert_int_equal(s->voiceover.items[0].end_us, 2250000);
    assert_int_equal(s->voiceover.items[1].start_us, 7000000);
    assert_string_equal(s->video, "v");
    assert_string_equal(s->audio, "w");
    assert_int_equal(s->n_base, 2);
    assert_string_equal(s->base[1], "w");
    assert_string_equal(avqa_facts_origin_name(s->origin), "composed");
    assert_true(s->instances_known);
    assert_int_equal(s->n_instances, 1);
    assert_string_equal(in->id, "p");
    assert_string_equal(in->instrument, "drum");
    assert_int_equal(in->visible, AVQA_YES);
    assert_true(in->x == 0.5 && in->box[0] == 0.4 && in->box[3] == 0.4);
    assert_int_equal(in->sounding.n, 2); /* touching ranges stay two */
    assert_int_equal(in->sounding.items[0].start_us, 1000000);
    assert_true(in->loudness_db == -20.5 && in->rhythmicity == 0.7);
}

/* 0.7 + 0.3 and the like: what rounding adds is no error. */
static void test_boxes_end_at_the_edge(void **state)
{
    const struct avqa_scene *s =
        scene_of("{\"clip\":\"a\",\"instances\":["
                 "{\"id\":\"p\",\"box\":[0.7,0.9,0.3000005,0.1000005]},"
                 "{\"id\":\"q\",\"box\":[0.1,0,0.2,1],\"x\":0.3000005},"
                 "{\"id\":\"r\",\"box\":[0.9999995,0,0.000001,1]}]}");
    (void)state;
    assert_int_equal(s->n_instances, 3);
    assert_true(s->instances[2].x <= 1);
}

static void assert_all_unknown(const struct avqa_scene *s)
{
    assert_int_equal(s->duration_us, AVQA_FACTS_UNKNOWN);
    assert_null(s->place);
    assert_false(s->voiceover.known);
    assert_null(s->video);
    assert_null(s->audio);
    assert_int_equal(s->n_base, 0);
    assert_int_equal(s->origin, AVQA_FACTS_LABELLED);
}

static void test_unknown_stays_unknown(void **state)
{
    (void)state;
    assert_all_unknown(scene_of("{\"clip\":\"a\"}"));
    const struct avqa_scene *s = scene_of(
        "{\"clip\":\"a\",\"duration\":null,\"scene\":null,\"voiceover\":null,\"media\":"
        "null,\"instances\":null,\"origin\":null}");
    assert_all_unknown(s);
    assert_false(s->instances_known);
    assert_false(avqa_scene_order_known(s));
    s = scene_of(
        "{\"clip\":\"a\",\"media\":{\"video\":null,\"base\":null},\"instances\":["
        "{\"id\":\"p\",\"visible\":null,\"x\":null,\"box\":null,\"sounding\":"
        "null,\"loudness_db\":null,\"rhythmicity\":null,\"instrument\":null},"
        "{\"id\":\"q\"}]}");
    assert_all_unknown(s);
    for (size_t i = 0; i < 2; i++) {
        const struct avqa_instance *in = &s->instances[i];
        assert_null(in->instrument);
        assert_int_equal(in->visible, AVQA_UNKNOWN);
        assert_true(isnan(in->x) && isnan(in->box[0]) && isnan(in->box[3]));
        assert_true(isnan(in->loudness_db) && isnan(in->rhythmicity));
        assert_int_equal(avqa_instance_sounds(in), AVQA_UNKNOWN);
        assert_int_equal(avqa_instance_offscreen(in), AVQA_UNKNOWN);
        assert_int_equal(avqa_instance_onset_us(in), AVQA_FACTS_UNKNOWN);
        assert_int_equal(avqa_instance_offset_us(in), AVQA_FACTS_UNKNOWN);
        assert_int_equal(avqa_instance_total_us(in), AVQA_FACTS_UNKNOWN);
        assert_int_equal(avqa_scene_place(s, i), AVQA_PLACE_UNKNOWN);
        assert_true(avqa_scene_rank(s, i) == AVQA_RANK_UNKNOWN);
    }
}

static void test_known_and_empty_is_no(void **state)
{
    const struct avqa_scene *s =
        scene_of("{\"clip\":\"a\",\"voiceover\":[],\"instances\":[{\"id\":\"p\","
                 "\"sounding\":[]}]}");
    (void)state;
    assert_true(s->voiceover.known);
    assert_int_equal(avqa_instance_sounds(&s->instances[0]), AVQA_NO);
    assert_int_equal(avqa_instance_offscreen(&s->instances[0]), AVQA_NO);
    assert_int_equal(avqa_instance_total_us(&s->instances[0]), 0);
    assert_int_equal(avqa_instance_onset_us(&s->instances[0]), AVQA_FACTS_UNKNOWN);
    s = scene_of("{\"clip\":\"a\",\"instances\":[]}");
    assert_true(s->instances_known);
    assert_true(avqa_scene_order_known(s));
}

static void test_sounding_times(void **state)
{
    const struct avqa_scene *s = scene_of(
        "{\"clip\":\"a\",\"instances\":[{\"id\":\"p\",\"visible\":false,\"sounding\":[["
        "5,"
        "6.5],[0.25,1],[1,2]]},{\"id\":\"q\",\"visible\":true,\"sounding\":[[3,4]]},{"
        "\"id\":\"r\",\"sounding\":[[3,4]]},{\"id\":\"s\",\"visible\":false}]}");
    const struct avqa_instance *in = s->instances;
    (void)state;
    assert_int_equal(avqa_instance_onset_us(&in[0]), 250000);
    assert_int_equal(avqa_instance_offset_us(&in[0]), 6500000);
    assert_int_equal(avqa_instance_total_us(&in[0]), 3250000);
    assert_int_equal(avqa_instance_offscreen(&in[0]), AVQA_YES);
    assert_int_equal(avqa_instance_offscreen(&in[1]), AVQA_NO);
    assert_int_equal(avqa_instance_offscreen(&in[2]), AVQA_UNKNOWN);
    assert_int_equal(avqa_instance_offscreen(&in[3]), AVQA_UNKNOWN);
}

static void test_ranges_join_and_overlap(void **state)
{
    struct avqa_range a[] = {{0, 10}, {20, 30}};
    struct avqa_range b[] = {{10, 12}, {25, 40}, {50, 60}};
    const struct avqa_ranges ra = {a, 2, true};
    const struct avqa_ranges rb = {b, 3, true};
    const struct avqa_ranges touching = {b, 1, true};
    const struct avqa_ranges none = {NULL, 0, true};
    const struct avqa_ranges unknown = {0};
    const struct avqa_ranges *const both[] = {&rb, &none, &ra};
    const struct avqa_ranges *const some[] = {&ra, &unknown};
    (void)state;
    struct avqa_ranges u = avqa_ranges_union(&arena, both, 3);
    assert_int_equal(u.n, 3);
    assert_int_equal(u.items[0].end_us, 12);
    assert_int_equal(u.items[1].start_us, 20);
    assert_int_equal(u.items[1].end_us, 40);
    assert_int_equal(avqa_ranges_total_us(&u), 12 + 20 + 10);
    assert_false(avqa_ranges_union(&arena, some, 2).known);
    assert_true(avqa_ranges_union(&arena, NULL, 0).known);
    assert_int_equal(avqa_ranges_overlap(&ra, &rb), AVQA_YES);
    assert_int_equal(avqa_ranges_overlap(&ra, &touching), AVQA_NO);
    assert_int_equal(avqa_ranges_overlap(&ra, &none), AVQA_NO);
    assert_int_equal(avqa_ranges_overlap(&none, &unknown), AVQA_NO);
    assert_int_equal(avqa_ranges_overlap(&ra, &unknown), AVQA_UNKNOWN);
}

/* ---- places ---------------------------------------------------------------------- */

static const struct {
    const char *xs;     /* of visible instances; "?" is one whose x nobody knows */
    const char *places; /* l, m, r, or ? */
    const char *ranks;  /* digits, or ? */
} rows[] = {
    {"0.5", "m", "0"},
    {"0.1", "l", "0"},
    {"0.9", "r", "0"},
    {"0.34", "?", "0"}, /* on the border of two thirds */
    {"0.36", "m", "0"},
    {"0.3", "l", "0"},
    {"0.66", "?", "0"},
    {"0.2 0.8", "lr", "01"},
    {"0.8 0.2", "rl", "10"},
    {"0.1 0.3", "lr", "01"}, /* both in the left third: still left and right */
    {"0.2 0.5 0.8", "lmr", "012"},
    {"0.9 0.1 0.2 0.4", "rlmm", "3012"},
    {"0.2 0.21 0.8", "llr", "??2"}, /* nobody says which of the two is further left */
    {"0.2 0.22 0.8", "llr", "??2"},
    {"0.2 0.221 0.8", "lmr", "012"},
    {"0.2 0.5 0.5 0.8", "lmmr", "0??3"},
    {"0.5 0.51", "mm", "??"}, /* all at one place: its third */
    {"0.5 0.515 0.53", "l?r", "???"},
    {"0.2 ?", "??", "??"},
};

static struct avqa_scene *row_scene(const char *xs)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    int n = 0;
    avqa_buf_adds(&text, "{\"clip\":\"a\",\"instances\":[{\"id\":\"heard\",\"visible\":"
                         "false,\"x\":0}");
    for (const char *s = xs; *s; s += strspn(s, " ")) {
        size_t len = strcspn(s, " ");
        avqa_buf_addf(&text, ",{\"id\":\"%d\",\"visible\":true,\"x\":%.*s}", n++,
                      *s == '?' ? 4 : (int)len, *s == '?' ? "null" : s);
        s += len;
    }
    avqa_buf_adds(&text, "]}");
    struct avqa_scene *scene = scene_of(avqa_buf_str(&text));
    avqa_buf_release(&text);
    return scene;
}

static void test_places_and_ranks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct avqa_scene *s = row_scene(rows[i].xs);
        char places[8] = "";
        char ranks[8] = "";
        assert_int_equal(s->n_instances, strlen(rows[i].places) + 1);
        for (size_t k = 1; k < s->n_instances; k++) {
            size_t rank = avqa_scene_rank(s, k);
            places[k - 1] = "?lmr"[avqa_scene_place(s, k)];
            ranks[k - 1] = rank == AVQA_RANK_UNKNOWN ? '?' : (char)('0' + rank);
        }
        if (strcmp(places, rows[i].places) != 0 || strcmp(ranks, rows[i].ranks) != 0)
            fail_msg("x %s: %s %s, not %s %s", rows[i].xs, places, ranks,
                     rows[i].places, rows[i].ranks);
        assert_int_equal(avqa_scene_place(s, 0), AVQA_PLACE_UNKNOWN); /* not visible */
        assert_true(avqa_scene_rank(s, 0) == AVQA_RANK_UNKNOWN);
    }
}

/* A flipped picture says left for right and nothing else changes. */
static void test_places_mirror(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct avqa_scene *s = row_scene(rows[i].xs);
        enum avqa_place before[8];
        for (size_t k = 1; k < s->n_instances; k++)
            before[k] = avqa_scene_place(s, k);
        for (size_t k = 0; k < s->n_instances; k++)
            s->instances[k].x = 1 - s->instances[k].x;
        for (size_t k = 1; k < s->n_instances; k++) {
            static const enum avqa_place mirror[] = {
                AVQA_PLACE_UNKNOWN, AVQA_PLACE_RIGHT, AVQA_PLACE_MIDDLE,
                AVQA_PLACE_LEFT};
            assert_int_equal(avqa_scene_place(s, k), mirror[before[k]]);
        }
    }
}

static void test_a_box_tells_x(void **state)
{
    const struct avqa_scene *s = scene_of(
        "{\"clip\":\"a\",\"instances\":[{\"id\":\"p\",\"visible\":true,\"box\":[0.6,0,"
        "0.2,1]},{\"id\":\"q\",\"visible\":true,\"x\":0.3,\"box\":[0.2,0,0.4,1]}]}");
    (void)state;
    assert_true(fabs(s->instances[0].x - 0.7) < 1e-12);
    assert_true(s->instances[1].x == 0.3);
    assert_int_equal(avqa_scene_place(s, 0), AVQA_PLACE_RIGHT);
}

static void test_one_doubt_and_no_place_is_known(void **state)
{
    const struct avqa_scene *s =
        scene_of("{\"clip\":\"a\",\"instances\":[{\"id\":\"p\",\"visible\":true,\"x\":"
                 "0.1},{\"id\":\"q\",\"visible\":null,\"x\":0.5}]}");
    (void)state;
    assert_int_equal(avqa_scene_place(s, 0), AVQA_PLACE_UNKNOWN);
    assert_true(avqa_scene_rank(s, 0) == AVQA_RANK_UNKNOWN);
}

static int release(void **state)
{
    (void)state;
    avqa_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_clips_are_refused),
        cmocka_unit_test(test_wrong_instances_are_refused),
        cmocka_unit_test(test_counts_are_bounded),
        cmocka_unit_test(test_names_are_bounded),
        cmocka_unit_test(test_a_whole_object_is_read),
        cmocka_unit_test(test_boxes_end_at_the_edge),
        cmocka_unit_test(test_unknown_stays_unknown),
        cmocka_unit_test(test_known_and_empty_is_no),
        cmocka_unit_test(test_sounding_times),
        cmocka_unit_test(test_ranges_join_and_overlap),
        cmocka_unit_test(test_places_and_ranks),
        cmocka_unit_test(test_places_mirror),
        cmocka_unit_test(test_a_box_tells_x),
        cmocka_unit_test(test_one_doubt_and_no_place_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
