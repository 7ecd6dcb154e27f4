/* The stretches of sources that clips are made of, with the names of these: of one
 * length, or from one change of scene to the next, or those of the clips there are. */
#ifndef AVQA_PIPELINE_STRETCH_H
#define AVQA_PIPELINE_STRETCH_H

#include "base/log.h"
#include "base/status.h"
#include "catalog/catalog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_stretch {
    char *name, *source;
    int64_t source_id; /* 0 where clips gave the stretch */
    int64_t start_us, duration_us;
};

/* A source that is not divided. */
struct avqa_stretch_refusal {
    char *source, *detail; /* detail: a sentence about "it" */
    const char *reason;    /* one word */
    int64_t source_id;
};

struct avqa_stretches {
    struct avqa_stretch *all;
    size_t n, cap;
    struct avqa_stretch_refusal *refused;
    size_t n_refused, refused_cap;
};

struct avqa_stretch_options {
    const char *dataset;
    int64_t length_us; /* of each; 0: by scenes */
    double threshold;  /* of a change of scene, 0 to 100 */
    int64_t least_us;  /* of a scene: a change sooner than that is none */
    bool keep_last;    /* what is left at the end, too, though it is shorter */
    size_t n_jobs;
    const struct avqa_log *log;
};

/* Divides every source with a file; stretches are named as v2 names further clips:
 * ID_#01. For scenes every source is decoded; one that gives none is refused. */
AVQA_CHECK enum avqa_status
avqa_stretches_divide(struct avqa_stretches *out, struct avqa_catalog *cat,
                      const struct avqa_stretch_options *options);

/* Takes away all stretches of a source that was divided in another way before, and
 * refuses it: a name would mean another time, or clips would overlap. */
AVQA_CHECK enum avqa_status
avqa_stretches_refuse_divided(struct avqa_stretches *stretches,
                              struct avqa_catalog *cat);

/* Copies the texts but `reason`. */
void avqa_stretches_refuse(struct avqa_stretches *stretches,
                           const struct avqa_stretch_refusal *refusal);

/* Those of the clips that are no mirrored ones. */
AVQA_CHECK enum avqa_status avqa_stretches_of_clips(struct avqa_stretches *out,
                                                    struct avqa_catalog *cat);

#define AVQA_STRETCH_FLIP "_flip" /* a mirrored clip's name ends with it */
bool avqa_stretch_is_flip(const char *name);

void avqa_stretches_release(struct avqa_stretches *stretches);

#endif
