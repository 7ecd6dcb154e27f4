/* CRC-32: the check value that every catalogue of CRCs gives, and any division of the
 * same bytes, against bits one by one. */
#include "check.h"

#include "base/crc32.h"

/* The definition. */
static uint32_t plain(const uint8_t *bytes, size_t len)
{
    uint32_t c = 0xffffffffU;
    for (size_t i = 0; i < len; i++) {
        c ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320U : c >> 1;
    }
    return ~c;
}

static void test_known(void **state)
{
    (void)state;
    struct avqa_crc32 crc;
    avqa_crc32_init(&crc);
    assert_int_equal(avqa_crc32_add(&crc, 0, "123456789", 9), 0xcbf43926);
    assert_int_equal(avqa_crc32_add(&crc, 0, "", 0), 0);
    assert_int_equal(
        avqa_crc32_add(&crc, 0, "The quick brown fox jumps over the lazy dog", 43),
        0x414fa339);
}

static void test_pieces(void **state)
{
    (void)state;
    struct avqa_crc32 crc;
    uint8_t bytes[67];
    avqa_crc32_init(&crc);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t len = 0; len <= sizeof bytes; len++)
        for (size_t cut = 0; cut <= len; cut++) {
            uint32_t c = avqa_crc32_add(&crc, 0, bytes, cut);
            c = avqa_crc32_add(&crc, c, bytes + cut, len - cut);
            assert_int_equal(c, plain(bytes, len));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
