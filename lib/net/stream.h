/* What there is only as a stream of pieces (HLS, DASH), or as picture and sound apart:
 * yt-dlp itself downloads and joins it, with ffmpeg, as a child process in a folder of
 * its own, under our limits of time, standstill and disk. It always starts anew: bytes
 * of an earlier try are not vouched for. The file it leaves is no success before it was
 * verified as any other (avqa_transfers_take). */
#ifndef AVQA_NET_STREAM_H
#define AVQA_NET_STREAM_H

#include "net/outcome.h"
#include "net/transfer.h"
#include "net/ytdlp.h"

#include <stdbool.h>
#include <stdint.h>

struct avqa_stream;

struct avqa_stream_request {
    const char *page, *format; /* as the resolver found them */
    const char *folder;        /* made, and removed with what is in it */
};

/* Starts one; options are borrowed. What goes wrong is its outcome. Never NULL. */
struct avqa_stream *avqa_stream_start(const struct avqa_resolver_options *o,
                                      const struct avqa_transfer_options *limits,
                                      const struct avqa_stream_request *request,
                                      int64_t now_us);

/* Looks after it; true when it has ended, one way or the other. Does not wait. */
bool avqa_stream_poll(struct avqa_stream *s, int64_t now_us);

/* Borrowed; the file is NULL if the outcome failed. */
const struct avqa_net_outcome *avqa_stream_outcome(const struct avqa_stream *s);
const char *avqa_stream_file(const struct avqa_stream *s);

/* Kills it if it still runs, and removes its folder. NULL is legal. */
void avqa_stream_free(struct avqa_stream *s);

#endif
