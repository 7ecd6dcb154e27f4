/* An open media file, for the files of this room only. libav reads it through a
 * descriptor of ours and can open nothing else, knows only real containers (a playlist
 * would name other files), and stops when a limit is reached. */
#ifndef AVQA_MEDIA_CONTAINER_H
#define AVQA_MEDIA_CONTAINER_H

#include "base/status.h"
#include "media/verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct AVCodecContext;
struct AVFormatContext;
struct AVPacket;
struct AVStream;

struct avqa_container {
    struct AVFormatContext *format;
    struct AVStream *video, *audio; /* the ones to use; NULL if there is none */
    int n_pictures;                 /* covers and other still pictures */
    int64_t size_bytes;
    struct avqa_media_limits limits;
    struct avqa_verdict *verdict; /* the caller's */
    int64_t deadline_us, n_packets;
    int fd;
    bool gave_up;   /* a limit was reached */
    bool no_memory; /* reading ended for want of it: our failure, not the file's */
};

/* Opens `path` and finds its streams. A file that is no media leaves *out NULL, with
 * the reason in `verdict`, and gives AVQA_OK. `limits` are complete. */
AVQA_CHECK enum avqa_status avqa_container_open(struct avqa_container **out,
                                                const char *path,
                                                const struct avqa_media_limits *limits,
                                                struct avqa_verdict *verdict);
void avqa_container_close(struct avqa_container *c); /* NULL is legal */

/* The next packet of the two streams; false at the end or at a limit. Of the others
 * none are given. */
bool avqa_container_read(struct avqa_container *c, struct AVPacket *packet);

/* AVQA_ENOMEM if reading ended for want of memory. */
AVQA_CHECK enum avqa_status avqa_container_status(const struct avqa_container *c);

/* A decoder for one of its streams. Without one *out is NULL and the verdict says why.
 */
AVQA_CHECK enum avqa_status avqa_container_decoder(struct AVCodecContext **out,
                                                   struct avqa_container *c,
                                                   const struct AVStream *stream,
                                                   int n_threads);

/* A time of a stream in microseconds; what a hostile file makes of it is cut to a range
 * in which sums do not overflow. */
int64_t avqa_container_us(const struct AVStream *stream, int64_t time);
/* When a stream's first picture or sample is presented, on the file's own clock. */
int64_t avqa_container_start_us(const struct AVStream *stream);
/* What is called time 0: the earlier start of the two streams. */
int64_t avqa_container_zero_us(const struct avqa_container *c);

/* The last thing libav complained of in this thread, on one line; "" if nothing. */
const char *avqa_container_complaint(void);

#endif
