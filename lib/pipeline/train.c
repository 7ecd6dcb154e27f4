/* See train.h. Everything that can be wrong is looked at before the folder is made. */
#include "pipeline/train.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "pipeline/dataset.h"
#include "pipeline/question_types.h"
#include "pipeline/run_folder.h"
#include "pipeline/train_curves.h"
#include "pipeline/train_init.h"
#include "pipeline/train_record.h"
#include "pipeline/train_say.h"
#include "train/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct trainer {
    const struct avqa_train_config *config;
    struct avqa_train_result *result;
    struct avqa_train_options options; /* of the run */
    struct avqa_json *begun;           /* run.json of a run that goes on, or NULL */
    struct avqa_train_plan plan;
    struct avqa_catalog *cat;
    struct avqa_vocabulary vocabulary;
    struct avqa_train_set train, val;
    struct avqa_question_types train_types, val_types;
    struct avqa_model_size size;
    struct avqa_weights weights;
    struct avqa_json *init; /* what --init gave */
    size_t n_threads;
    int lock;
    bool validates, matches_only, told;
    bool is_other_length; /* than the run that goes on began with */
};

void avqa_train_result_release(struct avqa_train_result *result)
{
    free(result->folder);
    avqa_train_set_counts_release(&result->train);
    avqa_train_set_counts_release(&result->val);
    memset(result, 0, sizeof *result);
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status resume_options(struct trainer *t)
{
    struct avqa_train_options begun;
    struct avqa_model_size size;
    enum avqa_status rc =
        avqa_train_record_read(&t->begun, &begun, &size, t->result->folder);
    if (rc == AVQA_OK)
        rc = avqa_train_options_resume(&t->options, &begun, t->config->typed,
                                       t->config->n_typed);
    t->is_other_length = rc == AVQA_OK && (begun.epochs != t->options.epochs ||
                                           begun.patience != t->options.patience);
    return rc;
}

/* Of a run that is in the way, nobody should be told that it can go on if it cannot. */
static enum avqa_status check_whole(const char *folder)
{
    struct avqa_train_options options;
    struct avqa_model_size size;
    struct avqa_json *run;
    enum avqa_status rc = avqa_train_record_read(&run, &options, &size, folder);
    avqa_json_free(run);
    return rc == AVQA_OK
               ? AVQA_OK
               : avqa_fail(rc, "%s; --name makes another run", avqa_message());
}

/* A run is never written over; one whose state was deleted cannot go on. */
static enum avqa_status check_place(bool resumes, const char *folder)
{
    const bool has_state = avqa_checkpoint_exists(folder);
    const bool has_run = has_state || avqa_run_folder_has_results(folder);
    enum avqa_status rc = has_run && !resumes ? check_whole(folder) : AVQA_OK;
    if (rc != AVQA_OK)
        return rc;
    if (has_state && !resumes)
        return avqa_fail(AVQA_EEXIST,
                         "%s: is there already; --resume goes on with it, --name makes "
                         "another one",
                         folder);
    if (has_run && !has_state)
        return avqa_fail(AVQA_EEXIST,
                         "%s: has a run without a state.json, so it cannot go on; "
                         "--name makes another one",
                         folder);
    return AVQA_OK;
}

/* Which folder, and with what options. */
static enum avqa_status place(struct trainer *t)
{
    const struct avqa_train_config *c = t->config;
    struct avqa_buf name = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    avqa_buf_adds(&name, c->name ? c->name : t->options.model);
    if (!c->name && t->options.stage)
        avqa_buf_addf(&name, "-%s", t->options.stage);
    if (c->resume)
        rc = avqa_run_folder_find_own(&t->result->folder, c->dataset,
                                      avqa_buf_str(&name));
    else
        rc = avqa_run_folder_path(&t->result->folder, c->dataset, avqa_buf_str(&name));
    if (rc == AVQA_OK && c->resume)
        rc = resume_options(t);
    if (rc == AVQA_OK)
        rc = check_place(c->resume, t->result->folder);
    avqa_buf_release(&name);
    if (rc == AVQA_OK)
        rc = avqa_train_options_plan(&t->plan, &t->options);
    t->validates =
        rc == AVQA_OK && strcmp(t->options.val_split, AVQA_TRAIN_NO_SPLIT) != 0;
    t->matches_only = t->result->matches_only =
        rc == AVQA_OK && t->plan.model->matches_only;
    t->result->goes_on =
        rc == AVQA_OK && c->resume && avqa_checkpoint_exists(t->result->folder);
    return rc;
}

/* ---- the questions --------------------------------------------------------------- */

static enum avqa_status find_vocabulary(struct trainer *t)
{
    const struct avqa_train_options *o = &t->options;
    enum avqa_tokens_way way;
    if (t->begun)
        return avqa_run_folder_vocabulary(&t->vocabulary, t->result->folder);
    if (o->vocabulary)
        return avqa_vocabulary_read(&t->vocabulary, o->vocabulary);
    enum avqa_status rc = avqa_tokens_way_find(&way, o->tokens);
    if (rc == AVQA_OK)
        rc = avqa_vocabulary_make(&t->vocabulary, t->cat, o->train_split, way, 0);
    return rc;
}

/* The first question of each clip: what is matched are clips. */
static void keep_clips(struct avqa_train_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n_questions; i++) {
        if (set->questions[i].clip != n)
            continue; /* clips are numbered by first appearance */
        set->questions[n] = set->questions[i];
        memmove(set->words + n * set->length, set->words + i * set->length,
                set->length * sizeof *set->words);
        n++;
    }
    set->n_questions = n;
}

