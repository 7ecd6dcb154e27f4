/* See twin.h. */
#include "audit/twin.h"
#include "audit/near.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Eight of ten pictures with at most 10 of 64 bits different; for sound 10 of 32 bits
 * in seven of ten items, where strangers differ in 16 on average. A stretch lasts 3 s
 * at least: 16 items of sound, which look at 4.6 s. */
enum { MAX_PARTS = 1 << 23 }; /* 128 MiB */
static const struct avqa_near_options PICTURE = {64, 10, 80, 3, MAX_PARTS};
static const struct avqa_near_options SOUND = {32, 10, 70, 16, MAX_PARTS};

/* ---- the same bytes -------------------------------------------------------------- */

static int by_sha256(const void *a, const void *b, void *user)
{
    const struct avqa_audit_measure *m = user;
    uint32_t i = *(const uint32_t *)a;
    uint32_t k = *(const uint32_t *)b;
    int order = strcmp(m[i].sha256, m[k].sha256);
    return order ? order : i < k ? -1 : i > k;
}

static enum avqa_status same_files(struct avqa_twin *twins, size_t *n,
                                   const struct avqa_audit_table *t)
{
    uint32_t *order;
    enum avqa_status rc = avqa_mem_array(&order, t->n_measures + 1, sizeof *order);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < t->n_measures; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, t->n_measures, sizeof *order, by_sha256, t->measures);
    for (size_t i = 1; i < t->n_measures; i++) {
        if (strcmp(t->measures[order[i - 1]].sha256, t->measures[order[i]].sha256) == 0)
            twins[(*n)++] = (struct avqa_twin){order[i - 1], order[i], false};
    }
    free(order);
    return AVQA_OK;
}

/* ---- fingerprints ---------------------------------------------------------------- */

/* Items of `digits` hex digits; what is no such list has none. */
static enum avqa_status read_print(struct avqa_near_sequence *out, const char *hex,
                                   size_t digits)
{
    size_t n = strlen(hex) / digits;
    uint64_t *items;
    enum avqa_status rc = avqa_mem_array(&items, n + 1, sizeof *items);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        char word[17] = {0};
        memcpy(word, hex + i * digits, digits);
        items[i] = strtoull(word, NULL, 16);
    }
    *out = (struct avqa_near_sequence){items, n};
    return AVQA_OK;
}

uint64_t avqa_twin_mirror(uint64_t print)
{
    uint64_t out = 0;
    for (int bit = 0; bit < 64; bit++) {
        int row = bit / 8 * 8;
        out |= (~print >> bit & 1) << (row + 7 - (bit - row));
    }
    return out;
}

/* Sequences of one kind of fingerprint; behind those of pictures, the same mirrored. */
static enum avqa_status read_prints(struct avqa_near_sequence *out,
                                    const struct avqa_audit_table *t, bool sound)
{
    const struct avqa_audit_measure *m = t->measures;
    size_t n = t->n_measures;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        rc = read_print(&out[i], sound ? m[i].sound_print : m[i].picture_print,
                        sound ? 8 : 16);
    for (size_t i = 0; rc == AVQA_OK && !sound && i < n; i++) {
        uint64_t *items;
        rc = avqa_mem_array(&items, out[i].n + 1, sizeof *items);
        for (size_t k = 0; rc == AVQA_OK && k < out[i].n; k++)
            items[k] = avqa_twin_mirror(out[i].items[k]);
        if (rc == AVQA_OK)
            out[n + i] = (struct avqa_near_sequence){items, out[i].n};
    }
    return rc;
}

static enum avqa_status near_pairs(struct avqa_near_pair **pairs, size_t *n_pairs,
                                   const struct avqa_audit_table *t, bool sound)
{
    size_t n = sound ? t->n_measures : 2 * t->n_measures;
    struct avqa_near_sequence *sequences;
    enum avqa_status rc = avqa_mem_array(&sequences, n + 1, sizeof *sequences);
    if (rc != AVQA_OK)
        return rc;
    rc = read_prints(sequences, t, sound);
    if (rc == AVQA_OK)
        rc = avqa_near_find(pairs, n_pairs, sequences, n, sound ? &SOUND : &PICTURE);
    for (size_t i = 0; i < n; i++)
        free((void *)sequences[i].items);
    free(sequences);
    return rc;
}

static int by_sources(const void *x, const void *y)
{
    const struct avqa_twin *p = x;
    const struct avqa_twin *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->mirrored - q->mirrored;
}

/* Pairs of sequences as pairs of sources, each once, as they are rather than mirrored.
 * Pairs of the same file are of another kind. */
static void keep_twins(struct avqa_twin *twins, size_t *n,
                       const struct avqa_audit_table *t,
                       const struct avqa_near_pair *pairs, size_t n_pairs)
{
    uint32_t n_sources = (uint32_t)t->n_measures;
    size_t n_all = 0;
    for (size_t i = 0; i < n_pairs; i++) {
        bool mirrored = pairs[i].b >= n_sources;
        uint32_t a = pairs[i].a;
        uint32_t b = mirrored ? pairs[i].b - n_sources : pairs[i].b;
        if (a >= n_sources || a == b || /* both mirrored, or with itself */
            strcmp(t->measures[a].sha256, t->measures[b].sha256) == 0)
            continue;
        twins[n_all++] = (struct avqa_twin){a < b ? a : b, a < b ? b : a, mirrored};
    }
    if (n_all)
        qsort(twins, n_all, sizeof *twins, by_sources);
    for (size_t i = 0; i < n_all; i++) {
        if (*n == 0 || twins[*n - 1].a != twins[i].a || twins[*n - 1].b != twins[i].b)
            twins[(*n)++] = twins[i];
    }
}

static enum avqa_status alike(struct avqa_twin **twins, size_t *n,
                              const struct avqa_audit_table *t, bool sound)
{
    struct avqa_near_pair *pairs = NULL;
    size_t n_pairs = 0;
    enum avqa_status rc = near_pairs(&pairs, &n_pairs, t, sound);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(twins, n_pairs + 1, sizeof **twins);
    if (rc == AVQA_OK)
        keep_twins(*twins, n, t, pairs, n_pairs);
    free(pairs);
    return rc;
}

enum avqa_status avqa_twins_find(struct avqa_twin **twins, size_t *n,
                                 const struct avqa_audit_table *t,
                                 enum avqa_twin_kind kind)
{
    *twins = NULL;
    *n = 0;
    if (kind != AVQA_TWIN_FILE)
        return alike(twins, n, t, kind == AVQA_TWIN_SOUND);
    enum avqa_status rc = avqa_mem_array(twins, t->n_measures + 1, sizeof **twins);
    return rc == AVQA_OK ? same_files(*twins, n, t) : rc;
}
