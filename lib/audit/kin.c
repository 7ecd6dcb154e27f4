/* See kin.h. A walk upwards from each video; a stamp tells where it has been. */
#include "audit/kin.h"
#include "base/mem.h"

#include <stdlib.h>

enum { MAX_STEPS = 1024 };

struct walk {
    const struct avqa_kin_step *steps;
    const size_t *first; /* by video, among the steps */
    uint32_t *stamp;     /* by video: the last that came by, plus one */
    uint32_t stack[MAX_STEPS + 1];
};

static int compare_step(const void *a, const void *b)
{
    const struct avqa_kin_step *x = a;
    const struct avqa_kin_step *y = b;
    if (x->video != y->video)
        return x->video < y->video ? -1 : 1;
    return (x->parent > y->parent) - (x->parent < y->parent);
}

static enum avqa_status add_root(struct avqa_kin *kin, uint32_t root)
{
    enum avqa_status rc = avqa_mem_grow(&kin->roots, &kin->cap_roots, kin->n_roots + 1,
                                        sizeof *kin->roots);
    if (rc == AVQA_OK)
        kin->roots[kin->n_roots++] = root;
    return rc;
}

static enum avqa_status climb(struct avqa_kin *kin, struct walk *w, uint32_t video)
{
    enum avqa_status rc = AVQA_OK;
    size_t before = kin->n_roots;
    size_t n = 0;
    size_t taken = 0;
    uint32_t smallest = video;
    w->stack[n++] = video;
    w->stamp[video] = video + 1;
    while (rc == AVQA_OK && n > 0) {
        uint32_t at = w->stack[--n];
        smallest = at < smallest ? at : smallest;
        if (w->first[at] == w->first[at + 1])
            rc = add_root(kin, at);
        for (size_t i = w->first[at]; i < w->first[at + 1]; i++) {
            uint32_t parent = w->steps[i].parent;
            if (w->stamp[parent] == video + 1 || taken == MAX_STEPS)
                continue;
            taken++;
            w->stamp[parent] = video + 1;
            w->stack[n++] = parent;
        }
    }
    return rc == AVQA_OK && kin->n_roots == before ? add_root(kin, smallest) : rc;
}

enum avqa_status avqa_kin_find(struct avqa_kin *kin, struct avqa_kin_step *steps,
                               size_t n_steps, size_t n_videos)
{
    size_t *first = calloc(n_videos + 2, sizeof *first);
    struct walk *w = calloc(1, sizeof *w);
    uint32_t *stamp = calloc(n_videos + 1, sizeof *stamp);
    enum avqa_status rc = AVQA_OK;
    *kin = (struct avqa_kin){.from = calloc(n_videos + 1, sizeof *kin->from)};
    if (!first || !w || !stamp || !kin->from)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for %zu videos", n_videos);
    if (rc == AVQA_OK) {
        if (n_steps)
            qsort(steps, n_steps, sizeof *steps, compare_step);
        for (size_t i = 0; i < n_steps; i++)
            first[steps[i].video + 1]++;
        for (size_t v = 0; v < n_videos; v++)
            first[v + 1] += first[v];
        w->steps = steps;
        w->first = first;
        w->stamp = stamp;
    }
    for (size_t v = 0; rc == AVQA_OK && v < n_videos; v++) {
        rc = climb(kin, w, (uint32_t)v);
        kin->from[v + 1] = kin->n_roots;
    }
    free(stamp);
    free(w);
    free(first);
    return rc;
}

void avqa_kin_release(struct avqa_kin *kin)
{
    free(kin->roots);
    free(kin->from);
    *kin = (struct avqa_kin){0};
}
