/* One audit: which rows are looked at, what they are compared with, and every check
 * over them. Definitions and sources of the checks: docs/audit.md. */
#ifndef AVQA_AUDIT_AUDIT_H
#define AVQA_AUDIT_AUDIT_H

#include "audit/finding.h"
#include "audit/table.h"
#include "audit/tally.h"
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_audit_opts {
    const char *split;   /* NULL: all rows */
    const char *against; /* the split to compare with; NULL: none */
    double dominant; /* an answer's share above which a template is called lopsided */
    double alpha;    /* head: more than (1 + alpha) times the mean count */
    enum avqa_grouping head_tail_by;
    size_t first_words;         /* words of a question's beginning */
    bool no_solver;             /* look for no scene (audit/contradiction.h) */
    size_t jobs;                /* threads; 0 is one per core */
    const struct avqa_log *log; /* is asked before each check whether to stop */
};

/* Plain numbers, since the help of the program shows them as they stand here. */
#define AVQA_AUDIT_DOMINANT 0.6
#define AVQA_AUDIT_ALPHA 0.2
#define AVQA_AUDIT_FIRST_WORDS 4

#define AVQA_AUDIT_DEFAULTS                                                            \
    ((struct avqa_audit_opts){.dominant = AVQA_AUDIT_DOMINANT,                         \
                              .alpha = AVQA_AUDIT_ALPHA,                               \
                              .head_tail_by = AVQA_GROUP_TYPE,                         \
                              .first_words = AVQA_AUDIT_FIRST_WORDS})

#define AVQA_N_GROUPINGS 4

struct avqa_audit {
    const struct avqa_audit_table *t;
    struct avqa_audit_opts opts;
    const char *dataset;             /* its name */
    struct avqa_audit_range on;      /* the rows looked at */
    struct avqa_audit_range against; /* empty if there are none to compare with */
    bool has_against;
    struct avqa_tally tallies[AVQA_N_GROUPINGS]; /* of `on`, by enum avqa_grouping */
    struct avqa_tally fits[AVQA_N_GROUPINGS];    /* of `against`, if there is one */
    uint32_t *by_video;                          /* rows of `on`, see table.h */
    struct avqa_findings findings;
    struct avqa_json *report; /* report.json */
};

/* What a check gives back: a value for the report and its findings. */
struct avqa_check_out {
    struct avqa_json *json; /* NULL: nothing to report */
    struct avqa_findings findings;
};

/* A check reads the audit and fills `out`; checks run side by side. */
typedef enum avqa_status avqa_check_fn(const struct avqa_audit *a,
                                       struct avqa_check_out *out);

/* Runs every check. `audit` starts zero; release it in any case. The table stays
 * borrowed. AVQA_ENOENT if a split is not there. */
AVQA_CHECK enum avqa_status avqa_audit_run(struct avqa_audit *audit,
                                           const struct avqa_audit_table *t,
                                           const char *dataset,
                                           const struct avqa_audit_opts *opts);
void avqa_audit_release(struct avqa_audit *audit);

/* The tallies a guesser learns from: those of `against`, or of the rows themselves. */
const struct avqa_tally *avqa_audit_fit(const struct avqa_audit *a,
                                        enum avqa_grouping by);

#endif
