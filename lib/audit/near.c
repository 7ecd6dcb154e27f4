/* See near.h. */
#include "audit/near.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

enum { MAX_SHARED = 32, MAX_ITEMS = 1 << 20 };

/* A part of an item, and where it stands. */
struct part {
    uint64_t key;
    uint32_t sequence, item;
};

struct parts {
    struct part *items;
    size_t n, cap;
    uint64_t sample; /* one key in so many, the same ones in every sequence */
};

struct candidates {
    struct avqa_near_pair *items;
    size_t n, cap;
};

/* Flat pictures and silence have items of few bits, or of nearly all. */
static bool says_nothing(uint64_t item, int bits)
{
    int ones = __builtin_popcountll(item);
    return ones * 10 < bits || (bits - ones) * 10 < bits;
}

static enum avqa_status add_item(struct parts *parts, uint32_t sequence, uint32_t at,
                                 uint64_t item, const struct avqa_near_options *o)
{
    for (int band = 0; band < o->item_bits / 32; band++) {
        uint64_t bits[2] = {(item >> (32 * band)) & 0xffffffff, (uint64_t)band};
        uint64_t key = avqa_hash64(0, bits, sizeof bits);
        if (key % parts->sample != 0)
            continue;
        enum avqa_status rc = avqa_mem_grow(&parts->items, &parts->cap, parts->n + 1,
                                            sizeof *parts->items);
        if (rc != AVQA_OK)
            return rc;
        parts->items[parts->n++] = (struct part){key, sequence, at};
    }
    return AVQA_OK;
}

/* An item that lasts is looked up once, where it begins. */
static enum avqa_status add_sequence(struct parts *parts, uint32_t number,
                                     const struct avqa_near_sequence *s,
                                     const struct avqa_near_options *o)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < s->n && i < MAX_ITEMS; i++) {
        bool lasts = i > 0 && s->items[i] == s->items[i - 1];
        if (!lasts && !says_nothing(s->items[i], o->item_bits))
            rc = add_item(parts, number, (uint32_t)i, s->items[i], o);
    }
    return rc;
}

static int by_key(const void *a, const void *b)
{
    const struct part *x = a;
    const struct part *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->sequence != y->sequence)
        return x->sequence < y->sequence ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* All pairs of one run of equal parts, unless it is too common. */
static enum avqa_status pair_up(struct candidates *c, const struct part *run, size_t n)
{
    enum avqa_status rc = AVQA_OK;
    if (n > MAX_SHARED)
        return AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        for (size_t k = i + 1; rc == AVQA_OK && k < n; k++) {
            if (run[i].sequence == run[k].sequence)
                continue;
            rc = avqa_mem_grow(&c->items, &c->cap, c->n + 1, sizeof *c->items);
            if (rc == AVQA_OK)
                c->items[c->n++] = (struct avqa_near_pair){
                    run[i].sequence, run[k].sequence,
                    (int32_t)run[k].item - (int32_t)run[i].item, 0};
        }
    }
    return rc;
}

static enum avqa_status collect(struct candidates *c, const struct parts *parts)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < parts->n;) {
        size_t end = i + 1;
        while (end < parts->n && parts->items[end].key == parts->items[i].key)
            end++;
        rc = pair_up(c, parts->items + i, end - i);
        i = end;
    }
    return rc;
}

static int by_pair(const void *a, const void *b)
{
    const struct avqa_near_pair *x = a;
    const struct avqa_near_pair *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return x->shift < y->shift ? -1 : x->shift > y->shift;
}

/* Percent of items alike where the two overlap at this shift; 0 if they do too little.
 */
static int compare(const struct avqa_near_sequence *a,
                   const struct avqa_near_sequence *b, int32_t shift,
                   const struct avqa_near_options *o)
{
    int64_t from = shift < 0 ? -(int64_t)shift : 0;
    int64_t to =
        (int64_t)b->n - shift < (int64_t)a->n ? (int64_t)b->n - shift : (int64_t)a->n;
    int64_t shorter = (int64_t)(a->n < b->n ? a->n : b->n);
    int64_t alike = 0;
    if (to - from < (int64_t)o->min_items || 2 * (to - from) < shorter)
        return 0;
    for (int64_t i = from; i < to; i++)
        alike +=
            __builtin_popcountll(a->items[i] ^ b->items[i + shift]) <= o->max_distance;
    return (int)(100 * alike / (to - from));
}

/* Keeps the pairs that are alike, each at its best shift. */
static void judge(struct candidates *c, const struct avqa_near_sequence *sequences,
                  const struct avqa_near_options *o)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct avqa_near_pair p = c->items[i];
        if (i > 0 && by_pair(&p, &c->items[i - 1]) == 0)
            continue; /* compared already; its percent stays where it was */
        p.percent = compare(&sequences[p.a], &sequences[p.b], p.shift, o);
        if (p.percent < o->min_percent)
            continue;
        struct avqa_near_pair *last = kept ? &c->items[kept - 1] : NULL;
        if (!last || last->a != p.a || last->b != p.b)
            c->items[kept++] = p;
        else if (p.percent > last->percent)
            *last = p;
    }
    c->n = kept;
}

enum avqa_status avqa_near_find(struct avqa_near_pair **pairs, size_t *n_pairs,
                                const struct avqa_near_sequence *sequences, size_t n,
                                const struct avqa_near_options *options)
{
    struct parts parts = {0};
    struct candidates c = {0};
    enum avqa_status rc = AVQA_OK;
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += sequences[i].n * (size_t)(options->item_bits / 32);
    parts.sample = 1 + total / options->max_parts;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        rc = add_sequence(&parts, (uint32_t)i, &sequences[i], options);
    if (rc == AVQA_OK && parts.n)
        qsort(parts.items, parts.n, sizeof *parts.items, by_key);
    if (rc == AVQA_OK)
        rc = collect(&c, &parts);
    free(parts.items);
    if (rc == AVQA_OK && c.n) {
        qsort(c.items, c.n, sizeof *c.items, by_pair);
        judge(&c, sequences, options);
    }
    if (rc != AVQA_OK) {
        free(c.items);
        c = (struct candidates){0};
    }
    *pairs = c.items;
    *n_pairs = c.n;
    return rc;
}
