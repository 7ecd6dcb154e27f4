/* See lookalike.h. Whole sources are compared, by the fingerprints that import media
 * left in the catalog. */
#include "audit/lookalike.h"
#include "audit/near.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Eight of ten pictures with at most 10 of 64 bits different; for sound 10 of 32 bits
 * in seven of ten items, where strangers differ in 16 on average. A stretch lasts 3 s
 * at least: 16 items of sound, which look at 4.6 s. */
enum { MAX_PARTS = 1 << 23 }; /* 128 MiB */
static const struct avqa_near_options PICTURE = {64, 10, 80, 3, MAX_PARTS};
static const struct avqa_near_options SOUND = {32, 10, 70, 16, MAX_PARTS};

/* Where the rows of one source stand. */
struct place {
    uint32_t video; /* of its first clip, or AVQA_INTERN_NONE without rows */
    uint16_t first_split, last_split;
    bool on; /* among the rows looked at */
    bool marked;
};

struct search {
    const struct avqa_audit *a;
    struct place *places; /* by measure */
    struct avqa_json *out;
    struct avqa_findings *findings;
};

static enum avqa_status find_places(struct search *s)
{
    const struct avqa_audit_table *t = s->a->t;
    enum avqa_status rc =
        avqa_mem_array(&s->places, t->n_measures + 1, sizeof *s->places);
    for (size_t i = 0; rc == AVQA_OK && i < t->n_measures; i++)
        s->places[i].video = AVQA_INTERN_NONE;
    for (size_t i = 0; rc == AVQA_OK && i < t->n_rows; i++) {
        const struct avqa_audit_row *row = &t->rows[i];
        const struct avqa_audit_measure *m = avqa_audit_measure(t, row->clip);
        if (!m)
            continue;
        struct place *p = &s->places[m - t->measures];
        if (p->video == AVQA_INTERN_NONE) {
            p->video = t->clips[row->clip].video;
            p->first_split = row->split;
        }
        p->last_split = row->split; /* rows of a split stand together, in order */
        p->on = p->on || (i >= s->a->on.from && i < s->a->on.to);
    }
    return rc;
}

static bool are_relatives(const struct avqa_audit_table *t, uint32_t a, uint32_t b)
{
    size_t n_a;
    size_t n_b;
    const uint32_t *roots_a = avqa_kin_roots(&t->kin, a, &n_a);
    const uint32_t *roots_b = avqa_kin_roots(&t->kin, b, &n_b);
    for (size_t i = 0; i < n_a; i++) {
        for (size_t k = 0; k < n_b; k++) {
            if (roots_a[i] == roots_b[k])
                return true;
        }
    }
    return false;
}

/* Whether a pair of sources is worth telling: two strangers in different splits. */
static bool crosses(const struct search *s, size_t a, size_t b)
{
    const struct place *x = &s->places[a];
    const struct place *y = &s->places[b];
    if (x->video == AVQA_INTERN_NONE || y->video == AVQA_INTERN_NONE ||
        !(x->on || y->on) || are_relatives(s->a->t, x->video, y->video))
        return false;
    return x->first_split != x->last_split || y->first_split != y->last_split ||
           x->first_split != y->first_split;
}

/* The finding for the pairs marked, with the rows about them. */
static void tell(struct search *s, const char *key, int64_t n, const char *example,
                 enum avqa_severity severity, const char *text)
{
    const struct avqa_audit_table *t = s->a->t;
    avqa_json_put_int(s->out, key, n);
    if (n == 0)
        return;
    struct avqa_finding *f =
        avqa_finding_add(s->findings, "duplicates", severity,
                         "pairs of clips in different splits that %s: %lld (%s)", text,
                         (long long)n, example);
    for (size_t i = s->a->on.from; i < s->a->on.to; i++) {
        const struct avqa_audit_measure *m = avqa_audit_measure(t, t->rows[i].clip);
        if (m && s->places[m - t->measures].marked)
            avqa_finding_row(f, t, i);
    }
    for (size_t i = 0; i < t->n_measures; i++)
        s->places[i].marked = false;
}

