/* See transfer.h. One libcurl multi handle; a transfer is judged by its headers when
 * its first byte comes (response.h), so that nothing is written before it is known
 * where it belongs. The Range header is ours, not libcurl's: libcurl would call a 200
 * an error. */
#include "net/transfer.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/aside.h"
#include "net/part.h"
#include "net/request.h"
#include "net/response.h"
#include "net/sniff.h"
#include "net/space.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

enum {
    SWALLOW_MAX = 64 << 10,  /* of an error's page, to keep the connection */
    SPACE_STEP = 1 << 20,    /* how often room is looked after without a length */
    HEADERS_MAX = 256 << 10, /* of a response */
};

struct transfer {
    struct avqa_transfers *ts;
    struct transfer *before, *after; /* among those under way */
    struct avqa_request *request;
    CURL *easy; /* of the request */
    char *expected_sha256;
    int64_t expected_bytes;
    struct avqa_part part;
    struct avqa_response response;
    size_t header_bytes;
    enum avqa_verdict verdict;
    bool judged, sniffed, again, restarted, is_full;
    unsigned char head[AVQA_SNIFF_BYTES];
    size_t n_head;
    size_t swallowed;
    int64_t held; /* of the disk */
    int64_t space_checked;
    struct avqa_transfer_result result;
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

/* ---- what is known of the file before its first byte -------------------------------
 */

static struct avqa_net_outcome *outcome_of(struct transfer *t)
{
    return &t->result.outcome;
}

static void check_space(struct transfer *t, int64_t need)
{
    avqa_space_check(&t->ts->space, t->part.fd, need, outcome_of(t));
    t->space_checked = t->part.have.bytes;
}

static void fail_ours(struct transfer *t, const char *reason)
{
    avqa_net_fail(outcome_of(t), AVQA_NET_OURS, reason, "%s", avqa_message());
}

static void begin_whole(struct transfer *t)
{
    char validator[AVQA_VALIDATOR_MAX];
    int64_t total = t->response.length;
    if (t->part.have.bytes > 0 && avqa_part_restart(&t->part) != AVQA_OK) {
        fail_ours(t, "cannot-write");
        return;
    }
    t->part.have.total = total;
    avqa_response_validator(&t->response, validator);
    if (validator[0] && (total < 0 || total >= t->ts->o.note_bytes) &&
        avqa_part_pin(&t->part, validator, total) != AVQA_OK)
        fail_ours(t, "cannot-write");
}

/* file: has no headers but a length. */
static void fill_in_response(struct transfer *t)
{
    curl_off_t length = -1;
    if (avqa_request_is_http(t->request))
        return;
    curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    t->response.status = 200;
    t->response.length = length;
}

/* Judges the headers. Afterwards the outcome may have failed. */
static void begin(struct transfer *t)
{
    t->judged = true;
    fill_in_response(t);
    t->verdict = avqa_response_judge(&t->response, &t->part.have);
    if (t->verdict == AVQA_VERDICT_AGAIN)
        t->again = true;
    if (t->verdict != AVQA_VERDICT_WHOLE && t->verdict != AVQA_VERDICT_CONTINUE)
        return;
    if (t->response.encoded) {
        avqa_net_fail(
            outcome_of(t), AVQA_NET_PERMANENT, "encoded",
            "the server sends the file compressed though it was asked not to");
        return;
    }
    if (t->verdict == AVQA_VERDICT_WHOLE)
        begin_whole(t);
    else if (t->part.have.total < 0)
        t->part.have.total = avqa_response_total(&t->response);
    int64_t total = t->part.have.total;
    int64_t expected = t->expected_bytes;
    if (total >= 0 && expected >= 0 && total != expected)
        avqa_net_fail(outcome_of(t), AVQA_NET_PERMANENT, "length",
                      "the server's file has %lld bytes, not %lld", (long long)total,
                      (long long)expected);
    int64_t need = total >= 0 ? total - t->part.have.bytes : 0;
    check_space(t, need);
    if (avqa_net_failed(outcome_of(t)))
        return;
    avqa_space_hold(&t->ts->space, &t->held, need);
}

/* ---- libcurl's callbacks -----------------------------------------------------------
 */

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    t->header_bytes += size * n;
    if (t->header_bytes > HEADERS_MAX)
        return 0;
    avqa_response_line(&t->response, line, size * n);
    return size * n;
}

/* Looks at the first bytes as soon as there are enough of them. */
static void sniff(struct transfer *t, bool at_end)
{
    if (t->sniffed || t->verdict != AVQA_VERDICT_WHOLE ||
        (t->n_head < sizeof t->head && !at_end))
        return;
    t->sniffed = true;
    t->result.page = avqa_sniff_page(t->head, t->n_head);
    if (avqa_sniff_playlist(t->head, t->n_head)) {
        t->result.page = true;
        avqa_net_fail(outcome_of(t), AVQA_NET_PERMANENT, "stream",
                      "a playlist of pieces (HLS) came instead of media");
    } else if (t->result.page)
        avqa_net_fail(outcome_of(t), AVQA_NET_PERMANENT, "page",
                      "an HTML page came instead of media");
}

