/* Scaling where no reference is needed: what stays, what a crop is of, what is refused.
 * Pillow's bytes are in tests/golden/test_encoder_reference.c. */
#include "encoder_input.h"

/* lib/encoder/resize.c for a processor without AVX2. */
bool plain_is_wide(void);
enum avqa_status plain_resize(uint8_t *out, const struct avqa_rgb *from,
                              const struct avqa_resize *to);

bool plain_is_wide(void)
{
    return false;
}

static void test_same_size(void **state)
{
    (void)state;
    uint8_t *rgb = input_picture(20, 10);
    uint8_t out[20 * 10 * 3];
    const struct avqa_rgb from = {rgb, 20, 10};
    const struct avqa_resize to = avqa_resize_squash(20, 10);
    assert_ok(avqa_resize(out, &from, &to));
    assert_memory_equal(out, rgb, sizeof out);
    free(rgb);
}

/* One colour stays that colour at every size. */
static void test_one_colour(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {3, 50}, {64, 64}, {200, 7}};
    uint8_t rgb[33 * 17 * 3];
    uint8_t *out = avqa_mem_new(200 * 64 * 3);
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(i % 3 * 127 + i % 3 / 2);
    const struct avqa_rgb from = {rgb, 33, 17};
    for (size_t s = 0; s < N_OF(sizes); s++) {
        const struct avqa_resize to = avqa_resize_squash(sizes[s][0], sizes[s][1]);
        assert_ok(avqa_resize(out, &from, &to));
        for (size_t i = 0; i < (size_t)(sizes[s][0] * sizes[s][1] * 3); i++)
            assert_int_equal(out[i], i % 3 * 127 + i % 3 / 2);
    }
    free(out);
}

/* White stays white when as many pixels as there may be become one: their weights, each
 * rounded, add up to no level more. */
static void test_widest(void **state)
{
    (void)state;
    uint8_t *white = avqa_mem_new(AVQA_RESIZE_MAX_SIDE * 3);
    memset(white, 255, AVQA_RESIZE_MAX_SIDE * 3);
    for (int n = 1; n <= 7; n++) {
        uint8_t out[7 * 3] = {0};
        const struct avqa_rgb wide = {white, AVQA_RESIZE_MAX_SIDE, 1};
        const struct avqa_rgb high = {white, 1, AVQA_RESIZE_MAX_SIDE};
        const struct avqa_resize across = avqa_resize_squash(n, 1);
        const struct avqa_resize down = avqa_resize_squash(1, n);
        assert_ok(avqa_resize(out, &wide, &across));
        assert_memory_equal(out, white, 3 * (size_t)n);
        memset(out, 0, sizeof out);
        assert_ok(avqa_resize(out, &high, &down));
        assert_memory_equal(out, white, 3 * (size_t)n);
    }
    free(white);
}

/* A crop is the part of the whole. */
static void test_crop(void **state)
{
    (void)state;
    uint8_t *rgb = input_picture(70, 40);
    uint8_t whole[50 * 30 * 3];
    uint8_t part[11 * 13 * 3];
    const struct avqa_rgb from = {rgb, 70, 40};
    struct avqa_resize to = avqa_resize_squash(50, 30);
    assert_ok(avqa_resize(whole, &from, &to));
    to = (struct avqa_resize){50, 30, 39, 17, 11, 13};
    assert_ok(avqa_resize(part, &from, &to));
    for (size_t y = 0; y < 13; y++)
        assert_memory_equal(part + y * 33, whole + ((y + 17) * 50 + 39) * 3, 33);
    free(rgb);
}

/* Every number of neighbours, odd and even, at either end of a row: the same bytes
 * whatever the processor. White is where sums are largest. */
static void test_plain(void **state)
{
    (void)state;
    for (int n = 1; n <= 60; n++) {
        const int height = 61 - n;
        const int to_width = 1 + n * 7 % 40;
        const int to_height = 1 + n * 11 % 40;
        uint8_t ours[40 * 40 * 3];
        uint8_t theirs[40 * 40 * 3];
        uint8_t *rgb = input_picture(n, height);
        memset(rgb, 255, (size_t)n * 3);
        const struct avqa_rgb from = {rgb, n, height};
        const struct avqa_resize to = {to_width,
                                       to_height,
                                       to_width / 3,
                                       to_height / 4,
                                       to_width - to_width / 3,
                                       to_height - to_height / 4};
        assert_ok(avqa_resize(ours, &from, &to));
        assert_ok(plain_resize(theirs, &from, &to));
        assert_memory_equal(ours, theirs, (size_t)(to.crop_width * to.crop_height * 3));
        free(rgb);
    }
}

static void test_crop_places(void **state)
{
    (void)state;
    /* torchvision: int(256 * 1280 / 720) = 455, round(115.5) = 116; round(16.5) = 16 */
    static const struct {
        int width, height, scaled_width, scaled_height, left, top;
    } cases[] = {{1280, 720, 455, 256, 116, 16},
                 {720, 1280, 256, 455, 16, 116},
                 {100, 100, 256, 256, 16, 16},
                 {257, 256, 257, 256, 16, 16},
                 {259, 256, 259, 256, 18, 16}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        const struct avqa_rgb from = {NULL, cases[i].width, cases[i].height};
        const struct avqa_resize to = avqa_resize_crop(&from, 256, 224);
        assert_int_equal(to.width, cases[i].scaled_width);
        assert_int_equal(to.height, cases[i].scaled_height);
        assert_int_equal(to.left, cases[i].left);
        assert_int_equal(to.top, cases[i].top);
    }
}

static void test_refused(void **state)
{
    (void)state;
    uint8_t rgb[12] = {0};
    uint8_t out[12];
    struct avqa_rgb from = {rgb, 2, 2};
    static const struct avqa_resize wrong[] = {{2, 2, 1, 0, 2, 2},
                                               {2, 2, 0, -1, 2, 2},
                                               {2, 2, 0, 0, 0, 2},
                                               {2, 2, 0, 0, 2, 3}};
    for (size_t i = 0; i < N_OF(wrong); i++)
        assert_fails(avqa_resize(out, &from, &wrong[i]), AVQA_EINVAL, "no ");
    struct avqa_resize to = avqa_resize_squash(0, 2);
    assert_fails(avqa_resize(out, &from, &to), AVQA_EINVAL, "cannot become 0 x 2");
    to = avqa_resize_squash(2, 2);
    from.width = 16385;
    assert_fails(avqa_resize(out, &from, &to), AVQA_EINVAL, "16385 x 2");
    from.width = 0;
    assert_fails(avqa_resize(out, &from, &to), AVQA_EINVAL, "0 x 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_size), cmocka_unit_test(test_one_colour),
        cmocka_unit_test(test_widest),    cmocka_unit_test(test_crop),
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_crop_places),
        cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
