/* What a file turned out to be: one word for the ledger and one plain sentence for
 * people. A file that cannot be used is no failure of ours, so these are not statuses:
 * reading succeeded, and this is what was read. */
#ifndef AVQA_MEDIA_VERDICT_H
#define AVQA_MEDIA_VERDICT_H

#include "base/status.h"

#include <stdint.h>

/* Worse outcomes have higher numbers; the worst that is true of a file is its outcome.
 */
enum avqa_media_outcome {
    AVQA_MEDIA_OK,          /* picture and sound */
    AVQA_MEDIA_NO_AUDIO,    /* picture only */
    AVQA_MEDIA_NO_VIDEO,    /* sound only, perhaps with a cover picture */
    AVQA_MEDIA_DAMAGED,     /* some packets do not decode; the rest does */
    AVQA_MEDIA_TRUNCATED,   /* the file ends before what its header promises */
    AVQA_MEDIA_TOO_LONG,    /* beyond the limit of duration */
    AVQA_MEDIA_TOO_SLOW,    /* beyond the limit of packets or of time */
    AVQA_MEDIA_UNSUPPORTED, /* no decoder here, or pictures beyond the limit */
    AVQA_MEDIA_NO_PACKETS,  /* streams are announced, nothing is in them */
    AVQA_MEDIA_CORRUPT,     /* nothing in it decodes */
    AVQA_MEDIA_NO_STREAMS,  /* neither picture nor sound */
    AVQA_MEDIA_NOT_MEDIA,   /* a page, a text, an archive */
    AVQA_MEDIA_NO_FILE,     /* missing, empty, or no regular file */
    AVQA_MEDIA_UNREADABLE,  /* the disk refused bytes of it, which says nothing of it */
};

#define AVQA_VERDICT_REASON 256

struct avqa_verdict {
    enum avqa_media_outcome outcome;
    char reason[AVQA_VERDICT_REASON]; /* a sentence about "it"; "" if all is well */
};

/* What a hostile file is held to. Zero means the default of each. */
struct avqa_media_limits {
    int64_t max_packets;     /* read from the file */
    int64_t wall_us;         /* from opening to closing */
    int64_t max_duration_us; /* of what is presented */
    int64_t max_pixels;      /* of one picture */
};

enum { AVQA_MEDIA_PACKETS_DEFAULT = 8000000 };
#define AVQA_MEDIA_WALL_US_DEFAULT ((int64_t)3600 * 1000000)
#define AVQA_MEDIA_DURATION_US_DEFAULT ((int64_t)24 * 3600 * 1000000)
#define AVQA_MEDIA_PIXELS_DEFAULT ((int64_t)8192 * 8192)

/* The limits with the defaults filled in. */
struct avqa_media_limits
avqa_media_limits_or_default(const struct avqa_media_limits *l);

/* Makes the verdict this one unless it is a worse one already. */
void avqa_verdict_set(struct avqa_verdict *verdict, enum avqa_media_outcome outcome,
                      const char *fmt, ...) AVQA_PRINTF(3, 4);

/* One word for ledgers and --json: "no-audio". */
const char *avqa_media_outcome_name(enum avqa_media_outcome outcome);

#endif
