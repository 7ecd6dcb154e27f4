/* See import_rows.h. */
#include "pipeline/import_rows.h"
#include "base/rows.h"
#include "catalog/run.h"
#include "pipeline/import_run.h"

static enum avqa_status walk_rows(const struct avqa_import_walk *w,
                                  struct avqa_rows *rows, const char *file)
{
    for (;;) {
        const struct avqa_json *row;
        enum avqa_status rc = avqa_rows_next(rows, &row);
        if (rc != AVQA_OK || !row)
            return rc;
        int64_t number = avqa_rows_number(rows);
        w->counts->rows++;
        rc = w->import_row(w->user, file, number, row);
        rc = avqa_import_refuse(w->counts, rc, file, number);
        if (rc != AVQA_OK)
            return rc;
        if (avqa_log_stopped(w->config->log))
            return avqa_fail(AVQA_ESTOPPED, "stopped; nothing was imported");
        if (number % 1024 == 0)
            avqa_log_progress(w->config->log, "bytes read", avqa_rows_bytes_read(rows),
                              avqa_rows_bytes_total(rows));
    }
}

enum avqa_status avqa_import_rows(const struct avqa_import_walk *walk, const char *file)
{
    struct avqa_rows *rows;
    enum avqa_status rc = avqa_rows_open(&rows, file);
    if (rc != AVQA_OK)
        return rc;
    rc = walk_rows(walk, rows, file);
    if (rc == AVQA_OK)
        rc = avqa_run_add_input(walk->cat, walk->run_id, file,
                                avqa_rows_bytes_read(rows), avqa_rows_sha256(rows));
    avqa_rows_close(rows);
    return rc;
}
