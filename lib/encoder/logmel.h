/* What VGGish hears: a 0.96 s example as 96 x 64 logarithms of mel bands. Samples at
 * 16 kHz, one channel, full scale 1. Every 10 ms a periodic Hann window of 25 ms,
 * padded to 512; magnitudes (not power); 64 triangles on the HTK mel scale from 125 to
 * 7500 Hz, linear in mel, without the first bin; ln(mel + 0.01). As audioset/vggish of
 * tensorflow/models (mel_features.py, vggish_params.py) defines it. */
#ifndef AVQA_ENCODER_LOGMEL_H
#define AVQA_ENCODER_LOGMEL_H

#include "base/status.h"
#include "encoder/kind.h"

enum {
    AVQA_LOGMEL_RATE_HZ = 16000,
    AVQA_LOGMEL_FRAMES = 96,
    AVQA_LOGMEL_BANDS = 64,
    AVQA_LOGMEL_HOP = 160,    /* samples from frame to frame */
    AVQA_LOGMEL_WINDOW = 400, /* samples of a frame */
    AVQA_LOGMEL_SAMPLES =
        (AVQA_LOGMEL_FRAMES - 1) * AVQA_LOGMEL_HOP + AVQA_LOGMEL_WINDOW,
};

/* For one thread at a time. */
struct avqa_logmel;
AVQA_CHECK enum avqa_status avqa_logmel_new(struct avqa_logmel **out);
void avqa_logmel_free(struct avqa_logmel *logmel); /* NULL is legal */

/* AVQA_LOGMEL_SAMPLES samples become `out` [96, 64]. */
void avqa_logmel_example(struct avqa_logmel *logmel, float *out, const float *samples);

/* The same as the tool and the preparation of a kind of encoder. */
enum avqa_status avqa_logmel_tool_new(void **tool,
                                      const struct avqa_feature_kind *kind);
void avqa_logmel_tool_free(void *tool);
enum avqa_status avqa_logmel_prepare(const struct avqa_feature_kind *kind, void *tool,
                                     void *item,
                                     const struct avqa_feature_source *from);

const struct avqa_feature_kind *avqa_logmel_kinds(size_t *n);

#endif
