/* Planted scenes: the facts are valid and say what the features show. A player who is
 * taken away leaves an empty box and nothing else changes; sound is there when facts
 * say so; noise and clock are there when asked for. Without a clock nothing tells in
 * which of its orders a scene is: they sound the same second by second, and each is as
 * frequent as the others. Inserts are there when asked for, over their band. */
#include "planted.h"
#include "planted_order.h"

#include "base/arena.h"
#include "check.h"
#include "qa/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = PLANTED_CHANNELS * PLANTED_PLACES };

static const struct planted_options plain = {.seed = 3,
                                             .n_clips = 200,
                                             .n_kinds = 6,
                                             .noise = 0,
                                             .clock = 0,
                                             .turns = 0.5,
                                             .light = 1,
                                             .volume = 1};

static float *maps_of(const struct planted_scene *s, const struct planted_options *o)
{
    float *maps = calloc((size_t)PLANTED_SECONDS * SIZE, sizeof *maps);
    assert_non_null(maps);
    planted_maps(maps, s, o);
    return maps;
}

/* The facts are read by the importer's reader; times, places and loudness come out. */
static void test_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < plain.n_clips; i++) {
        struct planted_scene s;
        struct avqa_scene *scene;
        struct avqa_arena arena = {0};
        planted_make(&s, &plain, i);
        struct avqa_json *facts = planted_facts(&s);
        assert_ok(avqa_scene_read(&scene, &arena, facts));
        assert_int_equal(scene->n_instances, s.n_players);
        for (size_t k = 0; k < s.n_players; k++) {
            const struct avqa_instance *in = &scene->instances[k];
            const struct planted_player *p = &s.players[k];
            enum avqa_place place = avqa_scene_place(scene, k);
            assert_string_equal(in->instrument, p->kind);
            assert_int_equal(in->sounding.n, p->from < p->to);
            assert_true(p->to <= PLANTED_SECONDS);
            if (p->visible) /* the mark of a place is that of the answer */
                assert_int_equal(place, strcmp(p->place, "left") == 0 ? AVQA_PLACE_LEFT
                                        : strcmp(p->place, "right") == 0
                                            ? AVQA_PLACE_RIGHT
                                            : AVQA_PLACE_MIDDLE);
        }
        avqa_json_free(facts);
        avqa_arena_release(&arena);
    }
}

/* Only the boxes of players and the wall show anything; with one player taken away, his
 * box is empty and all else is as before. */
static void test_picture(void **state)
{
    (void)state;
    for (size_t i = 0; i < 20; i++) {
        struct planted_scene s;
        planted_make(&s, &plain, i);
        float *whole = maps_of(&s, &plain);
        struct planted_scene without = s;
        without.players[0].visible = false;
        float *rest = maps_of(&without, &plain);
        for (size_t place = PLANTED_SIDE; place < PLANTED_PLACES; place++) {
            double sum = 0;
            double left = 0;
            bool in_any = false;
            for (size_t c = 0; c < PLANTED_CHANNELS; c++) {
                sum += (double)whole[c * PLANTED_PLACES + place];
                left += (double)rest[c * PLANTED_PLACES + place];
            }
            for (size_t k = 0; k < s.n_players; k++)
                in_any |=
                    s.players[k].visible && planted_in_box(s.players[k].box, place);
            assert_int_equal(in_any, sum > 0);
            if (planted_in_box(s.players[0].box, place))
                assert_true(left == 0);
        }
        free(whole);
        free(rest);
    }
}

static double power(const float *second)
{
    double sum = 0;
    for (size_t k = 0; k < PLANTED_SOUND; k++)
        sum += (double)second[k];
    return sum;
}

/* Silence where nobody sounds or speaks; who is louder is heard more; without a clock
 * two seconds with the same players are the same. */
static void test_sound(void **state)
{
    (void)state;
    float sound[PLANTED_SECONDS * PLANTED_SOUND];
    struct planted_scene s = {.name = "one", .n_players = 1};
    s.players[0] = (struct planted_player){
        .kind = "violin", .from = 1, .to = 3, .loudness_db = -10, .rhythm = 0};
    planted_sound(sound, &s, &plain);
    double quiet = power(sound + PLANTED_SOUND);
    for (size_t t = 0; t < PLANTED_SECONDS; t++)
        assert_int_equal(power(sound + t * PLANTED_SOUND) > 0, t == 1 || t == 2);
    assert_memory_equal(sound + PLANTED_SOUND, sound + 2 * PLANTED_SOUND,
                        PLANTED_SOUND * sizeof *sound);
    s.players[0].loudness_db = 0;
    planted_sound(sound, &s, &plain);
    assert_true(power(sound + PLANTED_SOUND) > 1.5 * quiet);
}

