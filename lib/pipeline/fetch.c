/* See fetch.h. One thread: the governor says which source may be asked for, transfers
 * and resolvers run beside each other, what ends is settled in the catalog. */
#include "pipeline/fetch.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "pipeline/dataset.h"
#include "pipeline/fetch_files.h"
#include "pipeline/fetch_ledger.h"
#include "pipeline/fetch_plan.h"
#include "pipeline/fetch_verify.h"
#include "pipeline/media_folder.h"

#include <stdio.h>
#include <stdlib.h>

enum { WAIT_MAX_US = 200000, RESOLVE_WAIT_US = 20000 };

struct fetcher {
    const struct avqa_fetch_config *config;
    struct avqa_fetch_counts *counts;
    struct avqa_catalog *cat;
    struct avqa_fetch_ledger ledger;
    struct avqa_media_folder media;
    struct avqa_fetch_plan plan;
    size_t *resolving; /* items that are with a resolver, or come as a stream */
    size_t n_resolving, cap_resolving;
    struct avqa_transfer_options transfer;
    struct avqa_transfers *transfers;
    struct avqa_governor *governor;
    int64_t n_ended;
};

/* ---- the end of an attempt ------------------------------------------------------- */

static enum avqa_governor_result verdict(const struct avqa_net_outcome *o)
{
    if (o->class == AVQA_NET_TRANSIENT)
        return o->throttled    ? AVQA_GOVERNOR_THROTTLED
               : o->host_works ? AVQA_GOVERNOR_SPOILED
                               : AVQA_GOVERNOR_FAILED;
    return o->class == AVQA_NET_OURS ? AVQA_GOVERNOR_DROPPED : AVQA_GOVERNOR_ANSWERED;
}

static void show_progress(const struct fetcher *f)
{
    char what[64] = "sources";
    if (f->counts->failed)
        snprintf(what, sizeof what, "sources (%lld failed)",
                 (long long)f->counts->failed);
    avqa_log_progress(f->config->log, what, f->n_ended, (int64_t)f->plan.n);
}

/* Writes the attempt down and asks the governor whether there will be another. */
static enum avqa_status settle(struct fetcher *f, struct avqa_fetch_item *it)
{
    struct avqa_net_outcome *o = &it->last;
    size_t i = (size_t)(it - f->plan.items);
    enum avqa_status rc = avqa_fetch_ledger_attempt(
        &f->ledger, it, avqa_net_failed(o) ? "failed" : "done");
    it->active = false;
    if (avqa_net_failed(o))
        avqa_log_write(f->config->log, AVQA_LOG_DEBUG, "%s: %s: %s", it->name,
                       o->reason, o->detail);
    size_t pauses = avqa_governor_pauses(f->governor);
    bool again = avqa_governor_done(f->governor, i, avqa_clock_monotonic_us(),
                                    verdict(o), o->retry_after_us);
    if (avqa_governor_pauses(f->governor) > pauses)
        avqa_log_write(f->config->log, AVQA_LOG_DEBUG,
                       "%s: its host is left alone for a while", it->name);
    if (again)
        return rc;
    f->n_ended++;
    if (avqa_net_failed(o))
        avqa_fetch_counts_fail(f->counts, o);
    else
        f->counts->fetched++;
    show_progress(f);
    return rc;
}

/* ---- beginnings ------------------------------------------------------------------ */

/* Starts the transfer of an item: of its own url, of what a resolver found, or of the
 * file that a stream left. */
static enum avqa_status start_transfer(struct fetcher *f, struct avqa_fetch_item *it,
                                       const struct avqa_resolved *resolved)
{
    struct avqa_buf key = AVQA_BUF_INIT;
    char *part = avqa_media_part(&f->media, it->stem);
    avqa_buf_adds(&key, it->url);
    if (resolved) /* its url is another one every time, the page's is not */
        avqa_buf_addf(&key, " %s", resolved->format);
    struct avqa_transfer_request request = {
        .url = resolved ? resolved->url : it->url,
        .key = key.data,
        .part = part,
        .headers = resolved ? resolved->headers : NULL,
        .n_headers = resolved ? resolved->n_headers : 0,
        .expected_bytes = it->bytes,
        .expected_sha256 = it->sha256,
        .item = (size_t)(it - f->plan.items)};
    enum avqa_status rc = it->stream ? avqa_transfers_take(f->transfers, &request,
                                                           avqa_stream_file(it->stream))
                                     : avqa_transfers_start(f->transfers, &request);
    free(part);
    avqa_buf_release(&key);
    return rc;
}

