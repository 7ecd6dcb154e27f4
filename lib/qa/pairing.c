/* See pairing.h. Greedy: for each set the first clip is the best one with which a set
 * can be filled, then the best ones beside it. "Best" is a total order (uses of the
 * kind, uses of the clip, a hash, the name), so nothing depends on how the clips are
 * stored. */
#include "qa/pairing.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chooser {
    const struct avqa_pairing_clip *clips;
    size_t n;
    const struct avqa_pairing_options *opts;
    struct avqa_pairing *out;
    size_t *clip_uses;
    bool *tried; /* as the first of the set in hand */
    struct avqa_intern taken;
    size_t set[AVQA_PAIRING_MAX_SIZE];
    size_t n_set;
};

static size_t kind_of(const struct chooser *c, size_t clip)
{
    uint32_t kind = c->clips[clip].kind;
    return kind == AVQA_PAIRING_NO_KIND ? c->opts->n_kinds : kind;
}

/* ---- the rules ------------------------------------------------------------------- */

static int compare_index(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a;
    const size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The set with `clip` in it, whatever the order; its text is the key's bytes. */
static void key_of(const struct chooser *c, size_t clip,
                   size_t key[AVQA_PAIRING_MAX_SIZE])
{
    memcpy(key, c->set, c->n_set * sizeof *key);
    key[c->n_set] = clip;
    qsort(key, c->n_set + 1, sizeof *key, compare_index);
}

static bool is_taken(const struct chooser *c, size_t clip)
{
    size_t key[AVQA_PAIRING_MAX_SIZE];
    key_of(c, clip, key);
    return avqa_intern_find(&c->taken, (const char *)key,
                            c->opts->size * sizeof *key) != AVQA_INTERN_NONE;
}

static bool may_join(const struct chooser *c, size_t clip)
{
    const struct avqa_pairing_clip *in = &c->clips[clip];
    size_t quota = c->opts->per_kind;
    size_t more = 1; /* uses of its kind by this set */
    for (size_t i = 0; i < c->n_set; i++) {
        const struct avqa_pairing_clip *other = &c->clips[c->set[i]];
        bool same_kind = other->kind == in->kind && in->kind != AVQA_PAIRING_NO_KIND;
        if (other->group == in->group || (same_kind && !c->opts->same_kind))
            return false;
        if (same_kind)
            more = 0;
    }
    if (quota && c->out->uses[kind_of(c, clip)] + more > quota)
        return false;
    return c->n_set + 1 < c->opts->size || !is_taken(c, clip);
}

/* ---- the order ------------------------------------------------------------------- */

/* Chance for a clip beside those that are in the set already. */
static uint64_t draw(const struct chooser *c, size_t clip)
{
    uint64_t h = avqa_hash64(c->opts->seed, &c->out->n_sets, sizeof c->out->n_sets);
    for (size_t i = 0; i < c->n_set; i++)
        h = avqa_hash_str(h, c->clips[c->set[i]].name);
    return avqa_hash_str(h, c->clips[clip].name);
}

static bool is_better(const struct chooser *c, size_t a, size_t b)
{
    const size_t kind_a = c->out->uses[kind_of(c, a)];
    const size_t kind_b = c->out->uses[kind_of(c, b)];
    if (kind_a != kind_b)
        return kind_a < kind_b;
    if (c->clip_uses[a] != c->clip_uses[b])
        return c->clip_uses[a] < c->clip_uses[b];
    uint64_t draw_a = draw(c, a);
    uint64_t draw_b = draw(c, b);
    if (draw_a != draw_b)
        return draw_a < draw_b;
    return strcmp(c->clips[a].name, c->clips[b].name) < 0;
}

/* The best clip for the next place in the set; n if there is none. */
static size_t best(const struct chooser *c)
{
    size_t found = c->n;
    for (size_t i = 0; i < c->n; i++) {
        if (c->n_set == 0 && c->tried[i])
            continue;
        if (found < c->n && !is_better(c, i, found))
            continue;
        if (may_join(c, i))
            found = i;
    }
    return found;
}

/* ---- sets ------------------------------------------------------------------------ */

static bool fill(struct chooser *c)
{
    memset(c->tried, 0, c->n * sizeof *c->tried);
    for (;;) {
        c->n_set = 0;
        size_t first = best(c);
        if (first == c->n)
            return false;
        c->tried[first] = true;
        while (first < c->n && c->n_set < c->opts->size) {
            c->set[c->n_set++] = first;
            first = c->n_set < c->opts->size ? best(c) : 0;
        }
        if (c->n_set == c->opts->size)
            return true;
    }
}

/* The least used kind came first; who comes first in the set shall not depend on it. */
static void shuffle(struct chooser *c)
{
    struct avqa_rng rng;
    char item[32];
    snprintf(item, sizeof item, "set %zu", c->out->n_sets);
    avqa_rng_init(&rng, c->opts->seed, item);
    for (size_t i = c->n_set; i > 1; i--) {
        size_t k = (size_t)avqa_rng_below(&rng, i);
        size_t held = c->set[i - 1];
        c->set[i - 1] = c->set[k];
        c->set[k] = held;
    }
}

static void count_uses(struct chooser *c)
{
    for (size_t i = 0; i < c->n_set; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again || kind_of(c, c->set[k]) == kind_of(c, c->set[i]);
        c->out->uses[kind_of(c, c->set[i])] += !again;
        c->clip_uses[c->set[i]]++;
    }
}

static enum avqa_status keep(struct chooser *c)
{
    struct avqa_pairing *out = c->out;
    size_t key[AVQA_PAIRING_MAX_SIZE];
    c->n_set--;
    key_of(c, c->set[c->n_set], key);
    c->n_set++;
    avqa_intern_add(&c->taken, (const char *)key, c->n_set * sizeof *key, NULL);
    count_uses(c);
    shuffle(c);
    enum avqa_status rc = avqa_mem_grow(
        &out->members, &out->cap, (out->n_sets + 1) * c->n_set, sizeof *out->members);
    if (rc != AVQA_OK)
        return rc;
    memcpy(out->members + out->n_sets * c->n_set, c->set, c->n_set * sizeof *c->set);
    out->n_sets++;
    return AVQA_OK;
}

/* ---- what the rules refuse ------------------------------------------------------- */

static int by_group(const void *a, const void *b)
{
    const struct avqa_pairing_clip *x = a;
    const struct avqa_pairing_clip *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

static int by_kind(const void *a, const void *b)
{
    const struct avqa_pairing_clip *x = a;
    const struct avqa_pairing_clip *y = b;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

static int64_t pairs_of(int64_t n)
{
    return n * (n - 1) / 2;
}

/* Pairs of neighbours in a sorted list that are equal. */
static int64_t equal_pairs(const struct avqa_pairing_clip *list, size_t n,
                           int (*compare)(const void *, const void *), bool of_kind)
{
    int64_t pairs = 0;
    size_t from = 0;
    for (size_t i = 1; i <= n; i++) {
        if (i < n && compare(&list[i], &list[from]) == 0)
            continue;
        if (!of_kind || list[from].kind != AVQA_PAIRING_NO_KIND)
            pairs += pairs_of((int64_t)(i - from));
        from = i;
    }
    return pairs;
}

static int only_group(const void *a, const void *b)
{
    const struct avqa_pairing_clip *x = a;
    const struct avqa_pairing_clip *y = b;
    return (x->group > y->group) - (x->group < y->group);
}

static enum avqa_status count_refused(struct chooser *c)
{
    struct avqa_pairing_clip *list = NULL;
    enum avqa_status rc = avqa_mem_array(&list, c->n + 1, sizeof *list);
    if (rc != AVQA_OK)
        return rc;
    memcpy(list, c->clips, c->n * sizeof *list);
    c->out->n_pairs = pairs_of((int64_t)c->n);
    qsort(list, c->n, sizeof *list, by_group);
    c->out->n_same_group = equal_pairs(list, c->n, only_group, false);
    int64_t both = equal_pairs(list, c->n, by_group, true);
    qsort(list, c->n, sizeof *list, by_kind);
    if (!c->opts->same_kind)
        c->out->n_same_kind = equal_pairs(list, c->n, by_kind, true) - both;
    free(list);
    return AVQA_OK;
}

enum avqa_status avqa_pairing_choose(struct avqa_pairing *out,
                                     const struct avqa_pairing_clip *clips, size_t n,
                                     const struct avqa_pairing_options *opts)
{
    struct chooser c = {.clips = clips, .n = n, .opts = opts, .out = out};
    *out = (struct avqa_pairing){0};
    if (!opts->count && !opts->per_kind)
        return avqa_fail(AVQA_EINVAL, "neither how many in all nor per kind is said");
    if (opts->size < 2 || opts->size > AVQA_PAIRING_MAX_SIZE)
        return avqa_fail(AVQA_EINVAL, "sets of %zu clips are asked for", opts->size);
    enum avqa_status rc =
        avqa_mem_array(&out->uses, opts->n_kinds + 1, sizeof *out->uses);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&c.clip_uses, n + 1, sizeof *c.clip_uses);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&c.tried, n + 1, sizeof *c.tried);
    if (rc == AVQA_OK)
        rc = count_refused(&c);
    while (rc == AVQA_OK && (!opts->count || out->n_sets < opts->count) && fill(&c))
        rc = keep(&c);
    avqa_intern_release(&c.taken);
    free(c.clip_uses);
    free(c.tried);
    return rc;
}

void avqa_pairing_release(struct avqa_pairing *pairing)
{
    free(pairing->members);
    free(pairing->uses);
    *pairing = (struct avqa_pairing){0};
}
