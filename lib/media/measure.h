/* What a clip's file is like, second by second, in one decode pass: black or frozen
 * pictures, silent or clipped sound. The thresholds are those of FFmpeg's filters
 * blackdetect, freezedetect and silencedetect.
 *
 * One picture a second is looked at, so what is shorter than a second may be missed.
 * Sound is judged as one channel: a channel that clips while the others are quiet is
 * not seen. */
#ifndef AVQA_MEDIA_MEASURE_H
#define AVQA_MEDIA_MEASURE_H

#include "base/buf.h"
#include "base/log.h"
#include "base/status.h"
#include "media/decode.h"

struct avqa_media_measures {
    struct avqa_decode_report report;
    /* A letter a second: b black, f frozen (the same as the second before it), -
     * nothing there, . anything else. */
    struct avqa_buf picture;
    struct avqa_buf sound; /* s silent, c clipped, . anything else */
    struct avqa_buf picture_print, sound_print; /* see fingerprint.h */
};

/* Decodes `path` and measures it. As with avqa_decode, a file that is no good gives
 * AVQA_OK and a verdict. Release `out` in any case. */
AVQA_CHECK enum avqa_status avqa_media_measure(struct avqa_media_measures *out,
                                               const char *path,
                                               const struct avqa_media_limits *limits,
                                               const struct avqa_log *log);
void avqa_media_measures_release(struct avqa_media_measures *m);

#endif