static enum avqa_status start_item(struct fetcher *f, size_t i)
{
    struct avqa_fetch_item *it = &f->plan.items[i];
    it->active = true;
    it->last = (struct avqa_net_outcome){.retry_after_us = -1,
                                         .started_us = avqa_clock_wall_us()};
    return start_transfer(f, it, NULL);
}

static void watch(struct fetcher *f, const struct avqa_fetch_item *it)
{
    avqa_mem_need(&f->resolving, &f->cap_resolving, f->n_resolving + 1,
                  sizeof *f->resolving);
    f->resolving[f->n_resolving++] = (size_t)(it - f->plan.items);
}

static void start_resolver(struct fetcher *f, struct avqa_fetch_item *it)
{
    it->resolver =
        avqa_resolver_start(&f->config->resolver, it->url, avqa_clock_monotonic_us());
    watch(f, it);
}

static void start_stream(struct fetcher *f, struct avqa_fetch_item *it,
                         const struct avqa_resolved *resolved)
{
    char *folder = avqa_media_stream(&f->media, it->stem);
    struct avqa_stream_request request = {it->url, resolved->format, folder};
    it->stream = avqa_stream_start(&f->config->resolver, &f->transfer, &request,
                                   avqa_clock_monotonic_us());
    free(folder);
    watch(f, it);
}

/* Its host was given up. What was asked for in this run has its reason already. */
static enum avqa_status give_up(struct fetcher *f, size_t i)
{
    struct avqa_fetch_item *it = &f->plan.items[i];
    enum avqa_status rc = AVQA_OK;
    if (!avqa_net_failed(&it->last)) {
        it->last = (struct avqa_net_outcome){.retry_after_us = -1};
        it->last.started_us = it->last.ended_us = avqa_clock_wall_us();
        avqa_net_fail(&it->last, AVQA_NET_TRANSIENT, "host-paused",
                      "not asked for: its host was left alone after too many failures");
        rc = avqa_fetch_ledger_attempt(&f->ledger, it, "failed");
    }
    f->n_ended++;
    avqa_fetch_counts_fail(f->counts, &it->last);
    show_progress(f);
    return rc;
}

/* Starts what may start now; *wait_us is how long nothing else may. */
static enum avqa_status start_some(struct fetcher *f, int64_t *wait_us, bool *idle)
{
    enum avqa_status rc = AVQA_OK;
    size_t i;
    while (rc == AVQA_OK) {
        switch (
            avqa_governor_next(f->governor, avqa_clock_monotonic_us(), &i, wait_us)) {
        case AVQA_GOVERNOR_START:
            rc = start_item(f, i);
            break;
        case AVQA_GOVERNOR_GIVE_UP:
            rc = give_up(f, i);
            break;
        case AVQA_GOVERNOR_IDLE:
            *idle = true;
            return AVQA_OK;
        case AVQA_GOVERNOR_WAIT:
            return AVQA_OK;
        }
    }
    return rc;
}

/* ---- what ended ------------------------------------------------------------------ */

/* A direct request and what a resolver found after it are one attempt. */
static void merge(struct avqa_net_outcome *into, const struct avqa_net_outcome *o)
{
    int64_t started = into->started_us;
    int64_t bytes = into->bytes + o->bytes;
    int status = o->http_status ? o->http_status : into->http_status;
    *into = *o;
    into->started_us = started;
    into->bytes = bytes;
    into->http_status = status;
}

static void forget_resolver(struct avqa_fetch_item *it)
{
    avqa_resolver_free(it->resolver);
    avqa_stream_free(it->stream);
    it->resolver = NULL;
    it->stream = NULL;
}

