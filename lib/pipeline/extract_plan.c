/* See extract_plan.h. All clips, in the order of names, are divided into blocks of
 * per_shard; a shard is what is to be made of one block, whatever is missing in others.
 * Ranks take turns by blocks, so that several of them do not need to know of each
 * other. A shard is named by its block and a hash of all its recipes: two different
 * ones never have the same name. */
#include "pipeline/extract_plan.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "catalog/clip.h"
#include "catalog/extraction.h"
#include "media/verdict.h"
#include "shard/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HASH_DIGITS = 8 };

/* What is known of a clip and an encoder. */
struct state {
    int64_t clip_id;
    char *recipe; /* NULL: imported */
    char *reason; /* NULL: there are features */
    char *detail;
    bool is_lost; /* their shard is not there */
};

struct states {
    struct state *items;
    size_t n, cap;
    const char *dataset;
    char *shard; /* looked at last */
    bool is_lost;
};

/* Features of an encoder that were made in another way than is asked for. */
struct otherwise {
    int64_t n_clips;
    char *recipe; /* of the first */
};

struct planner {
    struct avqa_extract_plan *plan;
    const struct avqa_extract_config *config;
    const struct avqa_extract_features *features;
    struct avqa_extract_counts *counts;
    struct states states[AVQA_EXTRACT_N_INPUTS];
    struct otherwise otherwise[AVQA_EXTRACT_N_INPUTS];
    const char *found[AVQA_EXTRACT_N_INPUTS]; /* how this clip's were, if otherwise */
    int64_t place;                            /* of the clip in the whole list */
    int64_t *blocks;                          /* of each item */
    size_t cap_blocks;
};

void avqa_extract_remark(struct avqa_extract_counts *counts,
                         const struct avqa_extract_config *config, bool failed,
                         const struct avqa_remark *remark)
{
    counts->failed += failed;
    counts->flawed += !failed;
    avqa_remarks_warn(failed ? &counts->failures : &counts->remarks, config->log,
                      (const char *[]){remark->item, remark->reason, remark->detail});
}

void avqa_extract_remarks_end(const struct avqa_extract_counts *counts,
                              const struct avqa_extract_config *config)
{
    if (counts->failed > AVQA_REMARKS_WARNED)
        avqa_log_write(config->log, AVQA_LOG_WARNING, "and %lld more clip%s without",
                       (long long)counts->failed - AVQA_REMARKS_WARNED,
                       avqa_text_plural(counts->failed - AVQA_REMARKS_WARNED));
    if (counts->flawed > AVQA_REMARKS_WARNED)
        avqa_log_write(config->log, AVQA_LOG_WARNING,
                       "and %lld more clip%s damaged or cut off",
                       (long long)counts->flawed - AVQA_REMARKS_WARNED,
                       avqa_text_plural(counts->flawed - AVQA_REMARKS_WARNED));
}

/* ---- what there is --------------------------------------------------------------- */

/* Whether a shard's file is not there; most states of a shard come one by one. */
static bool is_lost(struct states *s, const struct avqa_extraction_state *state)
{
    struct stat st;
    if (s->shard && strcmp(s->shard, state->shard) == 0)
        return s->is_lost;
    free(s->shard);
    s->shard = avqa_mem_strdup(state->shard);
    char *path = avqa_io_join(s->dataset, state->shard);
    s->is_lost = stat(path, &st) != 0 || st.st_size != state->shard_bytes;
    free(path);
    return s->is_lost;
}

static enum avqa_status add_state(void *user, const struct avqa_extraction_state *state)
{
    struct states *s = user;
    avqa_mem_need(&s->items, &s->cap, s->n + 1, sizeof *s->items);
    s->items[s->n++] =
        (struct state){.clip_id = state->clip_id,
                       .recipe = state->recipe ? avqa_mem_strdup(state->recipe) : NULL,
                       .reason = state->reason ? avqa_mem_strdup(state->reason) : NULL,
                       .detail = state->detail ? avqa_mem_strdup(state->detail) : NULL,
                       .is_lost = state->shard && is_lost(s, state)};
    return AVQA_OK;
}

