/* Opening, migrating and transactions. The file is in WAL mode with full syncs: a
 * commit is on disk when it returns, and a process killed at any moment leaves the last
 * one. */
#include "catalog/catalog.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/migrations.h"
#include "catalog/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

enum {
    APPLICATION_ID = 0x61767161, /* "avqa" */
    BUSY_TIMEOUT_MS = 5000,
};

static const char SQL_SETTINGS[] = "PRAGMA foreign_keys = ON;"
                                   "PRAGMA synchronous = FULL;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA cache_size = -65536;" /* 64 MiB */
                                   "PRAGMA trusted_schema = OFF;";
static const char SQL_SET_NAME[] = "INSERT INTO meta VALUES ('name', ?)";
static const char SQL_GET_NAME[] = "SELECT value FROM meta WHERE key = 'name'";

struct avqa_catalog {
    sqlite3 *db;
    char *path;
    char *name;
    bool in_transaction;
};

void *avqa_catalog_db(const struct avqa_catalog *cat)
{
    return cat->db;
}

enum avqa_status avqa_catalog_fail(const struct avqa_catalog *cat, int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
        return avqa_fail(AVQA_EIO, "%s: another avqa is writing to this dataset",
                         cat->path);
    case SQLITE_IOERR: /* without room for its shared memory it says so in this way */
        if (sqlite3_extended_errcode(cat->db) != SQLITE_IOERR_SHMSIZE)
            return avqa_fail(AVQA_EIO, "%s: cannot be read or written: %s", cat->path,
                             sqlite3_errmsg(cat->db));
        return avqa_fail(AVQA_EIO, "%s: the disk is full", cat->path);
    case SQLITE_FULL:
        return avqa_fail(AVQA_EIO, "%s: the disk is full", cat->path);
    case SQLITE_CANTOPEN:
        return avqa_fail(AVQA_EIO, "%s: cannot be opened or written here (permission?)",
                         cat->path);
    case SQLITE_READONLY:
        return avqa_fail(AVQA_EIO, "%s: cannot be written here (read-only?)",
                         cat->path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return avqa_fail(AVQA_EFORMAT, "%s: is damaged or not a catalog", cat->path);
    case SQLITE_NOMEM:
        return avqa_fail(AVQA_ENOMEM, "%s: out of memory", cat->path);
    default:
        return avqa_fail(AVQA_EIO, "%s: %s", cat->path, sqlite3_errmsg(cat->db));
    }
}

