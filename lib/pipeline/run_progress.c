/* See run_progress.h. A run that an earlier avqa made longer may have more epochs than
 * run.json promises. */
#include "pipeline/run_progress.h"
#include "base/io.h"
#include "base/rows.h"
#include "pipeline/run_folder.h"
#include "pipeline/train_record.h"

#include <math.h>
#include <stdlib.h>

static void take_epoch(struct avqa_run_progress *p, const struct avqa_json *epoch)
{
    double accuracy = (double)NAN;
    p->n_done++;
    if (!avqa_json_true(avqa_json_get(epoch, "best")))
        return;
    p->best = p->n_done;
    (void)avqa_json_double(avqa_json_get(epoch, "val_accuracy"), &accuracy);
    p->best_accuracy = accuracy;
}

enum avqa_status avqa_run_progress_read(struct avqa_run_progress *out,
                                        const char *folder, const struct avqa_json *run)
{
    struct avqa_rows *rows = NULL;
    const struct avqa_json *row = NULL;
    const struct avqa_json *options = avqa_json_get(run, "options");
    int64_t patience = 0;
    char *path = avqa_io_join(folder, "epochs.jsonl");
    enum avqa_status rc = AVQA_OK;
    *out = (struct avqa_run_progress){.best_accuracy = (double)NAN};
    if (avqa_io_exists(path))
        rc = avqa_rows_open(&rows, path);
    while (rows && rc == AVQA_OK) {
        rc = avqa_rows_next(rows, &row);
        if (rc != AVQA_OK || !row)
            break;
        take_epoch(out, row);
    }
    avqa_rows_close(rows);
    free(path);
    (void)avqa_json_int(avqa_json_get(options, "patience"), &patience);
    if (!avqa_json_int(avqa_json_get(options, "epochs"), &out->n_epochs) ||
        out->n_epochs < out->n_done)
        out->n_epochs = out->n_done;
    out->is_finished = out->n_done >= out->n_epochs ||
                       (patience > 0 && out->n_done >= out->best + patience);
    return rc;
}

/* ---- all of a dataset ------------------------------------------------------------ */

/* The model as it is typed, with its stage: "avst-grounding". */
static void put_model(struct avqa_json *out, const struct avqa_train_options *options)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    const char *stage = options->stage;
    avqa_buf_addf(&name, "%s%s%s", options->model, stage ? "-" : "",
                  stage ? stage : "");
    avqa_json_put_string(out, "model", avqa_buf_str(&name));
    avqa_buf_release(&name);
}

static enum avqa_status put_run(void *user, const char *name, const char *folder)
{
    struct avqa_json *out = avqa_json_put_object(user, NULL);
    struct avqa_run_progress p;
    struct avqa_train_options options;
    struct avqa_model_size size;
    struct avqa_json *run = NULL;
    avqa_json_put_string(out, "name", name);
    enum avqa_status rc = avqa_train_record_read(&run, &options, &size, folder);
    if (rc == AVQA_OK)
        rc = avqa_run_progress_read(&p, folder, run);
    if (rc == AVQA_OK) {
        put_model(out, &options);
        avqa_json_put_int(out, "epochs", p.n_done);
        avqa_json_put_int(out, "of", p.n_epochs);
        if (p.best && !isnan(p.best_accuracy))
            avqa_json_put_int(out, "best_epoch", p.best);
        else
            avqa_json_put_null(out, "best_epoch");
        avqa_json_put_double(out, "val_accuracy", p.best_accuracy);
        avqa_json_put_bool(out, "finished", p.is_finished);
    } else if (rc != AVQA_ENOMEM) {
        avqa_json_put_string(out, "error", avqa_message());
        rc = AVQA_OK;
    }
    avqa_json_free(run);
    return rc;
}

enum avqa_status avqa_run_progress_list(struct avqa_json *out, const char *dataset)
{
    return avqa_run_folder_each(dataset, put_run, out);
}
