/* See transfer.h. One libcurl multi handle; what comes over each of its handles is
 * another file's concern (incoming.h). */
#include "net/transfer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/aside.h"
#include "net/incoming.h"
#include "net/space.h"

#include <pthread.h>
#include <stdlib.h>

#include <curl/curl.h>

struct transfer {
    struct avqa_transfers *ts;
    struct transfer *before, *after; /* among those under way */
    struct avqa_incoming in;
};

struct avqa_transfers {
    struct avqa_transfer_options o;
    CURLM *multi;
    struct transfer *active;
    size_t n_active; /* with those being verified */
    struct avqa_space space;
    int64_t bytes;
    struct avqa_aside *aside;
    pthread_mutex_t lock;   /* of done */
    struct transfer **done; /* those that ended, in order */
    size_t first_done, n_done, cap_done;
};

static CURL *easy_of(const struct transfer *t)
{
    return avqa_request_easy(t->in.request);
}

static void transfer_free(struct transfer *t)
{
    avqa_incoming_release(&t->in);
    free(t);
}

/* ---- the end of one -------------------------------------------------------------- */

/* Among those that avqa_transfers_next gives; called from any thread. */
static void add_done(struct transfer *t)
{
    struct avqa_transfers *ts = t->ts;
    t->in.result.outcome.ended_us = avqa_clock_wall_us();
    pthread_mutex_lock(&ts->lock);
    avqa_mem_need(&ts->done, &ts->cap_done, ts->n_done + 1, sizeof *ts->done);
    ts->done[ts->n_done++] = t;
    pthread_mutex_unlock(&ts->lock);
}

/* On a thread aside. */
static void finish(void *user, void *job)
{
    struct avqa_transfers *ts = user;
    struct transfer *t = job;
    avqa_incoming_verify(&t->in);
    add_done(t);
    curl_multi_wakeup(ts->multi);
}

static void forget_active(struct transfer *t)
{
    struct avqa_transfers *ts = t->ts;
    curl_multi_remove_handle(ts->multi, easy_of(t));
    *(t->before ? &t->before->after : &ts->active) = t->after;
    if (t->after)
        t->after->before = t->before;
}

static void add_active(struct transfer *t)
{
    t->before = NULL;
    t->after = t->ts->active;
    if (t->after)
        t->after->before = t;
    t->ts->active = t;
    curl_multi_add_handle(t->ts->multi, easy_of(t));
}

static void ended(struct transfer *t, CURLcode code)
{
    avqa_incoming_settle(&t->in, (int)code);
    forget_active(t);
    if (avqa_incoming_again(&t->in)) {
        add_active(t);
        return;
    }
    if (!avqa_net_failed(&t->in.result.outcome)) {
        avqa_aside_push(t->ts->aside, t);
        return;
    }
    avqa_incoming_give_up(&t->in);
    add_done(t);
}

/* ---- what others call ------------------------------------------------------------ */

enum avqa_status avqa_transfers_open(struct avqa_transfers **out,
                                     const struct avqa_transfer_options *options)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return avqa_fail(AVQA_ENOMEM, "libcurl cannot start");
    struct avqa_transfers *ts = avqa_mem_new(sizeof *ts);
    ts->o = *options;
    ts->space.keep_free = options->keep_free;
    ts->multi = curl_multi_init();
    pthread_mutex_init(&ts->lock, NULL);
    enum avqa_status rc =
        ts->multi ? avqa_aside_open(&ts->aside, ts->o.verifiers ? ts->o.verifiers : 1,
                                    finish, ts)
                  : avqa_fail(AVQA_ENOMEM, "libcurl cannot start");
    if (rc != AVQA_OK) {
        avqa_transfers_close(ts);
        return rc;
    }
    *out = ts;
    return AVQA_OK;
}

void avqa_transfers_close(struct avqa_transfers *ts)
{
    if (!ts)
        return;
    for (struct transfer *t = ts->active, *after; t; t = after) {
        after = t->after;
        curl_multi_remove_handle(ts->multi, easy_of(t));
        avqa_part_close(&t->in.part, true);
        transfer_free(t);
    }
    avqa_aside_close(ts->aside);
    for (size_t i = ts->first_done; i < ts->n_done; i++)
        transfer_free(ts->done[i]);
    free(ts->done);
    curl_multi_cleanup(ts->multi);
    curl_global_cleanup();
    pthread_mutex_destroy(&ts->lock);
    free(ts);
}

static struct transfer *transfer_new(struct avqa_transfers *ts,
                                     const struct avqa_transfer_request *r)
{
    struct transfer *t = avqa_mem_new(sizeof *t);
    t->ts = ts;
    struct avqa_incoming_place place = {&ts->o, &ts->space, &ts->bytes};
    avqa_incoming_init(&t->in, &place, r);
    return t;
}

enum avqa_status avqa_transfers_start(struct avqa_transfers *ts,
                                      const struct avqa_transfer_request *r)
{
    struct avqa_request *request;
    enum avqa_status rc =
        avqa_request_new(&request, &ts->o, r->url, r->headers, r->n_headers);
    if (rc != AVQA_OK)
        return rc;
    struct transfer *t = transfer_new(ts, r);
    ts->n_active++;
    if (!avqa_incoming_open(&t->in, r, request)) {
        add_done(t);
        return AVQA_OK;
    }
    curl_easy_setopt(easy_of(t), CURLOPT_PRIVATE, t);
    add_active(t);
    return AVQA_OK;
}

enum avqa_status avqa_transfers_take(struct avqa_transfers *ts,
                                     const struct avqa_transfer_request *r,
                                     const char *file)
{
    struct transfer *t = transfer_new(ts, r);
    ts->n_active++;
    if (avqa_incoming_take(&t->in, r, file))
        avqa_aside_push(ts->aside, t);
    else
        add_done(t);
    return AVQA_OK;
}

static bool any_done(struct avqa_transfers *ts)
{
    pthread_mutex_lock(&ts->lock);
    bool any = ts->first_done < ts->n_done;
    pthread_mutex_unlock(&ts->lock);
    return any;
}

static void perform(struct avqa_transfers *ts)
{
    int running = 0;
    int left = 0;
    curl_multi_perform(ts->multi, &running);
    for (CURLMsg *m; (m = curl_multi_info_read(ts->multi, &left)) != NULL;) {
        char *t = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        ended((struct transfer *)(void *)t, code);
    }
}

enum avqa_status avqa_transfers_work(struct avqa_transfers *ts, int64_t wait_us)
{
    perform(ts);
    if (any_done(ts))
        return AVQA_OK;
    CURLMcode code = curl_multi_poll(ts->multi, NULL, 0, (int)(wait_us / 1000), NULL);
    if (code != CURLM_OK)
        return avqa_fail(AVQA_EIO, "cannot wait for the network: %s",
                         curl_multi_strerror(code));
    perform(ts);
    return AVQA_OK;
}

bool avqa_transfers_next(struct avqa_transfers *ts, struct avqa_transfer_result *result)
{
    struct transfer *t = NULL;
    pthread_mutex_lock(&ts->lock);
    if (ts->first_done < ts->n_done)
        t = ts->done[ts->first_done++];
    if (ts->first_done == ts->n_done)
        ts->first_done = ts->n_done = 0;
    pthread_mutex_unlock(&ts->lock);
    if (!t)
        return false;
    *result = t->in.result;
    ts->n_active--;
    transfer_free(t);
    return true;
}

size_t avqa_transfers_active(const struct avqa_transfers *ts)
{
    return ts->n_active;
}

int64_t avqa_transfers_bytes(const struct avqa_transfers *ts)
{
    return ts->bytes;
}
