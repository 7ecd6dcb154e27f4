/* Check 1. Questions per video count by what is seen, as the paper does; a clip with an
 * exchanged sound is then the same video. */
#include "audit/counts.h"
#include "audit/words.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct avqa_template_count *avqa_count_templates(const struct avqa_audit *a)
{
    struct avqa_template_count *counts =
        avqa_mem_new((a->t->templates->n + 1) * sizeof *counts);
    for (size_t i = a->on.from; i < a->on.to; i++) {
        const struct avqa_audit_row *row = &a->t->rows[i];
        if (a->t->clips[row->clip].synthetic)
            counts[row->template].synthetic++;
        else
            counts[row->template].real++;
    }
    return counts;
}

static uint32_t video_of(const struct avqa_audit *a, size_t place)
{
    return a->t->clips[a->t->rows[a->by_video[place]].clip].video;
}

/* Index behind the rows of the video that begins at `i` in by_video. */
static size_t video_end(const struct avqa_audit *a, size_t i)
{
    size_t n = a->on.to - a->on.from;
    size_t end = i + 1;
    while (end < n && video_of(a, end) == video_of(a, i))
        end++;
    return end;
}

size_t avqa_count_videos(const struct avqa_audit *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->on.to - a->on.from; i = video_end(a, i))
        n++;
    return n;
}

/* ---- slots ----------------------------------------------------------------------- */

static int by_slot(const void *a, const void *b, void *user)
{
    const struct avqa_slot_count *x = a;
    const struct avqa_slot_count *y = b;
    int order = strcmp(x->slot, y->slot);
    return order
               ? order
               : strcmp(avqa_audit_word(user, x->word), avqa_audit_word(user, y->word));
}

/* Sums neighbours that are the same slot and word; returns how many are left. */
static size_t merge(struct avqa_slot_count *c, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (out && c[out - 1].word == c[i].word &&
            strcmp(c[out - 1].slot, c[i].slot) == 0)
            c[out - 1].n += c[i].n;
        else
            c[out++] = c[i];
    }
    return out;
}

enum avqa_status avqa_count_slots(const struct avqa_audit *a,
                                  struct avqa_slot_count **counts, size_t *n)
{
    const struct avqa_tally *tally = &a->tallies[AVQA_GROUP_SLOTS];
    size_t cap = 0;
    uint64_t rows;
    *counts = NULL;
    *n = 0;
    for (size_t i = 0; i < tally->n;) {
        uint64_t group = tally->cells[i].group;
        const struct avqa_template *t = &a->t->templates->items[group >> 32];
        const struct avqa_audit_slots *slots = &a->t->slots[(uint32_t)group];
        i = avqa_tally_group_end(tally, i, &rows);
        enum avqa_status rc =
            avqa_mem_grow(counts, &cap, *n + slots->n, sizeof **counts);
        if (rc != AVQA_OK)
            return rc;
        for (size_t s = 0; s < slots->n; s++)
            (*counts)[(*n)++] = (struct avqa_slot_count){
                t->slot_names[s], t->slots[s], slots->values[s], (uint32_t)rows};
    }
    if (*n)
        qsort_r(*counts, *n, sizeof **counts, by_slot, (void *)(uintptr_t)a->t);
    *n = merge(*counts, *n);
    return AVQA_OK;
}

static enum avqa_status slots_json(const struct avqa_audit *a, struct avqa_json *out)
{
    struct avqa_slot_count *counts;
    struct avqa_json *slot = NULL;
    size_t n;
    enum avqa_status rc = avqa_count_slots(a, &counts, &n);
    for (size_t i = 0; rc == AVQA_OK && i < n; i++) {
        if (i == 0 || strcmp(counts[i].slot, counts[i - 1].slot) != 0)
            slot = avqa_json_put_object(out, counts[i].slot);
        avqa_json_put_int(slot, avqa_audit_word(a->t, counts[i].word), counts[i].n);
    }
    free(counts);
    return rc;
}

/* ---- together -------------------------------------------------------------------- */

const struct avqa_domain *avqa_objects_domain(const struct avqa_templates *templates)
{
    for (size_t i = 0; i < templates->n_domains; i++) {
        if (templates->domains[i].kind == AVQA_DOMAIN_OBJECT)
            return &templates->domains[i];
    }
    return NULL;
}

/* Whether an answer denies what the question names: "no", or a count of none. */
static bool denies(const struct avqa_template *t, const char *answer)
{
    const struct avqa_domain *d = avqa_template_answer_domain(t, answer);
    if (!d)
        return true;
    size_t place = avqa_domain_find(d, answer);
    return (d->kind == AVQA_DOMAIN_TRUTH && place == 1) ||
           (d->kind == AVQA_DOMAIN_NUMBER && place == 0);
}

/* What the videos name, as places in the domain: a video's objects, each once, then
 * AVQA_INTERN_NONE. */
