/* See gone.h. Items are paths as they were typed, which mean the same as long as they
 * are typed in the same folder. */
#include "pipeline/gone.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/attempt.h"

#include <stdlib.h>
#include <string.h>

struct gone {
    const char *const *paths;
    size_t n_paths;
    char **items;
    size_t n, cap;
};

static bool is_within(const char *item, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return strncmp(item, path, n) == 0 && (item[n] == '/' || item[n] == '\0');
}

static enum avqa_status list_item(void *user, const char *item)
{
    struct gone *g = user;
    bool given = false;
    for (size_t i = 0; i < g->n_paths; i++)
        given = given || is_within(item, g->paths[i]);
    if (!given || !avqa_io_is_absent(item))
        return AVQA_OK;
    avqa_mem_need(&g->items, &g->cap, g->n + 1, sizeof *g->items);
    g->items[g->n++] = avqa_mem_strdup(item);
    return AVQA_OK;
}

enum avqa_status avqa_gone_skip(struct avqa_catalog *cat, int64_t run_id,
                                const char *stage, const char *const *paths,
                                size_t n_paths)
{
    struct gone g = {.paths = paths, .n_paths = n_paths};
    const int64_t now_us = avqa_clock_wall_us();
    enum avqa_status rc = avqa_attempt_failed_each(cat, stage, list_item, &g);
    for (size_t i = 0; i < g.n; i++) {
        const struct avqa_attempt a = {.run_id = run_id,
                                       .stage = stage,
                                       .item = g.items[i],
                                       .started_us = now_us,
                                       .ended_us = now_us,
                                       .outcome = "skipped",
                                       .reason = "gone",
                                       .detail = "it is not there any more",
                                       .bytes = -1};
        if (rc == AVQA_OK)
            rc = avqa_attempt_add(cat, &a);
        free(g.items[i]);
    }
    free(g.items);
    return rc;
}
