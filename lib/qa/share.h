/* How often an answer may stand at most for a set to be balanced. Every answer is cut
 * at one level: to cut the commonest alone would only make another one the commonest.
 */
#ifndef AVQA_QA_SHARE_H
#define AVQA_QA_SHARE_H

#include <stddef.h>
#include <stdint.h>

/* The largest level such that, once no answer stands more often, none has more than
 * `max_share` of all and none stands more than `max_ratio` times as often as the rarest
 * (0: as often as it likes). Answers that never stand do not count. Where no level is
 * low enough, because there are too few different answers, the rarest one's count; for
 * a single answer UINT64_MAX, because nothing can be balanced. */
uint64_t avqa_share_level(const uint64_t *counts, size_t n, double max_share,
                          double max_ratio);

/* Entropy as a share of the most that so many different answers allow; 0 for one. */
double avqa_share_entropy(const uint64_t *counts, size_t n);

#endif
