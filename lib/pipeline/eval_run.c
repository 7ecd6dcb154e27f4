/* See eval_run.h. The set that the model is asked is made anew out of the catalog;
 * catalog ids tell which question of ours each of its questions is. */
#include "pipeline/eval_run.h"
#include "base/mem.h"
#include "pipeline/dataset.h"
#include "pipeline/eval_doubts.h"
#include "pipeline/eval_grounding_report.h"
#include "pipeline/train_set.h"
#include "pipeline/view.h"
#include "train/predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
    int64_t id; /* of the catalog */
    uint32_t question;
};

struct asking {
    const struct avqa_eval_asking *how;
    struct avqa_eval_model *out;
    struct avqa_eval_set *set;
    struct avqa_train_set questions;
    uint32_t *places; /* of the questions in the set */
    size_t n_done;
    size_t side; /* of a square map; 0: it is none */
    struct avqa_views views;
    double *maps, *heard, *seen;
    struct avqa_grounding grounding;
};

/* ---- which question is which ----------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static enum avqa_status find_places(struct asking *a)
{
    const struct avqa_eval_set *set = a->set;
    struct place *list;
    enum avqa_status rc = avqa_mem_array(&list, set->n, sizeof *list);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&a->places, a->questions.n_questions, sizeof *a->places);
    for (uint32_t i = 0; rc == AVQA_OK && i < set->n; i++)
        list[i] = (struct place){set->table.ids[set->audit.on.from + i], i};
    if (rc == AVQA_OK)
        qsort(list, set->n, sizeof *list, by_id);
    for (size_t i = 0; rc == AVQA_OK && i < a->questions.n_questions; i++) {
        const struct place key = {a->questions.questions[i].id, 0};
        const struct place *found = bsearch(&key, list, set->n, sizeof *list, by_id);
        if (found)
            a->places[i] = found->question;
        else
            rc = avqa_fail(AVQA_EIO, "the catalog was changed meanwhile; try again");
    }
    free(list);
    return rc;
}

/* ---- one batch ------------------------------------------------------------------- */

/* What softmax gives to the k-th of n. */
static double share_of(const avqa_real *logits, size_t n, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += exp((double)logits[i] - (double)logits[k]);
    return 1 / sum;
}

static void keep_answer(struct asking *a, size_t question,
                        const struct avqa_answer *answer, size_t i)
{
    size_t n = a->how->trained->size.n_answers;
    size_t best = avqa_predict_best(answer, i);
    const char *text =
        avqa_intern_text(&a->how->trained->vocabulary.answers, (uint32_t)best);
    struct avqa_eval_said *said = &a->out->said[question];
    said->asked = said->said = true;
    said->way = AVQA_REPLY_EXACT;
    said->answer = avqa_intern_add(&a->set->answers, text, strlen(text), NULL);
    said->share = share_of(answer->logits->value + i * n, n, best);
}

/* The mean over the heads of question i. */
static const double *mean_seconds(double *out, const avqa_real *weights, size_t i,
                                  size_t n)
{
    if (!weights)
        return NULL;
    const avqa_real *w = weights + i * AVQA_MODEL_HEADS * n;
    memset(out, 0, n * sizeof *out);
    for (size_t k = 0; k < AVQA_MODEL_HEADS * n; k++)
        out[k % n] += (double)w[k] / AVQA_MODEL_HEADS;
    return out;
}

static enum avqa_status keep_attention(struct asking *a, size_t question,
                                       const struct avqa_answer *answer, size_t i)
{
    const struct avqa_trained *t = a->how->trained;
    size_t n = t->loader.n_seconds;
    size_t n_map = n * t->size.places;
    const struct avqa_audit_clip *clip =
        &a->set->table.clips[avqa_eval_row(a->set, question)->clip];
    struct avqa_attention_seen seen = {.n_seconds = n, .stride = t->loader.stride};
    enum avqa_status rc = AVQA_OK;
    if (answer->places && a->side) {
        for (size_t k = 0; k < n_map; k++)
            a->maps[k] = (double)answer->places[i * n_map + k];
        seen.places = a->maps;
        seen.side = a->side;
        rc = avqa_views_find(&seen.region, &a->views, clip->id);
    }
    seen.heard = mean_seconds(a->heard, answer->seconds_heard, i, n);
    seen.seen = mean_seconds(a->seen, answer->seconds_seen, i, n);
    return rc == AVQA_OK ? avqa_grounding_add(&a->grounding, a->set, question, &seen)
                         : rc;
}