static int by_clip(const void *a, const void *b)
{
    const struct state *x = a;
    const struct state *y = b;
    return (x->clip_id > y->clip_id) - (x->clip_id < y->clip_id);
}

static const struct state *find_state(const struct states *s, int64_t clip_id)
{
    const struct state key = {.clip_id = clip_id};
    return s->n ? bsearch(&key, s->items, s->n, sizeof *s->items, by_clip) : NULL;
}

static void release_states(struct states *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->items[i].recipe);
        free(s->items[i].reason);
        free(s->items[i].detail);
    }
    free(s->items);
    free(s->shard);
}

/* ---- which clips ----------------------------------------------------------------- */

static void release_item(struct avqa_extract_item *item)
{
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++)
        free(item->recipes[i]);
    free(item->name);
    free(item->key);
    free(item->source);
    free(item->path);
}

static struct avqa_extract_item make_item(const struct planner *p,
                                          const struct avqa_extraction_clip *c)
{
    struct avqa_extract_item item = {.clip_id = c->clip_id, .source_id = c->source_id};
    struct avqa_buf name = AVQA_BUF_INIT;
    struct avqa_buf key = AVQA_BUF_INIT;
    avqa_buf_adds(&name, c->picture);
    avqa_shard_make_key(&key, c->picture);
    if (strcmp(c->picture, c->sound) != 0) {
        avqa_buf_addf(&name, "+%s", c->sound);
        avqa_buf_addc(&key, '+');
        avqa_shard_make_key(&key, c->sound);
    }
    item.name = avqa_mem_strdup(avqa_buf_str(&name));
    item.key = avqa_mem_strdup(avqa_buf_str(&key));
    avqa_buf_release(&name);
    avqa_buf_release(&key);
    item.source = c->source ? avqa_mem_strdup(c->source) : NULL;
    item.path = *c->path == '/' ? avqa_mem_strdup(c->path)
                                : avqa_io_join(p->config->dataset, c->path);
    if (!c->is_own && c->start_us != AVQA_CLIP_UNKNOWN)
        item.start_us = c->start_us;
    if (!c->is_own && c->duration_us != AVQA_CLIP_UNKNOWN)
        item.end_us = item.start_us + c->duration_us;
    return item;
}

static void refuse(struct avqa_extract_plan *plan, const struct avqa_extract_item *item,
                   const struct avqa_remark *r)
{
    avqa_mem_need(&plan->refusals, &plan->cap_refusals, plan->n_refusals + 1,
                  sizeof *plan->refusals);
    plan->refusals[plan->n_refusals++] = (struct avqa_extract_refusal){
        .clip_id = item->clip_id,
        .source_id = item->source_id,
        .remark = {avqa_mem_strdup(r->item), avqa_mem_strdup(r->reason),
                   avqa_mem_strdup(r->detail)}};
}

/* Says why the file cannot be decoded, as far as that is seen without opening it. */
static bool can_open(struct planner *p, const struct avqa_extract_item *item,
                     const struct avqa_extraction_clip *c)
{
    char detail[256];
    struct avqa_remark r = {item->name, NULL, detail};
    struct stat st;
    if (stat(item->path, &st) != 0) {
        r.reason = (char *)"no-file";
        snprintf(detail, sizeof detail, "its file is not there");
    } else if (c->bytes && st.st_size != c->bytes) {
        r.reason = (char *)"changed";
        snprintf(detail, sizeof detail, "its file has %lld bytes, not %lld",
                 (long long)st.st_size, (long long)c->bytes);
    } else if (!c->is_own && c->method && strcmp(c->method, "flip") == 0 &&
               strcmp(c->picture, c->source) != 0) {
        r.reason = (char *)"not-cut";
        snprintf(detail, sizeof detail,
                 "it is its source mirrored; avqa segment makes it");
    } else if (item->start_us < 0 || item->start_us > AVQA_MEDIA_DURATION_US_DEFAULT ||
               (item->end_us && item->end_us <= item->start_us)) {
        r.reason = (char *)"bad-times";
        snprintf(detail, sizeof detail, "it is to be from %.3f to %.3f s",
                 (double)item->start_us / 1e6, (double)item->end_us / 1e6);
    } else {
        return true;
    }
    refuse(p->plan, item, &r);
    return false;
}

