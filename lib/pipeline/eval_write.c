/* See eval_write.h. Tables are written out of the report, so that the two cannot
 * differ; only the whole confusion is not in it. */
#include "pipeline/eval_write.h"
#include "base/csv.h"
#include "base/io.h"
#include "pipeline/eval_figures.h"
#include "pipeline/eval_folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- predictions ----------------------------------------------------------------- */

static struct avqa_json *prediction(const struct avqa_eval_outcome *e, size_t i,
                                    const char *question)
{
    static const char *const ways[AVQA_REPLY_N_WAYS] = {"exact", "worded", "found",
                                                        "nothing", "several"};
    const struct avqa_eval_said *said = &e->model->said[i];
    const struct avqa_audit_table *t = &e->set->table;
    const struct avqa_audit_row *row = avqa_eval_row(e->set, i);
    int64_t id = t->numbers[e->set->audit.on.from + i];
    struct avqa_json *o = avqa_json_new_object();
    if (id == AVQA_AUDIT_NO_NUMBER)
        avqa_json_put_null(o, "question_id");
    else
        avqa_json_put_int(o, "question_id", id);
    avqa_json_put_string(o, "split", e->set->audit.opts.split);
    avqa_json_put_int(o, "row", row->line);
    avqa_json_put_string(o, "video_id", avqa_audit_video(t, t->clips[row->clip].video));
    avqa_json_put_string(o, "template", avqa_audit_template(t, row)->code);
    avqa_json_put_string(o, "type", avqa_audit_template(t, row)->label);
    avqa_json_put_string(o, "question", question);
    if (said->answer == AVQA_INTERN_NONE)
        avqa_json_put_null(o, "answer");
    else
        avqa_json_put_string(o, "answer",
                             avqa_intern_text(&e->set->answers, said->answer));
    avqa_json_put_string(o, "truth", avqa_eval_truth(e->set, i));
    avqa_json_put_bool(o, "correct", avqa_eval_is_right(e->set, e->model, i));
    if (!isnan(said->share))
        avqa_json_put_double(o, "share", said->share);
    if (said->said && said->way != AVQA_REPLY_EXACT) {
        avqa_json_put_string(o, "said", said->text);
        avqa_json_put_string(o, "read", ways[said->way]);
    }
    return o;
}

/* A line for each question that counts. */
static enum avqa_status write_predictions(const struct avqa_eval_outcome *e,
                                          const char *folder)
{
    struct avqa_out *out = NULL;
    struct avqa_buf line = AVQA_BUF_INIT;
    struct avqa_buf question = AVQA_BUF_INIT;
    char *path = avqa_io_join(folder, "predictions.jsonl");
    enum avqa_status rc = avqa_out_open(&out, path);
    for (size_t i = 0; rc == AVQA_OK && i < e->set->n; i++) {
        if (!e->model->said[i].asked)
            continue;
        avqa_buf_clear(&line);
        avqa_buf_clear(&question);
        rc = avqa_audit_fill(&question, &e->set->table, avqa_eval_row(e->set, i));
        if (rc != AVQA_OK)
            break;
        struct avqa_json *o = prediction(e, i, avqa_buf_str(&question));
        avqa_json_print(&line, o, 0);
        avqa_buf_addc(&line, '\n');
        avqa_json_free(o);
        rc = avqa_buf_status(&line);
        if (rc == AVQA_OK)
            rc = avqa_out_write(out, avqa_buf_str(&line), line.len);
    }
    if (rc == AVQA_OK)
        rc = avqa_out_commit(out);
    else
        avqa_out_abort(out);
    avqa_buf_release(&line);
    avqa_buf_release(&question);
    free(path);
    return rc;
}

/* ---- tables ---------------------------------------------------------------------- */

/* A table of objects that stand under their names; "ci95" is two columns. */
struct table {
    const char *id;
    const char *const *keys; /* columns; NULL at the end */
};

