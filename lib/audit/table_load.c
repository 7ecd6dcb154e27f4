/* Loading a table (table.h). Phrases, clips and templates have dense ids in the
 * catalog; arrays translate them into the table's own numbers, each string once. */
#include "audit/table.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "catalog/clip.h"
#include "catalog/facts.h"
#include "catalog/phrase.h"
#include "catalog/question.h"
#include "catalog/run.h"
#include "catalog/template.h"
#include "qa/template_load.h"

#include <stdlib.h>
#include <string.h>

/* Catalog ids to the table's numbers; NONE where not met yet. */
struct id_map {
    uint32_t *ids;
    size_t n, cap;
};

struct loader {
    struct avqa_audit_table *table;
    const char **texts; /* phrases by id */
    size_t n_texts;
    struct id_map answers, question_texts, slots, extras; /* by phrase id */
    struct id_map clips, templates, splits;               /* by their own id */
    struct avqa_intern types;                             /* labels that rows state */
    struct avqa_kin_step *steps;                          /* from video to parent */
    size_t n_steps, cap_steps;
    struct avqa_arena scratch;
};

#define NO_TYPE (AVQA_INTERN_NONE - 1)

static enum avqa_status map_set(struct id_map *map, int64_t id, uint32_t to)
{
    enum avqa_status rc =
        avqa_mem_grow(&map->ids, &map->cap, (size_t)id + 1, sizeof *map->ids);
    if (rc != AVQA_OK)
        return rc;
    while (map->n <= (size_t)id)
        map->ids[map->n++] = AVQA_INTERN_NONE;
    map->ids[id] = to;
    return AVQA_OK;
}

static uint32_t map_get(const struct id_map *map, int64_t id)
{
    return id >= 0 && (size_t)id < map->n ? map->ids[id] : AVQA_INTERN_NONE;
}

static uint32_t intern(struct avqa_intern *in, const char *text)
{
    return avqa_intern_add(in, text, strlen(text), NULL);
}

/* ---- what the rows refer to ------------------------------------------------------ */

static enum avqa_status add_clip(void *user, const struct avqa_clip *clip)
{
    struct loader *l = user;
    struct avqa_audit_table *t = l->table;
    enum avqa_status rc =
        avqa_mem_grow(&t->clips, &t->cap_clips, t->n_clips + 1, sizeof *t->clips);
    if (rc != AVQA_OK)
        return rc;
    t->clips[t->n_clips] = (struct avqa_audit_clip){
        .id = clip->id,
        .video = intern(&t->videos, clip->picture),
        .sound = intern(&t->videos, clip->sound),
        .synthetic = clip->synthetic,
        .flip = clip->method && strcmp(clip->method, "flip") == 0,
        .parent = clip->parent ? intern(&t->videos, clip->parent) : AVQA_INTERN_NONE,
        .source = clip->source_id,
        .start_us = clip->start_us,
        .duration_us = clip->duration_us};
    return map_set(&l->clips, clip->id, (uint32_t)t->n_clips++);
}

/* They come in order of their source. */
static enum avqa_status add_measure(void *user, const struct avqa_measure *m)
{
    struct avqa_audit_table *t = user;
    enum avqa_status rc = avqa_mem_grow(&t->measures, &t->cap_measures,
                                        t->n_measures + 1, sizeof *t->measures);
    if (rc != AVQA_OK)
        return rc;
    t->measures[t->n_measures++] = (struct avqa_audit_measure){
        .source = m->source_id,
        .picture_us = m->picture_us,
        .sound_us = m->sound_us,
        .outcome = avqa_arena_strdup(&t->arena, m->outcome),
        .picture = avqa_arena_strdup(&t->arena, m->picture),
        .sound = avqa_arena_strdup(&t->arena, m->sound),
        .sha256 = avqa_arena_strdup(&t->arena, m->sha256),
        .picture_print = avqa_arena_strdup(&t->arena, m->picture_print),
        .sound_print = avqa_arena_strdup(&t->arena, m->sound_print)};
    return AVQA_OK;
}

static enum avqa_status add_parent(void *user, int64_t clip_id, const char *parent)
{
    struct loader *l = user;
    uint32_t clip = map_get(&l->clips, clip_id);
    if (clip == AVQA_INTERN_NONE)
        return AVQA_OK;
    enum avqa_status rc =
        avqa_mem_grow(&l->steps, &l->cap_steps, l->n_steps + 1, sizeof *l->steps);
    if (rc == AVQA_OK)
        l->steps[l->n_steps++] = (struct avqa_kin_step){
            l->table->clips[clip].video, intern(&l->table->videos, parent)};
    return rc;
}

