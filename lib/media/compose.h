/* Makes a clip out of several: pictures of some of them, sounds of some. One picture
 * keeps its size and its times; several stand side by side in a grid and share a
 * constant rate, the highest of theirs. Sounds are added up, each with its gain. The
 * clip is as long as the shortest of its parts: a part whose picture is shown lasts as
 * long as that, another as long as its sound.
 *
 * What was written is decoded and compared before the file gets its name. Parts that
 * are damaged are refused: what is made of them would be wrong in a way nobody sees. */
#ifndef AVQA_MEDIA_COMPOSE_H
#define AVQA_MEDIA_COMPOSE_H

#include "base/log.h"
#include "base/status.h"
#include "media/encode.h"
#include "media/verdict.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_COMPOSE_MAX_PARTS = 16, AVQA_COMPOSE_MAX_SIDE = 8192 };
#define AVQA_COMPOSE_MAX_US (INT64_C(1800) * 1000000) /* of a part that is heard */

struct avqa_compose_part {
    const char *path;
    bool shown, heard;
    double gain_db; /* of its sound, after its loudness was made that asked for */
};

struct avqa_compose_options {
    const struct avqa_compose_part *parts; /* shown ones fill the grid in order */
    size_t n_parts;
    int columns, rows;           /* of the grid; 1 x 1 for one picture */
    int cell_width, cell_height; /* even; 0: those of the first picture */
    double loudness_lufs;        /* each sound is brought to it first; NaN: as it is */
    bool lossless;               /* sound as FLAC of 24 bits, else AAC */
    int crf;                     /* quality of H.264: 0 is lossless, 51 worst */
    struct avqa_media_limits limits;
    const struct avqa_log *log; /* asked whether to stop; may be NULL */
};

#define AVQA_COMPOSE_DEFAULTS                                                          \
    {                                                                                  \
        .columns = 1, .rows = 1, .loudness_lufs = (double)NAN, .lossless = true,       \
        .crf = AVQA_ENCODE_CRF                                                         \
    }

enum { AVQA_COMPOSE_REASON = 32 };

/* What became of a part. */
struct avqa_compose_placed {
    double place[4]; /* x, y, width, height of its picture, as parts of the whole */
    double gain_db;  /* by which its sound was changed in all */
    double lufs;     /* how loud it was; NaN if not measured, or silent */
};

struct avqa_compose_report {
    bool written;
    char reason[AVQA_COMPOSE_REASON]; /* why not; "" if it is */
    char detail[AVQA_VERDICT_REASON]; /* the same as a sentence about "it" */
    size_t bad_part;                  /* which "it" is, or n_parts: the clip itself */
    struct avqa_compose_placed placed[AVQA_COMPOSE_MAX_PARTS];
    double
        common_gain_db; /* by which all sounds were lowered so as not to clip, or 0 */
    int64_t duration_us;
    int64_t n_pictures, n_samples;
    int rate_hz, n_channels;
};

/* Whatever the parts are, AVQA_OK and a report. A failure is one of ours (disk full),
 * of the options (AVQA_EINVAL) or the wish to stop (AVQA_ESTOPPED); then no clip is
 * there that was not there before. The same parts give the same bytes. */
AVQA_CHECK enum avqa_status avqa_compose(struct avqa_compose_report *report,
                                         const char *out,
                                         const struct avqa_compose_options *options);

#endif
