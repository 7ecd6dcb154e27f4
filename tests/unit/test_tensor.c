/* Tensors: sizes that fit or are refused, memory of three kinds, conversion. */
#include "check.h"

#include "base/half.h"
#include "nn/bf16.h"
#include "nn/tensor.h"

static void test_own_memory(void **state)
{
    (void)state;
    struct avqa_tensor t;
    char text[AVQA_TENSOR_SHAPE_TEXT];
    const size_t shape[] = {3, 1, 5};
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_F32, 3, shape));
    assert_int_equal(t.n, 15);
    assert_int_equal(avqa_tensor_bytes(&t), 60);
    assert_int_equal((uintptr_t)t.data % 64, 0);
    for (size_t i = 0; i < 15; i++)
        assert_true(((float *)t.data)[i] == 0);
    assert_true(avqa_tensor_has_shape(&t, 3, shape));
    assert_false(avqa_tensor_has_shape(&t, 2, shape));
    assert_false(avqa_tensor_has_shape(&t, 3, (const size_t[]){3, 5, 1}));
    assert_string_equal(avqa_tensor_shape_text(text, 3, shape), "[3, 1, 5]");
    assert_string_equal(avqa_tensor_shape_text(text, 0, NULL), "[]");
    avqa_tensor_release(&t);
    avqa_tensor_release(&t);
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_I64, 0, NULL));
    assert_int_equal(avqa_tensor_bytes(&t), 8);
    avqa_tensor_release(&t);
    assert_ok(avqa_tensor_init(&t, AVQA_TENSOR_F64, 2, (const size_t[]){0, 7}));
    assert_int_equal(t.n, 0);
    avqa_tensor_release(&t);
}

static void test_other_memory(void **state)
{
    (void)state;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_tensor t;
    float there[6] = {1};
    assert_ok(avqa_tensor_init_in(&t, &arena, AVQA_TENSOR_F32, 1, (const size_t[]){9}));
    assert_int_equal((uintptr_t)t.data % 64, 0);
    memset(t.data, 1, avqa_tensor_bytes(&t));
    avqa_tensor_release(&t);
    avqa_arena_release(&arena);
    assert_ok(avqa_tensor_view(&t, AVQA_TENSOR_F32, 2, (const size_t[]){2, 3}, there));
    assert_ptr_equal(t.data, there);
    avqa_tensor_release(&t);
    assert_true(there[0] == 1);
}

static void test_too_large(void **state)
{
    (void)state;
    struct avqa_tensor t;
    const size_t huge[] = {SIZE_MAX / 2, 3};
    const size_t wraps[] = {(size_t)1 << 32, (size_t)1 << 32};
    const size_t bytes_wrap[] = {(size_t)1 << 62};
    const size_t deep[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    assert_fails(avqa_tensor_init(&t, AVQA_TENSOR_U8, 2, huge), AVQA_ENOMEM,
                 "too large");
    assert_fails(avqa_tensor_init(&t, AVQA_TENSOR_U8, 2, wraps), AVQA_ENOMEM,
                 "[4294967296, 4294967296]");
    assert_fails(avqa_tensor_init(&t, AVQA_TENSOR_F64, 1, bytes_wrap), AVQA_ENOMEM,
                 "too large");
    assert_fails(avqa_tensor_view(&t, AVQA_TENSOR_U8, 9, deep, &t), AVQA_EINVAL,
                 "9 dimensions");
}

static void test_to_floats(void **state)
{
    (void)state;
    double wide[] = {0.1, -3};
    uint16_t half[] = {avqa_half_from_float(0.1F), 0xc200};
    uint16_t brain[] = {avqa_bf16_from_float(0.1F), 0xc040};
    int64_t whole[] = {1, 2};
    const size_t shape[] = {2};
    struct avqa_tensor in, out;
    struct {
        enum avqa_tensor_type type;
        void *data;
        double tolerance;
    } cases[] = {{AVQA_TENSOR_F64, wide, 1e-8},
                 {AVQA_TENSOR_F16, half, 5e-5},
                 {AVQA_TENSOR_BF16, brain, 4e-4}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_ok(avqa_tensor_view(&in, cases[i].type, 1, shape, cases[i].data));
        assert_ok(avqa_tensor_to_f32(&out, &in));
        assert_close((double)((float *)out.data)[0], 0.1, cases[i].tolerance);
        assert_true(((float *)out.data)[1] == -3);
        avqa_tensor_release(&out);
    }
    assert_ok(avqa_tensor_view(&in, AVQA_TENSOR_I64, 1, shape, whole));
    assert_fails(avqa_tensor_to_f32(&out, &in), AVQA_EINVAL, "whole numbers (i64)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_memory), cmocka_unit_test(test_other_memory),
        cmocka_unit_test(test_too_large), cmocka_unit_test(test_to_floats)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
