/* What an audit's report has as CSV, for spreadsheets and scripts. */
#ifndef AVQA_PIPELINE_AUDIT_CSV_H
#define AVQA_PIPELINE_AUDIT_CSV_H

#include "audit/audit.h"
#include "base/json.h"
#include "base/status.h"

/* Writes each of avqa_audit_tables as OUTPUT/tables/ID.csv; those of an earlier audit
 * that are none of these are removed, other files stay. */
AVQA_CHECK enum avqa_status avqa_audit_csv_tables(const struct avqa_json *tables,
                                                  const char *output);

/* Writes OUTPUT/tables/findings.csv: a line for every row that proves a finding. */
AVQA_CHECK enum avqa_status avqa_audit_csv_findings(const struct avqa_audit *audit,
                                                    const char *output);

#endif