enum verdict { TO_MAKE, THERE, IMPORTED, KNOWN_FAILURE };

static enum verdict judge(struct planner *p, size_t input, int64_t clip_id,
                          const char *recipe)
{
    p->found[input] = NULL;
    const struct state *s = find_state(&p->states[input], clip_id);
    if (!s || s->is_lost)
        return TO_MAKE;
    if (!s->recipe)
        return IMPORTED;
    if (strcmp(s->recipe, recipe) != 0) {
        if (!s->reason && !avqa_extract_same_way(s->recipe, recipe))
            p->found[input] = s->recipe;
        return TO_MAKE;
    }
    return s->reason ? KNOWN_FAILURE : THERE;
}

/* Which of the features are to be made. Where lengths are made equal, all or none. */
static enum verdict choose(struct planner *p, struct avqa_extract_item *item,
                           const struct avqa_extraction_clip *c)
{
    const struct avqa_extract_origin origin = {c->sha256, item->start_us, item->end_us};
    enum verdict verdicts[AVQA_EXTRACT_N_INPUTS] = {THERE, THERE};
    enum verdict all = THERE;
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        if (!p->features->by_input[i].encoder)
            continue;
        item->recipes[i] = avqa_extract_recipe(p->features, i, &origin);
        verdicts[i] = judge(p, i, c->clip_id, item->recipes[i]);
        if (verdicts[i] == TO_MAKE || all == THERE)
            all = verdicts[i];
        else if (all != TO_MAKE && verdicts[i] == KNOWN_FAILURE)
            all = KNOWN_FAILURE;
    }
    for (size_t i = AVQA_EXTRACT_N_INPUTS; i-- > 0;) {
        const bool wanted =
            verdicts[i] == TO_MAKE || (p->features->pad != AVQA_EXTRACT_NONE &&
                                       all == TO_MAKE && verdicts[i] != IMPORTED);
        if (item->recipes[i] && !wanted) {
            free(item->recipes[i]);
            item->recipes[i] = NULL;
            item->is_known = item->is_known || verdicts[i] == KNOWN_FAILURE;
        }
    }
    return all;
}

static void count_otherwise(struct planner *p)
{
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        struct otherwise *o = &p->otherwise[i];
        if (p->found[i] && o->n_clips++ == 0)
            o->recipe = avqa_mem_strdup(p->found[i]);
    }
}

static enum avqa_status add_clip(void *user, const struct avqa_extraction_clip *c)
{
    struct planner *p = user;
    const int64_t block = p->place++ / p->config->per_shard;
    if (block % p->config->world != p->config->rank) {
        p->counts->elsewhere++;
        return AVQA_OK;
    }
    struct avqa_extract_item item = make_item(p, c);
    enum verdict verdict = choose(p, &item, c);
    p->counts->unchanged += verdict == THERE;
    p->counts->imported += verdict == IMPORTED;
    if (verdict != TO_MAKE || !can_open(p, &item, c)) {
        p->counts->known += verdict == KNOWN_FAILURE;
        release_item(&item);
        return AVQA_OK;
    }
    struct avqa_extract_plan *plan = p->plan;
    count_otherwise(p);
    p->counts->known += item.is_known;
    avqa_mem_need(&plan->items, &plan->cap_items, plan->n_items + 1,
                  sizeof *plan->items);
    avqa_mem_need(&p->blocks, &p->cap_blocks, plan->n_items + 1, sizeof *p->blocks);
    p->blocks[plan->n_items] = block;
    plan->items[plan->n_items++] = item;
    return AVQA_OK;
}

/* ---- which shards ---------------------------------------------------------------- */

