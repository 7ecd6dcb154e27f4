/* Union-find with path halving over the videos; the smaller number is the root, so that
 * numbering does not depend on the order of joining. */
#include "audit/component.h"
#include "base/mem.h"

#include <stdlib.h>

static uint32_t root_of(uint32_t *parent, uint32_t v)
{
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

static void join_roots(uint32_t *parent, const struct avqa_audit_table *t,
                       uint32_t video)
{
    size_t n;
    const uint32_t *roots = avqa_kin_roots(&t->kin, video, &n);
    for (size_t i = 0; i < n; i++)
        join(parent, video, roots[i]);
}

struct by_source {
    int64_t source;
    uint32_t video;
};

static int compare_source(const void *a, const void *b)
{
    const struct by_source *x = a;
    const struct by_source *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return x->video < y->video ? -1 : x->video > y->video;
}

static enum avqa_status join_sources(uint32_t *parent, const struct avqa_audit_table *t)
{
    struct by_source *list = calloc(t->n_clips + 1, sizeof *list);
    size_t n = 0;
    if (!list)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu clips", t->n_clips);
    for (size_t c = 0; c < t->n_clips; c++) {
        if (t->clips[c].source)
            list[n++] = (struct by_source){t->clips[c].source, t->clips[c].video};
    }
    qsort(list, n, sizeof *list, compare_source);
    for (size_t i = 1; i < n; i++) {
        if (list[i].source == list[i - 1].source)
            join(parent, list[i].video, list[i - 1].video);
    }
    free(list);
    return AVQA_OK;
}

enum avqa_status avqa_components_find(struct avqa_components *out,
                                      const struct avqa_audit_table *t)
{
    size_t n = t->videos.n;
    *out = (struct avqa_components){.of_video = calloc(n + 1, sizeof *out->of_video),
                                    .n_videos = n};
    uint32_t *parent = calloc(n + 1, sizeof *parent);
    enum avqa_status rc = AVQA_OK;
    if (!out->of_video || !parent)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for %zu videos", n);
    for (uint32_t v = 0; rc == AVQA_OK && v < n; v++)
        parent[v] = v;
    for (size_t c = 0; rc == AVQA_OK && c < t->n_clips; c++) {
        join(parent, t->clips[c].video, t->clips[c].sound);
        join_roots(parent, t, t->clips[c].video);
        join_roots(parent, t, t->clips[c].sound);
    }
    if (rc == AVQA_OK)
        rc = join_sources(parent, t);
    for (uint32_t v = 0; rc == AVQA_OK && v < n; v++) {
        uint32_t root = root_of(parent, v); /* never larger than v: numbered already */
        out->of_video[v] = root == v ? (uint32_t)out->n++ : out->of_video[root];
    }
    free(parent);
    return rc;
}

void avqa_components_release(struct avqa_components *components)
{
    free(components->of_video);
    *components = (struct avqa_components){0};
}