static void keep_head(struct transfer *t, const void *bytes, size_t len)
{
    size_t room = sizeof t->head - t->n_head;
    if (len > room)
        len = room;
    memcpy(t->head + t->n_head, bytes, len);
    t->n_head += len;
}

static void write_body(struct transfer *t, const void *bytes, size_t len)
{
    if (!t->sniffed)
        keep_head(t, bytes, len);
    sniff(t, false);
    if (t->part.have.bytes - t->space_checked > SPACE_STEP && t->held == 0)
        check_space(t, (int64_t)len);
    if (avqa_net_failed(outcome_of(t)))
        return;
    if (avqa_part_write(&t->part, bytes, len, &t->is_full) != AVQA_OK)
        fail_ours(t, t->is_full ? "disk-full" : "cannot-write");
    avqa_space_return(&t->ts->space, &t->held, (int64_t)len);
    outcome_of(t)->bytes += (int64_t)len;
    t->ts->bytes += (int64_t)len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    size_t len = size * n;
    if (!t->judged)
        begin(t);
    if (t->again || avqa_net_failed(outcome_of(t)))
        return 0;
    if (t->verdict == AVQA_VERDICT_WHOLE || t->verdict == AVQA_VERDICT_CONTINUE) {
        write_body(t, bytes, len);
        return avqa_net_failed(outcome_of(t)) ? 0 : len;
    }
    t->swallowed += len;
    return t->swallowed <= SWALLOW_MAX ? len : 0;
}

/* Whom libcurl tells what comes. */
static void hear(struct transfer *t)
{
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
}

static void transfer_free(struct transfer *t)
{
    avqa_request_free(t->request);
    free(t->expected_sha256);
    free(t);
}

/* ---- the end of one ----------------------------------------------------------------
 */

/* Among those that avqa_transfers_next gives; called from any thread. */
static void add_done(struct transfer *t)
{
    struct avqa_transfers *ts = t->ts;
    outcome_of(t)->ended_us = avqa_clock_wall_us();
    pthread_mutex_lock(&ts->lock);
    avqa_mem_need(&ts->done, &ts->cap_done, ts->n_done + 1, sizeof *ts->done);
    ts->done[ts->n_done++] = t;
    pthread_mutex_unlock(&ts->lock);
}

/* Everything that decides whether the part is the file. */
static void verify(struct transfer *t)
{
    struct avqa_net_outcome *o = outcome_of(t);
    const struct avqa_transfer_options *opts = &t->ts->o;
    int64_t bytes = t->part.have.bytes;
    t->result.bytes = bytes;
    if (bytes == 0)
        avqa_net_fail(o, AVQA_NET_TRANSIENT, "empty", "the server sent no bytes");
    if (t->part.have.total >= 0 && bytes != t->part.have.total)
        avqa_net_fail(o, AVQA_NET_TRANSIENT, "length", "%lld bytes came of %lld",
                      (long long)bytes, (long long)t->part.have.total);
    if (t->expected_bytes >= 0 && bytes != t->expected_bytes)
        avqa_net_fail(o, AVQA_NET_PERMANENT, "length", "%lld bytes came, not %lld",
                      (long long)bytes, (long long)t->expected_bytes);
    if (!avqa_net_failed(o) &&
        avqa_sha256_file(t->result.sha256, &t->result.bytes, t->part.path) != AVQA_OK)
        fail_ours(t, "cannot-read");
    if (!avqa_net_failed(o) && t->result.bytes != bytes)
        avqa_net_fail(o, AVQA_NET_OURS, "cannot-read",
                      "the part has %lld bytes on disk, not %lld",
                      (long long)t->result.bytes, (long long)bytes);
    if (!avqa_net_failed(o) && t->expected_sha256 &&
        strcasecmp(t->expected_sha256, t->result.sha256) != 0)
        avqa_net_fail(o, AVQA_NET_TRANSIENT, "checksum", "sha256 is %s, not %s",
                      t->result.sha256, t->expected_sha256);
    if (!avqa_net_failed(o))
        opts->verify(opts->verify_user, t->part.path, o, t->result.extension);
    if (!avqa_net_failed(o) && avqa_part_sync(&t->part) != AVQA_OK)
        fail_ours(t, "cannot-write");
}

/* On a thread aside. A part that was not verified well is no start for another try. */
static void finish(void *user, void *job)
{
    struct avqa_transfers *ts = user;
    struct transfer *t = job;
    verify(t);
    if (avqa_net_failed(outcome_of(t))) {
        avqa_part_close(&t->part, false);
    } else {
        close(t->part.fd); /* the part stays: it is the caller's to publish */
        free(t->part.path);
        free(t->part.note);
        free(t->part.key);
        t->part = (struct avqa_part){.fd = -1};
    }
    add_done(t);
    curl_multi_wakeup(ts->multi);
}

