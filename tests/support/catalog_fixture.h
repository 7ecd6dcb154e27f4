/* A fresh catalog, open for writing, with a run started. */
#ifndef AVQA_TESTS_CATALOG_FIXTURE_H
#define AVQA_TESTS_CATALOG_FIXTURE_H

#include "catalog/catalog.h"
#include "catalog/run.h"
#include "catalog/stmt.h"
#include "check.h"

struct catalog_fixture {
    char *dir, *path;
    struct avqa_catalog *cat;
    int64_t run;
};

static inline int catalog_setup(void **state)
{
    struct catalog_fixture *f = calloc(1, sizeof *f);
    f->dir = check_folder();
    f->path = avqa_io_join(f->dir, "catalog.sqlite");
    assert_ok(avqa_catalog_create(f->path, "fixture"));
    assert_ok(avqa_catalog_open(&f->cat, f->path, AVQA_CATALOG_WRITE));
    assert_ok(avqa_run_start(&f->run, f->cat, "test", "{}", 1));
    *state = f;
    return 0;
}

static inline int catalog_teardown(void **state)
{
    struct catalog_fixture *f = *state;
    avqa_catalog_close(f->cat);
    free(f->path);
    check_remove(f->dir);
    free(f);
    return 0;
}

/* Starts another run, as another command would. */
static inline int64_t catalog_next_run(struct catalog_fixture *f)
{
    assert_ok(avqa_run_start(&f->run, f->cat, "test", "{}", 2));
    return f->run;
}

static inline enum avqa_status catalog_try(struct avqa_catalog *cat, const char *sql)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_stmt_run(st);
    avqa_stmt_free(st);
    return rc;
}

/* The number that a query gives. */
static inline int64_t catalog_ask(struct avqa_catalog *cat, const char *sql)
{
    struct avqa_stmt *st;
    bool row;
    assert_ok(avqa_stmt_prepare(&st, cat, sql));
    assert_ok(avqa_stmt_step(st, &row));
    assert_true(row);
    int64_t n = avqa_stmt_int(st, 0);
    avqa_stmt_free(st);
    return n;
}

#endif
