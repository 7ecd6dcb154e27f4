/* The parameters of a model while it is trained: name, value, gradient and the two
 * numbers that an optimiser keeps of each. Names are those of the published PyTorch
 * modules. Files hold nn/params.h; avqa_weights_take and _give are between them. */
#ifndef AVQA_NN_WEIGHTS_H
#define AVQA_NN_WEIGHTS_H

#include "base/intern.h"
#include "base/status.h"
#include "nn/params.h"
#include "nn/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AVQA_WEIGHT_MAX_RANK = 4 };

enum avqa_init {
    AVQA_INIT_UNIFORM,  /* in (-scale, scale) */
    AVQA_INIT_NORMAL,   /* mean 0, deviation `scale` */
    AVQA_INIT_CONSTANT, /* `scale` itself */
};

/* What a model asks for. */
struct avqa_weight_spec {
    const char *name;
    size_t rank;
    size_t shape[AVQA_WEIGHT_MAX_RANK];
    enum avqa_init init;
    double scale;
    bool fixed; /* kept and saved with the others but not trained: running means */
};

struct avqa_weight {
    const char *name; /* borrowed from the list */
    size_t rank;
    size_t shape[AVQA_WEIGHT_MAX_RANK];
    size_t n;
    avqa_real *value, *grad;
    avqa_real *state[2]; /* of the optimiser; zero at first */
    bool fixed;          /* no optimiser moves it */
};

/* Zero is valid: an empty list. */
struct avqa_weights {
    struct avqa_weight *items;
    size_t n, cap;
    struct avqa_intern names; /* an id is a place in `items` */
};

void avqa_weights_release(struct avqa_weights *weights);

/* Adds the specs, with random numbers that depend on seed, name and place alone.
 * AVQA_EEXIST if a name is taken, AVQA_ENOMEM. */
AVQA_CHECK enum avqa_status avqa_weights_add(struct avqa_weights *weights,
                                             const struct avqa_weight_spec *specs,
                                             size_t n_specs, uint64_t seed);
/* Borrowed; NULL if there is none of that name. */
struct avqa_weight *avqa_weights_find(const struct avqa_weights *weights,
                                      const char *name);
/* Copies every tensor of `from` whose name is in the list; *n_taken of them. So a model
 * can begin with a part of another's. AVQA_EFORMAT if a shape differs, naming it, or if
 * a number is not finite. */
AVQA_CHECK enum avqa_status avqa_weights_take(size_t *n_taken,
                                              struct avqa_weights *weights,
                                              const struct avqa_params *from);
/* Adds the values to `out` as floats, in the order of the list. */
AVQA_CHECK enum avqa_status avqa_weights_give(struct avqa_params *out,
                                              const struct avqa_weights *weights);

void avqa_weights_clear_grads(struct avqa_weights *weights);
/* Numbers that are trained. */
size_t avqa_weights_count(const struct avqa_weights *weights);
/* The root of the sum of squares of all gradients. */
double avqa_weights_grad_norm(const struct avqa_weights *weights);
/* Scales all gradients so that their norm is at most `max`; returns what it was
 * (torch.nn.utils.clip_grad_norm_). */
double avqa_weights_clip(struct avqa_weights *weights, double max);

#endif
