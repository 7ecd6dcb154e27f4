/* See eval_grounding.h. A row of features is one second of the clip: row r is
 * [r, r + 1). */
#include "pipeline/eval_grounding.h"
#include "base/mem.h"
#include "qa/question.h"
#include "qa/sounding.h"

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

/* Whether an instance sounds within row r. */
static enum avqa_truth sounds_in(const struct avqa_instance *in, size_t r)
{
    int64_t start_us = (int64_t)r * SECOND_US;
    return avqa_instance_sounds_in(in, start_us, start_us + SECOND_US);
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
    if (!scene || !template->answer)
        return false;
    for (size_t s = 0; s < slots->n; s++)
        values[s] = avqa_audit_word(t, slots->values[s]);
    *out = avqa_question_pose(template, values, scene, &t->margins);
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

/* Whether an instance is seen and heard in the row. */
static enum avqa_truth is_target(const struct targets *t, size_t i)
{
    const struct avqa_instance *in = &t->scene->instances[i];
    const enum avqa_truth sounds = sounds_in(in, t->row);
    if ((t->only && !avqa_instance_set_has(t->only, i)) || sounds == AVQA_NO ||
        in->visible == AVQA_NO)
        return AVQA_NO;
    return sounds == AVQA_YES ? in->visible : AVQA_UNKNOWN;
}

/* Whether it is known of every instance if it is a target, and where targets are. */
static bool targets_known(const struct targets *t)
{
    for (size_t i = 0; i < t->scene->n_instances; i++) {
        const enum avqa_truth is = is_target(t, i);
        if (is == AVQA_UNKNOWN ||
            (is == AVQA_YES && isnan(t->scene->instances[i].box[0])))
            return false;
    }
    return true;
}

static bool is_hit(const struct targets *t, const struct avqa_attention_seen *a,
                   size_t cell)
{
    for (size_t i = 0; i < t->scene->n_instances; i++) {
        if (is_target(t, i) == AVQA_YES &&
            is_in_box(t->scene->instances[i].box, a, cell))
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
        if (!targets_known(&t))
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
        if (avqa_instance_set_has(evidence, i) &&
            sounds_in(&scene->instances[i], row) == AVQA_YES)
            return true;
    }
    return false;
}

/* Ranges are known as a whole or not at all, and so is the evidence in every second. */
static bool evidence_known(const struct avqa_scene *scene,
                           const struct avqa_instance_set *evidence)
{
    for (size_t i = 0; i < scene->n_instances; i++) {
        if (avqa_instance_set_has(evidence, i) && !scene->instances[i].sounding.known)
            return false;
    }
    return true;
}

/* The peak in time. */
static enum avqa_status add_second(struct avqa_grounding *g,
                                   struct avqa_grounding_item item,
                                   const struct targets *t, const double *weights,
                                   const struct avqa_attention_seen *a)
{
    size_t n_hits = 0;
    if (!weights || !evidence_known(t->scene, t->only))
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
