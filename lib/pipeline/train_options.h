/* What a run of training is made with: every option as it is typed, as JSON in
 * runs/NAME/run.json, and as what lib/train wants. The defaults stand here once, those
 * of the loader in train/loader.h. */
#ifndef AVQA_PIPELINE_TRAIN_OPTIONS_H
#define AVQA_PIPELINE_TRAIN_OPTIONS_H

#include "base/json.h"
#include "base/status.h"
#include "model/model.h"
#include "nn/optimiser.h"
#include "nn/schedule.h"
#include "train/loader.h"

#include <stddef.h>
#include <stdint.h>

#define AVQA_TRAIN_SPLIT "train"
#define AVQA_TRAIN_VAL_SPLIT "val"
#define AVQA_TRAIN_NO_SPLIT "none"
#define AVQA_TRAIN_TOKENS "music-avqa"
#define AVQA_TRAIN_OPTIMISER "adam"
#define AVQA_TRAIN_SCHEDULE "step:8:0.1"
#define AVQA_TRAIN_NEGATIVES "corpus"
#define AVQA_TRAIN_EPOCHS 30
#define AVQA_TRAIN_BATCH 64
#define AVQA_TRAIN_RATE 1e-4
#define AVQA_TRAIN_MOMENTUM 0.9
#define AVQA_TRAIN_SAVE_MINUTES 10

/* The most that numbers may be; they are at least 0, and AVQA_TRAIN_MIN where nothing
 * could be learnt with 0. */
enum {
    AVQA_TRAIN_MIN = 1, /* epochs, batch, stride, seconds */
    AVQA_TRAIN_MAX_EPOCHS = 100000,
    AVQA_TRAIN_MAX_BATCH = 65536,
    AVQA_TRAIN_MAX_STRIDE = 86400,
    AVQA_TRAIN_MAX_SECONDS = 1000,
    AVQA_TRAIN_MAX_CACHE_MB = 1 << 20,
    AVQA_TRAIN_MAX_SAVE_STEPS = 1000000000,
    AVQA_TRAIN_MAX_SAVE_MINUTES = 100000,
    AVQA_TRAIN_MAX_RATE = 1000,
    AVQA_TRAIN_MAX_DECAY = 1000,
    AVQA_TRAIN_MAX_MOMENTUM = 1, /* as typed, less than that */
    AVQA_TRAIN_MAX_CLIP = 1000000000,
};

/* Texts are borrowed; NULL where nothing was said. */
struct avqa_train_options {
    const char *model, *stage;           /* stage NULL or "grounding" */
    const char *train_split, *val_split; /* val "none": nothing is validated */
    const char *visual, *audio;          /* encoders; NULL: the only one there is */
    const char *init;                    /* a run or a file of weights to begin with */
    const char *tokens, *vocabulary;     /* a file, or NULL: of the training split */
    const char *negatives, *optimiser, *schedule;
    int64_t seed, batch, stride, seconds;
    double rate, warm_up, clip_norm, weight_decay, momentum;
    /* these may change from one attempt to the next, the numbers do not: */
    int64_t epochs, patience, cache_mb, save_steps;
    double save_minutes;
};

#define AVQA_TRAIN_OPTIONS_DEFAULTS                                                    \
    {                                                                                  \
        .train_split = AVQA_TRAIN_SPLIT, .val_split = AVQA_TRAIN_VAL_SPLIT,            \
        .tokens = AVQA_TRAIN_TOKENS, .negatives = AVQA_TRAIN_NEGATIVES,                \
        .optimiser = AVQA_TRAIN_OPTIMISER, .schedule = AVQA_TRAIN_SCHEDULE,            \
        .batch = AVQA_TRAIN_BATCH, .stride = AVQA_LOADER_STRIDE,                       \
        .seconds = AVQA_LOADER_SECONDS, .rate = AVQA_TRAIN_RATE,                       \
        .momentum = AVQA_TRAIN_MOMENTUM, .epochs = AVQA_TRAIN_EPOCHS,                  \
        .cache_mb = AVQA_LOADER_CACHE_MB, .save_minutes = AVQA_TRAIN_SAVE_MINUTES      \
    }

/* As JSON, by name as typed with '_' for '-'; yours. And back: AVQA_EFORMAT names what
 * is missing, of another type or out of bounds. Texts are borrowed from the JSON. */
struct avqa_json *avqa_train_options_json(const struct avqa_train_options *options);
AVQA_CHECK enum avqa_status avqa_train_options_read(struct avqa_train_options *out,
                                                    const struct avqa_json *json);

/* The options with which a run goes on: those it began with, but for those of the n
 * `typed` names that may change. AVQA_EINVAL if one is typed, or a model given, that
 * may not and is another than the run's. */
AVQA_CHECK enum avqa_status
avqa_train_options_resume(struct avqa_train_options *given,
                          const struct avqa_train_options *begun,
                          const char *const *typed, size_t n);

/* What options mean. AVQA_EINVAL says what makes no sense, and lists the models. */
struct avqa_train_plan {
    const struct avqa_model *model;
    struct avqa_optimiser optimiser;
    struct avqa_schedule schedule;
    struct avqa_loader_options loader;
};

AVQA_CHECK enum avqa_status
avqa_train_options_plan(struct avqa_train_plan *out,
                        const struct avqa_train_options *options);

#endif
