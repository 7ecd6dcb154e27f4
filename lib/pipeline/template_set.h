/* The templates a stage works with: those of the dataset, or of a file where it has
 * none yet, which then become the dataset's. */
#ifndef AVQA_PIPELINE_TEMPLATE_SET_H
#define AVQA_PIPELINE_TEMPLATE_SET_H

#include "base/arena.h"
#include "catalog/catalog.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads and stores them. `*templates` is yours; `*ids`, the catalog's id of each, is
 * the arena's. Messages about the file name it. */
AVQA_CHECK enum avqa_status avqa_template_set_use(struct avqa_templates **templates,
                                                  int64_t **ids,
                                                  struct avqa_arena *arena,
                                                  struct avqa_catalog *cat,
                                                  const char *path);

/* Likewise, but those of the file also where the dataset has some, for the questions
 * that are there, too. */
AVQA_CHECK enum avqa_status avqa_template_set_replace(struct avqa_templates **templates,
                                                      int64_t **ids,
                                                      struct avqa_arena *arena,
                                                      struct avqa_catalog *cat,
                                                      const char *path);

/* Whether the dataset has templates that are not the file's. */
AVQA_CHECK enum avqa_status
avqa_template_set_differs(bool *differs, struct avqa_catalog *cat, const char *path);

#endif
