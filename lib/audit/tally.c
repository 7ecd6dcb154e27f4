/* Counting by open addressing over (group, answer), then one sort of the few cells. */
#include "audit/tally.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t avqa_grouping_of(const struct avqa_audit_table *t,
                          const struct avqa_audit_row *row, enum avqa_grouping by)
{
    switch (by) {
    case AVQA_GROUP_TYPE:
        for (uint64_t i = 0; i < row->template; i++) {
            if (strcmp(t->templates->items[i].label,
                       t->templates->items[row->template].label) == 0)
                return i;
        }
        return row->template;
    case AVQA_GROUP_TEMPLATE:
        return row->template;
    case AVQA_GROUP_SLOTS:
        return (uint64_t)row->template << 32 | row->slots;
    case AVQA_GROUP_ALL:
        break;
    }
    return 0;
}

static size_t probe(const struct avqa_tally *y, uint64_t group, uint32_t answer)
{
    uint64_t h =
        (group * 0x9e3779b97f4a7c15u) ^ ((uint64_t)answer * 0xc2b2ae3d27d4eb4fu);
    size_t mask = y->n_slots - 1;
    for (size_t i = (size_t)(h ^ h >> 29) & mask;; i = (i + 1) & mask) {
        if (y->slots[i] == 0)
            return i;
        const struct avqa_tally_cell *c = &y->cells[y->slots[i] - 1];
        if (c->group == group && c->answer == answer)
            return i;
    }
}

static enum avqa_status rehash(struct avqa_tally *y)
{
    size_t n_slots = y->n_slots ? y->n_slots * 2 : 256;
    uint32_t *slots;
    enum avqa_status rc = avqa_mem_array(&slots, n_slots, sizeof *slots);
    if (rc != AVQA_OK)
        return rc;
    free(y->slots);
    y->slots = slots;
    y->n_slots = n_slots;
    for (size_t i = 0; i < y->n; i++)
        y->slots[probe(y, y->cells[i].group, y->cells[i].answer)] = (uint32_t)i + 1;
    return AVQA_OK;
}

enum avqa_status avqa_tally_add(struct avqa_tally *y, uint64_t group, uint32_t answer,
                                uint32_t n)
{
    enum avqa_status rc = y->n * 2 >= y->n_slots ? rehash(y) : AVQA_OK;
    if (rc != AVQA_OK)
        return rc;
    size_t slot = probe(y, group, answer);
    if (y->slots[slot] == 0) {
        rc = avqa_mem_grow(&y->cells, &y->cap, y->n + 1, sizeof *y->cells);
        if (rc != AVQA_OK)
            return rc;
        y->cells[y->n] = (struct avqa_tally_cell){group, answer, 0};
        y->slots[slot] = (uint32_t)++y->n;
    }
    y->cells[y->slots[slot] - 1].n += n;
    return AVQA_OK;
}

static int by_group(const void *a, const void *b, void *user)
{
    const uint32_t *rank = user;
    const struct avqa_tally_cell *x = a;
    const struct avqa_tally_cell *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return rank[x->answer] < rank[y->answer] ? -1 : 1;
}

enum avqa_status avqa_tally_rows(struct avqa_tally *tally,
                                 const struct avqa_audit_table *t,
                                 struct avqa_audit_range range, enum avqa_grouping by)
{
    uint64_t
        types[AVQA_TEMPLATES_MAX]; /* group of each template, for the coarse ones */
    for (size_t i = 0; i < t->templates->n; i++) {
        struct avqa_audit_row row = {.template = (uint16_t)i};
        types[i] = avqa_grouping_of(t, &row, by);
    }
    for (size_t i = range.from; i < range.to; i++) {
        const struct avqa_audit_row *row = &t->rows[i];
        uint64_t group = by == AVQA_GROUP_SLOTS ? avqa_grouping_of(t, row, by)
                                                : types[row->template];
        enum avqa_status rc = avqa_tally_add(tally, group, row->answer, 1);
        if (rc != AVQA_OK)
            return rc;
    }
    tally->total = range.to - range.from;
    if (tally->n)
        qsort_r(tally->cells, tally->n, sizeof *tally->cells, by_group, t->answer_rank);
    return AVQA_OK;
}

void avqa_tally_release(struct avqa_tally *tally)
{
    free(tally->cells);
    free(tally->slots);
    *tally = (struct avqa_tally){0};
}

size_t avqa_tally_group_end(const struct avqa_tally *tally, size_t i, uint64_t *n)
{
    uint64_t group = tally->cells[i].group;
    *n = 0;
    for (; i < tally->n && tally->cells[i].group == group; i++)
        *n += tally->cells[i].n;
    return i;
}

const struct avqa_tally_cell *avqa_tally_find(const struct avqa_tally *tally,
                                              uint64_t group)
{
    size_t lo = 0;
    size_t hi = tally->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (tally->cells[mid].group < group)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < tally->n && tally->cells[lo].group == group ? &tally->cells[lo] : NULL;
}

void avqa_tally_index(struct avqa_tally *y)
{
    if (y->slots)
        memset(y->slots, 0, y->n_slots * sizeof *y->slots);
    for (size_t i = 0; i < y->n; i++)
        y->slots[probe(y, y->cells[i].group, y->cells[i].answer)] = (uint32_t)i + 1;
}

size_t avqa_tally_place(const struct avqa_tally *y, uint64_t group, uint32_t answer)
{
    return y->slots[probe(y, group, answer)] - 1;
}

double avqa_tally_entropy(const struct avqa_tally *tally)
{
    double bits = 0;
    uint64_t n;
    for (size_t i = 0; i < tally->n;) {
        size_t end = avqa_tally_group_end(tally, i, &n);
        for (; i < end; i++) {
            double c = tally->cells[i].n;
            bits -= c * log2(c / (double)n);
        }
    }
    return tally->total ? bits / (double)tally->total : 0;
}
