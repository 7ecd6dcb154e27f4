/* See question.h. The usual row is new: one look-up in question_by_clip finds nothing
 * and one insert follows. Only where something is found is it asked what exactly. */
#include "catalog/question.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "catalog/stmt.h"

#include <stdlib.h>
#include <string.h>

static const char SQL_SPLIT_ADD[] = "INSERT OR IGNORE INTO split(name) VALUES (?)";
static const char SQL_SPLIT_FIND[] = "SELECT id FROM split WHERE name = ?";
static const char SQL_SPLIT_EACH[] = "SELECT id, name FROM split ORDER BY id";
static const char SQL_SPLIT_COUNT[] =
    "SELECT count(*) FROM question WHERE split_id = ?";
static const char SQL_SPLIT_LAST_ROW[] =
    "SELECT coalesce(max(row), 0) FROM question WHERE split_id = ?";
static const char SQL_SPLIT_CLEAR[] = "DELETE FROM question WHERE split_id = ?";
static const char SQL_SPLIT_CLEAR_GENERATED[] =
    "DELETE FROM question WHERE split_id = ? AND origin = 'generated'";
static const char SQL_CLEAR_GENERATED[] =
    "DELETE FROM question WHERE origin = 'generated'";
static const char SQL_SPLIT_EACH_MOVED[] =
    "SELECT DISTINCT split.id, split.name FROM (SELECT DISTINCT split_id, run_id "
    "FROM question WHERE origin = 'generated') AS made "
    "JOIN split ON split.id = made.split_id JOIN run ON run.id = made.run_id "
    "WHERE json_extract(run.options, '$.split') IS NOT split.name ORDER BY split.id";
static const char SQL_SPLIT_EMPTY[] =
    "SELECT NOT EXISTS (SELECT 1 FROM question WHERE split_id = ?)";
/* The rows that asked the same question before: this run's, their answers, and whether
 * SQL_SET would change anything else of them. */
static const char SQL_SAME_KEY[] =
    "SELECT id, run_id, answer_id, deleted = ?5 AND shape_id IS ?6 AND extra_id IS ?7 "
    "AND template_id = ?8 AND evidence IS coalesce(?9, evidence) "
    "AND entails IS coalesce(?10, entails) "
    "AND program_id IS coalesce(?11, program_id) "
    "AND neighbours_id IS coalesce(?12, neighbours_id) FROM question "
    "WHERE clip_id = ?1 AND key_hash = ?2 AND split_id = ?3 LIMIT ?4";
static const char SQL_ASSIGN[] = "UPDATE question SET split_id = ?2 WHERE clip_id = ?1";
static const char SQL_MOVE[] = "UPDATE question SET split_id = ?2 WHERE id = ?1";
static const char SQL_DROP_EMPTY[] =
    "DELETE FROM split WHERE id NOT IN (SELECT split_id FROM question)";
static const char SQL_RENUMBER[] =
    "WITH place AS (SELECT id, row_number() OVER (PARTITION BY split_id ORDER BY id) "
    "AS n "
    "FROM question) UPDATE question SET row = place.n FROM place "
    "WHERE place.id = question.id";
static const char SQL_ADD[] =
    "INSERT INTO question(split_id, clip_id, template_id, text_id, slots_id, "
    "answer_id, "
    "number, row, deleted, shape_id, extra_id, key_hash, run_id, origin, evidence, "
    "entails, program_id, neighbours_id) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
    "?14, ?15, ?16, ?17, ?18)";
static const char SQL_SET[] =
    "UPDATE question SET answer_id = ?2, run_id = ?3, deleted = ?4, shape_id = ?5, "
    "extra_id = ?6, template_id = ?7, evidence = coalesce(?8, evidence), "
    "entails = coalesce(?9, entails), program_id = coalesce(?10, program_id), "
    "neighbours_id = coalesce(?11, neighbours_id) WHERE id = ?1";
static const char SQL_EACH[] =
    "SELECT id, split_id, clip_id, template_id, text_id, slots_id, answer_id, "
    "shape_id, "
    "extra_id, number, row, deleted, evidence, entails, program_id, neighbours_id "
    "FROM question ORDER BY id";
