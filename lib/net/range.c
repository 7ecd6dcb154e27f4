/* See range.h. One libcurl handle, so that the connection stays. */
#include "net/range.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/response.h"
#include "net/s3.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

enum { MAX_FETCH = 32 << 20 }; /* bytes of one request for several pieces */

struct avqa_net_range {
    struct avqa_net_range_options o;
    char *url, *asked; /* as it was given; as it is asked for */
    CURL *easy;
    char *signing[AVQA_S3_HEADERS];
    size_t n_signing;
    pthread_mutex_t lock;
    size_t n_requests;
    uint64_t size;
    bool pinned; /* what identifies the file is known */
    char etag[AVQA_VALIDATOR_MAX], modified[64];
    unsigned char *tail;
    size_t n_tail;
};

/* One piece on its way. */
struct request {
    struct avqa_net_range *range;
    unsigned char *out;
    uint64_t at;
    size_t len, got; /* of the first request: len is the most that may come */
    bool is_tail, judged;
    struct avqa_response response;
    struct avqa_net_outcome outcome;
    enum avqa_status code; /* what the failure is for the caller */
    char error[CURL_ERROR_SIZE];
};

static void fail(struct request *q, enum avqa_net_class class, enum avqa_status code,
                 const char *detail)
{
    if (!avqa_net_failed(&q->outcome))
        q->code = code;
    avqa_net_fail(&q->outcome, class, "range", "%s", detail);
}

/* ---- an answer ---------------------------------------------------------------------
 */

static void judge_status(struct request *q)
{
    const struct avqa_response *r = &q->response;
    q->outcome.retry_after_us = avqa_response_retry_after(r, avqa_clock_wall_us());
    if (r->status == 200) {
        fail(q, AVQA_NET_PERMANENT, AVQA_EINVAL,
             "the server does not answer ranges; download the file and use that");
    } else if (r->status == 416 && q->range->pinned) {
        fail(q, AVQA_NET_PERMANENT, AVQA_EFORMAT,
             "the file on the server became shorter; open it again");
    } else {
        q->code = r->status == 404 || r->status == 410 ? AVQA_ENOENT : AVQA_EIO;
        avqa_net_fail_status(&q->outcome, r->status);
    }
}

static bool is_same_file(const struct avqa_net_range *range,
                         const struct avqa_response *r)
{
    return strcmp(r->etag, range->etag) == 0 &&
           strcmp(r->modified, range->modified) == 0 &&
           (uint64_t)r->range_total == range->size;
}

/* Is the answer the piece that was asked for, of the file that was opened? */
static void judge(struct request *q)
{
    const struct avqa_response *r = &q->response;
    struct avqa_net_range *range = q->range;
    q->judged = true;
    if (r->status != 206) {
        judge_status(q);
        return;
    }
    if (r->encoded || r->range_first < 0 || r->range_total <= 0) {
        fail(q, AVQA_NET_PERMANENT, AVQA_EIO,
             "the server's answer to a range does not say which one it is");
        return;
    }
    if (range->pinned && !is_same_file(range, r)) {
        fail(q, AVQA_NET_PERMANENT, AVQA_EFORMAT,
             "the file on the server is another one than when it was opened; open it "
             "again");
        return;
    }
    uint64_t total = (uint64_t)r->range_total;
    uint64_t first =
        q->is_tail ? (total > q->len ? total - q->len : 0) : q->at + q->got;
    uint64_t last = q->is_tail ? total - 1 : q->at + q->len - 1;
    if ((uint64_t)r->range_first != first || (uint64_t)r->range_last != last) {
        fail(q, AVQA_NET_TRANSIENT, AVQA_EIO, "the server sent another range");
        return;
    }
    if (q->is_tail) {
        q->len = (size_t)(total - first);
        range->size = total;
        snprintf(range->etag, sizeof range->etag, "%s", r->etag);
        snprintf(range->modified, sizeof range->modified, "%s", r->modified);
    }
}

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
    struct request *q = user;
    avqa_response_line(&q->response, line, size * n);
    return size * n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
    struct request *q = user;
    size_t len = size * n;
    if (!q->judged)
        judge(q);
    if (!avqa_net_failed(&q->outcome) && len > q->len - q->got)
        fail(q, AVQA_NET_TRANSIENT, AVQA_EIO, "the server sent more than a range");
    if (avqa_net_failed(&q->outcome))
        return 0;
    memcpy(q->out + q->got, bytes, len);
    q->got += len;
    return len;
}

