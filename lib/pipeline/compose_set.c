/* See compose_set.h. What joins clips: a source, the bytes of it, and being made from
 * another one. Composed clips join nothing here, or making one would part its parents
 * from each other in the next run. */
#include "pipeline/compose_set.h"
#include "base/mem.h"
#include "pipeline/compose_method.h"
#include "pipeline/media_folder.h"
#include "qa/facts.h"
#include "qa/pairing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loader {
    struct avqa_compose_set *set;
    const char *dataset;
    bool any;
    struct avqa_arena scratch; /* the scene in hand */
    struct avqa_intern ties;   /* what clips may share, as text */
    uint32_t *tied_to;         /* union-find over ties */
    size_t cap;
};

/* ---- groups ---------------------------------------------------------------------- */

static uint32_t tie(struct loader *l, char kind, const char *what)
{
    char head[2] = {kind, '\0'};
    struct avqa_buf text = AVQA_BUF_INIT;
    bool is_new;
    avqa_buf_adds(&text, head);
    avqa_buf_adds(&text, what);
    uint32_t id = avqa_intern_add(&l->ties, avqa_buf_str(&text), text.len, &is_new);
    avqa_buf_release(&text);
    avqa_mem_need(&l->tied_to, &l->cap, (size_t)id + 1, sizeof *l->tied_to);
    if (is_new)
        l->tied_to[id] = id;
    return id;
}

static uint32_t root_of(const struct loader *l, uint32_t id)
{
    while (l->tied_to[id] != id) {
        l->tied_to[id] = l->tied_to[l->tied_to[id]];
        id = l->tied_to[id];
    }
    return id;
}

static void join(struct loader *l, uint32_t a, uint32_t b)
{
    a = root_of(l, a);
    b = root_of(l, b);
    l->tied_to[a > b ? a : b] = a > b ? b : a;
}

static uint32_t join_all(struct loader *l, const struct avqa_material *m)
{
    char source[32];
    uint32_t self = tie(l, 'n', m->clip);
    snprintf(source, sizeof source, "%lld", (long long)m->source_id);
    if (m->source_id)
        join(l, self, tie(l, 's', source));
    if (m->source_sha256)
        join(l, self, tie(l, 'h', m->source_sha256));
    if (m->parent)
        join(l, self, tie(l, 'n', m->parent));
    return self;
}

/* ---- instruments ----------------------------------------------------------------- */

static const char *judge_scene(struct loader *l, const struct avqa_scene *scene,
                               uint32_t *kind)
{
    const char *first = NULL;
    if (!scene->instances_known)
        return "unknown-instruments";
    for (size_t i = 0; i < scene->n_instances; i++) {
        const char *name = scene->instances[i].instrument;
        if (!name)
            return "unknown-instruments";
        if (first && strcmp(first, name) != 0)
            return "several-instruments";
        first = name;
    }
    if (!first)
        return "no-instruments";
    *kind = avqa_intern_add(&l->set->kinds, first, strlen(first), NULL);
    return NULL;
}

/* Whether facts say that nothing in it sounds. */
static bool is_soundless(const struct avqa_scene *scene)
{
    bool none =
        scene->instances_known && scene->n_instances > 0 && scene->voiceover.n == 0;
    for (size_t i = 0; none && i < scene->n_instances; i++)
        none = avqa_instance_sounds(&scene->instances[i]) == AVQA_NO;
    return none;
}

static enum avqa_status judge_facts(struct loader *l, struct avqa_compose_clip *clip)
{
    struct avqa_scene *scene;
    struct avqa_json *json = NULL;
    const char *unfit = "no-facts";
    enum avqa_status rc = AVQA_OK;
    avqa_arena_reset(&l->scratch);
    if (clip->of.facts) {
        rc = avqa_json_parse(&json, clip->of.facts, strlen(clip->of.facts));
        if (rc == AVQA_OK)
            rc = avqa_scene_read(&scene, &l->scratch, json);
        if (rc == AVQA_OK) {
            unfit = judge_scene(l, scene, &clip->kind);
            clip->soundless = clip->soundless || is_soundless(scene);
        }
        avqa_json_free(json);
    }
    if (!clip->unfit && !l->any)
        clip->unfit = unfit;
    return rc;
}

/* ---- clips ----------------------------------------------------------------------- */

static const char *copy(struct avqa_compose_set *set, const char *text)
{
    return text ? avqa_arena_strdup(&set->arena, text) : NULL;
}

static enum avqa_status add_clip(void *user, const struct avqa_material *m)
{
    struct loader *l = user;
    struct avqa_compose_set *set = l->set;
    struct avqa_compose_clip clip = {.of = *m, .kind = AVQA_PAIRING_NO_KIND};
    clip.of.clip = copy(set, m->clip);
    clip.of.method = copy(set, m->method);
    clip.of.parent = NULL;
    clip.of.path = copy(set, m->path);
    clip.of.sha256 = copy(set, m->sha256);
    clip.of.source_sha256 = NULL;
    clip.of.recipe = copy(set, m->recipe);
    clip.of.made = copy(set, m->made);
    clip.of.facts = copy(set, m->facts);
    clip.composed = avqa_compose_method_is(m->method);
    clip.soundless = m->mute;
    clip.has_file =
        m->path && m->sha256 && avqa_media_has(l->dataset, m->path, m->bytes);
    clip.unfit = clip.composed ? "composed" : clip.has_file ? NULL : "no-file";
    clip.group = clip.composed ? tie(l, 'n', m->clip) : join_all(l, m);
    enum avqa_status rc = judge_facts(l, &clip);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&set->clips, &set->cap, set->n + 1, sizeof *set->clips);
    if (rc != AVQA_OK)
        return rc;
    avqa_intern_add(&set->names, m->clip, strlen(m->clip), NULL);
    set->clips[set->n++] = clip;
    return AVQA_OK;
}

enum avqa_status avqa_compose_set_load(struct avqa_compose_set *set,
                                       struct avqa_catalog *cat, const char *dataset,
                                       bool any)
{
    struct loader l = {.set = set, .dataset = dataset, .any = any};
    *set = (struct avqa_compose_set){0};
    enum avqa_status rc = avqa_material_each(cat, add_clip, &l);
    for (size_t i = 0; i < set->n; i++)
        set->clips[i].group = root_of(&l, set->clips[i].group);
    avqa_arena_release(&l.scratch);
    avqa_intern_release(&l.ties);
    free(l.tied_to);
    return rc;
}

void avqa_compose_set_release(struct avqa_compose_set *set)
{
    free(set->clips);
    avqa_intern_release(&set->names);
    avqa_intern_release(&set->kinds);
    avqa_arena_release(&set->arena);
    *set = (struct avqa_compose_set){0};
}

const struct avqa_compose_clip *
avqa_compose_set_find(const struct avqa_compose_set *set, const char *name)
{
    uint32_t i = avqa_intern_find(&set->names, name, strlen(name));
    return i == AVQA_INTERN_NONE ? NULL : &set->clips[i];
}