static const char SQL_EACH_IN_SPLIT[] =
    "SELECT id, split_id, clip_id, template_id, text_id, slots_id, answer_id, "
    "shape_id, "
    "extra_id, number, row, deleted, evidence, entails, program_id, neighbours_id "
    "FROM question "
    "WHERE split_id = ? ORDER BY id";

/* A split's name becomes part of folder names and of row references. */
static enum avqa_status check_split_name(const char *name)
{
    size_t len = strlen(name);
    bool good = len > 0 && len <= 64 && name[0] != '.' && name[0] != '-';
    for (const char *s = name; *s; s++)
        good = good && (unsigned char)*s >= ' ' && *s != '/' && *s != 0x7f;
    if (good)
        return AVQA_OK;
    return avqa_fail(AVQA_EINVAL,
                     "a split cannot be called '%s': 1 to 64 bytes, no slash "
                     "or control byte, no dot or dash in front",
                     name);
}

enum avqa_status avqa_split_ensure(struct avqa_catalog *cat, const char *name,
                                   int64_t *id)
{
    struct avqa_stmt *st;
    enum avqa_status rc = check_split_name(name);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&st, cat, SQL_SPLIT_ADD);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, name);
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc == AVQA_OK ? avqa_split_find(cat, name, id) : rc;
}

static enum avqa_status list_name(void *user, int64_t id, const char *name)
{
    struct avqa_buf *list = user;
    (void)id;
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
    return avqa_stmt_each_dense(cat, SQL_SPLIT_EACH, fn, user);
}

enum avqa_status avqa_split_each_moved(struct avqa_catalog *cat, avqa_split_fn *fn,
                                       void *user)
{
    return avqa_stmt_each(cat, SQL_SPLIT_EACH_MOVED, fn, user);
}

/* The number that a query with one parameter gives. */
static enum avqa_status ask(struct avqa_catalog *cat, const char *sql,
                            int64_t parameter, int64_t *out)
{
    struct avqa_stmt *st;
    bool row;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_int(st, 1, parameter);
    rc = avqa_stmt_step(st, &row);
    *out = rc == AVQA_OK && row ? avqa_stmt_int(st, 0) : 0;
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_split_last_row(struct avqa_catalog *cat, int64_t id, int64_t *row)
{
    return ask(cat, SQL_SPLIT_LAST_ROW, id, row);
}

enum avqa_status avqa_split_clear(struct avqa_catalog *cat, int64_t id)
{
    int64_t none;
    return ask(cat, SQL_SPLIT_CLEAR, id, &none);
}

enum avqa_status avqa_split_clear_generated(struct avqa_catalog *cat, int64_t id)
{
    int64_t none;
    return ask(cat, SQL_SPLIT_CLEAR_GENERATED, id, &none);
}

enum avqa_status avqa_split_count(struct avqa_catalog *cat, int64_t id,
                                  int64_t *n_questions)
{
    return ask(cat, SQL_SPLIT_COUNT, id, n_questions);
}

/* Runs a statement with two numbers. */
static enum avqa_status run_pair(struct avqa_catalog *cat, const char *sql, int64_t a,
                                 int64_t b)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_int(st, 1, a);
    avqa_stmt_bind_int(st, 2, b);
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_split_assign(struct avqa_catalog *cat, int64_t clip_id,
                                   int64_t split_id)
{
    return run_pair(cat, SQL_ASSIGN, clip_id, split_id);
}

enum avqa_status avqa_question_move(struct avqa_catalog *cat, int64_t id,
                                    int64_t split_id)
{
    return run_pair(cat, SQL_MOVE, id, split_id);
}

/* Runs a statement without parameters. */
static enum avqa_status run_once(struct avqa_catalog *cat, const char *sql)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_question_clear_generated(struct avqa_catalog *cat)
{
    return run_once(cat, SQL_CLEAR_GENERATED);
}

enum avqa_status avqa_split_tidy(struct avqa_catalog *cat)
{
    enum avqa_status rc = run_once(cat, SQL_DROP_EMPTY);
    return rc == AVQA_OK ? run_once(cat, SQL_RENUMBER) : rc;
}

enum { MET_MAX = 1 << 22 }; /* keys remembered: 64 MiB */

struct avqa_question_store {
    struct avqa_stmt *same_key, *add, *set;
    int64_t run_id, split_id;
    bool asks;     /* the file must be asked: rows of earlier runs, or too many keys */
    uint64_t *met; /* open addressing over (clip, key); 0 is free */
    size_t n_met, n_slots;
};

enum avqa_status avqa_question_store_open(struct avqa_question_store **out,
                                          struct avqa_catalog *cat, int64_t run_id,
                                          int64_t split_id)
{
    struct avqa_question_store *store = avqa_mem_new(sizeof *store);
    int64_t empty = 0;
    store->run_id = run_id;
    store->split_id = split_id;
    enum avqa_status rc = avqa_stmt_prepare(&store->same_key, cat, SQL_SAME_KEY);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->add, cat, SQL_ADD);
    if (rc == AVQA_OK)
        rc = avqa_stmt_prepare(&store->set, cat, SQL_SET);
    if (rc == AVQA_OK)
        rc = ask(cat, SQL_SPLIT_EMPTY, split_id, &empty);
    if (rc != AVQA_OK) {
        avqa_question_store_close(store);
        return rc;
    }
    store->asks = !empty;
    *out = store;
    return AVQA_OK;
}