/* ---- a request ---------------------------------------------------------------------
 */

static struct curl_slist *headers(const struct request *q)
{
    char line[96];
    struct curl_slist *list = curl_slist_append(NULL, "Accept-Encoding: identity");
    if (q->is_tail)
        snprintf(line, sizeof line, "Range: bytes=-%zu", q->len);
    else
        snprintf(line, sizeof line, "Range: bytes=%" PRIu64 "-%" PRIu64, q->at + q->got,
                 q->at + q->len - 1);
    list = curl_slist_append(list, line);
    for (size_t i = 0; i < q->range->n_signing; i++)
        list = curl_slist_append(list, q->range->signing[i]);
    if (!list)
        avqa_mem_exhausted();
    return list;
}

static void judge_curl(struct request *q, CURLcode code)
{
    bool final = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
                 code == CURLE_PEER_FAILED_VERIFICATION ||
                 code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_SSL_CACERT_BADFILE;
    if (code != CURLE_OK)
        fail(q, final ? AVQA_NET_PERMANENT : AVQA_NET_TRANSIENT, AVQA_EIO,
             q->error[0] ? q->error : curl_easy_strerror(code));
    else if (!q->judged)
        judge(q);
    if (!avqa_net_failed(&q->outcome) && q->got != q->len)
        fail(q, AVQA_NET_TRANSIENT, AVQA_EIO, "the connection ended within a range");
}

static void run_once(struct request *q)
{
    struct curl_slist *list = headers(q);
    CURL *easy = q->range->easy;
    q->judged = false;
    q->error[0] = '\0';
    q->outcome = (struct avqa_net_outcome){.retry_after_us = -1};
    avqa_response_init(&q->response);
    if (q->is_tail)
        q->got = 0;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, q);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, q);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, q->error);
    q->range->n_requests++;
    judge_curl(q, curl_easy_perform(easy));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(list);
}

static void pause_us(int64_t us)
{
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

/* Asks until the piece is there, or there is no use in asking. */
static enum avqa_status run(struct request *q)
{
    const struct avqa_net_range_options *o = &q->range->o;
    int64_t wait = o->backoff_us;
    for (int i = 1;; i++) {
        run_once(q);
        if (!avqa_net_failed(&q->outcome))
            return AVQA_OK;
        if (q->outcome.retry_after_us > wait)
            wait = q->outcome.retry_after_us;
        if (q->outcome.class != AVQA_NET_TRANSIENT || i >= o->tries ||
            wait > o->max_wait_us)
            return avqa_fail(q->code, "%s: %s", q->range->url, q->outcome.detail);
        pause_us(wait);
        wait *= 2;
    }
}

static void set_options(struct avqa_net_range *range)
{
    const struct avqa_transfer_options *o = &range->o.transfer;
    CURL *easy = range->easy;
    curl_easy_setopt(easy, CURLOPT_URL, range->asked);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)o->max_redirects);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(o->connect_us / 1000));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)o->stall_rate);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                     (long)((o->stall_us + 999999) / 1000000));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(o->wall_us / 1000));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, o->user_agent);
    if (o->proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, o->proxy);
    if (o->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, o->ca_file);
}

/* ---- what others call --------------------------------------------------------------
 */

static enum avqa_status read_tail(struct avqa_net_range *range)
{
    struct request q = {.range = range, .len = range->o.tail_bytes, .is_tail = true};
    enum avqa_status rc = avqa_mem_array(&range->tail, q.len ? q.len : 1, 1);
    if (rc != AVQA_OK)
        return rc;
    q.out = range->tail;
    /* The length that came decides; what a try learned of another one is forgotten. */
    rc = run(&q);
    range->n_tail = q.got;
    range->pinned = true;
    return rc;
}

