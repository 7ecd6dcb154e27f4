/* How yt-dlp is called, and what its complaints mean. */
#ifndef AVQA_NET_YTDLP_H
#define AVQA_NET_YTDLP_H

#include "net/outcome.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_resolver_options {
    const char *program;         /* found in PATH; NULL: pages are not resolved */
    const char *args;            /* more words for it, as typed; NULL for none */
    const char *cookies, *proxy; /* passed on; NULL for none */
    int64_t wall_us;
    char *const *environment; /* of the child; NULL for an empty one */
};

#define AVQA_RESOLVER_DEFAULTS                                                         \
    {                                                                                  \
        .program = "yt-dlp", .wall_us = 120000000                                      \
    }

enum { AVQA_YTDLP_MAX_WORDS = 64 };

struct avqa_ytdlp_words {
    char *items[AVQA_YTDLP_MAX_WORDS + 1]; /* owned; NULL at the end: an argv */
    size_t n;
};

/* A command line: the program, `first`, cookies and proxy, the user's own words, `last`
 * and the page. What comes later wins, so the user's words override `first` and not
 * `last`; both end with NULL. Fails the outcome if there are too many words or a quote
 * is not closed. */
void avqa_ytdlp_words(struct avqa_ytdlp_words *words,
                      const struct avqa_resolver_options *o, const char *const *first,
                      const char *const *last, const char *page,
                      struct avqa_net_outcome *outcome);
void avqa_ytdlp_words_release(struct avqa_ytdlp_words *words);

/* It could not be started, for an errno. */
void avqa_ytdlp_fail_start(const struct avqa_resolver_options *o, int code,
                           struct avqa_net_outcome *outcome);

/* It failed, and this is what it wrote on its standard error. */
void avqa_ytdlp_fail(const char *errors, struct avqa_net_outcome *outcome);

#endif