static void add_head(struct avqa_buf *csv, const struct table *t)
{
    avqa_buf_adds(csv, "kind,name");
    for (size_t k = 0; t->keys[k]; k++)
        avqa_buf_addf(csv, ",%s",
                      strcmp(t->keys[k], "ci95") == 0 ? "from,to" : t->keys[k]);
    avqa_buf_addc(csv, '\n');
}

static void add_value(struct avqa_buf *csv, const struct avqa_json *value)
{
    avqa_buf_addc(csv, ',');
    if (!value || avqa_json_type(value) == AVQA_JSON_NULL)
        return;
    if (avqa_json_string(value))
        avqa_csv_add(csv, avqa_json_string(value));
    else
        avqa_json_print(csv, value, 0);
}

static void add_row(struct avqa_buf *csv, const struct table *t, const char *kind,
                    const char *name, const struct avqa_json *object)
{
    avqa_csv_add(csv, kind);
    avqa_buf_addc(csv, ',');
    avqa_csv_add(csv, name);
    for (size_t k = 0; t->keys[k]; k++) {
        const struct avqa_json *value = avqa_json_get(object, t->keys[k]);
        if (strcmp(t->keys[k], "ci95") != 0) {
            add_value(csv, value);
            continue;
        }
        add_value(csv, avqa_json_first(value));
        add_value(csv, avqa_json_next(avqa_json_first(value)));
    }
    avqa_buf_addc(csv, '\n');
}

static void add_rows(struct avqa_buf *csv, const struct table *t, const char *kind,
                     const struct avqa_json *objects)
{
    const struct avqa_json *o = avqa_json_first(objects);
    for (; o; o = avqa_json_next(o))
        add_row(csv, t, kind, avqa_json_key(o), o);
}

static enum avqa_status write_csv(const char *folder, const char *id,
                                  struct avqa_buf *csv)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    avqa_buf_addf(&name, "tables/%s.csv", id);
    char *path = avqa_io_join(folder, avqa_buf_str(&name));
    enum avqa_status rc = avqa_buf_status(csv);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, avqa_buf_str(csv), csv->len);
    avqa_buf_release(&name);
    avqa_buf_release(csv);
    free(path);
    return rc;
}

/* Overall, modalities and types of the report or of its comparison, which has its
 * templates there too. */
static enum avqa_status write_types(const struct avqa_json *from, const struct table *t,
                                    bool templates, const char *folder)
{
    struct avqa_buf csv = AVQA_BUF_INIT;
    add_head(&csv, t);
    add_row(&csv, t, "all", "", avqa_json_get(from, "overall"));
    add_rows(&csv, t, "modality", avqa_json_get(from, "modalities"));
    add_rows(&csv, t, "type", avqa_json_get(from, "types"));
    if (templates)
        add_rows(&csv, t, "template", avqa_json_get(from, "templates"));
    return write_csv(folder, t->id, &csv);
}

static enum avqa_status write_groups(const struct avqa_json *report, const char *key,
                                     const char *kind, const struct table *t,
                                     const char *folder)
{
    struct avqa_buf csv = AVQA_BUF_INIT;
    const struct avqa_json *objects = avqa_json_get(report, key);
    if (avqa_json_count(objects) == 0)
        return AVQA_OK;
    add_head(&csv, t);
    add_rows(&csv, t, kind, objects);
    return write_csv(folder, t->id, &csv);
}

static enum avqa_status write_grounding(const struct avqa_json *grounding,
                                        const struct table *t, const char *folder)
{
    static const char *const kinds[] = {"places", "sources", "heard", "seen"};
    struct avqa_buf csv = AVQA_BUF_INIT;
    add_head(&csv, t);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct avqa_json *kind = avqa_json_get(grounding, kinds[k]);
        if (kind)
            add_row(&csv, t, kinds[k], "", kind);
        add_rows(&csv, t, kinds[k], avqa_json_get(kind, "types"));
    }
    return write_csv(folder, t->id, &csv);
}

