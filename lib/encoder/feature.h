/* The encoders behind one registry: what makes rows of features out of pictures or
 * sound. Each is a name and a preset (resnet18, music-avqa) that fix everything down to
 * the rounding, so that rows with the same provenance are the same numbers.
 *
 * An encoder is made once and shared by threads; each thread has its own work space. A
 * row does not depend on what the other rows of its batch are. Its last bits may depend
 * on the kind of processor, on the size of the batch and, with some sizes, on its place
 * in it (VGGish: 7 to 9, 13 to 15, 32); who needs equal rows takes a batch that
 * pipeline/extract_batch.h has tried. */
#ifndef AVQA_ENCODER_FEATURE_H
#define AVQA_ENCODER_FEATURE_H

#include "base/hash.h"
#include "base/status.h"
#include "encoder/resize.h"
#include "nn/onednn.h"
#include "nn/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_feature_input { AVQA_FEATURE_PICTURE, AVQA_FEATURE_SOUND };

struct avqa_feature_info {
    const char *name, *preset;
    const char *what; /* half a sentence */
    enum avqa_feature_input input;
    enum avqa_tensor_type type; /* of a row */
    size_t rank, shape[3];
    /* Pictures: the shorter side becomes `shorter`, the middle side x side of that is
     * seen; 0: all of the picture, squashed. */
    int shorter, side;
    /* Sound: row k is made of `window` samples from k * hop on; hop 0: of the first
     * ones, there is one row. `tiles`: sound that is too short is repeated. */
    int rate_hz;
    size_t window, hop;
    bool tiles;
    const char *weights; /* "resnet18": the file DIR/resnet18.safetensors; or NULL */
};

/* All encoders, in a fixed order. */
size_t avqa_feature_count(void);
const struct avqa_feature_info *avqa_feature_at(size_t i);
/* By name and preset (NULL: the name's first). AVQA_ENOENT lists what there is. */
AVQA_CHECK enum avqa_status avqa_feature_find(const struct avqa_feature_info **out,
                                              const char *name, const char *preset);

size_t avqa_feature_row_bytes(const struct avqa_feature_info *info);
/* How many rows `n` samples give without padding. */
size_t avqa_feature_n_rows(const struct avqa_feature_info *info, size_t n_samples);
/* The `window` samples of a row; what is missing is silence, or (tiles) a repetition.
 */
void avqa_feature_cut(const struct avqa_feature_info *info, float *window,
                      const float *samples, size_t n_samples, size_t row);

struct avqa_feature_options {
    const char *name, *preset;
    const char *weights; /* a folder, or "random:SEED"; for encoders with a network */
    size_t batch;        /* rows computed together */
    size_t n_threads;    /* of one run */
    enum avqa_dnn_precision precision;
};

#define AVQA_FEATURE_DEFAULTS                                                          \
    {                                                                                  \
        .batch = 8, .n_threads = 1, .precision = AVQA_DNN_F32                          \
    }

enum { AVQA_FEATURE_MAX_BATCH = 256 };

struct avqa_feature_encoder;

/* AVQA_ENOENT for an unknown encoder or a missing file of weights, AVQA_EFORMAT for
 * weights that do not fit, naming the tensor, AVQA_EINVAL for other options. */
AVQA_CHECK enum avqa_status
avqa_feature_encoder_new(struct avqa_feature_encoder **out,
                         const struct avqa_feature_options *options);
void avqa_feature_encoder_free(struct avqa_feature_encoder *enc); /* NULL is legal */

const struct avqa_feature_info *
avqa_feature_encoder_info(const struct avqa_feature_encoder *enc);
size_t avqa_feature_encoder_batch(const struct avqa_feature_encoder *enc);
/* What goes into a row's provenance: the SHA-256 of the file of weights, "random:SEED",
 * or "" if there are none. Borrowed. */
const char *avqa_feature_encoder_weights(const struct avqa_feature_encoder *enc);
/* "f32" or "bf16". */
const char *avqa_feature_encoder_precision(const struct avqa_feature_encoder *enc);
/* A prepared input; small, so that it is what waits in queues. */
size_t avqa_feature_encoder_item_bytes(const struct avqa_feature_encoder *enc);
/* Bytes of memory that one work space takes. */
size_t avqa_feature_encoder_work_bytes(const struct avqa_feature_encoder *enc);

/* A picture or samples, as the encoder's input is. */
struct avqa_feature_source {
    struct avqa_rgb picture;
    const float *samples; /* info->window of them, one channel, full scale 1 */
};

/* One thread's memory. Must not outlive the encoder. */
struct avqa_feature_work;
AVQA_CHECK enum avqa_status
avqa_feature_work_new(struct avqa_feature_work **out,
                      const struct avqa_feature_encoder *enc);
void avqa_feature_work_free(struct avqa_feature_work *work); /* NULL is legal */

/* The first half of encoding: an input becomes an item (item_bytes of memory). */
AVQA_CHECK enum avqa_status
avqa_feature_prepare(struct avqa_feature_work *work, void *item,
                     const struct avqa_feature_source *from);
/* The second: `n` items (at most the batch), one after the other, become `n` rows. They
 * may come from different clips. */
AVQA_CHECK enum avqa_status avqa_feature_run(struct avqa_feature_work *work, void *rows,
                                             const void *items, size_t n);

#endif
