/* See resolver.h. The child gets a process group of its own, so that a Ctrl-C does not
 * reach it before us and a kill reaches what it started. */
#include "net/resolver.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 32 << 20, ERRORS_MAX = 64 << 10, MAX_WORDS = 64, MAX_HEADERS = 32 };

struct avqa_resolver {
    pid_t pid;  /* 0: none runs */
    int fds[2]; /* its standard output and standard error; -1 when closed */
    struct avqa_buf texts[2];
    int64_t deadline_us, wall_us;
    struct avqa_resolved result;
    char *headers[MAX_HEADERS];
    char *url, *format;
};

static struct avqa_net_outcome *outcome_of(struct avqa_resolver *r)
{
    return &r->result.outcome;
}

/* ---- the command line --------------------------------------------------------------
 */

struct words {
    char *items[MAX_WORDS + 1]; /* owned; NULL at the end */
    size_t n;
};

static bool add_word(struct words *w, const char *text)
{
    if (w->n == MAX_WORDS)
        return false;
    w->items[w->n++] = avqa_mem_strdup(text);
    return true;
}

/* One word of `s` into `out`: up to a space outside quotes. Behind it, or NULL if a
 * quote is not closed. */
static const char *take_word(const char *s, struct avqa_buf *out)
{
    char quote = '\0';
    for (; *s && (quote || *s != ' '); s++) {
        if (quote ? *s == quote : *s == '"' || *s == '\'')
            quote = quote ? '\0' : *s;
        else
            avqa_buf_addc(out, *s);
    }
    return quote ? NULL : s;
}

/* Splits as a shell would, with quotes and without anything else. */
static bool add_words(struct words *w, const char *text)
{
    bool ok = true;
    for (const char *s = text; ok && s;) {
        struct avqa_buf word = AVQA_BUF_INIT;
        s += strspn(s, " ");
        if (!*s)
            break;
        s = take_word(s, &word);
        ok = s && add_word(w, avqa_buf_str(&word));
        avqa_buf_release(&word);
    }
    return ok;
}

/* What comes later wins, so that the user's words can override ours. */
static bool command_line(struct words *w, const struct avqa_resolver_options *o,
                         const char *page)
{
    static const char *const first[] = {"--dump-single-json", "--no-playlist",
                                        "--no-warnings",      "--no-progress",
                                        "--format",           "best"};
    bool ok = add_word(w, o->program);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        ok = ok && add_word(w, first[i]);
    if (o->cookies)
        ok = ok && add_word(w, "--cookies") && add_word(w, o->cookies);
    if (o->proxy)
        ok = ok && add_word(w, "--proxy") && add_word(w, o->proxy);
    if (o->args)
        ok = ok && add_words(w, o->args);
    return ok && add_word(w, "--") && add_word(w, page);
}

/* ---- the process -------------------------------------------------------------------
 */

static int spawn(struct avqa_resolver *r, const struct avqa_resolver_options *o,
                 char *const *argv, const int out[2], const int err[2])
{
    static char *const none[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigset_t mask;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    sigemptyset(&mask);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                              POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &mask);
    int code = posix_spawnp(&r->pid, argv[0], &files, &attributes, argv,
                            o->environment ? o->environment : none);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (code != 0)
        r->pid = 0;
    return code;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Pipes and process; an errno if it cannot be. */
static int start(struct avqa_resolver *r, const struct avqa_resolver_options *o,
                 char *const *argv)
{
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    int code = 0;
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        code = errno;
    if (code == 0)
        code = spawn(r, o, argv, out, err);
    close_fd(&out[1]);
    close_fd(&err[1]);
    r->fds[0] = out[0];
    r->fds[1] = err[0];
    for (int i = 0; i < 2; i++) {
        if (code != 0)
            close_fd(&r->fds[i]);
        else
            fcntl(r->fds[i], F_SETFL, O_NONBLOCK);
    }
    return code;
}

struct avqa_resolver *avqa_resolver_start(const struct avqa_resolver_options *o,
                                          const char *page, int64_t now_us)
{
    struct avqa_resolver *r = avqa_mem_new(sizeof *r);
    struct words w = {.n = 0};
    r->fds[0] = r->fds[1] = -1;
    r->texts[0].max = OUTPUT_MAX;
    r->texts[1].max = ERRORS_MAX;
    r->wall_us = o->wall_us;
    r->deadline_us = now_us + o->wall_us;
    outcome_of(r)->retry_after_us = -1;
    int code = 0;
    if (!o->program)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "page",
                      "an HTML page came instead of media");
    else if (!command_line(&w, o, page))
        avqa_net_fail(outcome_of(r), AVQA_NET_OURS, "resolver-args",
                      "its arguments are too many, or a quote is not closed");
    else
        code = start(r, o, w.items);
    if (code == ENOENT)
        avqa_net_fail(outcome_of(r), AVQA_NET_OURS, "no-resolver",
                      "an HTML page came instead of media; %s may know the video in it "
                      "but is not installed",
                      o->program);
    else if (code != 0)
        avqa_net_fail(outcome_of(r), AVQA_NET_OURS, "no-resolver",
                      "cannot start %s: %s", o->program, strerror(code));
    for (size_t i = 0; i < w.n; i++)
        free(w.items[i]);
    return r;
}

/* Reads until there is nothing more for now. Too much is dropped; its JSON will not
 * parse. */
