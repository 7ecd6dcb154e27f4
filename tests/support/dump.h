/* Everything that a catalog holds, as text, to tell whether it changed: every table,
 * every row in order of its columns, every value with its type. */
#ifndef AVQA_TESTS_DUMP_H
#define AVQA_TESTS_DUMP_H

#include "check.h"

#include <sqlite3.h>

static inline void dump_table(struct avqa_buf *out, sqlite3 *db, const char *table)
{
    char sql[256];
    sqlite3_stmt *st;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY 1, 2", table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    avqa_buf_addf(out, "== %s\n", table);
    while (sqlite3_step(st) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(st); c++) {
            const char *text = (const char *)sqlite3_column_text(st, c);
            avqa_buf_addf(out, "%d:%s\t", sqlite3_column_type(st, c), text ? text : "");
        }
        avqa_buf_addc(out, '\n');
    }
    sqlite3_finalize(st);
}

/* The dump of DATASET/catalog.sqlite, without the tables named in `skip` (may be NULL).
 * The caller frees it. */
static inline char *dump_without(const char *dataset, const char *skip)
{
    struct avqa_buf out = AVQA_BUF_INIT;
    sqlite3 *db;
    sqlite3_stmt *st;
    char *path = avqa_io_join(dataset, "catalog.sqlite");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(
            db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1,
            &st, NULL),
        SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(st, 0);
        if (!skip || !strstr(skip, table))
            dump_table(&out, db, table);
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    free(path);
    return out.data;
}

static inline char *dump_of(const char *dataset)
{
    return dump_without(dataset, NULL);
}

/* Fails if the catalog is not what it was; frees the dump. */
static inline void dump_same(const char *dataset, char *before)
{
    char *after = dump_of(dataset);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

#endif
