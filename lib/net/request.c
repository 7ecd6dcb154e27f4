/* See request.h. */
#include "net/request.h"
#include "base/buf.h"
#include "base/mem.h"
#include "net/s3.h"
#include "net/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <curl/curl.h>

struct avqa_request {
    const struct avqa_transfer_options *o;
    CURL *easy;
    struct curl_slist *headers, *range_headers;
    char *url;
    char error[CURL_ERROR_SIZE];
};

/* As libcurl would, but closed in child processes. */
static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    (void)user;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void append(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer)
        avqa_mem_exhausted();
    *list = longer;
}

static void add_header(struct curl_slist **list, const char *name, const char *value)
{
    struct avqa_buf line = AVQA_BUF_INIT;
    avqa_buf_addf(&line, "%s: %s", name, value);
    append(list, avqa_buf_str(&line));
    avqa_buf_release(&line);
}

static void sign_s3(struct avqa_request *r)
{
    char *headers[AVQA_S3_HEADERS];
    size_t n = avqa_s3_sign(r->easy, headers, r->o);
    for (size_t i = 0; i < n; i++) {
        append(&r->headers, headers[i]);
        free(headers[i]);
    }
}

static void set_limits(struct avqa_request *r)
{
    const struct avqa_transfer_options *o = r->o;
    curl_easy_setopt(r->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(r->easy, CURLOPT_PROTOCOLS_STR, "http,https,file");
    curl_easy_setopt(r->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(r->easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(r->easy, CURLOPT_MAXREDIRS, (long)o->max_redirects);
    curl_easy_setopt(r->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(o->connect_us / 1000));
    curl_easy_setopt(r->easy, CURLOPT_LOW_SPEED_LIMIT, (long)o->stall_rate);
    curl_easy_setopt(r->easy, CURLOPT_LOW_SPEED_TIME,
                     (long)((o->stall_us + 999999) / 1000000));
    curl_easy_setopt(r->easy, CURLOPT_TIMEOUT_MS, (long)(o->wall_us / 1000));
    curl_easy_setopt(r->easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)o->max_rate);
}

static void set_options(struct avqa_request *r)
{
    const struct avqa_transfer_options *o = r->o;
    set_limits(r);
    curl_easy_setopt(r->easy, CURLOPT_URL, r->url);
    curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->error);
    curl_easy_setopt(r->easy, CURLOPT_BUFFERSIZE, 256L << 10);
    curl_easy_setopt(r->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(r->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(r->easy, CURLOPT_USERAGENT, o->user_agent);
    if (o->proxy)
        curl_easy_setopt(r->easy, CURLOPT_PROXY, o->proxy);
    if (o->cookies)
        curl_easy_setopt(r->easy, CURLOPT_COOKIEFILE, o->cookies);
    if (o->ca_file)
        curl_easy_setopt(r->easy, CURLOPT_CAINFO, o->ca_file);
}

enum avqa_status avqa_request_new(struct avqa_request **out,
                                  const struct avqa_transfer_options *o,
                                  const char *url, const char *const *headers,
                                  size_t n_headers)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return avqa_fail(AVQA_ENOMEM, "no memory for a transfer");
    struct avqa_request *r = avqa_mem_new(sizeof *r);
    bool s3 = avqa_s3_is(url);
    r->o = o;
    r->easy = easy;
    r->url = s3 ? avqa_s3_url(o, url) : avqa_mem_strdup(url);
    for (size_t i = 0; i < n_headers; i++)
        append(&r->headers, headers[i]);
    if (s3)
        sign_s3(r);
    set_options(r);
    *out = r;
    return AVQA_OK;
}

void avqa_request_free(struct avqa_request *r)
{
    if (!r)
        return;
    curl_easy_cleanup(r->easy);
    curl_slist_free_all(r->headers);
    curl_slist_free_all(r->range_headers);
    free(r->url);
    free(r);
}

void *avqa_request_easy(const struct avqa_request *r)
{
    return r->easy;
}

bool avqa_request_is_http(const struct avqa_request *r)
{
    return strncasecmp(r->url, "file:", 5) != 0;
}

/* What to send: the request's own headers, and with a part what is missing of it. */
void avqa_request_range(struct avqa_request *r, const struct avqa_partial *have)
{
    char range[64];
    curl_slist_free_all(r->range_headers);
    r->range_headers = NULL;
    for (const struct curl_slist *h = r->headers; h; h = h->next)
        append(&r->range_headers, h->data);
    add_header(&r->range_headers, "Accept-Encoding", "identity");
    if (have->bytes > 0) {
        snprintf(range, sizeof range, "bytes=%lld-", (long long)have->bytes);
        add_header(&r->range_headers, "Range", range);
        add_header(&r->range_headers, "If-Range", have->validator);
    }
    curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->range_headers);
}

struct judgement {
    CURLcode code;
    enum avqa_net_class class;
    const char *reason;
};

static const struct judgement judgements[] = {
    {CURLE_COULDNT_RESOLVE_HOST, AVQA_NET_TRANSIENT, "no-host"},
    {CURLE_COULDNT_RESOLVE_PROXY, AVQA_NET_OURS, "no-proxy"},
    {CURLE_COULDNT_CONNECT, AVQA_NET_TRANSIENT, "no-connection"},
    {CURLE_OPERATION_TIMEDOUT, AVQA_NET_TRANSIENT, "timeout"},
    {CURLE_PARTIAL_FILE, AVQA_NET_TRANSIENT, "dropped"},
    {CURLE_RECV_ERROR, AVQA_NET_TRANSIENT, "dropped"},
    {CURLE_SEND_ERROR, AVQA_NET_TRANSIENT, "dropped"},
    {CURLE_GOT_NOTHING, AVQA_NET_TRANSIENT, "dropped"},
    {CURLE_HTTP2, AVQA_NET_TRANSIENT, "dropped"},
    {CURLE_HTTP2_STREAM, AVQA_NET_TRANSIENT, "dropped"},
    {CURLE_SSL_CONNECT_ERROR, AVQA_NET_TRANSIENT, "tls"},
    {CURLE_PEER_FAILED_VERIFICATION, AVQA_NET_PERMANENT, "tls"},
    {CURLE_SSL_CACERT_BADFILE, AVQA_NET_OURS, "ca-file"},
    {CURLE_TOO_MANY_REDIRECTS, AVQA_NET_PERMANENT, "redirects"},
    {CURLE_URL_MALFORMAT, AVQA_NET_PERMANENT, "bad-url"},
    {CURLE_UNSUPPORTED_PROTOCOL, AVQA_NET_PERMANENT, "bad-url"},
    {CURLE_FILE_COULDNT_READ_FILE, AVQA_NET_PERMANENT, "no-file"},
    {CURLE_WEIRD_SERVER_REPLY, AVQA_NET_TRANSIENT, "nonsense"},
    {CURLE_BAD_CONTENT_ENCODING, AVQA_NET_PERMANENT, "encoded"},
    {CURLE_OUT_OF_MEMORY, AVQA_NET_OURS, "memory"},
};

/* What libcurl could not do, as an outcome with its own words. */
void avqa_request_fail(const struct avqa_request *r, int code, bool answered,
                       struct avqa_net_outcome *outcome)
{
    struct judgement j = {(CURLcode)code, AVQA_NET_TRANSIENT, "network"};
    curl_off_t took_us = 0;
    for (size_t i = 0; i < sizeof judgements / sizeof *judgements; i++) {
        if (judgements[i].code == (CURLcode)code)
            j = judgements[i];
    }
    curl_easy_getinfo(r->easy, CURLINFO_TOTAL_TIME_T, &took_us);
    int64_t wall_us = r->o->wall_us;
    if ((CURLcode)code == CURLE_OPERATION_TIMEDOUT && answered &&
        !(wall_us && took_us >= wall_us - 100000))
        j.reason = "stalled";
    avqa_net_fail(outcome, j.class, j.reason, "%s",
                  r->error[0] ? r->error : curl_easy_strerror((CURLcode)code));
}
