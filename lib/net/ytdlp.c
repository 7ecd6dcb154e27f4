/* See ytdlp.h. */
#include "net/ytdlp.h"
#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool add_word(struct avqa_ytdlp_words *w, const char *text)
{
    if (w->n == AVQA_YTDLP_MAX_WORDS)
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
static bool add_words(struct avqa_ytdlp_words *w, const char *text)
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

static bool add_list(struct avqa_ytdlp_words *w, const char *const *list)
{
    bool ok = true;
    for (; ok && *list; list++)
        ok = add_word(w, *list);
    return ok;
}

/* A file that is named from here: it may be called from another folder. */
static bool add_file(struct avqa_ytdlp_words *w, const char *path)
{
    char *real = realpath(path, NULL);
    bool ok = add_word(w, real ? real : path);
    free(real);
    return ok;
}

void avqa_ytdlp_words(struct avqa_ytdlp_words *w, const struct avqa_resolver_options *o,
                      const char *const *first, const char *const *last,
                      const char *page, struct avqa_net_outcome *outcome)
{
    w->n = 0;
    memset(w->items, 0, sizeof w->items);
    bool ok = add_word(w, o->program) && add_list(w, first);
    if (ok && o->cookies)
        ok = add_word(w, "--cookies") && add_file(w, o->cookies);
    if (ok && o->proxy)
        ok = add_word(w, "--proxy") && add_word(w, o->proxy);
    if (ok && o->args)
        ok = add_words(w, o->args);
    ok = ok && add_list(w, last) && add_word(w, "--") && add_word(w, page);
    if (!ok)
        avqa_net_fail(outcome, AVQA_NET_OURS, "resolver-args",
                      "its arguments are too many, or a quote is not closed");
}

void avqa_ytdlp_words_release(struct avqa_ytdlp_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->items[i]);
    w->n = 0;
}

void avqa_ytdlp_fail_start(const struct avqa_resolver_options *o, int code,
                           struct avqa_net_outcome *outcome)
{
    if (code == ENOENT)
        avqa_net_fail(outcome, AVQA_NET_OURS, "no-resolver",
                      "a page came instead of media; %s may know the video in it but "
                      "is not installed",
                      o->program);
    else
        avqa_net_fail(outcome, AVQA_NET_OURS, "no-resolver", "cannot start %s: %s",
                      o->program, strerror(code));
}

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
    {"ffmpeg is not installed", "no-ffmpeg", AVQA_NET_OURS, false},
    {"No space left on device", "disk-full", AVQA_NET_OURS, false},
    {"no such option", "resolver-args", AVQA_NET_OURS, false},
};

/* Told by its last line that tells of an error, without the word. */
void avqa_ytdlp_fail(const char *errors, struct avqa_net_outcome *outcome)
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
    outcome->throttled = s.throttled;
    avqa_net_fail(outcome, s.class, s.reason, "%.*s", (int)strcspn(line, "\n"), line);
}
