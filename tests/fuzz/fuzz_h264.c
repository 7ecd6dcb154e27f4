/* The header of a stream of H.264 and a packet of it: the first byte is the header's
 * length. Parameter sets that are read leave an id free or say that there is none; what
 * was rewritten can be read again. */
#include "fuzz.h"
#include "media/h264.h"

/* Memory of exactly this size, so that a byte beyond it is seen. */
static uint8_t *copy(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    FUZZ_REQUIRE(bytes != NULL);
    if (size)
        memcpy(bytes, data, size);
    return bytes;
}

/* A unit may have a start code in it, and be two then: these say other things. */
static void check_again(const struct avqa_buf *once, const struct avqa_h264_sets *sets)
{
    struct avqa_buf twice = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_h264_rewrite(&twice, NULL, (const uint8_t *)once->data,
                                            once->len, NULL, 0, sets);
    FUZZ_REQUIRE(rc == AVQA_OK || rc == AVQA_EFORMAT);
    avqa_buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_h264_sets sets;
    struct avqa_buf out = AVQA_BUF_INIT;
    uint64_t hash = 0;
    if (size == 0)
        return 0;
    size_t n = data[0] < size ? data[0] : size - 1;
    const size_t n_packet = size - 1 - n;
    uint8_t *header = copy(data + 1, n);
    uint8_t *packet = copy(data + 1 + n, n_packet);
    if (avqa_h264_read_sets(&sets, header, n) == AVQA_OK) {
        FUZZ_REQUIRE(sets.sps_ids != 0 && sets.bytes.len >= 4 + 5);
        int id = avqa_h264_free_id(&sets);
        FUZZ_REQUIRE(id < 32 && (id < 0 || !(sets.sps_ids >> id & 1)));
        avqa_h264_is_idr(packet, n_packet, header, n);
        if (avqa_h264_rewrite(&out, &hash, packet, n_packet, header, n, &sets) ==
            AVQA_OK)
            check_again(&out, &sets);
    }
    avqa_buf_release(&out);
    avqa_h264_sets_release(&sets);
    free(header);
    free(packet);
    return 0;
}
