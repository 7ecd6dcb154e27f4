/* See score.h. Groups get numbers once; then counting, guessing and drawing are each a
 * pass over the rows with the numbers of their groups. */
#include "audit/score.h"
#include "audit/prior.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_INSTANCES = 10 }; /* so many or more are one group */

struct work {
    struct avqa_score *out;
    const struct avqa_audit *audit;
    uint32_t *modality, *type; /* groups, by template */
    uint32_t first_template;
    uint32_t *answers; /* groups, by answer of the table */
    uint32_t first_instances;
    /* Of the rows that count: */
    uint32_t *rows; /* from audit->on.from */
    size_t n_rows;
    uint32_t *groups; /* [n_rows, N_KINDS] */
    uint32_t *clusters;
    size_t n_clusters;
    double *values;
};

void avqa_score_release(struct avqa_score *score)
{
    free(score->groups);
    avqa_arena_release(&score->arena);
    *score = (struct avqa_score){0};
}

/* ---- the groups ------------------------------------------------------------------ */

static uint32_t add_group(struct work *w, enum avqa_score_kind kind, const char *name)
{
    struct avqa_score_group *g = &w->out->groups[w->out->n_groups];
    *g = (struct avqa_score_group){.kind = kind,
                                   .name = avqa_arena_strdup(&w->out->arena, name)};
    return (uint32_t)w->out->n_groups++;
}

/* The group of this kind and name, added if there is none. */
static uint32_t group_named(struct work *w, enum avqa_score_kind kind, const char *name)
{
    for (size_t g = 0; g < w->out->n_groups; g++) {
        const struct avqa_score_group *group = &w->out->groups[g];
        if (group->kind == kind && strcmp(group->name, name) == 0)
            return (uint32_t)g;
    }
    return add_group(w, kind, name);
}

/* Answers of the vocabulary in its order, then whatever else rows are answered with. */
static void add_answers(struct work *w)
{
    const struct avqa_audit_table *t = w->audit->t;
    for (uint32_t a = 0; a < t->answers.n; a++)
        w->answers[a] = AVQA_INTERN_NONE;
    for (size_t i = 0; i < t->templates->n_answers; i++) {
        const char *word = t->templates->answers[i];
        uint32_t group = add_group(w, AVQA_SCORE_ANSWER, word);
        uint32_t a = avqa_intern_find(&t->answers, word, strlen(word));
        if (a != AVQA_INTERN_NONE)
            w->answers[a] = group;
    }
    for (uint32_t a = 0; a < t->answers.n; a++) {
        if (w->answers[a] == AVQA_INTERN_NONE)
            w->answers[a] = add_group(w, AVQA_SCORE_ANSWER, avqa_audit_answer(t, a));
    }
}

static enum avqa_status make_groups(struct work *w)
{
    const struct avqa_templates *t = w->audit->t->templates;
    size_t most = 1 + 3 * t->n + t->n_answers + w->audit->t->answers.n +
                  (size_t)MANY_INSTANCES + 1;
    enum avqa_status rc = avqa_mem_array(&w->out->groups, most, sizeof *w->out->groups);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->modality, t->n, sizeof *w->modality);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->type, t->n, sizeof *w->type);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->answers, w->audit->t->answers.n, sizeof *w->answers);
    if (rc != AVQA_OK)
        return rc;
    add_group(w, AVQA_SCORE_ALL, "");
    for (size_t i = 0; i < t->n; i++)
        w->modality[i] = group_named(w, AVQA_SCORE_MODALITY, t->items[i].modality);
    for (size_t i = 0; i < t->n; i++)
        w->type[i] = group_named(w, AVQA_SCORE_TYPE, t->items[i].label);
    w->first_template = (uint32_t)w->out->n_groups;
    for (size_t i = 0; i < t->n; i++)
        add_group(w, AVQA_SCORE_TEMPLATE, t->items[i].code);
    add_answers(w);
    w->first_instances = (uint32_t)w->out->n_groups;
    for (int n = 0; n <= MANY_INSTANCES; n++) {
        char name[24];
        snprintf(name, sizeof name, n < MANY_INSTANCES ? "%d" : "%d or more", n);
        add_group(w, AVQA_SCORE_INSTANCES, name);
    }
    return AVQA_OK;
}

