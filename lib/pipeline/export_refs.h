/* What the rows of a dataset refer to, by the numbers in them: texts, clips, templates
 * and splits, read at once, so that a row costs no further question to the catalog. */
#ifndef AVQA_PIPELINE_EXPORT_REFS_H
#define AVQA_PIPELINE_EXPORT_REFS_H

#include "base/arena.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/question.h"
#include "qa/template.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_export_clip {
    const char *picture, *sound;
};

struct avqa_export_refs {
    struct avqa_arena arena;
    const char **texts; /* phrases by id */
    size_t n_texts;
    struct avqa_export_clip *clips; /* by id */
    size_t n_clips, cap_clips;
    struct avqa_templates *templates;
    const struct avqa_template **by_id; /* templates by catalog id */
    size_t n_by_id, cap_by_id;
    const char **splits; /* names by id */
    size_t n_splits, cap_splits;
};

/* `refs` starts zero; release it in any case. */
AVQA_CHECK enum avqa_status avqa_export_refs_load(struct avqa_export_refs *refs,
                                                  struct avqa_catalog *cat);
void avqa_export_refs_release(struct avqa_export_refs *refs);

/* The template of a row. AVQA_EFORMAT if anything that the row refers to is not there:
 * a foreign key only binds who writes. */
AVQA_CHECK enum avqa_status avqa_export_refs_find(const struct avqa_template **t,
                                                  const struct avqa_export_refs *refs,
                                                  const struct avqa_question *q);

/* "" if there is none. All these are borrowed. */
const char *avqa_export_text(const struct avqa_export_refs *refs, int64_t id);
/* Of a row that was found. */
const struct avqa_export_clip *avqa_export_clip(const struct avqa_export_refs *refs,
                                                const struct avqa_question *q);
const char *avqa_export_split(const struct avqa_export_refs *refs,
                              const struct avqa_question *q);

#endif
