/* A media file read from its beginning until both streams are done with, every packet
 * through its decoder: what is to be done with pictures and sound is the caller's. For
 * the files of this room. */
#ifndef AVQA_MEDIA_READER_H
#define AVQA_MEDIA_READER_H

#include "base/log.h"
#include "base/status.h"
#include "media/container.h"
#include "media/probe.h"

#include <stdbool.h>
#include <stdint.h>

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

struct avqa_reader {
    struct avqa_container *file;
    struct AVCodecContext *video, *audio; /* NULL: none, or not asked for */
    int64_t zero_us;                      /* time 0 on the file's own clock */
    int64_t n_video_bad, n_audio_bad;     /* what did not decode */
    bool video_done, audio_done;          /* set these to end early */
    void *user;
    /* Whether a video packet is to be decoded; NULL: all are. */
    bool (*wants)(void *user, const struct AVPacket *packet);
    /* The same of sound, also where there is no `sound`. */
    bool (*wants_sound)(void *user, const struct AVPacket *packet);
    enum avqa_status (*picture)(void *user, struct AVFrame *frame);
    enum avqa_status (*sound)(void *user, struct AVFrame *frame);
};

/* Opens the file, with decoders for the streams that have a callback. One that cannot
 * be opened leaves reader->file NULL and gives AVQA_OK; the verdict in `info` says why.
 */
AVQA_CHECK enum avqa_status avqa_reader_open(struct avqa_reader *reader,
                                             struct avqa_media_info *info,
                                             const char *path,
                                             const struct avqa_media_limits *limits);
void avqa_reader_close(struct avqa_reader *reader);

AVQA_CHECK enum avqa_status avqa_reader_run(struct avqa_reader *reader,
                                            const struct avqa_log *log);

/* Gives the pictures that the decoder still holds; it can be given other packets then,
 * from a key frame on. May be called out of `wants`. */
AVQA_CHECK enum avqa_status avqa_reader_drain_video(struct avqa_reader *reader);

#endif