/* The ledger says by whom it came. */
static void tell_stream(struct avqa_net_outcome *o)
{
    char lacks[sizeof o->detail];
    snprintf(lacks, sizeof lacks, "%s", o->detail);
    snprintf(o->detail, sizeof o->detail, "yt-dlp downloaded it as a stream%s%.200s",
             *lacks ? "; " : "", lacks);
}

static enum avqa_status transfer_ended(struct fetcher *f,
                                       const struct avqa_transfer_result *result)
{
    struct avqa_fetch_item *it = &f->plan.items[result->item];
    bool resolved = it->resolver != NULL;
    bool streamed = it->stream != NULL;
    enum avqa_status rc = AVQA_OK;
    merge(&it->last, &result->outcome);
    f->counts->bytes += result->outcome.bytes;
    forget_resolver(it);
    if (streamed && !avqa_net_failed(&it->last))
        tell_stream(&it->last);
    if (result->page && !resolved && f->config->resolver.program) {
        start_resolver(f, it);
        return AVQA_OK;
    }
    if (!avqa_net_failed(&it->last))
        rc = avqa_fetch_files_place(&f->ledger, &f->media, it, result);
    return rc == AVQA_OK ? settle(f, it) : rc;
}

static enum avqa_status take_transfers(struct fetcher *f)
{
    struct avqa_transfer_result result;
    enum avqa_status rc = AVQA_OK;
    while (rc == AVQA_OK && avqa_transfers_next(f->transfers, &result))
        rc = transfer_ended(f, &result);
    return rc;
}

static enum avqa_status resolver_ended(struct fetcher *f, struct avqa_fetch_item *it)
{
    const struct avqa_resolved *resolved = avqa_resolver_result(it->resolver);
    struct avqa_net_outcome outcome =
        it->stream ? *avqa_stream_outcome(it->stream) : resolved->outcome;
    if (it->stream) {
        merge(&it->last, &outcome);
        f->counts->bytes += outcome.bytes;
    }
    if (!avqa_net_failed(&outcome) && !it->stream && resolved->is_stream) {
        start_stream(f, it, resolved);
        return AVQA_OK;
    }
    if (!avqa_net_failed(&outcome)) /* the resolver lives on: it has the url */
        return start_transfer(f, it, resolved);
    outcome.ended_us = avqa_clock_wall_us();
    if (!it->stream)
        merge(&it->last, &outcome);
    it->last.ended_us = outcome.ended_us;
    forget_resolver(it);
    return settle(f, it);
}

static bool has_ended(const struct avqa_fetch_item *it)
{
    int64_t now_us = avqa_clock_monotonic_us();
    return it->stream ? avqa_stream_poll(it->stream, now_us)
                      : avqa_resolver_poll(it->resolver, now_us);
}

static enum avqa_status take_resolvers(struct fetcher *f)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t k = 0; rc == AVQA_OK && k < f->n_resolving;) {
        struct avqa_fetch_item *it = &f->plan.items[f->resolving[k]];
        if (!has_ended(it)) {
            k++;
            continue;
        }
        f->resolving[k] = f->resolving[--f->n_resolving];
        rc = resolver_ended(f, it);
    }
    return rc;
}

/* ---- the run --------------------------------------------------------------------- */

static enum avqa_status work(struct fetcher *f)
{
    bool idle = false;
    for (;;) {
        int64_t wait_us = WAIT_MAX_US;
        if (avqa_log_stopped(f->config->log))
            return AVQA_ESTOPPED;
        enum avqa_status rc = start_some(f, &wait_us, &idle);
        if (rc != AVQA_OK || idle)
            return rc;
        if (wait_us > WAIT_MAX_US)
            wait_us = WAIT_MAX_US;
        if (f->n_resolving && wait_us > RESOLVE_WAIT_US)
            wait_us = RESOLVE_WAIT_US;
        rc = avqa_transfers_work(f->transfers, wait_us);
        if (rc == AVQA_OK)
            rc = take_transfers(f);
        if (rc == AVQA_OK)
            rc = take_resolvers(f);
        if (rc == AVQA_OK)
            rc = avqa_fetch_ledger_commit_old(&f->ledger);
        if (rc != AVQA_OK)
            return rc;
    }
}

