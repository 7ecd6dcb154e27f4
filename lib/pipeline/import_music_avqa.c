/* Annotation files as MUSIC-AVQA published them: one object a row, the answer under
 * "anser", type and templ_values as JSON inside strings (or, in v2, as lists),
 * sometimes without question_id, sometimes with a sound track of another video
 * (unmatch_audio).
 *
 * Everything is kept: what has no column goes into the row's extra keys, and its shape
 * (which keys, in which order, list or string) is stored, so that an export gives the
 * row back. Nothing is repaired. */
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

enum { CACHE_MAX = 1 << 16, KEYS_MAX = 256, KEY_MAX_BYTES = 200, SHOWN_BYTES = 200 };

/* A templ_values value met before. */
struct slots_seen {
    int64_t id; /* phrase */
    size_t n;
    bool canonical; /* the string was as we would write it */
};

struct importer {
    const struct avqa_import_config *config;
    struct avqa_import_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_templates *templates;
    struct avqa_arena arena;
    int64_t *template_ids;   /* by template number */
    const char **type_texts; /* '["Audio", "Counting"]', by template number */
    struct avqa_phrases *phrases;
    struct avqa_clip_store *clips;
    struct avqa_question_store *questions;
    struct avqa_intern texts; /* question_content met before */
    size_t *text_templates;   /* its template, by id in texts */
    size_t text_cap;
    struct avqa_intern slots; /* templ_values strings met before */
    struct slots_seen *slots_seen;
    size_t slots_cap;
    struct avqa_buf shape, canonical, extra_text;
    int64_t split_id, run_id;
    int64_t last_row; /* of the split, before this file: a row has one name */
};

/* The members of one row, as found. */
struct row {
    const struct avqa_json *video, *sound, *number, *type, *text, *slots, *answer;
    const struct avqa_json *deleted;
    struct avqa_json *extra; /* keys without a column; NULL if none */
};

/* ---- names ----------------------------------------------------------------------- */

static enum avqa_status check_name(const struct avqa_json *node, const char *key)
{
    if (node && !avqa_json_string(node))
        return avqa_fail(AVQA_EFORMAT, "'%s' is %s, not a string", key,
                         avqa_json_type_name(node));
    return avqa_import_check_name(avqa_json_string(node), key);
}

static enum avqa_status put_clip(struct importer *im, const struct row *row,
                                 int64_t *id)
{
    return avqa_import_clip(im->clips, avqa_json_string(row->video),
                            avqa_json_string(row->sound), im->counts, id);
}

/* ---- one row --------------------------------------------------------------------- */

static void add_extra(struct row *row, const char *key, const struct avqa_json *node)
{
    row->extra = row->extra ? row->extra : avqa_json_new_object();
    avqa_json_put_copy(row->extra, key, node);
}

/* A key of the row as the shape writes it: a list is marked, "templ_values[]". */
static void add_to_shape(struct avqa_buf *shape, const char *key, bool list)
{
    avqa_buf_adds(shape, shape->len ? ", " : "[");
    if (list)
        avqa_buf_addf(shape, "\"%s[]\"", key); /* one of ours, nothing to escape */
    else
        avqa_json_quote(shape, key, false);
}

/* Finds the row's members and writes its shape. question_deleted is 0 in all that was
 * published; only another value is worth keeping. */
static enum avqa_status collect(struct importer *im, const struct avqa_json *object,
                                struct row *row)
{
    const struct {
        const char *key;
        const struct avqa_json **target;
    } known[] = {{"video_id", &row->video},     {"question_id", &row->number},
                 {"type", &row->type},          {"question_content", &row->text},
                 {"templ_values", &row->slots}, {"question_deleted", &row->deleted},
                 {"anser", &row->answer},       {"answer", &row->answer},
                 {"unmatch_audio", &row->sound}};
    avqa_buf_clear(&im->shape);
    if (avqa_json_count(object) > KEYS_MAX)
        return avqa_fail(AVQA_EFORMAT, "more than %d keys", KEYS_MAX);
    for (const struct avqa_json *m = avqa_json_first(object); m;
         m = avqa_json_next(m)) {
        const char *key = avqa_json_key(m);
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(known[k].key, key))
            k++;
        bool named = k < sizeof known / sizeof *known;
        if (strlen(key) > KEY_MAX_BYTES)
            return avqa_fail(AVQA_EFORMAT, "a key is longer than %d bytes",
                             KEY_MAX_BYTES);
        if ((named && *known[k].target) || avqa_json_get(object, key) != m)
            return avqa_fail(AVQA_EFORMAT, "'%s' stands twice", key);
        if (named)
            *known[k].target = m;
        else
            add_extra(row, key, m);
        add_to_shape(&im->shape, key, named && avqa_json_type(m) == AVQA_JSON_ARRAY);
    }
    avqa_buf_addc(&im->shape, ']');
    return AVQA_OK;
}

