/* Shards made for tests: small arrays whose values a test knows. */
#ifndef AVQA_TESTS_SHARD_FIXTURE_H
#define AVQA_TESTS_SHARD_FIXTURE_H

#include "base/rng.h"
#include "check.h"
#include "shard/writer.h"

enum { FIXTURE_ROWS = 5, FIXTURE_ROW = 3 * 7 * 5, FIXTURE_SOUND = 4 };

/* The maps of the clip `item`: more than half zeros, every value exact in 16 bits. */
static inline void fixture_maps(float maps[FIXTURE_ROWS * FIXTURE_ROW],
                                const char *item)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 7, item);
    for (size_t i = 0; i < (size_t)FIXTURE_ROWS * FIXTURE_ROW; i++) {
        int64_t v = (int64_t)avqa_rng_below(&rng, 2048) - 1200;
        maps[i] = v > 0 ? (float)v / 64 : 0;
    }
    for (size_t i = 0; i < FIXTURE_ROW; i++)
        maps[2 * FIXTURE_ROW + i] = 0; /* a row of nothing */
}

static inline void fixture_sound(float sound[FIXTURE_ROWS * FIXTURE_SOUND],
                                 const char *item)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 8, item);
    for (size_t i = 0; i < (size_t)FIXTURE_ROWS * FIXTURE_SOUND; i++)
        sound[i] = (float)avqa_rng_unit(&rng);
}

/* Packs the clip `key`: maps "res14" by row in this encoding, sound "vggish" whole. */
static inline struct avqa_shard_packed *fixture_pack(struct avqa_packer *packer,
                                                     const char *key,
                                                     enum avqa_shard_encoding encoding)
{
    static float maps[FIXTURE_ROWS * FIXTURE_ROW];
    static float sound[FIXTURE_ROWS * FIXTURE_SOUND];
    struct avqa_shard_packed *packed = NULL;
    struct avqa_json *provenance =
        check_parse("{\"encoder\":\"test\",\"preset\":\"none\"}");
    fixture_maps(maps, key);
    fixture_sound(sound, key);
    struct avqa_shard_input arrays[] = {
        {.name = "res14",
         .npy = {AVQA_NPY_F4, 4, {FIXTURE_ROWS, 3, 7, 5}},
         .data = maps,
         .by_row = true,
         .encoding = encoding},
        {.name = "vggish",
         .npy = {AVQA_NPY_F4, 2, {FIXTURE_ROWS, FIXTURE_SOUND}},
         .data = sound,
         .encoding = AVQA_SHARD_AS_IS}};
    struct avqa_shard_clip clip = {.key = key,
                                   .clip = key,
                                   .source = "a source",
                                   .provenance = provenance,
                                   .arrays = arrays,
                                   .n_arrays = 2};
    assert_ok(avqa_shard_pack(&packed, packer, &clip));
    avqa_json_free(provenance);
    return packed;
}

/* Writes a shard with the clips of these keys (NULL at the end). */
static inline struct avqa_shard_written fixture_write(const char *path,
                                                      const char *const *keys,
                                                      enum avqa_shard_encoding encoding)
{
    struct avqa_packer *packer;
    struct avqa_shard_writer *w;
    struct avqa_shard_written written;
    assert_ok(avqa_packer_new(&packer, AVQA_SHARD_LEVEL));
    assert_ok(avqa_shard_writer_open(&w, path, packer));
    for (; *keys; keys++) {
        struct avqa_shard_packed *packed = fixture_pack(packer, *keys, encoding);
        assert_ok(avqa_shard_writer_add(w, packed));
        avqa_shard_packed_free(packed);
    }
    assert_ok(avqa_shard_writer_commit(w, &written));
    avqa_packer_free(packer);
    return written;
}

#endif
