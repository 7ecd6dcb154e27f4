/* The audit of a dataset: from the catalog to report.json, tables, figures and one page
 * that a person wants to read. */
#ifndef AVQA_PIPELINE_AUDIT_H
#define AVQA_PIPELINE_AUDIT_H

#include "audit/audit.h"
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct avqa_audit_config {
    const char *dataset; /* folder */
    const char *output;  /* folder of the report; NULL: compute, write nothing */
    const char *page;    /* templates/report.html */
    bool figures;        /* draw them too */
    struct avqa_audit_opts opts;
    const struct avqa_log *log;
};

struct avqa_audit_result {
    struct avqa_json *report; /* report.json, the caller's to free */
    size_t n_findings[3];     /* by enum avqa_severity */
};

/* Runs the audit and writes the report: report.json, tables as CSV, figures as SVG and
 * PDF, and report.html, which holds them all. The findings are noted in the catalog. */
AVQA_CHECK enum avqa_status avqa_audit(const struct avqa_audit_config *config,
                                       struct avqa_audit_result *result);

#endif
