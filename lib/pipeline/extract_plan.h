/* What an extraction is to do: which clips have no features or others than asked for,
 * and which of them go into which shard. It follows from the catalog, the options and
 * the sizes of the files alone, so a run that was killed goes on where it was. */
#ifndef AVQA_PIPELINE_EXTRACT_PLAN_H
#define AVQA_PIPELINE_EXTRACT_PLAN_H

#include "catalog/catalog.h"
#include "pipeline/extract.h"
#include "pipeline/extract_feature.h"

struct avqa_extract_item {
    int64_t clip_id, source_id;
    char *name;   /* the clip's; PICTURE+SOUND if another one is heard than seen */
    char *key;    /* of its sample; no other item has it */
    char *source; /* or NULL */
    char *path;
    int64_t start_us, end_us;             /* of the file; an end of 0 is the file's */
    char *recipes[AVQA_EXTRACT_N_INPUTS]; /* NULL: not to be made */
    bool is_known; /* to have none of something that is asked for */
    size_t shard;
};

/* A clip whose file is not there, is another one, or has to be cut first. */
struct avqa_extract_refusal {
    int64_t clip_id, source_id;
    struct avqa_remark remark;
};

/* Items [first, first + n). */
struct avqa_extract_group {
    char *path; /* relative to the dataset's folder */
    size_t first, n;
};

struct avqa_extract_plan {
    struct avqa_extract_item *items;
    size_t n_items, cap_items;
    struct avqa_extract_group *groups;
    size_t n_groups, cap_groups;
    struct avqa_extract_refusal *refusals;
    size_t n_refusals, cap_refusals;
};

/* Clips that have their features, or are known to have none, are counted in `counts`.
 */
AVQA_CHECK enum avqa_status
avqa_extract_plan_make(struct avqa_extract_plan *plan, struct avqa_catalog *cat,
                       const struct avqa_extract_config *config,
                       const struct avqa_extract_features *features,
                       struct avqa_extract_counts *counts);
void avqa_extract_plan_release(struct avqa_extract_plan *plan);

/* Remembers one more clip without features (failed) or with flawed ones, and warns of
 * the first twenty. */
void avqa_extract_remark(struct avqa_extract_counts *counts,
                         const struct avqa_extract_config *config, bool failed,
                         const struct avqa_remark *remark);
/* Warns of how many more there were. */
void avqa_extract_remarks_end(const struct avqa_extract_counts *counts,
                              const struct avqa_extract_config *config);

#endif
