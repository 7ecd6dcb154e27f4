/* run.json: what makes a run what it is, so that it can be made again, and so that one
 * which goes on does not go on with other data. docs/runs.md says what is in it. */
#ifndef AVQA_PIPELINE_TRAIN_RECORD_H
#define AVQA_PIPELINE_TRAIN_RECORD_H

#include "base/json.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "model/model.h"
#include "pipeline/train_options.h"
#include "pipeline/train_set.h"
#include "qa/vocabulary.h"
#include "train/set.h"

/* All is borrowed. */
struct avqa_train_record {
    const char *dataset;
    const struct avqa_train_options *options;
    const struct avqa_model_size *size;
    const struct avqa_vocabulary *vocabulary;
    const struct avqa_train_set *train, *val; /* val may be NULL */
    const struct avqa_json *init;             /* what it began with, or NULL */
    int64_t now_us;
};

AVQA_CHECK enum avqa_status
avqa_train_record_make(struct avqa_json **out, struct avqa_catalog *cat,
                       const struct avqa_train_record *record);

/* Reads the run.json of a folder, and what it must have; the options lend its texts.
 * `*out` is the caller's, NULL after a failure, whose message names the file. */
AVQA_CHECK enum avqa_status avqa_train_record_read(struct avqa_json **out,
                                                   struct avqa_train_options *options,
                                                   struct avqa_model_size *size,
                                                   const char *folder);

/* What a run's features were made by, out of its run.json, which lends the texts; names
 * are NULL where an earlier avqa did not write them. */
void avqa_train_record_encoders(struct avqa_train_made *out,
                                const struct avqa_json *run);

/* Whether a run that began with `begun` can go on with `now`: AVQA_EINVAL says what
 * became another (questions, features, vocabulary). */
AVQA_CHECK enum avqa_status avqa_train_record_check(const struct avqa_json *begun,
                                                    const struct avqa_json *now);

#endif
