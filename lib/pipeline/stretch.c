/* See stretch.h. Scenes are found anew in every run, by several threads, a source each:
 * they follow from the file and the options, so the same names get the same times. */
#include "pipeline/stretch.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "catalog/clip.h"
#include "catalog/footage.h"
#include "media/scene.h"
#include "pipeline/import_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t LEAST_US = 100000; /* what is left is often no picture at all */

/* A source to be divided. */
struct source {
    char *name, *path;
    int64_t id, duration_us;
    struct avqa_scenes scenes;
};

struct divider {
    const struct avqa_stretch_options *options;
    struct avqa_stretches *out;
    struct source *sources;
    size_t n_sources, cap;
};

bool avqa_stretch_is_flip(const char *name)
{
    const size_t n = sizeof AVQA_STRETCH_FLIP - 1;
    size_t len = strlen(name);
    return len >= n && strcmp(name + len - n, AVQA_STRETCH_FLIP) == 0;
}

/* Copies the names. */
static void add(struct avqa_stretches *s, struct avqa_stretch stretch)
{
    avqa_mem_need(&s->all, &s->cap, s->n + 1, sizeof *s->all);
    stretch.name = avqa_mem_strdup(stretch.name);
    stretch.source = avqa_mem_strdup(stretch.source);
    s->all[s->n++] = stretch;
}

void avqa_stretches_refuse(struct avqa_stretches *stretches,
                           const struct avqa_stretch_refusal *refusal)
{
    avqa_mem_need(&stretches->refused, &stretches->refused_cap,
                  stretches->n_refused + 1, sizeof *stretches->refused);
    struct avqa_stretch_refusal *r = &stretches->refused[stretches->n_refused++];
    *r = *refusal;
    r->source = avqa_mem_strdup(refusal->source);
    r->detail = avqa_mem_strdup(refusal->detail);
}

/* The k-th stretch of a source, from 0 on. */
static enum avqa_status add_part(struct divider *d, const struct source *source,
                                 size_t k, int64_t start_us, int64_t end_us)
{
    char name[AVQA_IMPORT_NAME_MAX + 1];
    int n = snprintf(name, sizeof name, "%s_#%02zu", source->name, k + 1);
    if (n >= (int)sizeof name)
        return avqa_fail(AVQA_EINVAL, "%s: its name is too long for its clips",
                         source->name);
    add(d->out, (struct avqa_stretch){name, source->name, source->id, start_us,
                                      end_us - start_us});
    return AVQA_OK;
}

static enum avqa_status list_source(void *user, const struct avqa_footage *f)
{
    struct divider *d = user;
    avqa_mem_need(&d->sources, &d->cap, d->n_sources + 1, sizeof *d->sources);
    d->sources[d->n_sources++] =
        (struct source){.name = avqa_mem_strdup(f->source),
                        .path = *f->source_path == '/'
                                    ? avqa_mem_strdup(f->source_path)
                                    : avqa_io_join(d->options->dataset, f->source_path),
                        .id = f->source_id,
                        .duration_us = f->source_duration_us};
    return AVQA_OK;
}

static enum avqa_status by_length(struct divider *d, const struct source *source)
{
    const int64_t step = d->options->length_us;
    enum avqa_status rc = AVQA_OK;
    for (int64_t k = 0; rc == AVQA_OK && k * step < source->duration_us; k++) {
        int64_t left_us = source->duration_us - k * step;
        if (left_us < step && (!d->options->keep_last || left_us < LEAST_US))
            break;
        rc = add_part(d, source, (size_t)k, k * step,
                      k * step + (left_us < step ? left_us : step));
    }
    return rc;
}

