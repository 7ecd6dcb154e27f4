/* The dataset folder: where it is, what is in it, how one is made. */
#ifndef AVQA_PIPELINE_DATASET_H
#define AVQA_PIPELINE_DATASET_H

#include "base/json.h"
#include "base/status.h"
#include "catalog/catalog.h"

#include <stdbool.h>

/* The folder with catalog.sqlite at `start` or above it, as git does. Caller frees. */
AVQA_CHECK enum avqa_status avqa_dataset_find(char **dir, const char *start);

/* Makes the folder and its catalog. `name` NULL takes the folder's own name. */
AVQA_CHECK enum avqa_status avqa_dataset_init(const char *dir, const char *name);

/* Opens the catalog of a dataset folder. `*out` is yours. */
AVQA_CHECK enum avqa_status avqa_dataset_open(struct avqa_catalog **out,
                                              const char *dir,
                                              enum avqa_catalog_mode mode);

/* Whether this template file can be used with the dataset: it is one, and the dataset
 * has none yet or this very one. AVQA_EEXIST names both. */
AVQA_CHECK enum avqa_status avqa_dataset_check_templates(const char *dir,
                                                         const char *path);

/* How many of everything there is, what failed and what could come next, as JSON. */
AVQA_CHECK enum avqa_status avqa_dataset_status(struct avqa_json **out,
                                                const char *dir);

#endif
