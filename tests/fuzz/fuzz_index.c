/* Any bytes as the index of a shard: what is accepted can be written and read again,
 * and against a seek table it is judged without a look outside it. */
#include "fuzz.h"
#include "shard/index.h"

/* A table whose frames have the sizes of the input's bytes. */
static void check_against(const struct avqa_shard_index *index, const uint8_t *data,
                          size_t size)
{
    size_t n = size < 40 ? size : 40;
    struct avqa_frame_place *places = calloc(n + 1, sizeof *places);
    FUZZ_REQUIRE(places != NULL);
    for (size_t i = 0; i < n; i++) {
        places[i].frame = (struct avqa_frame){13, data[i] * 8u + 1, 0};
        places[i + 1].packed_at = places[i].packed_at + 13;
        places[i + 1].plain_at = places[i].plain_at + places[i].frame.plain;
    }
    struct avqa_shard_index forged = *index;
    struct avqa_frame frames[40];
    for (size_t i = 0; i < n; i++)
        frames[i] = places[i].frame;
    forged.n_frames = n >= 2 ? n - 2 : 0;
    avqa_shard_frames_sha256(forged.frames_sha256, frames, forged.n_frames);
    fuzz_check_message(avqa_shard_index_check(&forged, places, n));
    free(places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avqa_shard_index index;
    struct avqa_shard_index again;
    struct avqa_buf once = AVQA_BUF_INIT;
    struct avqa_buf twice = AVQA_BUF_INIT;
    char *text = fuzz_string(data, size);
    enum avqa_status rc = avqa_shard_index_parse(&index, text, size);
    fuzz_check_message(rc);
    free(text);
    if (rc != AVQA_OK)
        return 0;
    avqa_shard_index_print(&once, &index);
    FUZZ_REQUIRE(avqa_shard_index_parse(&again, once.data, once.len) == AVQA_OK);
    avqa_shard_index_print(&twice, &again);
    FUZZ_REQUIRE(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    check_against(&index, data, size);
    avqa_shard_index_release(&index);
    avqa_shard_index_release(&again);
    avqa_buf_release(&once);
    avqa_buf_release(&twice);
    return 0;
}
