/* How loud a sound is to people: the integrated loudness of EBU R 128 (ITU-R
 * BS.1770-4), measured by libebur128. For the files of this room. */
#ifndef AVQA_MEDIA_LOUDNESS_H
#define AVQA_MEDIA_LOUDNESS_H

#include "base/status.h"

#include <stddef.h>

/* *lufs of `n` samples with their channels side by side; NaN where all is below the
 * gate of -70 LUFS, as silence is, or too short to be measured (400 ms). */
AVQA_CHECK enum avqa_status avqa_loudness(double *lufs, const float *samples, size_t n,
                                          int n_channels, int rate_hz);

#endif
