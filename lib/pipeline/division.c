/* See stretch.h. The division of a source is one: its clips SOURCE_#01, SOURCE_#02, ...
 * have the same times in every run, for questions and facts hang on their names. What a
 * run asks for may leave clips at the end out, or add them; nothing else differs. */
#include "base/intern.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/footage.h"
#include "pipeline/import_run.h"
#include "pipeline/stretch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source {
    size_t first, n; /* of its stretches, which lie one behind the other */
    bool refused;
};

struct checker {
    struct avqa_stretches *stretches;
    struct avqa_intern names, by_source; /* of stretches: their index; of sources */
    struct source *sources;
    size_t cap;
};

static void index_stretches(struct checker *c)
{
    for (size_t i = 0; i < c->stretches->n; i++) {
        const struct avqa_stretch *s = &c->stretches->all[i];
        bool is_new;
        avqa_intern_add(&c->names, s->name, strlen(s->name), NULL);
        uint32_t k =
            avqa_intern_add(&c->by_source, s->source, strlen(s->source), &is_new);
        avqa_mem_need(&c->sources, &c->cap, (size_t)k + 1, sizeof *c->sources);
        if (is_new)
            c->sources[k] = (struct source){.first = i};
        c->sources[k].n++;
    }
}

/* Whether the first `len` letters of a clip's name are SOURCE_# and a number. */
static bool is_part(const char *clip, size_t len, const char *source)
{
    size_t n = strlen(source);
    if (len < n + 3 || strncmp(clip, source, n) != 0 || strncmp(clip + n, "_#", 2) != 0)
        return false;
    return strspn(clip + n + 2, "0123456789") == len - n - 2;
}

static bool overlaps(const struct checker *c, const struct source *source,
                     int64_t start_us, int64_t end_us)
{
    for (size_t i = source->first; i < source->first + source->n; i++) {
        const struct avqa_stretch *s = &c->stretches->all[i];
        if (s->start_us < end_us && start_us < s->start_us + s->duration_us)
            return true;
    }
    return false;
}

static void refuse(struct checker *c, const char *name, const struct avqa_footage *f,
                   int64_t start_us, int64_t end_us)
{
    char detail[AVQA_IMPORT_NAME_MAX + 256];
    uint32_t k = avqa_intern_find(&c->by_source, name, strlen(name));
    struct source *source = &c->sources[k];
    if (source->refused)
        return;
    source->refused = true;
    snprintf(
        detail, sizeof detail,
        "it is divided in another way already: %s is from %.3f to %.3f s; divide it "
        "as before, or in a dataset of its own (avqa init)",
        f->clip, (double)start_us / 1e6, (double)end_us / 1e6);
    avqa_stretches_refuse(c->stretches,
                          &(struct avqa_stretch_refusal){
                              .source = (char *)name,
                              .detail = detail,
                              .reason = "divided-otherwise",
                              .source_id = c->stretches->all[source->first].source_id});
}

static enum avqa_status check_clip(void *user, const struct avqa_footage *f)
{
    struct checker *c = user;
    size_t len = strlen(f->clip);
    int64_t start_us = f->start_us == AVQA_CLIP_UNKNOWN ? 0 : f->start_us;
    int64_t end_us = f->duration_us == AVQA_CLIP_UNKNOWN ? f->source_duration_us
                                                         : start_us + f->duration_us;
    if (avqa_stretch_is_flip(f->clip))
        len -= sizeof AVQA_STRETCH_FLIP - 1;
    uint32_t i = avqa_intern_find(&c->names, f->clip, len);
    if (i != AVQA_INTERN_NONE) {
        const struct avqa_stretch *s = &c->stretches->all[i];
        if (strcmp(s->source, f->source) != 0 || s->start_us != start_us ||
            s->start_us + s->duration_us != end_us)
            refuse(c, s->source, f, start_us, end_us);
        return AVQA_OK;
    }
    uint32_t k = avqa_intern_find(&c->by_source, f->source, strlen(f->source));
    if (k != AVQA_INTERN_NONE && is_part(f->clip, len, f->source) &&
        overlaps(c, &c->sources[k], start_us, end_us))
        refuse(c, f->source, f, start_us, end_us);
    return AVQA_OK;
}

static void take_away(struct checker *c)
{
    struct avqa_stretches *s = c->stretches;
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        const char *source = s->all[i].source;
        uint32_t k = avqa_intern_find(&c->by_source, source, strlen(source));
        if (!c->sources[k].refused) {
            s->all[kept++] = s->all[i];
            continue;
        }
        free(s->all[i].name);
        free(s->all[i].source);
    }
    s->n = kept;
}

enum avqa_status avqa_stretches_refuse_divided(struct avqa_stretches *stretches,
                                               struct avqa_catalog *cat)
{
    struct checker c = {.stretches = stretches};
    index_stretches(&c);
    enum avqa_status rc = avqa_footage_each(cat, check_clip, &c);
    if (rc == AVQA_OK)
        take_away(&c);
    avqa_intern_release(&c.names);
    avqa_intern_release(&c.by_source);
    free(c.sources);
    return rc;
}
