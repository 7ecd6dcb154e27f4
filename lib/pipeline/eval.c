/* See eval.h. Everything is read and counted first; files are written last, the report
 * after all others, so that where it is, all that belongs to it is there. */
#include "pipeline/eval.h"
#include "base/io.h"
#include "base/mem.h"
#include "pipeline/eval_folder.h"
#include "pipeline/eval_predictions.h"
#include "pipeline/eval_report.h"
#include "pipeline/eval_run.h"
#include "pipeline/eval_set.h"
#include "pipeline/eval_write.h"

#include <stdlib.h>
#include <string.h>

struct work {
    const struct avqa_eval_config *config;
    struct avqa_trained trained, other_trained; /* of runs */
    struct avqa_eval_set set;
    struct avqa_reply_rules *rules;
    struct avqa_eval_model model, other;
    struct avqa_score score;
};

/* ---- reading --------------------------------------------------------------------- */

static enum avqa_status load_rules(struct work *w)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    const char *path = w->config->rules;
    if (!path)
        return AVQA_OK;
    enum avqa_status rc = avqa_io_read(&text, path, AVQA_REPLY_RULES_MAX_BYTES);
    if (rc == AVQA_OK) {
        rc = avqa_reply_rules_parse(&w->rules, avqa_buf_str(&text), text.len,
                                    w->set.table.templates);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "%s", path);
    }
    avqa_buf_release(&text);
    return rc;
}

static enum avqa_status read_file(struct avqa_eval_model *out, struct work *w,
                                  const char *path)
{
    const struct avqa_eval_config *c = w->config;
    const struct avqa_eval_file file = {path, c->id_key, c->answer_key, w->rules,
                                        c->answered_only};
    return avqa_eval_read(out, &w->set, &file);
}

static enum avqa_status ask_run(struct avqa_eval_model *out, struct work *w,
                                struct avqa_trained *trained)
{
    const struct avqa_eval_config *c = w->config;
    const struct avqa_eval_asking how = {.trained = trained,
                                         .dataset = c->dataset,
                                         .last = c->last,
                                         .batch = c->batch,
                                         .n_draws = c->n_draws,
                                         .seed = c->seed,
                                         .jobs = c->jobs,
                                         .log = c->log};
    return avqa_eval_ask(out, &w->set, &how);
}

/* What is no file is a run. */
static bool is_file(const char *path)
{
    return avqa_io_exists(path) && !avqa_io_is_dir(path);
}

static bool against_is_run(const struct avqa_eval_config *c)
{
    return c->against && !is_file(c->against);
}

static enum avqa_status open_runs(struct work *w)
{
    const struct avqa_eval_config *c = w->config;
    enum avqa_status rc = AVQA_OK;
    if (c->run)
        rc = avqa_trained_open(&w->trained, c->dataset, c->run, c->last);
    if (rc == AVQA_OK && against_is_run(c))
        rc = avqa_trained_open(&w->other_trained, c->dataset, c->against, c->last);
    return rc;
}

static enum avqa_status read_models(struct work *w)
{
    const struct avqa_eval_config *c = w->config;
    enum avqa_status rc = load_rules(w);
    if (rc == AVQA_OK)
        rc = c->run ? ask_run(&w->model, w, &w->trained)
                    : read_file(&w->model, w, c->predictions);
    if (rc == AVQA_OK && c->against)
        rc = against_is_run(c) ? ask_run(&w->other, w, &w->other_trained)
                               : read_file(&w->other, w, c->against);
    return rc;
}

/* ---- counting -------------------------------------------------------------------- */

static enum avqa_status make_sheet(struct avqa_score_sheet *out, bool **memory,
                                   const struct work *w,
                                   const struct avqa_eval_model *model)
{
    size_t n = w->set.n;
    enum avqa_status rc = avqa_mem_array(memory, 2 * n, sizeof **memory);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        (*memory)[i] = model->said[i].asked;
        (*memory)[n + i] = avqa_eval_is_right(&w->set, model, i);
    }
    if (rc == AVQA_OK)
        *out = (struct avqa_score_sheet){*memory, *memory + n};
    return rc;
}

static enum avqa_status count(struct work *w)
{
    const struct avqa_eval_config *c = w->config;
    const struct avqa_score_opts opts = {c->n_draws, c->seed, c->jobs};
    struct avqa_score_sheet sheets[2];
    bool *memory[2] = {NULL, NULL};
    enum avqa_status rc = make_sheet(&sheets[0], &memory[0], w, &w->model);
    if (rc == AVQA_OK && c->against)
        rc = make_sheet(&sheets[1], &memory[1], w, &w->other);
    if (rc == AVQA_OK)
        rc = avqa_score_make(&w->score, &w->set.audit, &sheets[0],
                             c->against ? &sheets[1] : NULL, &opts);
    free(memory[0]);
    free(memory[1]);
    return rc;
}

enum avqa_status avqa_eval(struct avqa_json **report,
                           const struct avqa_eval_config *config)
{
    struct work w = {.config = config};
    struct avqa_eval_outcome outcome = {.set = &w.set,
                                        .model = &w.model,
                                        .other = config->against ? &w.other : NULL,
                                        .score = &w.score,
                                        .n_draws = config->n_draws,
                                        .seed = config->seed};
    *report = NULL;
    enum avqa_status rc = avqa_eval_folder_check(config);
    if (rc == AVQA_OK)
        rc = open_runs(&w);
    if (rc == AVQA_OK)
        rc = avqa_eval_set_load(&w.set, config->dataset, config->split, config->prior,
                                w.trained.train_split);
    if (rc == AVQA_OK)
        rc = read_models(&w);
    if (rc == AVQA_OK)
        rc = count(&w);
    if (rc == AVQA_OK)
        rc = avqa_eval_report(report, &outcome);
    if (rc == AVQA_OK && config->output && !config->dry_run)
        rc = avqa_eval_write(&outcome, *report, config);
    if (rc != AVQA_OK) {
        avqa_json_free(*report);
        *report = NULL;
    }
    avqa_score_release(&w.score);
    avqa_eval_model_release(&w.model);
    avqa_eval_model_release(&w.other);
    avqa_reply_rules_free(w.rules);
    avqa_eval_set_release(&w.set);
    avqa_trained_release(&w.trained);
    avqa_trained_release(&w.other_trained);
    return rc;
}
