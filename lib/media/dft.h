/* Power spectra of real signals, in double, by FFmpeg's transform. Here because this
 * room owns FFmpeg; what windows and bands are is for those who ask. */
#ifndef AVQA_MEDIA_DFT_H
#define AVQA_MEDIA_DFT_H

#include "base/status.h"

#include <stddef.h>

enum { AVQA_DFT_MAX = 1 << 16 };

/* For one thread at a time. */
struct avqa_dft;

/* A transform of `n` values, a power of two from 4 to AVQA_DFT_MAX. */
AVQA_CHECK enum avqa_status avqa_dft_new(struct avqa_dft **out, size_t n);
void avqa_dft_free(struct avqa_dft *dft); /* NULL is legal */

/* Where to put the `n` values before avqa_dft_power, which overwrites them. Borrowed.
 */
double *avqa_dft_in(struct avqa_dft *dft);

/* power[k] = |sum over t of in[t] exp(-2 pi i k t / n)|^2, for 0 <= k <= n / 2. */
void avqa_dft_power(struct avqa_dft *dft, double *power);

#endif
