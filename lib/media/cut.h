/* Cuts a stretch out of a media file: the pictures that begin within [start, end) and
 * the samples of that time, all of them and no others. The stretch is encoded anew,
 * what was written is decoded and compared, and only then the clip gets its name.
 *
 * A smart cut holds the same, but encodes only the pictures before the first whole
 * group of them and after the last; where it cannot be made, the cut is exact, and the
 * report says why. Of a smart cut, every packet is read back and compared with the
 * source's, and what was encoded is decoded with the pictures next to it; copied
 * pictures between are not. A copy begins at the key frame before the range, and the
 * report says what it really holds.
 *
 * Time 0 is the earlier start of picture and sound, as everywhere. Where the source
 * ends before `end`, so does the clip, and the report says so: nothing is made up. */
#ifndef AVQA_MEDIA_CUT_H
#define AVQA_MEDIA_CUT_H

#include "base/log.h"
#include "base/status.h"
#include "media/encode.h"
#include "media/probe.h"

#include <stdbool.h>
#include <stdint.h>

enum avqa_cut_mode {
    AVQA_CUT_EXACT, /* all pictures are encoded anew */
    AVQA_CUT_SMART, /* those of whole groups of pictures are copied (H.264 alone) */
    AVQA_CUT_COPY,  /* nothing is encoded: from a key frame on, up to the end */
};

const char *avqa_cut_mode_name(enum avqa_cut_mode mode); /* "smart" */
enum { AVQA_CUT_MODES = 3 };

struct avqa_cut_options {
    enum avqa_cut_mode mode;
    int64_t start_us, end_us;
    bool mirror;        /* left becomes right */
    int crf;            /* quality of H.264: 0 is lossless, 51 worst */
    int n_threads;      /* the bytes of the clip depend on it */
    const char *preset; /* of x264; NULL for the default */
    bool linear;        /* read from the beginning, even where there is a good index */
    struct avqa_media_limits limits;
    const struct avqa_log *log; /* asked whether to stop; may be NULL */
};

#define AVQA_CUT_DEFAULTS                                                              \
    {                                                                                  \
        .crf = AVQA_ENCODE_CRF, .n_threads = 1                                         \
    }

#define AVQA_CUT_REASON 32

struct avqa_cut_report {
    struct avqa_media_info info;      /* of the source */
    bool written;                     /* the clip is there */
    char reason[AVQA_CUT_REASON];     /* why not, or what it lacks; "" if all is well */
    char detail[AVQA_VERDICT_REASON]; /* the same as a sentence about "it" */
    int64_t n_pictures, n_samples;    /* of the clip */
    int rate_hz, n_channels;          /* of its sound; 0 if it has none */
    int64_t start_us, end_us;         /* what it really holds, on the source's clock */
    enum avqa_cut_mode mode;          /* how it was cut in the end */
    int64_t n_copied;                 /* pictures that were not encoded anew */
    bool sought;                      /* what is before the range was not read */
    int64_t n_read;                   /* packets of the source, in all passes */
    char fell_back[AVQA_VERDICT_REASON]; /* why not as asked, about "it"; or "" */
};

/* Whatever the source is, AVQA_OK and a report. A failure is one of ours (disk full),
 * of the options (AVQA_EINVAL) or the wish to stop (AVQA_ESTOPPED); then no clip is
 * there that was not there before. */
AVQA_CHECK enum avqa_status avqa_cut(struct avqa_cut_report *report, const char *out,
                                     const char *source,
                                     const struct avqa_cut_options *options);

#endif
