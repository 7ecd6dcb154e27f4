/* Facts of composed clips: what is expected was written by a person who knows what is
 * seen and heard, key by key. */
#include "check.h"

#include "qa/derive.h"

/* A violin and a cello before a house, with somebody speaking; a piano in a room. */
static const char street[] =
    "{\"clip\": \"street\", \"duration\": 10, \"scene\": \"outdoor\","
    " \"voiceover\": [[1, 2]],"
    " \"instances\": ["
    "  {\"id\": \"1\", \"instrument\": \"violin\", \"visible\": true, \"x\": 0.2,"
    "   \"box\": [0.1, 0.4, 0.2, 0.5], \"sounding\": [[0, 4], [5, 10]],"
    "   \"loudness_db\": -20, \"rhythmicity\": 0.5},"
    "  {\"id\": \"2\", \"instrument\": \"cello\", \"visible\": true, \"x\": 0.8,"
    "   \"sounding\": []}]}";
static const char room[] =
    "{\"clip\": \"room\", \"duration\": 8, \"scene\": \"indoor\","
    " \"voiceover\": [[1.5, 3], [7, 8]],"
    " \"instances\": ["
    "  {\"id\": \"p\", \"instrument\": \"piano\", \"visible\": true, \"x\": 0.5,"
    "   \"sounding\": [[2, 8]], \"loudness_db\": -26, \"rhythmicity\": 0.7},"
    "  {\"id\": \"q\", \"instrument\": \"drum\", \"visible\": false,"
    "   \"sounding\": [[3, 4]], \"loudness_db\": -30, \"rhythmicity\": 0.9},"
    "  {\"id\": \"r\", \"instrument\": \"flute\", \"visible\": true, \"x\": 0.9,"
    "   \"sounding\": []}]}";

/* What comes of two parents is compared with what a person wrote. */
static void check_two(const char *a, const char *b, struct avqa_derive_part parts[2],
                      int64_t duration_us, const char *expected)
{
    struct avqa_json *facts[2] = {a ? check_parse(a) : NULL, b ? check_parse(b) : NULL};
    struct avqa_json *wanted = check_parse(expected);
    struct avqa_json *out = NULL;
    parts[0].clip = "A";
    parts[1].clip = "B";
    for (int i = 0; i < 2; i++)
        parts[i].facts = facts[i];
    assert_ok(avqa_derive_facts(
        &out,
        &(struct avqa_derive_form){
            .clip = "made", .duration_us = duration_us, .parts = parts, .n_parts = 2}));
    if (!check_same(out, wanted)) {
        struct avqa_buf text = AVQA_BUF_INIT;
        avqa_json_print(&text, out, 1);
        print_message("%s\n", avqa_buf_str(&text));
        avqa_buf_release(&text);
        fail_msg("these are not the facts that a person would write");
    }
    avqa_json_free(out);
    avqa_json_free(wanted);
    avqa_json_free(facts[0]);
    avqa_json_free(facts[1]);
}

#define WHOLE .shown = true, .width = 1, .height = 1
#define MEDIA                                                                          \
    "\"media\": {\"video\": \"made\", \"audio\": \"made\", \"base\": [\"A\", \"B\"]},"

/* The piano and the drum are heard from nowhere, 6 dB louder; the flute that never
 * sounded in the room is not there at all. Both begin with the same origin. */