static void drain(struct avqa_resolver *r, int i)
{
    char chunk[16 << 10];
    while (r->fds[i] >= 0) {
        ssize_t n = read(r->fds[i], chunk, sizeof chunk);
        if (n > 0)
            avqa_buf_add(&r->texts[i], chunk, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else if (n < 0 && errno == EAGAIN)
            return;
        else
            close_fd(&r->fds[i]);
    }
}

static void end_process(struct avqa_resolver *r)
{
    if (r->pid)
        kill(-r->pid, SIGKILL); /* what it started too */
    r->pid = 0;
    close_fd(&r->fds[0]);
    close_fd(&r->fds[1]);
}

/* ---- what it said ------------------------------------------------------------------
 */

static const struct saying {
    const char *words, *reason;
    enum avqa_net_class class;
    bool throttled;
} sayings[] = {
    {"HTTP Error 429", "http-429", AVQA_NET_TRANSIENT, true},
    {"Too Many Requests", "http-429", AVQA_NET_TRANSIENT, true},
    {"not a bot", "http-429", AVQA_NET_TRANSIENT, true},
    {"Unsupported URL", "page", AVQA_NET_PERMANENT, false},
    {"No video formats found", "page", AVQA_NET_PERMANENT, false},
    {"Requested format is not available", "no-format", AVQA_NET_PERMANENT, false},
    {"Private video", "unavailable", AVQA_NET_PERMANENT, false},
    {"Video unavailable", "unavailable", AVQA_NET_PERMANENT, false},
    {"is not available", "unavailable", AVQA_NET_PERMANENT, false},
    {"has been removed", "unavailable", AVQA_NET_PERMANENT, false},
    {"account associated", "unavailable", AVQA_NET_PERMANENT, false},
    {"Sign in", "sign-in", AVQA_NET_PERMANENT, false},
    {"HTTP Error 403", "http-403", AVQA_NET_PERMANENT, false},
    {"HTTP Error 404", "http-404", AVQA_NET_PERMANENT, false},
    {"HTTP Error 410", "http-410", AVQA_NET_PERMANENT, false},
    {"no such option", "resolver-args", AVQA_NET_OURS, false},
};

/* Its last line that tells of an error, without the word. */
static void fail_said(struct avqa_resolver *r, const char *errors)
{
    struct saying s = {"", "resolver-failed", AVQA_NET_TRANSIENT, false};
    const char *line = errors;
    for (const char *at = errors; (at = strstr(at, "ERROR: ")) != NULL; at += 7)
        line = at + 7;
    for (size_t i = sizeof sayings / sizeof *sayings; i-- > 0;) {
        if (strcasestr(errors, sayings[i].words))
            s = sayings[i];
    }
    if (!*line)
        line = "it failed without a word";
    outcome_of(r)->throttled = s.throttled;
    avqa_net_fail(outcome_of(r), s.class, s.reason, "%.*s", (int)strcspn(line, "\n"),
                  line);
}

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

static void take_video(struct avqa_resolver *r, const struct avqa_json *video)
{
    const char *url = avqa_json_string(avqa_json_get(video, "url"));
    const char *protocol = avqa_json_string(avqa_json_get(video, "protocol"));
    const char *format = avqa_json_string(avqa_json_get(video, "format_id"));
    if (avqa_json_count(avqa_json_get(video, "requested_formats")) > 0)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "no-format",
                      "picture and sound come as two files; choose a format that has "
                      "both");
    else if (!url)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "no-format",
                      "it names no file for this page");
    else if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "no-format",
                      "it names no http file for this page");
    else if (protocol && strcmp(protocol, "http") != 0 &&
             strcmp(protocol, "https") != 0)
        avqa_net_fail(outcome_of(r), AVQA_NET_PERMANENT, "no-format",
                      "the video is a stream (%s), not a file", protocol);
    if (avqa_net_failed(outcome_of(r)))
        return;
    r->url = avqa_mem_strdup(url);
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
        fail_said(r, errors);
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
    int status = 0;
    if (!r->pid)
        return true;
    drain(r, 0);
    drain(r, 1);
    pid_t ended = waitpid(r->pid, &status, WNOHANG);
    if (ended == 0 && now_us < r->deadline_us)
        return false;
    if (ended == 0) {
        kill(-r->pid, SIGKILL);
        waitpid(r->pid, &status, 0);
        avqa_net_fail(outcome_of(r), AVQA_NET_TRANSIENT, "resolver-timeout",
                      "it did not end within %lld s and was killed",
                      (long long)(r->wall_us / 1000000));
    } else {
        drain(r, 0);
        drain(r, 1);
        avqa_resolver_read(r, avqa_buf_str(&r->texts[0]), r->texts[0].len,
                           avqa_buf_str(&r->texts[1]),
                           WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    }
    end_process(r);
    return true;
}

const struct avqa_resolved *avqa_resolver_result(const struct avqa_resolver *r)
{
    return &r->result;
}

void avqa_resolver_free(struct avqa_resolver *r)
{
    int status;
    if (!r)
        return;
    pid_t pid = r->pid;
    end_process(r);
    if (pid)
        waitpid(pid, &status, 0);
    for (size_t i = 0; i < r->result.n_headers; i++)
        free(r->headers[i]);
    avqa_buf_release(&r->texts[0]);
    avqa_buf_release(&r->texts[1]);
    free(r->url);
    free(r->format);
    free(r);
}
