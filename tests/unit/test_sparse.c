/* Halves and sparse maps: the definition against arithmetic in double, and every way of
 * this processor against the definition, bit for bit, at every length. */
#include "base/rng.h"
#include "check.h"
#include "base/half.h"
#include "shard/sparse.h"

static float from_bits(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static uint32_t to_bits(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* What the 16 bits mean, by their definition. */
static double value_of(uint16_t h)
{
    int e = h >> 10 & 31;
    double m = h & 1023;
    double v = e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);
    return h & 0x8000 ? -v : v;
}

static void test_all_halves(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 65536; i++) {
        uint16_t h = (uint16_t)i;
        float f = avqa_half_to_float(h);
        if ((h & 0x7c00) != 0x7c00)
            assert_true((double)f == value_of(h) && (signbit(f) != 0) == (h >> 15));
        else
            assert_true((h & 0x3ff) ? isnan(f) != 0 : isinf(f) != 0);
        bool nan = (h & 0x7fff) > 0x7c00;
        assert_int_equal(avqa_half_from_float(f), nan ? h | 0x200 : h);
    }
}

/* Nearest, ties to even: by the two halves around it. */
static void test_rounding(void **state)
{
    (void)state;
    for (uint32_t h = 0; h < 0x7bff; h++) {
        double a = value_of((uint16_t)h);
        double b = value_of((uint16_t)(h + 1));
        float middle = (float)((a + b) / 2);
        uint32_t bits = to_bits(middle);
        assert_int_equal(avqa_half_from_float(middle), h & 1 ? h + 1 : h);
        assert_int_equal(avqa_half_from_float(from_bits(bits - 1)), h);
        assert_int_equal(avqa_half_from_float(from_bits(bits + 1)), h + 1);
        assert_int_equal(avqa_half_from_float(-middle), 0x8000 | (h & 1 ? h + 1 : h));
    }
    assert_int_equal(avqa_half_from_float(65519.996F), 0x7bff);
    assert_int_equal(avqa_half_from_float(65520.0F), 0x7c00);
    assert_int_equal(avqa_half_from_float(-1e38F), 0xfc00);
}

/* Many at once are as one by one, whatever the bits. */
static void test_many(void **state)
{
    enum { N = 100003 };
    static float floats[N];
    static float back[N];
    static uint16_t halves[N];
    struct avqa_rng rng;
    (void)state;
    avqa_rng_init(&rng, 1, "halves");
    for (size_t i = 0; i < N; i++)
        floats[i] = from_bits((uint32_t)avqa_rng_next(&rng));
    avqa_halves_from_floats(halves, floats, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(halves[i], avqa_half_from_float(floats[i]));
    for (size_t i = 0; i < N; i++)
        halves[i] = (uint16_t)i;
    avqa_halves_to_floats(back, halves, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(to_bits(back[i]), to_bits(avqa_half_to_float(halves[i])));
}

static void fill(uint16_t *values, size_t n, struct avqa_rng *rng, unsigned share)
{
    for (size_t i = 0; i < n; i++)
        values[i] = avqa_rng_below(rng, 100) < share ? (uint16_t)avqa_rng_next(rng) : 0;
}

/* Packs, then expands in every way; memory of exactly the size needed, so that asan
 * sees a read or write too far. */
static void check_pair(const uint16_t *in, size_t n)
{
    unsigned char *mask = malloc(avqa_sparse_mask_bytes(n));
    uint16_t *room = malloc(n * sizeof *room);
    assert_non_null(mask);
    assert_non_null(room);
    size_t n_values = avqa_sparse_pack(mask, room, in, n);
    uint16_t *values = malloc(n_values * sizeof *values);
    uint16_t *halves = malloc(n * sizeof *halves);
    float *floats = malloc(n * sizeof *floats);
    assert_true(values && halves && floats);
    memcpy(values, room, n_values * sizeof *values);
    assert_ok(avqa_sparse_check(mask, n, n_values));
    assert_fails(avqa_sparse_check(mask, n, n_values + 1), AVQA_EFORMAT, "bits for");
    for (int way = AVQA_SPARSE_PLAIN; way <= (int)avqa_sparse_best(); way++) {
        memset(halves, 0xaa, n * sizeof *halves);
        memset(floats, 0xaa, n * sizeof *floats);
        avqa_sparse_to_halves(halves, mask, values, n, (enum avqa_sparse_way)way);
        avqa_sparse_to_floats(floats, mask, values, n, (enum avqa_sparse_way)way);
        assert_memory_equal(halves, in, n * sizeof *in);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(to_bits(floats[i]), to_bits(avqa_half_to_float(in[i])));
    }
    free(mask);
    free(room);
    free(values);
    free(halves);
    free(floats);
}

static void test_sparse(void **state)
{
    static const unsigned shares[] = {0, 1, 10, 40, 90, 100};
    uint16_t in[3000];
    struct avqa_rng rng;
    (void)state;
    avqa_rng_init(&rng, 2, "sparse");
    printf("ways up to %s\n", avqa_sparse_way_name(avqa_sparse_best()));
    for (size_t s = 0; s < N_OF(shares); s++) {
        for (size_t n = 1; n < 150; n++) {
            fill(in, n, &rng, shares[s]);
            check_pair(in, n);
        }
        for (size_t n = 2990; n <= 3000; n++) {
            fill(in, n, &rng, shares[s]);
            check_pair(in, n);
        }
    }
}

static void test_edges(void **state)
{
    static const uint16_t minus_zero[3] = {0, 0x8000, 0};
    static const uint16_t zeros[9] = {0};
    static const unsigned char beyond[2] = {1, 4};
    unsigned char mask[2];
    uint16_t values[9];
    (void)state;
    assert_int_equal(avqa_sparse_pack(mask, values, minus_zero, 3), 1);
    assert_int_equal(mask[0], 2);
    assert_int_equal(values[0], 0x8000);
    assert_int_equal(avqa_sparse_pack(mask, values, zeros, 9), 1);
    assert_int_equal(mask[0], 1);
    assert_int_equal(values[0], 0);
    assert_fails(avqa_sparse_check(beyond, 9, 2), AVQA_EFORMAT, "beyond");
    assert_ok(avqa_sparse_check(beyond, 11, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_halves), cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_many), cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