/* The facts of a clip, kept by the table's arena. */
static enum avqa_status add_facts(void *user, int64_t clip_id, const char *facts)
{
    struct loader *l = user;
    struct avqa_audit_table *t = l->table;
    uint32_t clip = map_get(&l->clips, clip_id);
    struct avqa_json *json;
    struct avqa_scene *scene;
    if (clip == AVQA_INTERN_NONE)
        return avqa_fail(AVQA_EFORMAT, "the catalog is damaged: facts without a clip");
    if (!t->scenes)
        t->scenes = calloc(t->n_clips + 1, sizeof *t->scenes);
    if (!t->scenes)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu clips", t->n_clips);
    enum avqa_status rc = avqa_json_parse(&json, facts, strlen(facts));
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_scene_read(&scene, &t->arena, json);
    avqa_json_free(json);
    if (rc == AVQA_OK)
        t->scenes[clip] = scene;
    return rc;
}

static enum avqa_status add_split(void *user, int64_t id, const char *name)
{
    struct loader *l = user;
    struct avqa_audit_table *t = l->table;
    enum avqa_status rc =
        avqa_mem_grow(&t->splits, &t->cap_splits, t->n_splits + 1, sizeof *t->splits);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&t->split_ranges, &t->cap_ranges, t->n_splits + 1,
                           sizeof *t->split_ranges);
    if (rc == AVQA_OK && t->n_splits >= UINT16_MAX)
        rc = avqa_fail(AVQA_EINVAL, "more splits than an audit can take");
    if (rc != AVQA_OK)
        return rc;
    t->splits[t->n_splits] = avqa_arena_strdup(&t->arena, name);
    return map_set(&l->splits, id, (uint32_t)t->n_splits++);
}

static enum avqa_status add_template(void *user, int64_t id, const char *code)
{
    struct loader *l = user;
    size_t i = avqa_templates_find(l->table->templates, code);
    return i == AVQA_TEMPLATE_NONE ? AVQA_OK : map_set(&l->templates, id, (uint32_t)i);
}

static enum avqa_status load_templates(struct loader *l, struct avqa_catalog *cat)
{
    enum avqa_status rc = avqa_templates_load(&l->table->templates, cat);
    if (rc == AVQA_OK && !l->table->templates)
        rc = avqa_fail(AVQA_ENOENT, "there are no questions yet; import some first");
    return rc == AVQA_OK ? avqa_template_codes(cat, add_template, l) : rc;
}

/* ---- rows ------------------------------------------------------------------------ */

static enum avqa_status add_slots(struct loader *l, int64_t phrase, uint32_t *id)
{
    struct avqa_audit_table *t = l->table;
    struct avqa_json *list;
    const char *text = l->texts[phrase];
    *id = intern(&t->slots_texts, text);
    enum avqa_status rc =
        avqa_mem_grow(&t->slots, &t->cap_slots, (size_t)*id + 1, sizeof *t->slots);
    if (rc == AVQA_OK)
        rc = avqa_json_parse(&list, text, strlen(text));
    if (rc != AVQA_OK)
        return rc;
    struct avqa_audit_slots *slots = &t->slots[*id];
    slots->n = 0;
    for (const struct avqa_json *v = avqa_json_first(list);
         v && slots->n < AVQA_TEMPLATE_MAX_SLOTS; v = avqa_json_next(v))
        slots->values[slots->n++] =
            intern(&t->words, avqa_json_string(v) ? avqa_json_string(v) : "");
    avqa_json_free(list);
    return map_set(&l->slots, phrase, *id);
}

static enum avqa_status check_phrase(const struct loader *l, int64_t id)
{
    if (id > 0 && (size_t)id < l->n_texts && l->texts[id])
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "the catalog lacks text %lld", (long long)id);
}

/* The number of a phrase in one of the table's lists, interned when first met. */
static enum avqa_status phrase_number(struct loader *l, struct id_map *map,
                                      struct avqa_intern *in, int64_t id, uint32_t *out)
{
    *out = map_get(map, id);
    if (*out != AVQA_INTERN_NONE)
        return AVQA_OK;
    enum avqa_status rc = check_phrase(l, id);
    if (rc != AVQA_OK)
        return rc;
    *out = intern(in, l->texts[id]);
    return map_set(map, id, *out);
}

static enum avqa_status slots_number(struct loader *l, int64_t id, uint32_t *out)
{
    *out = map_get(&l->slots, id);
    if (*out != AVQA_INTERN_NONE)
        return AVQA_OK;
    enum avqa_status rc = check_phrase(l, id);
    return rc == AVQA_OK ? add_slots(l, id, out) : rc;
}

