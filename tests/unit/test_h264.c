/* H.264 as bytes: units made by hand, of both divisions, whole and cut short. */
#include "check.h"
#include "media/h264.h"

/* An SPS of id 0 (High, level 3.1) and a PPS of id 1, then their avcC and annex B. */
static const uint8_t AVCC[] = {1,    0x64, 0,  31,   0xff, 0xe1, 0, 5,    0x67,
                               0x64, 0,    31, 0x80, 1,    0,    2, 0x68, 0x40};
static const uint8_t ANNEX_B[] = {0,  0,    0, 1, 0x67, 0x64, 0,
                                  31, 0x80, 0, 0, 1,    0x68, 0x40};
/* A delimiter, then an IDR slice. */
static const uint8_t PACKET[] = {0, 0, 0, 2, 9, 0x10, 0, 0, 0, 3, 0x65, 0xaa, 0xbb};
static const uint8_t STARTS[] = {0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x65, 0xaa, 0xbb};

static void test_sets(void **state)
{
    (void)state;
    const struct {
        const uint8_t *bytes;
        size_t n;
    } kinds[] = {{AVCC, sizeof AVCC}, {ANNEX_B, sizeof ANNEX_B}};
    for (size_t i = 0; i < N_OF(kinds); i++) {
        struct avqa_h264_sets sets;
        assert_ok(avqa_h264_read_sets(&sets, kinds[i].bytes, kinds[i].n));
        assert_int_equal(sets.profile, 0x64);
        assert_int_equal(sets.level, 31);
        assert_int_equal(sets.sps_ids, 1);
        assert_int_equal(sets.pps_ids[1], 1);
        assert_int_equal(avqa_h264_free_id(&sets), 2);
        assert_int_equal(sets.bytes.len, 4 + 5 + 4 + 2);
        avqa_h264_sets_release(&sets);
    }
    for (size_t n = 0; n < sizeof AVCC; n++) { /* cut short; 13: all but the PPS */
        struct avqa_h264_sets sets;
        uint8_t *part = malloc(n + 1);
        memcpy(part, AVCC, n);
        part = realloc(part, n ? n : 1);
        assert_int_equal(avqa_h264_read_sets(&sets, part, n) == AVQA_OK, n == 13);
        avqa_h264_sets_release(&sets);
        free(part);
    }
}

static void test_packets(void **state)
{
    (void)state;
    struct avqa_h264_sets sets;
    struct avqa_buf out = AVQA_BUF_INIT;
    uint64_t by_length, by_start;
    assert_ok(avqa_h264_read_sets(&sets, AVCC, sizeof AVCC));
    assert_true(avqa_h264_is_idr(PACKET, sizeof PACKET, AVCC, sizeof AVCC));
    assert_true(avqa_h264_is_idr(STARTS, sizeof STARTS, ANNEX_B, sizeof ANNEX_B));
    assert_false(avqa_h264_is_idr(PACKET, 6, AVCC, sizeof AVCC));
    assert_true(avqa_h264_is_slices(PACKET, sizeof PACKET, AVCC, sizeof AVCC));
    assert_true(avqa_h264_is_slices(STARTS, sizeof STARTS, ANNEX_B, sizeof ANNEX_B));
    assert_false(avqa_h264_is_slices(PACKET, 6, AVCC, sizeof AVCC)); /* none */
    assert_false(avqa_h264_is_slices(PACKET, sizeof PACKET - 1, AVCC, sizeof AVCC));
    assert_false(avqa_h264_is_slices(ANNEX_B, sizeof ANNEX_B, NULL, 0));
    const uint8_t with_sets[] = {0, 0, 1, 0x68, 0x40, 0, 0, 1, 0x41, 0xaa};
    assert_false(avqa_h264_is_slices(with_sets, sizeof with_sets, NULL, 0));
    assert_true(avqa_h264_is_slices(with_sets + 5, 5, NULL, 0));
    assert_ok(avqa_h264_rewrite(&out, &by_length, PACKET, sizeof PACKET, AVCC,
                                sizeof AVCC, &sets));
    assert_int_equal(out.len, 7); /* the slice alone, after a start code */
    assert_ok(avqa_h264_rewrite(&out, &by_start, STARTS, sizeof STARTS, ANNEX_B,
                                sizeof ANNEX_B, &sets));
    assert_true(by_length == by_start);
    assert_fails(avqa_h264_rewrite(&out, NULL, PACKET, sizeof PACKET - 1, AVCC,
                                   sizeof AVCC, &sets),
                 AVQA_EFORMAT, "not what its header says");
    static const uint8_t foreign[] = {0, 0, 0, 3, 0x67, 0x42, 0};
    assert_fails(avqa_h264_rewrite(&out, NULL, foreign, sizeof foreign, AVCC,
                                   sizeof AVCC, &sets),
                 AVQA_EFORMAT, "parameter sets change");
    avqa_buf_release(&out);
    avqa_h264_sets_release(&sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sets),
                                       cmocka_unit_test(test_packets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