static void refuse_unread(struct divider *d, const struct source *source)
{
    const struct avqa_verdict *verdict = &source->scenes.info.verdict;
    char detail[AVQA_VERDICT_REASON + 16];
    snprintf(detail, sizeof detail, "no scenes: %s",
             *verdict->reason ? verdict->reason : "nothing in it decodes");
    avqa_stretches_refuse(d->out,
                          &(struct avqa_stretch_refusal){
                              .source = source->name,
                              .detail = detail,
                              .reason = verdict->outcome == AVQA_MEDIA_OK
                                            ? "no-scenes"
                                            : avqa_media_outcome_name(verdict->outcome),
                              .source_id = source->id});
}

static enum avqa_status by_scene(struct divider *d, const struct source *source)
{
    const struct avqa_scenes *s = &source->scenes;
    enum avqa_status rc = AVQA_OK;
    int64_t end_us = source->duration_us > s->end_us ? source->duration_us : s->end_us;
    if (s->n == 0)
        refuse_unread(d, source);
    for (size_t k = 0; rc == AVQA_OK && k < s->n; k++) {
        bool last = k + 1 == s->n;
        int64_t to_us = last ? end_us : s->begin_us[k + 1];
        int64_t least_us = d->options->keep_last ? LEAST_US : d->options->least_us;
        if (last && k > 0 && to_us - s->begin_us[k] < least_us)
            break;
        rc = add_part(d, source, k, s->begin_us[k], to_us);
    }
    return rc;
}

static enum avqa_status find_scenes(void *user, size_t i)
{
    struct divider *d = user;
    const struct avqa_scene_options options = {.threshold = d->options->threshold,
                                               .least_us = d->options->least_us,
                                               .log = d->options->log};
    struct source *source = &d->sources[i];
    enum avqa_status rc = avqa_scenes_find(&source->scenes, source->path, &options);
    if (rc != AVQA_EFORMAT)
        return rc;
    avqa_scenes_release(&source->scenes); /* it has a reason, and no scenes */
    source->scenes.info.verdict.outcome = AVQA_MEDIA_CORRUPT;
    snprintf(source->scenes.info.verdict.reason, AVQA_VERDICT_REASON, "%s",
             avqa_message());
    return AVQA_OK;
}

enum avqa_status avqa_stretches_divide(struct avqa_stretches *out,
                                       struct avqa_catalog *cat,
                                       const struct avqa_stretch_options *options)
{
    struct divider d = {.options = options, .out = out};
    enum avqa_status rc = avqa_footage_source_each(cat, list_source, &d);
    if (rc == AVQA_OK && !options->length_us)
        rc = avqa_pool_run(options->n_jobs, d.n_sources, find_scenes, &d);
    for (size_t i = 0; rc == AVQA_OK && i < d.n_sources; i++)
        rc = options->length_us ? by_length(&d, &d.sources[i])
                                : by_scene(&d, &d.sources[i]);
    for (size_t i = 0; i < d.n_sources; i++) {
        free(d.sources[i].name);
        free(d.sources[i].path);
        avqa_scenes_release(&d.sources[i].scenes);
    }
    free(d.sources);
    return rc;
}

static enum avqa_status list_clip(void *user, const struct avqa_footage *f)
{
    if (!avqa_stretch_is_flip(f->clip) &&
        strlen(f->clip) + sizeof AVQA_STRETCH_FLIP <= AVQA_IMPORT_NAME_MAX)
        add(user, (struct avqa_stretch){(char *)f->clip, (char *)f->source, 0,
                                        f->start_us, f->duration_us});
    return AVQA_OK;
}

enum avqa_status avqa_stretches_of_clips(struct avqa_stretches *out,
                                         struct avqa_catalog *cat)
{
    return avqa_footage_each(cat, list_clip, out);
}

void avqa_stretches_release(struct avqa_stretches *stretches)
{
    for (size_t i = 0; i < stretches->n; i++) {
        free(stretches->all[i].name);
        free(stretches->all[i].source);
    }
    for (size_t i = 0; i < stretches->n_refused; i++) {
        free(stretches->refused[i].source);
        free(stretches->refused[i].detail);
    }
    free(stretches->all);
    free(stretches->refused);
    memset(stretches, 0, sizeof *stretches);
}
