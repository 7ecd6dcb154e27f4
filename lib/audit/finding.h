/* A finding: what is wrong, how bad it is, and the rows that prove it. */
#ifndef AVQA_AUDIT_FINDING_H
#define AVQA_AUDIT_FINDING_H

#include "audit/table.h"
#include "base/json.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum avqa_severity { AVQA_ERROR, AVQA_WARNING, AVQA_NOTE };

/* Rows and videos named at most; the message and n_*_total tell of the rest. */
enum { AVQA_FINDING_MAX_ROWS = 1000 };

struct avqa_finding {
    const char *check; /* "C00", "leakage_video", ...; static, or a rule's id */
    enum avqa_severity severity;
    char *message;
    uint32_t *rows; /* of the table, in order */
    size_t n_rows, cap_rows, n_rows_total;
    uint32_t *videos;
    size_t n_videos, cap_videos, n_videos_total;
};

struct avqa_findings {
    struct avqa_finding *items;
    size_t n, cap;
};

/* Adds a finding with its sentence. Valid until the next one is added. */
struct avqa_finding *avqa_finding_add(struct avqa_findings *list, const char *check,
                                      enum avqa_severity severity, const char *fmt, ...)
    AVQA_PRINTF(4, 5);

/* Adds a row that proves it, with its video. A video is named once if its rows are
 * added one after the other. */
void avqa_finding_row(struct avqa_finding *finding, const struct avqa_audit_table *t,
                      size_t row);

/* Moves all findings of `from` to the end of `to`. */
void avqa_findings_move(struct avqa_findings *to, struct avqa_findings *from);
void avqa_findings_release(struct avqa_findings *list);
size_t avqa_findings_count(const struct avqa_findings *list,
                           enum avqa_severity severity);

const char *avqa_severity_name(enum avqa_severity severity);

/* Appends how a row is named in reports: "test#17", split and row of its file. */
void avqa_row_reference(struct avqa_buf *out, const struct avqa_audit_table *t,
                        size_t row);

/* Findings of one check and severity that a report shows at most; findings.csv has all.
 */
enum { AVQA_FINDINGS_MAX_SHOWN = 2000 };

/* By finding: its place among those of its check and severity, from 0. Caller frees. */
uint32_t *avqa_findings_ranks(const struct avqa_findings *list);

/* The findings as report.json has them, errors first; one more says how many of a kind
 * are not shown. AVQA_ENOMEM if a row's reference has no room. */
AVQA_CHECK enum avqa_status avqa_findings_json(const struct avqa_findings *list,
                                               const struct avqa_audit_table *t,
                                               struct avqa_json *array);

#endif