static enum avqa_status take_batch(void *user, const uint32_t *questions,
                                   const struct avqa_batch *batch,
                                   const struct avqa_answer *answer)
{
    struct asking *a = user;
    enum avqa_status rc = AVQA_OK;
    if (!answer->logits)
        return avqa_fail(AVQA_EINVAL, "%s gives no answers: there is nothing to count",
                         a->how->trained->model->name);
    for (size_t i = 0; rc == AVQA_OK && i < batch->n; i++) {
        size_t question = a->places[questions[i]];
        keep_answer(a, question, answer, i);
        if (a->set->table.scenes)
            rc = keep_attention(a, question, answer, i);
    }
    a->n_done += batch->n;
    avqa_log_progress(a->how->log, "questions", (int64_t)a->n_done,
                      (int64_t)a->questions.n_questions);
    if (rc == AVQA_OK && avqa_log_stopped(a->how->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was written");
    return rc;
}

/* ---- all of them ----------------------------------------------------------------- */

/* What of pictures the run's encoder sees, if that matters. */
static enum avqa_status open_views(struct asking *a, struct avqa_catalog *cat)
{
    const struct avqa_feature_info *info;
    if (!a->set->table.scenes)
        return AVQA_OK;
    enum avqa_status rc =
        avqa_view_encoder(&info, cat, a->set->audit.opts.split, a->how->trained);
    return rc == AVQA_OK ? avqa_views_open(&a->views, cat, a->how->dataset, info) : rc;
}

static enum avqa_status load_questions(struct asking *a,
                                       struct avqa_train_set_counts *counts)
{
    const struct avqa_trained *t = a->how->trained;
    struct avqa_catalog *cat;
    bool needs_rows = t->model->hears || t->model->sees;
    const struct avqa_train_set_config config = {
        .dataset = a->how->dataset,
        .split = a->set->audit.opts.split,
        .vocabulary = &t->vocabulary,
        .model = t->model,
        .encoder_seen = t->encoder_seen,
        .encoder_heard = t->encoder_heard,
        .n_rows = needs_rows ? (t->loader.n_seconds - 1) * t->loader.stride + 1 : 0};
    enum avqa_status rc = avqa_dataset_open(&cat, a->how->dataset, AVQA_CATALOG_READ);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_catalog_begin_read(cat);
    if (rc == AVQA_OK)
        rc = avqa_eval_doubt(t, a->how->dataset, cat, a->how->log);
    if (rc == AVQA_OK)
        rc = avqa_train_set_load(&a->questions, counts, cat, &config);
    if (rc == AVQA_OK)
        rc = avqa_trained_check_set(t, &a->questions, config.split);
    if (rc == AVQA_OK)
        rc = open_views(a, cat);
    avqa_catalog_close(cat);
    return rc;
}

static void put_about(struct asking *a, const struct avqa_train_set_counts *counts)
{
    const struct avqa_trained *t = a->how->trained;
    struct avqa_json *o = a->out->about = avqa_json_new_object();
    avqa_json_put_string(o, "folder", t->folder);
    avqa_json_put_string(o, "model", t->model->name);
    avqa_json_put_string(o, "weights", a->how->last ? "last" : "best");
    if (t->train_split)
        avqa_json_put_string(o, "train_split", t->train_split);
    avqa_json_put_int(o, "questions", (int64_t)a->set->n);
    avqa_json_put_int(o, "asked", (int64_t)a->n_done);
    avqa_json_put_int(o, "no_features", counts->no_features);
    avqa_json_put_int(o, "clips_without", counts->clips_without);
    if (counts->first_without)
        avqa_json_put_string(o, "first_without", counts->first_without);
    avqa_json_put_int(o, "cut", counts->cut);
    avqa_json_put_int(o, "unknown_answers", counts->unknown_answers);
    avqa_json_put_int(o, "unknown_words", counts->unknown_words);
}

static enum avqa_status predict(struct asking *a)
{
    struct avqa_trained *t = a->how->trained;
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct avqa_predict_options options = {.weights = &t->weights,
                                           .size = t->size,
                                           .loader = t->loader,
                                           .n_threads = a->how->jobs};
    if (options.n_threads == 0)
        options.n_threads = n_cores > 0 ? (size_t)n_cores : 1;
    options.loader.model = t->model;
    options.loader.sampler.batch = a->how->batch;
    options.loader.sampler.rank = 0;
    options.loader.sampler.world = 1;
    return avqa_predict(&options, &a->questions, take_batch, a);
}

static enum avqa_status make_room(struct asking *a)
{
    const struct avqa_trained *t = a->how->trained;
    size_t n = t->loader.n_seconds;
    double side = sqrt((double)t->size.places);
    if (side == floor(side))
        a->side = (size_t)side;
    enum avqa_status rc = avqa_mem_array(&a->maps, n, t->size.places * sizeof *a->maps);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&a->heard, n, sizeof *a->heard);
    return rc == AVQA_OK ? avqa_mem_array(&a->seen, n, sizeof *a->seen) : rc;
}

enum avqa_status avqa_eval_ask(struct avqa_eval_model *out, struct avqa_eval_set *set,
                               const struct avqa_eval_asking *how)
{
    struct asking a = {.how = how, .out = out, .set = set};
    struct avqa_train_set_counts counts = {0};
    const char *slash = strrchr(how->trained->folder, '/');
    enum avqa_status rc = avqa_eval_model_init(out, set);
    out->is_run = true;
    out->name = avqa_mem_strdup(slash && slash[1] ? slash + 1 : how->trained->folder);
    if (rc == AVQA_OK)
        rc = load_questions(&a, &counts);
    if (rc == AVQA_OK)
        rc = find_places(&a);
    if (rc == AVQA_OK)
        rc = make_room(&a);
    if (rc == AVQA_OK)
        rc = predict(&a);
    if (rc == AVQA_OK)
        put_about(&a, &counts);
    if (rc == AVQA_OK && (a.grounding.n || a.grounding.n_unplaced))
        rc = avqa_grounding_json(&out->grounding, &a.grounding, set, how->n_draws,
                                 how->seed, how->jobs);
    avqa_train_set_release(&a.questions);
    avqa_train_set_counts_release(&counts);
    avqa_grounding_release(&a.grounding);
    avqa_views_release(&a.views);
    free(a.places);
    free(a.maps);
    free(a.heard);
    free(a.seen);
    return rc;
}