static uint32_t instances_group(const struct work *w, uint32_t clip)
{
    const struct avqa_audit_table *t = w->audit->t;
    const struct avqa_scene *scene = t->scenes ? t->scenes[clip] : NULL;
    if (!scene || !scene->instances_known)
        return AVQA_INTERN_NONE;
    size_t n = scene->n_instances < MANY_INSTANCES ? scene->n_instances
                                                   : (size_t)MANY_INSTANCES;
    return w->first_instances + (uint32_t)n;
}

static void find_groups(const struct work *w, const struct avqa_audit_row *row,
                        uint32_t *groups)
{
    groups[AVQA_SCORE_ALL] = 0;
    groups[AVQA_SCORE_MODALITY] = w->modality[row->template];
    groups[AVQA_SCORE_TYPE] = w->type[row->template];
    groups[AVQA_SCORE_TEMPLATE] = w->first_template + row->template;
    groups[AVQA_SCORE_ANSWER] = w->answers[row->answer];
    groups[AVQA_SCORE_INSTANCES] = instances_group(w, row->clip);
}

/* ---- the rows that count --------------------------------------------------------- */

static bool is_asked(const struct avqa_score_sheet *sheet, size_t i)
{
    return !sheet->asked || sheet->asked[i];
}

/* Those that this sheet was asked, and the other, if there is one. */
static enum avqa_status take_rows(struct work *w, const struct avqa_score_sheet *sheet,
                                  const struct avqa_score_sheet *other)
{
    const struct avqa_audit *a = w->audit;
    size_t most = a->on.to - a->on.from;
    uint32_t *cluster_of; /* by video, plus one */
    w->n_rows = w->n_clusters = 0;
    enum avqa_status rc =
        avqa_mem_array(&cluster_of, a->t->videos.n, sizeof *cluster_of);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < most; i++) {
        const struct avqa_audit_row *row = &a->t->rows[a->on.from + i];
        if (!is_asked(sheet, i) || (other && !is_asked(other, i)))
            continue;
        uint32_t *cluster = &cluster_of[a->t->clips[row->clip].video];
        if (*cluster == 0)
            *cluster = (uint32_t)++w->n_clusters;
        w->clusters[w->n_rows] = *cluster - 1;
        find_groups(w, row, w->groups + w->n_rows * AVQA_SCORE_N_KINDS);
        w->rows[w->n_rows++] = (uint32_t)i;
    }
    free(cluster_of);
    return AVQA_OK;
}

static enum avqa_status make_rows(struct work *w)
{
    size_t most = w->audit->on.to - w->audit->on.from;
    enum avqa_status rc = avqa_mem_array(&w->rows, most, sizeof *w->rows);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->groups, most, AVQA_SCORE_N_KINDS * sizeof *w->groups);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->clusters, most, sizeof *w->clusters);
    return rc == AVQA_OK ? avqa_mem_array(&w->values, most, sizeof *w->values) : rc;
}

static enum avqa_status intervals(struct avqa_interval *out, const struct work *w,
                                  const struct avqa_score_opts *opts)
{
    const struct avqa_bootstrap b = {.n_rows = w->n_rows,
                                     .clusters = w->clusters,
                                     .n_clusters = w->n_clusters,
                                     .groups = w->groups,
                                     .n_kinds = AVQA_SCORE_N_KINDS,
                                     .n_groups = w->out->n_groups,
                                     .n_draws = opts->n_draws,
                                     .level = AVQA_BOOTSTRAP_LEVEL,
                                     .seed = opts->seed,
                                     .jobs = opts->jobs};
    return avqa_bootstrap_means(out, &b, w->values);
}

/* ---- one model ------------------------------------------------------------------- */

static bool prior_is_right(const struct avqa_audit *a, const struct avqa_audit_row *row,
                           enum avqa_grouping by)
{
    return avqa_prior_guess(a, by, avqa_grouping_of(a->t, row, by)) == row->answer;
}

