/* See incoming.h. It is judged by its headers when its first byte comes (response.h),
 * so that nothing is written before it is known where it belongs. The Range header is
 * ours, not libcurl's: libcurl would call a 200 an error. */
#include "net/incoming.h"
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

enum {
    SWALLOW_MAX = 64 << 10,  /* of an error's page, to keep the connection */
    SPACE_STEP = 1 << 20,    /* how often room is looked after without a length */
    HEADERS_MAX = 256 << 10, /* of a response */
};

static struct avqa_net_outcome *outcome_of(struct avqa_incoming *in)
{
    return &in->result.outcome;
}

static void check_space(struct avqa_incoming *in, int64_t need)
{
    avqa_space_check(in->place.space, in->part.fd, need, outcome_of(in));
    in->space_checked = in->part.have.bytes;
}

static void fail_ours(struct avqa_incoming *in, const char *reason)
{
    avqa_net_fail(outcome_of(in), AVQA_NET_OURS, reason, "%s", avqa_message());
}

/* ---- its headers ----------------------------------------------------------------- */

static void begin_whole(struct avqa_incoming *in)
{
    char validator[AVQA_VALIDATOR_MAX];
    int64_t total = in->response.length;
    if (in->part.have.bytes > 0 && avqa_part_restart(&in->part) != AVQA_OK) {
        fail_ours(in, "cannot-write");
        return;
    }
    in->part.have.total = total;
    avqa_response_validator(&in->response, validator);
    if (validator[0] && (total < 0 || total >= in->place.options->note_bytes) &&
        avqa_part_pin(&in->part, validator, total) != AVQA_OK)
        fail_ours(in, "cannot-write");
}

/* file: has no headers but a length. */
static void fill_in_response(struct avqa_incoming *in)
{
    curl_off_t length = -1;
    if (avqa_request_is_http(in->request))
        return;
    curl_easy_getinfo(avqa_request_easy(in->request),
                      CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    in->response.status = 200;
    in->response.length = length;
}

/* Judges the headers. Afterwards the outcome may have failed. */
static void begin(struct avqa_incoming *in)
{
    in->judged = true;
    fill_in_response(in);
    in->verdict = avqa_response_judge(&in->response, &in->part.have);
    if (in->verdict == AVQA_VERDICT_AGAIN)
        in->again = true;
    if (in->verdict != AVQA_VERDICT_WHOLE && in->verdict != AVQA_VERDICT_CONTINUE)
        return;
    if (in->response.encoded) {
        avqa_net_fail(
            outcome_of(in), AVQA_NET_PERMANENT, "encoded",
            "the server sends the file compressed though it was asked not to");
        return;
    }
    if (in->verdict == AVQA_VERDICT_WHOLE)
        begin_whole(in);
    else if (in->part.have.total < 0)
        in->part.have.total = avqa_response_total(&in->response);
    int64_t total = in->part.have.total;
    int64_t expected = in->expected_bytes;
    if (total >= 0 && expected >= 0 && total != expected)
        avqa_net_fail(outcome_of(in), AVQA_NET_PERMANENT, "length",
                      "the server's file has %lld bytes, not %lld", (long long)total,
                      (long long)expected);
    int64_t need = total >= 0 ? total - in->part.have.bytes : 0;
    check_space(in, need);
    if (avqa_net_failed(outcome_of(in)))
        return;
    avqa_space_hold(in->place.space, &in->held, need);
}

/* ---- libcurl's callbacks --------------------------------------------------------- */

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
    struct avqa_incoming *in = user;
    in->header_bytes += size * n;
    if (in->header_bytes > HEADERS_MAX)
        return 0;
    avqa_response_line(&in->response, line, size * n);
    return size * n;
}

/* Looks at the first bytes as soon as there are enough of them. */
static void sniff(struct avqa_incoming *in, bool at_end)
{
    if (in->sniffed || in->verdict != AVQA_VERDICT_WHOLE ||
        (in->n_head < sizeof in->head && !at_end))
        return;
    in->sniffed = true;
    in->result.page = avqa_sniff_page(in->head, in->n_head);
    if (avqa_sniff_playlist(in->head, in->n_head)) {
        in->result.page = true;
        avqa_net_fail(outcome_of(in), AVQA_NET_PERMANENT, "stream",
                      "a playlist of pieces (HLS) came instead of media");
    } else if (in->result.page)
        avqa_net_fail(outcome_of(in), AVQA_NET_PERMANENT, "page",
                      "an HTML page came instead of media");
}

