/* See weights.h. */
#include "nn/weights.h"
#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void release_one(struct avqa_weight *w)
{
    free(w->value);
    free(w->grad);
    free(w->state[0]);
    free(w->state[1]);
}

void avqa_weights_release(struct avqa_weights *weights)
{
    for (size_t i = 0; i < weights->n; i++)
        release_one(&weights->items[i]);
    free(weights->items);
    avqa_intern_release(&weights->names);
    memset(weights, 0, sizeof *weights);
}

/* Two uniform numbers give a normal one (Box and Muller, 1958). */
static double normal(struct avqa_rng *rng)
{
    double radius = sqrt(-2 * log(1 - avqa_rng_unit(rng)));
    return radius * cos(2 * 3.14159265358979323846 * avqa_rng_unit(rng));
}

static void fill(struct avqa_weight *w, const struct avqa_weight_spec *spec,
                 uint64_t seed)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, seed, spec->name);
    for (size_t i = 0; i < w->n; i++) {
        double x = 1;
        if (spec->init == AVQA_INIT_UNIFORM)
            x = 2 * avqa_rng_unit(&rng) - 1;
        else if (spec->init == AVQA_INIT_NORMAL)
            x = normal(&rng);
        w->value[i] = (avqa_real)(spec->scale * x);
    }
}

static enum avqa_status allocate(struct avqa_weight *w,
                                 const struct avqa_weight_spec *spec)
{
    w->rank = spec->rank;
    w->fixed = spec->fixed;
    w->n = 1;
    for (size_t i = 0; i < spec->rank; i++) {
        w->shape[i] = spec->shape[i];
        if (!avqa_mem_product(&w->n, w->n, spec->shape[i]))
            return avqa_fail(AVQA_ENOMEM, "the parameter \"%s\" is too large",
                             spec->name);
    }
    enum avqa_status rc = avqa_mem_array(&w->value, w->n, sizeof *w->value);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&w->grad, w->n, sizeof *w->grad);
    for (size_t i = 0; i < 2 && rc == AVQA_OK; i++)
        rc = avqa_mem_array(&w->state[i], w->n, sizeof *w->state[i]);
    return rc;
}

enum avqa_status avqa_weights_add(struct avqa_weights *weights,
                                  const struct avqa_weight_spec *specs, size_t n_specs,
                                  uint64_t seed)
{
    for (size_t i = 0; i < n_specs; i++) {
        bool is_new;
        struct avqa_weight w = {0};
        const char *name = specs[i].name;
        uint32_t id = avqa_intern_add(&weights->names, name, strlen(name), &is_new);
        if (!is_new)
            return avqa_fail(AVQA_EEXIST, "two parameters are called \"%s\"", name);
        enum avqa_status rc = allocate(&w, &specs[i]);
        avqa_mem_need(&weights->items, &weights->cap, weights->n + 1,
                      sizeof *weights->items);
        w.name = avqa_intern_text(&weights->names, id);
        weights->items[weights->n++] = w;
        if (rc != AVQA_OK)
            return rc;
        fill(&w, &specs[i], seed);
    }
    return AVQA_OK;
}

struct avqa_weight *avqa_weights_find(const struct avqa_weights *weights,
                                      const char *name)
{
    uint32_t id = avqa_intern_find(&weights->names, name, strlen(name));
    return id == AVQA_INTERN_NONE ? NULL : &weights->items[id];
}

static enum avqa_status take_one(struct avqa_weight *w, const struct avqa_tensor *from)
{
    char is[AVQA_TENSOR_SHAPE_TEXT];
    char wanted[AVQA_TENSOR_SHAPE_TEXT];
    struct avqa_tensor floats;
    if (!avqa_tensor_has_shape(from, w->rank, w->shape))
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" has shape %s, not %s",
                         w->name, avqa_tensor_shape_text(is, from->rank, from->shape),
                         avqa_tensor_shape_text(wanted, w->rank, w->shape));
    enum avqa_status rc = avqa_tensor_to_f32(&floats, from);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "the tensor \"%s\"", w->name);
    const float *x = floats.data;
    for (size_t i = 0; rc == AVQA_OK && i < w->n; i++) {
        w->value[i] = (avqa_real)x[i];
        if (!isfinite(x[i]))
            rc = avqa_fail(AVQA_EFORMAT,
                           "number %zu of the tensor \"%s\" is not finite", i, w->name);
    }
    avqa_tensor_release(&floats);
    return rc;
}

enum avqa_status avqa_weights_take(size_t *n_taken, struct avqa_weights *weights,
                                   const struct avqa_params *from)
{
    enum avqa_status rc = AVQA_OK;
    *n_taken = 0;
    for (size_t i = 0; rc == AVQA_OK && i < weights->n; i++) {
        const struct avqa_tensor *value =
            avqa_params_find(from, weights->items[i].name);
        if (!value)
            continue;
        rc = take_one(&weights->items[i], value);
        *n_taken += rc == AVQA_OK;
    }
    return rc;
}

enum avqa_status avqa_weights_give(struct avqa_params *out,
                                   const struct avqa_weights *weights)
{
    for (size_t i = 0; i < weights->n; i++) {
        const struct avqa_weight *w = &weights->items[i];
        struct avqa_tensor value;
        enum avqa_status rc =
            avqa_tensor_init(&value, AVQA_TENSOR_F32, w->rank, w->shape);
        if (rc != AVQA_OK)
            return rc;
        float *to = value.data;
        for (size_t k = 0; k < w->n; k++)
            to[k] = (float)w->value[k];
        rc = avqa_params_add(out, w->name, &value);
        if (rc != AVQA_OK)
            return rc;
    }
    return AVQA_OK;
}

void avqa_weights_clear_grads(struct avqa_weights *weights)
{
    for (size_t i = 0; i < weights->n; i++) {
        struct avqa_weight *w = &weights->items[i];
        memset(w->grad, 0, w->n * sizeof *w->grad);
    }
}

size_t avqa_weights_count(const struct avqa_weights *weights)
{
    size_t sum = 0;
    for (size_t i = 0; i < weights->n; i++)
        sum += weights->items[i].fixed ? 0 : weights->items[i].n;
    return sum;
}

double avqa_weights_grad_norm(const struct avqa_weights *weights)
{
    double sum = 0;
    for (size_t i = 0; i < weights->n; i++)
        for (size_t k = 0; k < weights->items[i].n; k++) {
            double g = (double)weights->items[i].grad[k];
            sum += g * g;
        }
    return sqrt(sum);
}

double avqa_weights_clip(struct avqa_weights *weights, double max)
{
    double norm = avqa_weights_grad_norm(weights);
    double scale = max / (norm + 1e-6);
    if (scale >= 1)
        return norm;
    for (size_t i = 0; i < weights->n; i++)
        for (size_t k = 0; k < weights->items[i].n; k++)
            weights->items[i].grad[k] *= (avqa_real)scale;
    return norm;
}
