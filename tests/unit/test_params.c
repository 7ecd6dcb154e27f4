/* Named tensors: looking up, matching against what a network expects, and random
 * numbers, whose values were made by tests/golden/encoder_reference.py (units). */
#include "check.h"

#include "nn/params.h"

static const struct avqa_param_spec specs[] = {
    {.name = "a.weight", .rank = 2, .shape = {2, 3}, .centre = 0, .spread = 0.5},
    {.name = "a.bias", .rank = 1, .shape = {2}, .centre = 1, .spread = 0.25},
};

static void add(struct avqa_params *params, const char *name, size_t rank, size_t n)
{
    struct avqa_tensor t;
    const size_t shape[] = {n, 3};
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_F64, rank, shape));
    for (size_t i = 0; i < t.n; i++)
        ((double *)t.data)[i] = (double)i;
    assert_ok(avqa_params_add(params, name, &t));
}

static void test_names(void **state)
{
    (void)state;
    struct avqa_params params = {0};
    struct avqa_tensor t;
    add(&params, "x", 1, 4);
    add(&params, "y", 2, 1);
    assert_int_equal(params.n, 2);
    assert_string_equal(params.items[1].name, "y");
    assert_int_equal(avqa_params_find(&params, "x")->n, 4);
    assert_null(avqa_params_find(&params, "z"));
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_U8, 0, NULL));
    assert_fails(avqa_params_add(&params, "x", &t), AVQA_EEXIST, "\"x\"");
    assert_int_equal(params.n, 2);
    avqa_params_release(&params);
}

static void test_match(void **state)
{
    (void)state;
    static const char *const ignored[] = {".seen", NULL};
    struct avqa_params from = {0};
    struct avqa_params out = {0};
    add(&from, "a.weight", 2, 2);
    assert_fails(avqa_params_match(&out, &from, specs, 2, NULL), AVQA_EFORMAT,
                 "\"a.bias\" is missing");
    avqa_params_release(&out);
    add(&from, "a.bias", 1, 3);
    assert_fails(avqa_params_match(&out, &from, specs, 2, NULL), AVQA_EFORMAT,
                 "\"a.bias\" has shape [3], not [2]");
    avqa_params_release(&out);
    avqa_params_release(&from);
    add(&from, "a.bias", 1, 2);
    add(&from, "b.seen", 1, 1);
    add(&from, "a.weight", 2, 2);
    assert_fails(avqa_params_match(&out, &from, specs, 2, NULL), AVQA_EFORMAT,
                 "\"b.seen\" does not belong");
    avqa_params_release(&out);
    assert_ok(avqa_params_match(&out, &from, specs, 2, ignored));
    assert_int_equal(out.n, 2);
    assert_string_equal(out.items[0].name, "a.weight");
    assert_int_equal(out.items[0].value.type, AVQA_TENSOR_F32);
    assert_true(((float *)out.items[0].value.data)[5] == 5);
    avqa_params_release(&out);
    avqa_params_release(&from);
}

/* What is floats already is not copied; what is taken is there no more. */
static void test_moves(void **state)
{
    (void)state;
    const size_t shape[] = {2, 3};
    struct avqa_params from = {0};
    struct avqa_params out = {0};
    struct avqa_tensor t;
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_F32, 2, shape));
    const void *data = t.data;
    assert_ok(avqa_params_add(&from, "a.weight", &t));
    assert_ok(avqa_params_match(&out, &from, specs, 1, NULL));
    avqa_params_release(&from);
    assert_ptr_equal(avqa_params_find(&out, "a.weight")->data, data);
    avqa_params_take(&t, &out, "a.weight");
    assert_null(avqa_params_find(&out, "a.weight")->data);
    avqa_params_release(&out);
    assert_ptr_equal(t.data, data);
    assert_int_equal(t.n, 6);
    avqa_tensor_release(&t);
}

static void test_random(void **state)
{
    (void)state;
    static const double units[] = {0.0746501088142, 0.617520272732, 0.141944289207,
                                   0.878962039948};
    struct avqa_params params = {0};
    float some[4];
    avqa_params_units(some, 7, "a.weight", 0, 4);
    for (size_t i = 0; i < 4; i++)
        assert_close((double)some[i], units[i], 1e-9);
    assert_ok(avqa_params_random(&params, specs, 2, 7));
    const float *weights = avqa_params_find(&params, "a.weight")->data;
    for (size_t i = 0; i < 4; i++)
        assert_close((double)weights[i], units[i] - 0.5, 1e-7);
    avqa_params_units(some, 7, "a.weight", 2, 2);
    assert_close((double)some[1], units[3], 1e-9);
    avqa_params_units(some, 8, "a.weight", 0, 1);
    assert_true(fabs((double)some[0] - units[0]) > 1e-6);
    avqa_params_release(&params);
}

/* Enough of uniform numbers: mean 1/2, variance 1/12, and neighbours unrelated. */
static void test_uniform(void **state)
{
    (void)state;
    enum { N = 100000 };
    float *u = NULL;
    double sum = 0;
    double squares = 0;
    double products = 0;
    assert_ok(avqa_mem_array(&u, N, sizeof *u));
    avqa_params_units(u, 1, "x", 0, N);
    for (size_t i = 0; i < N; i++) {
        double x = (double)u[i] - 0.5;
        assert_true(u[i] >= 0 && u[i] < 1);
        sum += x;
        squares += x * x;
        products += i ? x * ((double)u[i - 1] - 0.5) : 0;
    }
    assert_close(sum / N, 0, 0.004);
    assert_close(squares / N, 1.0 / 12, 0.001);
    assert_close(products / N, 0, 0.0012);
    free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_match),
        cmocka_unit_test(test_moves), cmocka_unit_test(test_random),
        cmocka_unit_test(test_uniform)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
