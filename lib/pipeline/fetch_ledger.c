/* See fetch_ledger.h. */
#include "pipeline/fetch_ledger.h"
#include "base/clock.h"
#include "base/json.h"
#include "catalog/attempt.h"
#include "pipeline/stage_run.h"

#include <string.h>

enum { COMMIT_US = 500000 };
static const char STAGE[] = "fetch";

enum avqa_status avqa_fetch_ledger_begin(struct avqa_fetch_ledger *l)
{
    if (l->began_us)
        return AVQA_OK;
    enum avqa_status rc = avqa_catalog_begin(l->cat);
    if (rc == AVQA_OK)
        l->began_us = avqa_clock_monotonic_us();
    return rc;
}

enum avqa_status avqa_fetch_ledger_commit(struct avqa_fetch_ledger *l)
{
    if (!l->began_us)
        return AVQA_OK;
    l->began_us = 0;
    return avqa_catalog_commit(l->cat);
}

enum avqa_status avqa_fetch_ledger_commit_old(struct avqa_fetch_ledger *l)
{
    bool due = l->began_us && avqa_clock_monotonic_us() - l->began_us >= COMMIT_US;
    return due ? avqa_fetch_ledger_commit(l) : AVQA_OK;
}

enum avqa_status avqa_fetch_ledger_attempt(struct avqa_fetch_ledger *l,
                                           const struct avqa_fetch_item *item,
                                           const char *outcome)
{
    const struct avqa_net_outcome *o = &item->last;
    bool failed = strcmp(outcome, "failed") == 0;
    struct avqa_attempt a = {.run_id = l->run_id,
                             .stage = STAGE,
                             .item = item->name,
                             .source_id = item->id,
                             .started_us = o->started_us,
                             .ended_us = o->ended_us,
                             .outcome = outcome,
                             .class = failed ? avqa_net_class_name(o->class) : NULL,
                             .reason = o->reason[0] ? o->reason : NULL,
                             .detail = o->detail[0] ? o->detail : NULL,
                             .http_status = o->http_status,
                             .bytes = o->bytes};
    enum avqa_status rc = avqa_fetch_ledger_begin(l);
    l->counts->attempts++;
    return rc == AVQA_OK ? avqa_attempt_add(l->cat, &a) : rc;
}

enum avqa_status avqa_fetch_ledger_start(struct avqa_fetch_ledger *l,
                                         const struct avqa_fetch_config *config)
{
    struct avqa_json *options = avqa_json_new_object();
    if (config->retry_permanent)
        avqa_json_put_string(options, "retry", "permanent");
    return avqa_stage_start(&l->run_id, l->cat, STAGE, options);
}

enum avqa_status avqa_fetch_ledger_finish(struct avqa_fetch_ledger *l, bool whole)
{
    enum avqa_status rc = avqa_fetch_ledger_commit(l);
    if (rc != AVQA_OK)
        return rc;
    return avqa_stage_finish(
        l->cat, l->run_id,
        &(struct avqa_stage_end){.whole = whole,
                                 .changed = l->counts->fetched + l->counts->found > 0,
                                 .counts = avqa_fetch_counts_json(l->counts)});
}
