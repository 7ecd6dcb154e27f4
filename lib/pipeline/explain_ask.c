/* See explain_ask.h. Each split of the list is a set of its own; its questions are put
 * into the list's order, so that asking can end early. */
#include "pipeline/explain_ask.h"
#include "base/mem.h"
#include "pipeline/train_set.h"
#include "train/predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16 };

struct asking {
    const struct avqa_explain_asking *how;
    const struct avqa_explain_list *list;
    struct avqa_explain_replies *out;
    const char *split; /* in hand */
    const struct avqa_train_set *set;
    const size_t *places; /* of the set's questions in the list */
    size_t n_seen, n_total;
    bool is_enough;
};

static void release_reply(struct avqa_explain_reply *reply)
{
    free(reply->places);
    free(reply->heard);
    free(reply->seen);
}

void avqa_explain_replies_release(struct avqa_explain_replies *replies)
{
    for (size_t i = 0; i < replies->n; i++)
        release_reply(&replies->items[i]);
    free(replies->items);
    free(replies->first_without);
    *replies = (struct avqa_explain_replies){.n = 0};
}

/* ---- one reply ------------------------------------------------------------------- */

/* The mean over the heads of question i; NULL if there is no such attention. */
static enum avqa_status keep_seconds(double **out, const avqa_real *weights, size_t i,
                                     size_t n_seconds)
{
    if (!weights)
        return AVQA_OK;
    enum avqa_status rc = avqa_mem_array(out, n_seconds, sizeof **out);
    if (rc != AVQA_OK)
        return rc;
    const avqa_real *w = weights + i * AVQA_MODEL_HEADS * n_seconds;
    for (size_t k = 0; k < AVQA_MODEL_HEADS * n_seconds; k++)
        (*out)[k % n_seconds] += (double)w[k] / AVQA_MODEL_HEADS;
    return AVQA_OK;
}

static enum avqa_status keep_places(float **out, const avqa_real *weights, size_t i,
                                    size_t n)
{
    if (!weights)
        return AVQA_OK;
    enum avqa_status rc = avqa_mem_array(out, n, sizeof **out);
    for (size_t k = 0; rc == AVQA_OK && k < n; k++)
        (*out)[k] = (float)weights[i * n + k];
    return rc;
}

/* The highest logits, the first of equal ones first, as probabilities. */
static void keep_choices(struct avqa_explain_reply *reply, const avqa_real *logits,
                         const struct avqa_vocabulary *vocabulary)
{
    const size_t n = vocabulary->answers.n;
    size_t best[AVQA_EXPLAIN_N_CHOICES];
    size_t n_best = 0;
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        size_t at = n_best;
        while (at > 0 && logits[k] > logits[best[at - 1]])
            at--;
        if (at == AVQA_EXPLAIN_N_CHOICES)
            continue;
        n_best += n_best < AVQA_EXPLAIN_N_CHOICES;
        for (size_t j = n_best - 1; j > at; j--)
            best[j] = best[j - 1];
        best[at] = k;
    }
    for (size_t k = 0; k < n; k++)
        sum += exp((double)logits[k] - (double)logits[best[0]]);
    for (size_t k = 0; k < n_best; k++) {
        reply->answers[k] = avqa_intern_text(&vocabulary->answers, (uint32_t)best[k]);
        reply->probabilities[k] =
            exp((double)logits[best[k]] - (double)logits[best[0]]) / sum;
    }
    reply->n_choices = n_best;
}

static enum avqa_status keep(struct asking *a, struct avqa_explain_reply *reply,
                             size_t i, const struct avqa_answer *answer)
{
    const struct avqa_trained *t = a->how->trained;
    const size_t n_seconds = t->loader.n_seconds;
    enum avqa_status rc =
        keep_places(&reply->places, answer->places, i, n_seconds * t->size.places);
    if (rc == AVQA_OK)
        rc = keep_seconds(&reply->heard, answer->seconds_heard, i, n_seconds);
    if (rc == AVQA_OK)
        rc = keep_seconds(&reply->seen, answer->seconds_seen, i, n_seconds);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&a->out->items, &a->out->cap, a->out->n + 1,
                           sizeof *a->out->items);
    if (rc == AVQA_OK)
        a->out->items[a->out->n++] = *reply;
    else
        release_reply(reply);
    return rc;
}

