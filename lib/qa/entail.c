/* Pairs of the same shape (qa/shape.h) are decided once, in parallel; ten thousand
 * clips have some thousands of shapes. Most are told apart by one of the clips
 * (qa/separate.h), the others go to the solver. */
#include "qa/entail.h"
#include "base/mem.h"
#include "base/pool.h"
#include "qa/separate.h"
#include "qa/shape.h"
#include "qa/solver.h"

#include <stdlib.h>

/* Two questions of the generator, and what is known of all pairs like them. */
struct pair {
    size_t from, to;
    enum avqa_entailment found;
};

struct work {
    const struct avqa_generator *g;
    struct avqa_intern keys; /* of pairs */
    struct pair *pairs;      /* by key: its first pair */
    size_t cap_pairs;
    struct avqa_buf key;
    struct avqa_intern kinds;
    struct avqa_separator separator;
};

static struct avqa_answered answered(const struct avqa_generator *g, size_t question)
{
    const struct avqa_generated *q = &g->questions[question];
    return (struct avqa_answered){&g->templates->items[q->template], q->values,
                                  q->evaluation.answer};
}

static enum avqa_status find_pair(struct work *w, size_t from, size_t to, uint32_t *id)
{
    struct avqa_answered a = answered(w->g, from);
    struct avqa_answered b = answered(w->g, to);
    bool is_new;
    avqa_buf_clear(&w->key);
    avqa_intern_clear(&w->kinds);
    avqa_shape_add(&w->key, &w->kinds, &a);
    avqa_shape_add(&w->key, &w->kinds, &b);
    enum avqa_status rc = avqa_mem_grow(&w->pairs, &w->cap_pairs, (size_t)w->keys.n + 1,
                                        sizeof *w->pairs);
    if (rc != AVQA_OK)
        return rc;
    *id = avqa_intern_add(&w->keys, avqa_buf_str(&w->key), w->key.len, &is_new);
    if (is_new)
        w->pairs[*id] = (struct pair){from, to, AVQA_NOT_ENTAILED};
    return avqa_buf_status(&w->key);
}

/* Called for each pair of questions of one clip, in order. */
typedef enum avqa_status pair_fn(struct work *w, struct avqa_entailments *out,
                                 size_t from, size_t to, size_t place);

static enum avqa_status each_pair(struct work *w, struct avqa_entailments *out,
                                  pair_fn *fn)
{
    const struct avqa_generator *g = w->g;
    enum avqa_status rc = AVQA_OK;
    for (size_t first = 0; rc == AVQA_OK && first < g->n_questions;) {
        size_t end = first + 1;
        while (end < g->n_questions &&
               g->questions[end].clip == g->questions[first].clip)
            end++;
        size_t n = end - first < AVQA_ENTAIL_MAX_QUESTIONS ? end - first
                                                           : AVQA_ENTAIL_MAX_QUESTIONS;
        for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
            for (size_t k = 0; rc == AVQA_OK && k < n; k++)
                rc = i == k ? AVQA_OK : fn(w, out, first + i, first + k, k);
        }
        first = end;
    }
    return rc;
}

static enum avqa_status collect(struct work *w, struct avqa_entailments *out,
                                size_t from, size_t to, size_t place)
{
    uint32_t id;
    (void)out;
    (void)place;
    return find_pair(w, from, to, &id);
}

static enum avqa_status note(struct work *w, struct avqa_entailments *out, size_t from,
                             size_t to, size_t place)
{
    uint32_t id;
    enum avqa_status rc = find_pair(w, from, to, &id);
    if (rc != AVQA_OK)
        return rc;
    out->n_not_decided += w->pairs[id].found == AVQA_ENTAILMENT_NOT_DECIDED;
    if (w->pairs[id].found == AVQA_ENTAILED) {
        out->given_away[from] |= (uint64_t)1 << place;
        out->n_pairs++;
    }
    return AVQA_OK;
}

static enum avqa_status decide(void *user, size_t i)
{
    struct work *w = user;
    struct pair *pair = &w->pairs[i];
    struct avqa_answered from = answered(w->g, pair->from);
    struct avqa_answered to = answered(w->g, pair->to);
    if (avqa_log_stopped(w->g->opts.log))
        return avqa_fail(AVQA_ESTOPPED, "stopped; nothing was generated");
    avqa_log_progress(w->g->opts.log, "pairs", (int64_t)i, w->keys.n);
    const struct avqa_scene *own =
        w->g->n_scenes ? w->g->scenes[w->g->questions[pair->from].clip] : NULL;
    if (avqa_separates(&w->separator, own, &from, &to, &w->g->opts.margins))
        return AVQA_OK; /* not entailed, as it was made */
    pair->found = avqa_entails(&from, 1, &to, &w->g->opts.margins);
    return AVQA_OK;
}

enum avqa_status avqa_entailments_find(struct avqa_entailments *out,
                                       const struct avqa_generator *g)
{
    struct work w = {.g = g};
    enum avqa_status rc =
        avqa_mem_array(&out->given_away, g->n_questions + 1, sizeof *out->given_away);
    if (rc == AVQA_OK)
        rc = each_pair(&w, out, collect);
    avqa_separator_init(&w.separator, g->scenes, g->n_scenes);
    if (rc == AVQA_OK)
        rc = avqa_pool_run(g->opts.jobs, w.keys.n, decide, &w);
    if (rc == AVQA_OK)
        rc = each_pair(&w, out, note);
    avqa_intern_release(&w.keys);
    avqa_intern_release(&w.kinds);
    avqa_buf_release(&w.key);
    free(w.pairs);
    return rc;
}

void avqa_entailments_release(struct avqa_entailments *out)
{
    free(out->given_away);
    *out = (struct avqa_entailments){0};
}
