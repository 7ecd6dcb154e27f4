/* Maps: unpacking gives the same bytes at every width, for any mix of zeros and any
 * piece; nothing is read beyond the end. */
#include "check.h"

#include "base/rng.h"
#include "base/half.h"
#include "nn/map.h"
#include "nn/wide.h"

enum { N = 8 * 49 + 3 };

struct packed {
    float dense[N];
    uint16_t *values; /* of exactly the size that is needed, so that asan sees */
    uint8_t mask[N / 8 + 1];
    struct avqa_map map;
};

static void make(struct packed *p, enum avqa_map_kind kind, unsigned share_of_zeros)
{
    struct avqa_rng rng;
    size_t n = 0;
    memset(p, 0, sizeof *p);
    avqa_rng_init(&rng, share_of_zeros, "map");
    assert_ok(avqa_mem_array(&p->values, N, sizeof *p->values));
    for (size_t i = 0; i < N; i++) {
        bool zero = avqa_rng_below(&rng, 100) < share_of_zeros;
        uint16_t half =
            zero ? 0 : avqa_half_from_float((float)avqa_rng_unit(&rng) + 0.01F);
        p->dense[i] = avqa_half_to_float(half);
        if (kind == AVQA_MAP_F16 || half)
            p->values[n++] = half;
        if (half)
            p->mask[i / 8] |= (uint8_t)(1U << i % 8);
    }
    uint16_t *exact = malloc(n * sizeof *exact + (n == 0));
    memcpy(exact, p->values, n * sizeof *exact);
    free(p->values);
    p->values = exact;
    p->map = (struct avqa_map){kind, exact, p->mask, n};
}

static void check(const struct packed *p, size_t piece, enum avqa_width width)
{
    struct avqa_map_cursor cursor = {.map = &p->map, .width = width};
    float room[N];
    for (size_t at = 0; at < N; at += piece) {
        size_t n = N - at < piece ? N - at : piece;
        memset(room, 0xff, sizeof room);
        bool done = avqa_map_unpack_wide(&cursor, room, n);
        assert_int_equal(done, avqa_width_of(width) != AVQA_WIDTH_PLAIN);
        if (!done)
            avqa_map_unpack_plain(&cursor, room, n);
        assert_memory_equal(room, p->dense + at, n * sizeof *room);
    }
    assert_int_equal(cursor.at_value, p->map.n_values);
}

static void test_unpacking(void **state)
{
    (void)state;
    static const enum avqa_map_kind kinds[] = {AVQA_MAP_F16, AVQA_MAP_SPARSE16};
    static const unsigned zeros[] = {0, 30, 60, 97, 100};
    for (size_t k = 0; k < N_OF(kinds); k++)
        for (size_t z = 0; z < N_OF(zeros); z++) {
            struct packed p;
            make(&p, kinds[k], zeros[z]);
            assert_true(avqa_map_holds(&p.map, N));
            for (size_t piece = 8; piece <= N + 5; piece += 48)
                for (enum avqa_width width = AVQA_WIDTH_BEST;
                     width <= avqa_width_best(); width++)
                    check(&p, piece, width);
            free(p.values);
        }
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    struct packed p;
    make(&p, AVQA_MAP_SPARSE16, 50);
    assert_false(avqa_map_holds(&p.map, N - 8));
    p.map.n_values--;
    assert_false(avqa_map_holds(&p.map, N));
    free(p.values);
    make(&p, AVQA_MAP_F16, 50);
    assert_false(avqa_map_holds(&p.map, N + 1));
    free(p.values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unpacking),
        cmocka_unit_test(test_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
