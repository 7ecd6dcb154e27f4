/* Axes: ticks at round numbers, and numbers as text. Numbers are written in English
 * with a point and commas whatever the locale, because figures are compared byte for
 * byte. */
#ifndef AVQA_PLOT_SCALE_H
#define AVQA_PLOT_SCALE_H

#include <stdbool.h>
#include <stddef.h>

/* Ticks at 0, step, 2 step, ... (n_ticks of them, the last at max). */
struct avqa_scale {
    double step; /* 1, 2, 2.5 or 5 times a power of ten */
    double max;  /* at least the largest value */
    size_t n_ticks;
};

/* About `n_wanted` steps from zero to `largest` (NaN, zero and less count as 1).
 * `whole` keeps the step at 1 or more and without fraction, for counts. */
struct avqa_scale avqa_scale_nice(double largest, size_t n_wanted, bool whole);

#define AVQA_SCALE_TEXT_LEN 32

/* "12,345" for whole numbers ("1.2e9" for huge ones), up to two significant decimals
 * otherwise ("0.25"); "n/a" for what is not finite. */
void avqa_scale_number(char text[AVQA_SCALE_TEXT_LEN], double value);

/* With this many decimals (0 to 6), rounded: "-0.50". */
void avqa_scale_fixed(char text[AVQA_SCALE_TEXT_LEN], double value, int decimals);

/* "12.3%" for 0.123; "<0.1%" for what would round to nothing. */
void avqa_scale_percent(char text[AVQA_SCALE_TEXT_LEN], double share);

#endif
