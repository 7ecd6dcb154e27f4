/* A catalog is made, opened and checked: newer, older, foreign and broken files are
 * told apart; keys and types are enforced; a transaction happens or does not; any
 * folder name will do; a second writer is told who is in the way. */
#include "catalog_fixture.h"
#include "dump.h"

static void test_create_and_open(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_catalog *reader;
    assert_fails(avqa_catalog_create(f->path, "again"), AVQA_EEXIST,
                 "there is a catalog already");
    assert_ok(avqa_catalog_open(&reader, f->path, AVQA_CATALOG_READ));
    assert_string_equal(avqa_catalog_name(reader), "fixture");
    assert_int_equal(catalog_ask(reader, "PRAGMA user_version"),
                     avqa_catalog_schema_version());
    assert_true(avqa_catalog_schema_version() >= 1);
    assert_int_not_equal(catalog_try(reader, "INSERT INTO phrase(text) VALUES ('x')"),
                         AVQA_OK);
    avqa_catalog_close(reader);
    avqa_catalog_close(NULL);
}

static void test_what_is_no_catalog(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_catalog *cat;
    char garbage[8192];
    memset(garbage, 'g', sizeof garbage);
    char *bad = check_write(f->dir, "garbage", garbage, sizeof garbage);
    char *empty = check_write(f->dir, "empty", "", 0);
    char *missing = avqa_io_join(f->dir, "missing");
    for (int mode = AVQA_CATALOG_READ; mode <= AVQA_CATALOG_WRITE; mode++) {
        enum avqa_catalog_mode m = (enum avqa_catalog_mode)mode;
        assert_fails(avqa_catalog_open(&cat, bad, m), AVQA_EFORMAT,
                     "garbage: is damaged or not a catalog");
        assert_fails(avqa_catalog_open(&cat, empty, m), AVQA_EFORMAT,
                     "empty: is not an avqa catalog");
        assert_fails(avqa_catalog_open(&cat, missing, m), AVQA_ENOENT, "missing");
        assert_int_not_equal(avqa_catalog_open(&cat, f->dir, m), AVQA_OK);
    }
    assert_false(avqa_io_exists(missing));
    free(bad);
    free(empty);
    free(missing);
}

/* What cannot be prepared can be freed. */
static void test_no_statement(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_stmt *st = (struct avqa_stmt *)f;
    assert_int_not_equal(avqa_stmt_prepare(&st, f->cat, "SELECT nonsense"), AVQA_OK);
    assert_null(st);
    avqa_stmt_free(st);
}

static void test_versions(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_catalog *cat;
    assert_ok(catalog_try(f->cat, "PRAGMA user_version = 99"));
    assert_fails(avqa_catalog_open(&cat, f->path, AVQA_CATALOG_READ), AVQA_EVERSION,
                 "made by a newer avqa (schema 99, this one knows ");
    assert_fails(avqa_catalog_open(&cat, f->path, AVQA_CATALOG_WRITE), AVQA_EVERSION,
                 "update avqa");
    assert_ok(catalog_try(f->cat, "PRAGMA application_id = 77"));
    assert_fails(avqa_catalog_open(&cat, f->path, AVQA_CATALOG_READ), AVQA_EFORMAT,
                 "is not an avqa catalog");
}

/* An older catalog is brought up to date by who may write, and only by them. Version 0
 * with our mark and nothing in it stands for it. */
static void test_migration(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_catalog *cat;
    sqlite3 *db;
    char *path = avqa_io_join(f->dir, "old.sqlite");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA application_id = 0x61767161;"
                                  "PRAGMA user_version = 0; CREATE TABLE x(y)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_fails(avqa_catalog_open(&cat, path, AVQA_CATALOG_READ), AVQA_EVERSION,
                 "made by an older avqa (schema 0");
    assert_int_not_equal(avqa_catalog_open(&cat, path, AVQA_CATALOG_WRITE), AVQA_OK);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "INSERT INTO meta VALUES ('name', 'old')", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    assert_ok(avqa_catalog_open(&cat, path, AVQA_CATALOG_READ));
    assert_string_equal(avqa_catalog_name(cat), "old");
    avqa_catalog_close(cat);
    free(path);
}

