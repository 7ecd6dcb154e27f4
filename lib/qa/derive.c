/* See derive.h. The parents are read as scenes, by the same function as everywhere; the
 * composed scene is written as JSON and read once more, so that what leaves here is a
 * valid object. */
#include "qa/derive.h"
#include "base/arena.h"
#include "qa/facts.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* An instance as it is in the composed clip. */
struct derived {
    const char *id, *instrument;
    size_t part;
    enum avqa_truth visible;
    double x, box[4];
    struct avqa_ranges sounding;
    double loudness_db, rhythmicity;
};

struct deriver {
    const struct avqa_derive_form *form;
    struct avqa_arena arena;
    struct avqa_scene *scenes[AVQA_DERIVE_MAX_PARTS]; /* NULL without facts */
    struct derived *instances;
    size_t n_instances;
    bool one_scale; /* loudness and rhythmicity of different parents compare */
};

/* ---- reading --------------------------------------------------------------------- */

static enum avqa_status read_parts(struct deriver *d)
{
    const struct avqa_derive_form *form = d->form;
    size_t n = 0;
    for (size_t i = 0; i < form->n_parts; i++) {
        if (!form->parts[i].facts)
            continue;
        enum avqa_status rc =
            avqa_scene_read(&d->scenes[i], &d->arena, form->parts[i].facts);
        if (rc != AVQA_OK)
            return rc;
        n += d->scenes[i]->n_instances;
    }
    if (n > AVQA_FACTS_MAX_INSTANCES)
        return avqa_fail(AVQA_EFORMAT, "its parents have %zu instances, more than %d",
                         n, AVQA_FACTS_MAX_INSTANCES);
    d->instances = avqa_arena_alloc(&d->arena, n * sizeof *d->instances);
    return AVQA_OK;
}

/* Numbers of facts from different origins (a score, a microphone, a person) are on
 * different scales. */
static bool have_one_scale(const struct deriver *d)
{
    const struct avqa_scene *first = NULL;
    for (size_t i = 0; i < d->form->n_parts; i++) {
        if (!d->form->parts[i].heard || !d->scenes[i])
            continue;
        if (first && first->origin != d->scenes[i]->origin)
            return false;
        first = d->scenes[i];
    }
    return true;
}

/* ---- ranges ---------------------------------------------------------------------- */

static struct avqa_ranges clip_ranges(struct deriver *d, const struct avqa_ranges *in)
{
    struct avqa_ranges out = {.known = in->known};
    out.items = avqa_arena_alloc(&d->arena, in->n * sizeof *out.items);
    for (size_t i = 0; i < in->n; i++) {
        struct avqa_range r = in->items[i];
        if (r.end_us > d->form->duration_us)
            r.end_us = d->form->duration_us;
        if (r.start_us < r.end_us)
            out.items[out.n++] = r;
    }
    return out;
}

/* What is said over all that is heard; of a clip without sound there is none. */
static struct avqa_ranges voiceover_of(struct deriver *d)
{
    const struct avqa_ranges *lists[AVQA_DERIVE_MAX_PARTS];
    struct avqa_ranges clipped[AVQA_DERIVE_MAX_PARTS];
    size_t n = 0;
    for (size_t i = 0; i < d->form->n_parts; i++) {
        if (!d->form->parts[i].heard)
            continue;
        clipped[n] = (struct avqa_ranges){0};
        if (d->scenes[i])
            clipped[n] = clip_ranges(d, &d->scenes[i]->voiceover);
        lists[n] = &clipped[n];
        n++;
    }
    if (n == 0)
        return (struct avqa_ranges){.known = true};
    return avqa_ranges_union(&d->arena, lists, n);
}

/* ---- instances ------------------------------------------------------------------- */

static const char *id_of(struct deriver *d, size_t part, size_t i, const char *id)
{
    char text[AVQA_FACTS_NAME_MAX + 1];
    const int letter = 'a' + (int)part;
    int n = snprintf(text, sizeof text, "%c.%s", letter, id);
    if (n >= (int)sizeof text) /* too long with its letter: its number */
        snprintf(text, sizeof text, "%c.#%zu", letter, i + 1);
    return avqa_arena_strdup(&d->arena, text);
}

static double to_steps(double x)
{
    return round(x * 1e6) / 1e6;
}

/* Where it is seen in the whole picture, in the millionths that are written; rounding
 * shall bring no box beyond an edge and no centre out of its box. */
