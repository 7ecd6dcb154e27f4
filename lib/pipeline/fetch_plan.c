/* See fetch_plan.h. */
#include "pipeline/fetch_plan.h"
#include "base/buf.h"
#include "base/mem.h"
#include "catalog/source.h"
#include "pipeline/media_folder.h"

#include <stdlib.h>
#include <string.h>

struct planner {
    const struct avqa_fetch_config *config;
    struct avqa_fetch_counts *counts;
    struct avqa_fetch_plan *plan;
};

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* A video id as it may stand anywhere in a url. */
static void add_encoded(struct avqa_buf *out, const char *id)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    for (; *id; id++) {
        if (strchr(plain, *id))
            avqa_buf_addc(out, *id);
        else
            avqa_buf_addf(out, "%%%02X", (unsigned)(unsigned char)*id);
    }
}

/* Where the source is; "" if nobody said and there is no template. */
static void url_of(struct avqa_buf *out, const struct planner *p,
                   const struct avqa_source *s)
{
    static const char mark[] = "{id}";
    const char *text = p->config->url_template;
    if (s->url || !text) {
        avqa_buf_adds(out, s->url ? s->url : "");
        return;
    }
    for (const char *at; (at = strstr(text, mark)) != NULL;
         text = at + sizeof mark - 1) {
        avqa_buf_add(out, text, (size_t)(at - text));
        add_encoded(out, s->name);
    }
    avqa_buf_adds(out, text);
}

static enum avqa_status add_item(struct planner *p, const struct avqa_source *s,
                                 const char *url)
{
    struct avqa_fetch_plan *plan = p->plan;
    struct avqa_buf stem = AVQA_BUF_INIT;
    enum avqa_status rc =
        avqa_mem_grow(&plan->items, &plan->cap, plan->n + 1, sizeof *plan->items);
    if (rc != AVQA_OK)
        return rc;
    avqa_media_stem(&stem, s->name);
    avqa_intern_add(&plan->stems, stem.data, stem.len, NULL);
    plan->items[plan->n++] = (struct avqa_fetch_item){
        .id = s->id,
        .name = avqa_arena_strdup(&plan->arena, s->name),
        .url = avqa_arena_strdup(&plan->arena, url),
        .stem = avqa_arena_strndup(&plan->arena, stem.data, stem.len),
        .sha256 = s->expected_sha256
                      ? avqa_arena_strdup(&plan->arena, s->expected_sha256)
                      : NULL,
        .bytes = s->expected_bytes > 0 ? s->expected_bytes : -1};
    p->counts->pending++;
    avqa_buf_release(&stem);
    return AVQA_OK;
}

static enum avqa_status add_source(void *user, const struct avqa_source *s)
{
    struct planner *p = user;
    struct avqa_fetch_counts *c = p->counts;
    struct avqa_buf url = AVQA_BUF_INIT;
    enum avqa_status rc = AVQA_OK;
    url_of(&url, p, s);
    bool is_known = url.len > 0;
    bool present =
        is_known && s->path && avqa_media_has(p->config->dataset, s->path, s->bytes);
    bool refused = is_known && !s->path && is(s->last_outcome, "failed") &&
                   is(s->last_class, "permanent") && !p->config->retry_permanent;
    c->sources += is_known;
    c->present += present;
    c->refused += refused;
    if (is_known && !present && !refused)
        rc = add_item(p, s, url.data);
    avqa_buf_release(&url);
    return rc;
}

enum avqa_status avqa_fetch_plan_make(struct avqa_fetch_plan *plan,
                                      struct avqa_catalog *cat,
                                      const struct avqa_fetch_config *config,
                                      struct avqa_fetch_counts *counts)
{
    struct planner p = {config, counts, plan};
    return avqa_source_each(cat, add_source, &p);
}

void avqa_fetch_plan_release(struct avqa_fetch_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        avqa_resolver_free(plan->items[i].resolver);
        avqa_stream_free(plan->items[i].stream);
    }
    avqa_intern_release(&plan->stems);
    avqa_arena_release(&plan->arena);
    free(plan->items);
}
