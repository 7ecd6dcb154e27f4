/* See eval_report.h. Every share stands beside its counts. */
#include "pipeline/eval_report.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONFUSIONS = 20 };

/* ---- shares ---------------------------------------------------------------------- */

static void put_share(struct avqa_json *o, const char *key, size_t n, size_t total)
{
    avqa_json_put_double(o, key,
                         total ? (double)n / (double)total : (double)NAN); /* null */
}

static void put_interval(struct avqa_json *o, const struct avqa_interval *interval)
{
    if (isnan(interval->lo)) {
        avqa_json_put_null(o, "ci95");
        return;
    }
    struct avqa_json *pair = avqa_json_put_array(o, "ci95");
    avqa_json_put_double(pair, NULL, interval->lo);
    avqa_json_put_double(pair, NULL, interval->hi);
}

static void put_count(struct avqa_json *o, size_t correct, size_t total)
{
    avqa_json_put_int(o, "correct", (int64_t)correct);
    avqa_json_put_int(o, "total", (int64_t)total);
    put_share(o, "accuracy", correct, total);
}

static struct avqa_json *put_group(struct avqa_json *out, const char *key,
                                   const struct avqa_score_group *g)
{
    struct avqa_json *o = avqa_json_put_object(out, key);
    put_count(o, g->correct, g->total);
    put_interval(o, &g->interval);
    avqa_json_put_int(o, "videos", (int64_t)g->interval.n_clusters);
    avqa_json_put_int(o, "prior", (int64_t)g->prior);
    return o;
}

/* The groups of a kind that have questions. */
static void put_groups(struct avqa_json *out, const char *key,
                       const struct avqa_score *score, enum avqa_score_kind kind)
{
    struct avqa_json *groups = avqa_json_put_object(out, key);
    for (size_t g = 0; g < score->n_groups; g++) {
        if (score->groups[g].kind == kind && score->groups[g].total)
            put_group(groups, score->groups[g].name, &score->groups[g]);
    }
}

/* ---- priors ---------------------------------------------------------------------- */

static void put_prior(struct avqa_json *out, const struct avqa_eval_outcome *e)
{
    static const char *const names[AVQA_N_GROUPINGS] = {"global", "type", "template",
                                                        "slots"};
    const struct avqa_audit *a = &e->set->audit;
    size_t total = e->score->groups[0].total;
    struct avqa_json *o = avqa_json_put_object(out, "prior");
    avqa_json_put_string(o, "fit", a->has_against ? a->opts.against : a->opts.split);
    avqa_json_put_string(o, "by", names[AVQA_GROUP_TEMPLATE]);
    put_count(o, e->score->priors[AVQA_GROUP_TEMPLATE], total);
    for (int by = 0; by < AVQA_N_GROUPINGS; by++)
        put_count(avqa_json_put_object(o, names[by]), e->score->priors[by], total);
}

/* ---- answers --------------------------------------------------------------------- */

const char *avqa_eval_confusion_name(const struct avqa_eval_outcome *e, size_t k)
{
    return k < e->set->answers.n ? avqa_intern_text(&e->set->answers, (uint32_t)k)
                                 : "-";
}

enum avqa_status avqa_eval_confusion(size_t **counts, const struct avqa_eval_outcome *e)
{
    size_t n = e->set->answers.n;
    enum avqa_status rc = avqa_mem_array(counts, n * (n + 1), sizeof **counts);
    for (size_t i = 0; rc == AVQA_OK && i < e->set->n; i++) {
        const char *truth = avqa_eval_truth(e->set, i);
        const struct avqa_eval_said *said = &e->model->said[i];
        size_t row = avqa_intern_find(&e->set->answers, truth, strlen(truth));
        size_t col = said->answer == AVQA_INTERN_NONE ? n : said->answer;
        if (said->asked)
            (*counts)[row * (n + 1) + col]++;
    }
    return rc;
}

/* A right answer with how often it was given, and how often rightly. */
static void put_answers(struct avqa_json *out, const struct avqa_eval_outcome *e,
                        const size_t *counts)
{
    size_t n = e->set->answers.n;
    struct avqa_json *answers = avqa_json_put_object(out, "answers");
    for (size_t g = 0; g < e->score->n_groups; g++) {
        const struct avqa_score_group *group = &e->score->groups[g];
        if (group->kind != AVQA_SCORE_ANSWER)
            continue;
        size_t given = 0;
        uint32_t a =
            avqa_intern_find(&e->set->answers, group->name, strlen(group->name));
        for (size_t row = 0; row < n; row++)
            given += counts[row * (n + 1) + a];
        if (group->total == 0 && given == 0)
            continue;
        struct avqa_json *o = put_group(answers, group->name, group);
        avqa_json_put_int(o, "given", (int64_t)given);
        put_share(o, "precision", group->correct, given);
    }
}

struct confusion {
    size_t truth, given, n;
};

static int by_count(const void *a, const void *b)
{
    const struct confusion *x = a;
    const struct confusion *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    if (x->truth != y->truth)
        return x->truth < y->truth ? -1 : 1;
    return x->given < y->given ? -1 : x->given > y->given;
}

