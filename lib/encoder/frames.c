/* See frames.h. */
#include "encoder/frames.h"

#include <string.h>

enum { SIDE = 224, SHORTER = 256, RATE_HZ = 16000 };

static enum avqa_status prepare_picture(const struct avqa_feature_kind *kind,
                                        void *tool, void *item,
                                        const struct avqa_feature_source *from)
{
    (void)tool;
    struct avqa_resize to =
        kind->info.shorter == 0
            ? avqa_resize_squash(SIDE, SIDE)
            : avqa_resize_crop(&from->picture, kind->info.shorter, kind->info.side);
    return avqa_resize(item, &from->picture, &to);
}

static enum avqa_status prepare_samples(const struct avqa_feature_kind *kind,
                                        void *tool, void *item,
                                        const struct avqa_feature_source *from)
{
    (void)tool;
    memcpy(item, from->samples, kind->info.window * sizeof *from->samples);
    return AVQA_OK;
}

static const struct avqa_feature_kind kinds[] = {
    {.info = {.name = "frames",
              .preset = "squash",
              .what = "the picture squashed to 224 x 224, as bytes",
              .input = AVQA_FEATURE_PICTURE,
              .type = AVQA_TENSOR_U8,
              .rank = 3,
              .shape = {SIDE, SIDE, 3}},
     .prepare = prepare_picture},
    {.info = {.name = "frames",
              .preset = "crop",
              .what = "the shorter side to 256, the middle 224 x 224, as bytes",
              .input = AVQA_FEATURE_PICTURE,
              .type = AVQA_TENSOR_U8,
              .rank = 3,
              .shape = {SIDE, SIDE, 3},
              .shorter = SHORTER,
              .side = SIDE},
     .prepare = prepare_picture},
    {.info = {.name = "waveform",
              .preset = "16k",
              .what = "each second's samples at 16 kHz",
              .input = AVQA_FEATURE_SOUND,
              .type = AVQA_TENSOR_F32,
              .rank = 1,
              .shape = {RATE_HZ},
              .rate_hz = RATE_HZ,
              .window = RATE_HZ,
              .hop = RATE_HZ},
     .prepare = prepare_samples},
};

const struct avqa_feature_kind *avqa_frames_kinds(size_t *n)
{
    *n = sizeof kinds / sizeof *kinds;
    return kinds;
}
