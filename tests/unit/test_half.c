/* 16-bit numbers against their definition: sign, exponent and digits as a double, and
 * the nearest of two neighbours, the even one at a tie. */
#include "check.h"

#include "base/half.h"
#include "nn/bf16.h"

/* What the bits mean, by the table of IEEE 754. */
static double meaning(uint16_t h, int n_digits, int bias)
{
    int exponent = (h & 0x7fff) >> n_digits;
    int digits = h & ((1 << n_digits) - 1);
    double sign = h & 0x8000 ? -1.0 : 1.0;
    if (exponent == 2 * bias + 1)
        return digits ? (double)NAN : sign * (double)INFINITY;
    if (exponent == 0)
        return sign * ldexp(digits, 1 - bias - n_digits);
    return sign * ldexp((1 << n_digits) + digits, exponent - bias - n_digits);
}

static void check_all(uint16_t from(float), float to(uint16_t), int n_digits, int bias)
{
    uint16_t infinity = (uint16_t)((2 * bias + 1) << n_digits);
    for (uint32_t i = 0; i < 0x10000; i++) {
        uint16_t h = (uint16_t)i;
        double want = meaning(h, n_digits, bias);
        if (isnan(want)) {
            assert_true(isnan(to(h)));
            assert_true(isnan(to(from(to(h)))));
            continue;
        }
        assert_true((double)to(h) == want && from(to(h)) == h);
        if ((h & 0x7fff) + 1 >= infinity)
            continue;
        /* between this and the next away from zero */
        uint16_t next = (uint16_t)(h + 1);
        double middle = (want + meaning(next, n_digits, bias)) / 2;
        float tie = (float)middle;
        assert_true((double)tie == middle);
        assert_int_equal(from(tie), h & 1 ? next : h);
        assert_int_equal(from(nextafterf(tie, 0.0F)), h);
        assert_int_equal(from(nextafterf(tie, h & 0x8000 ? -INFINITY : INFINITY)),
                         next);
    }
}

static void test_half(void **state)
{
    (void)state;
    check_all(avqa_half_from_float, avqa_half_to_float, 10, 15);
    assert_int_equal(avqa_half_from_float(65519.0F), 0x7bff);
    assert_int_equal(avqa_half_from_float(65520.0F), 0x7c00);
    assert_int_equal(avqa_half_from_float(-1e30F), 0xfc00);
    assert_int_equal(avqa_half_from_float(1e-30F), 0);
}

static void test_bf16(void **state)
{
    (void)state;
    check_all(avqa_bf16_from_float, avqa_bf16_to_float, 7, 127);
}

static void test_rows(void **state)
{
    (void)state;
    const float in[] = {1.0F, -2.5F, 0.1F};
    float out[3];
    uint16_t packed[3];
    avqa_halves_from_floats(packed, in, 3);
    avqa_halves_to_floats(out, packed, 3);
    assert_close((double)out[2], 0.1, 5e-5);
    assert_true(out[0] == 1.0F && out[1] == -2.5F && packed[0] == 0x3c00);
    avqa_bf16_pack(packed, in, 3);
    avqa_bf16_unpack(out, packed, 3);
    assert_close((double)out[2], 0.1, 4e-4);
    assert_true(out[0] == 1.0F && out[1] == -2.5F && packed[0] == 0x3f80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_half),
                                       cmocka_unit_test(test_bf16),
                                       cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
