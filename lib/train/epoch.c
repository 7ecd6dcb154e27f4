/* See epoch.h. */
#include "train/epoch.h"
#include "base/io.h"

#include <math.h>
#include <stdlib.h>

static void put_val(struct avqa_json *json, const struct avqa_epoch *e)
{
    static const char *const keys[] = {"val_accuracy", "val_loss", "val_correct",
                                       "val_total"};
    for (size_t i = 0; !e->val && i < sizeof keys / sizeof *keys; i++)
        avqa_json_put_null(json, keys[i]);
    if (!e->val)
        return;
    const double *sums = e->val->numbers;
    avqa_json_put_double(json, keys[0], avqa_metrics_accuracy(e->val));
    avqa_json_put_double(json, keys[1], avqa_metrics_mean(e->val, AVQA_METRIC_LOSS));
    avqa_json_put_int(json, keys[2], (int64_t)sums[AVQA_METRIC_CORRECT]);
    avqa_json_put_int(json, keys[3], (int64_t)sums[AVQA_METRIC_TOTAL]);
}

struct avqa_json *avqa_epoch_json(const struct avqa_epoch *e)
{
    const struct avqa_loop_state *s = e->state;
    const struct avqa_metrics *sums = &s->sums;
    double wall_s = (double)s->wall_us / 1e6;
    double wait_s = (double)s->wait_us / 1e6;
    double qa = avqa_metrics_mean(sums, AVQA_METRIC_LOSS_ANSWER);
    double match = avqa_metrics_mean(sums, AVQA_METRIC_LOSS_MATCH);
    struct avqa_json *json = avqa_json_new_object();
    avqa_json_put_int(json, "epoch", (int64_t)s->epoch + 1);
    avqa_json_put_double(json, "loss", avqa_metrics_mean(sums, AVQA_METRIC_LOSS));
    avqa_json_put_double(json, "loss_qa", e->answers ? qa : (double)NAN);
    avqa_json_put_double(json, "loss_match", e->matches ? match : (double)NAN);
    avqa_json_put_double(json, "train_accuracy", avqa_metrics_accuracy(sums));
    put_val(json, e);
    avqa_json_put_bool(json, "best", e->best);
    avqa_json_put_exact(json, "rate", e->rate);
    avqa_json_put_double(json, "samples_per_s", sums->numbers[AVQA_METRIC_N] / wall_s);
    avqa_json_put_double(json, "read_seconds", wait_s);
    avqa_json_put_double(json, "step_seconds", wall_s - wait_s);
    avqa_json_put_double(json, "val_seconds", (double)e->val_us / 1e6);
    if (e->val)
        avqa_metrics_put_groups(json, "val_types", e->val, e->val_groups);
    avqa_metrics_put_groups(json, "train_types", sums, e->train_groups);
    return json;
}

enum avqa_status avqa_epochs_write(const char *folder, const struct avqa_json *epochs)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    char *path = avqa_io_join(folder, "epochs.jsonl");
    for (epochs = avqa_json_first(epochs); epochs; epochs = avqa_json_next(epochs)) {
        avqa_json_print(&text, epochs, 0);
        avqa_buf_addc(&text, '\n');
    }
    enum avqa_status rc = avqa_buf_status(&text);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, avqa_buf_str(&text), text.len);
    avqa_buf_release(&text);
    free(path);
    return rc;
}
