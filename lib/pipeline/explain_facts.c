/* See explain_facts.h. A row of features is one second of the clip, as eval counts. */
#include "pipeline/explain_facts.h"
#include "base/mem.h"
#include "qa/facts.h"
#include "qa/sounding.h"

#include <math.h>
#include <stdlib.h>

#define US_PER_S INT64_C(1000000)

struct reading {
    struct avqa_explain_facts *out;
    const struct avqa_explain_pictures *clips;
    size_t n;
};

void avqa_explain_facts_release(struct avqa_explain_facts *facts)
{
    avqa_arena_release(&facts->arena);
    free(facts->clips);
    *facts = (struct avqa_explain_facts){.n_clips = 0};
}

const struct avqa_explain_clip_facts *
avqa_explain_facts_of(const struct avqa_explain_facts *facts, int64_t clip_id)
{
    for (size_t i = 0; i < facts->n_clips; i++) {
        if (facts->clips[i].clip_id == clip_id)
            return &facts->clips[i];
    }
    return NULL;
}

static bool is_shown(const struct avqa_instance *in)
{
    return in->visible != AVQA_NO && !isnan(in->box[0]);
}

/* acoustic_guitar as people write it. */
static char *spell(struct avqa_arena *arena, const char *instrument)
{
    char *name = avqa_arena_strdup(arena, instrument ? instrument : "?");
    for (char *c = name; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    return name;
}

static void keep_boxes(struct avqa_explain_clip_facts *clip,
                       struct avqa_explain_facts *out, const struct avqa_scene *scene)
{
    const struct avqa_explain_seconds *s = &out->seconds;
    size_t k = 0;
    clip->boxes = avqa_arena_alloc(&out->arena, s->n * clip->n * sizeof *clip->boxes);
    for (size_t i = 0; i < scene->n_instances; i++) {
        const struct avqa_instance *in = &scene->instances[i];
        if (!is_shown(in))
            continue;
        const char *name = spell(&out->arena, in->instrument);
        for (size_t second = 0; second < s->n; second++) {
            const int64_t at_us = (int64_t)(second * s->stride) * US_PER_S;
            clip->boxes[second * clip->n + k] = (struct avqa_explain_box){
                .name = name,
                .x = in->box[0],
                .y = in->box[1],
                .width = in->box[2],
                .height = in->box[3],
                .sounds =
                    avqa_instance_sounds_in(in, at_us, at_us + US_PER_S) == AVQA_YES};
        }
        k++;
    }
}

static enum avqa_status take_scene(void *user, const struct avqa_scene *scene)
{
    struct reading *r = user;
    struct avqa_explain_clip_facts clip = {.clip_id = scene->clip_id};
    size_t i = 0;
    while (i < r->n && r->clips[i].clip_id != scene->clip_id)
        i++;
    for (size_t k = 0; i < r->n && k < scene->n_instances; k++)
        clip.n += is_shown(&scene->instances[k]);
    if (clip.n == 0)
        return AVQA_OK;
    keep_boxes(&clip, r->out, scene);
    r->out->clips[r->out->n_clips++] = clip;
    return AVQA_OK;
}

enum avqa_status avqa_explain_facts_read(struct avqa_explain_facts *out,
                                         struct avqa_catalog *cat,
                                         const struct avqa_explain_pictures *clips,
                                         size_t n,
                                         const struct avqa_explain_seconds *seconds)
{
    struct reading r = {out, clips, n};
    out->seconds = *seconds;
    enum avqa_status rc = avqa_mem_array(&out->clips, n + 1, sizeof *out->clips);
    return rc == AVQA_OK ? avqa_facts_each(cat, take_scene, &r) : rc;
}
