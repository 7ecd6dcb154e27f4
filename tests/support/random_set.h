/* Random small datasets: few videos, templates and words, so that every kind of
 * coincidence comes up. */
#ifndef AVQA_TESTS_RANDOM_SET_H
#define AVQA_TESTS_RANDOM_SET_H

#include "base/rng.h"
#include "tiny.h"

static const struct {
    const char *code, *slots[3], *answers[4];
} random_kinds[] = {
    {"A01", {"violin,piano", "piano,violin", "erhu,erhu"}, {"yes", "no", "yes", "yes"}},
    {"A06", {"violin", "piano", "erhu"}, {"yes", "no", "no", "yes"}},
    {"A05", {"", "", ""}, {"one", "two", "zero", "one"}},
    {"V05",
     {"left,violin", "middle,piano", "right,erhu"},
     {"erhu", "piano", "violin", "no"}},
    {"V08", {"", "", ""}, {"indoor", "outdoor", "indoor", "indoor"}},
    {"X03", {"left,right", "right,left", "left,left"}, {"yes", "no", "left", "yes"}},
    {"X10", {"", "", ""}, {"yes", "no", "no", "no"}},
    {"X17", {"first", "last", "first"}, {"left", "right", "middle", "left"}}};

static const char *const random_videos[] = {
    "00000001",      "00000002",    "00000003",    "00000004",
    "eva00000001",   "esa00000002", "evv00000003", "va00000001",
    "vid",           "vid_flip",    "00000005",    "00000006",
    "00000007_flip", "00000007",    "other",       "eva00000009"};

/* Imports `n` random rows as `split`. */
static inline void random_split(struct tiny *t, const char *split, int n, uint64_t seed)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, seed, split);
    for (int i = 0; i < n; i++) {
        size_t k = (size_t)avqa_rng_below(&rng, N_OF(random_kinds));
        size_t v = (size_t)avqa_rng_below(&rng, N_OF(random_videos));
        size_t s = (size_t)avqa_rng_below(&rng, N_OF(random_videos));
        struct tiny_row row = {
            .video = random_videos[v],
            .code = random_kinds[k].code,
            .slots = random_kinds[k].slots[avqa_rng_below(&rng, 3)],
            .answer = random_kinds[k].answers[avqa_rng_below(&rng, 4)],
            .sound = avqa_rng_below(&rng, 12) ? NULL : random_videos[s],
            .id = avqa_rng_below(&rng, 4) ? (int)avqa_rng_below(&rng, 40) + 1 : 0};
        tiny_put(t, &row);
    }
    tiny_import(t, split);
}

/* Two splits of random rows, audited as "on" against "fit". */
static inline void random_fill(struct tiny *t, uint64_t seed)
{
    random_split(t, "on", 150, seed);
    random_split(t, "fit", 60, seed);
    tiny_audit(t, "on", "fit");
}

enum { RANDOM_ROUNDS = 6 };

/* A row's template, slots, answer and video as words. */
static inline const char *random_answer(const struct tiny *t, size_t row)
{
    return avqa_audit_answer(&t->table, t->table.rows[row].answer);
}

static inline const char *random_video(const struct tiny *t, size_t row)
{
    return avqa_audit_video(&t->table, t->table.clips[t->table.rows[row].clip].video);
}

/* Whether two rows are of one group, compared by their words. */
static inline bool random_same_group(const struct tiny *t, size_t a, size_t b,
                                     enum avqa_grouping by)
{
    const struct avqa_audit_row *x = &t->table.rows[a];
    const struct avqa_audit_row *y = &t->table.rows[b];
    const struct avqa_template *p = avqa_audit_template(&t->table, x);
    const struct avqa_template *q = avqa_audit_template(&t->table, y);
    if (by == AVQA_GROUP_ALL)
        return true;
    if (by == AVQA_GROUP_TYPE)
        return strcmp(p->modality, q->modality) == 0 && strcmp(p->type, q->type) == 0;
    return strcmp(p->code, q->code) == 0 &&
           (by == AVQA_GROUP_TEMPLATE ||
            strcmp(avqa_intern_text(&t->table.slots_texts, x->slots),
                   avqa_intern_text(&t->table.slots_texts, y->slots)) == 0);
}

#endif
