/* A facts object goes into the catalog: the object as it is, and the rows of its
 * instances and parents beside it. What imports and what composes does it here. */
#ifndef AVQA_PIPELINE_STORE_FACTS_H
#define AVQA_PIPELINE_STORE_FACTS_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "catalog/facts.h"
#include "qa/facts.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether the picture is the clip's own, and not that of another one. */
bool avqa_store_facts_own_picture(const struct avqa_scene *scene);

/* Stores `object`, which was read as `scene`, for a clip. `arena` holds what is needed
 * until the call returns. AVQA_EFORMAT if this run stored another object for the clip.
 */
AVQA_CHECK enum avqa_status
avqa_store_facts(struct avqa_facts_store *store, struct avqa_arena *arena,
                 const struct avqa_scene *scene, const struct avqa_json *object,
                 int64_t clip_id, enum avqa_facts_outcome *outcome);

#endif
