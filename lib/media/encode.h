/* Writes a clip: H.264 and AAC (or FLAC of 24 bits) in an MP4 file. Pictures keep their
 * times, whatever these are; a decoder gives back exactly the samples that went in,
 * because the padding that AAC needs is put in front, where an edit list takes it away
 * again (behind, nothing would). The same input gives the same bytes. The file appears
 * under its name when it is published, whole and on disk. For the files of this room.
 */
#ifndef AVQA_MEDIA_ENCODE_H
#define AVQA_MEDIA_ENCODE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct AVChannelLayout;
struct AVCodecContext;
struct AVCodecParameters;
struct AVFrame;
struct AVPacket;
struct AVStream;

enum { AVQA_ENCODE_MAX_THREADS = 16 };
#define AVQA_ENCODE_CRF 18 /* quality of pictures, unless told otherwise */
#define AVQA_ENCODE_PRESET "veryfast"

struct avqa_encode_form {
    const struct AVFrame
        *like;              /* a picture's size and colours; borrowed for the call */
    int ticks_per_s;        /* what times are counted in */
    int rate_num, rate_den; /* mean pictures a second, for the bit rate; 0: unknown */
    int crf;                /* quality: 0 is lossless, 51 worst */
    int n_threads;          /* the bytes depend on it */
    const char *preset;     /* of x264 */
    int rate_hz;            /* of the samples; 0: no sound */
    const struct AVChannelLayout *layout;
    int64_t n_samples; /* how many will come */
    bool lossless;     /* the sound: FLAC, not AAC; values beyond 1 are cut to it */
    /* AAC by the fast search: half the time, nearer to recordings of music at this
     * rate, farther from noise (docs/architecture.md). */
    bool quick_sound;
    /* Streams whose packets are copied, instead of `like` and of rate_hz; or NULL. */
    const struct AVCodecParameters *copied_pictures, *copied_sound;
    const struct AVStream
        *copied_from; /* how pictures are turned and shaped, or NULL */
};

/* The nearest rate that AAC has, not below where there is one. */
int avqa_encode_rate_hz(int rate_hz);

/* A context of x264 for the form's pictures, not yet open. `params` (may be NULL) are
 * further ones of x264. AVQA_ENOENT where the encoder is missing. */
AVQA_CHECK enum avqa_status avqa_encode_x264(struct AVCodecContext **out,
                                             const struct avqa_encode_form *form,
                                             const char *params);

struct avqa_encoder;

/* Starts a temporary file beside `path`. AVQA_ENOENT where an encoder is missing. */
AVQA_CHECK enum avqa_status avqa_encoder_open(struct avqa_encoder **out,
                                              const char *path,
                                              const struct avqa_encode_form *form);

/* A picture (YUV 4:2:0, 8 bits, as form->like) that is shown from `at` on, in ticks
 * after the clip's beginning. Times ascend; one that does not is made to, by a tick. */
AVQA_CHECK enum avqa_status avqa_encoder_picture(struct avqa_encoder *enc,
                                                 const struct AVFrame *picture,
                                                 int64_t at);

/* How many samples before the clip's beginning are wanted: given first, they make its
 * first moment sound as it did. They are not heard. */
int avqa_encoder_lead(const struct avqa_encoder *enc);

/* `n` samples, their channels side by side: the lead first. */
AVQA_CHECK enum avqa_status avqa_encoder_samples(struct avqa_encoder *enc,
                                                 const float *samples, size_t n);

/* A packet of a stream that is copied, its times in ticks; what it held is given away.
 */
AVQA_CHECK enum avqa_status avqa_encoder_copy_picture(struct avqa_encoder *enc,
                                                      struct AVPacket *packet);
AVQA_CHECK enum avqa_status avqa_encoder_copy_sound(struct avqa_encoder *enc,
                                                    struct AVPacket *packet);

/* The last picture is shown until `end`. The temporary file is whole then. */
AVQA_CHECK enum avqa_status avqa_encoder_finish(struct avqa_encoder *enc, int64_t end);

const char *avqa_encoder_temp(const struct avqa_encoder *enc); /* its path */

/* When the pictures are shown, in ticks; borrowed. */
const int64_t *avqa_encoder_times(const struct avqa_encoder *enc, size_t *n);

/* The finished file gets its name. */
AVQA_CHECK enum avqa_status avqa_encoder_publish(struct avqa_encoder *enc);

/* What was not published is removed. NULL is legal. */
void avqa_encoder_free(struct avqa_encoder *enc);

#endif