/* Adds to the message of a split whose clips are all too short how to do with them. */
static enum avqa_status blame_length(const struct avqa_loader_options *reads,
                                     size_t most_rows, enum avqa_status why)
{
    size_t n = reads->n_seconds < most_rows ? reads->n_seconds : most_rows;
    return avqa_fail(why,
                     "%s: --stride %zu and --seconds %zu ask for too many, --stride "
                     "%zu --seconds %zu would do",
                     avqa_message(), reads->stride, reads->n_seconds,
                     n > 1 ? (most_rows - 1) / (n - 1) : 1, n);
}

static enum avqa_status load_set(struct trainer *t, struct avqa_train_set *set,
                                 struct avqa_train_set_counts *counts,
                                 const char *split)
{
    const struct avqa_loader_options *reads = &t->plan.loader;
    bool needs_rows = t->plan.model->hears || t->plan.model->sees;
    const struct avqa_train_set_config config = {
        .dataset = t->config->dataset,
        .split = split,
        .vocabulary = &t->vocabulary,
        .model = t->plan.model,
        .encoder_seen = t->options.visual,
        .encoder_heard = t->options.audio,
        .n_rows = needs_rows ? (reads->n_seconds - 1) * reads->stride + 1 : 0,
    };
    enum avqa_status rc = avqa_train_set_load(set, counts, t->cat, &config);
    if (rc == AVQA_ENOENT && counts->most_rows && !t->config->resume)
        rc = blame_length(reads, counts->most_rows, rc);
    if (rc != AVQA_OK)
        return rc;
    avqa_train_say_left_out(split, counts, t->vocabulary.length, t->matches_only,
                            t->config->log);
    if (t->matches_only)
        keep_clips(set);
    return AVQA_OK;
}

/* The encoders that were chosen stay the run's, whatever is extracted later. */
static void keep_encoders(struct trainer *t)
{
    if (!t->options.visual)
        t->options.visual = t->train.seen.name;
    if (!t->options.audio)
        t->options.audio = t->train.heard.name;
}

static enum avqa_status load_questions(struct trainer *t)
{
    const struct avqa_train_options *o = &t->options;
    enum avqa_status rc = avqa_catalog_begin_read(t->cat);
    if (rc == AVQA_OK)
        rc = find_vocabulary(t);
    if (rc == AVQA_OK)
        rc = load_set(t, &t->train, &t->result->train, o->train_split);
    if (rc == AVQA_OK)
        keep_encoders(t);
    if (rc == AVQA_OK && t->result->train.unknown_words && !t->matches_only)
        rc = avqa_fail(AVQA_EINVAL,
                       "split '%s' has words that the vocabulary lacks, such as '%s'; "
                       "without --vocabulary one is made of the split",
                       o->train_split, t->result->train.first_unknown_word);
    if (rc == AVQA_OK)
        rc = avqa_question_types_load(&t->train_types, t->cat, o->train_split,
                                      &t->train);
    if (rc == AVQA_OK && t->validates)
        rc = load_set(t, &t->val, &t->result->val, o->val_split);
    if (rc == AVQA_OK && t->validates)
        rc = avqa_question_types_load(&t->val_types, t->cat, o->val_split, &t->val);
    return rc;
}

