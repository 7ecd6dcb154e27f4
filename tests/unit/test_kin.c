/* What videos were made from: chains, several parents, rings, and the limit. */
#include "check.h"

#include "audit/kin.h"

static void expect(const struct avqa_kin *kin, uint32_t video, const uint32_t *roots,
                   size_t n)
{
    size_t got;
    const uint32_t *found = avqa_kin_roots(kin, video, &got);
    assert_int_equal(got, n);
    for (size_t i = 0; i < n; i++) {
        bool in = false;
        for (size_t k = 0; k < got; k++)
            in = in || found[k] == roots[i];
        assert_true(in);
    }
}

static void test_several_parents(void **state)
{
    (void)state;
    /* 4 of 3 and 1; 3 of 2 and 0, by two ways to 0; 5 of nothing */
    struct avqa_kin_step steps[] = {{4, 3}, {3, 2}, {4, 1}, {3, 0}, {4, 0}, {4, 3}};
    struct avqa_kin kin;
    assert_int_equal(avqa_kin_find(&kin, steps, 6, 6), AVQA_OK);
    expect(&kin, 4, (const uint32_t[]){0, 1, 2}, 3);
    expect(&kin, 3, (const uint32_t[]){0, 2}, 2);
    expect(&kin, 0, (const uint32_t[]){0}, 1);
    expect(&kin, 5, (const uint32_t[]){5}, 1);
    avqa_kin_release(&kin);
}

static void test_ring(void **state)
{
    (void)state;
    struct avqa_kin_step steps[] = {{1, 2}, {2, 3}, {3, 1}, {4, 4}, {5, 3}};
    struct avqa_kin kin;
    assert_int_equal(avqa_kin_find(&kin, steps, 5, 6), AVQA_OK);
    for (uint32_t v = 1; v <= 3; v++)
        expect(&kin, v, (const uint32_t[]){1}, 1);
    expect(&kin, 4, (const uint32_t[]){4}, 1);
    expect(&kin, 5, (const uint32_t[]){1}, 1);
    avqa_kin_release(&kin);
}

static void test_nothing(void **state)
{
    (void)state;
    struct avqa_kin kin;
    assert_int_equal(avqa_kin_find(&kin, NULL, 0, 0), AVQA_OK);
    assert_int_equal(kin.n_roots, 0);
    avqa_kin_release(&kin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_several_parents),
                                       cmocka_unit_test(test_ring),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