static enum avqa_status execute(struct avqa_catalog *cat, const char *sql)
{
    int code = sqlite3_exec(cat->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? AVQA_OK : avqa_catalog_fail(cat, code);
}

/* The value of a one-number pragma or query. */
static enum avqa_status ask_int(struct avqa_catalog *cat, const char *sql, int *value)
{
    sqlite3_stmt *st;
    int code = sqlite3_prepare_v2(cat->db, sql, -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return code == SQLITE_ROW ? AVQA_OK : avqa_catalog_fail(cat, code);
}

/* A path as a URI: whatever a folder is called, it stays one path. */
static void add_uri(struct avqa_buf *uri, const char *path, const char *suffix)
{
    avqa_buf_adds(uri, "file:");
    while (path[0] == '/' && path[1] == '/')
        path++; /* two would begin a host name */
    for (const char *s = path; *s; s++) {
        bool plain = strchr("?#% ", *s) == NULL && (unsigned char)*s > ' ';
        if (plain)
            avqa_buf_addc(uri, *s);
        else
            avqa_buf_addf(uri, "%%%02x", (unsigned char)*s);
    }
    avqa_buf_adds(uri, suffix);
}

static enum avqa_status connect(struct avqa_catalog *cat, const char *path, int flags,
                                const char *suffix)
{
    struct avqa_buf uri = AVQA_BUF_INIT;
    add_uri(&uri, path, suffix);
    int code = sqlite3_open_v2(avqa_buf_str(&uri), &cat->db,
                               flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    avqa_buf_release(&uri);
    if (code != SQLITE_OK)
        return avqa_catalog_fail(cat, code);
    sqlite3_busy_timeout(cat->db, BUSY_TIMEOUT_MS);
    return AVQA_OK;
}

/* The version is asked inside the transaction: another process may have migrated it. */
static enum avqa_status migrate(struct avqa_catalog *cat)
{
    char pragma[128];
    int from = 0;
    enum avqa_status rc = avqa_catalog_begin(cat);
    if (rc == AVQA_OK)
        rc = ask_int(cat, "PRAGMA user_version", &from);
    for (int v = from; rc == AVQA_OK && v < avqa_n_migrations; v++)
        rc = execute(cat, avqa_migrations[v]);
    snprintf(pragma, sizeof pragma,
             "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
             avqa_n_migrations);
    if (rc == AVQA_OK)
        rc = execute(cat, pragma);
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(cat);
    if (rc != AVQA_OK)
        avqa_catalog_rollback(cat);
    return rc;
}

static enum avqa_status check_version(struct avqa_catalog *cat,
                                      enum avqa_catalog_mode mode)
{
    int application = 0;
    int version = 0;
    enum avqa_status rc = ask_int(cat, "PRAGMA application_id", &application);
    if (rc == AVQA_OK)
        rc = ask_int(cat, "PRAGMA user_version", &version);
    if (rc != AVQA_OK)
        return rc;
    if (application != APPLICATION_ID)
        return avqa_fail(AVQA_EFORMAT, "%s: is not an avqa catalog", cat->path);
    if (version > avqa_n_migrations)
        return avqa_fail(AVQA_EVERSION,
                         "%s: made by a newer avqa (schema %d, this one knows %d); "
                         "update avqa",
                         cat->path, version, avqa_n_migrations);
    if (version < avqa_n_migrations && mode == AVQA_CATALOG_READ)
        return avqa_fail(AVQA_EVERSION,
                         "%s: made by an older avqa (schema %d, now %d); run a command "
                         "that writes, such as import, to bring it up to date",
                         cat->path, version, avqa_n_migrations);
    return version < avqa_n_migrations ? migrate(cat) : AVQA_OK;
}

static enum avqa_status read_name(struct avqa_catalog *cat)
{
    sqlite3_stmt *st;
    int code = sqlite3_prepare_v2(cat->db, SQL_GET_NAME, -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        cat->name = avqa_mem_strdup((const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    return cat->name ? AVQA_OK : avqa_catalog_fail(cat, code);
}

static struct avqa_catalog *catalog_new(const char *path)
{
    struct avqa_catalog *cat = avqa_mem_new(sizeof *cat);
    cat->path = avqa_mem_strdup(path);
    return cat;
}

static enum avqa_status store_name(struct avqa_catalog *cat, const char *name)
{
    sqlite3_stmt *st;
    int code = sqlite3_prepare_v2(cat->db, SQL_SET_NAME, -1, &st, NULL);
    if (code == SQLITE_OK)
        sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    sqlite3_finalize(st);
    return code == SQLITE_DONE ? AVQA_OK : avqa_catalog_fail(cat, code);
}

/* Makes it under a name of its own and names it when it is whole, so that a kill leaves
 * no half catalog, and of two that make one the second finds the first's. */
enum avqa_status avqa_catalog_create(const char *path, const char *name)
{
    if (avqa_io_exists(path))
        return avqa_fail(AVQA_EEXIST, "%s: there is a catalog already", path);
    struct avqa_buf temp = AVQA_BUF_INIT;
    avqa_buf_addf(&temp, "%s.%ld.tmp", path, (long)getpid());
    struct avqa_catalog *cat = catalog_new(path);
    enum avqa_status rc = connect(cat, avqa_buf_str(&temp),
                                  SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
    if (rc == AVQA_OK)
        rc = execute(cat, SQL_SETTINGS);
    if (rc == AVQA_OK)
        rc = migrate(cat);
    if (rc == AVQA_OK)
        rc = store_name(cat, name);
    if (rc == AVQA_OK) /* last, so that nothing is in a log that has the other name */
        rc = execute(cat, "PRAGMA journal_mode = WAL");
    avqa_catalog_close(cat);
    if (rc == AVQA_OK)
        rc = avqa_io_publish(avqa_buf_str(&temp), path);
    else
        unlink(avqa_buf_str(&temp));
    avqa_buf_release(&temp);
    return rc;
}

/* Whether commits lie in the log beside the file, because its last writer was killed.
 */
static bool has_log(const char *path)
{
    struct stat st;
    struct avqa_buf log = AVQA_BUF_INIT;
    avqa_buf_addf(&log, "%s-wal", path);
    bool found = stat(avqa_buf_str(&log), &st) == 0 && st.st_size > 0;
    avqa_buf_release(&log);
    return found;
}

/* A folder that may not be written has no place for WAL's shared memory; what is there
 * cannot change either, so it is read as it stands, unless that would miss commits. */
static enum avqa_status connect_to_read(struct avqa_catalog *cat)
{
    int application;
    enum avqa_status rc = connect(cat, cat->path, SQLITE_OPEN_READONLY, "?mode=ro");
    if (rc == AVQA_OK &&
        ask_int(cat, "SELECT count(*) FROM sqlite_schema", &application) == AVQA_OK)
        return AVQA_OK;
    sqlite3_close(cat->db);
    cat->db = NULL;
    if (has_log(cat->path))
        return avqa_fail(AVQA_EIO,
                         "%s: its last writer did not finish, and reading it needs a "
                         "folder that may be written; copy the folder, or use it once "
                         "as its owner",
                         cat->path);
    return connect(cat, cat->path, SQLITE_OPEN_READONLY, "?immutable=1");
}

enum avqa_status avqa_catalog_open(struct avqa_catalog **out, const char *path,
                                   enum avqa_catalog_mode mode)
{
    if (access(path, F_OK) != 0)
        return avqa_fail(AVQA_ENOENT, "%s: %s", path, strerror(errno));
    if (avqa_io_is_dir(path))
        return avqa_fail(AVQA_EFORMAT, "%s: is a folder, not a catalog", path);
    struct avqa_catalog *cat = catalog_new(path);
    enum avqa_status rc = mode == AVQA_CATALOG_READ
                              ? connect_to_read(cat)
                              : connect(cat, path, SQLITE_OPEN_READWRITE, "");
    if (rc == AVQA_OK)
        rc = execute(cat, SQL_SETTINGS);
    if (rc == AVQA_OK)
        rc = check_version(cat, mode);
    if (rc == AVQA_OK)
        rc = read_name(cat);
    if (rc != AVQA_OK) {
        avqa_catalog_close(cat);
        return rc;
    }
    *out = cat;
    return AVQA_OK;
}

void avqa_catalog_close(struct avqa_catalog *cat)
{
    if (!cat)
        return;
    avqa_catalog_rollback(cat);
    sqlite3_close(cat->db);
    free(cat->path);
    free(cat->name);
    free(cat);
}

void avqa_catalog_set_patience(struct avqa_catalog *cat, int64_t patience_us)
{
    sqlite3_busy_timeout(cat->db, (int)(patience_us / 1000));
}

enum avqa_status avqa_catalog_begin(struct avqa_catalog *cat)
{
    enum avqa_status rc = execute(cat, "BEGIN IMMEDIATE");
    cat->in_transaction = rc == AVQA_OK;
    return rc;
}

enum avqa_status avqa_catalog_begin_read(struct avqa_catalog *cat)
{
    enum avqa_status rc = execute(cat, "BEGIN");
    cat->in_transaction = rc == AVQA_OK;
    return rc;
}

enum avqa_status avqa_catalog_commit(struct avqa_catalog *cat)
{
    enum avqa_status rc = execute(cat, "COMMIT");
    if (rc == AVQA_OK)
        cat->in_transaction = false;
    return rc;
}

void avqa_catalog_rollback(struct avqa_catalog *cat)
{
    if (cat->in_transaction)
        sqlite3_exec(cat->db, "ROLLBACK", NULL, NULL, NULL);
    cat->in_transaction = false;
}

const char *avqa_catalog_name(const struct avqa_catalog *cat)
{
    return cat->name;
}

int avqa_catalog_schema_version(void)
{
    return avqa_n_migrations;
}