static const char LEARNT[] = "the split to train on";

/* ---- the model ------------------------------------------------------------------- */

static enum avqa_status make_model(struct trainer *t)
{
    const struct avqa_model_size published = AVQA_MODEL_SIZE_DEFAULTS;
    const struct avqa_train_set *set = &t->train;
    t->size = (struct avqa_model_size){
        .n_words = t->vocabulary.words.n,
        .n_answers = t->vocabulary.answers.n,
        .sound = set->sound ? set->sound : published.sound,
        .channels = set->channels ? set->channels : published.channels,
        .places = set->places ? set->places : published.places,
    };
    const struct avqa_train_init init = {.dataset = t->config->dataset,
                                         .from = t->options.init,
                                         .vocabulary = &t->vocabulary,
                                         .log = t->config->log};
    const struct avqa_train_made made = {set->heard, set->seen};
    enum avqa_status rc = AVQA_OK;
    if (t->validates)
        rc = avqa_train_set_check_made(&t->val, t->options.val_split, &made, LEARNT);
    if (rc == AVQA_OK && t->validates)
        rc = avqa_train_set_check_sizes(&t->val, t->options.val_split, t->plan.model,
                                        &t->size, LEARNT);
    if (rc == AVQA_OK)
        rc = avqa_model_init(&t->weights, t->plan.model, &t->size,
                             (uint64_t)t->options.seed);
    if (rc == AVQA_OK && t->options.init && !t->result->goes_on)
        rc = avqa_train_init_take(&t->init, &t->weights, &init);
    t->plan.loader.sampler.n = set->n_questions;
    t->result->n_weights = (int64_t)avqa_weights_count(&t->weights);
    t->result->n_steps = (int64_t)avqa_sampler_steps(&t->plan.loader.sampler);
    return rc;
}

/* ---- the folder ------------------------------------------------------------------ */

/* A run that is made longer, or more patient, says so from then on. */
static enum avqa_status say_how_long(struct trainer *t)
{
    avqa_json_set_int(t->begun, "options", "epochs", t->options.epochs);
    avqa_json_set_int(t->begun, "options", "patience", t->options.patience);
    return avqa_run_folder_write(t->result->folder, t->begun, &t->vocabulary);
}

static enum avqa_status prepare_folder(struct trainer *t)
{
    struct avqa_json *now = NULL;
    const struct avqa_train_record record = {
        .dataset = t->config->dataset,
        .options = &t->options,
        .size = &t->size,
        .vocabulary = &t->vocabulary,
        .train = &t->train,
        .val = t->validates ? &t->val : NULL,
        .init = t->init,
        .now_us = avqa_clock_wall_us(),
    };
    enum avqa_status rc = avqa_train_record_make(&now, t->cat, &record);
    if (rc == AVQA_OK && t->begun)
        rc = avqa_train_record_check(t->begun, now);
    if (rc == AVQA_OK && !t->config->dry_run) {
        rc = avqa_io_mkdir(t->result->folder);
        if (rc == AVQA_OK)
            rc = avqa_run_folder_take(&t->lock, t->result->folder);
        if (rc == AVQA_OK && t->is_other_length)
            rc = say_how_long(t);
        else if (rc == AVQA_OK && !t->begun)
            rc = avqa_run_folder_write(t->result->folder, now, &t->vocabulary);
    }
    avqa_json_free(now);
    return rc;
}

/* A picture that cannot be drawn stops no training. */
static void warn_curves(const struct trainer *t, enum avqa_status rc)
{
    if (rc != AVQA_OK)
        avqa_log_write(t->config->log, AVQA_LOG_WARNING, "no curves: %s",
                       avqa_message());
}

static enum avqa_status after_epoch(void *user, const struct avqa_json *epoch,
                                    const struct avqa_json *epochs)
{
    struct trainer *t = user;
    t->told = true;
    warn_curves(t, avqa_train_curves_write(t->result->folder, epochs));
    return t->config->epoch ? t->config->epoch(t->config->user, epoch, epochs)
                            : AVQA_OK;
}

static enum avqa_status look_back(const struct trainer *t)
{
    struct avqa_json *run = NULL;
    enum avqa_status rc = avqa_run_folder_read(&run, t->result->folder);
    if (rc == AVQA_OK)
        rc = avqa_run_progress_read(&t->result->progress, t->result->folder, run);
    avqa_json_free(run);
    return rc;
}

