/* Batches, made ahead of the step by threads of its own: the questions of a step
 * (sampler.h) and the rows of their clips' features, every stride-th from the first on,
 * read from shards and nothing else; maps stay packed as shards hold them. A row that
 * recurs is read once, within the bound of a cache.
 *
 * Rows of other clips, which a model may compare with, follow from seed, epoch and
 * question alone (Li et al., CVPR 2022: any second of any other clip of the split).
 * What a batch holds does not depend on threads, cache or timing.
 *
 * A shard that vanishes, rots or is exchanged is an error of the batch that needs it,
 * naming the shard and the clip. */
#ifndef AVQA_TRAIN_LOADER_H
#define AVQA_TRAIN_LOADER_H

#include "base/status.h"
#include "model/model.h"
#include "train/features.h"
#include "train/needs.h"
#include "train/sampler.h"
#include "train/set.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_loader_options {
    const struct avqa_model *model; /* what it uses is read, the rest is not */
    struct avqa_sampler sampler;    /* `n` is set by the loader */
    enum avqa_negatives negatives;
    size_t stride;      /* between the rows that are read, > 0 */
    size_t n_seconds;   /* rows of a clip in a batch; a clip must have
                         * (n_seconds - 1) * stride + 1 */
    size_t cache_bytes; /* of rows kept as they stand in shards; what the batch in hand
                         * and those ahead need counts, and may alone be more */
    size_t n_threads;   /* that read; 0 is 1 */
    size_t ahead;       /* batches made ahead; 0 is 1, at most 32. Each of AVST is
                         * 120 MB and more at 64 questions */
    avqa_features_open_fn *open_shard; /* NULL: shards are files */
    void *user;                        /* of open_shard */
};

/* Of the published features' minute, every sixth second. */
#define AVQA_LOADER_STRIDE 6
#define AVQA_LOADER_SECONDS 10
#define AVQA_LOADER_CACHE_MB 256

#define AVQA_LOADER_DEFAULTS                                                           \
    {                                                                                  \
        .stride = AVQA_LOADER_STRIDE, .n_seconds = AVQA_LOADER_SECONDS,                \
        .cache_bytes = (size_t)AVQA_LOADER_CACHE_MB << 20, .n_threads = 1, .ahead = 1  \
    }

struct avqa_loader;

/* Opens it over a set, which is borrowed, as is the model; all shards are opened, no
 * row is read. AVQA_ENOENT or AVQA_EFORMAT if a clip lacks what the model uses, saying
 * which and how many; AVQA_EINVAL if there is no other clip to draw rows of. `*out` is
 * yours. */
AVQA_CHECK enum avqa_status avqa_loader_open(struct avqa_loader **out,
                                             const struct avqa_train_set *set,
                                             const struct avqa_loader_options *options);
void avqa_loader_close(struct avqa_loader *loader); /* NULL is legal */

/* Starts an epoch at a step; batches of an earlier start are dropped, as is the one in
 * hand. Before the first start there are no steps. */
AVQA_CHECK enum avqa_status avqa_loader_start(struct avqa_loader *loader,
                                              uint64_t epoch, size_t step);

/* The next batch and the questions that are in it, into the set; both are borrowed
 * until the next call. *batch is NULL after the last step of the epoch. A rank without
 * a share of the last step gets a batch of none. After a failure the same batch is
 * still to come: asking again gives the same failure, starting again tries anew. */
AVQA_CHECK enum avqa_status avqa_loader_next(const struct avqa_batch **batch,
                                             const uint32_t **questions,
                                             struct avqa_loader *loader);

struct avqa_loader_counts {
    uint64_t read_bytes;        /* from shards */
    uint64_t rows, rows_cached; /* used, and of these those that were in the cache */
    uint64_t wait_us;           /* that _next waited for a batch */
    size_t held, held_most;     /* bytes of rows in memory, now and at most */
};

void avqa_loader_counts(struct avqa_loader_counts *out, struct avqa_loader *loader);

#endif
