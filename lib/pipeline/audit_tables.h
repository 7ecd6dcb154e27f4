/* The tables of an audit, for people: on the report page and as CSV files. */
#ifndef AVQA_PIPELINE_AUDIT_TABLES_H
#define AVQA_PIPELINE_AUDIT_TABLES_H

#include "audit/audit.h"
#include "base/json.h"
#include "base/status.h"

/* All tables, as the page reads them: a list of {"id", "title", "caption", "columns":
 * [{"name", "kind": "text|count|percent|number"}], "rows": [[...]]}. `*tables` is the
 * caller's. */
AVQA_CHECK enum avqa_status avqa_audit_tables(struct avqa_json **tables,
                                              const struct avqa_audit *audit);

/* Writes each as OUTPUT/tables/ID.csv; those of an earlier audit that are none of these
 * are removed, other files stay. */
AVQA_CHECK enum avqa_status avqa_audit_tables_write(const struct avqa_json *tables,
                                                    const char *output);

/* Writes OUTPUT/tables/findings.csv: a line for every row that proves a finding. */
AVQA_CHECK enum avqa_status avqa_audit_findings_write(const struct avqa_audit *audit,
                                                      const char *output);

#endif
