/* What is in a media file: its streams as they would be shown and heard. A file is
 * opened with bounds, a first picture and a first sound are decoded, and then it is
 * said what it is; no file can make this hang or allocate without limit. */
#ifndef AVQA_MEDIA_PROBE_H
#define AVQA_MEDIA_PROBE_H

#include "base/status.h"
#include "media/verdict.h"

#include <stdbool.h>
#include <stdint.h>

#define AVQA_MEDIA_WORD 64

/* How stored pixels become the picture that is shown: transposed, then flipped. */
struct avqa_media_turn {
    bool transpose, flip_x, flip_y;
};

struct avqa_media_video {
    int stream;
    char codec[AVQA_MEDIA_WORD], pixels[AVQA_MEDIA_WORD];
    int width, height;             /* as stored */
    int shown_width, shown_height; /* turned, with square pixels */
    int rate_num, rate_den;        /* mean frames a second; 0/1 if not known */
    int sar_num, sar_den;          /* a stored pixel's shape; 1/1 if not stated */
    struct avqa_media_turn turn;
    int rotation_deg;    /* clockwise, of the turn; 0, 90, 180 or 270 */
    int64_t start_us;    /* after time 0 */
    int64_t duration_us; /* as stated; 0 if not known */
    int64_t n_frames;    /* as stated; 0 if not known */
};

struct avqa_media_audio {
    int stream;
    char codec[AVQA_MEDIA_WORD], layout[AVQA_MEDIA_WORD];
    int rate_hz, n_channels;
    int64_t start_us, duration_us;
};

struct avqa_media_info {
    struct avqa_verdict verdict;
    int64_t size_bytes;
    char container[AVQA_MEDIA_WORD];
    int64_t duration_us; /* as the container states it; 0 if not known */
    int n_streams;
    int n_pictures;            /* covers and other stills, which are no video */
    bool has_video, has_audio; /* and it decodes; without either, it is of no use */
    struct avqa_media_video video;
    struct avqa_media_audio audio;
};

/* The version of the library that decodes, for records. Static. */
const char *avqa_media_library(void);

/* Looks into `path`. Whatever the file is, AVQA_OK and a verdict; a failure is one of
 * ours (memory). `limits` may be NULL; a probe takes no more than 10 s in any case. */
AVQA_CHECK enum avqa_status avqa_media_probe(struct avqa_media_info *info,
                                             const char *path,
                                             const struct avqa_media_limits *limits);

#endif
