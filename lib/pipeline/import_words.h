/* Words of facts that the templates do not have. No question can name such an
 * instrument or scene, which is often a slip of spelling: an import says so, and
 * imports it. */
#ifndef AVQA_PIPELINE_IMPORT_WORDS_H
#define AVQA_PIPELINE_IMPORT_WORDS_H

#include "base/log.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "qa/facts.h"
#include "qa/template.h"

#include <stdbool.h>
#include <stdint.h>

enum { AVQA_IMPORT_WORDS_SHOWN = 5 };

struct avqa_import_words_seen {
    int64_t n; /* how often one was met */
    char *first[AVQA_IMPORT_WORDS_SHOWN];
    int n_first;
    bool more; /* than those */
};

struct avqa_import_words {
    struct avqa_templates *templates; /* NULL: there is nothing to compare with */
    struct avqa_import_words_seen instruments, scenes;
};

/* Compares with the dataset's templates; without any, with those of the file at `path`
 * that a dataset gets when none are asked for, if it is there (may be NULL). `words`
 * starts zero. */
AVQA_CHECK enum avqa_status avqa_import_words_open(struct avqa_import_words *words,
                                                   struct avqa_catalog *cat,
                                                   const char *path);
void avqa_import_words_add(struct avqa_import_words *words,
                           const struct avqa_scene *scene);
/* A warning for instruments and one for scenes, where there were any. */
void avqa_import_words_warn(const struct avqa_import_words *words,
                            const struct avqa_log *log);
void avqa_import_words_release(struct avqa_import_words *words);

#endif
