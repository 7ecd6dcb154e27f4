/* Union-find with path halving over the videos; the smaller number is the root, so that
 * numbering does not depend on the order of joining. */
#include "audit/component.h"
#include "audit/twin.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

static uint32_t root_of(uint32_t *parent, uint32_t v)
{
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

/* False if they are joined already. */
static bool join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
    return a != b;
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

/* By measure: the video of a clip of its source, or AVQA_INTERN_NONE. */
static enum avqa_status find_videos(uint32_t **videos, const struct avqa_audit_table *t)
{
    enum avqa_status rc = avqa_mem_array(videos, t->n_measures + 1, sizeof **videos);
    for (size_t i = 0; rc == AVQA_OK && i < t->n_measures; i++)
        (*videos)[i] = AVQA_INTERN_NONE;
    for (size_t c = 0; rc == AVQA_OK && c < t->n_clips; c++) {
        const struct avqa_audit_measure *m = avqa_audit_measure(t, (uint32_t)c);
        if (m)
            (*videos)[m - t->measures] = t->clips[c].video;
    }
    return rc;
}

/* After the sources, so that one video stands for all of a source. */
static enum avqa_status join_twins(uint32_t *parent, const struct avqa_audit_table *t,
                                   size_t *n_joined)
{
    uint32_t *videos = NULL;
    enum avqa_status rc = find_videos(&videos, t);
    for (int kind = 0; rc == AVQA_OK && kind < AVQA_N_TWINS; kind++) {
        struct avqa_twin *twins;
        size_t n;
        rc = avqa_twins_find(&twins, &n, t, (enum avqa_twin_kind)kind);
        for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
            uint32_t a = videos[twins[i].a];
            uint32_t b = videos[twins[i].b];
            if (a != AVQA_INTERN_NONE && b != AVQA_INTERN_NONE)
                *n_joined += join(parent, a, b);
        }
        free(twins);
    }
    free(videos);
    return rc;
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
    if (rc == AVQA_OK && t->n_measures)
        rc = join_twins(parent, t, &out->n_twins);
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
