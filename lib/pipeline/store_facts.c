/* See store_facts.h. What is stored is the object itself, so that an export gives it
 * back key by key. */
#include "pipeline/store_facts.h"
#include "base/buf.h"

#include <string.h>

bool avqa_store_facts_own_picture(const struct avqa_scene *scene)
{
    return !scene->video || strcmp(scene->video, scene->clip) == 0;
}

/* What the clip was made from: its base, and picture and sound if they are not its own.
 * A clip is no parent of itself. */
static void list_parents(struct avqa_arena *arena, const struct avqa_scene *scene,
                         struct avqa_facts_record *record)
{
    size_t n = 0;
    struct avqa_facts_parent *parents =
        avqa_arena_alloc(arena, (scene->n_base + 2) * sizeof *parents);
    for (size_t i = 0; i < scene->n_base; i++)
        parents[n++] = (struct avqa_facts_parent){scene->base[i], "base"};
    if (!avqa_store_facts_own_picture(scene)) {
        parents[n++] = (struct avqa_facts_parent){scene->video, "video"};
        if (scene->audio)
            parents[n++] = (struct avqa_facts_parent){scene->audio, "audio"};
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(parents[i].name, scene->clip) != 0)
            parents[kept++] = parents[i];
    }
    record->parents = parents;
    record->n_parents = kept;
}

static int truth(enum avqa_truth t)
{
    return t == AVQA_UNKNOWN ? -1 : t == AVQA_YES;
}

/* A member as JSON, or NULL if it is unknown. The text stays until `out` is used again.
 */
static const char *print_member(struct avqa_buf *out, const struct avqa_json *object,
                                const char *key)
{
    const struct avqa_json *m = avqa_json_get(object, key);
    avqa_buf_clear(out);
    if (!m || avqa_json_type(m) == AVQA_JSON_NULL)
        return NULL;
    avqa_json_print(out, m, 0);
    return avqa_buf_str(out);
}

static enum avqa_status add_instance(struct avqa_facts_store *store,
                                     struct avqa_buf *box,
                                     const struct avqa_instance *in,
                                     const struct avqa_json *json)
{
    struct avqa_facts_instance row = {.label = in->id,
                                      .instrument = in->instrument,
                                      .visible = truth(in->visible),
                                      .x = in->x,
                                      .box = print_member(box, json, "box"),
                                      .sounds = truth(avqa_instance_sounds(in)),
                                      .loudness_db = in->loudness_db,
                                      .rhythmicity = in->rhythmicity};
    enum avqa_status rc = avqa_facts_add_instance(store, &row);
    for (size_t i = 0; rc == AVQA_OK && i < in->sounding.n; i++)
        rc = avqa_facts_add_sounding(store, in->sounding.items[i].start_us,
                                     in->sounding.items[i].end_us);
    return rc;
}

static enum avqa_status add_instances(struct avqa_facts_store *store,
                                      const struct avqa_scene *scene,
                                      const struct avqa_json *object)
{
    struct avqa_buf box = AVQA_BUF_INIT;
    const struct avqa_json *m = avqa_json_first(avqa_json_get(object, "instances"));
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < scene->n_instances; i++) {
        rc = add_instance(store, &box, &scene->instances[i], m);
        m = avqa_json_next(m);
    }
    avqa_buf_release(&box);
    return rc;
}

enum avqa_status avqa_store_facts(struct avqa_facts_store *store,
                                  struct avqa_arena *arena,
                                  const struct avqa_scene *scene,
                                  const struct avqa_json *object, int64_t clip_id,
                                  enum avqa_facts_outcome *outcome)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_buf voiceover = AVQA_BUF_INIT;
    struct avqa_facts_record record = {
        .clip_id = clip_id,
        .duration_us = scene->duration_us,
        .place = scene->place,
        .voiceover = print_member(&voiceover, object, "voiceover"),
        .origin = avqa_facts_origin_name(scene->origin),
        .n_instances = scene->instances_known ? (int64_t)scene->n_instances : -1};
    avqa_json_print(&text, object, 0);
    record.facts = avqa_buf_str(&text);
    list_parents(arena, scene, &record);
    enum avqa_status rc = avqa_buf_status(&text);
    if (rc == AVQA_OK)
        rc = avqa_facts_put(store, &record, outcome);
    if (rc == AVQA_OK && *outcome == AVQA_FACTS_CONFLICT)
        rc = avqa_fail(AVQA_EFORMAT,
                       "clip: %s stands in an earlier row with other facts",
                       scene->clip);
    else if (rc == AVQA_OK && *outcome != AVQA_FACTS_SAME)
        rc = add_instances(store, scene, object);
    avqa_buf_release(&text);
    avqa_buf_release(&voiceover);
    return rc;
}
