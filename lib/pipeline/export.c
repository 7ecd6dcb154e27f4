/* Three ways to write a question, one to write facts. The published form is laid out as
 * Python's json.dump(indent=2) does, so that a file that was imported comes out the
 * same: keys, order, types and values; only white space may differ where the original's
 * did. */
#include "pipeline/export.h"
#include "base/arena.h"
#include "base/csv.h"
#include "base/intern.h"
#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "catalog/attempt.h"
#include "catalog/clip.h"
#include "catalog/facts.h"
#include "catalog/phrase.h"
#include "catalog/question.h"
#include "catalog/template.h"
#include "pipeline/dataset.h"
#include "qa/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct names {
    const char *picture, *sound;
};

struct exporter {
    const struct avqa_export_config *config;
    struct avqa_catalog *cat;
    struct avqa_arena arena;
    const char **texts; /* phrases by id */
    size_t n_texts;
    struct names *clips; /* by id */
    size_t n_clips, cap_clips;
    struct avqa_templates *templates;
    const struct avqa_template **by_id; /* templates by catalog id */
    size_t n_by_id, cap_by_id;
    const char **splits; /* names by id */
    size_t n_splits, cap_splits;
    struct avqa_out *out;
    struct avqa_buf line;
    int64_t rows;
};

/* ---- what the rows refer to ------------------------------------------------------ */

static enum avqa_status add_clip(void *user, const struct avqa_clip *clip)
{
    struct exporter *ex = user;
    size_t id = (size_t)clip->id;
    enum avqa_status rc =
        avqa_mem_grow(&ex->clips, &ex->cap_clips, id + 1, sizeof *ex->clips);
    if (rc != AVQA_OK)
        return rc;
    const char *picture = avqa_arena_strdup(&ex->arena, clip->picture);
    bool own = strcmp(clip->picture, clip->sound) == 0;
    ex->clips[id] = (struct names){
        picture, own ? picture : avqa_arena_strdup(&ex->arena, clip->sound)};
    ex->n_clips = id + 1;
    return AVQA_OK;
}

static enum avqa_status add_split(void *user, int64_t id, const char *name)
{
    struct exporter *ex = user;
    enum avqa_status rc =
        avqa_mem_grow(&ex->splits, &ex->cap_splits, (size_t)id + 1, sizeof *ex->splits);
    if (rc != AVQA_OK)
        return rc;
    ex->splits[id] = avqa_arena_strdup(&ex->arena, name);
    ex->n_splits = (size_t)id + 1;
    return AVQA_OK;
}

static enum avqa_status add_template(void *user, int64_t id, const char *code)
{
    struct exporter *ex = user;
    size_t t = avqa_templates_find(ex->templates, code);
    if (t == AVQA_TEMPLATE_NONE)
        return AVQA_OK; /* a template dropped from the file; no question may need it */
    enum avqa_status rc =
        avqa_mem_grow(&ex->by_id, &ex->cap_by_id, (size_t)id + 1, sizeof *ex->by_id);
    if (rc != AVQA_OK)
        return rc;
    ex->by_id[id] = &ex->templates->items[t];
    ex->n_by_id = (size_t)id + 1;
    return AVQA_OK;
}

static enum avqa_status load_templates(struct exporter *ex)
{
    struct avqa_buf document = AVQA_BUF_INIT;
    bool found = false;
    enum avqa_status rc = avqa_template_set_read(ex->cat, &document, &found);
    if (rc == AVQA_OK && found)
        rc =
            avqa_templates_parse(&ex->templates, avqa_buf_str(&document), document.len);
    if (rc == AVQA_OK && found)
        rc = avqa_template_codes(ex->cat, add_template, ex);
    avqa_buf_release(&document);
    return rc;
}

static enum avqa_status load(struct exporter *ex)
{
    enum avqa_status rc =
        avqa_phrases_load(ex->cat, &ex->arena, &ex->texts, &ex->n_texts);
    if (rc == AVQA_OK)
        rc = avqa_clip_each(ex->cat, add_clip, ex);
    if (rc == AVQA_OK)
        rc = avqa_split_each(ex->cat, add_split, ex);
    return rc == AVQA_OK ? load_templates(ex) : rc;
}

static const char *text_of(const struct exporter *ex, int64_t id)
{
    return id > 0 && (size_t)id < ex->n_texts && ex->texts[id] ? ex->texts[id] : "";
}