/* A type as a label, "Audio/Counting"; the importer saw to it that it is two words. */
static enum avqa_status label_of(struct loader *l, const struct avqa_json *type,
                                 uint32_t *label)
{
    struct avqa_json *parsed = NULL;
    struct avqa_buf text = AVQA_BUF_INIT;
    const char *json = avqa_json_string(type);
    if (json) {
        enum avqa_status rc = avqa_json_parse(&parsed, json, strlen(json));
        if (rc != AVQA_OK)
            return rc;
        type = parsed;
    }
    const char *modality = avqa_json_string(avqa_json_first(type));
    const char *kind = avqa_json_string(avqa_json_next(avqa_json_first(type)));
    avqa_buf_addf(&text, "%s/%s", modality ? modality : "", kind ? kind : "");
    *label = intern(&l->types, avqa_buf_str(&text));
    avqa_buf_release(&text);
    avqa_json_free(parsed);
    return AVQA_OK;
}

/* The type that the keys kept beside a row state (see import_music_avqa.c), or NO_TYPE.
 */
static enum avqa_status stated_type(struct loader *l, int64_t id, uint32_t *label)
{
    struct avqa_json *extra;
    *label = id ? map_get(&l->extras, id) : NO_TYPE;
    if (*label != AVQA_INTERN_NONE)
        return AVQA_OK;
    enum avqa_status rc = check_phrase(l, id);
    if (rc == AVQA_OK)
        rc = avqa_json_parse(&extra, l->texts[id], strlen(l->texts[id]));
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_json *type = avqa_json_get(extra, "type");
    *label = NO_TYPE;
    if (type)
        rc = label_of(l, type, label);
    avqa_json_free(extra);
    return rc == AVQA_OK ? map_set(&l->extras, id, *label) : rc;
}

/* Another template file of the same name may have come since the import. */
static enum avqa_status check_slots(const struct avqa_audit_table *t,
                                    const struct avqa_audit_row *r)
{
    size_t n = t->slots[r->slots].n;
    const struct avqa_template *template = avqa_audit_template(t, r);
    if (n == template->n_slots)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT,
                     "row %u: it has %zu slot value%s, its template %s now has %zu; "
                     "import that file again",
                     r->line, n, avqa_text_plural((int64_t)n), template->code,
                     template->n_slots);
}

static enum avqa_status add_row(struct avqa_audit_table *t,
                                const struct avqa_audit_row *r,
                                const struct avqa_question *q)
{
    enum avqa_status rc =
        avqa_mem_grow(&t->rows, &t->cap_rows, t->n_rows + 1, sizeof *t->rows);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&t->numbers, &t->cap_numbers, t->n_rows + 1,
                           sizeof *t->numbers);
    if (rc == AVQA_OK)
        rc = avqa_mem_grow(&t->ids, &t->cap_ids, t->n_rows + 1, sizeof *t->ids);
    if (rc == AVQA_OK && t->n_rows >= UINT32_MAX)
        rc = avqa_fail(AVQA_EINVAL, "more questions than an audit can take");
    if (rc != AVQA_OK)
        return rc;
    t->rows[t->n_rows] = *r;
    t->ids[t->n_rows] = q->id;
    t->numbers[t->n_rows++] = q->has_number ? q->number : AVQA_AUDIT_NO_NUMBER;
    return AVQA_OK;
}

static enum avqa_status add_question(void *user, const struct avqa_question *q)
{
    struct loader *l = user;
    struct avqa_audit_table *t = l->table;
    struct avqa_audit_row r = {.clip = map_get(&l->clips, q->clip_id),
                               .line = (uint32_t)q->row,
                               .split = (uint16_t)map_get(&l->splits, q->split_id)};
    uint32_t template = map_get(&l->templates, q->template_id);
    uint32_t type = NO_TYPE;
    if (q->deleted) {
        t->n_deleted++;
        return AVQA_OK;
    }
    if (r.clip == AVQA_INTERN_NONE ||
        map_get(&l->splits, q->split_id) == AVQA_INTERN_NONE)
        return avqa_fail(AVQA_EFORMAT,
                         "the catalog is damaged: row %lld has no clip or "
                         "split",
                         (long long)q->row);
    if (template == AVQA_INTERN_NONE)
        return avqa_fail(AVQA_EFORMAT,
                         "row %lld: its template is not in the stored "
                         "template file; import that file again with --templates",
                         (long long)q->row);
    r.template = (uint16_t) template;
    enum avqa_status rc =
        phrase_number(l, &l->answers, &t->answers, q->answer_id, &r.answer);
    if (rc == AVQA_OK)
        rc = phrase_number(l, &l->question_texts, &t->texts, q->text_id, &r.text);
    if (rc == AVQA_OK)
        rc = slots_number(l, q->slots_id, &r.slots);
    if (rc == AVQA_OK)
        rc = check_slots(t, &r);
    if (rc == AVQA_OK)
        rc = stated_type(l, q->extra_id, &type);
    if (rc == AVQA_OK && type != NO_TYPE)
        r.odd_type = strcmp(avqa_intern_text(&l->types, type),
                            avqa_audit_template(t, &r)->label) != 0;
    return rc == AVQA_OK ? add_row(t, &r, q) : rc;
}

