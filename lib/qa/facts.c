/* Reading a facts object and what follows from it; see facts.h.
 *
 * The object is checked as it is read, once: the importer, the catalog's reader and the
 * fuzzer all come through avqa_scene_read, so there is no second opinion of what a
 * valid object is. Times become whole microseconds first and are compared as such, so
 * that 0.1 + 0.2 cannot make two ranges overlap. */
#include "qa/facts.h"
#include "catalog/facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { US_PER_SECOND = 1000000, X_STEPS = 1000000, WHERE_MAX = 32 };

static const char *const origin_names[] = {[AVQA_FACTS_LABELLED] = "labelled",
                                           [AVQA_FACTS_STUDIO] = "studio",
                                           [AVQA_FACTS_COMPOSED] = "composed",
                                           [AVQA_FACTS_MEASURED] = "measured"};
enum { N_ORIGINS = sizeof origin_names / sizeof *origin_names };

struct reader {
    struct avqa_arena *arena;
    struct avqa_scene *scene;
    char where[WHERE_MAX]; /* "", "media." or "instances[3].", in front of a key */
};

/* ---- values ---------------------------------------------------------------------- */

/* The member, or NULL if it is missing or null: both are unknown. */
static const struct avqa_json *member(const struct avqa_json *object, const char *key)
{
    const struct avqa_json *m = avqa_json_get(object, key);
    return m && avqa_json_type(m) != AVQA_JSON_NULL ? m : NULL;
}

static enum avqa_status wrong_type(const struct reader *r, const char *key,
                                   const struct avqa_json *node, const char *wanted)
{
    return avqa_fail(AVQA_EFORMAT, "%s%s: is %s, not %s", r->where, key,
                     avqa_json_type_name(node), wanted);
}

/* Names that become parts of file names may hold no space and no slash; words (an
 * instrument, the id of an instance) may hold spaces inside. */
enum name_kind { NAME, WORD };

static bool byte_is_bad(const char *text, size_t i, size_t len, enum name_kind kind)
{
    unsigned char c = (unsigned char)text[i];
    if (c < ' ' || c == 0x7f)
        return true;
    if (kind == NAME)
        return c == ' ' || c == '/';
    return c == ' ' && (i == 0 || i + 1 == len);
}

static enum avqa_status check_name(const struct reader *r, const char *key,
                                   const char *text, enum name_kind kind)
{
    size_t len = strlen(text);
    if (len == 0)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is empty", r->where, key);
    if (len > AVQA_FACTS_NAME_MAX)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is longer than %d bytes", r->where, key,
                         AVQA_FACTS_NAME_MAX);
    for (size_t i = 0; i < len; i++) {
        if (byte_is_bad(text, i, len, kind))
            return avqa_fail(
                AVQA_EFORMAT, "%s%s: has a %scontrol byte: %s", r->where, key,
                kind == NAME ? "space, slash or " : "space at an end or ", text);
    }
    return AVQA_OK;
}

/* A name or word, or NULL if it is unknown. */
static enum avqa_status read_text(const struct reader *r,
                                  const struct avqa_json *object, const char *key,
                                  enum name_kind kind, const char **out)
{
    const struct avqa_json *m = member(object, key);
    const char *text = avqa_json_string(m);
    *out = NULL;
    if (!m)
        return AVQA_OK;
    if (!text)
        return wrong_type(r, key, m, "a string");
    enum avqa_status rc = check_name(r, key, text, kind);
    if (rc == AVQA_OK)
        *out = avqa_arena_strdup(r->arena, text);
    return rc;
}

/* As read_text, for what must be there. */
static enum avqa_status read_needed(const struct reader *r,
                                    const struct avqa_json *object, const char *key,
                                    enum name_kind kind, const char **out)
{
    enum avqa_status rc = read_text(r, object, key, kind, out);
    if (rc == AVQA_OK && !*out)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is missing", r->where, key);
    return rc;
}