static const struct names *clip_of(const struct exporter *ex,
                                   const struct avqa_question *q)
{
    return &ex->clips[q->clip_id]; /* see check_references */
}

static enum avqa_status template_of(const struct exporter *ex,
                                    const struct avqa_question *q,
                                    const struct avqa_template **t)
{
    size_t id = (size_t)q->template_id;
    *t = id < ex->n_by_id ? ex->by_id[id] : NULL;
    return *t ? AVQA_OK
              : avqa_fail(AVQA_EFORMAT,
                          "row %lld: its template is not in the stored "
                          "template file",
                          (long long)q->row);
}

/* ---- the published form ---------------------------------------------------------- */

/* '["Audio", "Counting"]' */
static void add_type(struct avqa_buf *out, const struct avqa_template *t)
{
    avqa_buf_addc(out, '[');
    avqa_json_quote(out, t->modality, true);
    avqa_buf_adds(out, ", ");
    avqa_json_quote(out, t->type, true);
    avqa_buf_addc(out, ']');
}

/* A list as it stands, or inside a string. */
static void add_list(struct avqa_buf *out, const char *list, bool as_string)
{
    if (as_string)
        avqa_json_quote(out, list, true);
    else
        avqa_buf_adds(out, list);
}

static void add_known(struct exporter *ex, const struct avqa_question *q,
                      const struct avqa_template *t, const char *key, bool list)
{
    struct avqa_buf type = AVQA_BUF_INIT;
    if (strcmp(key, "video_id") == 0) {
        avqa_json_quote(&ex->line, clip_of(ex, q)->picture, true);
    } else if (strcmp(key, "unmatch_audio") == 0) {
        avqa_json_quote(&ex->line, clip_of(ex, q)->sound, true);
    } else if (strcmp(key, "question_id") == 0) {
        avqa_buf_addf(&ex->line, "%" PRId64, q->number);
    } else if (strcmp(key, "question_content") == 0) {
        avqa_json_quote(&ex->line, text_of(ex, q->text_id), true);
    } else if (strcmp(key, "templ_values") == 0) {
        add_list(&ex->line, text_of(ex, q->slots_id), !list);
    } else if (strcmp(key, "type") == 0) {
        add_type(&type, t);
        add_list(&ex->line, avqa_buf_str(&type), !list);
    } else if (strcmp(key, "anser") == 0 || strcmp(key, "answer") == 0) {
        avqa_json_quote(&ex->line, text_of(ex, q->answer_id), true);
    } else if (strcmp(key, "template") == 0) {
        avqa_json_quote(&ex->line, t->code, true);
    } else {
        avqa_buf_adds(&ex->line, "0"); /* question_deleted: another value is an extra */
    }
    avqa_buf_release(&type);
}

/* The keys of a row in their order; "templ_values[]" was a list, not a string. A key
 * that the extra object has is written from there. */
static void add_members(struct exporter *ex, const struct avqa_question *q,
                        const struct avqa_template *t, const struct avqa_json *shape,
                        const struct avqa_json *extra)
{
    char key[256];
    bool first = true;
    for (const struct avqa_json *k = avqa_json_first(shape); k; k = avqa_json_next(k)) {
        const char *name = avqa_json_string(k) ? avqa_json_string(k) : "";
        size_t len = strlen(name);
        bool list = len > 2 && strcmp(name + len - 2, "[]") == 0 &&
                    !avqa_json_get(extra, name); /* or a key that ends so itself */
        len = len < sizeof key ? len
                               : sizeof key - 1; /* the import refuses longer ones */
        memcpy(key, name, len);
        key[list ? len - 2 : len] = '\0';
        const struct avqa_json *kept = avqa_json_get(extra, key);
        avqa_buf_adds(&ex->line, first ? "\n    " : ",\n    ");
        avqa_json_quote(&ex->line, key, true);
        avqa_buf_adds(&ex->line, ": ");
        if (kept)
            avqa_json_print(&ex->line, kept, 0);
        else
            add_known(ex, q, t, key, list);
        first = false;
    }
}

/* The keys of a question that was not imported from such a file. */
static const char DEFAULT_SHAPE[] =
    "[\"video_id\", \"question_id\", \"type\", \"question_content\", \"templ_values\", "
    "\"question_deleted\", \"anser\"]";

