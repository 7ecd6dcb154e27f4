/* See facts_load.h. */
#include "qa/facts_load.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/facts_rows.h"
#include "qa/facts_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(AVQA_CLIP_UNKNOWN == AVQA_FACTS_UNKNOWN, "one time that nobody knows");

/* A scene and how many instances its object has. */
struct entry {
    struct avqa_scene *scene;
    size_t n_instances;
};

struct loader {
    struct avqa_arena *arena;
    const struct avqa_log *log;
    struct entry *entries; /* in order of clip ids */
    size_t n, cap;
    size_t at;                /* the scene whose instances come */
    const char **instruments; /* by number */
    size_t n_instruments, cap_instruments;
};

static enum avqa_status damaged(const char *clip)
{
    return avqa_fail(AVQA_EFORMAT,
                     "the catalog is damaged: the instances of %s are not those of its "
                     "facts",
                     clip);
}

static enum avqa_truth truth(int value)
{
    return value < 0 ? AVQA_UNKNOWN : value ? AVQA_YES : AVQA_NO;
}

static const char *copy(struct loader *l, const char *text)
{
    return text ? avqa_arena_strdup(l->arena, text) : NULL;
}

/* ---- clips ------------------------------------------------------------------------
 */

static enum avqa_status read_voiceover(struct loader *l, struct avqa_scene *s,
                                       const char *text)
{
    struct avqa_json *list;
    struct avqa_facts_reader r = {.scene = s, .arena = l->arena};
    if (text && strcmp(text, "[]") == 0)
        s->voiceover.known = true;
    if (!text || s->voiceover.known)
        return AVQA_OK;
    enum avqa_status rc = avqa_json_parse(&list, text, strlen(text));
    if (rc == AVQA_OK) {
        rc = avqa_facts_ranges(&r, "voiceover", list, &s->voiceover);
        avqa_json_free(list);
    }
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "stored facts of %s", s->clip);
}

static enum avqa_status take_clip(void *user, const struct avqa_facts_clip_row *row)
{
    struct loader *l = user;
    if (l->n % 1024 == 0 && avqa_log_stopped(l->log))
        return avqa_fail(AVQA_ESTOPPED, "stopped");
    if (row->n_instances > AVQA_FACTS_MAX_INSTANCES)
        return damaged(row->clip);
    enum avqa_status rc =
        avqa_mem_grow(&l->entries, &l->cap, l->n + 1, sizeof *l->entries);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_scene *s = avqa_arena_alloc(l->arena, sizeof *s);
    size_t n = row->n_instances > 0 ? (size_t)row->n_instances : 0;
    l->entries[l->n++] = (struct entry){s, n};
    s->clip = copy(l, row->clip);
    s->audio = copy(l, row->audio);
    s->clip_id = row->clip_id;
    s->duration_us = row->duration_us;
    s->place = copy(l, row->place);
    s->origin = avqa_facts_origin_find(row->origin);
    s->instances_known = row->n_instances >= 0;
    s->instances = n ? avqa_arena_alloc(l->arena, n * sizeof *s->instances) : NULL;
    return read_voiceover(l, s, row->voiceover);
}

/* ---- instances --------------------------------------------------------------------
 */

static enum avqa_status take_instrument(void *user, size_t number, const char *name)
{
    struct loader *l = user;
    enum avqa_status rc = avqa_mem_grow(&l->instruments, &l->cap_instruments,
                                        number + 1, sizeof *l->instruments);
    if (rc != AVQA_OK)
        return rc;
    l->instruments[number] = copy(l, name);
    l->n_instruments = number + 1;
    return AVQA_OK;
}

static int by_clip(const void *key, const void *item)
{
    int64_t id = *(const int64_t *)key;
    const struct entry *e = item;
    return id < e->scene->clip_id ? -1 : id > e->scene->clip_id;
}

/* Instances of a clip stand together, and mostly in the order of the clips. */
static struct entry *entry_of(struct loader *l, int64_t clip_id)
{
    for (size_t next = l->at; next < l->n && next < l->at + 2; next++) {
        if (l->entries[next].scene->clip_id == clip_id) {
            l->at = next;
            return &l->entries[next];
        }
    }
    struct entry *found =
        l->n ? bsearch(&clip_id, l->entries, l->n, sizeof *found, by_clip) : NULL;
    if (found)
        l->at = (size_t)(found - l->entries);
    return found;
}

static void take_ranges(struct loader *l, struct avqa_ranges *out,
                        const struct avqa_facts_instance_row *row)
{
    out->known = row->sounds >= 0;
    out->n = row->n_ranges;
    if (row->n_ranges == 0)
        return;
    out->items = avqa_arena_alloc(l->arena, row->n_ranges * sizeof *out->items);
    for (size_t i = 0; i < row->n_ranges; i++)
        out->items[i] = (struct avqa_range){row->ranges_us[i][0], row->ranges_us[i][1]};
}

static enum avqa_status take_instance(void *user,
                                      const struct avqa_facts_instance_row *row)
{
    struct loader *l = user;
    struct entry *e = entry_of(l, row->clip_id);
    if (!e)
        return avqa_fail(AVQA_EFORMAT,
                         "the catalog is damaged: clip %lld has instances and no facts",
                         (long long)row->clip_id);
    struct avqa_scene *s = e->scene;
    if (s->n_instances == e->n_instances ||
        (row->instrument && row->instrument >= l->n_instruments))
        return damaged(s->clip);
    struct avqa_instance *in = &s->instances[s->n_instances++];
    in->id = copy(l, row->label);
    in->instrument = row->instrument ? l->instruments[row->instrument] : NULL;
    in->visible = truth(row->visible);
    in->x = row->x;
    for (int k = 0; k < 4; k++)
        in->box[k] = (double)NAN;
    take_ranges(l, &in->sounding, row);
    in->loudness_db = row->loudness_db;
    in->rhythmicity = row->rhythmicity;
    return AVQA_OK;
}

/* ---- the whole --------------------------------------------------------------------
 */

static enum avqa_status hand_over(struct loader *l, const struct avqa_scene ***out)
{
    enum avqa_status rc = avqa_mem_array(out, l->n + 1, sizeof **out);
    for (size_t i = 0; rc == AVQA_OK && i < l->n; i++) {
        (*out)[i] = l->entries[i].scene;
        if (l->entries[i].n_instances != l->entries[i].scene->n_instances)
            rc = damaged(l->entries[i].scene->clip);
    }
    return rc;
}

enum avqa_status avqa_facts_load(const struct avqa_scene ***out, size_t *n,
                                 struct avqa_arena *arena, struct avqa_catalog *cat,
                                 const struct avqa_log *log)
{
    struct loader l = {.arena = arena, .log = log};
    const struct avqa_facts_rows rows = {take_clip, take_instrument, take_instance, &l};
    *out = NULL;
    enum avqa_status rc = avqa_facts_rows_each(cat, &rows);
    if (rc == AVQA_OK)
        rc = hand_over(&l, out);
    *n = l.n;
    if (rc != AVQA_OK) {
        free(*out);
        *out = NULL;
        *n = 0;
    }
    free(l.entries);
    free(l.instruments);
    return rc;
}