static enum avqa_status announce(const struct trainer *t)
{
    struct avqa_run_progress p = {0};
    const struct avqa_train_start start = {.model = t->plan.model,
                                           .options = &t->options,
                                           .train = &t->train,
                                           .val = t->validates ? &t->val : NULL,
                                           .n_steps = t->result->n_steps,
                                           .goes_on = t->result->goes_on,
                                           .progress = &p,
                                           .folder = t->result->folder};
    enum avqa_status rc = AVQA_OK;
    if (t->result->goes_on)
        rc = avqa_run_progress_read(&p, t->result->folder, t->begun);
    if (rc == AVQA_OK)
        avqa_train_say_start(&start, t->config->log);
    return rc;
}

static enum avqa_status run(struct trainer *t)
{
    const struct avqa_train_options *o = &t->options;
    const struct avqa_loop_options loop = {
        .model = t->plan.model,
        .size = t->size,
        .train = &t->train,
        .val = t->validates ? &t->val : NULL,
        .train_groups = {t->train_types.names, t->train_types.n, t->train_types.of},
        .val_groups = {t->val_types.names, t->val_types.n, t->val_types.of},
        .loader = t->plan.loader,
        .optimiser = t->plan.optimiser,
        .schedule = t->plan.schedule,
        .clip_norm = o->clip_norm,
        .n_epochs = (uint64_t)o->epochs,
        .patience = (uint64_t)o->patience,
        .save_steps = (uint64_t)o->save_steps,
        .save_us = (int64_t)(o->save_minutes * 60e6),
        .n_threads = t->n_threads,
        .matches_only = t->matches_only,
        .resume = t->result->goes_on,
        .folder = t->result->folder,
        .epoch = after_epoch,
        .user = t,
        .log = t->config->log,
    };
    enum avqa_status rc = announce(t);
    if (rc == AVQA_OK)
        rc = avqa_loop_run(&t->weights, &loop);
    if (rc == AVQA_OK && !t->told) /* a kill may have come before the last picture */
        warn_curves(t, avqa_train_curves_redraw(t->result->folder));
    return rc == AVQA_OK ? look_back(t) : rc;
}

/* ---- all of it ------------------------------------------------------------------- */

static void release(struct trainer *t)
{
    avqa_catalog_close(t->cat);
    avqa_weights_release(&t->weights);
    avqa_train_set_release(&t->train);
    avqa_train_set_release(&t->val);
    avqa_question_types_release(&t->train_types);
    avqa_question_types_release(&t->val_types);
    avqa_vocabulary_release(&t->vocabulary);
    avqa_json_free(t->init);
    avqa_json_free(t->begun);
    if (t->lock >= 0)
        close(t->lock);
}

enum avqa_status avqa_train_check(const struct avqa_train_config *config)
{
    struct avqa_train_plan plan;
    const struct avqa_train_options *o = &config->options;
    enum avqa_status rc = AVQA_OK;
    if (config->name)
        rc = avqa_run_folder_check_name(config->name);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "--name");
    if (config->resume && (config->name || o->model))
        return AVQA_OK;
    if (config->resume)
        return avqa_run_folder_ask(config->dataset,
                                   "which run goes on? --name NAME says it");
    rc = avqa_train_options_plan(&plan, o);
    if (rc == AVQA_OK && o->patience && strcmp(o->val_split, AVQA_TRAIN_NO_SPLIT) == 0)
        rc = avqa_fail(AVQA_EINVAL, "--patience waits for a better epoch, which only "
                                    "validation tells: not with --val-split none");
    return rc;
}

enum avqa_status avqa_train(const struct avqa_train_config *config,
                            struct avqa_train_result *result)
{
    struct trainer t = {
        .config = config, .result = result, .options = config->options, .lock = -1};
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    t.n_threads = config->n_jobs ? config->n_jobs : n_cores > 0 ? (size_t)n_cores : 1;
    enum avqa_status rc = avqa_train_check(config);
    if (rc == AVQA_OK)
        rc = place(&t);
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&t.cat, config->dataset, AVQA_CATALOG_READ);
    if (rc == AVQA_OK)
        rc = load_questions(&t);
    if (rc == AVQA_OK)
        rc = make_model(&t);
    if (rc == AVQA_OK)
        rc = prepare_folder(&t);
    avqa_catalog_close(t.cat);
    t.cat = NULL;
    if (rc == AVQA_OK && !config->dry_run)
        rc = run(&t);
    release(&t);
    return rc;
}