static enum avqa_status queue(struct fetcher *f)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < f->plan.n; i++) {
        bool adopted;
        rc = avqa_fetch_files_adopt(&f->ledger, &f->media, &f->plan.items[i], &adopted);
        f->n_ended += adopted;
        if (rc == AVQA_OK)
            rc = avqa_fetch_ledger_commit_old(&f->ledger);
        if (rc != AVQA_OK || adopted)
            continue;
        char *host = avqa_governor_host(f->plan.items[i].url);
        avqa_governor_add(f->governor, i, f->plan.items[i].name, host);
        free(host);
    }
    return rc == AVQA_OK ? avqa_fetch_ledger_commit(&f->ledger) : rc;
}

/* What was under way when the user asked to stop: their parts stay. */
static enum avqa_status record_stopped(struct fetcher *f)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < f->plan.n; i++) {
        struct avqa_fetch_item *it = &f->plan.items[i];
        if (!it->active)
            continue;
        it->last.ended_us = avqa_clock_wall_us();
        snprintf(it->last.reason, sizeof it->last.reason, "stopped");
        rc = avqa_fetch_ledger_attempt(&f->ledger, it, "skipped");
    }
    return rc;
}

static enum avqa_status run_items(struct fetcher *f)
{
    int64_t began = avqa_clock_monotonic_us();
    f->ledger = (struct avqa_fetch_ledger){.cat = f->cat, .counts = f->counts};
    enum avqa_status rc = avqa_fetch_ledger_start(&f->ledger, f->config);
    f->governor = avqa_governor_new(&f->config->governor);
    if (rc == AVQA_OK)
        rc = avqa_media_clean(&f->media, &f->plan.stems);
    if (rc == AVQA_OK)
        rc = avqa_transfers_open(&f->transfers, &f->transfer);
    if (rc == AVQA_OK)
        rc = queue(f);
    if (rc == AVQA_OK)
        rc = work(f);
    f->counts->pauses = (int64_t)avqa_governor_pauses(f->governor);
    f->counts->seconds = (double)(avqa_clock_monotonic_us() - began) / 1e6;
    if (rc != AVQA_OK && rc != AVQA_ESTOPPED)
        return rc;
    bool stopped = rc == AVQA_ESTOPPED;
    int64_t came = f->counts->fetched + f->counts->found;
    rc = stopped ? record_stopped(f) : AVQA_OK;
    if (rc == AVQA_OK)
        rc = avqa_fetch_ledger_finish(&f->ledger, !stopped && f->counts->failed == 0);
    if (rc == AVQA_OK && stopped)
        rc = avqa_fail(
            AVQA_ESTOPPED,
            "stopped; %lld of %lld source%s came, the next fetch goes on from "
            "here",
            (long long)came, (long long)f->counts->pending,
            avqa_text_plural(f->counts->pending));
    return rc;
}

static void release(struct fetcher *f)
{
    avqa_fetch_plan_release(&f->plan);
    avqa_transfers_close(f->transfers);
    avqa_governor_free(f->governor);
    avqa_catalog_close(f->cat);
    avqa_media_folder_close(&f->media);
    free(f->resolving);
}

enum avqa_status avqa_fetch(const struct avqa_fetch_config *config,
                            struct avqa_fetch_counts *counts)
{
    struct fetcher f = {.config = config, .counts = counts, .media = {.lock = -1}};
    f.transfer = config->transfer;
    f.transfer.verify = avqa_fetch_verify;
    enum avqa_status rc =
        avqa_dataset_open(&f.cat, config->dataset,
                          config->dry_run ? AVQA_CATALOG_READ : AVQA_CATALOG_WRITE);
    if (rc == AVQA_OK && !config->dry_run)
        rc = avqa_media_folder_open(&f.media, config->dataset);
    if (rc == AVQA_OK)
        rc = avqa_fetch_plan_make(&f.plan, f.cat, config, counts);
    if (rc == AVQA_OK && !config->dry_run && f.plan.n)
        rc = run_items(&f);
    release(&f);
    return rc;
}
