/* Questions as avqa export jsonl writes them: each names its split and its template, so
 * a question that was asked in other words finds its template again, and what it came
 * with (evidence, what it entails, the version of its program, its neighbours) is kept.
 * An export of what was imported is the same file. */
#include "base/arena.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/text.h"
#include "catalog/clip.h"
#include "catalog/phrase.h"
#include "catalog/question.h"
#include "pipeline/import.h"
#include "pipeline/import_rows.h"
#include "pipeline/import_run.h"
#include "pipeline/template_set.h"
#include "qa/template.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SPLITS = 1000 };

static const char KEYS[] = "split row question_id video sound template modality type "
                           "text slots question answer evidence entails program "
                           "neighbours";

/* A split that the files name. */
struct target {
    struct avqa_question_store *store;
    int64_t id;
    int64_t before; /* its last row before this file */
};

struct importer {
    const struct avqa_import_config *config;
    struct avqa_import_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_templates *templates;
    struct avqa_arena arena;
    int64_t *template_ids;
    struct avqa_phrases *phrases;
    struct avqa_clip_store *clips;
    struct avqa_intern splits; /* names; ids are into targets */
    struct target *targets;
    size_t n_targets, cap_targets;
    struct avqa_buf text, evidence, entails;
    int64_t run_id;
};

/* ---- members --------------------------------------------------------------------- */

static enum avqa_status get_text(const struct avqa_json *row, const char *key,
                                 const char **out)
{
    *out = avqa_json_string(avqa_json_get(row, key));
    if (*out && **out)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT, "'%s' is missing, empty or no string", key);
}

/* What an object of the row says, as the catalog writes it; 0 if it is not there. */
static enum avqa_status put_object(struct importer *im, const struct avqa_json *row,
                                   const char *key, int64_t *id)
{
    const struct avqa_json *m = avqa_json_get(row, key);
    *id = 0;
    if (!m)
        return AVQA_OK;
    if (avqa_json_type(m) != AVQA_JSON_OBJECT)
        return avqa_fail(AVQA_EFORMAT, "'%s' is %s, not an object", key,
                         avqa_json_type_name(m));
    avqa_buf_clear(&im->text);
    avqa_json_print(&im->text, m, 0);
    return avqa_phrases_id(im->phrases, avqa_buf_str(&im->text), id);
}

/* A member as text into `room`; NULL if it is not there. */
static enum avqa_status print_member(const struct avqa_json *row, const char *key,
                                     enum avqa_json_type type, struct avqa_buf *room,
                                     const char **out)
{
    const struct avqa_json *m = avqa_json_get(row, key);
    *out = NULL;
    if (!m)
        return AVQA_OK;
    if (avqa_json_type(m) != type)
        return avqa_fail(AVQA_EFORMAT, "'%s' is %s", key, avqa_json_type_name(m));
    avqa_buf_clear(room);
    avqa_json_print(room, m, 0);
    *out = avqa_buf_str(room);
    return avqa_buf_status(room);
}

static enum avqa_status read_slots(struct importer *im, const struct avqa_json *row,
                                   const struct avqa_template *t, int64_t *id)
{
    const struct avqa_json *list = avqa_json_get(row, "slots");
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY)
        return avqa_fail(AVQA_EFORMAT, "'slots' is not a list");
    for (const struct avqa_json *v = avqa_json_first(list); v; v = avqa_json_next(v)) {
        if (!avqa_json_string(v))
            return avqa_fail(AVQA_EFORMAT, "'slots' holds %s, not only strings",
                             avqa_json_type_name(v));
    }
    if (avqa_json_count(list) != t->n_slots)
        return avqa_fail(AVQA_EFORMAT, "'slots' has %zu value%s, template %s has %zu",
                         avqa_json_count(list),
                         avqa_text_plural((int64_t)avqa_json_count(list)), t->code,
                         t->n_slots);
    avqa_buf_clear(&im->text);
    avqa_json_print(&im->text, list, 0);
    return avqa_phrases_id(im->phrases, avqa_buf_str(&im->text), id);
}

