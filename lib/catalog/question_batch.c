/* See question_batch.h. Rows are bound as they come; a full statement is run, and what
 * is left in the end goes row by row. */
#include "catalog/question_batch.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>

enum { BATCH = 64, FIRST_PARAMETER = 3 };

static const char SQL_ADD[] =
    "INSERT INTO question(split_id, run_id, origin, deleted, clip_id, template_id, "
    "text_id, slots_id, answer_id, number, row, key_hash, evidence, entails, "
    "program_id, neighbours_id) VALUES ";
static const char SQL_ROW[] =
    "(?1, ?2, 'generated', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

struct avqa_question_batch {
    struct avqa_stmt *many, *one;
    struct avqa_question rows[BATCH];
    size_t n;
    struct avqa_arena texts;
};

static enum avqa_status prepare(struct avqa_stmt **out, struct avqa_catalog *cat,
                                size_t n)
{
    struct avqa_buf sql = AVQA_BUF_INIT;
    avqa_buf_adds(&sql, SQL_ADD);
    for (size_t i = 0; i < n; i++) {
        avqa_buf_adds(&sql, i ? ", " : "");
        avqa_buf_adds(&sql, SQL_ROW);
    }
    enum avqa_status rc = avqa_buf_status(&sql);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(out, cat, avqa_buf_str(&sql));
    avqa_buf_release(&sql);
    return rc;
}

enum avqa_status avqa_question_batch_open(struct avqa_question_batch **out,
                                          struct avqa_catalog *cat, int64_t run_id,
                                          int64_t split_id)
{
    struct avqa_question_batch *batch = avqa_mem_new(sizeof *batch);
    enum avqa_status rc = prepare(&batch->many, cat, BATCH);
    if (rc == AVQA_OK)
        rc = prepare(&batch->one, cat, 1);
    if (rc != AVQA_OK) {
        avqa_question_batch_close(batch);
        return rc;
    }
    struct avqa_stmt *both[] = {batch->many, batch->one};
    for (size_t i = 0; i < 2; i++) {
        avqa_stmt_bind_int(both[i], 1, split_id);
        avqa_stmt_bind_int(both[i], 2, run_id);
    }
    *out = batch;
    return AVQA_OK;
}

void avqa_question_batch_close(struct avqa_question_batch *batch)
{
    if (!batch)
        return;
    avqa_stmt_free(batch->many);
    avqa_stmt_free(batch->one);
    avqa_arena_release(&batch->texts);
    free(batch);
}

/* Binds a row behind parameter `at`; the place of the next one. */
static int bind(struct avqa_stmt *st, int at, const struct avqa_question *q)
{
    const int64_t numbers[] = {
        q->clip_id,   q->template_id, q->text_id, q->slots_id,
        q->answer_id, q->number,      q->row,     avqa_question_key_hash(q)};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        avqa_stmt_bind_int(st, at++, numbers[i]);
    avqa_stmt_bind_text(st, at++, q->evidence);
    avqa_stmt_bind_text(st, at++, q->entails);
    avqa_stmt_bind_int(st, at++, q->program_id);
    avqa_stmt_bind_int(st, at++, q->neighbours_id);
    return at;
}

static enum avqa_status run_many(struct avqa_question_batch *batch)
{
    int at = FIRST_PARAMETER;
    for (size_t i = 0; i < BATCH; i++)
        at = bind(batch->many, at, &batch->rows[i]);
    enum avqa_status rc = avqa_stmt_run(batch->many);
    batch->n = 0;
    avqa_arena_reset(&batch->texts);
    return rc;
}

enum avqa_status avqa_question_batch_add(struct avqa_question_batch *batch,
                                         const struct avqa_question *q)
{
    struct avqa_question *row = &batch->rows[batch->n++];
    *row = *q;
    if (q->evidence)
        row->evidence = avqa_arena_strdup(&batch->texts, q->evidence);
    if (q->entails)
        row->entails = avqa_arena_strdup(&batch->texts, q->entails);
    return batch->n == BATCH ? run_many(batch) : AVQA_OK;
}

enum avqa_status avqa_question_batch_finish(struct avqa_question_batch *b)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < b->n; i++) {
        bind(b->one, FIRST_PARAMETER, &b->rows[i]);
        rc = avqa_stmt_run(b->one);
    }
    b->n = 0;
    return rc;
}
