/* See negatives.h. A number below the count of other rows is drawn and the own clip's
 * rows are skipped, so no draw is in vain. */
#include "train/negatives.h"
#include "base/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void avqa_negatives_release(struct avqa_negative_pool *negatives)
{
    free(negatives->until);
    *negatives = (struct avqa_negative_pool){.n = 0};
}

void avqa_negatives_clear(struct avqa_negative_pool *negatives)
{
    negatives->n = 0;
}

static uint64_t before(const struct avqa_negative_pool *negatives, size_t clip)
{
    return clip ? negatives->until[clip - 1] : 0;
}

void avqa_negatives_add(struct avqa_negative_pool *negatives, size_t n_rows)
{
    uint64_t all = before(negatives, negatives->n);
    avqa_mem_need(&negatives->until, &negatives->cap, negatives->n + 1,
                  sizeof *negatives->until);
    negatives->until[negatives->n++] = all + n_rows;
}

uint64_t avqa_negatives_count(const struct avqa_negative_pool *negatives, size_t own)
{
    uint64_t all = before(negatives, negatives->n);
    return all - (negatives->until[own] - before(negatives, own));
}

/* The clip that has the row with this number of all. */
static size_t clip_of(const struct avqa_negative_pool *negatives, uint64_t at)
{
    size_t from = 0;
    size_t to = negatives->n;
    while (from + 1 < to) {
        size_t middle = from + (to - from) / 2;
        if (before(negatives, middle) <= at)
            from = middle;
        else
            to = middle;
    }
    return from;
}

void avqa_negatives_draw(struct avqa_row_place *out, size_t n, struct avqa_rng *rng,
                         const struct avqa_negative_pool *negatives, size_t own)
{
    uint64_t count = avqa_negatives_count(negatives, own);
    uint64_t first = before(negatives, own);
    assert(count > 0);
    for (size_t i = 0; i < n; i++) {
        uint64_t at = avqa_rng_below(rng, count);
        if (at >= first)
            at += negatives->until[own] - first;
        size_t clip = clip_of(negatives, at);
        out[i] = (struct avqa_row_place){(uint32_t)clip,
                                         (uint32_t)(at - before(negatives, clip))};
    }
}

void avqa_negatives_stream(struct avqa_rng *rng, uint64_t seed, uint64_t epoch,
                           uint32_t question)
{
    char item[64];
    snprintf(item, sizeof item, "negatives %" PRIu64 " %" PRIu32, epoch, question);
    avqa_rng_init(rng, seed, item);
}