static void keep_head(struct avqa_incoming *in, const void *bytes, size_t len)
{
    size_t room = sizeof in->head - in->n_head;
    if (len > room)
        len = room;
    memcpy(in->head + in->n_head, bytes, len);
    in->n_head += len;
}

static void write_body(struct avqa_incoming *in, const void *bytes, size_t len)
{
    if (!in->sniffed)
        keep_head(in, bytes, len);
    sniff(in, false);
    if (in->part.have.bytes - in->space_checked > SPACE_STEP && in->held == 0)
        check_space(in, (int64_t)len);
    if (avqa_net_failed(outcome_of(in)))
        return;
    if (avqa_part_write(&in->part, bytes, len, &in->is_full) != AVQA_OK)
        fail_ours(in, in->is_full ? "disk-full" : "cannot-write");
    avqa_space_return(in->place.space, &in->held, (int64_t)len);
    outcome_of(in)->bytes += (int64_t)len;
    *in->place.received += (int64_t)len;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
    struct avqa_incoming *in = user;
    size_t len = size * n;
    if (!in->judged)
        begin(in);
    if (in->again || avqa_net_failed(outcome_of(in)))
        return 0;
    if (in->verdict == AVQA_VERDICT_WHOLE || in->verdict == AVQA_VERDICT_CONTINUE) {
        write_body(in, bytes, len);
        return avqa_net_failed(outcome_of(in)) ? 0 : len;
    }
    in->swallowed += len;
    return in->swallowed <= SWALLOW_MAX ? len : 0;
}

/* Whom libcurl tells what comes. */
static void hear(struct avqa_incoming *in)
{
    CURL *easy = avqa_request_easy(in->request);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, in);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, in);
}

/* ---- beginning ------------------------------------------------------------------- */

void avqa_incoming_init(struct avqa_incoming *in,
                        const struct avqa_incoming_place *place,
                        const struct avqa_transfer_request *r)
{
    *in = (struct avqa_incoming){.place = *place, .part.fd = -1};
    in->expected_bytes = r->expected_bytes;
    in->expected_sha256 =
        r->expected_sha256 ? avqa_mem_strdup(r->expected_sha256) : NULL;
    in->result.item = r->item;
    outcome_of(in)->started_us = avqa_clock_wall_us();
    outcome_of(in)->retry_after_us = -1;
    avqa_response_init(&in->response);
}

void avqa_incoming_release(struct avqa_incoming *in)
{
    avqa_request_free(in->request);
    free(in->expected_sha256);
}

bool avqa_incoming_open(struct avqa_incoming *in, const struct avqa_transfer_request *r,
                        struct avqa_request *request)
{
    in->request = request;
    if (avqa_part_open(&in->part, r->part, r->key ? r->key : r->url) != AVQA_OK) {
        fail_ours(in, "cannot-write");
        return false;
    }
    avqa_request_range(request, &in->part.have);
    hear(in);
    return true;
}