static bool is_wanted(const struct avqa_explain_asking *how,
                      const struct avqa_explain_reply *reply)
{
    return (!how->only_wrong || !reply->right) && (!how->only_right || reply->right);
}

static enum avqa_status take_batch(void *user, const uint32_t *questions,
                                   const struct avqa_batch *batch,
                                   const struct avqa_answer *answer)
{
    struct asking *a = user;
    const struct avqa_vocabulary *v = &a->how->trained->vocabulary;
    enum avqa_status rc = AVQA_OK;
    if (!answer->logits && (a->how->only_wrong || a->how->only_right))
        return avqa_fail(AVQA_EINVAL, "%s gives no answers, so none is right or wrong",
                         a->how->trained->model->name);
    for (size_t i = 0; rc == AVQA_OK && !a->is_enough && i < batch->n; i++) {
        const int32_t truth = a->set->questions[questions[i]].answer;
        struct avqa_explain_reply reply = {
            .question = &a->list->items[a->places[questions[i]]],
            .knows_truth = truth != AVQA_TRAIN_NO_ANSWER};
        if (answer->logits) {
            keep_choices(&reply, answer->logits->value + i * v->answers.n, v);
            reply.right = truth >= 0 && avqa_predict_best(answer, i) == (size_t)truth;
        }
        a->out->n_asked++;
        a->out->n_right += reply.right;
        if (is_wanted(a->how, &reply)) {
            rc = keep(a, &reply, i, answer);
            a->out->n_unknown_words +=
                answer->logits && a->set->questions[questions[i]].has_unknown;
        }
        a->is_enough = a->how->n && a->out->n == a->how->n;
    }
    avqa_log_progress(a->how->log, "questions", (int64_t)a->out->n_asked,
                      (int64_t)a->n_total);
    if (rc == AVQA_OK && a->is_enough)
        rc = avqa_fail(AVQA_ESTOPPED, "enough");
    else if (rc == AVQA_OK && avqa_log_stopped(a->how->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped");
    return rc;
}

/* ---- one split ------------------------------------------------------------------- */

struct order {
    int64_t id;
    size_t place; /* in the list, or the set */
};

static int by_id(const void *a, const void *b)
{
    const struct order *x = a;
    const struct order *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_place(const void *a, const void *b)
{
    const struct order *x = a;
    const struct order *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* The questions of a split, by id. A question that was named twice is in it once. */
static enum avqa_status list_split(struct order **out, size_t *n,
                                   const struct asking *a)
{
    size_t n_all = 0;
    *n = 0;
    enum avqa_status rc = avqa_mem_array(out, a->list->n + 1, sizeof **out);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < a->list->n; i++) {
        if (a->list->items[i].split == a->split)
            (*out)[n_all++] = (struct order){a->list->items[i].id, i};
    }
    qsort(*out, n_all, sizeof **out, by_id);
    for (size_t i = 0; i < n_all; i++) {
        if (*n == 0 || (*out)[*n - 1].id != (*out)[i].id)
            (*out)[(*n)++] = (*out)[i];
    }
    return AVQA_OK;
}

/* Puts the set's questions into the order of the list, and writes where each is. */
static enum avqa_status order_set(struct avqa_train_set *set, size_t *places,
                                  const struct order *asked, size_t n_asked)
{
    const size_t n = set->n_questions;
    const size_t row = set->length * sizeof *set->words;
    struct order *orders = NULL;
    struct avqa_train_question *questions = NULL;
    int32_t *words = NULL;
    enum avqa_status rc = avqa_mem_array(&orders, n, sizeof *orders);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&questions, n, sizeof *questions);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&words, n * set->length + 1, sizeof *words);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const struct order key = {.id = set->questions[i].id};
        const struct order *found = bsearch(&key, asked, n_asked, sizeof *asked, by_id);
        /* `id` is where the question is in the set from here on. */
        orders[i] = (struct order){(int64_t)i, found->place};
    }
    if (rc == AVQA_OK) {
        qsort(orders, n, sizeof *orders, by_place);
        memcpy(questions, set->questions, n * sizeof *questions);
        memcpy(words, set->words, n * row);
    }
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        const size_t from = (size_t)orders[i].id;
        set->questions[i] = questions[from];
        memcpy(set->words + i * set->length, words + from * set->length, row);
        places[i] = orders[i].place;
    }
    free(orders);
    free(questions);
    free(words);
    return rc;
}