/* The template by its code; it must be of the type that the row says. */
static enum avqa_status read_template(const struct importer *im,
                                      const struct avqa_json *row, size_t *out)
{
    const char *code;
    const char *modality;
    const char *type;
    enum avqa_status rc = get_text(row, "template", &code);
    if (rc == AVQA_OK)
        rc = get_text(row, "modality", &modality);
    if (rc == AVQA_OK)
        rc = get_text(row, "type", &type);
    if (rc != AVQA_OK)
        return rc;
    *out = avqa_templates_find(im->templates, code);
    if (*out == AVQA_TEMPLATE_NONE)
        return avqa_fail(AVQA_EFORMAT, "'%s' has no template '%.80s'",
                         im->templates->name, code);
    const struct avqa_template *t = &im->templates->items[*out];
    if (strcmp(t->modality, modality) != 0 || strcmp(t->type, type) != 0)
        return avqa_fail(AVQA_EFORMAT, "template %s is %s, not %.80s/%.80s", t->code,
                         t->label, modality, type);
    return AVQA_OK;
}

static enum avqa_status read_words(struct importer *im, const struct avqa_json *row,
                                   struct avqa_question *q)
{
    size_t t = 0;
    const char *text;
    const char *answer;
    enum avqa_status rc = read_template(im, row, &t);
    if (rc == AVQA_OK)
        rc = get_text(row, "text", &text);
    if (rc == AVQA_OK)
        rc = avqa_template_check_text(&im->templates->items[t], text);
    if (rc == AVQA_OK)
        rc = get_text(row, "answer", &answer);
    if (rc == AVQA_OK)
        rc = read_slots(im, row, &im->templates->items[t], &q->slots_id);
    if (rc == AVQA_OK)
        rc = avqa_phrases_id(im->phrases, text, &q->text_id);
    if (rc == AVQA_OK)
        rc = avqa_phrases_id(im->phrases, answer, &q->answer_id);
    if (rc == AVQA_OK)
        q->template_id = im->template_ids[t];
    return rc;
}

/* What a generated question comes with. */
static enum avqa_status read_origin(struct importer *im, const struct avqa_json *row,
                                    struct avqa_question *q)
{
    const struct avqa_json *program = avqa_json_get(row, "program");
    enum avqa_status rc =
        print_member(row, "evidence", AVQA_JSON_OBJECT, &im->evidence, &q->evidence);
    if (rc == AVQA_OK)
        rc = print_member(row, "entails", AVQA_JSON_ARRAY, &im->entails, &q->entails);
    if (rc == AVQA_OK)
        rc = put_object(im, row, "neighbours", &q->neighbours_id);
    if (rc != AVQA_OK || !program)
        return rc;
    if (!avqa_json_string(program))
        return avqa_fail(AVQA_EFORMAT, "'program' is %s, not a string",
                         avqa_json_type_name(program));
    return avqa_phrases_id(im->phrases, avqa_json_string(program), &q->program_id);
}

static enum avqa_status read_numbers(const struct avqa_json *row,
                                     struct avqa_question *q)
{
    const struct avqa_json *number = avqa_json_get(row, "question_id");
    if (!avqa_json_int(avqa_json_get(row, "row"), &q->row) || q->row < 1)
        return avqa_fail(AVQA_EFORMAT, "'row' is not a number from 1 upwards");
    if (number && !avqa_json_int(number, &q->number))
        return avqa_fail(AVQA_EFORMAT, "'question_id' is %s, not a whole number",
                         avqa_json_type_name(number));
    q->has_number = number != NULL;
    return AVQA_OK;
}

/* ---- where it belongs ------------------------------------------------------------ */

static enum avqa_status add_split(struct importer *im, uint32_t i, const char *name)
{
    if (i >= MAX_SPLITS)
        return avqa_fail(AVQA_EINVAL, "more than %d splits", MAX_SPLITS);
    enum avqa_status rc = avqa_mem_grow(&im->targets, &im->cap_targets, (size_t)i + 1,
                                        sizeof *im->targets);
    if (rc != AVQA_OK)
        return rc;
    struct target *t = &im->targets[i];
    *t = (struct target){0};
    im->n_targets = (size_t)i + 1;
    rc = avqa_split_ensure(im->cat, name, &t->id);
    if (rc == AVQA_OK)
        rc = avqa_split_last_row(im->cat, t->id, &t->before);
    if (rc == AVQA_OK)
        rc = avqa_question_store_open(&t->store, im->cat, im->run_id, t->id);
    return rc;
}