void avqa_question_store_close(struct avqa_question_store *store)
{
    if (!store)
        return;
    avqa_stmt_free(store->same_key);
    avqa_stmt_free(store->add);
    avqa_stmt_free(store->set);
    free(store->met);
    free(store);
}

/* The slot of a key in the set, or the free one where it belongs. */
static size_t probe(const uint64_t *met, size_t n_slots, uint64_t key)
{
    size_t i = (size_t)key & (n_slots - 1);
    while (met[i] && met[i] != key)
        i = (i + 1) & (n_slots - 1);
    return i;
}

static enum avqa_status grow_met(struct avqa_question_store *store)
{
    size_t n_slots = store->n_slots ? store->n_slots * 2 : 1 << 12;
    uint64_t *met = calloc(n_slots, sizeof *met);
    if (!met)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu keys", n_slots);
    for (size_t i = 0; i < store->n_slots; i++) {
        if (store->met[i])
            met[probe(met, n_slots, store->met[i])] = store->met[i];
    }
    free(store->met);
    store->met = met;
    store->n_slots = n_slots;
    return AVQA_OK;
}

/* Whether the key may have been met before; remembers it. Two keys with one hash only
 * cost a look-up. */
static enum avqa_status meet(struct avqa_question_store *store, int64_t clip_id,
                             int64_t key, bool *before)
{
    int64_t both[2] = {clip_id, key};
    uint64_t hash = avqa_hash64(0, both, sizeof both) | 1;
    *before = true;
    if (store->asks)
        return AVQA_OK;
    if (store->n_met * 2 >= store->n_slots) {
        enum avqa_status rc = grow_met(store);
        if (rc != AVQA_OK)
            return rc;
    }
    size_t slot = probe(store->met, store->n_slots, hash);
    *before = store->met[slot] != 0;
    store->n_met += store->met[slot] == 0;
    store->met[slot] = hash;
    store->asks = store->n_met >= MET_MAX;
    return AVQA_OK;
}

int64_t avqa_question_key_hash(const struct avqa_question *q)
{
    int64_t key[4] = {q->has_number ? q->number : 0, q->has_number, q->text_id,
                      q->slots_id};
    return (int64_t)avqa_hash64(0, key, sizeof key);
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
    avqa_stmt_bind_int_or_null(st, 10, q->shape_id, 0);
    avqa_stmt_bind_int_or_null(st, 11, q->extra_id, 0);
    avqa_stmt_bind_int(st, 12, key);
    avqa_stmt_bind_int(st, 13, store->run_id);
    avqa_stmt_bind_text(st, 14, q->generated ? "generated" : "imported");
    avqa_stmt_bind_text(st, 15, q->evidence);
    avqa_stmt_bind_text(st, 16, q->entails);
    avqa_stmt_bind_int_or_null(st, 17, q->program_id, 0);
    avqa_stmt_bind_int_or_null(st, 18, q->neighbours_id, 0);
    return avqa_stmt_run(st);
}

/* What SQL_SET sets and SQL_SAME_KEY compares beside the answer, from parameter `at`
 * on. */
