/* From the page of a video to its file: a page that is no file goes to yt-dlp, which
 * knows a thousand sites, as a child process. Only what it prints as JSON is taken; a
 * file is transferred by transfer.h like any other, with the same guarantees.
 *
 * The child's output is bounded, its time too: one that hangs is killed with all its
 * children. One http file is preferred to a better picture; what there is only as a
 * stream of pieces, or as picture and sound apart, is for stream.h. Pages with several
 * videos and live streams are refused. */
#ifndef AVQA_NET_RESOLVER_H
#define AVQA_NET_RESOLVER_H

#include "base/status.h"
#include "net/outcome.h"
#include "net/ytdlp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    const char *url;            /* NULL if there is none */
    bool is_stream;             /* only yt-dlp can bring it: stream.h */
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
