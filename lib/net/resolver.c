/* See resolver.h. */
#include "net/resolver.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/child.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { OUTPUT_MAX = 32 << 20, ERRORS_MAX = 64 << 10, MAX_HEADERS = 32 };

/* One file by http if there is one, then whatever has both, then both apart. */
static const char FORMAT[] = "b[protocol=https]/b[protocol=http]/b/bv*+ba";

struct avqa_resolver {
    struct avqa_child child;
    bool ended;
    int64_t deadline_us, wall_us;
    struct avqa_resolved result;
    char *headers[MAX_HEADERS];
    char *url, *format;
};

static struct avqa_net_outcome *outcome_of(struct avqa_resolver *r)
{
    return &r->result.outcome;
}

struct avqa_resolver *avqa_resolver_start(const struct avqa_resolver_options *o,
                                          const char *page, int64_t now_us)
{
    static const char *const first[] = {"--dump-single-json",
                                        "--no-playlist",
                                        "--no-warnings",
                                        "--no-progress",
                                        "--format",
                                        FORMAT,
                                        NULL};
    struct avqa_resolver *r = avqa_mem_new(sizeof *r);
    struct avqa_ytdlp_words w = {.n = 0};
    r->child = (struct avqa_child)AVQA_CHILD_INIT;
    r->child.texts[0].max = OUTPUT_MAX;
    r->child.texts[1].max = ERRORS_MAX;
    r->wall_us = o->wall_us;
    r->deadline_us = now_us + o->wall_us;
    outcome_of(r)->retry_after_us = -1;
    if (!o->program)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "page",
                      "an HTML page came instead of media");
    else
        avqa_ytdlp_words(&w, o, first, (const char *const[]){NULL}, page,
                         outcome_of(r));
    if (!avqa_net_failed(outcome_of(r))) {
        int code = avqa_child_start(&r->child, w.items, o->environment, NULL);
        if (code != 0)
            avqa_ytdlp_fail_start(o, code, outcome_of(r));
    }
    r->ended = avqa_net_failed(outcome_of(r));
    avqa_ytdlp_words_release(&w);
    return r;
}

/* ---- what it said ------------------------------------------------------------------
 */

static void take_headers(struct avqa_resolver *r, const struct avqa_json *headers)
{
    for (const struct avqa_json *h = avqa_json_first(headers);
         h && r->result.n_headers < MAX_HEADERS; h = avqa_json_next(h)) {
        struct avqa_buf line = AVQA_BUF_INIT;
        const char *key = avqa_json_key(h);
        const char *value = avqa_json_string(h);
        if (!key || !value || strpbrk(key, ":\r\n") || strpbrk(value, "\r\n") ||
            strcasecmp(key, "Accept-Encoding") == 0)
            continue;
        avqa_buf_addf(&line, "%s: %s", key, value);
        r->headers[r->result.n_headers++] = line.data;
    }
    r->result.headers = (const char *const *)r->headers;
}

/* The video of the page: itself, or the only entry of its list. */
static const struct avqa_json *only_video(struct avqa_resolver *r,
                                          const struct avqa_json *root)
{
    const struct avqa_json *entries = avqa_json_get(root, "entries");
    if (!entries)
        return root;
    if (avqa_json_count(entries) != 1)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "playlist",
                      "the page has %zu videos; name one of them",
                      avqa_json_count(entries));
    return avqa_json_first(entries);
}

/* One http file is for us; pieces, or picture and sound apart, are not. */
static void take_video(struct avqa_resolver *r, const struct avqa_json *video)
{
    const char *url = avqa_json_string(avqa_json_get(video, "url"));
    const char *protocol = avqa_json_string(avqa_json_get(video, "protocol"));
    const char *format = avqa_json_string(avqa_json_get(video, "format_id"));
    bool apart = avqa_json_count(avqa_json_get(video, "requested_formats")) > 0;
    if (avqa_json_true(avqa_json_get(video, "is_live")))
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "live",
                      "the video is live: it has no end yet");
    else if (!url && !apart)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "no-format",
                      "it names no file for this page");
    else if (!apart && strncmp(url, "http://", 7) != 0 &&
             strncmp(url, "https://", 8) != 0)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "no-format",
                      "it names no http file for this page");
    if (avqa_net_failed(outcome_of(r)))
        return;
    r->result.is_stream = apart || (protocol && strcmp(protocol, "http") != 0 &&
                                    strcmp(protocol, "https") != 0);
    r->url = url ? avqa_mem_strdup(url) : NULL;
    r->format = avqa_mem_strdup(format ? format : "");
    r->result.url = r->url;
    r->result.format = r->format;
    take_headers(r, avqa_json_get(video, "http_headers"));
}

void avqa_resolver_read(struct avqa_resolver *r, const char *json, size_t len,
                        const char *errors, int exit_code)
{
    struct avqa_json *root = NULL;
    if (exit_code != 0) {
        avqa_ytdlp_fail(errors, outcome_of(r));
        return;
    }
    if (avqa_json_parse(&root, json, len) != AVQA_OK) {
        avqa_net_fail(outcome_of(r), AVQA_NET_TRANSIENT, "resolver-failed",
                      "what it printed is no JSON: %s", avqa_message());
        return;
    }
    const struct avqa_json *video = only_video(r, root);
    if (!avqa_net_failed(outcome_of(r)))
        take_video(r, video);
    avqa_json_free(root);
}

bool avqa_resolver_poll(struct avqa_resolver *r, int64_t now_us)
{
    int code = 0;
    if (r->ended)
        return true;
    r->ended = avqa_child_poll(&r->child, &code);
    if (!r->ended && now_us < r->deadline_us)
        return false;
    if (!r->ended)
        avqa_net_fail(outcome_of(r), AVQA_NET_TRANSIENT, "resolver-timeout",
                      "it did not end within %lld s and was killed",
                      (long long)(r->wall_us / 1000000));
    else
        avqa_resolver_read(r, avqa_buf_str(&r->child.texts[0]), r->child.texts[0].len,
                           avqa_buf_str(&r->child.texts[1]), code);
    r->ended = true;
    avqa_child_end(&r->child);
    return true;
}

const struct avqa_resolved *avqa_resolver_result(const struct avqa_resolver *r)
{
    return &r->result;
}

void avqa_resolver_free(struct avqa_resolver *r)
{
    if (!r)
        return;
    avqa_child_end(&r->child);
    for (size_t i = 0; i < r->result.n_headers; i++)
        free(r->headers[i]);
    free(r->url);
    free(r->format);
    free(r);
}
