/* Which clips are to be composed: those that a file of pairs names, or those that the
 * rules and the seed choose out of the fit ones. A pair that cannot be is noted in the
 * ledger and left out; what is there already and was made in the same way is told
 * apart. */
#ifndef AVQA_PIPELINE_COMPOSE_PLAN_H
#define AVQA_PIPELINE_COMPOSE_PLAN_H

#include "base/hash.h"
#include "base/status.h"
#include "catalog/catalog.h"
#include "media/compose.h"
#include "pipeline/compose.h"
#include "pipeline/compose_recipe.h"
#include "pipeline/compose_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVQA_COMPOSE_STAGE "compose" /* in the ledger */

/* A clip that there is to be, and what came of it. */
struct avqa_compose_item {
    struct avqa_compose_recipe recipe;
    struct avqa_compose_report report;
    char *path; /* relative to the dataset */
    char *made; /* what came of it */
    bool unchanged, tried;
    int64_t started_us, ended_us, bytes;
    char sha256[AVQA_SHA256_HEX];
};

struct avqa_compose_plan {
    struct avqa_compose_set set;
    struct avqa_compose_item *items;
    size_t n, cap;
};

/* How many parents a clip has. */
size_t avqa_compose_plan_size(const struct avqa_compose_config *config);

/* Reads the catalog and decides; `plan` starts zero and is released in any case. What
 * is refused is written down as of this run, and counted. */
AVQA_CHECK enum avqa_status
avqa_compose_plan_make(struct avqa_compose_plan *plan, struct avqa_catalog *cat,
                       int64_t run_id, const struct avqa_compose_config *config,
                       struct avqa_compose_counts *counts);
void avqa_compose_plan_release(struct avqa_compose_plan *plan);

#endif
