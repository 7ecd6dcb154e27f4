/* See run.h. These statements run a few times a command, so each is prepared in place.
 */
#include "catalog/run.h"
#include "base/mem.h"
#include "base/version.h"
#include "catalog/stmt.h"

static const char SQL_START[] =
    "INSERT INTO run(command, options, version, started_us) VALUES (?, ?, ?, ?)";
static const char SQL_INPUT[] = "INSERT INTO run_input VALUES (?, ?, ?, ?)";
static const char SQL_FINISH[] =
    "UPDATE run SET outcome = ?, counters = ?, ended_us = ? WHERE id = ?";
static const char SQL_FINDING[] =
    "INSERT INTO finding(run_id, check_id, severity, message, n_questions, n_clips) "
    "VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_TOTALS[] =
    "SELECT 'sources', count(*) FROM source UNION ALL "
    "SELECT 'source_files', count(path) FROM source "
    "UNION ALL "
    "SELECT 'measured', count(*) FROM measure m JOIN "
    "source s ON s.id = m.source_id AND "
    "s.sha256 = m.sha256 UNION ALL "
    "SELECT 'clips', count(*) FROM clip UNION ALL "
    "SELECT 'clip_files', count(path) FROM clip "
    "UNION ALL "
    "SELECT 'templates', count(*) FROM template UNION ALL "
    "SELECT 'questions', count(*) FROM question UNION ALL "
    "SELECT 'clips_with_facts', count(*) FROM scene UNION ALL "
    "SELECT 'shards', count(*) FROM shard UNION ALL "
    "SELECT 'features', count(*) FROM feature UNION ALL "
    "SELECT 'commands', count(*) FROM run WHERE outcome IS NOT '" AVQA_RUN_NOTHING "'";
static const char SQL_LAST_FINDINGS[] =
    "SELECT s.severity, count(f.id) FROM (SELECT 'error' AS severity, 1 AS place "
    "UNION ALL SELECT 'warning', 2 UNION ALL SELECT 'note', 3) s "
    "JOIN (SELECT max(id) AS id FROM run WHERE command = 'audit') r ON r.id > "
    "(SELECT coalesce(max(id), 0) FROM run WHERE command <> 'audit' "
    "AND outcome IS NOT '" AVQA_RUN_NOTHING "') "
    "LEFT JOIN finding f ON f.run_id = r.id AND f.severity = s.severity "
    "GROUP BY s.place ORDER BY s.place";
static const char SQL_LAST_OPTIONS[] = "SELECT options FROM run WHERE command = ? AND "
                                       "outcome IN ('done', '" AVQA_RUN_NOTHING "') "
                                       "ORDER BY id DESC LIMIT 1";
/* What an encoder found stays said when a later run asks for another one only. */
static const char SQL_FAILURES[] =
    "SELECT stage, reason, count(*) FROM ("
    "SELECT stage, CASE stage WHEN 'extract' THEN clip_id ELSE item END, "
    "coalesce(reason, 'unknown') AS reason FROM attempt a "
    "WHERE outcome = 'failed' AND id = (SELECT max(id) FROM attempt b "
    "WHERE b.stage = a.stage AND b.item = a.item) "
    "UNION SELECT 'extract', clip_id, reason FROM featureless) "
    "GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2";

enum avqa_status avqa_run_start(int64_t *id, struct avqa_catalog *cat,
                                const char *command, const char *options,
                                int64_t now_us)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_START);
    if (rc != AVQA_OK)
        return rc;
    avqa_stmt_bind_text(st, 1, command);
    avqa_stmt_bind_text(st, 2, options);
    avqa_stmt_bind_text(st, 3, AVQA_VERSION);
    avqa_stmt_bind_int(st, 4, now_us);
    rc = avqa_stmt_run(st);
    *id = avqa_stmt_last_id(st);
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_run_add_input(struct avqa_catalog *cat, int64_t id,
                                    const char *path, int64_t bytes, const char *sha256)
{
    return AVQA_STMT_ONCE(cat, SQL_INPUT, avqa_stmt_n(id), avqa_stmt_t(path),
                          avqa_stmt_n(bytes), avqa_stmt_t(sha256));
}

enum avqa_status avqa_run_finish(struct avqa_catalog *cat, int64_t id,
                                 const char *outcome, const char *counters,
                                 int64_t now_us)
{
    return AVQA_STMT_ONCE(cat, SQL_FINISH, avqa_stmt_t(outcome), avqa_stmt_t(counters),
                          avqa_stmt_n(now_us), avqa_stmt_n(id));
}

enum avqa_status avqa_run_add_finding(struct avqa_catalog *cat, int64_t id,
                                      const struct avqa_run_finding *f)
{
    return AVQA_STMT_ONCE(cat, SQL_FINDING, avqa_stmt_n(id), avqa_stmt_t(f->check),
                          avqa_stmt_t(f->severity), avqa_stmt_t(f->message),
                          avqa_stmt_n(f->n_questions), avqa_stmt_n(f->n_clips));
}

/* Runs a query of (text, number) rows. */
static enum avqa_status each_total(struct avqa_catalog *cat, const char *sql,
                                   avqa_run_total_fn *fn, void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, sql);
    while (avqa_stmt_next(&rc, st))
        rc = fn(user, avqa_stmt_text(st, 0), avqa_stmt_int(st, 1));
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_run_totals(struct avqa_catalog *cat, avqa_run_total_fn *fn,
                                 void *user)
{
    return each_total(cat, SQL_TOTALS, fn, user);
}

enum avqa_status avqa_run_last_findings(struct avqa_catalog *cat, avqa_run_total_fn *fn,
                                        void *user)
{
    return each_total(cat, SQL_LAST_FINDINGS, fn, user);
}

enum avqa_status avqa_run_last_options(char **out, struct avqa_catalog *cat,
                                       const char *command)
{
    struct avqa_stmt *st;
    *out = NULL;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_LAST_OPTIONS);
    avqa_stmt_bind_text(st, 1, command);
    if (avqa_stmt_next(&rc, st))
        *out = avqa_mem_strdup(avqa_stmt_text(st, 0));
    avqa_stmt_free(st);
    return rc;
}

enum avqa_status avqa_run_failures(struct avqa_catalog *cat, avqa_run_failure_fn *fn,
                                   void *user)
{
    struct avqa_stmt *st;
    enum avqa_status rc = avqa_stmt_prepare(&st, cat, SQL_FAILURES);
    while (avqa_stmt_next(&rc, st)) {
        struct avqa_run_failure failure = {avqa_stmt_text(st, 0), avqa_stmt_text(st, 1),
                                           avqa_stmt_int(st, 2)};
        rc = fn(user, &failure);
    }
    avqa_stmt_free(st);
    return rc;
}