/* Marks a pair; the first ones are named. */
static void mark(struct search *s, size_t a, size_t b, int64_t *n,
                 struct avqa_buf *names)
{
    enum { NAMED = 3 };
    if (!crosses(s, a, b))
        return;
    s->places[a].marked = s->places[b].marked = true;
    if (++*n <= NAMED)
        avqa_buf_addf(names, "%s%s and %s", *n > 1 ? "; " : "",
                      avqa_audit_video(s->a->t, s->places[a].video),
                      avqa_audit_video(s->a->t, s->places[b].video));
    else if (*n == NAMED + 1)
        avqa_buf_adds(names, "; ...");
}

/* ---- the same bytes -------------------------------------------------------------- */

static int by_sha256(const void *a, const void *b, void *user)
{
    const struct avqa_audit_measure *m = user;
    uint32_t i = *(const uint32_t *)a;
    uint32_t k = *(const uint32_t *)b;
    int order = strcmp(m[i].sha256, m[k].sha256);
    return order ? order : i < k ? -1 : i > k;
}

/* Of files that are all the same, each makes a pair with the one before it. */
static enum avqa_status same_files(struct search *s)
{
    const struct avqa_audit_table *t = s->a->t;
    struct avqa_buf names = AVQA_BUF_INIT;
    uint32_t *order;
    int64_t n = 0;
    enum avqa_status rc = avqa_mem_array(&order, t->n_measures + 1, sizeof *order);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < t->n_measures; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, t->n_measures, sizeof *order, by_sha256, t->measures);
    for (size_t i = 1; i < t->n_measures; i++) {
        if (strcmp(t->measures[order[i - 1]].sha256, t->measures[order[i]].sha256) == 0)
            mark(s, order[i - 1], order[i], &n, &names);
    }
    tell(s, "same_file", n, avqa_buf_str(&names), AVQA_ERROR, "are the same file");
    avqa_buf_release(&names);
    free(order);
    return AVQA_OK;
}

/* ---- fingerprints ---------------------------------------------------------------- */

/* Items of `digits` hex digits; what is no such list has none. */
static enum avqa_status read_print(struct avqa_near_sequence *out, const char *hex,
                                   size_t digits)
{
    size_t n = strlen(hex) / digits;
    uint64_t *items;
    enum avqa_status rc = avqa_mem_array(&items, n + 1, sizeof *items);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        char word[17] = {0};
        memcpy(word, hex + i * digits, digits);
        items[i] = strtoull(word, NULL, 16);
    }
    *out = (struct avqa_near_sequence){items, n};
    return AVQA_OK;
}

uint64_t avqa_lookalike_mirror(uint64_t print)
{
    uint64_t out = 0;
    for (int bit = 0; bit < 64; bit++) {
        int row = bit / 8 * 8;
        out |= (~print >> bit & 1) << (row + 7 - (bit - row));
    }
    return out;
}

/* Sequences of one kind of fingerprint; behind those of pictures, the same mirrored. */
static enum avqa_status read_prints(struct avqa_near_sequence *out,
                                    const struct avqa_audit_table *t, bool sound)
{
    const struct avqa_audit_measure *m = t->measures;
    size_t n = t->n_measures;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n; i++)
        rc = read_print(&out[i], sound ? m[i].sound_print : m[i].picture_print,
                        sound ? 8 : 16);
    for (size_t i = 0; rc == AVQA_OK && !sound && i < n; i++) {
        uint64_t *items;
        rc = avqa_mem_array(&items, out[i].n + 1, sizeof *items);
        for (size_t k = 0; rc == AVQA_OK && k < out[i].n; k++)
            items[k] = avqa_lookalike_mirror(out[i].items[k]);
        if (rc == AVQA_OK)
            out[n + i] = (struct avqa_near_sequence){items, out[i].n};
    }
    return rc;
}

