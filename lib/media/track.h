/* The whole sound of a file in memory, at one rate, in one or two channels; and when
 * its picture and sound end. One channel becomes two by being in both; more than two
 * are mixed down. Its sample n belongs to time n / rate after the file's time 0. For
 * the files of this room. */
#ifndef AVQA_MEDIA_TRACK_H
#define AVQA_MEDIA_TRACK_H

#include "base/log.h"
#include "base/status.h"
#include "media/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avqa_track {
    float *samples; /* n of them, their channels side by side */
    size_t n;
    int64_t picture_end_us, sound_end_us; /* 0 if there is none */
    int64_t n_bad;                        /* packets of sound that do not decode */
    struct avqa_verdict verdict;          /* on the whole file, read to its end */
};

struct avqa_track_form {
    bool heard; /* else nothing is decoded, and there are no samples */
    int rate_hz, n_channels;
    size_t max_samples; /* AVQA_ENOMEM beyond it */
    const struct avqa_media_limits *limits;
    const struct avqa_log *log;
};

/* Reads `path`; a file that cannot be opened gives AVQA_OK and its verdict. The track
 * is released by the caller, on failure too. */
AVQA_CHECK enum avqa_status avqa_track_read(struct avqa_track *track, const char *path,
                                            const struct avqa_track_form *form);
void avqa_track_release(struct avqa_track *track);

#endif
