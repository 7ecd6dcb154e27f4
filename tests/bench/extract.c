/* The parts of an extraction alone, in CPU seconds; see decode.sh and extract.sh.
 *   bench_extract decode FILE    60 pictures of 224 x 224 and the sound in one pass
 *   bench_extract all FILE       the same, every picture decoded
 *   bench_extract prepare FILE   whole pictures, scaled as the encoders want them
 *   bench_extract network ROWS   so many rows of resnet18 and vggish, f32, one thread
 */
#include "base/clock.h"
#include "base/mem.h"
#include "media/decode.h"
#include "pipeline/extract_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct taken {
    struct avqa_feature_work *work;
    void *item;
    size_t n_pictures, n_samples;
};

static enum avqa_status take_picture(void *user, const struct avqa_decoded *d)
{
    struct taken *t = user;
    const struct avqa_feature_source from = {
        .picture = {.pixels = d->rgb, .width = d->width, .height = d->height}};
    t->n_pictures++;
    return t->work ? avqa_feature_prepare(t->work, t->item, &from) : AVQA_OK;
}

static enum avqa_status take_samples(void *user, const float *mono, size_t n)
{
    struct taken *t = user;
    (void)mono;
    t->n_samples += n;
    return AVQA_OK;
}

static enum avqa_status decode(const char *path, const char *how)
{
    struct avqa_decode_options o = AVQA_DECODE_DEFAULTS;
    struct avqa_feature_options f = AVQA_FEATURE_DEFAULTS;
    struct avqa_feature_encoder *enc = NULL;
    struct avqa_decode_report report;
    struct taken t = {.work = NULL};
    enum avqa_status rc = AVQA_OK;
    if (strcmp(how, "prepare") == 0) {
        f.name = "frames";
        rc = avqa_feature_encoder_new(&enc, &f);
        if (rc == AVQA_OK)
            rc = avqa_feature_work_new(&t.work, enc);
        if (rc == AVQA_OK)
            rc = avqa_mem_array(&t.item, avqa_feature_encoder_item_bytes(enc), 1);
    } else {
        o.width = o.height = 224;
    }
    o.decode_all = strcmp(how, "all") == 0;
    o.picture = take_picture;
    o.samples = take_samples;
    o.user = &t;
    int64_t start_us = avqa_clock_cpu_us();
    if (rc == AVQA_OK)
        rc = avqa_decode(&report, path, &o);
    printf("%.3f CPU s, %zu pictures, %zu samples\n",
           (double)(avqa_clock_cpu_us() - start_us) / 1e6, t.n_pictures, t.n_samples);
    avqa_feature_work_free(t.work);
    avqa_feature_encoder_free(enc);
    free(t.item);
    return rc;
}

/* Adds the CPU time of `n` rows of zeros. */
static enum avqa_status run_network(const char *name, size_t n)
{
    struct avqa_feature_options o = AVQA_FEATURE_DEFAULTS;
    struct avqa_feature_encoder *enc = NULL;
    struct avqa_feature_work *work = NULL;
    char *items = NULL;
    char *rows = NULL;
    o.name = name;
    o.preset = "music-avqa";
    o.weights = "random:7";
    enum avqa_status rc = avqa_extract_batch_encoder(&enc, &o);
    size_t batch = rc == AVQA_OK ? avqa_feature_encoder_batch(enc) : 1;
    if (rc == AVQA_OK)
        rc = avqa_feature_work_new(&work, enc);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&items, batch, avqa_feature_encoder_item_bytes(enc));
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&rows, batch,
                            avqa_feature_row_bytes(avqa_feature_encoder_info(enc)));
    int64_t start_us = avqa_clock_cpu_us();
    for (size_t i = 0; rc == AVQA_OK && i < n; i += batch)
        rc = avqa_feature_run(work, rows, items, n - i < batch ? n - i : batch);
    printf("%.3f CPU s, %s, %zu rows, %zu at once\n",
           (double)(avqa_clock_cpu_us() - start_us) / 1e6, name, n, batch);
    avqa_feature_work_free(work);
    avqa_feature_encoder_free(enc);
    free(items);
    free(rows);
    return rc;
}

int main(int argc, char **argv)
{
    enum avqa_status rc = AVQA_OK;
    if (argc == 3 && strcmp(argv[1], "network") == 0) {
        size_t n = strtoul(argv[2], NULL, 10);
        rc = run_network("resnet18", n);
        if (rc == AVQA_OK)
            rc = run_network("vggish", n);
    } else if (argc == 3) {
        rc = decode(argv[2], argv[1]);
    } else {
        fputs("usage: bench_extract decode|all|prepare FILE, network ROWS\n", stderr);
        return 2;
    }
    if (rc != AVQA_OK)
        fprintf(stderr, "bench_extract: %s\n", avqa_message());
    return rc == AVQA_OK ? 0 : 1;
}
