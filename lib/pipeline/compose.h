/* Clips are put together: two sounds over one picture, pictures side by side, a picture
 * with another one's sound. New clips lie beside the others, with their parents, how
 * they were made, and the facts that follow from their parents' facts. What is there
 * already and was made in the same way is left alone; what cannot be made has its
 * reason in the ledger and stops nothing. */
#ifndef AVQA_PIPELINE_COMPOSE_H
#define AVQA_PIPELINE_COMPOSE_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "media/encode.h"
#include "pipeline/remarks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum avqa_compose_kind {
    AVQA_COMPOSE_OVERLAY, /* a clip, and another one's sound over it */
    AVQA_COMPOSE_STITCH,  /* clips side by side */
    AVQA_COMPOSE_MATCH,   /* a clip's picture with another one's sound */
};

struct avqa_compose_config {
    const char *dataset;
    enum avqa_compose_kind kind;
    size_t count;          /* of clips; 0: as many as per_instrument allows */
    size_t per_instrument; /* clips with an instrument; 0: any number */
    const char *pairs;     /* file that says which clips; or NULL */
    bool any;              /* also clips with several instruments, or without facts */
    bool same_instrument;  /* may be put together */
    int columns, rows;     /* of a stitch */
    int cell_width, cell_height; /* 0: as the first picture */
    size_t sounding;             /* parts of a stitch that are heard; 0: all */
    double gain_db;              /* of the sound that is added or exchanged */
    double loudness_lufs;        /* NaN: as they are */
    bool lossless;
    int crf;
    uint64_t seed;
    size_t n_jobs; /* 0: one per core */
    bool dry_run;
    const struct avqa_log *log;
};

struct avqa_compose_counts {
    int64_t clips;   /* that there are to be */
    int64_t missing; /* that were asked for, and the rules leave no parents for */
    int64_t composed, unchanged, failed;
    int64_t lowered;  /* composed, and as a whole less loud, so as not to clip */
    int64_t refacted; /* unchanged, with new facts */
    int64_t pictures, samples, bytes;
    struct avqa_json *instruments; /* clips that each is in */
    struct avqa_json *left_out;    /* clips that were not to be chosen, by reason */
    struct avqa_json *pairs;       /* all, and those that the rules refuse */
    struct avqa_remarks failures, remarks; /* by clip */
};

void avqa_compose_counts_release(struct avqa_compose_counts *counts);
struct avqa_json *avqa_compose_counts_json(const struct avqa_compose_counts *counts);

/* `counts` starts zero and is filled on failure too. A clip that cannot be composed is
 * no failure of the command. A dry run makes nothing and counts what would be composed.
 * The result depends on the catalog and the seed, not on n_jobs. */
AVQA_CHECK enum avqa_status avqa_compose_clips(const struct avqa_compose_config *config,
                                               struct avqa_compose_counts *counts);

#endif
