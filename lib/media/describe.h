/* Fills in what avqa_media_info says, out of libav's structures. For the files of this
 * room. */
#ifndef AVQA_MEDIA_DESCRIBE_H
#define AVQA_MEDIA_DESCRIBE_H

#include "media/container.h"
#include "media/probe.h"

struct AVFrame;
struct AVStream;

/* Everything that the headers state. */
void avqa_describe_container(struct avqa_media_info *info,
                             const struct avqa_container *c);

/* What a decoded picture or sound shows to be otherwise. */
void avqa_describe_picture(struct avqa_media_video *video, const struct AVFrame *frame,
                           const struct AVStream *stream);
void avqa_describe_sound(struct avqa_media_audio *audio, const struct AVFrame *frame);

/* What came of one stream. */
struct avqa_stream_tally {
    bool decoded; /* a decoder was there */
    int64_t n_packets, n_frames, n_bad;
};

/* Says which of the streams are usable, and the verdict on them. */
void avqa_describe_outcome(struct avqa_media_info *info,
                           const struct avqa_stream_tally *video,
                           const struct avqa_stream_tally *audio);

#endif