struct naming {
    const struct avqa_audit *a;
    const struct avqa_domain *objects;
    uint32_t *by_word; /* place of a slot word or answer in the domain, or NONE */
    uint32_t *by_answer;
    uint32_t *last_video; /* by place: number of the last video that names it, from 1 */
    uint32_t *videos;     /* by place: how many name it */
    uint32_t *ranks;      /* by place: number among those that are counted, or NONE */
    uint32_t *list;
    size_t n, cap;
};

static void places_of(const struct avqa_domain *objects,
                      const struct avqa_intern *strings, uint32_t *places)
{
    for (uint32_t i = 0; i < strings->n; i++) {
        size_t place = avqa_domain_find(objects, avqa_intern_text(strings, i));
        places[i] = place == AVQA_TEMPLATE_NONE ? AVQA_INTERN_NONE : (uint32_t)place;
    }
}

static enum avqa_status naming_init(struct naming *s, const struct avqa_audit *a,
                                    const struct avqa_domain *objects)
{
    size_t k = objects->n_values + 1;
    *s = (struct naming){.a = a, .objects = objects};
    s->by_word = calloc((size_t)a->t->words.n + 1, sizeof *s->by_word);
    s->by_answer = calloc((size_t)a->t->answers.n + 1, sizeof *s->by_answer);
    s->last_video = calloc(k, sizeof *s->last_video);
    s->videos = calloc(k, sizeof *s->videos);
    s->ranks = calloc(k, sizeof *s->ranks);
    if (!s->by_word || !s->by_answer || !s->last_video || !s->videos || !s->ranks)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu objects", k - 1);
    places_of(objects, &a->t->words, s->by_word);
    places_of(objects, &a->t->answers, s->by_answer);
    return AVQA_OK;
}

static void naming_release(struct naming *s)
{
    free(s->by_word);
    free(s->by_answer);
    free(s->last_video);
    free(s->videos);
    free(s->ranks);
    free(s->list);
}

static enum avqa_status push(struct naming *s, uint32_t place)
{
    enum avqa_status rc = avqa_mem_grow(&s->list, &s->cap, s->n + 1, sizeof *s->list);
    if (rc == AVQA_OK)
        s->list[s->n++] = place;
    return rc;
}

static enum avqa_status name(struct naming *s, uint32_t place, uint32_t video)
{
    if (place == AVQA_INTERN_NONE || s->last_video[place] == video)
        return AVQA_OK;
    s->last_video[place] = video;
    s->videos[place]++;
    return push(s, place);
}

/* Names the objects of one row. */
static enum avqa_status name_row(struct naming *s, size_t row, uint32_t video)
{
    const struct avqa_audit_row *r = &s->a->t->rows[row];
    const struct avqa_audit_slots *slots = &s->a->t->slots[r->slots];
    enum avqa_status rc = name(s, s->by_answer[r->answer], video);
    if (denies(avqa_audit_template(s->a->t, r), avqa_audit_answer(s->a->t, r->answer)))
        return rc;
    for (size_t i = 0; rc == AVQA_OK && i < slots->n; i++)
        rc = name(s, s->by_word[slots->values[i]], video);
    return rc;
}

static enum avqa_status name_all(struct naming *s)
{
    enum avqa_status rc = AVQA_OK;
    uint32_t video = 0;
    for (size_t i = 0; rc == AVQA_OK && i < s->a->on.to - s->a->on.from;) {
        size_t end = video_end(s->a, i);
        video++;
        for (; rc == AVQA_OK && i < end; i++)
            rc = name_row(s, s->a->by_video[i], video);
        if (rc == AVQA_OK)
            rc = push(s, AVQA_INTERN_NONE);
    }
    return rc;
}

static int by_videos(const void *a, const void *b, void *user)
{
    const uint32_t *videos = user;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    if (videos[x] != videos[y])
        return videos[x] > videos[y] ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Ranks the objects that are counted, in the domain's order. */
static enum avqa_status choose(struct naming *s, struct avqa_together *out)
{
    size_t k = s->objects->n_values;
    uint32_t *places = calloc(k + 1, sizeof *places);
    if (!places)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu objects", k);
    for (uint32_t p = 0; p < k; p++) {
        s->ranks[p] = AVQA_INTERN_NONE;
        if (s->videos[p])
            places[out->n_named++] = p;
    }
    out->n = out->n_named < AVQA_TOGETHER_MAX ? out->n_named : AVQA_TOGETHER_MAX;
    if (out->n_named > AVQA_TOGETHER_MAX)
        qsort_r(places, out->n_named, sizeof *places, by_videos, s->videos);
    for (size_t i = 0; i < out->n; i++)
        s->ranks[places[i]] = 0;
    out->objects = avqa_mem_new((out->n + 1) * sizeof *out->objects);
    out->counts = avqa_mem_new((out->n * out->n + 1) * sizeof *out->counts);
    uint32_t rank = 0;
    for (size_t p = 0; p < k; p++) {
        if (s->ranks[p] != 0)
            continue;
        out->objects[rank] = s->objects->values[p];
        s->ranks[p] = rank++;
    }
    free(places);
    return AVQA_OK;
}

static void count_pairs(const struct naming *s, struct avqa_together *out)
{
    uint32_t ranks[AVQA_TOGETHER_MAX]; /* of the objects of one video */
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint32_t place = s->list[i];
        if (place != AVQA_INTERN_NONE) {
            if (s->ranks[place] != AVQA_INTERN_NONE)
                ranks[n++] = s->ranks[place];
            continue;
        }
        for (size_t x = 0; x < n; x++) {
            for (size_t y = 0; y < n; y++)
                out->counts[ranks[x] * out->n + ranks[y]]++;
        }
        n = 0;
    }
}

