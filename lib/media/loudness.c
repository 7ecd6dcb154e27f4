/* See loudness.h. */
#include "media/loudness.h"

#include <math.h>

#include <ebur128.h>

enum avqa_status avqa_loudness(double *lufs, const float *samples, size_t n,
                               int n_channels, int rate_hz)
{
    ebur128_state *state =
        ebur128_init((unsigned)n_channels, (unsigned long)rate_hz, EBUR128_MODE_I);
    enum avqa_status rc = AVQA_OK;
    *lufs = (double)NAN;
    if (!state)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a loudness meter");
    if (ebur128_add_frames_float(state, samples, n) != EBUR128_SUCCESS ||
        ebur128_loudness_global(state, lufs) != EBUR128_SUCCESS)
        rc = avqa_fail(AVQA_ENOMEM, "out of memory for a loudness meter");
    ebur128_destroy(&state);
    if (!isfinite(*lufs))
        *lufs = (double)NAN;
    return rc;
}
