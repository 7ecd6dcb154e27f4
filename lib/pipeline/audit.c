/* Loads, audits, writes. The catalog is read first and closed; the findings are noted
 * in it at the end, when the report is on disk. */
#include "pipeline/audit.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/run.h"
#include "pipeline/audit_csv.h"
#include "pipeline/audit_figures.h"
#include "pipeline/audit_page.h"
#include "pipeline/audit_tables.h"
#include "pipeline/dataset.h"

#include <stdlib.h>

static enum avqa_status load(struct avqa_audit_table *table, const char *dataset,
                             char **name)
{
    struct avqa_catalog *cat;
    enum avqa_status rc = avqa_dataset_open(&cat, dataset, AVQA_CATALOG_READ);
    if (rc != AVQA_OK)
        return rc;
    *name = avqa_mem_strdup(avqa_catalog_name(cat));
    rc = avqa_catalog_begin_read(cat);
    if (rc == AVQA_OK)
        rc = avqa_audit_table_load(table, cat);
    avqa_catalog_close(cat);
    return rc;
}

static enum avqa_status write_report(const struct avqa_audit *audit, const char *output)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    char *path = avqa_io_join(output, "report.json");
    avqa_json_print(&text, audit->report, 2);
    avqa_buf_addc(&text, '\n');
    enum avqa_status rc = avqa_buf_status(&text);
    if (rc == AVQA_OK)
        rc = avqa_io_write(path, avqa_buf_str(&text), text.len);
    avqa_buf_release(&text);
    free(path);
    return rc;
}

/* An older report goes first: report.json is written last, so that where it is, all
 * that belongs to it is there too. */
static enum avqa_status drop_report(const char *output)
{
    char *path = avqa_io_join(output, "report.json");
    enum avqa_status rc = avqa_io_remove(path);
    free(path);
    return rc;
}

static enum avqa_status write_all(const struct avqa_audit_config *config,
                                  const struct avqa_audit *audit)
{
    struct avqa_buf figures = AVQA_BUF_INIT;
    struct avqa_json *tables = NULL;
    enum avqa_status rc = avqa_io_mkdir(config->output);
    if (rc == AVQA_OK)
        rc = drop_report(config->output);
    if (rc == AVQA_OK)
        rc = avqa_audit_tables(&tables, audit);
    if (rc == AVQA_OK)
        rc = avqa_audit_csv_tables(tables, config->output);
    if (rc == AVQA_OK)
        rc = avqa_audit_csv_findings(audit, config->output);
    if (rc == AVQA_OK && avqa_log_stopped(config->log))
        rc = avqa_fail(AVQA_ESTOPPED, "stopped; the report is not whole");
    if (rc == AVQA_OK)
        rc = config->figures
                 ? avqa_audit_figures(audit, config->output, &figures, config->log)
                 : avqa_audit_figures_drop(config->output);
    if (rc == AVQA_OK) {
        struct avqa_audit_page page = {config->page, config->output,
                                       avqa_buf_str(&figures), tables};
        rc = avqa_audit_page_write(audit, &page);
    }
    if (rc == AVQA_OK) /* last: where it is, everything else is */
        rc = write_report(audit, config->output);
    avqa_buf_release(&figures);
    avqa_json_free(tables);
    return rc;
}

static enum avqa_status note_findings(struct avqa_catalog *cat, int64_t run,
                                      const struct avqa_audit *audit)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < audit->findings.n; i++) {
        const struct avqa_finding *f = &audit->findings.items[i];
        struct avqa_run_finding finding = {f->check, avqa_severity_name(f->severity),
                                           f->message, (int64_t)f->n_rows_total,
                                           (int64_t)f->n_videos_total};
        rc = avqa_run_add_finding(cat, run, &finding);
    }
    return rc;
}

static enum avqa_status note_run(const struct avqa_audit_config *config,
                                 const struct avqa_audit *audit, int64_t started_us)
{
    struct avqa_catalog *cat;
    struct avqa_buf options = AVQA_BUF_INIT;
    int64_t run = 0;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "split", config->opts.split ? config->opts.split : "");
    avqa_json_put_string(o, "against",
                         config->opts.against ? config->opts.against : "");
    avqa_json_print(&options, o, 0);
    avqa_json_free(o);
    enum avqa_status rc = avqa_dataset_open(&cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK) {
        rc = avqa_catalog_begin(cat);
        if (rc == AVQA_OK)
            rc = avqa_run_start(&run, cat, "audit", avqa_buf_str(&options), started_us);
        if (rc == AVQA_OK)
            rc = note_findings(cat, run, audit);
        if (rc == AVQA_OK)
            rc = avqa_run_finish(cat, run, "done", NULL, avqa_clock_wall_us());
        if (rc == AVQA_OK)
            rc = avqa_catalog_commit(cat);
        avqa_catalog_close(cat);
    }
    avqa_buf_release(&options);
    return rc;
}

static enum avqa_status audit_table(const struct avqa_audit_config *config,
                                    const struct avqa_audit_table *table,
                                    const char *name, struct avqa_audit_result *result)
{
    struct avqa_audit audit = {0};
    int64_t started_us = avqa_clock_wall_us();
    struct avqa_audit_opts opts = config->opts;
    opts.log = config->log;
    enum avqa_status rc = avqa_audit_run(&audit, table, name, &opts);
    if (rc == AVQA_OK && config->output)
        rc = write_all(config, &audit);
    if (rc == AVQA_OK && config->output &&
        note_run(config, &audit, started_us) != AVQA_OK)
        avqa_log_write(config->log, AVQA_LOG_WARNING,
                       "the findings could not be noted in the catalog: %s",
                       avqa_message());
    if (rc == AVQA_OK) {
        for (size_t s = 0; s < 3; s++)
            result->n_findings[s] =
                avqa_findings_count(&audit.findings, (enum avqa_severity)s);
        result->report = audit.report;
        audit.report = NULL;
    }
    avqa_audit_release(&audit);
    return rc;
}

enum avqa_status avqa_audit(const struct avqa_audit_config *config,
                            struct avqa_audit_result *result)
{
    struct avqa_audit_table table = {0};
    char *name = NULL;
    *result = (struct avqa_audit_result){0};
    enum avqa_status rc = load(&table, config->dataset, &name);
    if (rc == AVQA_OK)
        rc = audit_table(config, &table, name, result);
    avqa_audit_table_release(&table);
    free(name);
    return rc;
}
