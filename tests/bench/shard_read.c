/* Reads a shard as training does, and says what it cost:
 *   shard_read SHARD f4|f2 [plain]   samples of 10 rows of one clip and one row of each
 *                                    of 10 others
 *   shard_read SHARD all             every row of every clip, as float16 and float32
 * Numbers are of CPU time, the file being in the page cache. */
#include "base/rng.h"
#include "shard/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 10, NEGATIVES = 10, SAMPLES = 300 };

static void check(enum avqa_status rc)
{
    if (rc == AVQA_OK)
        return;
    fprintf(stderr, "%s\n", avqa_message());
    exit(1);
}

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void read_samples(const struct avqa_shard *shard, struct avqa_shard_lane *lane,
                         enum avqa_npy_type as)
{
    struct avqa_rng rng;
    struct avqa_shard_array a;
    size_t n = avqa_shard_index(shard)->n_samples;
    avqa_rng_init(&rng, 1, "samples");
    check(avqa_shard_array_find(&a, shard, 0, "res14"));
    size_t row = a.row_values * avqa_npy_type_bytes(as);
    char *out = malloc((ROWS + NEGATIVES) * row);
    if (!out)
        exit(1);
    double start = cpu_seconds();
    uint64_t bytes = avqa_shard_lane_bytes(lane);
    for (int s = 0; s < SAMPLES; s++) {
        check(avqa_shard_array_find(&a, shard, avqa_rng_below(&rng, n), "res14"));
        for (size_t i = 0; i < ROWS; i++)
            check(avqa_shard_read(lane, &a, i * a.n_rows / ROWS, 1, as, out + i * row));
        for (size_t i = ROWS; i < ROWS + NEGATIVES; i++) {
            check(avqa_shard_array_find(&a, shard, avqa_rng_below(&rng, n), "res14"));
            check(avqa_shard_read(lane, &a, avqa_rng_below(&rng, a.n_rows), 1, as,
                                  out + i * row));
        }
    }
    double took = cpu_seconds() - start;
    bytes = avqa_shard_lane_bytes(lane) - bytes;
    printf("%.0f samples / CPU-s, %.2f MB read per sample\n", SAMPLES / took,
           (double)bytes / SAMPLES / 1e6);
    free(out);
}

static void read_all(const struct avqa_shard *shard, struct avqa_shard_lane *lane,
                     enum avqa_npy_type as)
{
    struct avqa_shard_array a;
    size_t n = avqa_shard_index(shard)->n_samples;
    double bytes = 0;
    check(avqa_shard_array_find(&a, shard, 0, "res14"));
    size_t row = a.row_values * avqa_npy_type_bytes(as);
    char *out = malloc(row);
    if (!out)
        exit(1);
    double start = cpu_seconds();
    for (size_t s = 0; s < n; s++) {
        check(avqa_shard_array_find(&a, shard, s, "res14"));
        for (size_t i = 0; i < a.n_rows; i++, bytes += (double)row)
            check(avqa_shard_read(lane, &a, i, 1, as, out));
    }
    printf("%s: %.2f GB/s of output\n", avqa_npy_type_name(as),
           bytes / 1e9 / (cpu_seconds() - start));
    free(out);
}

int main(int argc, char **argv)
{
    struct avqa_shard *shard;
    struct avqa_shard_lane *lane;
    if (argc < 3)
        return 2;
    check(avqa_shard_open(&shard, argv[1]));
    check(avqa_shard_lane_new(&lane));
    if (argc > 3)
        avqa_shard_lane_expand(lane, AVQA_SPARSE_PLAIN);
    if (strcmp(argv[2], "all") == 0) {
        read_all(shard, lane, AVQA_NPY_F2);
        read_all(shard, lane, AVQA_NPY_F4);
    } else {
        read_samples(shard, lane,
                     strcmp(argv[2], "f2") == 0 ? AVQA_NPY_F2 : AVQA_NPY_F4);
    }
    avqa_shard_lane_free(lane);
    avqa_shard_close(shard);
    return 0;
}
