/* Sounds added up: each with its gain, and all of them lowered by the same amount if
 * the sum would be louder than a file can hold. Plain arithmetic, in the order of the
 * calls, so the same parts give the same sum. For the files of this room. */
#ifndef AVQA_MEDIA_MIX_H
#define AVQA_MEDIA_MIX_H

#include "base/status.h"

#include <stddef.h>

enum { AVQA_MIX_MAX_CHANNELS = 2 };

struct avqa_mix {
    float *samples; /* n samples, their channels side by side */
    size_t n;
    int n_channels;
};

/* Silence. AVQA_ENOMEM where there is no room for it. */
AVQA_CHECK enum avqa_status avqa_mix_init(struct avqa_mix *mix, size_t n,
                                          int n_channels);
void avqa_mix_release(struct avqa_mix *mix);

double avqa_mix_factor(double gain_db);

/* Adds the first of `n` samples, as many as the mix has room for, changed by gain_db.
 * They have the mix's channels. */
void avqa_mix_add(struct avqa_mix *mix, const float *samples, size_t n, double gain_db);

/* The largest absolute value. */
double avqa_mix_peak(const struct avqa_mix *mix);

/* Lowers all of it so far that no value is beyond 1, and says by how much: a gain in
 * dB, 0 if nothing is. */
double avqa_mix_fit(struct avqa_mix *mix);

#endif