/* Says which text no template has, as much of it as a line of message has room for. */
static enum avqa_status fail_text(const char *templates, const char *text)
{
    size_t len = strlen(text);
    size_t n = len < SHOWN_BYTES ? len : SHOWN_BYTES;
    while (n < len && n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* not inside a character */
    return avqa_fail(AVQA_EFORMAT, "no template of '%s' has the text \"%.*s%s\"",
                     templates, (int)n, text, n < len ? "..." : "");
}

/* The template that a row names beside a text of no template, as an export of questions
 * in other words does; none if the text has not its markers. */
static size_t named_template(const struct importer *im, const struct row *row,
                             const char *text)
{
    const char *code = avqa_json_string(avqa_json_get(row->extra, "template"));
    size_t t = code ? avqa_templates_find(im->templates, code) : AVQA_TEMPLATE_NONE;
    bool fits = t != AVQA_TEMPLATE_NONE &&
                avqa_template_check_text(&im->templates->items[t], text) == AVQA_OK;
    return fits ? t : AVQA_TEMPLATE_NONE;
}

static enum avqa_status match_template(struct importer *im, const struct row *row,
                                       size_t *template)
{
    bool is_new;
    const char *text = avqa_json_string(row->text);
    if (!text)
        return avqa_fail(AVQA_EFORMAT, "'question_content' is %s, not a string",
                         avqa_json_type_name(row->text));
    if (im->texts.n >= CACHE_MAX)
        avqa_intern_clear(&im->texts);
    uint32_t id = avqa_intern_add(&im->texts, text, strlen(text), &is_new);
    enum avqa_status rc = avqa_mem_grow(&im->text_templates, &im->text_cap,
                                        (size_t)id + 1, sizeof *im->text_templates);
    if (rc != AVQA_OK)
        return rc;
    if (is_new)
        im->text_templates[id] = avqa_templates_match(im->templates, text);
    *template = im->text_templates[id];
    if (*template == AVQA_TEMPLATE_NONE)
        *template = named_template(im, row, text);
    return *template == AVQA_TEMPLATE_NONE ? fail_text(im->templates->name, text)
                                           : AVQA_OK;
}

/* Parses a list of words and stores it in the catalog's own writing. */
static enum avqa_status store_slots(struct importer *im, const struct avqa_json *list,
                                    struct slots_seen *seen)
{
    if (!list || avqa_json_type(list) != AVQA_JSON_ARRAY)
        return avqa_fail(AVQA_EFORMAT, "'templ_values' is %s, not a list",
                         avqa_json_type_name(list));
    const struct avqa_json *v = avqa_json_first(list);
    for (; v; v = avqa_json_next(v)) {
        if (!avqa_json_string(v))
            return avqa_fail(AVQA_EFORMAT, "'templ_values' holds %s, not only strings",
                             avqa_json_type_name(v));
    }
    seen->n = avqa_json_count(list);
    avqa_buf_clear(&im->canonical);
    avqa_json_print(&im->canonical, list, 0);
    return avqa_phrases_id(im->phrases, avqa_buf_str(&im->canonical), &seen->id);
}

static enum avqa_status slots_of_string(struct importer *im, const char *text,
                                        struct slots_seen *seen)
{
    size_t len = strlen(text);
    uint32_t known = avqa_intern_find(&im->slots, text, len);
    if (known != AVQA_INTERN_NONE) {
        *seen = im->slots_seen[known];
        return AVQA_OK;
    }
    struct avqa_json *list;
    enum avqa_status rc = avqa_json_parse(&list, text, len);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "'templ_values'");
    rc = store_slots(im, list, seen);
    avqa_json_free(list);
    if (rc != AVQA_OK)
        return rc;
    seen->canonical = strcmp(avqa_buf_str(&im->canonical), text) == 0;
    if (im->slots.n >= CACHE_MAX)
        avqa_intern_clear(&im->slots);
    uint32_t id = avqa_intern_add(&im->slots, text, len, NULL);
    rc = avqa_mem_grow(&im->slots_seen, &im->slots_cap, (size_t)id + 1,
                       sizeof *im->slots_seen);
    if (rc == AVQA_OK)
        im->slots_seen[id] = *seen;
    return rc;
}

