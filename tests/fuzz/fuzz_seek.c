/* Any bytes as a seek table at the end of a file: the first two say how many bytes the
 * file has before it. What is accepted adds up, and no frame claims what it cannot
 * have. */
#include "fuzz.h"
#include "shard/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_frame_place *places = NULL;
    uint64_t table = 0;
    size_t n = 0;
    if (size < 2 + AVQA_FRAME_FOOTER)
        return 0;
    uint64_t before = (uint64_t)data[0] | (uint64_t)data[1] << 8;
    uint64_t file = before + size - 2;
    enum avqa_status rc = avqa_frame_table_bytes(&table, data + 2, size - 2, file);
    fuzz_check_message(rc);
    if (rc != AVQA_OK || table > size - 2)
        return 0;
    const uint8_t *at = data + size - table;
    rc = avqa_frame_table_parse(&places, &n, at, (size_t)table, file);
    fuzz_check_message(rc);
    if (rc != AVQA_OK)
        return 0;
    FUZZ_REQUIRE(places[n].packed_at + table == file);
    FUZZ_REQUIRE(n <= file / AVQA_FRAME_ENTRY);
    for (size_t i = 0; i < n; i++) {
        const struct avqa_frame *f = &places[i].frame;
        FUZZ_REQUIRE(places[i + 1].packed_at == places[i].packed_at + f->packed);
        FUZZ_REQUIRE(places[i + 1].plain_at == places[i].plain_at + f->plain);
        FUZZ_REQUIRE(f->plain > 0 && f->plain <= AVQA_FRAME_MAX_PLAIN);
        FUZZ_REQUIRE(f->plain <= ((uint64_t)f->packed + 1) * AVQA_FRAME_MAX_RATIO);
    }
    free(places);
    return 0;
}