/* Groups the rows by split, keeping their order: a counting sort. */
static enum avqa_status group_by_split(struct avqa_audit_table *t)
{
    struct avqa_audit_row *rows = calloc(t->n_rows + 1, sizeof *rows);
    int64_t *numbers = calloc(t->n_rows + 1, sizeof *numbers);
    int64_t *ids = calloc(t->n_rows + 1, sizeof *ids);
    if (!rows || !numbers || !ids) {
        free(rows);
        free(numbers);
        free(ids);
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu rows", t->n_rows);
    }
    for (size_t i = 0; i < t->n_rows; i++)
        t->split_ranges[t->rows[i].split].to++;
    size_t at = 0;
    for (size_t s = 0; s < t->n_splits; s++) {
        size_t n = t->split_ranges[s].to;
        t->split_ranges[s] = (struct avqa_audit_range){at, at};
        at += n;
    }
    for (size_t i = 0; i < t->n_rows; i++) {
        size_t to = t->split_ranges[t->rows[i].split].to++;
        rows[to] = t->rows[i];
        numbers[to] = t->numbers[i];
        ids[to] = t->ids[i];
    }
    free(t->rows);
    free(t->numbers);
    free(t->ids);
    t->rows = rows;
    t->numbers = numbers;
    t->ids = ids;
    return AVQA_OK;
}

struct ranked {
    const char *text;
    uint32_t id;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct ranked *)a)->text, ((const struct ranked *)b)->text);
}

static enum avqa_status rank_answers(struct avqa_audit_table *t)
{
    struct ranked *r;
    enum avqa_status rc = avqa_mem_array(&r, t->answers.n, sizeof *r);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&t->answer_rank, t->answers.n, sizeof *t->answer_rank);
    if (rc != AVQA_OK)
        goto out;
    for (uint32_t a = 0; a < t->answers.n; a++)
        r[a] = (struct ranked){avqa_intern_text(&t->answers, a), a};
    qsort(r, t->answers.n, sizeof *r, by_text);
    for (uint32_t i = 0; i < t->answers.n; i++)
        t->answer_rank[r[i].id] = i;
out:
    free(r);
    return rc;
}

static void loader_release(struct loader *l)
{
    struct id_map *const maps[] = {&l->answers, &l->question_texts, &l->slots,
                                   &l->extras,  &l->clips,          &l->templates,
                                   &l->splits};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        free(maps[i]->ids);
    free(l->texts);
    free(l->steps);
    avqa_intern_release(&l->types);
    avqa_arena_release(&l->scratch);
}

static enum avqa_status load_margins(struct avqa_margins *out, struct avqa_catalog *cat)
{
    struct avqa_json *options = NULL;
    char *text;
    enum avqa_status rc = avqa_run_last_options(&text, cat, "generate");
    if (rc == AVQA_OK && text)
        rc = avqa_json_parse(&options, text, strlen(text));
    *out = avqa_margins_get(options);
    avqa_json_free(options);
    free(text);
    return rc;
}

enum avqa_status avqa_audit_table_load(struct avqa_audit_table *table,
                                       struct avqa_catalog *cat)
{
    struct loader l = {.table = table};
    enum avqa_status rc = load_templates(&l, cat);
    if (rc == AVQA_OK)
        rc = avqa_phrases_load(cat, &l.scratch, &l.texts, &l.n_texts);
    if (rc == AVQA_OK)
        rc = avqa_clip_each(cat, add_clip, &l);
    if (rc == AVQA_OK)
        rc = avqa_clip_parent_each(cat, add_parent, &l);
    if (rc == AVQA_OK)
        rc = avqa_facts_text_each(cat, add_facts, &l);
    if (rc == AVQA_OK)
        rc = load_margins(&table->margins, cat);
    if (rc == AVQA_OK)
        rc = avqa_measure_each(cat, add_measure, table);
    if (rc == AVQA_OK)
        rc = avqa_split_each(cat, add_split, &l);
    if (rc == AVQA_OK)
        rc = avqa_question_each(cat, 0, add_question, &l);
    if (rc == AVQA_OK)
        rc = group_by_split(table);
    if (rc == AVQA_OK)
        rc = avqa_kin_find(&table->kin, l.steps, l.n_steps, table->videos.n);
    if (rc == AVQA_OK)
        rc = rank_answers(table);
    loader_release(&l);
    return rc;
}
