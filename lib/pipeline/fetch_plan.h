/* What a fetch sets out to do: the sources that have a url and no file. */
#ifndef AVQA_PIPELINE_FETCH_PLAN_H
#define AVQA_PIPELINE_FETCH_PLAN_H

#include "base/arena.h"
#include "base/intern.h"
#include "catalog/catalog.h"
#include "net/stream.h"
#include "pipeline/fetch.h"

struct avqa_fetch_item {
    int64_t id; /* of the source */
    const char *name, *url, *stem, *sha256;
    int64_t bytes; /* expected; -1 if not known */
    struct avqa_resolver *resolver;
    struct avqa_stream *stream;   /* what the resolver found, under way or just there */
    struct avqa_net_outcome last; /* of an attempt under way or just ended */
    bool active;
};

struct avqa_fetch_plan {
    struct avqa_fetch_item *items;
    size_t n, cap;
    struct avqa_intern stems; /* of their files */
    struct avqa_arena arena;  /* of their texts */
};

/* Looks through the catalog and media/; `plan` starts zero. Counts what is there, what
 * was refused and what is to be done. */
AVQA_CHECK enum avqa_status avqa_fetch_plan_make(struct avqa_fetch_plan *plan,
                                                 struct avqa_catalog *cat,
                                                 const struct avqa_fetch_config *config,
                                                 struct avqa_fetch_counts *counts);
void avqa_fetch_plan_release(struct avqa_fetch_plan *plan);

#endif