static enum avqa_status read_slots(struct importer *im, struct row *row,
                                   const struct avqa_template *t, int64_t *slots_id)
{
    struct slots_seen seen = {.canonical = true};
    const char *text = avqa_json_string(row->slots);
    enum avqa_status rc =
        text ? slots_of_string(im, text, &seen) : store_slots(im, row->slots, &seen);
    if (rc != AVQA_OK)
        return rc;
    if (seen.n != t->n_slots)
        return avqa_fail(AVQA_EFORMAT,
                         "'templ_values' has %zu value%s, template %s has %zu", seen.n,
                         avqa_text_plural((int64_t)seen.n), t->code, t->n_slots);
    if (!seen.canonical)
        add_extra(row, "templ_values", row->slots);
    *slots_id = seen.id;
    return AVQA_OK;
}

/* The stated type must be two words; one that is not the template's is kept as stated,
 * for the audit to tell. */
static enum avqa_status read_type(struct row *row, const char *expected)
{
    const char *text = avqa_json_string(row->type);
    struct avqa_json *parsed = NULL;
    const struct avqa_json *list = row->type;
    struct avqa_buf printed = AVQA_BUF_INIT;
    if (!row->type || (text && strcmp(text, expected) == 0))
        return AVQA_OK;
    if (text) {
        enum avqa_status rc = avqa_json_parse(&parsed, text, strlen(text));
        if (rc != AVQA_OK)
            return avqa_fail_in(rc, "'type'");
        list = parsed;
    }
    bool two = avqa_json_type(list) == AVQA_JSON_ARRAY && avqa_json_count(list) == 2 &&
               avqa_json_string(avqa_json_first(list)) &&
               avqa_json_string(avqa_json_next(avqa_json_first(list)));
    if (two)
        avqa_json_print(&printed, list, 0);
    if (two && (text || strcmp(avqa_buf_str(&printed), expected) != 0))
        add_extra(row, "type", row->type);
    avqa_buf_release(&printed);
    avqa_json_free(parsed);
    return two ? AVQA_OK : avqa_fail(AVQA_EFORMAT, "'type' is not a list of two words");
}

static enum avqa_status read_numbers(struct row *row, struct avqa_question *q)
{
    int64_t deleted = 0;
    if (row->number && !avqa_json_int(row->number, &q->number))
        return avqa_fail(AVQA_EFORMAT, "'question_id' is %s, not a whole number",
                         avqa_json_type_name(row->number));
    q->has_number = row->number != NULL;
    if (row->deleted && !avqa_json_int(row->deleted, &deleted))
        return avqa_fail(AVQA_EFORMAT, "'question_deleted' is %s, not 0 or 1",
                         avqa_json_type_name(row->deleted));
    q->deleted = deleted != 0;
    if (deleted)
        add_extra(row, "question_deleted", row->deleted);
    return AVQA_OK;
}

/* Fills in the ids of the row's texts. */
static enum avqa_status store_texts(struct importer *im, const struct row *row,
                                    struct avqa_question *q)
{
    const char *answer = avqa_json_string(row->answer);
    if (!answer || !*answer)
        return avqa_fail(AVQA_EFORMAT, "'anser' is %s, not a word",
                         answer ? "empty" : avqa_json_type_name(row->answer));
    enum avqa_status rc = avqa_phrases_id(im->phrases, answer, &q->answer_id);
    if (rc == AVQA_OK)
        rc = avqa_phrases_id(im->phrases, avqa_json_string(row->text), &q->text_id);
    if (rc == AVQA_OK)
        rc = avqa_phrases_id(im->phrases, avqa_buf_str(&im->shape), &q->shape_id);
    if (rc == AVQA_OK && row->extra) {
        avqa_buf_clear(&im->extra_text);
        avqa_json_print(&im->extra_text, row->extra, 0);
        rc = avqa_phrases_id(im->phrases, avqa_buf_str(&im->extra_text), &q->extra_id);
    }
    return rc;
}

static enum avqa_status read_row(struct importer *im, const struct avqa_json *object,
                                 struct row *row, struct avqa_question *q)
{
    size_t t = 0;
    enum avqa_status rc = collect(im, object, row);
    if (rc == AVQA_OK)
        rc = check_name(row->video, "video_id");
    if (rc == AVQA_OK && row->sound)
        rc = check_name(row->sound, "unmatch_audio");
    if (rc == AVQA_OK)
        rc = read_numbers(row, q);
    if (rc == AVQA_OK)
        rc = match_template(im, row, &t);
    if (rc == AVQA_OK)
        rc = read_type(row, im->type_texts[t]);
    if (rc == AVQA_OK)
        rc = read_slots(im, row, &im->templates->items[t], &q->slots_id);
    if (rc == AVQA_OK)
        rc = store_texts(im, row, q);
    if (rc == AVQA_OK)
        q->template_id = im->template_ids[t];
    return rc;
}

