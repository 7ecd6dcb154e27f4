/* Pictures and examples a second, and a CPU second, through the networks: bench_encoder
 * THREADS [SECONDS]. Batches of 8 out of memory, the best of the runs, as
 * encoder_reference.py measures its peers. See encoder.sh. */
#include "encoder/feature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 8 };

static double now_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum avqa_status measure(const char *name, size_t n_threads, double seconds)
{
    struct avqa_feature_options options = AVQA_FEATURE_DEFAULTS;
    struct avqa_feature_encoder *enc = NULL;
    struct avqa_feature_work *work = NULL;
    options.name = name;
    options.preset = "music-avqa";
    options.weights = "random:7";
    options.batch = BATCH;
    options.n_threads = n_threads;
    options.precision = AVQA_DNN_FASTEST;
    enum avqa_status rc = avqa_feature_encoder_new(&enc, &options);
    if (rc == AVQA_OK)
        rc = avqa_feature_work_new(&work, enc);
    if (rc != AVQA_OK)
        return rc;
    char *items = calloc(BATCH, avqa_feature_encoder_item_bytes(enc));
    char *rows = calloc(BATCH, avqa_feature_row_bytes(avqa_feature_encoder_info(enc)));
    double best = 0;
    double best_cpu = 0;
    double end = now_s(CLOCK_MONOTONIC) + seconds;
    for (int i = 0; rc == AVQA_OK && (i < 2 || now_s(CLOCK_MONOTONIC) < end); i++) {
        double start = now_s(CLOCK_MONOTONIC);
        double start_cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
        rc = avqa_feature_run(work, rows, items, BATCH);
        double rate = BATCH / (now_s(CLOCK_MONOTONIC) - start);
        double rate_cpu = BATCH / (now_s(CLOCK_PROCESS_CPUTIME_ID) - start_cpu);
        best = i > 0 && rate > best ? rate : best;
        best_cpu = i > 0 && rate_cpu > best_cpu ? rate_cpu : best_cpu;
    }
    printf("avqa %s music-avqa: %s %.1f %.1f (%zu MB between layers)\n", name,
           avqa_feature_encoder_precision(enc), best, best_cpu,
           avqa_feature_encoder_work_bytes(enc) >> 20);
    free(items);
    free(rows);
    avqa_feature_work_free(work);
    avqa_feature_encoder_free(enc);
    return rc;
}

int main(int argc, char **argv)
{
    size_t n_threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    enum avqa_status rc = measure("resnet18", n_threads, seconds);
    if (rc == AVQA_OK)
        rc = measure("vggish", n_threads, seconds);
    if (rc != AVQA_OK)
        fprintf(stderr, "%s\n", avqa_message());
    return rc != AVQA_OK;
}
