/* See audit_csv.h. Each file is made in memory and written at once, so that none is
 * ever half there. */
#include "pipeline/audit_csv.h"
#include "base/csv.h"
#include "base/io.h"
#include "pipeline/audit_tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void add_value(struct avqa_buf *out, const struct avqa_json *value)
{
    const char *text = avqa_json_string(value);
    if (text)
        avqa_csv_add(out, text);
    else
        avqa_json_print(out, value, 0);
}

/* FOLDER/ID.csv. Caller frees. */
static char *csv_path(const char *folder, const char *id)
{
    struct avqa_buf name = AVQA_BUF_INIT;
    avqa_buf_addf(&name, "%s.csv", id);
    char *path = avqa_io_join(folder, avqa_buf_str(&name));
    avqa_buf_release(&name);
    return path;
}

static enum avqa_status write_csv(const char *folder, const char *id,
                                  const struct avqa_buf *csv)
{
    char *path = csv_path(folder, id);
    enum avqa_status rc = avqa_buf_status(csv);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, avqa_buf_str(csv), csv->len);
    free(path);
    return rc;
}

/* Removes the tables that an older report had and this one has not. */
static enum avqa_status drop_others(const char *folder, const struct avqa_json *tables)
{
    enum avqa_status rc = AVQA_OK;
    const char *id;
    for (size_t i = 0; rc == AVQA_OK && (id = avqa_audit_table_id(i)) != NULL; i++) {
        const struct avqa_json *t = avqa_json_first(tables);
        while (t && strcmp(avqa_json_string(avqa_json_get(t, "id")), id) != 0)
            t = avqa_json_next(t);
        char *path = t ? NULL : csv_path(folder, id);
        if (path)
            rc = avqa_io_remove(path);
        free(path);
    }
    return rc;
}

static enum avqa_status write_table(const char *folder, const struct avqa_json *table)
{
    struct avqa_buf csv = AVQA_BUF_INIT;
    const struct avqa_json *c = avqa_json_first(avqa_json_get(table, "columns"));
    for (bool first = true; c; c = avqa_json_next(c), first = false) {
        avqa_buf_adds(&csv, first ? "" : ",");
        avqa_csv_add(&csv, avqa_json_string(avqa_json_get(c, "name")));
    }
    avqa_buf_addc(&csv, '\n');
    const struct avqa_json *r = avqa_json_first(avqa_json_get(table, "rows"));
    for (; r; r = avqa_json_next(r)) {
        const struct avqa_json *v = avqa_json_first(r);
        for (bool first = true; v; v = avqa_json_next(v), first = false) {
            avqa_buf_adds(&csv, first ? "" : ",");
            add_value(&csv, v);
        }
        avqa_buf_addc(&csv, '\n');
    }
    enum avqa_status rc =
        write_csv(folder, avqa_json_string(avqa_json_get(table, "id")), &csv);
    avqa_buf_release(&csv);
    return rc;
}

enum avqa_status avqa_audit_csv_tables(const struct avqa_json *tables,
                                       const char *output)
{
    char *folder = avqa_io_join(output, "tables");
    enum avqa_status rc = avqa_io_mkdir(folder);
    const struct avqa_json *t = avqa_json_first(tables);
    for (; rc == AVQA_OK && t; t = avqa_json_next(t))
        rc = write_table(folder, t);
    if (rc == AVQA_OK)
        rc = drop_others(folder, tables);
    free(folder);
    return rc;
}

/* The line of one proving row; row = SIZE_MAX for a finding without rows. */
static enum avqa_status add_finding_line(struct avqa_buf *csv,
                                         const struct avqa_audit *audit,
                                         const struct avqa_finding *f, size_t row)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_addf(csv, "%s,%s,", f->check, avqa_severity_name(f->severity));
    avqa_csv_add(csv, f->message);
    if (row == SIZE_MAX) {
        avqa_buf_adds(csv, ",,,,\n");
        return AVQA_OK;
    }
    const struct avqa_audit_row *r = &audit->t->rows[row];
    avqa_row_reference(&text, audit->t, row);
    avqa_buf_addc(csv, ',');
    avqa_csv_add(csv, avqa_buf_str(&text));
    avqa_buf_addc(csv, ',');
    avqa_csv_add(csv, avqa_audit_video(audit->t, audit->t->clips[r->clip].video));
    enum avqa_status rc = avqa_buf_status(&text);
    avqa_buf_clear(&text);
    if (rc == AVQA_OK)
        rc = avqa_audit_fill(&text, audit->t, r);
    avqa_buf_addc(csv, ',');
    avqa_csv_add(csv, avqa_buf_str(&text));
    avqa_buf_addc(csv, ',');
    avqa_csv_add(csv, avqa_audit_answer(audit->t, r->answer));
    avqa_buf_addc(csv, '\n');
    avqa_buf_release(&text);
    return rc;
}

enum avqa_status avqa_audit_csv_findings(const struct avqa_audit *audit,
                                         const char *output)
{
    struct avqa_buf csv = AVQA_BUF_INIT;
    char *folder = avqa_io_join(output, "tables");
    enum avqa_status rc = AVQA_OK;
    avqa_buf_adds(&csv, "check,severity,message,row,video,question,answer\n");
    for (size_t i = 0; rc == AVQA_OK && i < audit->findings.n; i++) {
        const struct avqa_finding *f = &audit->findings.items[i];
        for (size_t k = 0; rc == AVQA_OK && k < f->n_rows; k++)
            rc = add_finding_line(&csv, audit, f, f->rows[k]);
        if (f->n_rows == 0)
            rc = add_finding_line(&csv, audit, f, SIZE_MAX);
    }
    if (rc == AVQA_OK)
        rc = write_csv(folder, "findings", &csv);
    avqa_buf_release(&csv);
    free(folder);
    return rc;
}