/* Two sources that are alike, as they are or with one of them mirrored. */
struct likeness {
    uint32_t a, b;
    bool mirrored;
};

static int by_sources(const void *x, const void *y)
{
    const struct likeness *p = x;
    const struct likeness *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->mirrored - q->mirrored;
}

/* Pairs of sequences as pairs of sources, each once, as they are rather than mirrored;
 * gives how many. */
static size_t likenesses(struct likeness *out, const struct avqa_near_pair *pairs,
                         size_t n_pairs, uint32_t n_sources)
{
    size_t n = 0;
    size_t kept = 0;
    for (size_t i = 0; i < n_pairs; i++) {
        bool mirrored = pairs[i].b >= n_sources;
        uint32_t a = pairs[i].a;
        uint32_t b = mirrored ? pairs[i].b - n_sources : pairs[i].b;
        if (a < n_sources && a != b) /* else: both mirrored, or with itself */
            out[n++] = (struct likeness){a < b ? a : b, a < b ? b : a, mirrored};
    }
    if (n)
        qsort(out, n, sizeof *out, by_sources);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || out[kept - 1].a != out[i].a || out[kept - 1].b != out[i].b)
            out[kept++] = out[i];
    }
    return kept;
}

static void tell_likenesses(struct search *s, const struct likeness *list, size_t n,
                            bool sound, bool mirrored)
{
    const struct avqa_audit_measure *m = s->a->t->measures;
    struct avqa_buf names = AVQA_BUF_INIT;
    int64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        bool same_file = strcmp(m[list[i].a].sha256, m[list[i].b].sha256) == 0;
        if (list[i].mirrored == mirrored && !same_file) /* that was told already */
            mark(s, list[i].a, list[i].b, &count, &names);
    }
    tell(s,
         sound      ? "sound"
         : mirrored ? "mirrored"
                    : "picture",
         count, avqa_buf_str(&names), AVQA_WARNING,
         sound      ? "sound alike"
         : mirrored ? "look alike when one is mirrored"
                    : "look alike");
    avqa_buf_release(&names);
}

/* What is alike by one kind of fingerprint. */
static enum avqa_status alike(struct search *s, bool sound)
{
    size_t n_measures = s->a->t->n_measures;
    size_t n = sound ? n_measures : 2 * n_measures;
    struct avqa_near_sequence *sequences;
    struct avqa_near_pair *pairs = NULL;
    struct likeness *list = NULL;
    size_t n_pairs = 0;
    enum avqa_status rc = avqa_mem_array(&sequences, n + 1, sizeof *sequences);
    if (rc != AVQA_OK)
        return rc;
    rc = read_prints(sequences, s->a->t, sound);
    if (rc == AVQA_OK)
        rc = avqa_near_find(&pairs, &n_pairs, sequences, n, sound ? &SOUND : &PICTURE);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&list, n_pairs + 1, sizeof *list);
    if (rc == AVQA_OK) {
        size_t n_list = likenesses(list, pairs, n_pairs, (uint32_t)n_measures);
        tell_likenesses(s, list, n_list, sound, false);
        if (!sound)
            tell_likenesses(s, list, n_list, sound, true);
    }
    for (size_t i = 0; i < n; i++)
        free((void *)sequences[i].items);
    free(sequences);
    free(pairs);
    free(list);
    return rc;
}

enum avqa_status avqa_lookalikes(const struct avqa_audit *a, struct avqa_json *out,
                                 struct avqa_findings *findings)
{
    struct search s = {.a = a, .findings = findings};
    if (a->t->n_measures == 0) {
        avqa_json_put_null(out, "media");
        return AVQA_OK;
    }
    s.out = avqa_json_put_object(out, "media");
    enum avqa_status rc = find_places(&s);
    if (rc == AVQA_OK)
        rc = same_files(&s);
    if (rc == AVQA_OK)
        rc = alike(&s, false);
    if (rc == AVQA_OK)
        rc = alike(&s, true);
    free(s.places);
    return rc;
}
