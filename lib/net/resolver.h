/* From the page of a video to its file: a page that is no file goes to yt-dlp, which
 * knows a thousand sites, as a child process. Only what it prints as JSON is taken; the
 * file itself is transferred by transfer.h like any other, with the same guarantees.
 *
 * The child's output is bounded, its time too: one that hangs is killed with all its
 * children. Pages with several videos, and formats that are no single http file, are
 * refused. */
#ifndef AVQA_NET_RESOLVER_H
#define AVQA_NET_RESOLVER_H

#include "base/status.h"
#include "net/outcome.h"

#include <stdbool.h>
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

struct avqa_resolver;

/* Starts one. What goes wrong is its outcome. Never NULL. */
struct avqa_resolver *avqa_resolver_start(const struct avqa_resolver_options *options,
                                          const char *page, int64_t now_us);

/* Reads what has come; true when it has ended, one way or the other. Does not wait. */
bool avqa_resolver_poll(struct avqa_resolver *r, int64_t now_us);

/* Kills it if it still runs. NULL is legal. */
void avqa_resolver_free(struct avqa_resolver *r);

struct avqa_resolved {
    struct avqa_net_outcome outcome;
    const char *url;
    const char *const *headers; /* "Name: value", to be sent along */
    size_t n_headers;
    const char
        *format; /* names what was chosen: a part of another cannot be continued */
};

/* Borrowed; valid until it is freed. */
const struct avqa_resolved *avqa_resolver_result(const struct avqa_resolver *r);

/* ---- for tests ---------------------------------------------------------------------
 */

/* What its output means. `exit_code` 0 if all went well. */
void avqa_resolver_read(struct avqa_resolver *r, const char *json, size_t len,
                        const char *errors, int exit_code);

#endif
