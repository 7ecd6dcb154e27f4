/* The record of what was done: one row per command that changed something, with its
 * options, version and inputs, so that it can be done again. */
#ifndef AVQA_CATALOG_RUN_H
#define AVQA_CATALOG_RUN_H

#include "catalog/catalog.h"

#include <stdint.h>

/* Starts a run; *id is what rows written by it refer to. `options` is JSON. */
AVQA_CHECK enum avqa_status avqa_run_start(int64_t *id, struct avqa_catalog *cat,
                                           const char *command, const char *options,
                                           int64_t now_us);

/* Adds a file that the run read. */
AVQA_CHECK enum avqa_status avqa_run_add_input(struct avqa_catalog *cat, int64_t id,
                                               const char *path, int64_t bytes,
                                               const char *sha256);

/* How a run ended that changed nothing: it is no command among the totals, and what was
 * found before it stays true. */
#define AVQA_RUN_NOTHING "nothing"

/* Ends it: done, partly, or AVQA_RUN_NOTHING; `counters` is JSON. */
AVQA_CHECK enum avqa_status avqa_run_finish(struct avqa_catalog *cat, int64_t id,
                                            const char *outcome, const char *counters,
                                            int64_t now_us);

/* One finding of an audit run. */
struct avqa_run_finding {
    const char *check, *severity, *message;
    int64_t n_questions, n_clips;
};

AVQA_CHECK enum avqa_status avqa_run_add_finding(struct avqa_catalog *cat, int64_t id,
                                                 const struct avqa_run_finding *f);

/* ---- looking back ---------------------------------------------------------------- */

/* Calls `fn` with the name and number of each kind of thing the catalog holds. */
typedef enum avqa_status avqa_run_total_fn(void *user, const char *name, int64_t n);
AVQA_CHECK enum avqa_status avqa_run_totals(struct avqa_catalog *cat,
                                            avqa_run_total_fn *fn, void *user);

/* How many findings of each severity the last audit made; no call if there was none, or
 * if something was changed since. */
AVQA_CHECK enum avqa_status avqa_run_last_findings(struct avqa_catalog *cat,
                                                   avqa_run_total_fn *fn, void *user);

/* The options, JSON, of the last run of a command that came to its end; *out is NULL if
 * there was none, otherwise yours. */
AVQA_CHECK enum avqa_status avqa_run_last_options(char **out, struct avqa_catalog *cat,
                                                  const char *command);

/* Items whose latest attempt at a stage failed, and clips without features of an
 * encoder, counted by reason. */
struct avqa_run_failure {
    const char *stage, *reason;
    int64_t n_items;
};

typedef enum avqa_status avqa_run_failure_fn(void *user,
                                             const struct avqa_run_failure *failure);
AVQA_CHECK enum avqa_status avqa_run_failures(struct avqa_catalog *cat,
                                              avqa_run_failure_fn *fn, void *user);

#endif