static enum avqa_status read_number(const struct reader *r,
                                    const struct avqa_json *object, const char *key,
                                    double *out)
{
    const struct avqa_json *m = member(object, key);
    *out = (double)NAN;
    if (!m || avqa_json_double(m, out))
        return AVQA_OK;
    if (avqa_json_type(m) == AVQA_JSON_NUMBER)
        return avqa_fail(AVQA_EFORMAT, "%s%s: is too large", r->where, key);
    return wrong_type(r, key, m, "a number");
}

static enum avqa_status read_truth(const struct reader *r,
                                   const struct avqa_json *object, const char *key,
                                   enum avqa_truth *out)
{
    const struct avqa_json *m = member(object, key);
    *out = AVQA_UNKNOWN;
    if (!m)
        return AVQA_OK;
    if (avqa_json_type(m) != AVQA_JSON_BOOL)
        return wrong_type(r, key, m, "true, false or null");
    *out = avqa_json_true(m) ? AVQA_YES : AVQA_NO;
    return AVQA_OK;
}

/* ---- times ----------------------------------------------------------------------- */

static int64_t to_us(double seconds)
{
    return (int64_t)llround(seconds * US_PER_SECOND);
}

static double to_s(int64_t us)
{
    return (double)us / US_PER_SECOND;
}

static enum avqa_status read_duration(struct reader *r, const struct avqa_json *object)
{
    double seconds;
    enum avqa_status rc = read_number(r, object, "duration", &seconds);
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

/* The numbers of a list of exactly `n`. */
static bool numbers_of(const struct avqa_json *list, double *out, size_t n)
{
    const struct avqa_json *m = avqa_json_first(list);
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY)
        return false;
    for (size_t i = 0; i < n; i++, m = avqa_json_next(m)) {
        if (!m || !avqa_json_double(m, &out[i]))
            return false;
    }
    return m == NULL;
}

