/* Colours for figures: a categorical list, maps for numbers, and label colours.
 *
 * The first ten categorical colours are Paul Tol's "muted" scheme (technical note
 * SRON/EPS/TN/09-002, 2021), which stays distinct for colour-blind readers, with the
 * blue of his "bright" scheme in front; they are ordered so that neighbours also differ
 * in grey. Further ones are generated. The
 * sequential map is ColorBrewer's YlGnBu: light means little, so that paper stays white
 * where there is nothing; the one of heat maps is Inferno (S. van der Walt and N.
 * Smith, 2015), dark to light in even steps, in grey and for every kind of eye. A
 * label's colour comes from WCAG contrast, never from taste.
 */
#ifndef AVQA_PLOT_PALETTE_H
#define AVQA_PLOT_PALETTE_H

#include <stddef.h>

/* sRGB, each channel in [0, 1]. Opaque: transparency prints badly. */
struct avqa_color {
    double r;
    double g;
    double b;
};

/* From 0xRRGGBB. */
struct avqa_color avqa_palette_hex(unsigned rgb);

/* The i-th categorical colour; any i is valid. */
struct avqa_color avqa_palette_categorical(size_t i);

/* The grey of everything gathered under "other". */
struct avqa_color avqa_palette_other(void);

/* Mixed with white: 0 leaves the colour as it is, 1 is white. */
struct avqa_color avqa_palette_tint(struct avqa_color color, double amount);

/* Light to dark for t from 0 to 1 (clamped; NaN counts as 0). */
struct avqa_color avqa_palette_sequential(double t);

/* Dark to light for t from 0 to 1 (clamped; NaN counts as 0), for overlays. */
struct avqa_color avqa_palette_heat(double t);

/* WCAG 2 relative luminance in [0, 1], and the contrast ratio in [1, 21]. */
double avqa_palette_luminance(struct avqa_color color);
double avqa_palette_contrast(struct avqa_color a, struct avqa_color b);

/* Black or white, whichever reads better on `fill`; the contrast is at least 4.5. */
struct avqa_color avqa_palette_label_on(struct avqa_color fill);

#endif
