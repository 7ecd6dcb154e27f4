/* Sources become clips: every stretch that the catalog knows of, or stretches of one
 * length, and their mirrored twins, as files in the dataset's clips folder. A clip that
 * was cut in the same way before is left alone; one that cannot be cut has its reason
 * in the ledger and stops nothing. */
#ifndef AVQA_PIPELINE_SEGMENT_H
#define AVQA_PIPELINE_SEGMENT_H

#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "media/cut.h"
#include "pipeline/remarks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_segment_config {
    const char *dataset;
    int64_t length_us; /* of each clip; 0: what the catalog says */
    bool scenes;       /* from one change of scene to the next, instead of a length */
    double threshold;  /* of a change: FFmpeg's score, 0 to 100 */
    int64_t least_us;  /* of a scene */
    bool keep_last;    /* with a length or scenes: also what is left at the end */
    bool flip;         /* also the mirrored clip of each */
    int crf;           /* quality: 0 is lossless, 51 worst */
    enum avqa_cut_mode mode;
    size_t n_jobs; /* 0: one per core */
    bool dry_run;
    const struct avqa_log *log;
};

struct avqa_segment_counts {
    int64_t clips; /* that there are to be */
    int64_t made;  /* new in the catalog */
    int64_t cut, unchanged, failed;
    int64_t flawed;                   /* cut, but short, without sound, or damaged */
    int64_t pictures, samples, bytes; /* of those cut */
    int64_t copied;                   /* pictures that were not encoded anew */
    int64_t fell_back;                /* clips cut exactly where smart was asked for */
    int64_t no_scenes;                /* sources in which none could be found */
    int64_t divided; /* sources that are divided in another way already */
    struct avqa_remarks failures, remarks, fallbacks; /* by clip */
    struct avqa_remarks refused;                      /* by source */
};

void avqa_segment_counts_release(struct avqa_segment_counts *counts);
struct avqa_json *avqa_segment_counts_json(const struct avqa_segment_counts *counts);

/* `counts` starts zero and is filled on failure too. A clip that cannot be cut is no
 * failure of the command. A dry run makes nothing and counts what would be cut. */
AVQA_CHECK enum avqa_status avqa_segment(const struct avqa_segment_config *config,
                                         struct avqa_segment_counts *counts);

#endif
