/* The named tensors of a network, in the order they were added. They live outside of
 * any computation: a file gives them, training changes them, a network that only
 * computes packs its own copy. Names are those of the published PyTorch modules. */
#ifndef AVQA_NN_PARAMS_H
#define AVQA_NN_PARAMS_H

#include "base/intern.h"
#include "nn/tensor.h"

#include <stdint.h>

struct avqa_param {
    const char *name; /* borrowed from the list */
    struct avqa_tensor value;
};

/* Zero is valid: an empty list. */
struct avqa_params {
    struct avqa_param *items;
    size_t n, cap;
    struct avqa_intern names; /* an id is a place in `items` */
};

void avqa_params_release(struct avqa_params *params);

/* Adds a tensor, which the list then owns (also where it fails). AVQA_EEXIST if the
 * name is taken. */
AVQA_CHECK enum avqa_status avqa_params_add(struct avqa_params *params,
                                            const char *name,
                                            struct avqa_tensor *value);
/* Borrowed; NULL if there is none of that name. */
const struct avqa_tensor *avqa_params_find(const struct avqa_params *params,
                                           const char *name);

/* Moves the tensor of that name, which must be there, to `out`, whose it is from then
 * on; under the name is nothing any more. */
void avqa_params_take(struct avqa_tensor *out, struct avqa_params *params,
                      const char *name);

/* What a network expects under a name, and what random numbers to start it with:
 * uniform in centre ± spread. */
struct avqa_param_spec {
    const char *name;
    size_t rank;
    size_t shape[4];
    double centre, spread;
};

/* Exactly the tensors of the specs, as floats, out of `from`: one that is missing, has
 * another shape, or is in none of the specs is AVQA_EFORMAT, naming it. Of what is not
 * expected, names that end with a string of `ignored` (a NULL-terminated list, may be
 * NULL) are passed over. What is floats already is moved, not copied: `from` is good
 * for avqa_params_release only. */
AVQA_CHECK enum avqa_status avqa_params_match(struct avqa_params *out,
                                              struct avqa_params *from,
                                              const struct avqa_param_spec *specs,
                                              size_t n_specs,
                                              const char *const *ignored);

/* Fills the specs with random numbers. Number i of the tensor `name` is
 * centre + spread * (2u - 1), u = (z >> 40) / 2^24, z = mix(key + (i + 1) g), where mix
 * and g are those of SplitMix64 (Steele, Lea, Flood, 2014) and key is the 64-bit FNV-1a
 * hash of the name, its start value xored with mix(seed). So it depends on seed, name
 * and place alone, and ten lines in any language make the same numbers. */
AVQA_CHECK enum avqa_status avqa_params_random(struct avqa_params *out,
                                               const struct avqa_param_spec *specs,
                                               size_t n_specs, uint64_t seed);

/* The random numbers themselves: `n` of them from number `first` on, in [0, 1). */
void avqa_params_units(float *out, uint64_t seed, const char *name, uint64_t first,
                       size_t n);

#endif