static void put_place(struct derived *out, const struct avqa_derive_part *part,
                      const struct avqa_instance *in)
{
    out->visible = in->visible;
    out->x = to_steps(part->x + in->x * part->width);
    out->box[0] = to_steps(part->x + in->box[0] * part->width);
    out->box[1] = to_steps(part->y + in->box[1] * part->height);
    out->box[2] = fmin(to_steps(in->box[2] * part->width), 1 - out->box[0]);
    out->box[3] = fmin(to_steps(in->box[3] * part->height), 1 - out->box[1]);
    if (!isnan(in->box[0]))
        out->x = fmin(fmax(out->x, out->box[0]), out->box[0] + out->box[2]);
}

static void put_nowhere(struct derived *out)
{
    out->visible = AVQA_NO;
    out->x = (double)NAN;
    for (int i = 0; i < 4; i++)
        out->box[i] = (double)NAN;
}

static void put_sound(struct deriver *d, struct derived *out,
                      const struct avqa_derive_part *part,
                      const struct avqa_instance *in)
{
    out->sounding = clip_ranges(d, &in->sounding);
    int64_t before_us = avqa_ranges_total_us(&in->sounding);
    int64_t after_us = avqa_ranges_total_us(&out->sounding);
    bool whole = !in->sounding.known ||
                 (double)(before_us - after_us) <= AVQA_DERIVE_CUT * (double)before_us;
    if (!whole || !d->one_scale || (out->sounding.known && out->sounding.n == 0))
        return;
    out->loudness_db = in->loudness_db + part->gain_db;
    out->rhythmicity = in->rhythmicity;
}

static void add_instance(struct deriver *d, size_t p, size_t i)
{
    const struct avqa_derive_part *part = &d->form->parts[p];
    const struct avqa_instance *in = &d->scenes[p]->instances[i];
    struct derived *out = &d->instances[d->n_instances];
    *out = (struct derived){.part = p,
                            .id = id_of(d, p, i, in->id),
                            .instrument = in->instrument,
                            .sounding.known = true,
                            .loudness_db = (double)NAN,
                            .rhythmicity = (double)NAN};
    if (part->shown)
        put_place(out, part, in);
    else
        put_nowhere(out);
    if (part->heard)
        put_sound(d, out, part, in);
    bool silent = out->sounding.known && out->sounding.n == 0;
    if (out->visible != AVQA_NO || !silent) /* else nobody sees or hears it */
        d->n_instances++;
}

static bool may_be_same_kind(const struct derived *a, const struct derived *b)
{
    return !a->instrument || !b->instrument ||
           strcmp(a->instrument, b->instrument) == 0;
}

/* A violin is seen of which nobody knows that it sounds, and one is heard that is not
 * seen, of another clip: who watches cannot tell whether it is one or two. Then it is
 * not known whether the first sounds, nor whether the second is visible. */
static bool is_doubtful(const struct derived *seen, const struct derived *heard)
{
    bool may_be_silent = !seen->sounding.known || seen->sounding.n == 0;
    return seen->part != heard->part && seen->visible != AVQA_NO && may_be_silent &&
           heard->visible == AVQA_NO && may_be_same_kind(seen, heard);
}

static void settle_identities(struct deriver *d)
{
    bool seen_is[AVQA_FACTS_MAX_INSTANCES] = {false};
    bool heard_is[AVQA_FACTS_MAX_INSTANCES] = {false};
    for (size_t i = 0; i < d->n_instances; i++) {
        for (size_t k = 0; k < d->n_instances; k++) {
            if (is_doubtful(&d->instances[i], &d->instances[k]))
                seen_is[i] = heard_is[k] = true;
        }
    }
    for (size_t i = 0; i < d->n_instances; i++) {
        struct derived *in = &d->instances[i];
        if (seen_is[i]) {
            in->sounding = (struct avqa_ranges){0};
            in->loudness_db = in->rhythmicity = (double)NAN;
        }
        if (heard_is[i])
            in->visible = AVQA_UNKNOWN;
    }
}

/* Whether it is known of every part that can be seen or heard who plays in it. */
static bool add_instances(struct deriver *d)
{
    bool known = true;
    for (size_t p = 0; p < d->form->n_parts; p++) {
        const struct avqa_scene *s = d->scenes[p];
        bool there = d->form->parts[p].shown || d->form->parts[p].heard;
        known = known && (!there || (s && s->instances_known));
        for (size_t i = 0; there && s && i < s->n_instances; i++)
            add_instance(d, p, i);
    }
    settle_identities(d);
    return known;
}

