/* What a composed clip is to be made of, what came of it, and the facts that follow.
 * The first two are JSON in the catalog: the recipe tells whether a clip is to be made
 * anew, what came of it lets its facts follow the parents' without making it anew. */
#ifndef AVQA_PIPELINE_COMPOSE_RECIPE_H
#define AVQA_PIPELINE_COMPOSE_RECIPE_H

#include "base/json.h"
#include "base/status.h"
#include "media/compose.h"
#include "pipeline/compose.h"
#include "pipeline/compose_set.h"

#include <stddef.h>

struct avqa_compose_recipe {
    const struct avqa_compose_clip *parents[AVQA_COMPOSE_MAX_PARTS];
    struct avqa_compose_part parts[AVQA_COMPOSE_MAX_PARTS]; /* without paths */
    size_t n;
    char *name; /* of the clip; owned */
    char *text; /* owned */
};

/* Fills in name, parts and text for the parents that are there. The name is the kind
 * and the parents' names, KIND_A+B, or where these are long, or have a + themselves, a
 * hash of them. Which parts of a stitch sound is drawn from the seed and the name. */
void avqa_compose_recipe_make(struct avqa_compose_recipe *recipe,
                              const struct avqa_compose_config *config);
void avqa_compose_recipe_release(struct avqa_compose_recipe *recipe);

/* What came of it as JSON, which the caller frees. */
char *avqa_compose_recipe_made(const struct avqa_compose_recipe *recipe,
                               const struct avqa_compose_config *config,
                               const struct avqa_compose_report *report);

/* The facts object, the caller's, by what came of it. AVQA_EFORMAT as
 * avqa_derive_facts. */
AVQA_CHECK enum avqa_status
avqa_compose_recipe_facts(struct avqa_json **out,
                          const struct avqa_compose_recipe *recipe, const char *made);

#endif
