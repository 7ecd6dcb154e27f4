/* Reading a facts object; see facts.h.
 *
 * The object is checked as it is read, once: the importer, the catalog's reader and the
 * fuzzer all come through avqa_scene_read, so there is no second opinion of what a
 * valid object is. Times become whole microseconds first and are compared as such, so
 * that 0.1 + 0.2 cannot make two ranges overlap. */
#include "qa/facts.h"
#include "catalog/facts.h"
#include "qa/facts_value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { US_PER_SECOND = 1000000 };

static const char *const origin_names[] = {[AVQA_FACTS_LABELLED] = "labelled",
                                           [AVQA_FACTS_STUDIO] = "studio",
                                           [AVQA_FACTS_COMPOSED] = "composed",
                                           [AVQA_FACTS_MEASURED] = "measured"};
enum { N_ORIGINS = sizeof origin_names / sizeof *origin_names };

/* ---- times ----------------------------------------------------------------------- */

static int64_t to_us(double seconds)
{
    return (int64_t)llround(seconds * US_PER_SECOND);
}

static double to_s(int64_t us)
{
    return (double)us / US_PER_SECOND;
}

static enum avqa_status read_duration(struct avqa_facts_reader *r,
                                      const struct avqa_json *object)
{
    double seconds;
    enum avqa_status rc = avqa_facts_number(r, object, "duration", &seconds);
    r->scene->duration_us = AVQA_FACTS_UNKNOWN;
    if (rc != AVQA_OK || isnan(seconds))
        return rc;
    if (!(seconds <= AVQA_FACTS_MAX_SECONDS) || seconds <= 0 || to_us(seconds) <= 0)
        return avqa_fail(AVQA_EFORMAT,
                         "duration: %g is not a number of seconds above 0 and up to %g",
                         seconds, AVQA_FACTS_MAX_SECONDS);
    r->scene->duration_us = to_us(seconds);
    return AVQA_OK;
}

static enum avqa_status read_range(const struct avqa_facts_reader *r, const char *key,
                                   const struct avqa_json *node, struct avqa_range *out)
{
    double s[2];
    int64_t duration = r->scene->duration_us;
    if (!avqa_facts_numbers(node, s, 2))
        return avqa_fail(AVQA_EFORMAT, "%s%s: a range is two numbers, [from, to]",
                         r->where, key);
    if (s[0] < 0)
        return avqa_fail(AVQA_EFORMAT, "%s%s: [%.10g, %.10g] begins before 0", r->where,
                         key, s[0], s[1]);
    if (s[1] < s[0])
        return avqa_fail(AVQA_EFORMAT, "%s%s: [%.10g, %.10g] ends before it begins",
                         r->where, key, s[0], s[1]);
    if (s[1] > AVQA_FACTS_MAX_SECONDS)
        return avqa_fail(AVQA_EFORMAT, "%s%s: [%.10g, %.10g] ends after %g seconds",
                         r->where, key, s[0], s[1], AVQA_FACTS_MAX_SECONDS);
    *out = (struct avqa_range){to_us(s[0]), to_us(s[1])};
    if (out->end_us == out->start_us)
        return avqa_fail(AVQA_EFORMAT, "%s%s: [%.10g, %.10g] is empty", r->where, key,
                         s[0], s[1]);
    if (duration != AVQA_FACTS_UNKNOWN && out->end_us > duration)
        return avqa_fail(AVQA_EFORMAT,
                         "%s%s: [%.10g, %.10g] ends after the clip, which lasts %.10g",
                         r->where, key, s[0], s[1], to_s(duration));
    return AVQA_OK;
}

static enum avqa_status order_ranges(const struct avqa_facts_reader *r, const char *key,
                                     struct avqa_ranges *ranges)
{
    avqa_ranges_sort(ranges->items, ranges->n);
    for (size_t i = 1; i < ranges->n; i++) {
        const struct avqa_range *a = &ranges->items[i - 1];
        if (a[1].start_us < a->end_us)
            return avqa_fail(AVQA_EFORMAT,
                             "%s%s: [%.10g, %.10g] and [%.10g, %.10g] overlap",
                             r->where, key, to_s(a->start_us), to_s(a->end_us),
                             to_s(a[1].start_us), to_s(a[1].end_us));
    }
    return AVQA_OK;
}

