/* See media.h. The letters a second of schema/004-media.sql are counted over the clip's
 * stretch. Sound is not judged where a clip has the sound of another video: what was
 * measured is the sound of the file that its picture came from. */
#include "audit/media.h"

#include <stdlib.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)
enum {
    MOST_PERCENT = 90,    /* of the seconds: "is silent" */
    CLIPPED_PERCENT = 10, /* of the seconds: "is clipped" */
};

/* A clip as it is judged. */
struct judged {
    const struct avqa_audit_clip *clip;
    const struct avqa_audit_measure *m;
    bool own_sound;
    int64_t end_us;       /* of the media: the later of picture and sound */
    int64_t from_s, to_s; /* the clip's stretch */
};

/* How many of the letters of the stretch are this one, and of how many. */
static int64_t count(const struct judged *j, const char *letters, char letter,
                     int64_t *n)
{
    int64_t found = 0;
    int64_t len = (int64_t)strlen(letters);
    *n = 0;
    for (int64_t s = j->from_s; s < j->to_s && s < len; s++) {
        found += letters[s] == letter;
        ++*n;
    }
    return found;
}

static bool is_mostly(const struct judged *j, const char *letters, char letter,
                      int percent)
{
    int64_t n;
    int64_t found = count(j, letters, letter, &n);
    return n > 0 && found * 100 >= n * percent;
}

static bool no_picture(const struct judged *j)
{
    return j->m->picture_us == AVQA_MEASURE_NONE;
}

static bool no_sound(const struct judged *j)
{
    return j->own_sound && j->m->sound_us == AVQA_MEASURE_NONE;
}

static bool black(const struct judged *j)
{
    return is_mostly(j, j->m->picture, 'b', MOST_PERCENT);
}

/* The first second of a stretch has nothing before it. */
static bool frozen(const struct judged *j)
{
    struct judged rest = *j;
    rest.from_s++;
    return is_mostly(&rest, j->m->picture, 'f', MOST_PERCENT);
}

static bool silent(const struct judged *j)
{
    return j->own_sound && is_mostly(j, j->m->sound, 's', MOST_PERCENT);
}

static bool clipped(const struct judged *j)
{
    return j->own_sound && is_mostly(j, j->m->sound, 'c', CLIPPED_PERCENT);
}

/* One of the two ends more than a second before the other, and before the clip does. */
static bool length_mismatch(const struct judged *j)
{
    int64_t end_us = j->end_us;
    int64_t shorter_us =
        j->m->picture_us < j->m->sound_us ? j->m->picture_us : j->m->sound_us;
    if (no_picture(j) || !j->own_sound || j->m->sound_us == AVQA_MEASURE_NONE)
        return false;
    if (j->to_s * US_PER_S < end_us)
        end_us = j->to_s * US_PER_S;
    return shorter_us + US_PER_S < end_us;
}

/* The catalog has the clip go on for more than a second after the media end. */
static bool wrong_duration(const struct judged *j)
{
    int64_t start_us = j->clip->start_us == AVQA_CLIP_UNKNOWN ? 0 : j->clip->start_us;
    return j->clip->duration_us != AVQA_CLIP_UNKNOWN &&
           start_us + j->clip->duration_us > j->end_us + US_PER_S;
}

static bool not_whole(const struct judged *j)
{
    return strcmp(j->m->outcome, "truncated") == 0 ||
           strcmp(j->m->outcome, "damaged") == 0;
}

static const struct flaw {
    const char *key;
    bool (*is_so)(const struct judged *j);
    enum avqa_severity severity;
    const char *text;
} flaws[] = {
    {"no_picture", no_picture, AVQA_WARNING, "without a picture"},
    {"no_sound", no_sound, AVQA_WARNING, "without sound"},
    {"silent", silent, AVQA_WARNING, "silent for nine tenths of their seconds"},
    {"black", black, AVQA_WARNING, "black for nine tenths of their seconds"},
    {"frozen", frozen, AVQA_WARNING, "frozen for nine tenths of their seconds"},
    {"clipped", clipped, AVQA_NOTE, "with clipped sound in a tenth of their seconds"},
    {"length_mismatch", length_mismatch, AVQA_WARNING,
     "with picture and sound of different length (by more than a second)"},
    {"wrong_duration", wrong_duration, AVQA_WARNING,
     "longer in the catalog than in their media (by more than a second)"},
    {"not_whole", not_whole, AVQA_WARNING, "from files that are damaged or cut"},
};
enum { N_FLAWS = sizeof flaws / sizeof *flaws };

static struct judged judge(const struct avqa_audit_table *t, uint32_t clip)
{
    const struct avqa_audit_clip *c = &t->clips[clip];
    struct judged j = {.clip = c, .m = avqa_audit_measure(t, clip)};
    if (!j.m)
        return j;
    int64_t start_us = c->start_us > 0 ? c->start_us : 0; /* unknown is negative */
    j.own_sound = c->sound == c->video;
    j.end_us = j.m->picture_us > j.m->sound_us ? j.m->picture_us : j.m->sound_us;
    j.from_s = start_us / US_PER_S;
    j.to_s = INT64_MAX / US_PER_S;
    if (c->duration_us != AVQA_CLIP_UNKNOWN)
        j.to_s = (start_us + c->duration_us + US_PER_S - 1) / US_PER_S;
    return j;
}

/* Whether the row at `i` of by_video is the first of its clip. */
static bool begins_clip(const struct avqa_audit *a, size_t i)
{
    return i == 0 ||
           a->t->rows[a->by_video[i]].clip != a->t->rows[a->by_video[i - 1]].clip;
}

/* Clips with this flaw; with a finding, their rows go to it. */
static int64_t count_flaw(const struct avqa_audit *a, const struct flaw *flaw,
                          struct avqa_finding *f)
{
    int64_t n = 0;
    bool has = false;
    for (size_t i = 0; i < a->on.to - a->on.from; i++) {
        uint32_t row = a->by_video[i];
        if (begins_clip(a, i)) {
            struct judged j = judge(a->t, a->t->rows[row].clip);
            has = j.m && flaw->is_so(&j);
            n += has;
        }
        if (has && f)
            avqa_finding_row(f, a->t, row);
    }
    return n;
}

static void count_clips(const struct avqa_audit *a, struct avqa_json *out)
{
    int64_t measured = 0;
    int64_t others = 0;
    for (size_t i = 0; i < a->on.to - a->on.from; i++) {
        bool is_measured =
            begins_clip(a, i) &&
            avqa_audit_measure(a->t, a->t->rows[a->by_video[i]].clip) != NULL;
        measured += is_measured;
        others += begins_clip(a, i) && !is_measured;
    }
    avqa_json_put_int(out, "clips", measured);
    avqa_json_put_int(out, "not_measured", others);
}

enum avqa_status avqa_check_media(const struct avqa_audit *a,
                                  struct avqa_check_out *out)
{
    if (a->t->n_measures == 0)
        return AVQA_OK; /* null: nothing was measured */
    out->json = avqa_json_new_object();
    count_clips(a, out->json);
    for (size_t k = 0; k < N_FLAWS; k++) {
        const struct flaw *flaw = &flaws[k];
        int64_t n = count_flaw(a, flaw, NULL);
        avqa_json_put_int(out->json, flaw->key, n);
        if (n)
            count_flaw(a, flaw,
                       avqa_finding_add(&out->findings, "media", flaw->severity,
                                        "clips %s: %lld", flaw->text, (long long)n));
    }
    return AVQA_OK;
}
