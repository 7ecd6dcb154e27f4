/* See eval_grounding.h. A row of features is one second of the clip: row r is
 * [r, r + 1). */
#include "pipeline/eval_grounding.h"
#include "audit/bootstrap.h"
#include "base/mem.h"
#include "qa/question.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t SECOND_US = 1000000;

void avqa_grounding_release(struct avqa_grounding *g)
{
    free(g->items);
    free(g->clip_done);
    *g = (struct avqa_grounding){0};
}

/* ---- facts ----------------------------------------------------------------------- */

/* Whether an instance sounds within row r; false if nobody knows. */
static bool sounds_in(const struct avqa_instance *in, size_t r)
{
    int64_t start = (int64_t)r * SECOND_US;
    for (size_t i = 0; in->sounding.known && i < in->sounding.n; i++) {
        const struct avqa_range *range = &in->sounding.items[i];
        if (range->start_us < start + SECOND_US && range->end_us > start)
            return true;
    }
    return false;
}

/* What the question's answer rests on; false if the facts do not give this answer. */
static bool find_evidence(struct avqa_evaluation *out, const struct avqa_eval_set *set,
                          const struct avqa_audit_row *row)
{
    const struct avqa_audit_table *t = &set->table;
    const struct avqa_template *template = avqa_audit_template(t, row);
    const struct avqa_scene *scene = t->scenes ? t->scenes[row->clip] : NULL;
    const struct avqa_audit_slots *slots = &t->slots[row->slots];
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    const struct avqa_margins margins = AVQA_MARGINS_DEFAULTS;
    if (!scene || !template->answer)
        return false;
    for (size_t s = 0; s < slots->n; s++)
        values[s] = avqa_audit_word(t, slots->values[s]);
    *out = avqa_question_pose(template, values, scene, &margins);
    return out->reason == AVQA_WELL_POSED &&
           strcmp(out->answer, avqa_audit_answer(t, row->answer)) == 0;
}

/* ---- peaks ----------------------------------------------------------------------- */

static size_t peak_of(const double *weights, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        best = weights[i] > weights[best] ? i : best;
    return best;
}

/* Whether the middle of a cell is in a box of the whole picture. */
static bool is_in_box(const double box[4], const struct avqa_attention_seen *a,
                      size_t cell)
{
    const struct avqa_heat_region *r = a->region;
    double column = (double)(cell % a->side);
    double line = (double)(cell / a->side);
    double x = r->x + r->width * (column + 0.5) / (double)a->side;
    double y = r->y + r->height * (line + 0.5) / (double)a->side;
    return x >= box[0] && x < box[0] + box[2] && y >= box[1] && y < box[1] + box[3];
}

/* Which instances of a scene count, and where they are in one row. */
struct targets {
    const struct avqa_scene *scene;
    const struct avqa_instance_set *only; /* NULL: all */
    size_t row;
};

static bool is_target(const struct targets *t, size_t i)
{
    const struct avqa_instance *in = &t->scene->instances[i];
    return (!t->only || avqa_instance_set_has(t->only, i)) && sounds_in(in, t->row) &&
           in->visible == AVQA_YES;
}

/* Whether every target has a box. */
static bool boxes_known(const struct targets *t)
{
    for (size_t i = 0; i < t->scene->n_instances; i++) {
        if (is_target(t, i) && isnan(t->scene->instances[i].box[0]))
            return false;
    }
    return true;
}

static bool is_hit(const struct targets *t, const struct avqa_attention_seen *a,
                   size_t cell)
{
    for (size_t i = 0; i < t->scene->n_instances; i++) {
        if (is_target(t, i) && is_in_box(t->scene->instances[i].box, a, cell))
            return true;
    }
    return false;
}

/* Adds a peak if, of the `n` where it could be, `n_hits` are hits: some, but not all.
 */
static enum avqa_status add(struct avqa_grounding *g, struct avqa_grounding_item item,
                            size_t n_hits, size_t n)
{
    if (n_hits == 0 || n_hits == n) {
        g->n_trivial[item.kind] += n_hits != 0;
        return AVQA_OK;
    }
    item.chance = (double)n_hits / (double)n;
    enum avqa_status rc = avqa_mem_grow(&g->items, &g->cap, g->n + 1, sizeof *g->items);
    if (rc == AVQA_OK)
        g->items[g->n++] = item;
    return rc;
}