static enum avqa_status load_set(struct avqa_train_set *set, struct asking *a,
                                 struct avqa_catalog *cat, const struct order *asked,
                                 size_t n)
{
    const struct avqa_trained *t = a->how->trained;
    struct avqa_explain_replies *out = a->out;
    struct avqa_train_set_counts counts = {.questions = 0};
    int64_t *ids;
    enum avqa_status rc = avqa_mem_array(&ids, n + 1, sizeof *ids);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        ids[i] = asked[i].id;
    const struct avqa_train_set_config config = {
        .dataset = a->how->dataset,
        .split = a->split,
        .vocabulary = &t->vocabulary,
        .model = t->model,
        .encoder_seen = t->encoder_seen,
        .encoder_heard = t->encoder_heard,
        .n_rows = (t->loader.n_seconds - 1) * t->loader.stride + 1,
        .questions = ids,
        .n_questions = n};
    if (rc == AVQA_OK)
        rc = avqa_train_set_load(set, &counts, cat, &config);
    if (rc == AVQA_OK)
        rc = avqa_trained_check_set(t, set, a->split);
    out->n_without += (size_t)counts.no_features;
    if (counts.first_without && !out->first_without)
        out->first_without = avqa_mem_strdup(counts.first_without);
    avqa_train_set_counts_release(&counts);
    free(ids);
    return rc;
}

static enum avqa_status predict(struct asking *a, struct avqa_train_set *set)
{
    struct avqa_trained *t = a->how->trained;
    struct avqa_predict_options options = {.weights = &t->weights,
                                           .size = t->size,
                                           .loader = t->loader,
                                           .n_threads = a->how->n_threads};
    options.loader.model = t->model;
    options.loader.sampler = (struct avqa_sampler){
        .batch = set->n_questions < BATCH ? set->n_questions : BATCH, .world = 1};
    options.loader.n_threads = a->how->n_threads;
    a->set = set;
    a->n_total += set->n_questions;
    enum avqa_status rc = avqa_predict(&options, set, take_batch, a);
    return rc == AVQA_ESTOPPED && a->is_enough ? AVQA_OK : rc;
}

static enum avqa_status ask_split(struct asking *a, struct avqa_catalog *cat)
{
    const struct avqa_explain_asking *how = a->how;
    struct avqa_train_set set = {.n_questions = 0};
    struct order *asked = NULL;
    size_t *places = NULL;
    size_t n = 0;
    enum avqa_status rc = list_split(&asked, &n, a);
    if (rc == AVQA_OK)
        rc = load_set(&set, a, cat, asked, n);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&places, set.n_questions, sizeof *places);
    if (rc == AVQA_OK)
        rc = order_set(&set, places, asked, n);
    /* Where every reply is wanted, no more is asked. */
    if (how->n && !how->only_wrong && !how->only_right && set.n_questions > how->n)
        set.n_questions = how->n;
    a->places = places;
    if (rc == AVQA_OK)
        rc = predict(a, &set);
    avqa_train_set_release(&set);
    free(asked);
    free(places);
    return rc;
}

/* ---- all of them ----------------------------------------------------------------- */

static int by_list(const void *a, const void *b)
{
    const struct avqa_explain_reply *x = a;
    const struct avqa_explain_reply *y = b;
    return (x->question > y->question) - (x->question < y->question);
}

static bool was_asked(const struct avqa_explain_list *list, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (list->items[k].split == list->items[i].split)
            return true;
    }
    return false;
}

enum avqa_status avqa_explain_ask(struct avqa_explain_replies *out,
                                  struct avqa_catalog *cat,
                                  const struct avqa_explain_list *list,
                                  const struct avqa_explain_asking *asking)
{
    struct asking a = {.how = asking, .list = list, .out = out};
    const char *last = NULL;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && !a.is_enough && i < list->n; i++) {
        a.split = list->items[i].split;
        if (a.split == last || was_asked(list, i))
            continue;
        last = a.split;
        rc = ask_split(&a, cat);
    }
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, by_list);
    return rc;
}
