/* See eval_grounding_report.h. Shares of hits have the interval of any share; the
 * difference to chance is drawn with the same videos, since a peak's chance is its own.
 */
#include "pipeline/eval_grounding_report.h"
#include "audit/bootstrap.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* The items of one kind as the bootstrap wants them: group 0 is all, type t is 1 + t.
 */
struct sample {
    uint32_t *clusters, *groups;
    double *hits, *above;
    size_t n, n_clusters;
};

/* Videos as clusters, numbered from 0 as they come. */
static enum avqa_status number_videos(struct sample *s, size_t n_videos)
{
    uint32_t *numbers; /* plus one */
    enum avqa_status rc = avqa_mem_array(&numbers, n_videos, sizeof *numbers);
    for (size_t i = 0; rc == AVQA_OK && i < s->n; i++) {
        uint32_t *number = &numbers[s->clusters[i]];
        if (*number == 0)
            *number = (uint32_t)++s->n_clusters;
        s->clusters[i] = *number - 1;
    }
    free(numbers);
    return rc;
}

static enum avqa_status take(struct sample *s, const struct avqa_grounding *g,
                             enum avqa_grounding_kind kind, size_t n_videos)
{
    enum avqa_status rc = avqa_mem_array(&s->clusters, g->n, sizeof *s->clusters);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->groups, g->n, 2 * sizeof *s->groups);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->hits, g->n, sizeof *s->hits);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s->above, g->n, sizeof *s->above);
    for (size_t i = 0; rc == AVQA_OK && i < g->n; i++) {
        const struct avqa_grounding_item *item = &g->items[i];
        if (item->kind != kind)
            continue;
        s->clusters[s->n] = item->video;
        s->groups[2 * s->n] = 0;
        s->groups[2 * s->n + 1] = 1 + item->type;
        s->hits[s->n] = item->hit;
        s->above[s->n++] = item->hit - item->chance;
    }
    return rc == AVQA_OK ? number_videos(s, n_videos) : rc;
}

static void sample_release(struct sample *s)
{
    free(s->clusters);
    free(s->groups);
    free(s->hits);
    free(s->above);
}

static void put_interval(struct avqa_json *o, const char *key,
                         const struct avqa_interval *interval)
{
    if (isnan(interval->lo)) {
        avqa_json_put_null(o, key);
        return;
    }
    struct avqa_json *pair = avqa_json_put_array(o, key);
    avqa_json_put_double(pair, NULL, interval->lo);
    avqa_json_put_double(pair, NULL, interval->hi);
}

/* The share of hits in a group, and what chance would give. */
static void put_group(struct avqa_json *o, const struct sample *s, size_t group,
                      struct avqa_interval *hits, struct avqa_interval *above)
{
    double n_hits = 0;
    double sum = 0;
    double total = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->groups[2 * i + (group != 0)] != group)
            continue;
        total++;
        n_hits += s->hits[i];
        sum += s->above[i];
    }
    avqa_interval_of_hits(&hits[group], (size_t)n_hits, (size_t)total,
                          AVQA_BOOTSTRAP_LEVEL);
    avqa_interval_doubt(&above[group]);
    avqa_json_put_int(o, "hits", (int64_t)n_hits);
    avqa_json_put_int(o, "total", (int64_t)total);
    avqa_json_put_double(o, "accuracy", n_hits / total);
    put_interval(o, "ci95", &hits[group]);
    avqa_json_put_double(o, "chance", (n_hits - sum) / total);
    avqa_json_put_double(o, "above", sum / total);
    put_interval(o, "above_ci95", &above[group]);
    avqa_json_put_int(o, "videos", (int64_t)hits[group].n_clusters);
}

static void put_sample(struct avqa_json *o, const struct sample *s,
                       const struct avqa_eval_set *set, struct avqa_interval *hits,
                       struct avqa_interval *above)
{
    const struct avqa_templates *t = set->table.templates;
    put_group(o, s, 0, hits, above);
    struct avqa_json *types = avqa_json_put_object(o, "types");
    for (size_t i = 0; i < t->n; i++) {
        if (hits[1 + i].n_clusters)
            put_group(avqa_json_put_object(types, t->items[i].label), s, 1 + i, hits,
                      above);
    }
}

static enum avqa_status put_kind(struct avqa_json *out, const char *name,
                                 const struct sample *s,
                                 const struct avqa_eval_set *set,
                                 struct avqa_bootstrap *b)
{
    struct avqa_interval *hits = NULL;
    struct avqa_interval *above = NULL;
    b->n_rows = s->n;
    b->clusters = s->clusters;
    b->n_clusters = s->n_clusters;
    b->groups = s->groups;
    enum avqa_status rc = avqa_mem_array(&hits, b->n_groups, sizeof *hits);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&above, b->n_groups, sizeof *above);
    if (rc == AVQA_OK)
        rc = avqa_bootstrap_means(hits, b, s->hits);
    if (rc == AVQA_OK)
        rc = avqa_bootstrap_means(above, b, s->above);
    if (rc == AVQA_OK)
        put_sample(avqa_json_put_object(out, name), s, set, hits, above);
    free(hits);
    free(above);
    return rc;
}

enum avqa_status avqa_grounding_json(struct avqa_json **out,
                                     const struct avqa_grounding *g,
                                     const struct avqa_eval_set *set, size_t n_draws,
                                     uint64_t seed, size_t jobs)
{
    static const char *const names[AVQA_GROUNDING_N_KINDS] = {"places", "sources",
                                                              "heard", "seen"};
    struct avqa_bootstrap b = {.n_kinds = 2,
                               .n_groups = 1 + set->table.templates->n,
                               .n_draws = n_draws,
                               .level = AVQA_BOOTSTRAP_LEVEL,
                               .seed = seed,
                               .jobs = jobs};
    struct avqa_json *o = avqa_json_new_object();
    enum avqa_status rc = AVQA_OK;
    avqa_json_put_int(o, "questions", (int64_t)g->n_questions);
    avqa_json_put_int(o, "without", (int64_t)g->n_without);
    avqa_json_put_int(o, "unplaced", (int64_t)g->n_unplaced);
    struct avqa_json *trivial = avqa_json_put_object(o, "trivial");
    for (int kind = 0; rc == AVQA_OK && kind < AVQA_GROUNDING_N_KINDS; kind++) {
        struct sample s = {0};
        avqa_json_put_int(trivial, names[kind], (int64_t)g->n_trivial[kind]);
        rc = take(&s, g, (enum avqa_grounding_kind)kind, set->table.videos.n);
        if (rc == AVQA_OK && s.n)
            rc = put_kind(o, names[kind], &s, set, &b);
        sample_release(&s);
    }
    if (rc == AVQA_OK)
        *out = o;
    else
        avqa_json_free(o);
    return rc;
}