enum avqa_status avqa_facts_ranges(const struct avqa_facts_reader *r, const char *key,
                                   const struct avqa_json *list,
                                   struct avqa_ranges *out)
{
    *out = (struct avqa_ranges){0};
    if (!list)
        return AVQA_OK;
    if (avqa_json_type(list) != AVQA_JSON_ARRAY)
        return avqa_facts_wrong_type(r, key, list, "a list of ranges");
    size_t n = avqa_json_count(list);
    if (n > AVQA_FACTS_MAX_RANGES)
        return avqa_fail(AVQA_EFORMAT, "%s%s: more than %d ranges", r->where, key,
                         AVQA_FACTS_MAX_RANGES);
    out->known = true;
    out->items = avqa_arena_alloc(r->arena, n * sizeof *out->items);
    for (const struct avqa_json *m = avqa_json_first(list); m; m = avqa_json_next(m)) {
        enum avqa_status rc = read_range(r, key, m, &out->items[out->n]);
        if (rc != AVQA_OK)
            return rc;
        out->n++;
    }
    return order_ranges(r, key, out);
}

/* ---- instances ------------------------------------------------------------------- */

static enum avqa_status read_box(const struct avqa_facts_reader *r,
                                 const struct avqa_json *object, double box[4])
{
    const struct avqa_json *m = avqa_facts_member(object, "box");
    for (int i = 0; i < 4; i++)
        box[i] = (double)NAN;
    if (!m)
        return AVQA_OK;
    bool good = avqa_facts_numbers(m, box, 4);
    for (int i = 0; good && i < 4; i++)
        good = box[i] >= 0 && box[i] <= 1;
    if (!good || box[2] <= 0 || box[3] <= 0)
        return avqa_fail(
            AVQA_EFORMAT,
            "%sbox: is not [x, y, width, height] with numbers from 0 to 1, "
            "the last two above 0",
            r->where);
    for (int i = 0; i < 2; i++) {
        if (box[i] + box[i + 2] > 1 + AVQA_FACTS_ROUNDING)
            return avqa_fail(AVQA_EFORMAT,
                             "%sbox: reaches beyond the %s edge, to %.10g", r->where,
                             i ? "lower" : "right", box[i] + box[i + 2]);
    }
    return AVQA_OK;
}

static enum avqa_status read_x(const struct avqa_facts_reader *r,
                               const struct avqa_json *object, struct avqa_instance *in)
{
    enum avqa_status rc = avqa_facts_number(r, object, "x", &in->x);
    if (rc != AVQA_OK)
        return rc;
    if (in->x < 0 || in->x > 1)
        return avqa_fail(AVQA_EFORMAT, "%sx: %.10g is not from 0 to 1", r->where,
                         in->x);
    if (isnan(in->box[0]))
        return AVQA_OK;
    if (isnan(in->x)) {
        in->x = fmin(in->box[0] + in->box[2] / 2, 1); /* its centre */
    } else if (in->x < in->box[0] - AVQA_FACTS_ROUNDING ||
               in->x > in->box[0] + in->box[2] + AVQA_FACTS_ROUNDING) {
        return avqa_fail(AVQA_EFORMAT, "%sx: %.10g is outside the box, %.10g to %.10g",
                         r->where, in->x, in->box[0], in->box[0] + in->box[2]);
    }
    return AVQA_OK;
}

static enum avqa_status read_instance(const struct avqa_facts_reader *r,
                                      const struct avqa_json *object,
                                      struct avqa_instance *in)
{
    static const char *const keys[] = {"id",          "instrument", "visible",
                                       "x",           "box",        "sounding",
                                       "loudness_db", "rhythmicity"};
    enum avqa_status rc =
        avqa_facts_check_keys(r, object, keys, sizeof keys / sizeof *keys);
    if (rc == AVQA_OK)
        rc = avqa_facts_needed(r, object, "id", AVQA_FACTS_WORD, &in->id);
    if (rc == AVQA_OK)
        rc = avqa_facts_text(r, object, "instrument", AVQA_FACTS_WORD, &in->instrument);
    if (rc == AVQA_OK)
        rc = avqa_facts_truth(r, object, "visible", &in->visible);
    if (rc == AVQA_OK)
        rc = read_box(r, object, in->box);
    if (rc == AVQA_OK)
        rc = read_x(r, object, in);
    if (rc == AVQA_OK)
        rc = avqa_facts_ranges(r, "sounding", avqa_facts_member(object, "sounding"),
                               &in->sounding);
    if (rc == AVQA_OK)
        rc = avqa_facts_number(r, object, "loudness_db", &in->loudness_db);
    if (rc == AVQA_OK)
        rc = avqa_facts_number(r, object, "rhythmicity", &in->rhythmicity);
    return rc;
}