static char *name_group(const struct planner *p, const struct avqa_extract_group *g)
{
    char path[128];
    char hex[AVQA_SHA256_HEX];
    struct avqa_sha256 *sha = avqa_sha256_new();
    for (size_t i = g->first; i < g->first + g->n; i++) {
        const struct avqa_extract_item *item = &p->plan->items[i];
        avqa_sha256_add(sha, item->name, strlen(item->name) + 1);
        for (size_t k = 0; k < AVQA_EXTRACT_N_INPUTS; k++) {
            const char *recipe = item->recipes[k] ? item->recipes[k] : "";
            avqa_sha256_add(sha, recipe, strlen(recipe) + 1);
        }
    }
    avqa_sha256_hex(sha, hex);
    avqa_sha256_free(sha);
    hex[HASH_DIGITS] = '\0';
    snprintf(path, sizeof path, "shards/%06lld-%s.tar.zst",
             (long long)p->blocks[g->first], hex);
    return avqa_mem_strdup(path);
}

static void divide(struct planner *p)
{
    struct avqa_extract_plan *plan = p->plan;
    for (size_t i = 0; i < plan->n_items;) {
        struct avqa_extract_group g = {.first = i};
        for (; i < plan->n_items && p->blocks[i] == p->blocks[g.first]; i++, g.n++)
            plan->items[i].shard = plan->n_groups;
        g.path = name_group(p, &g);
        avqa_mem_need(&plan->groups, &plan->cap_groups, plan->n_groups + 1,
                      sizeof *plan->groups);
        plan->groups[plan->n_groups++] = g;
    }
}

/* Features that somebody made may be trained with: they go only when that is said. */
static enum avqa_status check_otherwise(const struct planner *p)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        const struct otherwise *o = &p->otherwise[i];
        if (o->n_clips == 0)
            continue;
        avqa_buf_addf(&text, "%lld clip%s ha%s features made otherwise (",
                      (long long)o->n_clips, o->n_clips == 1 ? "" : "s",
                      o->n_clips == 1 ? "s" : "ve");
        avqa_extract_say_way(&text, o->recipe);
        avqa_buf_adds(&text, "); ");
    }
    enum avqa_status rc = AVQA_OK;
    if (text.len && !p->config->replace)
        rc = avqa_fail(AVQA_EEXIST,
                       "%sa clip has one kind of each encoder: --replace makes "
                       "them anew as asked, the old ones go",
                       avqa_buf_str(&text));
    avqa_buf_release(&text);
    return rc;
}

enum avqa_status avqa_extract_plan_make(struct avqa_extract_plan *plan,
                                        struct avqa_catalog *cat,
                                        const struct avqa_extract_config *config,
                                        const struct avqa_extract_features *features,
                                        struct avqa_extract_counts *counts)
{
    struct planner p = {
        .plan = plan, .config = config, .features = features, .counts = counts};
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < AVQA_EXTRACT_N_INPUTS; i++) {
        struct states *s = &p.states[i];
        s->dataset = config->dataset;
        if (features->by_input[i].encoder)
            rc = avqa_extraction_state_each(cat, features->by_input[i].info->name,
                                            add_state, s);
        if (s->n)
            qsort(s->items, s->n, sizeof *s->items, by_clip);
    }
    if (rc == AVQA_OK)
        rc = avqa_extraction_clip_each(cat, add_clip, &p);
    if (rc == AVQA_OK)
        rc = check_otherwise(&p);
    if (rc == AVQA_OK)
        divide(&p);
    counts->to_do = (int64_t)plan->n_items;
    counts->to_write = (int64_t)plan->n_groups;
    for (size_t i = 0; i < AVQA_EXTRACT_N_INPUTS; i++) {
        release_states(&p.states[i]);
        free(p.otherwise[i].recipe);
    }
    free(p.blocks);
    return rc;
}

void avqa_extract_plan_release(struct avqa_extract_plan *plan)
{
    for (size_t i = 0; i < plan->n_items; i++)
        release_item(&plan->items[i]);
    for (size_t i = 0; i < plan->n_groups; i++)
        free(plan->groups[i].path);
    for (size_t i = 0; i < plan->n_refusals; i++) {
        free(plan->refusals[i].remark.item);
        free(plan->refusals[i].remark.reason);
        free(plan->refusals[i].remark.detail);
    }
    free(plan->refusals);
    free(plan->items);
    free(plan->groups);
    *plan = (struct avqa_extract_plan){0};
}
