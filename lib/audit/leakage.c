/* Checks 7 to 9; what is deduced has a file of its own (deduce.h). A video leaks if its
 * id stands in the other split. It leaks by derivation if the other split has a
 * different video with a root in common (one was made from the other, or both from a
 * third: e?? synthetic ids, flips, compositions) or with the same sound track.
 *
 * With a split to compare with, that one counts; without, all other splits do, and each
 * pair of splits gets its finding. */
#include "audit/leakage.h"
#include "audit/deduce.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SPLITS_IN_PAIRS = 32 };

/* What the other side holds, by video. */
struct other {
    bool *present;
    /* By root or sound: two different videos that have it, or NONE. Two are enough to
     * tell whether there is one that is not the video in question. */
    uint32_t *first, *second;
};

struct tally_leak {
    size_t videos, questions;
};

static enum avqa_status other_new(struct other *o, size_t n_videos)
{
    o->present = calloc(n_videos + 1, sizeof *o->present);
    o->first = calloc(n_videos + 1, sizeof *o->first);
    o->second = calloc(n_videos + 1, sizeof *o->second);
    if (!o->present || !o->first || !o->second)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu videos", n_videos);
    for (size_t v = 0; v < n_videos; v++)
        o->first[v] = o->second[v] = AVQA_INTERN_NONE;
    return AVQA_OK;
}

static void other_release(struct other *o)
{
    free(o->present);
    free(o->first);
    free(o->second);
}

static void add_key(struct other *o, uint32_t key, uint32_t video)
{
    if (o->first[key] == AVQA_INTERN_NONE)
        o->first[key] = video;
    else if (o->first[key] != video)
        o->second[key] = video;
}

static void add_kin(struct other *o, const struct avqa_audit_table *t, uint32_t of,
                    uint32_t video)
{
    size_t n;
    const uint32_t *roots = avqa_kin_roots(&t->kin, of, &n);
    for (size_t i = 0; i < n; i++)
        add_key(o, roots[i], video);
}

static void add_rows(struct other *o, const struct avqa_audit_table *t,
                     struct avqa_audit_range range)
{
    for (size_t i = range.from; i < range.to; i++) {
        const struct avqa_audit_clip *c = &t->clips[t->rows[i].clip];
        o->present[c->video] = true;
        add_kin(o, t, c->video, c->video);
        if (c->sound != c->video)
            add_kin(o, t, c->sound, c->video);
    }
}

static bool has_other(const struct other *o, uint32_t key, uint32_t video)
{
    return (o->first[key] != AVQA_INTERN_NONE && o->first[key] != video) ||
           (o->second[key] != AVQA_INTERN_NONE && o->second[key] != video);
}

static bool has_kin(const struct other *o, const struct avqa_audit_table *t,
                    uint32_t of, uint32_t video)
{
    size_t n;
    const uint32_t *roots = avqa_kin_roots(&t->kin, of, &n);
    for (size_t i = 0; i < n; i++) {
        if (has_other(o, roots[i], video))
            return true;
    }
    return false;
}

typedef bool leak_fn(const struct other *o, const struct avqa_audit_table *t,
                     size_t row);

static bool leaks_video(const struct other *o, const struct avqa_audit_table *t,
                        size_t row)
{
    return o->present[t->clips[t->rows[row].clip].video];
}

static bool leaks_derived(const struct other *o, const struct avqa_audit_table *t,
                          size_t row)
{
    const struct avqa_audit_clip *c = &t->clips[t->rows[row].clip];
    return has_kin(o, t, c->video, c->video) ||
           (c->sound != c->video && has_kin(o, t, c->sound, c->video));
}

/* Counts the leaking rows of a range, and its videos once each; adds the rows to `f`.
 */
static enum avqa_status count_leaks(const struct other *o,
                                    const struct avqa_audit_table *t,
                                    struct avqa_audit_range range, leak_fn *leaks,
                                    struct tally_leak *n, struct avqa_finding *f)
{
    bool *counted = calloc((size_t)t->videos.n + 1, sizeof *counted);
    if (!counted)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u videos", t->videos.n);
    for (size_t i = range.from; i < range.to; i++) {
        uint32_t video = t->clips[t->rows[i].clip].video;
        if (!leaks(o, t, i))
            continue;
        n->questions++;
        n->videos += !counted[video];
        counted[video] = true;
        if (f)
            avqa_finding_row(f, t, i);
    }
    free(counted);
    return AVQA_OK;
}

static const struct kind {
    const char *check;
    enum avqa_severity severity;
    leak_fn *leaks;
    const char *one, *many, *how; /* one video, or many; what they do */
} kinds[] = {
    {"leakage_video", AVQA_ERROR, leaks_video, "is", "are", "in '%s' too"},
    {"leakage_derived", AVQA_WARNING, leaks_derived, "has", "have",
     "a relative in '%s' (made from it, its material, or with the same sound)"},
};

static enum avqa_status count_videos(const struct avqa_audit_table *t,
                                     struct avqa_audit_range range, size_t *n)
{
    bool *counted;
    enum avqa_status rc = avqa_mem_array(&counted, t->videos.n, sizeof *counted);
    *n = 0;
    for (size_t i = range.from; rc == AVQA_OK && i < range.to; i++) {
        uint32_t video = t->clips[t->rows[i].clip].video;
        *n += !counted[video];
        counted[video] = true;
    }
    free(counted);
    return rc;
}

/* Two ranges and what to call them. */
struct pair {
    struct avqa_audit_range on, against;
    const char *on_name, *against_name;
};

