/* See compose_plan.h. */
#include "pipeline/compose_plan.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "pipeline/clips_folder.h"
#include "pipeline/compose_pairs.h"
#include "pipeline/media_folder.h"
#include "qa/pairing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What deciding takes. */
struct planner {
    const struct avqa_compose_config *config;
    struct avqa_compose_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_compose_plan *plan;
    struct avqa_intern seen; /* parents of the clips that there are to be */
    int64_t run_id;
    size_t size; /* parents of a clip */
};

static bool is_there(const struct planner *p, const struct avqa_compose_clip *clip,
                     const char *recipe)
{
    return clip && clip->has_file && clip->of.made && clip->of.recipe &&
           strcmp(clip->of.recipe, recipe) == 0 &&
           avqa_media_has(p->config->dataset, clip->of.path, clip->of.bytes);
}

static void add_item(struct planner *p, const struct avqa_compose_clip **parents)
{
    char path[512];
    struct avqa_compose_item item = {.recipe.n = p->size};
    memcpy(item.recipe.parents, parents, p->size * sizeof *parents);
    avqa_compose_recipe_make(&item.recipe, p->config);
    snprintf(path, sizeof path, "%s/%s.mp4", AVQA_CLIPS_FOLDER, item.recipe.name);
    item.path = avqa_mem_strdup(path);
    const struct avqa_compose_clip *there =
        avqa_compose_set_find(&p->plan->set, item.recipe.name);
    if (is_there(p, there, item.recipe.text)) {
        item.unchanged = true;
        item.made = avqa_mem_strdup(there->of.made);
        p->counts->unchanged++;
    }
    p->counts->clips++;
    avqa_mem_need(&p->plan->items, &p->plan->cap, p->plan->n + 1,
                  sizeof *p->plan->items);
    p->plan->items[p->plan->n++] = item;
}

/* ---- named by a file ------------------------------------------------------------- */

/* Why these cannot be put together, in one word with a sentence; NULL if they can. */
static const char *refuse_pair(const struct planner *p, const char *const *names,
                               const struct avqa_compose_clip **parents,
                               char detail[AVQA_VERDICT_REASON])
{
    const char *reason = NULL;
    const char *why = "";
    size_t i = 0;
    for (; !reason && i < p->size; i++) {
        const struct avqa_compose_clip *clip = parents[i] =
            avqa_compose_set_find(&p->plan->set, names[i]);
        if (!clip)
            reason = "no-clip", why = "is no clip of this dataset";
        else if (clip->composed)
            reason = "composed", why = "is composed itself";
        else if (!clip->has_file)
            reason = "no-file", why = "has no file in clips/; run avqa segment first";
        for (size_t k = 0; !reason && k < i; k++) {
            if (parents[k] == clip)
                reason = "same-clip", why = "would stand beside itself";
            else if (parents[k]->group == clip->group)
                reason = "same-source", why = "is of the same source as another one";
        }
    }
    if (reason)
        snprintf(detail, AVQA_VERDICT_REASON, "'%.150s' %s", names[i - 1], why);
    return reason;
}

static enum avqa_status note_refused(struct planner *p, size_t row, const char *reason,
                                     const char *detail)
{
    char name[32];
    snprintf(name, sizeof name, "pair %zu", row + 1);
    struct avqa_attempt a = {.run_id = p->run_id,
                             .stage = AVQA_COMPOSE_STAGE,
                             .item = name,
                             .started_us = avqa_clock_wall_us(),
                             .outcome = "failed",
                             .reason = reason,
                             .detail = detail};
    a.ended_us = a.started_us;
    avqa_remarks_warn(&p->counts->failures, p->config->log,
                      (const char *const[]){name, reason, detail});
    p->counts->clips++;
    p->counts->failed++;
    return avqa_attempt_add(p->cat, &a);
}

/* Those that a file names. */
static enum avqa_status take_pairs(struct planner *p)
{
    struct avqa_compose_pairs pairs;
    enum avqa_status rc = avqa_compose_pairs_read(&pairs, p->config->pairs, p->size);
    for (size_t row = 0; rc == AVQA_OK && row < pairs.n; row++) {
        const struct avqa_compose_clip *parents[AVQA_COMPOSE_MAX_PARTS];
        char detail[AVQA_VERDICT_REASON] = "it stands in an earlier row";
        const char *reason =
            refuse_pair(p, pairs.names + row * p->size, parents, detail);
        bool is_new = true;
        if (!reason)
            avqa_intern_add(&p->seen, (const char *)parents, p->size * sizeof *parents,
                            &is_new);
        if (reason || !is_new)
            rc = note_refused(p, row, reason ? reason : "twice", detail);
        else
            add_item(p, parents);
    }
    avqa_compose_pairs_release(&pairs);
    return rc;
}

/* ---- chosen ---------------------------------------------------------------------- */

static void put_pairs(struct planner *p, const struct avqa_pairing *pairing)
{
    struct avqa_json *out = p->counts->pairs = avqa_json_new_object();
    avqa_json_put_int(out, "all", pairing->n_pairs);
    avqa_json_put_int(out, "same-source", pairing->n_same_group);
    avqa_json_put_int(out, "same-instrument", pairing->n_same_kind);
}