/* With a clock every second is another one; noise is the same each time it is made, and
 * another one for another seed. */
static void test_clock_and_noise(void **state)
{
    (void)state;
    struct planted_options o = plain;
    struct planted_scene s = {.name = "nobody"};
    static float a[PLANTED_SECONDS * PLANTED_SOUND];
    static float b[PLANTED_SECONDS * PLANTED_SOUND];
    o.clock = 1;
    planted_sound(a, &s, &o);
    for (size_t t = 1; t < PLANTED_SECONDS; t++)
        assert_memory_not_equal(a, a + t * PLANTED_SOUND, PLANTED_SOUND * sizeof *a);
    o.noise = 0.5;
    planted_sound(a, &s, &o);
    planted_sound(b, &s, &o);
    assert_memory_equal(a, b, sizeof a);
    o.seed++;
    planted_sound(b, &s, &o);
    assert_memory_not_equal(a, b, sizeof a);
    float *x = maps_of(&s, &o);
    float *y = maps_of(&s, &o);
    assert_memory_equal(x, y, (size_t)PLANTED_SECONDS * SIZE * sizeof *x);
    free(x);
    free(y);
}

static int compare_seconds(const void *a, const void *b)
{
    return memcmp(a, b, PLANTED_SOUND * sizeof(float));
}

static void sorted_sound(float *out, const struct planted_scene *s,
                         const struct planted_options *o)
{
    planted_sound(out, s, o);
    qsort(out, PLANTED_SECONDS, PLANTED_SOUND * sizeof *out, compare_seconds);
}

static bool at_the_same_times(const struct planted_scene *a,
                              const struct planted_scene *b)
{
    bool same = a->voice_from == b->voice_from && a->voice_to == b->voice_to;
    for (size_t i = 0; i < a->n_players; i++)
        same = same && a->players[i].from == b->players[i].from &&
               a->players[i].to == b->players[i].to;
    return same;
}

/* A scene in another order has the same seconds; with a clock it has others. */
static void test_orders(void **state)
{
    (void)state;
    static struct planted_scene orders[PLANTED_MAX_ORDERS];
    static float a[PLANTED_SECONDS * PLANTED_SOUND];
    static float b[PLANTED_SECONDS * PLANTED_SOUND];
    struct planted_options timed = plain;
    timed.clock = 1;
    for (size_t i = 0; i < plain.n_clips; i++) {
        struct planted_scene s;
        size_t n_same = 0;
        planted_make(&s, &plain, i);
        size_t n = planted_orders(orders, &s);
        for (size_t k = 0; k < n; k++) {
            bool same = at_the_same_times(&orders[k], &s);
            sorted_sound(a, &s, &plain);
            sorted_sound(b, &orders[k], &plain);
            assert_memory_equal(a, b, sizeof a);
            sorted_sound(a, &s, &timed);
            sorted_sound(b, &orders[k], &timed);
            assert_int_equal(memcmp(a, b, sizeof a) == 0, same);
            n_same += same;
        }
        assert_true(n_same > 0);
    }
}

/* In many clips each order is met as often as the others: when the first two players
 * come in and end, forwards and backwards. */
static void test_orders_are_equally_likely(void **state)
{
    (void)state;
    enum { E = PLANTED_SECONDS + 1, N_CLIPS = 30000 };
    static int counts[E][E][E][E];
    size_t n_pairs = 0;
    for (size_t i = 0; i < N_CLIPS; i++) {
        struct planted_scene s;
        planted_make(&s, &plain, i);
        const struct planted_player *p = s.players;
        if (s.n_players > 1 && p[0].from < p[0].to && p[1].from < p[1].to)
            counts[p[0].from][p[0].to][p[1].from][p[1].to]++;
    }
    for (size_t i = 0; i < (size_t)E * E * E * E; i++) {
        size_t at[4] = {i / (E * E * E), i / (E * E) % E, i / E % E, i % E};
        double forth = counts[at[0]][at[1]][at[2]][at[3]];
        double back =
            counts[E - 1 - at[1]][E - 1 - at[0]][E - 1 - at[3]][E - 1 - at[2]];
        n_pairs += forth > 30;
        assert_true(fabs(forth - back) <= 4.5 * sqrt(forth + back + 1));
    }
    assert_true(n_pairs > 50);
}