static void overlay(void **state)
{
    struct avqa_derive_part parts[] = {{WHOLE, .heard = true},
                                       {.heard = true, .gain_db = 6}};
    (void)state;
    check_two(street, room, parts, 8000000,
              "{\"clip\": \"made\", \"duration\": 8, \"scene\": \"outdoor\","
              " \"voiceover\": [[1, 3], [7, 8]]," MEDIA "\"instances\": ["
              "  {\"id\": \"a.1\", \"instrument\": \"violin\", \"visible\": true,"
              "   \"x\": 0.2, \"box\": [0.1, 0.4, 0.2, 0.5],"
              "   \"sounding\": [[0, 4], [5, 8]], \"loudness_db\": null,"
              "   \"rhythmicity\": null}," /* 2 of its 9 s are cut off */
              "  {\"id\": \"a.2\", \"instrument\": \"cello\", \"visible\": true,"
              "   \"x\": 0.8, \"sounding\": [], \"loudness_db\": null,"
              "   \"rhythmicity\": null},"
              "  {\"id\": \"b.p\", \"instrument\": \"piano\", \"visible\": false,"
              "   \"x\": null, \"sounding\": [[2, 8]], \"loudness_db\": -20,"
              "   \"rhythmicity\": 0.7},"
              "  {\"id\": \"b.q\", \"instrument\": \"drum\", \"visible\": false,"
              "   \"x\": null, \"sounding\": [[3, 4]], \"loudness_db\": -24,"
              "   \"rhythmicity\": 0.9}], \"origin\": \"composed\"}");
}

/* Side by side, the second one in the right half with bars above and below, the first
 * one without its sound: only the right half is heard. */
static void stitch(void **state)
{
    struct avqa_derive_part parts[] = {{.shown = true, .width = 0.5, .height = 1},
                                       {.shown = true,
                                        .x = 0.5,
                                        .y = 0.25,
                                        .width = 0.5,
                                        .height = 0.5,
                                        .heard = true}};
    (void)state;
    check_two(street, room, parts, 8000000,
              "{\"clip\": \"made\", \"duration\": 8, \"scene\": null,"
              " \"voiceover\": [[1.5, 3], [7, 8]]," MEDIA "\"instances\": ["
              "  {\"id\": \"a.1\", \"instrument\": \"violin\", \"visible\": true,"
              "   \"x\": 0.1, \"box\": [0.05, 0.4, 0.1, 0.5], \"sounding\": [],"
              "   \"loudness_db\": null, \"rhythmicity\": null},"
              "  {\"id\": \"a.2\", \"instrument\": \"cello\", \"visible\": true,"
              "   \"x\": 0.4, \"sounding\": [], \"loudness_db\": null,"
              "   \"rhythmicity\": null},"
              "  {\"id\": \"b.p\", \"instrument\": \"piano\", \"visible\": true,"
              "   \"x\": 0.75, \"sounding\": [[2, 8]], \"loudness_db\": -26,"
              "   \"rhythmicity\": 0.7},"
              "  {\"id\": \"b.q\", \"instrument\": \"drum\", \"visible\": false,"
              "   \"x\": null, \"sounding\": [[3, 4]], \"loudness_db\": -30,"
              "   \"rhythmicity\": 0.9},"
              "  {\"id\": \"b.r\", \"instrument\": \"flute\", \"visible\": true,"
              "   \"x\": 0.95, \"sounding\": [], \"loudness_db\": null,"
              "   \"rhythmicity\": null}], \"origin\": \"composed\"}");
}

/* The room is seen, the street is heard: nothing of what is seen sounds. */
static void match(void **state)
{
    struct avqa_derive_part parts[] = {{WHOLE}, {.heard = true, .gain_db = -3}};
    (void)state;
    check_two(room, street, parts, 10000000,
              "{\"clip\": \"made\", \"duration\": 10, \"scene\": \"indoor\","
              " \"voiceover\": [[1, 2]]," MEDIA "\"instances\": ["
              "  {\"id\": \"a.p\", \"instrument\": \"piano\", \"visible\": true,"
              "   \"x\": 0.5, \"sounding\": [], \"loudness_db\": null,"
              "   \"rhythmicity\": null},"
              "  {\"id\": \"a.r\", \"instrument\": \"flute\", \"visible\": true,"
              "   \"x\": 0.9, \"sounding\": [], \"loudness_db\": null,"
              "   \"rhythmicity\": null},"
              "  {\"id\": \"b.1\", \"instrument\": \"violin\", \"visible\": false,"
              "   \"x\": null, \"sounding\": [[0, 4], [5, 10]], \"loudness_db\": -23,"
              "   \"rhythmicity\": 0.5}], \"origin\": \"composed\"}");
}