static enum avqa_status read_range(const struct reader *r, const char *key,
                                   const struct avqa_json *node, struct avqa_range *out)
{
    double s[2];
    int64_t duration = r->scene->duration_us;
    if (!numbers_of(node, s, 2))
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

static int by_start(const void *a, const void *b)
{
    const struct avqa_range *x = a;
    const struct avqa_range *y = b;
    if (x->start_us != y->start_us)
        return x->start_us < y->start_us ? -1 : 1;
    return (x->end_us > y->end_us) - (x->end_us < y->end_us);
}

static enum avqa_status sort_ranges(const struct reader *r, const char *key,
                                    struct avqa_ranges *ranges)
{
    if (ranges->n)
        qsort(ranges->items, ranges->n, sizeof *ranges->items, by_start);
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

static enum avqa_status read_ranges(const struct reader *r,
                                    const struct avqa_json *object, const char *key,
                                    struct avqa_ranges *out)
{
    const struct avqa_json *list = member(object, key);
    *out = (struct avqa_ranges){0};
    if (!list)
        return AVQA_OK;
    if (avqa_json_type(list) != AVQA_JSON_ARRAY)
        return wrong_type(r, key, list, "a list of ranges");
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
    return sort_ranges(r, key, out);
}

/* ---- instances ------------------------------------------------------------------- */

static enum avqa_status read_box(const struct reader *r, const struct avqa_json *object,
                                 double box[4])
{
    const struct avqa_json *m = member(object, "box");
    for (int i = 0; i < 4; i++)
        box[i] = (double)NAN;
    if (!m)
        return AVQA_OK;
    bool good = numbers_of(m, box, 4);
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

static enum avqa_status read_x(const struct reader *r, const struct avqa_json *object,
                               struct avqa_instance *in)
{
    enum avqa_status rc = read_number(r, object, "x", &in->x);
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

/* A key that stands twice is ambiguous; of the known ones none may. */
static enum avqa_status check_keys(const struct reader *r,
                                   const struct avqa_json *object,
                                   const char *const *keys, size_t n)
{
    for (const struct avqa_json *m = avqa_json_first(object); m;
         m = avqa_json_next(m)) {
        for (size_t k = 0; k < n; k++) {
            if (strcmp(avqa_json_key(m), keys[k]) == 0 &&
                avqa_json_get(object, keys[k]) != m)
                return avqa_fail(AVQA_EFORMAT, "%s%s: stands twice", r->where, keys[k]);
        }
    }
    return AVQA_OK;
}

static enum avqa_status read_instance(const struct reader *r,
                                      const struct avqa_json *object,
                                      struct avqa_instance *in)
{
    static const char *const keys[] = {"id",          "instrument", "visible",
                                       "x",           "box",        "sounding",
                                       "loudness_db", "rhythmicity"};
    enum avqa_status rc = check_keys(r, object, keys, sizeof keys / sizeof *keys);
    if (rc == AVQA_OK)
        rc = read_needed(r, object, "id", WORD, &in->id);
    if (rc == AVQA_OK)
        rc = read_text(r, object, "instrument", WORD, &in->instrument);
    if (rc == AVQA_OK)
        rc = read_truth(r, object, "visible", &in->visible);
    if (rc == AVQA_OK)
        rc = read_box(r, object, in->box);
    if (rc == AVQA_OK)
        rc = read_x(r, object, in);
    if (rc == AVQA_OK)
        rc = read_ranges(r, object, "sounding", &in->sounding);
    if (rc == AVQA_OK)
        rc = read_number(r, object, "loudness_db", &in->loudness_db);
    if (rc == AVQA_OK)
        rc = read_number(r, object, "rhythmicity", &in->rhythmicity);
    return rc;
}

/* That no earlier instance has the id of the last one. */
static enum avqa_status check_id(const struct reader *r)
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

static enum avqa_status read_instances(struct reader *r, const struct avqa_json *object)
{
    struct avqa_scene *s = r->scene;
    const struct avqa_json *list = member(object, "instances");
    if (!list)
        return AVQA_OK;
    if (avqa_json_type(list) != AVQA_JSON_ARRAY)
        return wrong_type(r, "instances", list, "a list");
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

static enum avqa_status read_base(struct reader *r, const struct avqa_json *media)
{
    const struct avqa_json *list = member(media, "base");
    if (!list)
        return AVQA_OK;
    if (avqa_json_type(list) != AVQA_JSON_ARRAY)
        return wrong_type(r, "base", list, "a list of names");
    size_t n = avqa_json_count(list);
    if (n > AVQA_FACTS_MAX_BASES)
        return avqa_fail(AVQA_EFORMAT, "media.base: more than %d",
                         AVQA_FACTS_MAX_BASES);
    const char **base = avqa_arena_alloc(r->arena, n * sizeof *base);
    r->scene->base = base;
    for (const struct avqa_json *m = avqa_json_first(list); m; m = avqa_json_next(m)) {
        const char *name = avqa_json_string(m);
        if (!name)
            return wrong_type(r, "base", m, "a name");
        enum avqa_status rc = check_name(r, "base", name, NAME);
        if (rc == AVQA_OK && strcmp(name, r->scene->clip) == 0)
            rc = avqa_fail(AVQA_EFORMAT, "media.base: %s is the clip itself", name);
        if (rc != AVQA_OK)
            return rc;
        base[r->scene->n_base++] = avqa_arena_strdup(r->arena, name);
    }
    return AVQA_OK;
}

static enum avqa_status read_media(struct reader *r, const struct avqa_json *object)
{
    static const char *const keys[] = {"video", "audio", "base"};
    const struct avqa_json *media = member(object, "media");
    if (!media)
        return AVQA_OK;
    if (avqa_json_type(media) != AVQA_JSON_OBJECT)
        return wrong_type(r, "media", media, "an object");
    snprintf(r->where, sizeof r->where, "media.");
    enum avqa_status rc = check_keys(r, media, keys, sizeof keys / sizeof *keys);
    if (rc == AVQA_OK)
        rc = read_text(r, media, "video", NAME, &r->scene->video);
    if (rc == AVQA_OK)
        rc = read_text(r, media, "audio", NAME, &r->scene->audio);
    if (rc == AVQA_OK)
        rc = read_base(r, media);
    if (rc == AVQA_OK)
        r->where[0] = '\0';
    return rc;
}

static enum avqa_status read_origin(struct reader *r, const struct avqa_json *object)
{
    const struct avqa_json *m = member(object, "origin");
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

static enum avqa_status read_clip(struct reader *r, const struct avqa_json *object)
{
    static const char *const keys[] = {"clip",  "duration",  "scene", "voiceover",
                                       "media", "instances", "origin"};
    struct avqa_scene *s = r->scene;
    enum avqa_status rc = check_keys(r, object, keys, sizeof keys / sizeof *keys);
    if (rc == AVQA_OK)
        rc = read_needed(r, object, "clip", NAME, &s->clip);
    if (rc == AVQA_OK)
        rc = read_origin(r, object);
    if (rc == AVQA_OK)
        rc = read_duration(r, object);
    if (rc == AVQA_OK)
        rc = read_text(r, object, "scene", WORD, &s->place);
    if (rc == AVQA_OK)
        rc = read_ranges(r, object, "voiceover", &s->voiceover);
    if (rc == AVQA_OK)
        rc = read_media(r, object);
    if (rc == AVQA_OK)
        rc = read_instances(r, object);
    return rc == AVQA_OK ? check_numbers(object) : rc;
}

enum avqa_status avqa_scene_read(struct avqa_scene **out, struct avqa_arena *arena,
                                 const struct avqa_json *json)
{
    struct reader r = {.arena = arena};
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

/* ---- sounding -------------------------------------------------------------------- */

enum avqa_truth avqa_instance_sounds(const struct avqa_instance *in)
{
    if (!in->sounding.known)
        return AVQA_UNKNOWN;
    return in->sounding.n ? AVQA_YES : AVQA_NO;
}

enum avqa_truth avqa_instance_offscreen(const struct avqa_instance *in)
{
    enum avqa_truth sounds = avqa_instance_sounds(in);
    if (in->visible == AVQA_YES || sounds == AVQA_NO)
        return AVQA_NO;
    return in->visible == AVQA_NO && sounds == AVQA_YES ? AVQA_YES : AVQA_UNKNOWN;
}

int64_t avqa_instance_onset_us(const struct avqa_instance *in)
{
    return in->sounding.n ? in->sounding.items[0].start_us : AVQA_FACTS_UNKNOWN;
}

int64_t avqa_instance_offset_us(const struct avqa_instance *in)
{
    size_t n = in->sounding.n;
    return n ? in->sounding.items[n - 1].end_us : AVQA_FACTS_UNKNOWN;
}

int64_t avqa_instance_total_us(const struct avqa_instance *in)
{
    return avqa_ranges_total_us(&in->sounding);
}

int64_t avqa_ranges_total_us(const struct avqa_ranges *ranges)
{
    int64_t total = 0;
    if (!ranges->known)
        return AVQA_FACTS_UNKNOWN;
    for (size_t i = 0; i < ranges->n; i++)
        total += ranges->items[i].end_us - ranges->items[i].start_us;
    return total;
}

struct avqa_ranges avqa_ranges_union(struct avqa_arena *arena,
                                     const struct avqa_ranges *const *lists, size_t n)
{
    struct avqa_ranges out = {.known = true};
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (!lists[i]->known)
            return (struct avqa_ranges){0};
        total += lists[i]->n;
    }
    if (total == 0)
        return out;
    struct avqa_range *all = avqa_arena_alloc(arena, total * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        if (lists[i]->n)
            memcpy(all + out.n, lists[i]->items, lists[i]->n * sizeof *all);
        out.n += lists[i]->n;
    }
    qsort(all, total, sizeof *all, by_start);
    size_t last = 0;
    for (size_t i = 1; i < total; i++) {
        if (all[i].start_us > all[last].end_us)
            all[++last] = all[i];
        else if (all[i].end_us > all[last].end_us)
            all[last].end_us = all[i].end_us;
    }
    out.items = all;
    out.n = last + 1;
    return out;
}

enum avqa_truth avqa_ranges_overlap(const struct avqa_ranges *a,
                                    const struct avqa_ranges *b)
{
    size_t i = 0;
    size_t j = 0;
    if ((a->known && a->n == 0) || (b->known && b->n == 0))
        return AVQA_NO;
    if (!a->known || !b->known)
        return AVQA_UNKNOWN;
    while (i < a->n && j < b->n) {
        if (a->items[i].end_us <= b->items[j].start_us)
            i++;
        else if (b->items[j].end_us <= a->items[i].start_us)
            j++;
        else
            return AVQA_YES;
    }
    return AVQA_NO;
}

/* ---- places ---------------------------------------------------------------------- */

int64_t avqa_x_steps(double x)
{
    return (int64_t)llround(x * X_STEPS);
}

static int64_t same_x(void)
{
    return avqa_x_steps(AVQA_FACTS_SAME_X);
}

bool avqa_scene_order_known(const struct avqa_scene *scene)
{
    for (size_t i = 0; i < scene->n_instances; i++) {
        const struct avqa_instance *in = &scene->instances[i];
        if (in->visible == AVQA_UNKNOWN || (in->visible == AVQA_YES && isnan(in->x)))
            return false;
    }
    return scene->instances_known;
}

static bool can_be_placed(const struct avqa_scene *scene, size_t i)
{
    return i < scene->n_instances && scene->instances[i].visible == AVQA_YES &&
           avqa_scene_order_known(scene);
}

/* Which third of the picture; unknown close to a border of two. */
static enum avqa_place third_of(int64_t x)
{
    if (llabs(3 * x - X_STEPS) <= 3 * same_x() ||
        llabs(3 * x - 2 * X_STEPS) <= 3 * same_x())
        return AVQA_PLACE_UNKNOWN;
    if (3 * x < X_STEPS)
        return AVQA_PLACE_LEFT;
    return 3 * x > 2 * X_STEPS ? AVQA_PLACE_RIGHT : AVQA_PLACE_MIDDLE;
}

enum avqa_place avqa_scene_place(const struct avqa_scene *scene, size_t i)
{
    if (!can_be_placed(scene, i))
        return AVQA_PLACE_UNKNOWN;
    int64_t x = avqa_x_steps(scene->instances[i].x);
    int64_t low = x;
    int64_t high = x;
    for (size_t k = 0; k < scene->n_instances; k++) {
        if (scene->instances[k].visible != AVQA_YES)
            continue;
        int64_t other = avqa_x_steps(scene->instances[k].x);
        low = other < low ? other : low;
        high = other > high ? other : high;
    }
    if (high - low <= same_x())
        return third_of(x);
    bool left = x - low <= same_x();
    bool right = high - x <= same_x();
    if (left && right)
        return AVQA_PLACE_UNKNOWN;
    return left ? AVQA_PLACE_LEFT : right ? AVQA_PLACE_RIGHT : AVQA_PLACE_MIDDLE;
}

size_t avqa_scene_rank(const struct avqa_scene *scene, size_t i)
{
    size_t rank = 0;
    if (!can_be_placed(scene, i))
        return AVQA_RANK_UNKNOWN;
    int64_t x = avqa_x_steps(scene->instances[i].x);
    for (size_t k = 0; k < scene->n_instances; k++) {
        if (k == i || scene->instances[k].visible != AVQA_YES)
            continue;
        int64_t other = avqa_x_steps(scene->instances[k].x);
        if (llabs(other - x) <= same_x())
            return AVQA_RANK_UNKNOWN;
        rank += other < x;
    }
    return rank;
}
