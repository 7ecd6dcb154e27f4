/* One pass over a media file: pictures at a rate or at given times, and its sound as
 * one channel. The file is read from its beginning to its end, so a picture is the
 * right one whatever the index says (a late stretch is sought only where that cannot be
 * told from reading, see seek.h); memory holds a few dozen packets and what the decoder
 * needs, however long the file is.
 *
 * Time 0 is the earlier start of picture and sound, or of the stretch of the file that
 * is asked for; the picture shown when a stretch begins is its first one, and its sound
 * has no sample more than its length. A file that is damaged gives what can be had; the
 * report says what could not. */
#ifndef AVQA_MEDIA_DECODE_H
#define AVQA_MEDIA_DECODE_H

#include "base/log.h"
#include "base/status.h"
#include "media/probe.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_decoded {
    int64_t index;   /* the tick (at rate 1: the second), or the place in the list */
    int64_t time_us; /* of the tick, or as asked for */
    int64_t pts_us;  /* when this picture began to be shown */
    int width, height;
    const uint8_t *rgb; /* width * height * 3 bytes, borrowed for the call */
};

typedef enum avqa_status avqa_decode_picture_fn(void *user,
                                                const struct avqa_decoded *picture);
/* `n` samples that follow those given before; the first is at time 0. */
typedef enum avqa_status avqa_decode_samples_fn(void *user, const float *mono,
                                                size_t n);

struct avqa_decode_options {
    int64_t start_us, end_us; /* the stretch; an end of 0 is the file's */
    bool may_be_shorter;      /* the file may end before: that is not truncated */
    int rate_num, rate_den;   /* pictures a second; 0 if there are times */
    const int64_t *times_us;  /* ascending, from 0 */
    size_t n_times;
    int width, height, shorter; /* see picture.h; all 0: as shown */
    int rate_hz;                /* of the samples */
    int n_threads;              /* of the video decoder */
    bool all_sequences; /* also those without a wanted picture, whose damage counts */
    bool decode_all;    /* also pictures that nothing depends on and nobody asked for */
    struct avqa_media_limits limits;
    avqa_decode_picture_fn *picture; /* NULL: the video is not decoded */
    avqa_decode_samples_fn *samples; /* NULL: the sound is not decoded */
    void *user;
    const struct avqa_log *log; /* asked whether to stop; may be NULL */
};

#define AVQA_DECODE_DEFAULTS                                                           \
    {                                                                                  \
        .rate_num = 1, .rate_den = 1, .rate_hz = 16000, .n_threads = 1                 \
    }

enum { AVQA_DECODE_MAX_RATE = 1000, AVQA_DECODE_MAX_THREADS = 64 };

struct avqa_decode_report {
    struct avqa_media_info info; /* with the verdict on the whole pass */
    int64_t n_video_packets, n_audio_packets;
    int64_t n_video_bad, n_audio_bad; /* packets that do not decode, damaged pictures */
    int64_t n_decoded;                /* pictures that were decoded for it */
    int64_t n_given;                  /* pictures handed over */
    int64_t n_missed;       /* times before the first picture or after the last */
    int64_t picture_end_us; /* when the last picture ends; 0 if there was none */
    int64_t sound_end_us;
    int64_t sound_filled_us; /* holes in the sound, filled with silence */
    int64_t n_samples;
};

/* Whatever the file is, AVQA_OK and a verdict in the report; a stretch of which more
 * than a second is missing is truncated. A failure is one of ours
 * (memory), of the options (AVQA_EINVAL), of a callback (passed on), or the wish to
 * stop (AVQA_ESTOPPED). `samples` and `picture` are called from this thread. */
AVQA_CHECK enum avqa_status avqa_decode(struct avqa_decode_report *report,
                                        const char *path,
                                        const struct avqa_decode_options *options);

#endif
