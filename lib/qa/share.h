/* How often an answer may stand at most for a set to be balanced. Every answer is cut
 * at one level: to cut the commonest alone would only make another one the commonest.
 */
#ifndef AVQA_QA_SHARE_H
#define AVQA_QA_SHARE_H

#include <stddef.h>
#include <stdint.h>

/* What a balanced set keeps to. */
struct avqa_share_bounds {
    double max_share;   /* of all, for one answer */
    double max_ratio;   /* of the commonest to the rarest; 0: any */
    double min_entropy; /* as a share of the most that is possible; 0: any */
};

/* The largest level such that, once no answer stands more often, the bounds are kept.
 * Answers that never stand do not count. Where no level is
 * low enough, because there are too few different answers, the rarest one's count; for
 * a single answer UINT64_MAX, because nothing can be balanced. */
uint64_t avqa_share_level(const uint64_t *counts, size_t n,
                          const struct avqa_share_bounds *bounds);

/* Entropy as a share of the most that so many different answers allow; 0 for one. */
double avqa_share_entropy(const uint64_t *counts, size_t n);

#endif