/* What is taken for what most often. */
static void put_confusions(struct avqa_json *out, const struct avqa_eval_outcome *e,
                           const size_t *counts)
{
    size_t n = e->set->answers.n;
    size_t n_found = 0;
    struct confusion *list = avqa_mem_new(n * (n + 1) * sizeof *list);
    for (size_t row = 0; row < n; row++) {
        for (size_t col = 0; col <= n; col++) {
            size_t times = counts[row * (n + 1) + col];
            if (times && row != col)
                list[n_found++] = (struct confusion){row, col, times};
        }
    }
    if (n_found)
        qsort(list, n_found, sizeof *list, by_count);
    struct avqa_json *o = avqa_json_put_array(out, "confusions");
    for (size_t i = 0; i < n_found && i < MAX_CONFUSIONS; i++) {
        struct avqa_json *c = avqa_json_put_object(o, NULL);
        avqa_json_put_string(c, "truth", avqa_eval_confusion_name(e, list[i].truth));
        avqa_json_put_string(c, "given", avqa_eval_confusion_name(e, list[i].given));
        avqa_json_put_int(c, "questions", (int64_t)list[i].n);
    }
    free(list);
}

/* ---- another model --------------------------------------------------------------- */

static void put_pair(struct avqa_json *out, const char *key,
                     const struct avqa_score_group *g)
{
    const struct avqa_score_pair *p = &g->pair;
    struct avqa_json *o = avqa_json_put_object(out, key);
    size_t one = p->both + p->test.only_one;
    size_t other = p->both + p->test.only_other;
    avqa_json_put_int(o, "total", (int64_t)p->total);
    avqa_json_put_int(o, "both", (int64_t)p->both);
    avqa_json_put_int(o, "only_this", (int64_t)p->test.only_one);
    avqa_json_put_int(o, "only_other", (int64_t)p->test.only_other);
    avqa_json_put_int(o, "neither", (int64_t)(p->total - one - p->test.only_other));
    put_share(o, "accuracy", one, p->total);
    put_share(o, "other_accuracy", other, p->total);
    avqa_json_put_double(o, "difference",
                         p->total ? ((double)one - (double)other) / (double)p->total
                                  : (double)NAN);
    put_interval(o, &p->difference);
    avqa_json_put_exact(o, "p", p->test.p_exact);
    avqa_json_put_double(o, "chi_squared", p->test.chi_squared);
    avqa_json_put_exact(o, "p_chi_squared", p->test.p_chi_squared);
}

static void put_pairs(struct avqa_json *out, const char *key,
                      const struct avqa_score *score, enum avqa_score_kind kind)
{
    struct avqa_json *groups = avqa_json_put_object(out, key);
    for (size_t g = 0; g < score->n_groups; g++) {
        if (score->groups[g].kind == kind && score->groups[g].pair.total)
            put_pair(groups, score->groups[g].name, &score->groups[g]);
    }
}

static void put_about(struct avqa_json *out, const struct avqa_eval_model *model)
{
    avqa_json_put_string(out, "name", model->name);
    if (model->about)
        avqa_json_put_copy(out, model->is_run ? "run" : "predictions", model->about);
}

static void put_against(struct avqa_json *out, const struct avqa_eval_outcome *e)
{
    struct avqa_json *o = avqa_json_put_object(out, "against");
    put_about(o, e->other);
    put_pair(o, "overall", &e->score->groups[0]);
    put_pairs(o, "modalities", e->score, AVQA_SCORE_MODALITY);
    put_pairs(o, "types", e->score, AVQA_SCORE_TYPE);
    put_pairs(o, "templates", e->score, AVQA_SCORE_TEMPLATE);
}

static void put_intervals(struct avqa_json *out, const struct avqa_eval_outcome *e)
{
    struct avqa_json *o = avqa_json_put_object(out, "intervals");
    avqa_json_put_double(o, "level", AVQA_BOOTSTRAP_LEVEL);
    avqa_json_put_string(o, "drawn", "videos");
    avqa_json_put_int(o, "draws", (int64_t)e->n_draws);
    avqa_json_put_int(o, "min_videos", AVQA_BOOTSTRAP_MIN_CLUSTERS);
    avqa_json_put_int(o, "seed", (int64_t)e->seed);
}

enum avqa_status avqa_eval_report(struct avqa_json **out,
                                  const struct avqa_eval_outcome *e)
{
    size_t *counts = NULL;
    enum avqa_status rc = avqa_eval_confusion(&counts, e);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "dataset", e->set->dataset);
    avqa_json_put_string(o, "split", e->set->audit.opts.split);
    put_about(o, e->model);
    avqa_json_put_int(o, "questions", (int64_t)e->set->n);
    avqa_json_put_int(o, "videos", (int64_t)e->score->n_videos);
    put_group(o, "overall", &e->score->groups[0]);
    put_groups(o, "modalities", e->score, AVQA_SCORE_MODALITY);
    put_groups(o, "types", e->score, AVQA_SCORE_TYPE);
    put_groups(o, "templates", e->score, AVQA_SCORE_TEMPLATE);
    put_answers(o, e, counts);
    put_groups(o, "instances", e->score, AVQA_SCORE_INSTANCES);
    put_prior(o, e);
    put_intervals(o, e);
    put_confusions(o, e, counts);
    if (e->model->grounding)
        avqa_json_put_copy(o, "grounding", e->model->grounding);
    if (e->other)
        put_against(o, e);
    free(counts);
    *out = o;
    return AVQA_OK;
}
