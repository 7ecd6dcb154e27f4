/* The features of a set's clips, where they stand: shards open, each clip's arrays
 * found and compared with what the model expects. Reading needs a lane, so threads read
 * at the same time. */
#ifndef AVQA_TRAIN_FEATURES_H
#define AVQA_TRAIN_FEATURES_H

#include "base/status.h"
#include "nn/map.h"
#include "shard/reader.h"
#include "train/set.h"

#include <stdbool.h>
#include <stddef.h>

/* Opens a shard of a set; `*out` is the caller's. */
typedef enum avqa_status avqa_features_open_fn(void *user, struct avqa_shard **out,
                                               const char *shard);

struct avqa_features_options {
    bool hears, sees;                  /* which are wanted */
    size_t n_rows;                     /* that a clip must have at least */
    avqa_features_open_fn *open_shard; /* NULL: files (avqa_shard_source_watched) */
    void *user;
};

struct avqa_features;

/* The set is borrowed. Everything is looked at before this returns: AVQA_ENOENT (no
 * such rows) or AVQA_EFORMAT (other ones) say how many clips have not what is wanted,
 * and what the first one lacks. `*out` is yours. */
AVQA_CHECK enum avqa_status
avqa_features_open(struct avqa_features **out, const struct avqa_train_set *set,
                   const struct avqa_features_options *options);
void avqa_features_close(struct avqa_features *features); /* NULL is legal */

/* Bytes of memory that a clip's map takes. */
size_t avqa_features_map_room(const struct avqa_features *features, size_t clip,
                              size_t row);
/* A clip's map as it stands, into `room`, which `out` points into. What is read is
 * checked: avqa_map_holds. */
AVQA_CHECK enum avqa_status avqa_features_map(struct avqa_map *out,
                                              const struct avqa_features *features,
                                              struct avqa_shard_lane *lane, size_t clip,
                                              size_t row, void *room);

/* Rows 0, stride, 2 stride, ... of a clip's sound: out [n, sound]. */
AVQA_CHECK enum avqa_status avqa_features_sound(float *out,
                                                const struct avqa_features *features,
                                                struct avqa_shard_lane *lane,
                                                size_t clip, size_t n, size_t stride);

#endif
