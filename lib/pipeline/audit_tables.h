/* The tables of an audit, for people: on the report page and as CSV files
 * (pipeline/audit_csv.h). */
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

/* The ids of all that there can be; NULL behind the last. */
const char *avqa_audit_table_id(size_t i);

#endif