static void count_row(struct work *w, size_t k, bool right)
{
    const struct avqa_audit *a = w->audit;
    const struct avqa_audit_row *row = &a->t->rows[a->on.from + w->rows[k]];
    bool guessed = false;
    for (int by = 0; by < AVQA_N_GROUPINGS; by++) {
        bool hit = prior_is_right(a, row, (enum avqa_grouping)by);
        w->out->priors[by] += hit;
        guessed = by == AVQA_GROUP_TEMPLATE ? hit : guessed;
    }
    for (size_t kind = 0; kind < AVQA_SCORE_N_KINDS; kind++) {
        uint32_t g = w->groups[k * AVQA_SCORE_N_KINDS + kind];
        if (g == AVQA_INTERN_NONE)
            continue;
        w->out->groups[g].total++;
        w->out->groups[g].correct += right;
        w->out->groups[g].prior += guessed;
    }
    w->values[k] = right;
}

static enum avqa_status score_one(struct work *w, const struct avqa_score_sheet *sheet,
                                  const struct avqa_score_opts *opts)
{
    struct avqa_interval *found;
    enum avqa_status rc = avqa_mem_array(&found, w->out->n_groups, sizeof *found);
    if (rc == AVQA_OK)
        rc = take_rows(w, sheet, NULL);
    for (size_t k = 0; rc == AVQA_OK && k < w->n_rows; k++)
        count_row(w, k, sheet->right[w->rows[k]]);
    if (rc == AVQA_OK)
        rc = intervals(found, w, opts);
    w->out->n_videos = w->n_clusters;
    for (size_t g = 0; rc == AVQA_OK && g < w->out->n_groups; g++) {
        struct avqa_score_group *group = &w->out->groups[g];
        group->interval = found[g];
        avqa_interval_of_hits(&group->interval, group->correct, group->total,
                              AVQA_BOOTSTRAP_LEVEL);
    }
    free(found);
    return rc;
}

/* ---- two models ------------------------------------------------------------------ */

static void compare_row(struct work *w, size_t k, bool one, bool other)
{
    for (size_t kind = 0; kind < AVQA_SCORE_N_KINDS; kind++) {
        uint32_t g = w->groups[k * AVQA_SCORE_N_KINDS + kind];
        if (g == AVQA_INTERN_NONE)
            continue;
        struct avqa_score_pair *pair = &w->out->groups[g].pair;
        pair->total++;
        pair->both += one && other;
        pair->test.only_one += one && !other;
        pair->test.only_other += other && !one;
    }
    w->values[k] = (double)one - (double)other;
}

static enum avqa_status score_two(struct work *w, const struct avqa_score_sheet *one,
                                  const struct avqa_score_sheet *other,
                                  const struct avqa_score_opts *opts)
{
    struct avqa_interval *found;
    enum avqa_status rc = avqa_mem_array(&found, w->out->n_groups, sizeof *found);
    if (rc == AVQA_OK)
        rc = take_rows(w, one, other);
    for (size_t k = 0; rc == AVQA_OK && k < w->n_rows; k++)
        compare_row(w, k, one->right[w->rows[k]], other->right[w->rows[k]]);
    if (rc == AVQA_OK)
        rc = intervals(found, w, opts);
    for (size_t g = 0; rc == AVQA_OK && g < w->out->n_groups; g++) {
        struct avqa_score_pair *pair = &w->out->groups[g].pair;
        pair->difference = found[g];
        avqa_interval_doubt(&pair->difference);
        pair->test = avqa_mcnemar(pair->test.only_one, pair->test.only_other);
    }
    free(found);
    return rc;
}

enum avqa_status avqa_score_make(struct avqa_score *out, const struct avqa_audit *audit,
                                 const struct avqa_score_sheet *sheet,
                                 const struct avqa_score_sheet *other,
                                 const struct avqa_score_opts *opts)
{
    struct work w = {.out = out, .audit = audit};
    enum avqa_status rc = make_groups(&w);
    if (rc == AVQA_OK)
        rc = make_rows(&w);
    if (rc == AVQA_OK)
        rc = score_one(&w, sheet, opts);
    if (rc == AVQA_OK && other)
        rc = score_two(&w, sheet, other, opts);
    free(w.modality);
    free(w.type);
    free(w.answers);
    free(w.rows);
    free(w.groups);
    free(w.clusters);
    free(w.values);
    return rc;
}
