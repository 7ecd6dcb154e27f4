/* Whether a clip that was written decodes to what went in. For the files of this room.
 */
#ifndef AVQA_MEDIA_VERIFY_H
#define AVQA_MEDIA_VERIFY_H

#include "base/log.h"
#include "base/status.h"

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

#endif