static enum avqa_status find_split(struct importer *im, const struct avqa_json *row,
                                   struct target **out)
{
    const char *name;
    bool is_new;
    enum avqa_status rc = get_text(row, "split", &name);
    if (rc != AVQA_OK)
        return rc;
    uint32_t i = avqa_intern_add(&im->splits, name, strlen(name), &is_new);
    if (is_new)
        rc = add_split(im, i, name);
    if (rc == AVQA_OK)
        *out = &im->targets[i];
    return rc;
}

static enum avqa_status put_clip(struct importer *im, const struct avqa_json *row,
                                 int64_t *id)
{
    const char *picture;
    const char *sound = NULL;
    enum avqa_status rc = get_text(row, "video", &picture);
    if (rc == AVQA_OK)
        rc = avqa_import_check_name(picture, "video");
    if (rc == AVQA_OK && avqa_json_get(row, "sound"))
        rc = get_text(row, "sound", &sound);
    if (rc == AVQA_OK && sound)
        rc = avqa_import_check_name(sound, "sound");
    return rc == AVQA_OK ? avqa_import_clip(im->clips, picture, sound, im->counts, id)
                         : rc;
}

/* ---- rows and files -------------------------------------------------------------- */

static enum avqa_status import_row(struct importer *im, const struct avqa_json *row)
{
    struct avqa_question q = {0};
    struct target *target = NULL;
    enum avqa_question_outcome outcome;
    enum avqa_status rc = avqa_json_only(row, KEYS);
    if (rc == AVQA_OK)
        rc = read_numbers(row, &q);
    if (rc == AVQA_OK)
        rc = read_words(im, row, &q);
    if (rc == AVQA_OK)
        rc = read_origin(im, row, &q);
    if (rc == AVQA_OK)
        rc = find_split(im, row, &target);
    if (rc == AVQA_OK)
        rc = put_clip(im, row, &q.clip_id);
    if (rc != AVQA_OK)
        return rc;
    q.split_id = target->id;
    q.row += target->before;
    rc = avqa_question_put(target->store, &q, &outcome);
    if (rc == AVQA_OK)
        avqa_import_count(im->counts, outcome);
    return rc;
}

/* An avqa_import_row_fn. */
static enum avqa_status import_numbered(void *user, const char *file, int64_t number,
                                        const struct avqa_json *row)
{
    enum avqa_status rc = import_row(user, row);
    return rc == AVQA_EINVAL /* a split that cannot be */
               ? avqa_fail_in(rc, "%s: row %lld", file, (long long)number)
               : rc;
}

/* Rows of a further file of a split count on. */
static enum avqa_status import_file(struct importer *im, const char *file)
{
    const struct avqa_import_walk walk = {im->config, im->counts,      im->cat,
                                          im->run_id, import_numbered, im};
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < im->n_targets; i++)
        rc = avqa_split_last_row(im->cat, im->targets[i].id, &im->targets[i].before);
    return rc == AVQA_OK ? avqa_import_rows(&walk, file) : rc;
}

static void importer_release(struct importer *im)
{
    for (size_t i = 0; i < im->n_targets; i++)
        avqa_question_store_close(im->targets[i].store);
    free(im->targets);
    avqa_intern_release(&im->splits);
    avqa_phrases_close(im->phrases);
    avqa_clip_store_close(im->clips);
    avqa_templates_free(im->templates);
    avqa_arena_release(&im->arena);
    avqa_buf_release(&im->text);
    avqa_buf_release(&im->evidence);
    avqa_buf_release(&im->entails);
}

static enum avqa_status import_all(void *user, struct avqa_catalog *cat, int64_t run_id)
{
    struct importer *im = user;
    im->cat = cat;
    im->run_id = run_id;
    enum avqa_status rc = avqa_template_set_use(&im->templates, &im->template_ids,
                                                &im->arena, cat, im->config->templates);
    if (rc == AVQA_OK)
        rc = avqa_phrases_open(&im->phrases, cat);
    if (rc == AVQA_OK)
        rc = avqa_clip_store_open(&im->clips, cat, run_id);
    for (size_t i = 0; rc == AVQA_OK && i < im->config->n_files; i++)
        rc = import_file(im, im->config->files[i]);
    importer_release(im); /* its statements belong to the catalog */
    return rc;
}

enum avqa_status avqa_import_jsonl(const struct avqa_import_config *config,
                                   struct avqa_import_counts *counts)
{
    struct importer im = {.config = config, .counts = counts};
    return avqa_import_run(config, counts, "import jsonl", import_all, &im);
}