enum avqa_status avqa_count_together(const struct avqa_audit *a,
                                     struct avqa_together *together)
{
    const struct avqa_domain *objects = avqa_objects_domain(a->t->templates);
    struct naming s;
    *together = (struct avqa_together){0};
    if (!objects)
        return AVQA_OK;
    enum avqa_status rc = naming_init(&s, a, objects);
    if (rc == AVQA_OK)
        rc = name_all(&s);
    if (rc == AVQA_OK)
        rc = choose(&s, together);
    if (rc == AVQA_OK)
        count_pairs(&s, together);
    naming_release(&s);
    return rc;
}

void avqa_together_release(struct avqa_together *together)
{
    free(together->objects);
    free(together->counts);
    *together = (struct avqa_together){0};
}

/* ---- report ---------------------------------------------------------------------- */

static void templates_json(const struct avqa_audit *a, struct avqa_json *out)
{
    struct avqa_template_count *counts = avqa_count_templates(a);
    struct avqa_json *by_template = avqa_json_put_object(out, "by_template");
    int64_t real = 0;
    int64_t synthetic = 0;
    for (size_t i = 0; i < a->t->templates->n; i++) {
        int64_t n = (int64_t)counts[i].real + counts[i].synthetic;
        if (n)
            avqa_json_put_int(by_template, a->t->templates->items[i].code, n);
        real += counts[i].real;
        synthetic += counts[i].synthetic;
    }
    free(counts);
    const struct avqa_tally *types = &a->tallies[AVQA_GROUP_TYPE];
    struct avqa_json *by_type = avqa_json_put_object(out, "by_type");
    uint64_t n;
    for (size_t i = 0; i < types->n;) {
        const char *label = a->t->templates->items[types->cells[i].group].label;
        i = avqa_tally_group_end(types, i, &n);
        avqa_json_put_int(by_type, label, (int64_t)n);
    }
    struct avqa_json *by_origin = avqa_json_put_object(out, "by_origin");
    avqa_json_put_int(by_origin, "real", real);
    avqa_json_put_int(by_origin, "synthetic", synthetic);
}

static void answers_json(const struct avqa_audit *a, struct avqa_json *out)
{
    const struct avqa_tally *all = &a->tallies[AVQA_GROUP_ALL];
    struct avqa_json *by_answer = avqa_json_put_object(out, "by_answer");
    for (size_t i = 0; i < all->n; i++)
        avqa_json_put_int(by_answer, avqa_audit_answer(a->t, all->cells[i].answer),
                          all->cells[i].n);
}

static enum avqa_status per_clip_json(const struct avqa_audit *a, struct avqa_json *out)
{
    size_t *histogram = NULL;
    size_t cap = 0;
    size_t most = 0;
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < a->on.to - a->on.from;) {
        size_t end = video_end(a, i);
        most = end - i > most ? end - i : most;
        rc = avqa_mem_grow(&histogram, &cap, end - i + 1, sizeof *histogram);
        if (rc == AVQA_OK)
            histogram[end - i]++;
        i = end;
    }
    struct avqa_json *per_clip = avqa_json_put_object(out, "questions_per_clip");
    for (size_t n = 1; rc == AVQA_OK && n <= most; n++) {
        char key[24];
        snprintf(key, sizeof key, "%zu", n);
        if (histogram[n])
            avqa_json_put_int(per_clip, key, (int64_t)histogram[n]);
    }
    free(histogram);
    return rc;
}

enum avqa_status avqa_check_counts(const struct avqa_audit *a,
                                   struct avqa_check_out *out)
{
    struct avqa_json *json = out->json = avqa_json_new_object();
    avqa_json_put_int(json, "questions", (int64_t)(a->on.to - a->on.from));
    avqa_json_put_int(json, "clips", (int64_t)avqa_count_videos(a));
    templates_json(a, json);
    answers_json(a, json);
    enum avqa_status rc = per_clip_json(a, json);
    if (rc == AVQA_OK)
        rc = avqa_words_json(a, json);
    if (rc == AVQA_OK)
        rc = slots_json(a, avqa_json_put_object(json, "slots"));
    if (a->t->n_deleted)
        avqa_finding_add(
            &out->findings, "counts", AVQA_NOTE,
            "%zu row%s marked as deleted (question_deleted) and left out of everything",
            a->t->n_deleted, a->t->n_deleted == 1 ? " is" : "s are");
    return rc;
}