/* A violin is seen, a violin is heard: whether it is that one, nobody can say. The
 * cello, of which there is no other, is known to be silent. */
static void same_kind(void **state)
{
    struct avqa_derive_part parts[] = {{WHOLE}, {.heard = true}};
    (void)state;
    check_two(street, street, parts, 10000000,
              "{\"clip\": \"made\", \"duration\": 10, \"scene\": \"outdoor\","
              " \"voiceover\": [[1, 2]]," MEDIA "\"instances\": ["
              "  {\"id\": \"a.1\", \"instrument\": \"violin\", \"visible\": true,"
              "   \"x\": 0.2, \"box\": [0.1, 0.4, 0.2, 0.5], \"sounding\": null,"
              "   \"loudness_db\": null, \"rhythmicity\": null},"
              "  {\"id\": \"a.2\", \"instrument\": \"cello\", \"visible\": true,"
              "   \"x\": 0.8, \"sounding\": [], \"loudness_db\": null,"
              "   \"rhythmicity\": null},"
              "  {\"id\": \"b.1\", \"instrument\": \"violin\", \"visible\": null,"
              "   \"x\": null, \"sounding\": [[0, 4], [5, 10]], \"loudness_db\": -20,"
              "   \"rhythmicity\": 0.5}], \"origin\": \"composed\"}");
}

/* What is not known of a parent is not known of the composed clip; and an instrument
 * without a name may be any. */
static void unknown(void **state)
{
    static const char vague[] =
        "{\"clip\": \"vague\", \"instances\": [{\"id\": \"1\", \"visible\": true},"
        " {\"id\": \"2\", \"instrument\": \"cello\", \"sounding\": [[9, 12]]}]}";
    struct avqa_derive_part overlay_parts[] = {{WHOLE, .heard = true}, {.heard = true}};
    struct avqa_derive_part muted[] = {{WHOLE, .heard = true}, {.heard = false}};
    (void)state;
    check_two(
        vague, room, overlay_parts, 8000000,
        "{\"clip\": \"made\", \"duration\": 8, \"scene\": null,"
        " \"voiceover\": null," MEDIA "\"instances\": ["
        "  {\"id\": \"a.1\", \"instrument\": null, \"visible\": true, \"x\": null,"
        "   \"sounding\": null, \"loudness_db\": null, \"rhythmicity\": null},"
        "  {\"id\": \"a.2\", \"instrument\": \"cello\", \"visible\": null,"
        "   \"x\": null, \"sounding\": [], \"loudness_db\": null,"
        "   \"rhythmicity\": null},"
        "  {\"id\": \"b.p\", \"instrument\": \"piano\", \"visible\": null,"
        "   \"x\": null, \"sounding\": [[2, 8]], \"loudness_db\": -26,"
        "   \"rhythmicity\": 0.7},"
        "  {\"id\": \"b.q\", \"instrument\": \"drum\", \"visible\": null,"
        "   \"x\": null, \"sounding\": [[3, 4]], \"loudness_db\": -30,"
        "   \"rhythmicity\": 0.9}], \"origin\": \"composed\"}");
    check_two(room, NULL, overlay_parts, 8000000,
              "{\"clip\": \"made\", \"duration\": 8, \"scene\": \"indoor\","
              " \"voiceover\": null," MEDIA
              "\"instances\": null, \"origin\": \"composed\"}");
    check_two("{\"clip\": \"x\", \"scene\": \"indoor\", \"voiceover\": [],"
              " \"instances\": []}",
              NULL, muted, 8000000,
              "{\"clip\": \"made\", \"duration\": 8, \"scene\": \"indoor\","
              " \"voiceover\": []," MEDIA
              "\"instances\": [], \"origin\": \"composed\"}");
}