/* How many seconds show other people than without inserts; in those alone there is a
 * band, and they are alike, since nothing tells the time. */
static size_t count_inserts(const struct planted_scene *s,
                            const struct planted_options *o)
{
    size_t n = 0;
    const float *first = NULL;
    float *as_is = maps_of(s, &plain);
    float *maps = maps_of(s, o);
    for (size_t t = 0; t < PLANTED_SECONDS; t++) {
        const float *map = maps + t * SIZE;
        bool other = memcmp(map, as_is + t * SIZE, SIZE * sizeof *map) != 0;
        bool band = false;
        for (size_t c = 0; c < PLANTED_CHANNELS; c++)
            band |= map[c * PLANTED_PLACES + PLANTED_PLACES - 1] > 0;
        assert_int_equal(band, other);
        n += other;
        if (!other)
            continue;
        if (first)
            assert_memory_equal(map, first, SIZE * sizeof *map);
        first = map;
    }
    free(as_is);
    free(maps);
    return n;
}

/* As many as asked for in most clips and none in the others; who is heard stays. */
static void test_inserts(void **state)
{
    (void)state;
    enum { N = 60, ASKED = 3 };
    struct planted_options o = plain;
    size_t with = 0;
    o.inserts = ASKED;
    for (size_t i = 0; i < N; i++) {
        static float a[PLANTED_SECONDS * PLANTED_SOUND];
        static float b[PLANTED_SECONDS * PLANTED_SOUND];
        struct planted_scene s;
        planted_make(&s, &o, i);
        size_t n = count_inserts(&s, &o);
        assert_true(n == 0 || n == ASKED);
        with += n > 0;
        planted_sound(a, &s, &plain);
        planted_sound(b, &s, &o);
        assert_memory_equal(a, b, sizeof a);
    }
    assert_true(with > N / 2 && with < N);
}

/* Light and volume multiply pictures and sounds. */
static void test_light_and_volume(void **state)
{
    (void)state;
    static float a[PLANTED_SECONDS * PLANTED_SOUND];
    static float b[PLANTED_SECONDS * PLANTED_SOUND];
    struct planted_options o = plain;
    struct planted_scene s;
    o.light = 0.5;
    o.volume = 4;
    planted_make(&s, &o, 1);
    planted_sound(a, &s, &plain);
    planted_sound(b, &s, &o);
    for (size_t i = 0; i < sizeof a / sizeof *a; i++)
        assert_float_equal(b[i], 4 * a[i], 1e-4);
    float *x = maps_of(&s, &plain);
    float *y = maps_of(&s, &o);
    for (size_t i = 0; i < (size_t)PLANTED_SECONDS * SIZE; i++)
        assert_float_equal(y[i], x[i] / 2, 1e-4);
    free(x);
    free(y);
}

/* Marks of time that are shuffled are the same ones on other seconds, and nothing else
 * of the clip changes. */
static void test_shuffled(void **state)
{
    (void)state;
    struct planted_options o = plain;
    struct planted_scene s = {.name = "nobody"};
    static float a[PLANTED_SECONDS * PLANTED_SOUND];
    static float b[PLANTED_SECONDS * PLANTED_SOUND];
    o.clock = 1;
    planted_sound(a, &s, &o);
    o.shuffled = 1;
    planted_sound(b, &s, &o);
    assert_memory_not_equal(a, b, sizeof a);
    qsort(a, PLANTED_SECONDS, PLANTED_SOUND * sizeof *a, compare_seconds);
    qsort(b, PLANTED_SECONDS, PLANTED_SOUND * sizeof *b, compare_seconds);
    assert_memory_equal(a, b, sizeof a);
    o.clock = 0;
    planted_make(&s, &o, 7);
    planted_sound(b, &s, &o);
    planted_sound(a, &s, &plain);
    assert_memory_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_clock_and_noise),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_orders_are_equally_likely),
        cmocka_unit_test(test_inserts),
        cmocka_unit_test(test_light_and_volume),
        cmocka_unit_test(test_shuffled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