static enum avqa_status find_pair(const struct avqa_audit *a, const struct pair *p,
                                  struct avqa_findings *findings)
{
    struct other o = {0};
    char how[256];
    size_t n_videos = 0;
    enum avqa_status rc = other_new(&o, a->t->videos.n);
    if (rc == AVQA_OK)
        rc = count_videos(a->t, p->on, &n_videos);
    if (rc == AVQA_OK)
        add_rows(&o, a->t, p->against);
    for (size_t k = 0; rc == AVQA_OK && k < sizeof kinds / sizeof *kinds; k++) {
        struct tally_leak n = {0};
        rc = count_leaks(&o, a->t, p->on, kinds[k].leaks, &n, NULL);
        if (rc != AVQA_OK || n.questions == 0)
            continue;
        size_t rows = p->on.to - p->on.from;
        snprintf(how, sizeof how, kinds[k].how, p->against_name);
        struct avqa_finding *f = avqa_finding_add(
            findings, kinds[k].check, kinds[k].severity,
            "%zu of %zu video%s of '%s' %s %s: %zu of its %zu question%s (%.1f %%)",
            n.videos, n_videos, avqa_text_plural((int64_t)n_videos), p->on_name,
            n.videos == 1 ? kinds[k].one : kinds[k].many, how, n.questions, rows,
            avqa_text_plural((int64_t)rows),
            100.0 * (double)n.questions / (double)rows);
        n = (struct tally_leak){0};
        rc = count_leaks(&o, a->t, p->on, kinds[k].leaks, &n, f);
    }
    other_release(&o);
    return rc;
}

static const char *name_or_all(const char *name)
{
    return name ? name : "all";
}

/* With too many splits for pairs: one finding of each kind for all. */
static void report_total(const struct tally_leak *video,
                         const struct tally_leak *derived,
                         struct avqa_findings *findings)
{
    if (video->videos)
        avqa_finding_add(findings, kinds[0].check, kinds[0].severity,
                         "%zu time%s a video is in another split too: %zu question%s",
                         video->videos, avqa_text_plural((int64_t)video->videos),
                         video->questions, avqa_text_plural((int64_t)video->questions));
    if (derived->videos)
        avqa_finding_add(
            findings, kinds[1].check, kinds[1].severity,
            "%zu time%s a video has a relative in another split: %zu question%s",
            derived->videos, avqa_text_plural((int64_t)derived->videos),
            derived->questions, avqa_text_plural((int64_t)derived->questions));
}

/* The findings: one pair if a split to compare with was named, else every pair. */
static enum avqa_status find_pairs(const struct avqa_audit *a,
                                   const struct tally_leak *video,
                                   const struct tally_leak *derived,
                                   struct avqa_findings *findings)
{
    const struct avqa_audit_table *t = a->t;
    enum avqa_status rc = AVQA_OK;
    if (a->has_against)
        return find_pair(a,
                         &(struct pair){a->on, a->against, name_or_all(a->opts.split),
                                        a->opts.against},
                         findings);
    if (t->n_splits > MAX_SPLITS_IN_PAIRS) {
        report_total(video, derived, findings);
        return AVQA_OK;
    }
    for (size_t i = 0; rc == AVQA_OK && i < t->n_splits; i++) {
        bool mine = !a->opts.split || strcmp(t->splits[i], a->opts.split) == 0;
        for (size_t j = 0; mine && rc == AVQA_OK && j < t->n_splits; j++) {
            if (j == i || (!a->opts.split && j < i))
                continue;
            rc = find_pair(a,
                           &(struct pair){t->split_ranges[i], t->split_ranges[j],
                                          t->splits[i], t->splits[j]},
                           findings);
        }
    }
    return rc;
}

/* Adds the leaks of one stretch of `on` against everything it is compared with. */
static enum avqa_status count_stretch(const struct avqa_audit *a,
                                      struct avqa_audit_range range,
                                      struct tally_leak *video,
                                      struct tally_leak *derived)
{
    struct other o = {0};
    struct avqa_audit_range all = {0, a->t->n_rows};
    enum avqa_status rc = other_new(&o, a->t->videos.n);
    if (rc == AVQA_OK && a->has_against)
        add_rows(&o, a->t, a->against);
    if (rc == AVQA_OK && !a->has_against) {
        add_rows(&o, a->t, (struct avqa_audit_range){all.from, range.from});
        add_rows(&o, a->t, (struct avqa_audit_range){range.to, all.to});
    }
    if (rc == AVQA_OK)
        rc = count_leaks(&o, a->t, range, leaks_video, video, NULL);
    if (rc == AVQA_OK)
        rc = count_leaks(&o, a->t, range, leaks_derived, derived, NULL);
    other_release(&o);
    return rc;
}

static void put_leak(struct avqa_json *out, const char *key, const struct tally_leak *n)
{
    struct avqa_json *o = avqa_json_put_object(out, key);
    avqa_json_put_int(o, "clips", (int64_t)n->videos);
    avqa_json_put_int(o, "questions", (int64_t)n->questions);
}

enum avqa_status avqa_check_leakage(const struct avqa_audit *a,
                                    struct avqa_check_out *out)
{
    struct tally_leak video = {0};
    struct tally_leak derived = {0};
    enum avqa_status rc = AVQA_OK;
    bool whole = a->opts.split || a->has_against;
    if (whole)
        rc = count_stretch(a, a->on, &video, &derived);
    for (size_t s = 0; !whole && rc == AVQA_OK && s < a->t->n_splits; s++)
        rc = count_stretch(a, a->t->split_ranges[s], &video, &derived);
    if (rc == AVQA_OK)
        rc = find_pairs(a, &video, &derived, &out->findings);
    out->json = avqa_json_new_object();
    put_leak(out->json, "video", &video);
    put_leak(out->json, "derived", &derived);
    return rc == AVQA_OK ? avqa_deduce(a, out) : rc;
}
