/* What is counted while a model is trained and validated: losses and right answers, all
 * of them and by group (the nine types of questions). Only sums are kept, in one array
 * of numbers, so that steps, and ranks, are added up by adding arrays; they are whole
 * numbers but for the losses. */
#ifndef AVQA_TRAIN_METRICS_H
#define AVQA_TRAIN_METRICS_H

#include "base/json.h"
#include "base/status.h"
#include "model/model.h"
#include "train/set.h"

#include <stddef.h>
#include <stdint.h>

/* Which group each question of a set belongs to. Zero is valid: no groups. Borrowed. */
struct avqa_groups {
    const char *const *names;
    size_t n;
    const uint32_t *of; /* [questions of the set] */
};

enum avqa_metric {
    AVQA_METRIC_LOSS, /* sums over questions */
    AVQA_METRIC_LOSS_ANSWER,
    AVQA_METRIC_LOSS_MATCH,
    AVQA_METRIC_N,       /* questions that the losses are over */
    AVQA_METRIC_CORRECT, /* answers; of a model that gives none, maps it matched */
    AVQA_METRIC_TOTAL,
    AVQA_METRIC_GROUPS, /* then CORRECT and TOTAL of each group */
};

/* Zero is valid: empty. */
struct avqa_metrics {
    double *numbers;
    size_t n;
};

void avqa_metrics_init(struct avqa_metrics *metrics, size_t n_groups);
void avqa_metrics_release(struct avqa_metrics *metrics);
void avqa_metrics_clear(struct avqa_metrics *metrics);
/* Adds `more`, of as many groups. */
void avqa_metrics_sum(struct avqa_metrics *metrics, const struct avqa_metrics *more);

/* Adds a batch. Losses are those of the answer if it has any, else they are computed
 * here, over the questions whose answer is known. */
void avqa_metrics_add(struct avqa_metrics *metrics, const struct avqa_groups *groups,
                      const uint32_t *questions, const struct avqa_batch *batch,
                      const struct avqa_answer *answer);

/* Mean of a loss over its questions, and correct / total; NaN of nothing. */
double avqa_metrics_mean(const struct avqa_metrics *metrics, enum avqa_metric loss);
double avqa_metrics_accuracy(const struct avqa_metrics *metrics);

/* {"Audio/Counting":{"correct","total"},...} under `key`; groups without a question are
 * left out. */
void avqa_metrics_put_groups(struct avqa_json *out, const char *key,
                             const struct avqa_metrics *metrics,
                             const struct avqa_groups *groups);

/* All numbers, exact to the last bit, and back; AVQA_EFORMAT if these are not as many.
 */
struct avqa_json *avqa_metrics_json(const struct avqa_metrics *metrics);
AVQA_CHECK enum avqa_status avqa_metrics_read(struct avqa_metrics *metrics,
                                              const struct avqa_json *json);

#endif
