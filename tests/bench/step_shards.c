/* Shards for bench_step: bench_step_shards FOLDER CLIPS. Clips of 60 rows: maps like
 * those of a ReLU, smooth in space, 60 % zeros, kept as sparse16, and sound. */
#include "base/mem.h"
#include "base/rng.h"
#include "shard/writer.h"
#include "step_clips.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROW = BENCH_CHANNELS * BENCH_PLACES, SIDE = 14 };

/* 60 % of the numbers below are below this, for sums of two uniform ones smoothed. */
static const float QUANTILE = 1.033F;

/* Each number and its four neighbours, those at the edges a second time. */
static void smooth(float *out, const float *in)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int up = y ? y - 1 : y;
            int down = y + 1 < SIDE ? y + 1 : y;
            int left = x ? x - 1 : x;
            int right = x + 1 < SIDE ? x + 1 : x;
            float v = 4 * in[y * SIDE + x] + in[up * SIDE + x] + in[down * SIDE + x] +
                      in[y * SIDE + left] + in[y * SIDE + right];
            out[y * SIDE + x] = v / 8 > QUANTILE ? 8 * (v / 8 - QUANTILE) : 0;
        }
}

static void fill(float *maps, float *sound, struct avqa_rng *rng)
{
    float plane[BENCH_PLACES];
    for (size_t c = 0; c < (size_t)BENCH_ROWS * BENCH_CHANNELS; c++) {
        for (size_t p = 0; p < BENCH_PLACES; p++) {
            uint64_t bits = avqa_rng_next(rng);
            plane[p] =
                (float)(bits >> 40) * 0x1p-24F + (float)(bits & 0xffffff) * 0x1p-24F;
        }
        smooth(maps + c * BENCH_PLACES, plane);
    }
    for (size_t i = 0; i < (size_t)BENCH_ROWS * BENCH_SOUND; i++)
        sound[i] = (float)avqa_rng_unit(rng);
}

struct maker {
    struct avqa_packer *packer;
    float *maps, *sound;
    struct avqa_rng rng;
};

static enum avqa_status add_clip(struct avqa_shard_writer *w, struct maker *m, size_t i)
{
    char key[BENCH_NAME];
    struct avqa_shard_packed *packed = NULL;
    bench_key(key, i);
    fill(m->maps, m->sound, &m->rng);
    struct avqa_shard_input arrays[] = {
        {.name = BENCH_HEARD,
         .npy = {AVQA_NPY_F4, 2, {BENCH_ROWS, BENCH_SOUND}},
         .data = m->sound,
         .encoding = AVQA_SHARD_AS_IS},
        {.name = BENCH_SEEN,
         .npy = {AVQA_NPY_F4, 4, {BENCH_ROWS, BENCH_CHANNELS, SIDE, SIDE}},
         .data = m->maps,
         .by_row = true,
         .encoding = AVQA_SHARD_SPARSE16}};
    struct avqa_shard_clip clip = {
        .key = key, .clip = key, .arrays = arrays, .n_arrays = 2};
    enum avqa_status rc = avqa_shard_pack(&packed, m->packer, &clip);
    if (rc == AVQA_OK)
        rc = avqa_shard_writer_add(w, packed);
    avqa_shard_packed_free(packed);
    return rc;
}

static enum avqa_status make_shard(struct maker *m, const char *folder, size_t from,
                                   size_t to)
{
    char path[BENCH_PATH];
    struct avqa_shard_writer *w;
    bench_shard(path, folder, from);
    enum avqa_status rc = avqa_shard_writer_open(&w, path, m->packer);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = from; rc == AVQA_OK && i < to; i++)
        rc = add_clip(w, m, i);
    if (rc == AVQA_OK)
        return avqa_shard_writer_commit(w, NULL);
    avqa_shard_writer_abort(w);
    return rc;
}

int main(int argc, char **argv)
{
    size_t n = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    struct maker m = {
        .maps = avqa_mem_new((size_t)BENCH_ROWS * ROW * sizeof(float)),
        .sound = avqa_mem_new((size_t)BENCH_ROWS * BENCH_SOUND * sizeof(float))};
    avqa_rng_init(&m.rng, 1, "bench");
    enum avqa_status rc =
        avqa_packer_new(&m.packer, avqa_shard_level(AVQA_SHARD_SPARSE16));
    for (size_t i = 0; rc == AVQA_OK && i < n; i += BENCH_PER_SHARD)
        rc = make_shard(&m, argv[1], i,
                        i + BENCH_PER_SHARD < n ? i + BENCH_PER_SHARD : n);
    if (rc != AVQA_OK)
        fprintf(stderr, "%s\n", avqa_message());
    avqa_packer_free(m.packer);
    free(m.maps);
    free(m.sound);
    return rc != AVQA_OK || n == 0;
}
