/* What the clips of bench_step are called and how large they are: bench_step_shards
 * writes them, bench_step reads them. */
#ifndef AVQA_BENCH_STEP_CLIPS_H
#define AVQA_BENCH_STEP_CLIPS_H

#include <stddef.h>
#include <stdio.h>

enum { BENCH_ROWS = 60, BENCH_CHANNELS = 512, BENCH_PLACES = 196, BENCH_SOUND = 128 };
enum { BENCH_PER_SHARD = 48, BENCH_NAME = 16, BENCH_PATH = 1024 };

#define BENCH_HEARD "vggish"
#define BENCH_SEEN "res14"

static inline void bench_key(char key[BENCH_NAME], size_t clip)
{
    snprintf(key, BENCH_NAME, "%08zu", clip % 100000000);
}

/* The shard that a clip is in. */
static inline void bench_shard(char path[BENCH_PATH], const char *folder, size_t clip)
{
    snprintf(path, BENCH_PATH, "%s/%06zu.tar.zst", folder, clip / BENCH_PER_SHARD);
}

#endif
