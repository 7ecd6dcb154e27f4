/* See question.h. The usual row is new: one look-up in question_by_clip finds nothing
 * and one insert follows. Only where something is found is it asked what exactly. */
#include "catalog/question.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>

static const char SQL_SPLIT_ADD[] = "INSERT OR IGNORE INTO split(name) VALUES (?)";
static const char SQL_SPLIT_FIND[] = "SELECT id FROM split WHERE name = ?";
static const char SQL_SPLIT_EACH[] =
    "SELECT split.id, name, count(*) FROM split JOIN question ON split_id = split.id "
    "GROUP BY split.id ORDER BY split.id";
/* The same question asked before: at all; by an earlier run with this answer; by an
 * earlier run; in this run with this answer. Each is one step down question_by_clip. */
#define SAME_KEY                                                                       \
    "SELECT id FROM question WHERE clip_id = ?1 AND split_id = ?2 AND key_hash = ?3 "
static const char SQL_ANY[] = SAME_KEY "LIMIT 1";
static const char SQL_EARLIER_SAME[] =
    SAME_KEY "AND run_id < ?4 AND answer_id = ?5 LIMIT 1";
static const char SQL_EARLIER[] = SAME_KEY "AND run_id < ?4 LIMIT 1";
static const char SQL_NOW_SAME[] =
    SAME_KEY "AND run_id = ?4 AND answer_id = ?5 LIMIT 1";
static const char SQL_ADD[] =
    "INSERT INTO question(split_id, clip_id, template_id, text_id, slots_id, "
    "answer_id, "
    "number, row, deleted, shape_id, extra_id, key_hash, run_id) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
static const char SQL_SET[] =
    "UPDATE question SET answer_id = ?2, row = ?3, deleted = ?4, shape_id = ?5, "
    "extra_id = ?6, run_id = ?7, template_id = ?8 WHERE id = ?1";
static const char SQL_EACH[] =
    "SELECT id, split_id, clip_id, template_id, text_id, slots_id, answer_id, "
    "shape_id, "
    "extra_id, number, row, deleted FROM question ORDER BY id";
static const char SQL_EACH_IN_SPLIT[] =
    "SELECT id, split_id, clip_id, template_id, text_id, slots_id, answer_id, "
    "shape_id, "
    "extra_id, number, row, deleted FROM question WHERE split_id = ? ORDER BY id";

enum avqa_status avqa_split_ensure(struct avqa_catalog *cat, const char *name,
                                   int64_t *id)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_SPLIT_ADD);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, name);
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc == AVQA_OK ? avqa_split_find(cat, name, id) : rc;
}

static enum avqa_status list_name(void *user, int64_t id, const char *name,
                                  int64_t n_questions)
{
    struct avqa_buf *list = user;
    (void)id;
    (void)n_questions;
    avqa_buf_addf(list, "%s%s", list->len ? ", " : "", name);
    return AVQA_OK;
}

static enum avqa_status fail_no_split(struct avqa_catalog *cat, const char *name)
{
    struct avqa_buf list = AVQA_BUF_INIT;
    enum avqa_status rc = avqa_split_each(cat, list_name, &list);
    if (rc == AVQA_OK)
        rc = avqa_fail(AVQA_ENOENT, "no split is called '%s'; there %s%s", name,
                       list.len ? "is: " : "are none yet", avqa_buf_str(&list));
    avqa_buf_release(&list);
    return rc;
}

enum avqa_status avqa_split_find(struct avqa_catalog *cat, const char *name,
                                 int64_t *id)
{
    struct avqa_stmt *st;
    bool row;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_SPLIT_FIND);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, name);
    rc = avqa_stmt_step(st, &row);
    if (rc == AVQA_OK && row)
        *id = avqa_stmt_int(st, 0);
    avqa_stmt_free(st);
    return rc == AVQA_OK && !row ? fail_no_split(cat, name) : rc;
}

