/* How far a mean may be off: intervals by drawing the data anew (Efron, 1979; for
 * clusters Davison and Hinkley, 1997, 3.8). Whole clusters are drawn, as many as there
 * are, with replacement, because rows of one cluster (questions about one clip) are not
 * independent; in each draw the mean of every group is computed anew, over as many rows
 * as it then has. The interval is between two quantiles of these means.
 *
 * A draw depends on the seed and its number only, so the result does not depend on
 * threads; and with the same seed two sets of values are drawn alike. */
#ifndef AVQA_AUDIT_BOOTSTRAP_H
#define AVQA_AUDIT_BOOTSTRAP_H

#include "base/intern.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

#define AVQA_BOOTSTRAP_DRAWS 10000
#define AVQA_BOOTSTRAP_LEVEL 0.95
enum { AVQA_BOOTSTRAP_MAX_DRAWS = 1000000 };

struct avqa_bootstrap {
    size_t n_rows;
    const uint32_t *clusters; /* [n_rows], each below n_clusters */
    size_t n_clusters;
    /* [n_rows, n_kinds], each below n_groups or AVQA_INTERN_NONE: a row belongs to one
     * group of each kind. */
    const uint32_t *groups;
    size_t n_kinds, n_groups;
    size_t n_draws; /* 1 to AVQA_BOOTSTRAP_MAX_DRAWS */
    double level;   /* of the interval, e.g. 0.95 */
    uint64_t seed;
    size_t jobs; /* threads; 0 is one per core */
};

/* NaN where there is none: a group of fewer than two clusters. */
struct avqa_interval {
    double lo, hi;
    size_t n_clusters; /* that have rows of the group */
};

/* Intervals of the mean of values[n_rows] within each group, into out[n_groups]. */
AVQA_CHECK enum avqa_status avqa_bootstrap_means(struct avqa_interval *out,
                                                 const struct avqa_bootstrap *b,
                                                 const double *values);

/* Fewer clusters say nothing of how clusters differ: then there is no interval (NaN).
 */
enum { AVQA_BOOTSTRAP_MIN_CLUSTERS = 5 };
void avqa_interval_doubt(struct avqa_interval *interval);

/* The same for a share of hits. Where all are hits, or none is, no draw gives anything
 * else; then the interval becomes the exact one of Clopper and Pearson (Biometrika
 * 1934), each cluster counted once. */
void avqa_interval_of_hits(struct avqa_interval *interval, size_t hits, size_t total,
                           double level);

/* The q-quantile of sorted numbers, straight between neighbours (type 7 of Hyndman and
 * Fan, 1996, which is numpy's default). n > 0. */
double avqa_quantile(const double *sorted, size_t n, double q);

#endif