/* An avqa_import_row_fn. */
static enum avqa_status import_row(void *user, const char *file, int64_t number,
                                   const struct avqa_json *object)
{
    struct importer *im = user;
    struct row row = {0};
    struct avqa_question q = {.split_id = im->split_id, .row = im->last_row + number};
    enum avqa_question_outcome outcome;
    enum avqa_status rc = read_row(im, object, &row, &q);
    (void)file;
    avqa_json_free(row.extra);
    if (rc == AVQA_OK)
        rc = put_clip(im, &row, &q.clip_id);
    if (rc == AVQA_OK)
        rc = avqa_question_put(im->questions, &q, &outcome);
    if (rc == AVQA_OK)
        avqa_import_count(im->counts, outcome);
    return rc;
}

/* ---- files ----------------------------------------------------------------------- */

static enum avqa_status import_file(struct importer *im, const char *file)
{
    const struct avqa_import_walk walk = {im->config, im->counts, im->cat,
                                          im->run_id, import_row, im};
    enum avqa_status rc = avqa_split_last_row(im->cat, im->split_id, &im->last_row);
    return rc == AVQA_OK ? avqa_import_rows(&walk, file) : rc;
}

/* ---- before and after ------------------------------------------------------------ */

/* The dataset's templates, or those of the file where it has none or they were asked
 * for. */
static enum avqa_status take_templates(struct importer *im)
{
    const char *path = im->config->templates;
    bool differ = false;
    if (!im->config->replace_templates)
        return avqa_template_set_use(&im->templates, &im->template_ids, &im->arena,
                                     im->cat, path);
    enum avqa_status rc = avqa_template_set_differs(&differ, im->cat, path);
    if (rc == AVQA_OK)
        rc = avqa_template_set_replace(&im->templates, &im->template_ids, &im->arena,
                                       im->cat, path);
    if (rc == AVQA_OK && differ)
        avqa_log_write(im->config->log, AVQA_LOG_WARNING,
                       "%s replaces this dataset's templates '%s', which were other "
                       "ones, for the questions that are there, too",
                       path, im->templates->name);
    return rc;
}

static void write_types(struct importer *im)
{
    const struct avqa_templates *t = im->templates;
    im->type_texts = avqa_arena_alloc(&im->arena, (t->n + 1) * sizeof *im->type_texts);
    for (size_t i = 0; i < t->n; i++) {
        struct avqa_json *type = avqa_json_new_array();
        avqa_json_put_string(type, NULL, t->items[i].modality);
        avqa_json_put_string(type, NULL, t->items[i].type);
        avqa_buf_clear(&im->canonical);
        avqa_json_print(&im->canonical, type, 0);
        avqa_json_free(type);
        im->type_texts[i] = avqa_arena_strdup(&im->arena, avqa_buf_str(&im->canonical));
    }
}

static enum avqa_status prepare(struct importer *im)
{
    enum avqa_status rc = take_templates(im);
    if (rc == AVQA_OK)
        write_types(im);
    if (rc == AVQA_OK)
        rc = avqa_split_ensure(im->cat, im->config->split, &im->split_id);
    if (rc == AVQA_OK && im->config->replace)
        rc = avqa_split_clear(im->cat, im->split_id);
    if (rc == AVQA_OK)
        rc = avqa_phrases_open(&im->phrases, im->cat);
    if (rc == AVQA_OK)
        rc = avqa_clip_store_open(&im->clips, im->cat, im->run_id);
    if (rc == AVQA_OK)
        rc =
            avqa_question_store_open(&im->questions, im->cat, im->run_id, im->split_id);
    return rc;
}

static void importer_release(struct importer *im)
{
    avqa_phrases_close(im->phrases);
    avqa_clip_store_close(im->clips);
    avqa_question_store_close(im->questions);
    avqa_templates_free(im->templates);
    avqa_intern_release(&im->texts);
    avqa_intern_release(&im->slots);
    free(im->text_templates);
    free(im->slots_seen);
    avqa_buf_release(&im->shape);
    avqa_buf_release(&im->canonical);
    avqa_buf_release(&im->extra_text);
    avqa_arena_release(&im->arena);
}

static enum avqa_status import_all(void *user, struct avqa_catalog *cat, int64_t run_id)
{
    struct importer *im = user;
    im->cat = cat;
    im->run_id = run_id;
    enum avqa_status rc = prepare(im);
    for (size_t i = 0; rc == AVQA_OK && i < im->config->n_files; i++)
        rc = import_file(im, im->config->files[i]);
    importer_release(
        im); /* its statements belong to the catalog, so before it closes */
    return rc;
}

enum avqa_status avqa_import_music_avqa(const struct avqa_import_config *config,
                                        struct avqa_import_counts *counts)
{
    struct importer im = {.config = config, .counts = counts};
    return avqa_import_run(config, counts, "import music-avqa", import_all, &im);
}