static void bind_rest(struct avqa_stmt *st, int at, const struct avqa_question *q)
{
    avqa_stmt_bind_int(st, at, q->deleted);
    avqa_stmt_bind_int_or_null(st, at + 1, q->shape_id, 0);
    avqa_stmt_bind_int_or_null(st, at + 2, q->extra_id, 0);
    avqa_stmt_bind_int(st, at + 3, q->template_id);
    avqa_stmt_bind_text(st, at + 4, q->evidence);
    avqa_stmt_bind_text(st, at + 5, q->entails);
    avqa_stmt_bind_int_or_null(st, at + 6, q->program_id, 0);
    avqa_stmt_bind_int_or_null(st, at + 7, q->neighbours_id, 0);
}

static enum avqa_status set(struct avqa_question_store *store,
                            const struct avqa_question *q, int64_t id)
{
    struct avqa_stmt *st = store->set;
    avqa_stmt_bind_int(st, 1, id);
    avqa_stmt_bind_int(st, 2, q->answer_id);
    avqa_stmt_bind_int(st, 3, store->run_id);
    bind_rest(st, 4, q);
    return avqa_stmt_run(st);
}

/* What the file has under a question's key. */
struct known {
    int64_t earlier;    /* row of an earlier run, the one that is most alike; or 0 */
    int alike;          /* 1: it has the same answer; 2: and all else */
    bool now, now_same; /* rows of this run; one with the same answer */
    int64_t n;
};

static enum avqa_status look_up(struct avqa_question_store *store,
                                const struct avqa_question *q, int64_t key,
                                struct known *k)
{
    struct avqa_stmt *st = store->same_key;
    bool row = true;
    avqa_stmt_bind_int(st, 1, q->clip_id);
    avqa_stmt_bind_int(st, 2, key);
    avqa_stmt_bind_int(st, 3, q->split_id);
    avqa_stmt_bind_int(st, 4, AVQA_QUESTION_MAX_SAME + 1);
    bind_rest(st, 5, q);
    for (;;) {
        enum avqa_status rc = avqa_stmt_step(st, &row);
        if (rc != AVQA_OK || !row)
            return rc;
        bool same = avqa_stmt_int(st, 2) == q->answer_id;
        int alike = same + (same && avqa_stmt_int(st, 3));
        k->n++;
        if (avqa_stmt_int(st, 1) == store->run_id) {
            k->now = true;
            k->now_same = k->now_same || same;
        } else if (!k->earlier || alike > k->alike) {
            k->earlier = avqa_stmt_int(st, 0);
            k->alike = alike;
        }
    }
}

enum avqa_status avqa_question_put(struct avqa_question_store *store,
                                   const struct avqa_question *q,
                                   enum avqa_question_outcome *outcome)
{
    struct known k = {0};
    bool before;
    int64_t key = avqa_question_key_hash(q);
    enum avqa_status rc = meet(store, q->clip_id, key, &before);
    if (rc == AVQA_OK && before)
        rc = look_up(store, q, key, &k);
    if (rc != AVQA_OK)
        return rc;
    if (k.n > AVQA_QUESTION_MAX_SAME)
        return avqa_fail(AVQA_EFORMAT, "the same question stands more than %d times",
                         AVQA_QUESTION_MAX_SAME);
    if (k.earlier) {
        *outcome = k.alike == 2 ? AVQA_QUESTION_SAME : AVQA_QUESTION_UPDATED;
        return set(store, q, k.earlier);
    }
    *outcome = k.now_same ? AVQA_QUESTION_DUPLICATE
               : k.now    ? AVQA_QUESTION_CONFLICT
                          : AVQA_QUESTION_NEW;
    return add(store, q, key);
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
                                  .deleted = avqa_stmt_int(st, 11) != 0,
                                  .evidence = avqa_stmt_text(st, 12),
                                  .entails = avqa_stmt_text(st, 13),
                                  .program_id = avqa_stmt_int(st, 14),
                                  .neighbours_id = avqa_stmt_int(st, 15)};
}

enum avqa_status avqa_question_each(struct avqa_catalog *cat, int64_t split_id,
                                    avqa_question_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc =
        avqa_stmt_prepare(&st, cat, split_id ? SQL_EACH_IN_SPLIT : SQL_EACH);
    if (rc != AVQA_OK)
        return rc;
    if (split_id)
        avqa_stmt_bind_int(st, 1, split_id);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_question q = read_question(st);
        rc = fn(user, &q);
    }
    avqa_stmt_free(st);
    return rc;
}