enum avqa_status avqa_split_each(struct avqa_catalog *cat, avqa_split_fn *fn,
                                 void *user)
{
    struct avqa_stmt *st;
    bool row = true;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_SPLIT_EACH);
    if (rc != AVQA_OK)
        return rc;
    while (rc == AVQA_OK && row) {
        rc = avqa_stmt_step(st, &row);
        if (rc == AVQA_OK && row)
            rc = fn(user, avqa_stmt_int(st, 0), avqa_stmt_text(st, 1),
                    avqa_stmt_int(st, 2));
    }
    avqa_stmt_free(st);
    return rc;
}

struct avqa_question_store {
    struct avqa_stmt *any, *earlier_same, *earlier, *now_same, *add, *set;
    int64_t run_id;
};

enum avqa_status avqa_question_store_open(struct avqa_question_store **out,
                                          struct avqa_catalog *cat, int64_t run_id)
{
    struct avqa_question_store *store = avqa_mem_new(sizeof *store);
    store->run_id = run_id;
    const struct {
        struct avqa_stmt **st;
        const char *sql;
    } all[] = {{&store->any, SQL_ANY},         {&store->earlier_same, SQL_EARLIER_SAME},
               {&store->earlier, SQL_EARLIER}, {&store->now_same, SQL_NOW_SAME},
               {&store->add, SQL_ADD},         {&store->set, SQL_SET}};
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < sizeof all / sizeof *all; i++)
        rc = avqa_stmt_prepare(all[i].st, cat, all[i].sql);
    if (rc != AVQA_OK) {
        avqa_question_store_close(store);
        return rc;
    }
    *out = store;
    return AVQA_OK;
}

void avqa_question_store_close(struct avqa_question_store *store)
{
    if (!store)
        return;
    avqa_stmt_free(store->any);
    avqa_stmt_free(store->earlier_same);
    avqa_stmt_free(store->earlier);
    avqa_stmt_free(store->now_same);
    avqa_stmt_free(store->add);
    avqa_stmt_free(store->set);
    free(store);
}

static int64_t key_hash(const struct avqa_question *q)
{
    int64_t key[4] = {q->has_number ? q->number : 0, q->has_number, q->text_id,
                      q->slots_id};
    return (int64_t)avqa_hash64(0, key, sizeof key);
}

static void bind_id(struct avqa_stmt *st, int i, int64_t id)
{
    if (id)
        avqa_stmt_bind_int(st, i, id);
    else
        avqa_stmt_bind_null(st, i);
}

static enum avqa_status add(struct avqa_question_store *store,
                            const struct avqa_question *q, int64_t key)
{
    struct avqa_stmt *st = store->add;
    avqa_stmt_bind_int(st, 1, q->split_id);
    avqa_stmt_bind_int(st, 2, q->clip_id);
    avqa_stmt_bind_int(st, 3, q->template_id);
    avqa_stmt_bind_int(st, 4, q->text_id);
    avqa_stmt_bind_int(st, 5, q->slots_id);
    avqa_stmt_bind_int(st, 6, q->answer_id);
    if (q->has_number)
        avqa_stmt_bind_int(st, 7, q->number);
    else
        avqa_stmt_bind_null(st, 7);
    avqa_stmt_bind_int(st, 8, q->row);
    avqa_stmt_bind_int(st, 9, q->deleted);
    bind_id(st, 10, q->shape_id);
    bind_id(st, 11, q->extra_id);
    avqa_stmt_bind_int(st, 12, key);
    avqa_stmt_bind_int(st, 13, store->run_id);
    return avqa_stmt_run(st);
}

static enum avqa_status set(struct avqa_question_store *store,
                            const struct avqa_question *q, int64_t id)
{
    struct avqa_stmt *st = store->set;
    avqa_stmt_bind_int(st, 1, id);
    avqa_stmt_bind_int(st, 2, q->answer_id);
    avqa_stmt_bind_int(st, 3, q->row);
    avqa_stmt_bind_int(st, 4, q->deleted);
    bind_id(st, 5, q->shape_id);
    bind_id(st, 6, q->extra_id);
    avqa_stmt_bind_int(st, 7, store->run_id);
    avqa_stmt_bind_int(st, 8, q->template_id);
    return avqa_stmt_run(st);
}