static enum avqa_status write_confusion(const struct avqa_eval_outcome *e,
                                        const char *folder)
{
    struct avqa_buf csv = AVQA_BUF_INIT;
    size_t *counts = NULL;
    size_t n = e->set->answers.n;
    enum avqa_status rc = avqa_eval_confusion(&counts, e);
    if (rc != AVQA_OK)
        return rc;
    avqa_buf_adds(&csv, "truth,given,questions\n");
    for (size_t row = 0; row < n; row++) {
        for (size_t col = 0; col <= n; col++) {
            if (counts[row * (n + 1) + col] == 0)
                continue;
            avqa_csv_add(&csv, avqa_eval_confusion_name(e, row));
            avqa_buf_addc(&csv, ',');
            avqa_csv_add(&csv, avqa_eval_confusion_name(e, col));
            avqa_buf_addf(&csv, ",%zu\n", counts[row * (n + 1) + col]);
        }
    }
    free(counts);
    return write_csv(folder, "confusion", &csv);
}

static enum avqa_status write_tables(const struct avqa_eval_outcome *e,
                                     const struct avqa_json *report, const char *folder)
{
    static const char *const group[] = {"correct", "total", "accuracy", "ci95",
                                        "videos",  "prior", NULL};
    static const char *const answer[] = {"correct",   "total",  "accuracy",
                                         "ci95",      "videos", "given",
                                         "precision", "prior",  NULL};
    static const char *const pair[] = {
        "total",       "both",           "only_this",  "only_other", "neither",
        "accuracy",    "other_accuracy", "difference", "ci95",       "p",
        "chi_squared", "p_chi_squared",  NULL};
    static const char *const peak[] = {"hits",   "total",  "accuracy", "ci95",
                                       "videos", "chance", "above",    NULL};
    const struct avqa_json *grounding = avqa_json_get(report, "grounding");
    const struct table peaks = {"grounding", peak};
    const struct table types = {"types", group};
    const struct table templates = {"templates", group};
    const struct table answers = {"answers", answer};
    const struct table instances = {"instances", group};
    const struct table against = {"against", pair};
    enum avqa_status rc = write_types(report, &types, false, folder);
    if (rc == AVQA_OK)
        rc = write_groups(report, "templates", "template", &templates, folder);
    if (rc == AVQA_OK)
        rc = write_groups(report, "answers", "answer", &answers, folder);
    if (rc == AVQA_OK)
        rc = write_groups(report, "instances", "instances", &instances, folder);
    if (rc == AVQA_OK && e->other)
        rc = write_types(avqa_json_get(report, "against"), &against, true, folder);
    if (rc == AVQA_OK && grounding)
        rc = write_grounding(grounding, &peaks, folder);
    return rc == AVQA_OK ? write_confusion(e, folder) : rc;
}

/* ---- all of it --------------------------------------------------------------------
 */

static enum avqa_status write_report(const struct avqa_json *report, const char *folder)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    char *path = avqa_io_join(folder, AVQA_EVAL_REPORT);
    avqa_json_print(&text, report, 2);
    avqa_buf_addc(&text, '\n');
    enum avqa_status rc = avqa_buf_status(&text);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, avqa_buf_str(&text), text.len);
    avqa_buf_release(&text);
    free(path);
    return rc;
}

enum avqa_status avqa_eval_write(const struct avqa_eval_outcome *e,
                                 const struct avqa_json *report,
                                 const struct avqa_eval_config *config)
{
    char *stage = NULL;
    enum avqa_status rc = avqa_eval_folder_begin(&stage, config->output);
    const bool begun = rc == AVQA_OK;
    if (rc == AVQA_OK)
        rc = write_predictions(e, stage);
    if (rc == AVQA_OK)
        rc = write_tables(e, report, stage);
    if (rc == AVQA_OK && config->figures)
        rc = avqa_eval_figures(e, stage, config->log);
    if (rc == AVQA_OK)
        rc = write_report(report, stage);
    if (begun)
        rc = avqa_eval_folder_end(stage, config->output, rc);
    free(stage);
    return rc;
}