static void settle_outcome(struct transfer *t, CURLcode code)
{
    struct avqa_net_outcome *o = outcome_of(t);
    if (code == CURLE_OK && !t->judged)
        begin(t);
    o->http_status = avqa_request_is_http(t->request) ? t->response.status : 0;
    if (t->judged && t->verdict == AVQA_VERDICT_REFUSED) {
        o->retry_after_us =
            avqa_response_retry_after(&t->response, avqa_clock_wall_us());
        avqa_net_fail_status(o, t->response.status);
    } else if (code != CURLE_OK && !t->again) {
        o->host_works = o->bytes > 0;
        avqa_request_fail(t->request, (int)code, t->response.status != 0, o);
    } else if (!t->again) {
        o->host_works = true;
        sniff(t, true);
    }
}

static void forget_active(struct transfer *t)
{
    struct avqa_transfers *ts = t->ts;
    curl_multi_remove_handle(ts->multi, t->easy);
    avqa_space_return(&t->ts->space, &t->held, t->held);
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
    curl_multi_add_handle(t->ts->multi, t->easy);
}

/* Once more from the first byte; once only, or two servers behind one name that answer
 * with two versions would keep us for ever. */
static bool start_again(struct transfer *t)
{
    if (t->restarted)
        avqa_net_fail(outcome_of(t), AVQA_NET_TRANSIENT, "changed",
                      "the file changed while it was being received");
    else if (avqa_part_restart(&t->part) != AVQA_OK)
        fail_ours(t, "cannot-write");
    if (avqa_net_failed(outcome_of(t)))
        return false;
    t->restarted = true;
    t->judged = t->sniffed = t->again = false;
    t->n_head = t->swallowed = t->header_bytes = 0;
    avqa_response_init(&t->response);
    avqa_request_range(t->request, &t->part.have);
    add_active(t);
    return true;
}

static void ended(struct transfer *t, CURLcode code)
{
    settle_outcome(t, code);
    forget_active(t);
    if (t->again && start_again(t))
        return;
    if (!avqa_net_failed(outcome_of(t))) {
        avqa_aside_push(t->ts->aside, t);
        return;
    }
    /* What filled the disk goes: others, the catalog first, must write. */
    avqa_part_close(&t->part,
                    outcome_of(t)->class != AVQA_NET_PERMANENT && !t->is_full);
    add_done(t);
}

/* ---- what others call --------------------------------------------------------------
 */

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
        curl_multi_remove_handle(ts->multi, t->easy);
        avqa_part_close(&t->part, true);
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
    t->part.fd = -1;
    t->expected_bytes = r->expected_bytes;
    t->expected_sha256 =
        r->expected_sha256 ? avqa_mem_strdup(r->expected_sha256) : NULL;
    t->result.item = r->item;
    outcome_of(t)->started_us = avqa_clock_wall_us();
    outcome_of(t)->retry_after_us = -1;
    avqa_response_init(&t->response);
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
    t->request = request;
    t->easy = avqa_request_easy(request);
    ts->n_active++;
    if (avqa_part_open(&t->part, r->part, r->key ? r->key : r->url) != AVQA_OK) {
        fail_ours(t, "cannot-write");
        add_done(t);
        return AVQA_OK;
    }
    avqa_request_range(request, &t->part.have);
    hear(t);
    add_active(t);
    return AVQA_OK;
}

/* The part's descriptor is all that verifying needs of it. */
static enum avqa_status open_taken(struct transfer *t, const char *file,
                                   const char *part)
{
    struct stat st;
    if (avqa_part_remove(part) != AVQA_OK)
        return AVQA_EIO;
    if (rename(file, part) != 0)
        return avqa_fail(AVQA_EIO, "%s: cannot rename to: %s", part, strerror(errno));
    t->part = (struct avqa_part){.fd = open(part, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (t->part.fd < 0 || fstat(t->part.fd, &st) != 0)
        return avqa_fail(AVQA_EIO, "%s: cannot open: %s", part, strerror(errno));
    t->part.path = avqa_mem_strdup(part);
    t->part.have.total = -1;
    t->part.have.bytes = st.st_size;
    return AVQA_OK;
}

enum avqa_status avqa_transfers_take(struct avqa_transfers *ts,
                                     const struct avqa_transfer_request *r,
                                     const char *file)
{
    struct transfer *t = transfer_new(ts, r);
    ts->n_active++;
    if (open_taken(t, file, r->part) != AVQA_OK) {
        fail_ours(t, "cannot-write");
        avqa_part_close(&t->part, false);
        add_done(t);
        return AVQA_OK;
    }
    avqa_aside_push(ts->aside, t);
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
    *result = t->result;
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