/* What is asked of the rows stored so far. */
struct key {
    const struct avqa_question *q;
    int64_t hash, run_id;
};

/* The first stored row that a statement finds under the key; *id = 0 if there is none.
 * SQL_ANY has three parameters, the others four or five. */
static enum avqa_status first(struct avqa_stmt *st, const struct key *key, int n_params,
                              int64_t *id)
{
    const int64_t values[] = {key->q->clip_id, key->q->split_id, key->hash, key->run_id,
                              key->q->answer_id};
    bool row;
    for (int i = 0; i < n_params; i++)
        avqa_stmt_bind_int(st, i + 1, values[i]);
    enum avqa_status rc = avqa_stmt_step(st, &row);
    *id = rc == AVQA_OK && row ? avqa_stmt_int(st, 0) : 0;
    avqa_stmt_reset(st);
    return rc;
}

/* The same question was met before: by an earlier import, or higher up in this file? */
static enum avqa_status put_again(struct avqa_question_store *store,
                                  const struct key *key,
                                  enum avqa_question_outcome *outcome)
{
    int64_t id;
    *outcome = AVQA_QUESTION_SAME;
    enum avqa_status rc = first(store->earlier_same, key, 5, &id);
    if (rc == AVQA_OK && !id) {
        *outcome = AVQA_QUESTION_UPDATED;
        rc = first(store->earlier, key, 4, &id);
    }
    if (rc == AVQA_OK && id)
        return set(store, key->q, id);
    if (rc == AVQA_OK)
        rc = first(store->now_same, key, 5, &id);
    *outcome = id ? AVQA_QUESTION_DUPLICATE : AVQA_QUESTION_CONFLICT;
    return rc == AVQA_OK ? add(store, key->q, key->hash) : rc;
}

enum avqa_status avqa_question_put(struct avqa_question_store *store,
                                   const struct avqa_question *q,
                                   enum avqa_question_outcome *outcome)
{
    int64_t id;
    struct key key = {q, key_hash(q), store->run_id};
    enum avqa_status rc = first(store->any, &key, 3, &id);
    if (rc != AVQA_OK)
        return rc;
    if (id)
        return put_again(store, &key, outcome);
    *outcome = AVQA_QUESTION_NEW;
    return add(store, q, key.hash);
}

static struct avqa_question read_question(const struct avqa_stmt *st)
{
    return (struct avqa_question){.id = avqa_stmt_int(st, 0),
                                  .split_id = avqa_stmt_int(st, 1),
                                  .clip_id = avqa_stmt_int(st, 2),
                                  .template_id = avqa_stmt_int(st, 3),
                                  .text_id = avqa_stmt_int(st, 4),
                                  .slots_id = avqa_stmt_int(st, 5),
                                  .answer_id = avqa_stmt_int(st, 6),
                                  .shape_id = avqa_stmt_int(st, 7),
                                  .extra_id = avqa_stmt_int(st, 8),
                                  .number = avqa_stmt_int(st, 9),
                                  .has_number = !avqa_stmt_is_null(st, 9),
                                  .row = avqa_stmt_int(st, 10),
                                  .deleted = avqa_stmt_int(st, 11) != 0};
}

enum avqa_status avqa_question_each(struct avqa_catalog *cat, int64_t split_id,
                                    avqa_question_fn *fn, void *user)
{
    struct avqa_stmt *st;
    bool row = true;
    enum avqa_status rc =
        avqa_stmt_prepare(&st, cat, split_id ? SQL_EACH_IN_SPLIT : SQL_EACH);
    if (rc != AVQA_OK)
        return rc;
    if (split_id)
        avqa_stmt_bind_int(st, 1, split_id);
    while (rc == AVQA_OK && row) {
        rc = avqa_stmt_step(st, &row);
        if (rc != AVQA_OK || !row)
            break;
        struct avqa_question q = read_question(st);
        rc = fn(user, &q);
    }
    avqa_stmt_free(st);
    return rc;
}