/* How many of a clip's parents are heard. */
static size_t n_heard(const struct planner *p)
{
    if (p->config->kind == AVQA_COMPOSE_MATCH)
        return 1;
    return p->config->kind == AVQA_COMPOSE_STITCH && p->config->sounding
               ? p->config->sounding
               : p->size;
}

/* Where all are heard, a clip without sound is not fit. */
static void leave_out_soundless(struct planner *p)
{
    for (size_t i = 0; n_heard(p) == p->size && i < p->plan->set.n; i++) {
        struct avqa_compose_clip *clip = &p->plan->set.clips[i];
        if (!clip->unfit && clip->soundless)
            clip->unfit = "no-sound";
    }
}

/* Adds the set unless too few of it have sound. Who is heard alone has some. */
static bool add_chosen(struct planner *p, const struct avqa_compose_clip **parents)
{
    size_t n = 0;
    for (size_t i = 0; i < p->size; i++)
        n += !parents[i]->soundless;
    if (n < n_heard(p))
        return false;
    if (p->config->kind == AVQA_COMPOSE_MATCH && parents[1]->soundless) {
        const struct avqa_compose_clip *first = parents[0];
        parents[0] = parents[1];
        parents[1] = first;
    }
    add_item(p, parents);
    return true;
}

/* Those that the rules and the seed choose out of the fit ones. */
static enum avqa_status choose(struct planner *p)
{
    const struct avqa_compose_config *config = p->config;
    struct avqa_pairing_options opts = {.seed = config->seed,
                                        .size = p->size,
                                        .count = config->count,
                                        .per_kind = config->per_instrument,
                                        .same_kind = config->same_instrument,
                                        .n_kinds = p->plan->set.kinds.n};
    struct avqa_pairing pairing = {0};
    struct avqa_pairing_clip *fit = NULL;
    const struct avqa_compose_clip **of = NULL;
    size_t n = 0;
    int64_t n_soundless = 0;
    leave_out_soundless(p);
    enum avqa_status rc = avqa_mem_array(&fit, p->plan->set.n + 1, sizeof *fit);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&of, p->plan->set.n + 1, sizeof *of);
    for (size_t i = 0; rc == AVQA_OK && i < p->plan->set.n; i++) {
        const struct avqa_compose_clip *clip = &p->plan->set.clips[i];
        if (clip->unfit)
            continue;
        of[n] = clip;
        fit[n++] = (struct avqa_pairing_clip){clip->of.clip, clip->group, clip->kind};
    }
    if (rc == AVQA_OK)
        rc = avqa_pairing_choose(&pairing, fit, n, &opts);
    for (size_t s = 0; rc == AVQA_OK && s < pairing.n_sets; s++) {
        const struct avqa_compose_clip *parents[AVQA_COMPOSE_MAX_PARTS];
        for (size_t i = 0; i < p->size; i++)
            parents[i] = of[pairing.members[s * p->size + i]];
        n_soundless += !add_chosen(p, parents);
    }
    if (rc == AVQA_OK && config->count > p->plan->n)
        p->counts->missing = (int64_t)(config->count - p->plan->n);
    put_pairs(p, &pairing);
    avqa_json_put_int(p->counts->pairs, "chosen-without-sound", n_soundless);
    avqa_pairing_release(&pairing);
    free(fit);
    free(of);
    return rc;
}

static void count_left_out(struct planner *p)
{
    static const char *const reasons[] = {"composed",
                                          "no-file",
                                          "no-facts",
                                          "unknown-instruments",
                                          "several-instruments",
                                          "no-instruments",
                                          "no-sound",
                                          NULL};
    struct avqa_json *out = p->counts->left_out = avqa_json_new_object();
    for (int r = 0; reasons[r]; r++) {
        int64_t n = 0;
        for (size_t i = 0; i < p->plan->set.n; i++)
            n += p->plan->set.clips[i].unfit &&
                 strcmp(p->plan->set.clips[i].unfit, reasons[r]) == 0;
        if (n)
            avqa_json_put_int(out, reasons[r], n);
    }
}

/* ---- what others call ------------------------------------------------------------ */

size_t avqa_compose_plan_size(const struct avqa_compose_config *config)
{
    return config->kind == AVQA_COMPOSE_STITCH
               ? (size_t)config->columns * (size_t)config->rows
               : 2;
}

enum avqa_status avqa_compose_plan_make(struct avqa_compose_plan *plan,
                                        struct avqa_catalog *cat, int64_t run_id,
                                        const struct avqa_compose_config *config,
                                        struct avqa_compose_counts *counts)
{
    struct planner p = {.config = config,
                        .counts = counts,
                        .cat = cat,
                        .plan = plan,
                        .run_id = run_id,
                        .size = avqa_compose_plan_size(config)};
    enum avqa_status rc =
        avqa_compose_set_load(&plan->set, cat, config->dataset, config->any);
    if (rc == AVQA_OK)
        rc = config->pairs ? take_pairs(&p) : choose(&p);
    if (rc == AVQA_OK && !config->pairs)
        count_left_out(&p);
    avqa_intern_release(&p.seen);
    return rc;
}

void avqa_compose_plan_release(struct avqa_compose_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        avqa_compose_recipe_release(&plan->items[i].recipe);
        free(plan->items[i].path);
        free(plan->items[i].made);
    }
    free(plan->items);
    avqa_compose_set_release(&plan->set);
}
