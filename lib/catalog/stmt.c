/* Thin: a statement and the catalog it belongs to, for messages. Binding can only fail
 * by our own mistake (a wrong index), so it asserts. */
#include "catalog/stmt.h"
#include "base/mem.h"
#include "catalog/private.h"

#include <assert.h>
#include <stdlib.h>

#include <sqlite3.h>

struct avqa_stmt {
    struct avqa_catalog *cat;
    sqlite3_stmt *st;
};

enum avqa_status avqa_stmt_prepare(struct avqa_stmt **out, struct avqa_catalog *cat,
                                   const char *sql)
{
    sqlite3_stmt *st;
    *out = NULL; /* so that it can be freed in any case */
    int code = sqlite3_prepare_v3(avqa_catalog_db(cat), sql, -1,
                                  SQLITE_PREPARE_PERSISTENT, &st, NULL);
    if (code != SQLITE_OK)
        return avqa_catalog_fail(cat, code);
    struct avqa_stmt *s = avqa_mem_new(sizeof *s);
    *s = (struct avqa_stmt){cat, st};
    *out = s;
    return AVQA_OK;
}

void avqa_stmt_free(struct avqa_stmt *st)
{
    if (!st)
        return;
    sqlite3_finalize(st->st);
    free(st);
}

static void bound(int code)
{
    assert(code == SQLITE_OK);
    (void)code;
}

void avqa_stmt_bind_int(struct avqa_stmt *st, int i, int64_t value)
{
    bound(sqlite3_bind_int64(st->st, i, value));
}

void avqa_stmt_bind_double(struct avqa_stmt *st, int i, double value)
{
    bound(sqlite3_bind_double(st->st, i, value));
}

void avqa_stmt_bind_text(struct avqa_stmt *st, int i, const char *text)
{
    bound(sqlite3_bind_text(st->st, i, text, -1, SQLITE_STATIC));
}

void avqa_stmt_bind_null(struct avqa_stmt *st, int i)
{
    bound(sqlite3_bind_null(st->st, i));
}

void avqa_stmt_bind_int_or_null(struct avqa_stmt *st, int i, int64_t value,
                                int64_t unknown)
{
    if (value == unknown)
        avqa_stmt_bind_null(st, i);
    else
        avqa_stmt_bind_int(st, i, value);
}

enum avqa_status avqa_stmt_step(struct avqa_stmt *st, bool *row)
{
    int code = sqlite3_step(st->st);
    *row = code == SQLITE_ROW;
    if (*row)
        return AVQA_OK;
    sqlite3_reset(st->st);
    return code == SQLITE_DONE ? AVQA_OK : avqa_catalog_fail(st->cat, code);
}

bool avqa_stmt_next(enum avqa_status *rc, struct avqa_stmt *st)
{
    bool row = false;
    if (*rc == AVQA_OK)
        *rc = avqa_stmt_step(st, &row);
    return *rc == AVQA_OK && row;
}

enum avqa_status avqa_stmt_run(struct avqa_stmt *st)
{
    bool row;
    enum avqa_status rc = avqa_stmt_step(st, &row);
    if (rc == AVQA_OK && row)
        sqlite3_reset(st->st);
    return rc;
}

enum avqa_status avqa_stmt_once(struct avqa_catalog *cat, const char *sql,
                                const struct avqa_stmt_value *values, size_t n)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        int at = (int)i + 1;
        if (values[i].kind == AVQA_STMT_INT)
            avqa_stmt_bind_int(st, at, values[i].number);
        else if (values[i].kind == AVQA_STMT_TEXT)
            avqa_stmt_bind_text(st, at, values[i].text);
        else
            avqa_stmt_bind_null(st, at);
    }
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc;
}

void avqa_stmt_reset(struct avqa_stmt *st)
{
    sqlite3_reset(st->st);
}

int64_t avqa_stmt_int(const struct avqa_stmt *st, int column)
{
    return sqlite3_column_int64(st->st, column);
}

const char *avqa_stmt_text(const struct avqa_stmt *st, int column)
{
    return (const char *)sqlite3_column_text(st->st, column);
}

bool avqa_stmt_is_null(const struct avqa_stmt *st, int column)
{
    return sqlite3_column_type(st->st, column) == SQLITE_NULL;
}

int64_t avqa_stmt_int_or(const struct avqa_stmt *st, int column, int64_t if_null)
{
    return avqa_stmt_is_null(st, column) ? if_null : avqa_stmt_int(st, column);
}

enum avqa_status avqa_stmt_dense_id(const struct avqa_stmt *st, int column,
                                    size_t n_before, size_t *id)
{
    int64_t value = avqa_stmt_int(st, column);
    if (value < 1 || (uint64_t)value > 64 * ((uint64_t)n_before + 1024))
        return avqa_fail(AVQA_EFORMAT, "the catalog is damaged: an id is %lld",
                         (long long)value);
    *id = (size_t)value;
    return AVQA_OK;
}

int64_t avqa_stmt_last_id(const struct avqa_stmt *st)
{
    return sqlite3_last_insert_rowid(avqa_catalog_db(st->cat));
}

int64_t avqa_stmt_changes(const struct avqa_stmt *st)
{
    return sqlite3_changes64(avqa_catalog_db(st->cat));
}

static enum avqa_status each(struct avqa_catalog *cat, const char *sql, bool dense,
                             avqa_stmt_text_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    for (size_t n = 0; avqa_stmt_next(&rc, st); n++) {
        size_t id = 0;
        if (dense)
            rc = avqa_stmt_dense_id(st, 0, n, &id);
        if (rc == AVQA_OK)
            rc = fn(user, avqa_stmt_int(st, 0), avqa_stmt_text(st, 1));
    }
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_stmt_each(struct avqa_catalog *cat, const char *sql,
                                avqa_stmt_text_fn *fn, void *user)
{
    return each(cat, sql, false, fn, user);
}

enum avqa_status avqa_stmt_each_dense(struct avqa_catalog *cat, const char *sql,
                                      avqa_stmt_text_fn *fn, void *user)
{
    return each(cat, sql, true, fn, user);
}
