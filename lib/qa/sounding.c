/* See sounding.h. Times are whole microseconds, so comparing them is exact. */
#include "qa/sounding.h"

#include <stdlib.h>
#include <string.h>

static int by_start(const void *a, const void *b)
{
    const struct avqa_range *x = a;
    const struct avqa_range *y = b;
    if (x->start_us != y->start_us)
        return x->start_us < y->start_us ? -1 : 1;
    return (x->end_us > y->end_us) - (x->end_us < y->end_us);
}

enum avqa_truth avqa_instance_sounds(const struct avqa_instance *in)
{
    if (!in->sounding.known)
        return AVQA_UNKNOWN;
    return in->sounding.n ? AVQA_YES : AVQA_NO;
}

enum avqa_truth avqa_instance_sounds_in(const struct avqa_instance *in,
                                        int64_t start_us, int64_t end_us)
{
    if (!in->sounding.known)
        return AVQA_UNKNOWN;
    for (size_t i = 0; i < in->sounding.n; i++) {
        const struct avqa_range *range = &in->sounding.items[i];
        if (range->start_us < end_us && range->end_us > start_us)
            return AVQA_YES;
    }
    return AVQA_NO;
}

enum avqa_truth avqa_instance_offscreen(const struct avqa_instance *in)
{
    enum avqa_truth sounds = avqa_instance_sounds(in);
    if (in->visible == AVQA_YES || sounds == AVQA_NO)
        return AVQA_NO;
    return in->visible == AVQA_NO && sounds == AVQA_YES ? AVQA_YES : AVQA_UNKNOWN;
}

int64_t avqa_instance_onset_us(const struct avqa_instance *in)
{
    return in->sounding.n ? in->sounding.items[0].start_us : AVQA_FACTS_UNKNOWN;
}

int64_t avqa_instance_offset_us(const struct avqa_instance *in)
{
    size_t n = in->sounding.n;
    return n ? in->sounding.items[n - 1].end_us : AVQA_FACTS_UNKNOWN;
}

int64_t avqa_instance_total_us(const struct avqa_instance *in)
{
    return avqa_ranges_total_us(&in->sounding);
}

int64_t avqa_ranges_total_us(const struct avqa_ranges *ranges)
{
    int64_t total = 0;
    if (!ranges->known)
        return AVQA_FACTS_UNKNOWN;
    for (size_t i = 0; i < ranges->n; i++)
        total += ranges->items[i].end_us - ranges->items[i].start_us;
    return total;
}

void avqa_ranges_sort(struct avqa_range *ranges, size_t n)
{
    if (n)
        qsort(ranges, n, sizeof *ranges, by_start);
}

struct avqa_ranges avqa_ranges_union(struct avqa_arena *arena,
                                     const struct avqa_ranges *const *lists, size_t n)
{
    struct avqa_ranges out = {.known = true};
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (!lists[i]->known)
            return (struct avqa_ranges){0};
        total += lists[i]->n;
    }
    if (total == 0)
        return out;
    struct avqa_range *all = avqa_arena_alloc(arena, total * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        if (lists[i]->n)
            memcpy(all + out.n, lists[i]->items, lists[i]->n * sizeof *all);
        out.n += lists[i]->n;
    }
    avqa_ranges_sort(all, total);
    size_t last = 0;
    for (size_t i = 1; i < total; i++) {
        if (all[i].start_us > all[last].end_us)
            all[++last] = all[i];
        else if (all[i].end_us > all[last].end_us)
            all[last].end_us = all[i].end_us;
    }
    out.items = all;
    out.n = last + 1;
    return out;
}

enum avqa_truth avqa_ranges_overlap(const struct avqa_ranges *a,
                                    const struct avqa_ranges *b)
{
    size_t i = 0;
    size_t j = 0;
    if ((a->known && a->n == 0) || (b->known && b->n == 0))
        return AVQA_NO;
    if (!a->known || !b->known)
        return AVQA_UNKNOWN;
    while (i < a->n && j < b->n) {
        if (a->items[i].end_us <= b->items[j].start_us)
            i++;
        else if (b->items[j].end_us <= a->items[i].start_us)
            j++;
        else
            return AVQA_YES;
    }
    return AVQA_NO;
}
