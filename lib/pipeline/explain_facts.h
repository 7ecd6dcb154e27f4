/* What facts say of the pictures that explain draws: where each instrument is, and in
 * which of the seconds it sounds. */
#ifndef AVQA_PIPELINE_EXPLAIN_FACTS_H
#define AVQA_PIPELINE_EXPLAIN_FACTS_H

#include "base/arena.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "pipeline/explain_pictures.h"
#include "plot/explain.h"

/* The instances of a clip that are seen in a box that is known. */
struct avqa_explain_clip_facts {
    int64_t clip_id;
    size_t n;                       /* of them */
    struct avqa_explain_box *boxes; /* [seconds, n] */
};

/* Zero is valid: nothing is known. */
struct avqa_explain_facts {
    struct avqa_arena arena;
    struct avqa_explain_clip_facts *clips;
    size_t n_clips;
    struct avqa_explain_seconds seconds;
};

/* Those of the `n` clips that have such facts. `*out` starts zero; release it in any
 * case. */
AVQA_CHECK enum avqa_status
avqa_explain_facts_read(struct avqa_explain_facts *out, struct avqa_catalog *cat,
                        const struct avqa_explain_pictures *clips, size_t n,
                        const struct avqa_explain_seconds *seconds);
void avqa_explain_facts_release(struct avqa_explain_facts *facts);

/* NULL if nothing is known of the clip. */
const struct avqa_explain_clip_facts *
avqa_explain_facts_of(const struct avqa_explain_facts *facts, int64_t clip_id);

#endif
