/* The ledger: a row for every attempt at an item by any stage, so that what failed can
 * be counted by its reason, tried again if that makes sense, and told to others. */
#ifndef AVQA_CATALOG_ATTEMPT_H
#define AVQA_CATALOG_ATTEMPT_H

#include "catalog/catalog.h"

#include <stdint.h>

struct avqa_attempt {
    int64_t run_id;
    const char *stage, *item;
    int64_t source_id, clip_id; /* 0 if none */
    int64_t started_us, ended_us;
    const char *outcome; /* done | failed | skipped */
    const char *class;   /* transient | permanent | ours; NULL unless it failed */
    const char *reason;  /* one word, or NULL */
    const char *detail;  /* a sentence, or NULL */
    int http_status;     /* 0 if there was no response */
    int64_t bytes;       /* moved by this attempt; -1: none of its business */
};

AVQA_CHECK enum avqa_status avqa_attempt_add(struct avqa_catalog *cat,
                                             const struct avqa_attempt *attempt);

/* Calls `fn` with every item whose last attempt at a stage failed. */
typedef enum avqa_status avqa_attempt_item_fn(void *user, const char *item);
AVQA_CHECK enum avqa_status avqa_attempt_failed_each(struct avqa_catalog *cat,
                                                     const char *stage,
                                                     avqa_attempt_item_fn *fn,
                                                     void *user);

/* Calls `fn` for every attempt in the order they were recorded. Strings are borrowed
 * for the call. */
typedef enum avqa_status avqa_attempt_fn(void *user,
                                         const struct avqa_attempt *attempt);
AVQA_CHECK enum avqa_status avqa_attempt_each(struct avqa_catalog *cat,
                                              avqa_attempt_fn *fn, void *user);

#endif