/* That no earlier instance has the id of the last one. */
static enum avqa_status check_id(const struct avqa_facts_reader *r)
{
    const struct avqa_scene *s = r->scene;
    const char *id = s->instances[s->n_instances - 1].id;
    for (size_t i = 0; i + 1 < s->n_instances; i++) {
        if (strcmp(s->instances[i].id, id) == 0)
            return avqa_fail(AVQA_EFORMAT, "%sid: '%s' is the id of instances[%zu] too",
                             r->where, id, i);
    }
    return AVQA_OK;
}

static enum avqa_status read_instances(struct avqa_facts_reader *r,
                                       const struct avqa_json *object)
{
    struct avqa_scene *s = r->scene;
    const struct avqa_json *list = avqa_facts_member(object, "instances");
    if (!list)
        return AVQA_OK;
    if (avqa_json_type(list) != AVQA_JSON_ARRAY)
        return avqa_facts_wrong_type(r, "instances", list, "a list");
    size_t n = avqa_json_count(list);
    if (n > AVQA_FACTS_MAX_INSTANCES)
        return avqa_fail(AVQA_EFORMAT, "instances: more than %d",
                         AVQA_FACTS_MAX_INSTANCES);
    s->instances_known = true;
    s->instances = avqa_arena_alloc(r->arena, n * sizeof *s->instances);
    for (const struct avqa_json *m = avqa_json_first(list); m; m = avqa_json_next(m)) {
        if (avqa_json_type(m) != AVQA_JSON_OBJECT)
            return avqa_fail(AVQA_EFORMAT, "instances[%zu]: is %s, not an object",
                             s->n_instances, avqa_json_type_name(m));
        snprintf(r->where, sizeof r->where, "instances[%zu].", s->n_instances);
        enum avqa_status rc = read_instance(r, m, &s->instances[s->n_instances]);
        s->n_instances++;
        if (rc == AVQA_OK)
            rc = check_id(r);
        if (rc != AVQA_OK)
            return rc;
    }
    r->where[0] = '\0';
    return AVQA_OK;
}

/* ---- the clip -------------------------------------------------------------------- */

static enum avqa_status read_base(struct avqa_facts_reader *r,
                                  const struct avqa_json *media)
{
    const struct avqa_json *list = avqa_facts_member(media, "base");
    if (!list)
        return AVQA_OK;
    if (avqa_json_type(list) != AVQA_JSON_ARRAY)
        return avqa_facts_wrong_type(r, "base", list, "a list of names");
    size_t n = avqa_json_count(list);
    if (n > AVQA_FACTS_MAX_BASES)
        return avqa_fail(AVQA_EFORMAT, "media.base: more than %d",
                         AVQA_FACTS_MAX_BASES);
    const char **base = avqa_arena_alloc(r->arena, n * sizeof *base);
    r->scene->base = base;
    for (const struct avqa_json *m = avqa_json_first(list); m; m = avqa_json_next(m)) {
        const char *name = avqa_json_string(m);
        if (!name)
            return avqa_facts_wrong_type(r, "base", m, "a name");
        enum avqa_status rc = avqa_facts_check_name(r, "base", name, AVQA_FACTS_NAME);
        if (rc == AVQA_OK && strcmp(name, r->scene->clip) == 0)
            rc = avqa_fail(AVQA_EFORMAT, "media.base: %s is the clip itself", name);
        if (rc != AVQA_OK)
            return rc;
        base[r->scene->n_base++] = avqa_arena_strdup(r->arena, name);
    }
    return AVQA_OK;
}

static enum avqa_status read_media(struct avqa_facts_reader *r,
                                   const struct avqa_json *object)
{
    static const char *const keys[] = {"video", "audio", "base"};
    const struct avqa_json *media = avqa_facts_member(object, "media");
    if (!media)
        return AVQA_OK;
    if (avqa_json_type(media) != AVQA_JSON_OBJECT)
        return avqa_facts_wrong_type(r, "media", media, "an object");
    snprintf(r->where, sizeof r->where, "media.");
    enum avqa_status rc =
        avqa_facts_check_keys(r, media, keys, sizeof keys / sizeof *keys);
    if (rc == AVQA_OK)
        rc = avqa_facts_text(r, media, "video", AVQA_FACTS_NAME, &r->scene->video);
    if (rc == AVQA_OK)
        rc = avqa_facts_text(r, media, "audio", AVQA_FACTS_NAME, &r->scene->audio);
    if (rc == AVQA_OK)
        rc = read_base(r, media);
    if (rc == AVQA_OK)
        r->where[0] = '\0';
    return rc;
}