/* With the template's id, because nobody could tell it by the text. */
static const char SHAPE_IN_OTHER_WORDS[] =
    "[\"video_id\", \"question_id\", \"type\", \"question_content\", \"templ_values\", "
    "\"question_deleted\", \"anser\", \"template\"]";

static const char *made_shape(const struct exporter *ex, const struct avqa_question *q)
{
    return avqa_templates_match(ex->templates, text_of(ex, q->text_id)) ==
                   AVQA_TEMPLATE_NONE
               ? SHAPE_IN_OTHER_WORDS
               : DEFAULT_SHAPE;
}

static enum avqa_status write_published(struct exporter *ex,
                                        const struct avqa_question *q,
                                        const struct avqa_template *t)
{
    struct avqa_json *shape = NULL;
    struct avqa_json *extra = NULL;
    const char *text = q->shape_id ? text_of(ex, q->shape_id) : made_shape(ex, q);
    const char *more = q->extra_id ? text_of(ex, q->extra_id) : "{}";
    enum avqa_status rc = avqa_json_parse(&shape, text, strlen(text));
    if (rc == AVQA_OK)
        rc = avqa_json_parse(&extra, more, strlen(more));
    if (rc == AVQA_OK) {
        avqa_buf_adds(&ex->line, ex->rows ? ",\n  {" : "\n  {");
        add_members(ex, q, t, shape, extra);
        avqa_buf_adds(&ex->line, "\n  }");
    }
    avqa_json_free(shape);
    avqa_json_free(extra);
    return rc;
}

/* ---- our own forms --------------------------------------------------------------- */

/* The slot values of a question, as a JSON list; the caller frees it. */
static enum avqa_status parse_slots(const struct exporter *ex,
                                    const struct avqa_question *q,
                                    struct avqa_json **list,
                                    const char *values[AVQA_TEMPLATE_MAX_SLOTS],
                                    size_t *n)
{
    const char *text = text_of(ex, q->slots_id);
    enum avqa_status rc = avqa_json_parse(list, text, strlen(text));
    *n = 0;
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_json *v = avqa_json_first(*list);
    for (; v && *n < AVQA_TEMPLATE_MAX_SLOTS; v = avqa_json_next(v))
        values[(*n)++] = avqa_json_string(v) ? avqa_json_string(v) : "";
    return AVQA_OK;
}

/* JSON that the catalog holds as text. */
static enum avqa_status put_stored(struct avqa_json *out, const char *key,
                                   const char *text)
{
    struct avqa_json *value;
    if (!text)
        return AVQA_OK;
    enum avqa_status rc = avqa_json_parse(&value, text, strlen(text));
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "the catalog is damaged: %s", key);
    avqa_json_put(out, key, value);
    return AVQA_OK;
}

static enum avqa_status write_jsonl(struct exporter *ex, const struct avqa_question *q,
                                    const struct avqa_template *t)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    struct avqa_json *slots;
    struct avqa_buf filled = AVQA_BUF_INIT;
    size_t n;
    enum avqa_status rc = parse_slots(ex, q, &slots, values, &n);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_template_fill(&filled, text_of(ex, q->text_id), values, n);
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "split", ex->splits[q->split_id]);
    avqa_json_put_int(o, "row", q->row);
    if (q->has_number)
        avqa_json_put_int(o, "question_id", q->number);
    avqa_json_put_string(o, "video", clip_of(ex, q)->picture);
    if (strcmp(clip_of(ex, q)->picture, clip_of(ex, q)->sound) != 0)
        avqa_json_put_string(o, "sound", clip_of(ex, q)->sound);
    avqa_json_put_string(o, "template", t->code);
    avqa_json_put_string(o, "modality", t->modality);
    avqa_json_put_string(o, "type", t->type);
    avqa_json_put_string(o, "text", text_of(ex, q->text_id));
    avqa_json_put(o, "slots", slots);
    avqa_json_put_string(o, "question", avqa_buf_str(&filled));
    avqa_json_put_string(o, "answer", text_of(ex, q->answer_id));
    if (rc == AVQA_OK)
        rc = put_stored(o, "evidence", q->evidence);
    if (rc == AVQA_OK)
        rc = put_stored(o, "entails", q->entails);
    if (q->program_id)
        avqa_json_put_string(o, "program", text_of(ex, q->program_id));
    if (rc == AVQA_OK && q->neighbours_id)
        rc = put_stored(o, "neighbours", text_of(ex, q->neighbours_id));
    avqa_json_print(&ex->line, o, 0);
    avqa_buf_addc(&ex->line, '\n');
    avqa_json_free(o);
    avqa_buf_release(&filled);
    return rc;
}

