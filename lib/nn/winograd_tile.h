/* The tiles of Winograd's convolutions: how a picture is divided, and the way of one
 * tile from its inputs to places, and from products at those places to results. Inputs
 * and results lie as winograd.h says. */
#ifndef AVQA_NN_WINOGRAD_TILE_H
#define AVQA_NN_WINOGRAD_TILE_H

#include "nn/panels.h"
#include "nn/winograd.h"
#include "nn/winograd_matrix.h"

enum { AVQA_WINOGRAD_KINDS = 8 };               /* of tiles */
enum { AVQA_WINOGRAD_LINE = AVQA_PANELS_LINE }; /* channels side by side at a place */

/* A tile's channels at each place, in lines. */
struct avqa_winograd_places {
    float *at;             /* its first line at the first place */
    size_t apart;          /* floats between the places */
    size_t channels_apart; /* and between the lines of a place */
};

struct avqa_winograd_tiling {
    struct avqa_winograd_form form;
    size_t kind;
    struct avqa_winograd_matrix down, across;
    size_t height, width; /* of results, and of each phase of the inputs */
    size_t n_channels;    /* of all stride^2 phases together */
    bool from_planes;     /* inputs are planes, for avqa_winograd_to_depth first */
    size_t rows, columns; /* of tiles in a picture */
    size_t n_places;
    const float *bias; /* [n_out], aligned, borrowed */
};

/* Chooses the kind of tile that takes the fewest multiplications; no bias yet. */
void avqa_winograd_tiling_init(struct avqa_winograd_tiling *tiling,
                               const struct avqa_winograd_form *form);

/* The taps of a filter [kernel, kernel] for one of the stride^2 phases: even and odd
 * columns of the even rows, then of the odd ones. [taps, taps] */
void avqa_winograd_taps(float *out, const struct avqa_winograd_tiling *tiling,
                        const float *filter, size_t phase);

/* The planes of one of the batch become blocks of n_channels, phase by phase (space to
 * depth), which then are inputs; channels behind the last one 0. */
void avqa_winograd_to_depth(float *to, const float *planes,
                            const struct avqa_winograd_tiling *tiling);
/* Floats of `to`; 0 if inputs are blocks. */
size_t avqa_winograd_depth(const struct avqa_winograd_tiling *tiling);

/* The inputs around a tile (its number in the batch) become n_channels at each place.
 */
void avqa_winograd_take(const struct avqa_winograd_places *places, const float *from,
                        const struct avqa_winograd_tiling *tiling, size_t tile);

/* The n_out channels at each place become the tile's results, with bias, sum and relu.
 */
void avqa_winograd_give(float *to, const struct avqa_winograd_places *places,
                        const struct avqa_winograd_tiling *tiling, size_t tile);

#endif