/* The peaks of all seconds in space. */
static enum avqa_status add_places(struct avqa_grounding *g,
                                   struct avqa_grounding_item item, struct targets t,
                                   const struct avqa_attention_seen *a)
{
    enum avqa_status rc = AVQA_OK;
    size_t n = a->side * a->side;
    for (size_t k = 0; rc == AVQA_OK && k < a->n_seconds; k++) {
        size_t n_hits = 0;
        t.row = k * a->stride;
        if (!boxes_known(&t))
            continue;
        for (size_t cell = 0; cell < n; cell++)
            n_hits += is_hit(&t, a, cell);
        item.hit = is_hit(&t, a, peak_of(a->places + k * n, n));
        rc = add(g, item, n_hits, n);
    }
    return rc;
}

static bool evidence_sounds(const struct avqa_scene *scene,
                            const struct avqa_instance_set *evidence, size_t row)
{
    for (size_t i = 0; i < scene->n_instances; i++) {
        if (avqa_instance_set_has(evidence, i) && sounds_in(&scene->instances[i], row))
            return true;
    }
    return false;
}

/* The peak in time. */
static enum avqa_status add_second(struct avqa_grounding *g,
                                   struct avqa_grounding_item item,
                                   const struct targets *t, const double *weights,
                                   const struct avqa_attention_seen *a)
{
    size_t n_hits = 0;
    if (!weights)
        return AVQA_OK;
    for (size_t k = 0; k < a->n_seconds; k++)
        n_hits += evidence_sounds(t->scene, t->only, k * a->stride);
    item.hit =
        evidence_sounds(t->scene, t->only, peak_of(weights, a->n_seconds) * a->stride);
    return add(g, item, n_hits, a->n_seconds);
}

static enum avqa_status add_sources(struct avqa_grounding *g,
                                    const struct avqa_eval_set *set,
                                    const struct avqa_audit_row *row,
                                    struct avqa_grounding_item item,
                                    const struct avqa_attention_seen *a)
{
    const struct avqa_scene *scene =
        set->table.scenes ? set->table.scenes[row->clip] : NULL;
    enum avqa_status rc =
        g->clip_done
            ? AVQA_OK
            : avqa_mem_array(&g->clip_done, set->table.n_clips, sizeof *g->clip_done);
    if (rc != AVQA_OK || g->clip_done[row->clip] || !scene || !scene->instances_known)
        return rc;
    g->clip_done[row->clip] = true;
    item.kind = AVQA_GROUNDING_SOURCES;
    return add_places(g, item, (struct targets){scene, NULL, 0}, a);
}

enum avqa_status avqa_grounding_add(struct avqa_grounding *g,
                                    const struct avqa_eval_set *set, size_t i,
                                    const struct avqa_attention_seen *a)
{
    const struct avqa_audit_row *row = avqa_eval_row(set, i);
    struct avqa_grounding_item item = {
        .video = set->table.clips[row->clip].video,
        .type = (uint32_t)avqa_grouping_of(&set->table, row, AVQA_GROUP_TYPE)};
    struct avqa_evaluation e;
    enum avqa_status rc = AVQA_OK;
    const bool has_places = a->side && a->region;
    g->n_questions++;
    g->n_unplaced += a->side && !a->region;
    if (has_places)
        rc = add_sources(g, set, row, item, a);
    if (rc != AVQA_OK || !find_evidence(&e, set, row)) {
        g->n_without++;
        return rc;
    }
    const struct targets t = {set->table.scenes[row->clip], &e.evidence, 0};
    item.kind = AVQA_GROUNDING_PLACES;
    if (has_places)
        rc = add_places(g, item, t, a);
    item.kind = AVQA_GROUNDING_HEARD;
    if (rc == AVQA_OK && e.by_sound)
        rc = add_second(g, item, &t, a->heard, a);
    item.kind = AVQA_GROUNDING_SEEN;
    if (rc == AVQA_OK && e.by_sound)
        rc = add_second(g, item, &t, a->seen, a);
    return rc;
}

/* ---- counts ---------------------------------------------------------------------- */

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