static enum avqa_status write_csv(struct exporter *ex, const struct avqa_question *q,
                                  const struct avqa_template *t)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    struct avqa_json *slots;
    struct avqa_buf filled = AVQA_BUF_INIT;
    size_t n;
    enum avqa_status rc = parse_slots(ex, q, &slots, values, &n);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_template_fill(&filled, text_of(ex, q->text_id), values, n);
    const char *const fields[] = {clip_of(ex, q)->picture,
                                  clip_of(ex, q)->sound,
                                  t->code,
                                  t->modality,
                                  t->type,
                                  avqa_buf_str(&filled),
                                  text_of(ex, q->slots_id),
                                  text_of(ex, q->answer_id)};
    avqa_csv_add(&ex->line, ex->splits[q->split_id]);
    avqa_buf_addf(&ex->line, ",%" PRId64 ",", q->row);
    if (q->has_number)
        avqa_buf_addf(&ex->line, "%" PRId64, q->number);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        avqa_buf_addc(&ex->line, ',');
        avqa_csv_add(&ex->line, fields[i]);
    }
    avqa_buf_addc(&ex->line, '\n');
    avqa_json_free(slots);
    avqa_buf_release(&filled);
    return rc;
}

/* ---- the file -------------------------------------------------------------------- */

static const struct format {
    enum avqa_status (*write)(struct exporter *ex, const struct avqa_question *q,
                              const struct avqa_template *t);
    const char *head, *tail;
} formats[] = {
    [AVQA_EXPORT_MUSIC_AVQA] = {write_published, "[", "\n]"},
    [AVQA_EXPORT_JSONL] = {write_jsonl, "", ""},
    [AVQA_EXPORT_CSV] = {write_csv,
                         "split,row,question_id,video,sound,template,modality,type,"
                         "question,slots,answer\n",
                         ""},
    [AVQA_EXPORT_FACTS] = {NULL, "", ""},
    [AVQA_EXPORT_LEDGER] = {NULL, "", ""},
};

/* That what the row refers to is there: a foreign key only binds who writes. */
static enum avqa_status check_references(const struct exporter *ex,
                                         const struct avqa_question *q)
{
    bool clip = q->clip_id > 0 && (size_t)q->clip_id < ex->n_clips &&
                ex->clips[q->clip_id].picture;
    bool split = q->split_id > 0 && (size_t)q->split_id < ex->n_splits &&
                 ex->splits[q->split_id];
    if (clip && split)
        return AVQA_OK;
    return avqa_fail(AVQA_EFORMAT,
                     "the catalog is damaged: row %lld has no clip or split",
                     (long long)q->row);
}