static void test_keys_and_types(void **state)
{
    struct catalog_fixture *f = *state;
    assert_int_equal(catalog_ask(f->cat, "PRAGMA foreign_keys"), 1);
    assert_fails(catalog_try(f->cat, "INSERT INTO scene(clip_id, origin, facts) "
                                     "VALUES (999, 'studio', '{}')"),
                 AVQA_EIO, "FOREIGN KEY");
    assert_fails(
        catalog_try(f->cat, "INSERT INTO source(name, bytes) VALUES ('v', 'x')"),
        AVQA_EIO, "cannot store TEXT value");
    assert_fails(catalog_try(f->cat, "INSERT INTO clip(picture, sound, origin, run_id) "
                                     "VALUES ('v', 'v', 'fake', 1)"),
                 AVQA_EIO, "CHECK");
    assert_int_equal(
        catalog_ask(f->cat,
                    "SELECT count(*) FROM pragma_table_list WHERE schema = "
                    "'main' AND type = 'table' AND NOT strict AND name NOT LIKE "
                    "'sqlite_%'"),
        0);
}

static void test_transaction(void **state)
{
    struct catalog_fixture *f = *state;
    static const char insert[] = "INSERT INTO phrase(text) VALUES ('half')";
    char *before = dump_of(f->dir);
    assert_ok(avqa_catalog_begin(f->cat));
    assert_ok(catalog_try(f->cat, insert));
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM phrase"), 1);
    avqa_catalog_rollback(f->cat);
    avqa_catalog_rollback(f->cat);
    dump_same(f->dir, before);
    before = dump_of(f->dir);
    assert_ok(avqa_catalog_begin(f->cat));
    assert_ok(catalog_try(f->cat, insert));
    avqa_catalog_close(f->cat); /* rolls back */
    f->cat = NULL;
    dump_same(f->dir, before);
    assert_ok(avqa_catalog_open(&f->cat, f->path, AVQA_CATALOG_WRITE));
    assert_ok(avqa_catalog_begin(f->cat));
    assert_ok(catalog_try(f->cat, insert));
    assert_ok(avqa_catalog_commit(f->cat));
    avqa_catalog_rollback(f->cat);
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM phrase"), 1);
}

static void test_folder_names(void **state)
{
    struct catalog_fixture *f = *state;
    static const char *const names[] = {
        "a?mode=memory", "b#c", "%41%2f",    "with space", "二胡", "q?x=1&y#z",
        "quote'\"",      "a:b", "tab\there", "~",          "x;y",  "file:"};
    for (size_t i = 0; i < N_OF(names); i++) {
        struct avqa_catalog *cat;
        char *dir = avqa_io_join(f->dir, names[i]);
        char *path = avqa_io_join(dir, "catalog.sqlite");
        assert_ok(avqa_io_mkdir(dir));
        assert_ok(avqa_catalog_create(path, names[i]));
        assert_true(avqa_io_exists(path));
        assert_ok(avqa_catalog_open(&cat, path, AVQA_CATALOG_WRITE));
        assert_ok(catalog_try(cat, "INSERT INTO phrase(text) VALUES ('x')"));
        avqa_catalog_close(cat);
        assert_ok(avqa_catalog_open(&cat, path, AVQA_CATALOG_READ));
        assert_string_equal(avqa_catalog_name(cat), names[i]);
        assert_int_equal(catalog_ask(cat, "SELECT count(*) FROM phrase"), 1);
        avqa_catalog_close(cat);
        free(path);
        free(dir);
    }
}

static void test_second_writer(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_catalog *second;
    struct avqa_catalog *reader;
    assert_ok(avqa_catalog_open(&second, f->path, AVQA_CATALOG_WRITE));
    avqa_catalog_set_patience(second, 20000);
    assert_int_equal(catalog_ask(second, "PRAGMA busy_timeout"), 20);
    assert_ok(avqa_catalog_begin(f->cat));
    assert_ok(catalog_try(f->cat, "INSERT INTO phrase(text) VALUES ('mine')"));
    assert_fails(avqa_catalog_begin(second), AVQA_EIO,
                 "another avqa is writing to this dataset");
    assert_ok(avqa_catalog_open(&reader, f->path, AVQA_CATALOG_READ));
    assert_int_equal(catalog_ask(reader, "SELECT count(*) FROM phrase"), 0);
    assert_ok(avqa_catalog_commit(f->cat));
    assert_int_equal(catalog_ask(reader, "SELECT count(*) FROM phrase"), 1);
    assert_ok(avqa_catalog_begin(second));
    avqa_catalog_close(second);
    avqa_catalog_close(reader);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, catalog_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_create_and_open), TEST(test_what_is_no_catalog),
        TEST(test_no_statement),    TEST(test_versions),
        TEST(test_migration),       TEST(test_keys_and_types),
        TEST(test_transaction),     TEST(test_folder_names),
        TEST(test_second_writer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