enum avqa_status avqa_net_range_open(struct avqa_net_range **out, const char *url,
                                     const struct avqa_net_range_options *options)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return avqa_fail(AVQA_ENOMEM, "libcurl cannot start");
    struct avqa_net_range *range = avqa_mem_new(sizeof *range);
    range->o = *options;
    range->url = avqa_mem_strdup(url);
    range->asked =
        avqa_s3_is(url) ? avqa_s3_url(&range->o.transfer, url) : avqa_mem_strdup(url);
    pthread_mutex_init(&range->lock, NULL);
    range->easy = curl_easy_init();
    enum avqa_status rc = AVQA_OK;
    if (!range->easy)
        rc = avqa_fail(AVQA_ENOMEM, "no memory for a transfer");
    if (rc == AVQA_OK) {
        set_options(range);
        if (avqa_s3_is(url))
            range->n_signing =
                avqa_s3_sign(range->easy, range->signing, &range->o.transfer);
        rc = read_tail(range);
    }
    if (rc != AVQA_OK) {
        avqa_net_range_close(range);
        return rc;
    }
    *out = range;
    return AVQA_OK;
}

void avqa_net_range_close(struct avqa_net_range *range)
{
    if (!range)
        return;
    curl_easy_cleanup(range->easy);
    curl_global_cleanup();
    pthread_mutex_destroy(&range->lock);
    for (size_t i = 0; i < range->n_signing; i++)
        free(range->signing[i]);
    free(range->url);
    free(range->asked);
    free(range->tail);
    free(range);
}

uint64_t avqa_net_range_size(const struct avqa_net_range *range)
{
    return range->size;
}

const char *avqa_net_range_url(const struct avqa_net_range *range)
{
    return range->url;
}

size_t avqa_net_range_requests(const struct avqa_net_range *range)
{
    return range->n_requests;
}

enum avqa_status avqa_net_range_read(struct avqa_net_range *range, void *out,
                                     uint64_t at, size_t len)
{
    if (at > range->size || len > range->size - at)
        return avqa_fail(AVQA_EINVAL, "%s: has %" PRIu64 " bytes, not %zu at %" PRIu64,
                         range->url, range->size, len, at);
    uint64_t tail_at = range->size - range->n_tail;
    size_t from_tail = 0;
    if (at + len > tail_at) {
        uint64_t first = at > tail_at ? at : tail_at;
        from_tail = (size_t)(at + len - first);
        memcpy((unsigned char *)out + (first - at), range->tail + (first - tail_at),
               from_tail);
    }
    if (from_tail == len)
        return AVQA_OK;
    struct request q = {.range = range, .out = out, .at = at, .len = len - from_tail};
    pthread_mutex_lock(&range->lock);
    enum avqa_status rc = run(&q);
    pthread_mutex_unlock(&range->lock);
    return rc;
}

enum avqa_status avqa_net_range_fetch(struct avqa_net_range *range,
                                      const struct avqa_net_piece *pieces, size_t n)
{
    enum avqa_status rc = AVQA_OK;
    unsigned char *room = NULL;
    size_t cap = 0;
    for (size_t i = 0; rc == AVQA_OK && i < n;) {
        size_t k = i + 1;
        uint64_t at = pieces[i].at;
        uint64_t end = at + pieces[i].len;
        for (;
             k < n && pieces[k].at >= end && pieces[k].at - end <= AVQA_NET_PIECE_GAP &&
             pieces[k].at + pieces[k].len - at <= MAX_FETCH;
             k++)
            end = pieces[k].at + pieces[k].len;
        if (k == i + 1) {
            rc = avqa_net_range_read(range, pieces[i].out, at, pieces[i].len);
        } else {
            rc = avqa_mem_grow(&room, &cap, (size_t)(end - at), 1);
            if (rc == AVQA_OK)
                rc = avqa_net_range_read(range, room, at, (size_t)(end - at));
            for (size_t j = i; rc == AVQA_OK && j < k; j++)
                memcpy(pieces[j].out, room + (pieces[j].at - at), pieces[j].len);
        }
        i = k;
    }
    free(room);
    return rc;
}
