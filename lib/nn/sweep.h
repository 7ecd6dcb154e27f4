/* The two sweeps of grounding (ground.h), each over channels that are unpacked: sum up
 * a number for each place, and weigh the places. Compiled for each width; AVX2 and
 * AVX-512 add in the same order and give the same bits, since the sixteen lanes of
 * AVX-512 are sixteen places where each place has a sum of its own, and eight places of
 * two channels where each channel has one. The plain path rounds products before it
 * adds them. */
#ifndef AVQA_NN_SWEEP_H
#define AVQA_NN_SWEEP_H

#include "nn/real.h"
#include "nn/wide.h"

#include <stddef.h>

enum { AVQA_GATHER_AT_MOST = 8 }; /* channels */

/* dot += sum f_c x_c and, if asked for, square += sum x_c^2, for each place. */
struct avqa_gathering {
    avqa_real *dot, *square; /* [places] */
    const avqa_real *x, *f;  /* [channels, places], [channels] */
    size_t channels, places; /* channels <= AVQA_GATHER_AT_MOST */
    bool squares;            /* if not, `square` may have anything in it */
};

void avqa_sweep_gather(const struct avqa_gathering *g, enum avqa_width width);

/* For each channel: out = sum by_p x_p and, if `sum` is not NULL, sum = sum x_p. */
struct avqa_weighing {
    avqa_real *out, *sum;      /* [channels] */
    const avqa_real *map, *by; /* [channels, places], [places] */
    size_t channels, places;
};

void avqa_sweep_weigh(const struct avqa_weighing *w, enum avqa_width width);

#endif
