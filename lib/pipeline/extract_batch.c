/* See extract_batch.h. The input is noise, so that sums in another order differ. */
#include "pipeline/extract_batch.h"
#include "base/mem.h"
#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE = 64 };

/* One item out of noise. */
static enum avqa_status make_item(struct avqa_feature_work *work, void *item,
                                  const struct avqa_feature_info *info)
{
    struct avqa_rng rng;
    uint8_t *pixels = NULL;
    float *samples = NULL;
    avqa_rng_init(&rng, 1, "noise");
    enum avqa_status rc = avqa_mem_array(&pixels, SIDE * SIDE, 3);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&samples, info->window + 1, sizeof *samples);
    for (size_t i = 0; rc == AVQA_OK && i < (size_t)SIDE * SIDE * 3; i++)
        pixels[i] = (uint8_t)avqa_rng_next(&rng);
    for (size_t i = 0; rc == AVQA_OK && i < info->window; i++)
        samples[i] = (float)(avqa_rng_next(&rng) & 0xffff) / 65536.0F - 0.5F;
    const struct avqa_feature_source from = {
        .picture = {.pixels = pixels, .width = SIDE, .height = SIDE},
        .samples = samples};
    if (rc == AVQA_OK)
        rc = avqa_feature_prepare(work, item, &from);
    free(pixels);
    free(samples);
    return rc;
}

enum avqa_status avqa_extract_batch_check(bool *same,
                                          const struct avqa_feature_encoder *encoder)
{
    const struct avqa_feature_info *info = avqa_feature_encoder_info(encoder);
    const size_t batch = avqa_feature_encoder_batch(encoder);
    const size_t item = avqa_feature_encoder_item_bytes(encoder);
    const size_t row = avqa_feature_row_bytes(info);
    struct avqa_feature_work *work = NULL;
    char *items = NULL;
    char *rows = NULL;
    *same = true;
    enum avqa_status rc = avqa_feature_work_new(&work, encoder);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&items, batch, item);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&rows, batch, row);
    if (rc == AVQA_OK)
        rc = make_item(work, items, info);
    for (size_t i = 1; rc == AVQA_OK && i < batch; i++)
        memcpy(items + i * item, items, item);
    if (rc == AVQA_OK)
        rc = avqa_feature_run(work, rows, items, batch);
    for (size_t i = 1; rc == AVQA_OK && i < batch; i++)
        *same = *same && memcmp(rows, rows + i * row, row) == 0;
    avqa_feature_work_free(work);
    free(items);
    free(rows);
    return rc;
}

enum avqa_status avqa_extract_batch_encoder(struct avqa_feature_encoder **out,
                                            const struct avqa_feature_options *options)
{
    static const size_t batches[] = {12, AVQA_EXTRACT_MAX_BATCH, 8, 6, 4, 1};
    struct avqa_feature_options o = *options;
    enum avqa_status rc = AVQA_OK;
    bool same = false;
    *out = NULL;
    for (size_t i = 0; rc == AVQA_OK && !same; i++) {
        avqa_feature_encoder_free(*out);
        *out = NULL;
        o.batch = batches[i];
        rc = avqa_feature_encoder_new(out, &o);
        if (rc == AVQA_OK && o.batch == 1)
            break;
        if (rc == AVQA_OK)
            rc = avqa_extract_batch_check(&same, *out);
    }
    if (rc != AVQA_OK) {
        avqa_feature_encoder_free(*out);
        *out = NULL;
    }
    return rc;
}