/* ---- the object ------------------------------------------------------------------ */

/* The scene of what is shown, where all of it is known to be the same. */
static const char *place_of(const struct deriver *d)
{
    const char *place = NULL;
    bool first = true;
    for (size_t i = 0; i < d->form->n_parts; i++) {
        if (!d->form->parts[i].shown)
            continue;
        const char *here = d->scenes[i] ? d->scenes[i]->place : NULL;
        if (!here || (!first && strcmp(here, place) != 0))
            return NULL;
        place = here;
        first = false;
    }
    return place;
}

static void put_text(struct avqa_json *out, const char *key, const char *text)
{
    if (text)
        avqa_json_put_string(out, key, text);
    else
        avqa_json_put_null(out, key);
}

static void put_ranges(struct avqa_json *out, const char *key,
                       const struct avqa_ranges *ranges)
{
    if (!ranges->known) {
        avqa_json_put_null(out, key);
        return;
    }
    struct avqa_json *list = avqa_json_put_array(out, key);
    for (size_t i = 0; i < ranges->n; i++) {
        struct avqa_json *r = avqa_json_put_array(list, NULL);
        avqa_json_put_double(r, NULL, (double)ranges->items[i].start_us / 1e6);
        avqa_json_put_double(r, NULL, (double)ranges->items[i].end_us / 1e6);
    }
}

static void put_instance(struct avqa_json *list, const struct derived *in)
{
    struct avqa_json *out = avqa_json_put_object(list, NULL);
    avqa_json_put_string(out, "id", in->id);
    put_text(out, "instrument", in->instrument);
    if (in->visible == AVQA_UNKNOWN)
        avqa_json_put_null(out, "visible");
    else
        avqa_json_put_bool(out, "visible", in->visible == AVQA_YES);
    avqa_json_put_double(out, "x", in->x);
    if (!isnan(in->box[0])) {
        struct avqa_json *box = avqa_json_put_array(out, "box");
        for (int i = 0; i < 4; i++)
            avqa_json_put_double(box, NULL, in->box[i]);
    }
    put_ranges(out, "sounding", &in->sounding);
    avqa_json_put_double(out, "loudness_db", in->loudness_db);
    avqa_json_put_double(out, "rhythmicity", in->rhythmicity);
}

static struct avqa_json *make_object(struct deriver *d, bool instances_known,
                                     const struct avqa_ranges *voiceover)
{
    const struct avqa_derive_form *form = d->form;
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_string(out, "clip", form->clip);
    avqa_json_put_double(out, "duration", (double)form->duration_us / 1e6);
    put_text(out, "scene", place_of(d));
    put_ranges(out, "voiceover", voiceover);
    struct avqa_json *media = avqa_json_put_object(out, "media");
    avqa_json_put_string(media, "video", form->clip);
    avqa_json_put_string(media, "audio", form->clip);
    struct avqa_json *base = avqa_json_put_array(media, "base");
    for (size_t i = 0; i < form->n_parts; i++)
        avqa_json_put_string(base, NULL, form->parts[i].clip);
    if (instances_known) {
        struct avqa_json *list = avqa_json_put_array(out, "instances");
        for (size_t i = 0; i < d->n_instances; i++)
            put_instance(list, &d->instances[i]);
    } else {
        avqa_json_put_null(out, "instances");
    }
    avqa_json_put_string(out, "origin", avqa_facts_origin_name(AVQA_FACTS_COMPOSED));
    return out;
}

enum avqa_status avqa_derive_facts(struct avqa_json **out,
                                   const struct avqa_derive_form *form)
{
    struct deriver d = {.form = form};
    struct avqa_scene *check;
    *out = NULL;
    assert(form->n_parts >= 1 && form->n_parts <= AVQA_DERIVE_MAX_PARTS);
    enum avqa_status rc = read_parts(&d);
    if (rc == AVQA_OK) {
        d.one_scale = have_one_scale(&d);
        bool known = add_instances(&d);
        struct avqa_ranges voiceover = voiceover_of(&d);
        *out = make_object(&d, known, &voiceover);
        rc = avqa_scene_read(&check, &d.arena, *out);
    }
    if (rc != AVQA_OK) {
        avqa_json_free(*out);
        *out = NULL;
    }
    avqa_arena_release(&d.arena);
    return rc;
}