/* The part's descriptor is all that verifying needs of it. */
static enum avqa_status open_taken(struct avqa_incoming *in, const char *file,
                                   const char *part)
{
    struct stat st;
    if (avqa_part_remove(part) != AVQA_OK)
        return AVQA_EIO;
    if (rename(file, part) != 0)
        return avqa_fail(AVQA_EIO, "%s: cannot rename to: %s", part, strerror(errno));
    in->part = (struct avqa_part){.fd = open(part, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (in->part.fd < 0 || fstat(in->part.fd, &st) != 0)
        return avqa_fail(AVQA_EIO, "%s: cannot open: %s", part, strerror(errno));
    in->part.path = avqa_mem_strdup(part);
    in->part.have.total = -1;
    in->part.have.bytes = st.st_size;
    return AVQA_OK;
}

bool avqa_incoming_take(struct avqa_incoming *in, const struct avqa_transfer_request *r,
                        const char *file)
{
    if (open_taken(in, file, r->part) == AVQA_OK)
        return true;
    fail_ours(in, "cannot-write");
    avqa_part_close(&in->part, false);
    return false;
}

/* ---- its end --------------------------------------------------------------------- */

void avqa_incoming_settle(struct avqa_incoming *in, int code)
{
    struct avqa_net_outcome *o = outcome_of(in);
    if (code == CURLE_OK && !in->judged)
        begin(in);
    o->http_status = avqa_request_is_http(in->request) ? in->response.status : 0;
    if (in->judged && in->verdict == AVQA_VERDICT_REFUSED) {
        o->retry_after_us =
            avqa_response_retry_after(&in->response, avqa_clock_wall_us());
        avqa_net_fail_status(o, in->response.status);
    } else if (code != CURLE_OK && !in->again) {
        o->host_works = o->bytes > 0;
        avqa_request_fail(in->request, code, in->response.status != 0, o);
    } else if (!in->again) {
        o->host_works = true;
        sniff(in, true);
    }
    avqa_space_return(in->place.space, &in->held, in->held);
}

bool avqa_incoming_again(struct avqa_incoming *in)
{
    if (!in->again)
        return false;
    if (in->restarted)
        avqa_net_fail(outcome_of(in), AVQA_NET_TRANSIENT, "changed",
                      "the file changed while it was being received");
    else if (avqa_part_restart(&in->part) != AVQA_OK)
        fail_ours(in, "cannot-write");
    if (avqa_net_failed(outcome_of(in)))
        return false;
    in->restarted = true;
    in->judged = in->sniffed = in->again = false;
    in->n_head = in->swallowed = in->header_bytes = 0;
    avqa_response_init(&in->response);
    avqa_request_range(in->request, &in->part.have);
    return true;
}

void avqa_incoming_give_up(struct avqa_incoming *in)
{
    /* What filled the disk goes: others, the catalog first, must write. */
    avqa_part_close(&in->part,
                    outcome_of(in)->class != AVQA_NET_PERMANENT && !in->is_full);
}

/* Everything that decides whether the part is the file. */
static void verify(struct avqa_incoming *in)
{
    struct avqa_net_outcome *o = outcome_of(in);
    const struct avqa_transfer_options *opts = in->place.options;
    int64_t bytes = in->part.have.bytes;
    in->result.bytes = bytes;
    if (bytes == 0)
        avqa_net_fail(o, AVQA_NET_TRANSIENT, "empty", "the server sent no bytes");
    if (in->part.have.total >= 0 && bytes != in->part.have.total)
        avqa_net_fail(o, AVQA_NET_TRANSIENT, "length", "%lld bytes came of %lld",
                      (long long)bytes, (long long)in->part.have.total);
    if (in->expected_bytes >= 0 && bytes != in->expected_bytes)
        avqa_net_fail(o, AVQA_NET_PERMANENT, "length", "%lld bytes came, not %lld",
                      (long long)bytes, (long long)in->expected_bytes);
    if (!avqa_net_failed(o) && avqa_sha256_file(in->result.sha256, &in->result.bytes,
                                                in->part.path) != AVQA_OK)
        fail_ours(in, "cannot-read");
    if (!avqa_net_failed(o) && in->result.bytes != bytes)
        avqa_net_fail(o, AVQA_NET_OURS, "cannot-read",
                      "the part has %lld bytes on disk, not %lld",
                      (long long)in->result.bytes, (long long)bytes);
    if (!avqa_net_failed(o) && in->expected_sha256 &&
        strcasecmp(in->expected_sha256, in->result.sha256) != 0)
        avqa_net_fail(o, AVQA_NET_TRANSIENT, "checksum", "sha256 is %s, not %s",
                      in->result.sha256, in->expected_sha256);
    if (!avqa_net_failed(o))
        opts->verify(opts->verify_user, in->part.path, o, in->result.extension);
    if (!avqa_net_failed(o) && avqa_part_sync(&in->part) != AVQA_OK)
        fail_ours(in, "cannot-write");
}

void avqa_incoming_verify(struct avqa_incoming *in)
{
    verify(in);
    if (avqa_net_failed(outcome_of(in))) { /* it is no start for another try */
        avqa_part_close(&in->part, false);
    } else {
        close(in->part.fd); /* the part stays: it is the caller's to publish */
        free(in->part.path);
        free(in->part.note);
        free(in->part.key);
        in->part = (struct avqa_part){.fd = -1};
    }
}