static enum avqa_status write_question(void *user, const struct avqa_question *q)
{
    struct exporter *ex = user;
    const struct avqa_template *t;
    avqa_buf_clear(&ex->line);
    enum avqa_status rc = check_references(ex, q);
    if (rc == AVQA_OK)
        rc = template_of(ex, q, &t);
    if (rc == AVQA_OK)
        rc = formats[ex->config->format].write(ex, q, t);
    if (rc == AVQA_OK)
        rc = avqa_buf_status(&ex->line);
    if (rc == AVQA_OK)
        rc = avqa_out_write(ex->out, avqa_buf_str(&ex->line), ex->line.len);
    if (rc == AVQA_OK && avqa_log_stopped(ex->config->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was written");
    if (++ex->rows % 4096 == 0)
        avqa_log_progress(ex->config->log, "questions", ex->rows, 0);
    return rc;
}

/* Writes the line in hand, which is a whole object. */
static enum avqa_status write_line(struct exporter *ex, const char *what)
{
    avqa_buf_addc(&ex->line, '\n');
    enum avqa_status rc = avqa_buf_status(&ex->line);
    if (rc == AVQA_OK)
        rc = avqa_out_write(ex->out, avqa_buf_str(&ex->line), ex->line.len);
    if (rc == AVQA_OK && avqa_log_stopped(ex->config->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was written");
    if (++ex->rows % 4096 == 0)
        avqa_log_progress(ex->config->log, what, ex->rows, 0);
    return rc;
}

/* An object as it came, in its own key order: the catalog keeps it whole. */
static enum avqa_status write_facts(void *user, int64_t clip_id, const char *facts)
{
    struct exporter *ex = user;
    (void)clip_id;
    avqa_buf_clear(&ex->line);
    avqa_buf_adds(&ex->line, facts);
    return write_line(ex, "clips");
}

/* 2024-01-02T03:04:05.678Z */
static void put_time(struct avqa_json *o, const char *key, int64_t us)
{
    char text[64];
    struct tm tm;
    time_t s = (time_t)(us / 1000000);
    gmtime_r(&s, &tm);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, sizeof text - n, ".%03dZ", (int)(us / 1000 % 1000));
    avqa_json_put_string(o, key, text);
}

static void put_known(struct avqa_json *o, const char *key, const char *text)
{
    if (text)
        avqa_json_put_string(o, key, text);
}

static enum avqa_status write_attempt(void *user, const struct avqa_attempt *a)
{
    struct exporter *ex = user;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_int(o, "run", a->run_id);
    avqa_json_put_string(o, "stage", a->stage);
    avqa_json_put_string(o, "item", a->item);
    avqa_json_put_string(o, "outcome", a->outcome);
    put_known(o, "class", a->class);
    put_known(o, "reason", a->reason);
    put_known(o, "detail", a->detail);
    if (a->http_status)
        avqa_json_put_int(o, "http_status", a->http_status);
    if (a->bytes >= 0)
        avqa_json_put_int(o, "bytes", a->bytes);
    put_time(o, "started", a->started_us);
    avqa_json_put_double(o, "seconds", (double)(a->ended_us - a->started_us) / 1e6);
    avqa_buf_clear(&ex->line);
    avqa_json_print(&ex->line, o, 0);
    avqa_json_free(o);
    return write_line(ex, "attempts");
}

static enum avqa_status write_rows(struct exporter *ex, int64_t split_id)
{
    if (ex->config->format == AVQA_EXPORT_FACTS)
        return avqa_facts_text_each(ex->cat, write_facts, ex);
    if (ex->config->format == AVQA_EXPORT_LEDGER)
        return avqa_attempt_each(ex->cat, write_attempt, ex);
    return avqa_question_each(ex->cat, split_id, write_question, ex);
}

static enum avqa_status write_file(struct exporter *ex, int64_t split_id)
{
    const struct format *f = &formats[ex->config->format];
    bool to_fd = strcmp(ex->config->output, "-") == 0;
    enum avqa_status rc =
        to_fd ? avqa_out_open_fd(&ex->out, ex->config->output_fd, "standard output")
              : avqa_out_open(&ex->out, ex->config->output);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_out_write(ex->out, f->head, strlen(f->head));
    if (rc == AVQA_OK)
        rc = write_rows(ex, split_id);
    if (rc == AVQA_OK)
        rc = avqa_out_write(ex->out, f->tail, strlen(f->tail));
    if (rc == AVQA_OK)
        return avqa_out_commit(ex->out);
    avqa_out_abort(ex->out);
    return rc;
}

enum avqa_status avqa_export(const struct avqa_export_config *config, int64_t *rows)
{
    struct exporter ex = {.config = config};
    int64_t split_id = 0;
    bool questions = formats[config->format].write != NULL;
    *rows = 0;
    if (!questions && config->split)
        return avqa_fail(
            AVQA_EINVAL,
            config->format == AVQA_EXPORT_FACTS
                ? "facts belong to clips, which are in no split; leave out "
                  "--split"
                : "the ledger is of no split; leave out --split");
    enum avqa_status rc =
        avqa_dataset_open(&ex.cat, config->dataset, AVQA_CATALOG_READ);
    if (rc == AVQA_OK)
        rc = avqa_catalog_begin_read(ex.cat);
    if (rc == AVQA_OK && config->split)
        rc = avqa_split_find(ex.cat, config->split, &split_id);
    if (rc == AVQA_OK && questions)
        rc = load(&ex);
    if (rc == AVQA_OK)
        rc = write_file(&ex, split_id);
    *rows = ex.rows;
    avqa_catalog_close(ex.cat);
    avqa_templates_free(ex.templates);
    avqa_arena_release(&ex.arena);
    avqa_buf_release(&ex.line);
    free(ex.texts);
    free(ex.clips);
    free(ex.by_id);
    free(ex.splits);
    return rc;
}
