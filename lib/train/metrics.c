/* See metrics.h. */
#include "train/metrics.h"
#include "base/mem.h"
#include "train/predict.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void avqa_metrics_init(struct avqa_metrics *metrics, size_t n_groups)
{
    metrics->n = AVQA_METRIC_GROUPS + 2 * n_groups;
    metrics->numbers = avqa_mem_new(metrics->n * sizeof *metrics->numbers);
}

void avqa_metrics_release(struct avqa_metrics *metrics)
{
    free(metrics->numbers);
    memset(metrics, 0, sizeof *metrics);
}

void avqa_metrics_clear(struct avqa_metrics *metrics)
{
    memset(metrics->numbers, 0, metrics->n * sizeof *metrics->numbers);
}

void avqa_metrics_sum(struct avqa_metrics *metrics, const struct avqa_metrics *more)
{
    assert(metrics->n == more->n);
    for (size_t i = 0; i < metrics->n; i++)
        metrics->numbers[i] += more->numbers[i];
}

/* -log softmax(row)[class], in double */
static double entropy(const avqa_real *row, size_t width, size_t class)
{
    double max = (double)row[0];
    double sum = 0;
    for (size_t k = 1; k < width; k++)
        max = fmax(max, (double)row[k]);
    for (size_t k = 0; k < width; k++)
        sum += exp((double)row[k] - max);
    return max + log(sum) - (double)row[class];
}

static void add_answers(double *numbers, const struct avqa_groups *groups,
                        const uint32_t *questions, const struct avqa_batch *batch,
                        const struct avqa_answer *answer)
{
    size_t width = avqa_node_width(answer->logits);
    for (size_t i = 0; i < batch->n; i++) {
        int32_t wanted = batch->answers[i];
        bool right = wanted >= 0 && avqa_predict_best(answer, i) == (size_t)wanted;
        numbers[AVQA_METRIC_CORRECT] += right;
        numbers[AVQA_METRIC_TOTAL] += 1;
        if (groups->n) {
            double *group =
                numbers + AVQA_METRIC_GROUPS + 2 * (size_t)groups->of[questions[i]];
            group[0] += right;
            group[1] += 1;
        }
        if (answer->loss || wanted < 0)
            continue;
        double loss = entropy(answer->logits->value + i * width, width, (size_t)wanted);
        numbers[AVQA_METRIC_LOSS] += loss;
        numbers[AVQA_METRIC_LOSS_ANSWER] += loss;
        numbers[AVQA_METRIC_N] += 1;
    }
}

/* Of a model that only matches: the first half of the maps are a sound's own. The loss
 * is the mean over the maps of a question. */
static void add_matches(double *numbers, const struct avqa_batch *batch,
                        const struct avqa_answer *answer)
{
    size_t n = answer->match->shape[0];
    for (size_t i = 0; i < n; i++) {
        const avqa_real *row = answer->match->value + 2 * i;
        bool own = i < n / 2;
        numbers[AVQA_METRIC_CORRECT] += (row[1] > row[0]) == own;
        numbers[AVQA_METRIC_TOTAL] += 1;
        if (answer->loss)
            continue;
        double loss = entropy(row, 2, own) / (double)(n / batch->n);
        numbers[AVQA_METRIC_LOSS] += loss;
        numbers[AVQA_METRIC_LOSS_MATCH] += loss;
    }
    if (!answer->loss)
        numbers[AVQA_METRIC_N] += (double)batch->n;
}

/* Questions that the mean loss of a batch is over. */
static double count_known(const struct avqa_batch *batch)
{
    double n = 0;
    for (size_t i = 0; batch->answers && i < batch->n; i++)
        n += batch->answers[i] >= 0;
    return n;
}

static double value_of(const struct avqa_node *loss)
{
    return loss ? (double)*loss->value : 0;
}

void avqa_metrics_add(struct avqa_metrics *metrics, const struct avqa_groups *groups,
                      const uint32_t *questions, const struct avqa_batch *batch,
                      const struct avqa_answer *answer)
{
    double *numbers = metrics->numbers;
    double n = answer->logits ? count_known(batch) : (double)batch->n;
    if (answer->logits)
        add_answers(numbers, groups, questions, batch, answer);
    else if (answer->match)
        add_matches(numbers, batch, answer);
    if (!answer->loss)
        return;
    numbers[AVQA_METRIC_LOSS] += n * value_of(answer->loss);
    numbers[AVQA_METRIC_LOSS_ANSWER] += n * value_of(answer->loss_answer);
    numbers[AVQA_METRIC_LOSS_MATCH] += n * value_of(answer->loss_match);
    numbers[AVQA_METRIC_N] += n;
}

double avqa_metrics_mean(const struct avqa_metrics *metrics, enum avqa_metric loss)
{
    return metrics->numbers[loss] / metrics->numbers[AVQA_METRIC_N];
}

double avqa_metrics_accuracy(const struct avqa_metrics *metrics)
{
    return metrics->numbers[AVQA_METRIC_CORRECT] / metrics->numbers[AVQA_METRIC_TOTAL];
}

void avqa_metrics_put_groups(struct avqa_json *out, const char *key,
                             const struct avqa_metrics *metrics,
                             const struct avqa_groups *groups)
{
    struct avqa_json *json = avqa_json_put_object(out, key);
    for (size_t g = 0; g < groups->n; g++) {
        const double *group = metrics->numbers + AVQA_METRIC_GROUPS + 2 * g;
        if (group[1] == 0)
            continue;
        struct avqa_json *one = avqa_json_put_object(json, groups->names[g]);
        avqa_json_put_int(one, "correct", (int64_t)group[0]);
        avqa_json_put_int(one, "total", (int64_t)group[1]);
    }
}

struct avqa_json *avqa_metrics_json(const struct avqa_metrics *metrics)
{
    struct avqa_json *json = avqa_json_new_array();
    for (size_t i = 0; i < metrics->n; i++)
        avqa_json_put_exact(json, NULL, metrics->numbers[i]);
    return json;
}

enum avqa_status avqa_metrics_read(struct avqa_metrics *metrics,
                                   const struct avqa_json *json)
{
    const struct avqa_json *node = avqa_json_first(json);
    if (avqa_json_count(json) != metrics->n)
        return avqa_fail(AVQA_EFORMAT, "%zu sums, not %zu", avqa_json_count(json),
                         metrics->n);
    for (size_t i = 0; i < metrics->n; i++, node = avqa_json_next(node)) {
        int64_t count = 0;
        bool counts = i >= AVQA_METRIC_N;
        if (!avqa_json_double(node, &metrics->numbers[i]) ||
            (counts && (!avqa_json_int(node, &count) || count < 0)))
            return avqa_fail(AVQA_EFORMAT, "sum %zu is no %s", i,
                             counts ? "count" : "number");
    }
    return AVQA_OK;
}
