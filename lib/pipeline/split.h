/* Splitting a dataset so that nothing leaks: whole components only (audit/component.h),
 * every template and answer shared out as asked as closely as they allow. */
#ifndef AVQA_PIPELINE_SPLIT_H
#define AVQA_PIPELINE_SPLIT_H

#include "audit/stratify.h"
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_split_config {
    const char *dataset; /* folder */
    const char *ratios;  /* "train=7,val=1,test=2" */
    uint64_t seed;
    bool dry_run;
    const struct avqa_log *log; /* is warned of splits that stay empty or end far from
                                 * what was asked, and asked whether to stop */
};

/* Whether the ratios make sense; AVQA_EINVAL names what is wrong with them. */
AVQA_CHECK enum avqa_status avqa_split_check(const struct avqa_split_config *config);

/* Assigns every question of the dataset to one of the named splits, in one transaction;
 * the old splits are gone. `*report` is the caller's: {"components",
 * "joined_by_media" (components fewer, because files are the same or alike), "largest":
 * {"videos", "questions", "first"}, "splits": {NAME: {"asked", "got", "questions",
 * "videos", "answer_tvd"}}, "worst": [{"template", "answer", "split", "asked",
 * "got"}]}. AVQA_EINVAL as avqa_split_check, or if there are too few components. */
AVQA_CHECK enum avqa_status avqa_split(const struct avqa_split_config *config,
                                       struct avqa_json **report);

#endif
