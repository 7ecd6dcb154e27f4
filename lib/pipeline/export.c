/* See export.h. Each format is a function that writes one row into the line in hand;
 * the published one has a file of its own (export_music_avqa.h). Rows go out one by
 * one, so memory does not grow with them. */
#include "pipeline/export.h"
#include "base/csv.h"
#include "base/io.h"
#include "base/json.h"
#include "catalog/attempt.h"
#include "catalog/facts.h"
#include "catalog/question.h"
#include "pipeline/dataset.h"
#include "pipeline/export_music_avqa.h"
#include "pipeline/export_refs.h"
#include "qa/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct exporter {
    const struct avqa_export_config *config;
    struct avqa_catalog *cat;
    struct avqa_export_refs refs;
    struct avqa_out *out;
    struct avqa_buf line;
    int64_t rows;
};

/* ---- a row ----------------------------------------------------------------------- */

/* A question's slot values as a JSON list, which the caller frees, and its text with
 * them in it. */
static enum avqa_status fill_slots(struct avqa_json **slots, struct avqa_buf *filled,
                                   const struct exporter *ex,
                                   const struct avqa_question *q)
{
    const char *values[AVQA_TEMPLATE_MAX_SLOTS];
    const char *text = avqa_export_text(&ex->refs, q->slots_id);
    size_t n = 0;
    enum avqa_status rc = avqa_json_parse(slots, text, strlen(text));
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_json *v = avqa_json_first(*slots);
    for (; v && n < AVQA_TEMPLATE_MAX_SLOTS; v = avqa_json_next(v))
        values[n++] = avqa_json_string(v) ? avqa_json_string(v) : "";
    rc = avqa_template_fill(filled, avqa_export_text(&ex->refs, q->text_id), values, n);
    if (rc != AVQA_OK) {
        avqa_json_free(*slots);
        avqa_buf_release(filled);
    }
    return rc;
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
    struct avqa_json *slots;
    struct avqa_buf filled = AVQA_BUF_INIT;
    const struct avqa_export_clip *clip = avqa_export_clip(&ex->refs, q);
    enum avqa_status rc = fill_slots(&slots, &filled, ex, q);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "split", avqa_export_split(&ex->refs, q));
    avqa_json_put_int(o, "row", q->row);
    if (q->has_number)
        avqa_json_put_int(o, "question_id", q->number);
    avqa_json_put_string(o, "video", clip->picture);
    if (strcmp(clip->picture, clip->sound) != 0)
        avqa_json_put_string(o, "sound", clip->sound);
    avqa_json_put_string(o, "template", t->code);
    avqa_json_put_string(o, "modality", t->modality);
    avqa_json_put_string(o, "type", t->type);
    avqa_json_put_string(o, "text", avqa_export_text(&ex->refs, q->text_id));
    avqa_json_put(o, "slots", slots);
    avqa_json_put_string(o, "question", avqa_buf_str(&filled));
    avqa_json_put_string(o, "answer", avqa_export_text(&ex->refs, q->answer_id));
    rc = put_stored(o, "evidence", q->evidence);
    if (rc == AVQA_OK)
        rc = put_stored(o, "entails", q->entails);
    if (q->program_id)
        avqa_json_put_string(o, "program", avqa_export_text(&ex->refs, q->program_id));
    if (rc == AVQA_OK && q->neighbours_id)
        rc = put_stored(o, "neighbours", avqa_export_text(&ex->refs, q->neighbours_id));
    avqa_json_print(&ex->line, o, 0);
    avqa_buf_addc(&ex->line, '\n');
    avqa_json_free(o);
    avqa_buf_release(&filled);
    return rc;
}

static enum avqa_status write_csv(struct exporter *ex, const struct avqa_question *q,
                                  const struct avqa_template *t)
{
    struct avqa_json *slots;
    struct avqa_buf filled = AVQA_BUF_INIT;
    const struct avqa_export_clip *clip = avqa_export_clip(&ex->refs, q);
    enum avqa_status rc = fill_slots(&slots, &filled, ex, q);
    if (rc != AVQA_OK)
        return rc;
    const char *const fields[] = {clip->picture,
                                  clip->sound,
                                  t->code,
                                  t->modality,
                                  t->type,
                                  avqa_buf_str(&filled),
                                  avqa_export_text(&ex->refs, q->slots_id),
                                  avqa_export_text(&ex->refs, q->answer_id)};
    avqa_csv_add(&ex->line, avqa_export_split(&ex->refs, q));
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

static enum avqa_status write_published(struct exporter *ex,
                                        const struct avqa_question *q,
                                        const struct avqa_template *t)
{
    avqa_buf_adds(&ex->line, ex->rows ? ",\n" : "\n");
    return avqa_export_music_avqa(&ex->line, &ex->refs, q, t);
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

/* Writes the line in hand. */
static enum avqa_status put_line(struct exporter *ex, const char *what)
{
    enum avqa_status rc = avqa_buf_status(&ex->line);
    if (rc == AVQA_OK)
        rc = avqa_out_write(ex->out, avqa_buf_str(&ex->line), ex->line.len);
    if (rc == AVQA_OK && avqa_log_stopped(ex->config->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was written");
    if (++ex->rows % 4096 == 0)
        avqa_log_progress(ex->config->log, what, ex->rows, 0);
    return rc;
}

static enum avqa_status write_question(void *user, const struct avqa_question *q)
{
    struct exporter *ex = user;
    const struct avqa_template *t;
    avqa_buf_clear(&ex->line);
    enum avqa_status rc = avqa_export_refs_find(&t, &ex->refs, q);
    if (rc == AVQA_OK)
        rc = formats[ex->config->format].write(ex, q, t);
    return rc == AVQA_OK ? put_line(ex, "questions") : rc;
}

/* An object as it came, in its own key order: the catalog keeps it whole. */
static enum avqa_status write_facts(void *user, int64_t clip_id, const char *facts)
{
    struct exporter *ex = user;
    (void)clip_id;
    avqa_buf_clear(&ex->line);
    avqa_buf_adds(&ex->line, facts);
    avqa_buf_addc(&ex->line, '\n');
    return put_line(ex, "clips");
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
    avqa_buf_addc(&ex->line, '\n');
    avqa_json_free(o);
    return put_line(ex, "attempts");
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
        rc = avqa_export_refs_load(&ex.refs, ex.cat);
    if (rc == AVQA_OK)
        rc = write_file(&ex, split_id);
    *rows = ex.rows;
    avqa_catalog_close(ex.cat);
    avqa_export_refs_release(&ex.refs);
    avqa_buf_release(&ex.line);
    return rc;
}