/* Loudness out of a score and loudness that a person gave are on different scales. */
static void scales(void **state)
{
    static const char studio[] =
        "{\"clip\": \"s\", \"scene\": \"indoor\", \"voiceover\": [], \"instances\": ["
        "{\"id\": \"1\", \"instrument\": \"erhu\", \"visible\": true, \"x\": 0.4,"
        " \"sounding\": [[0, 5]], \"loudness_db\": -10}], \"origin\": \"studio\"}";
    static const char labelled[] =
        "{\"clip\": \"l\", \"scene\": \"indoor\", \"voiceover\": [], \"instances\": ["
        "{\"id\": \"1\", \"instrument\": \"pipa\", \"visible\": true, \"x\": 0.4,"
        " \"sounding\": [[0, 5]], \"loudness_db\": 3}]}";
    struct avqa_derive_part parts[] = {{WHOLE, .heard = true}, {.heard = true}};
    (void)state;
    check_two(studio, labelled, parts, 5000000,
              "{\"clip\": \"made\", \"duration\": 5, \"scene\": \"indoor\","
              " \"voiceover\": []," MEDIA "\"instances\": ["
              "  {\"id\": \"a.1\", \"instrument\": \"erhu\", \"visible\": true,"
              "   \"x\": 0.4, \"sounding\": [[0, 5]], \"loudness_db\": null,"
              "   \"rhythmicity\": null},"
              "  {\"id\": \"b.1\", \"instrument\": \"pipa\", \"visible\": false,"
              "   \"x\": null, \"sounding\": [[0, 5]], \"loudness_db\": null,"
              "   \"rhythmicity\": null}], \"origin\": \"composed\"}");
}

/* An id that has no room for its letter gets a number; what is no facts object is
 * refused. */
static void ids_and_errors(void **state)
{
    char id[256];
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *out = NULL;
    (void)state;
    memset(id, 'x', 255);
    id[255] = '\0';
    avqa_buf_addf(
        &text,
        "{\"clip\": \"c\", \"instances\": [{\"id\": \"%s\", \"visible\": true}]}", id);
    struct avqa_json *facts = check_parse(avqa_buf_str(&text));
    struct avqa_derive_part part = {.clip = "c", WHOLE, .facts = facts};
    struct avqa_derive_form form = {
        .clip = "made", .duration_us = 1, .parts = &part, .n_parts = 1};
    assert_ok(avqa_derive_facts(&out, &form));
    assert_string_equal(check_string(out, "instances", "#0", "id", NULL), "a.#1");
    avqa_json_free(out);
    avqa_json_free(facts);
    avqa_buf_release(&text);
    part.facts = facts = check_parse("{\"clip\": \"c\", \"scene\": 3}");
    assert_fails(avqa_derive_facts(&out, &form), AVQA_EFORMAT, "scene");
    assert_null(out);
    avqa_json_free(facts);
}

/* A box at the edge, in a third of the picture, stays inside it after rounding. */
static void edges(void **state)
{
    struct avqa_json *out = NULL;
    struct avqa_json *facts = check_parse(
        "{\"clip\": \"c\", \"instances\": [{\"id\": \"1\", \"visible\": true, \"x\": 1,"
        " \"box\": [0.333333, 0.1, 0.666667, 0.9]}]}");
    (void)state;
    for (int n = 2; n <= 997; n++) {
        struct avqa_derive_part part = {.clip = "c",
                                        .facts = facts,
                                        .shown = true,
                                        .x = 1 - 1.0 / n,
                                        .y = 1 - 1.0 / n,
                                        .width = 1.0 / n,
                                        .height = 1.0 / n};
        assert_ok(avqa_derive_facts(
            &out, &(struct avqa_derive_form){
                      .clip = "made", .duration_us = 1, .parts = &part, .n_parts = 1}));
        avqa_json_free(out);
    }
    avqa_json_free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlay),        cmocka_unit_test(stitch),
        cmocka_unit_test(match),          cmocka_unit_test(same_kind),
        cmocka_unit_test(unknown),        cmocka_unit_test(scales),
        cmocka_unit_test(ids_and_errors), cmocka_unit_test(edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
