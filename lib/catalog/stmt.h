/* Prepared statements, for the files of this room only: SQLite's types stay in stmt.c
 * and catalog.c. SQL is a static const string of the file that uses it; values are
 * bound. */
#ifndef AVQA_CATALOG_STMT_H
#define AVQA_CATALOG_STMT_H

#include "base/status.h"
#include "catalog/catalog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_stmt;

/* `*out` is yours to free in any case: it is NULL after a failure. */
AVQA_CHECK enum avqa_status
avqa_stmt_prepare(struct avqa_stmt **out, struct avqa_catalog *cat, const char *sql);
void avqa_stmt_free(struct avqa_stmt *st); /* NULL is legal */

/* Parameters count from 1. A text is borrowed until the statement is reset; NULL binds
 * SQL's null. */
void avqa_stmt_bind_int(struct avqa_stmt *st, int i, int64_t value);
void avqa_stmt_bind_double(struct avqa_stmt *st, int i, double value);
void avqa_stmt_bind_text(struct avqa_stmt *st, int i, const char *text);
void avqa_stmt_bind_null(struct avqa_stmt *st, int i);
/* SQL's null where the number means that nobody knows. */
void avqa_stmt_bind_int_or_null(struct avqa_stmt *st, int i, int64_t value,
                                int64_t unknown);

/* To the next row (*row true) or the end (*row false, and the statement is reset). */
AVQA_CHECK enum avqa_status avqa_stmt_step(struct avqa_stmt *st, bool *row);
/* Whether there is a further row, for a loop: false after a failure, too, be it this
 * one's or an earlier one in *rc. `st` may be NULL then. */
bool avqa_stmt_next(enum avqa_status *rc, struct avqa_stmt *st);
/* For statements without rows: runs it and resets. */
AVQA_CHECK enum avqa_status avqa_stmt_run(struct avqa_stmt *st);
void avqa_stmt_reset(struct avqa_stmt *st);

/* A parameter of a statement that runs once. */
struct avqa_stmt_value {
    enum { AVQA_STMT_NULL, AVQA_STMT_INT, AVQA_STMT_TEXT } kind;
    int64_t number;
    const char *text; /* borrowed */
};

static inline struct avqa_stmt_value avqa_stmt_n(int64_t number)
{
    return (struct avqa_stmt_value){AVQA_STMT_INT, number, NULL};
}

/* NULL is SQL's null. */
static inline struct avqa_stmt_value avqa_stmt_t(const char *text)
{
    return (struct avqa_stmt_value){AVQA_STMT_TEXT, 0, text};
}

/* SQL's null where the number means that nobody knows. */
static inline struct avqa_stmt_value avqa_stmt_n_or_null(int64_t number,
                                                         int64_t unknown)
{
    struct avqa_stmt_value v = avqa_stmt_n(number);
    v.kind = number == unknown ? AVQA_STMT_NULL : AVQA_STMT_INT;
    return v;
}

/* Runs SQL without rows once, with its parameters in order: for what runs so rarely
 * that preparing it each time does not matter. */
AVQA_CHECK enum avqa_status avqa_stmt_once(struct avqa_catalog *cat, const char *sql,
                                           const struct avqa_stmt_value *values,
                                           size_t n);
#define AVQA_STMT_ONCE(cat, sql, ...)                                                  \
    avqa_stmt_once(cat, sql, (const struct avqa_stmt_value[]){__VA_ARGS__},            \
                   sizeof((const struct avqa_stmt_value[]){__VA_ARGS__}) /             \
                       sizeof(struct avqa_stmt_value))

/* Columns of the row in hand, from 0. Texts are borrowed until the next step. */
int64_t avqa_stmt_int(const struct avqa_stmt *st, int column);
const char *avqa_stmt_text(const struct avqa_stmt *st, int column); /* NULL if null */
bool avqa_stmt_is_null(const struct avqa_stmt *st, int column);
int64_t avqa_stmt_int_or(const struct avqa_stmt *st, int column, int64_t if_null);

/* A column that must be an id usable as an index, in a query ordered by it: `n_before`
 * rows came before. Ids are given one after the other, so one that is far beyond their
 * number is damage (AVQA_EFORMAT), and nothing is allocated for it. */
AVQA_CHECK enum avqa_status avqa_stmt_dense_id(const struct avqa_stmt *st, int column,
                                               size_t n_before, size_t *id);

/* Calls `fn` for every row of a query of (id, text); the text is borrowed. */
typedef enum avqa_status avqa_stmt_text_fn(void *user, int64_t id, const char *text);
AVQA_CHECK enum avqa_status avqa_stmt_each(struct avqa_catalog *cat, const char *sql,
                                           avqa_stmt_text_fn *fn, void *user);
/* As avqa_stmt_each, for ids usable as an index (avqa_stmt_dense_id). */
AVQA_CHECK enum avqa_status avqa_stmt_each_dense(struct avqa_catalog *cat,
                                                 const char *sql, avqa_stmt_text_fn *fn,
                                                 void *user);

int64_t avqa_stmt_last_id(const struct avqa_stmt *st); /* of the last insert */
int64_t avqa_stmt_changes(const struct avqa_stmt *st); /* rows it wrote */

#endif