static enum avqa_status read_origin(struct avqa_facts_reader *r,
                                    const struct avqa_json *object)
{
    const struct avqa_json *m = avqa_facts_member(object, "origin");
    const char *text = avqa_json_string(m);
    if (!m)
        return AVQA_OK;
    for (int i = 0; text && i < N_ORIGINS; i++) {
        if (strcmp(text, origin_names[i]) == 0) {
            r->scene->origin = (enum avqa_facts_origin)i;
            return AVQA_OK;
        }
    }
    return avqa_fail(AVQA_EFORMAT,
                     "origin: is not studio, composed, labelled or measured%s%.40s",
                     text ? ": " : "", text ? text : "");
}

/* Whether every number below the node can be written again as it came. Known members
 * have checks of their own; this is for keys that are only kept. */
static bool numbers_are_kept(const struct avqa_json *node)
{
    double v;
    if (avqa_json_type(node) == AVQA_JSON_NUMBER)
        return avqa_json_double(node, &v) && (fabs(v) < 0x1p53 || v != floor(v));
    for (const struct avqa_json *m = avqa_json_first(node); m; m = avqa_json_next(m)) {
        if (!numbers_are_kept(m))
            return false;
    }
    return true;
}

static enum avqa_status check_numbers(const struct avqa_json *object)
{
    for (const struct avqa_json *m = avqa_json_first(object); m;
         m = avqa_json_next(m)) {
        if (!numbers_are_kept(m))
            return avqa_fail(AVQA_EFORMAT, "%.80s: a number is too large to be kept",
                             avqa_json_key(m));
    }
    return AVQA_OK;
}

static enum avqa_status read_clip(struct avqa_facts_reader *r,
                                  const struct avqa_json *object)
{
    static const char *const keys[] = {"clip",  "duration",  "scene", "voiceover",
                                       "media", "instances", "origin"};
    struct avqa_scene *s = r->scene;
    enum avqa_status rc =
        avqa_facts_check_keys(r, object, keys, sizeof keys / sizeof *keys);
    if (rc == AVQA_OK)
        rc = avqa_facts_needed(r, object, "clip", AVQA_FACTS_NAME, &s->clip);
    if (rc == AVQA_OK)
        rc = read_origin(r, object);
    if (rc == AVQA_OK)
        rc = read_duration(r, object);
    if (rc == AVQA_OK)
        rc = avqa_facts_text(r, object, "scene", AVQA_FACTS_WORD, &s->place);
    if (rc == AVQA_OK)
        rc = avqa_facts_ranges(r, "voiceover", avqa_facts_member(object, "voiceover"),
                               &s->voiceover);
    if (rc == AVQA_OK)
        rc = read_media(r, object);
    if (rc == AVQA_OK)
        rc = read_instances(r, object);
    return rc == AVQA_OK ? check_numbers(object) : rc;
}

enum avqa_status avqa_scene_read(struct avqa_scene **out, struct avqa_arena *arena,
                                 const struct avqa_json *json)
{
    struct avqa_facts_reader r = {.arena = arena};
    if (!json || avqa_json_type(json) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "the facts of a clip are an object, not %s",
                         avqa_json_type_name(json));
    r.scene = avqa_arena_alloc(arena, sizeof *r.scene);
    enum avqa_status rc = read_clip(&r, json);
    if (rc == AVQA_OK)
        *out = r.scene;
    return rc;
}

const char *avqa_facts_origin_name(enum avqa_facts_origin origin)
{
    return origin_names[origin];
}

enum avqa_facts_origin avqa_facts_origin_find(const char *name)
{
    int i = 0;
    while (i + 1 < N_ORIGINS && strcmp(name, origin_names[i]) != 0)
        i++;
    return (enum avqa_facts_origin)i;
}

/* ---- out of the catalog ---------------------------------------------------------- */

struct each {
    struct avqa_arena arena;
    avqa_facts_fn *fn;
    void *user;
};

static enum avqa_status each_text(void *user, int64_t clip_id, const char *facts)
{
    struct each *e = user;
    struct avqa_json *json = NULL;
    struct avqa_scene *scene = NULL;
    avqa_arena_reset(&e->arena);
    enum avqa_status rc = avqa_json_parse(&json, facts, strlen(facts));
    if (rc == AVQA_OK)
        rc = avqa_scene_read(&scene, &e->arena, json);
    avqa_json_free(json);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "stored facts of clip %lld", (long long)clip_id);
    scene->clip_id = clip_id;
    return e->fn(e->user, scene);
}

enum avqa_status avqa_facts_each(struct avqa_catalog *cat, avqa_facts_fn *fn,
                                 void *user)
{
    struct each e = {.fn = fn, .user = user};
    enum avqa_status rc = avqa_facts_text_each(cat, each_text, &e);
    avqa_arena_release(&e.arena);
    return rc;
}
