/* See lookalike.h. */
#include "audit/lookalike.h"
#include "audit/twin.h"
#include "base/mem.h"

#include <stdlib.h>

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

/* The pairs of one kind, as they are or mirrored. */
static void tell_twins(struct search *s, const struct avqa_twin *twins, size_t n_twins,
                       enum avqa_twin_kind kind, bool mirrored)
{
    static const struct {
        const char *key, *text;
        enum avqa_severity severity;
    } kinds[][2] = {
        [AVQA_TWIN_FILE] = {{"same_file", "are the same file", AVQA_ERROR}},
        [AVQA_TWIN_PICTURE] = {{"picture", "look alike", AVQA_WARNING},
                               {"mirrored", "look alike when one is mirrored",
                                AVQA_WARNING}},
        [AVQA_TWIN_SOUND] = {{"sound", "sound alike", AVQA_WARNING}}};
    struct avqa_buf names = AVQA_BUF_INIT;
    int64_t n = 0;
    for (size_t i = 0; i < n_twins; i++) {
        if (twins[i].mirrored == mirrored)
            mark(s, twins[i].a, twins[i].b, &n, &names);
    }
    tell(s, kinds[kind][mirrored].key, n, avqa_buf_str(&names),
         kinds[kind][mirrored].severity, kinds[kind][mirrored].text);
    avqa_buf_release(&names);
}

static enum avqa_status look(struct search *s, enum avqa_twin_kind kind)
{
    struct avqa_twin *twins = NULL;
    size_t n_twins = 0;
    enum avqa_status rc = avqa_twins_find(&twins, &n_twins, s->a->t, kind);
    if (rc == AVQA_OK) {
        tell_twins(s, twins, n_twins, kind, false);
        if (kind == AVQA_TWIN_PICTURE)
            tell_twins(s, twins, n_twins, kind, true);
    }
    free(twins);
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
    for (int kind = 0; rc == AVQA_OK && kind < AVQA_N_TWINS; kind++)
        rc = look(&s, (enum avqa_twin_kind)kind);
    free(s.places);
    return rc;
}
