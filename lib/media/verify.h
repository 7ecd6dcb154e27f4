/* Whether a clip that was written decodes to what went in. For the files of this room.
 */
#ifndef AVQA_MEDIA_VERIFY_H
#define AVQA_MEDIA_VERIFY_H

#include "base/log.h"
#include "base/status.h"
#include "media/h264.h"

#include <stddef.h>
#include <stdint.h>

struct avqa_verify_expected {
    const int64_t *times; /* of the pictures, in ticks */
    size_t n_times;
    int ticks_per_s;
    int64_t n_samples; /* one more or less is let pass */
};

/* *difference is "" or a sentence about "it" of at most `size` bytes. */
AVQA_CHECK enum avqa_status avqa_verify(char *difference, size_t size, const char *path,
                                        const struct avqa_verify_expected *expected,
                                        const struct avqa_log *log);

/* What is known of a clip of which packets were copied: that they are [copied_from,
 * copied_from + n_copied) in the order of the file. */
struct avqa_verify_spliced {
    struct avqa_verify_expected all; /* no samples: the sound was copied, too */
    const struct avqa_h264_sets *sets;
    size_t copied_from, n_copied;
    const uint64_t *hashes; /* of the copied packets; NULL: not to be compared */
};

/* Every packet is read, its time and its bytes are compared. Decoded are the pictures
 * that were encoded, the first copied ones, and the sound. */
AVQA_CHECK enum avqa_status avqa_verify_spliced(char *difference, size_t size,
                                                const char *path,
                                                const struct avqa_verify_spliced *s,
                                                const struct avqa_log *log);

#endif
