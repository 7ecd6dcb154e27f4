/* See params.h. */
#include "nn/params.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void avqa_params_release(struct avqa_params *params)
{
    for (size_t i = 0; i < params->n; i++)
        avqa_tensor_release(&params->items[i].value);
    free(params->items);
    avqa_intern_release(&params->names);
    memset(params, 0, sizeof *params);
}

enum avqa_status avqa_params_add(struct avqa_params *params, const char *name,
                                 struct avqa_tensor *value)
{
    bool is_new;
    uint32_t id = avqa_intern_add(&params->names, name, strlen(name), &is_new);
    if (!is_new) {
        avqa_tensor_release(value);
        return avqa_fail(AVQA_EEXIST, "two tensors are called \"%s\"", name);
    }
    avqa_mem_need(&params->items, &params->cap, params->n + 1, sizeof *params->items);
    params->items[params->n].name = avqa_intern_text(&params->names, id);
    params->items[params->n++].value = *value;
    memset(value, 0, sizeof *value);
    return AVQA_OK;
}

const struct avqa_tensor *avqa_params_find(const struct avqa_params *params,
                                           const char *name)
{
    uint32_t id = avqa_intern_find(&params->names, name, strlen(name));
    return id == AVQA_INTERN_NONE ? NULL : &params->items[id].value;
}

void avqa_params_take(struct avqa_tensor *out, struct avqa_params *params,
                      const char *name)
{
    uint32_t id = avqa_intern_find(&params->names, name, strlen(name));
    *out = params->items[id].value;
    memset(&params->items[id].value, 0, sizeof *out);
}

static bool ends_with(const char *name, const char *const *endings)
{
    for (; endings && *endings; endings++) {
        size_t len = strlen(name);
        size_t tail = strlen(*endings);
        if (len >= tail && strcmp(name + len - tail, *endings) == 0)
            return true;
    }
    return false;
}

static enum avqa_status match_one(struct avqa_params *out, struct avqa_params *from,
                                  const struct avqa_param_spec *spec)
{
    char is[AVQA_TENSOR_SHAPE_TEXT];
    char wanted[AVQA_TENSOR_SHAPE_TEXT];
    struct avqa_tensor value;
    const struct avqa_tensor *found = avqa_params_find(from, spec->name);
    if (!found)
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" is missing", spec->name);
    if (!avqa_tensor_has_shape(found, spec->rank, spec->shape))
        return avqa_fail(AVQA_EFORMAT, "the tensor \"%s\" has shape %s, not %s",
                         spec->name,
                         avqa_tensor_shape_text(is, found->rank, found->shape),
                         avqa_tensor_shape_text(wanted, spec->rank, spec->shape));
    enum avqa_status rc = AVQA_OK;
    if (found->type == AVQA_TENSOR_F32 && found->owned)
        avqa_params_take(&value, from, spec->name);
    else
        rc = avqa_tensor_to_f32(&value, found);
    if (rc != AVQA_OK)
        return avqa_fail_in(rc, "the tensor \"%s\"", spec->name);
    return avqa_params_add(out, spec->name, &value);
}

enum avqa_status avqa_params_match(struct avqa_params *out, struct avqa_params *from,
                                   const struct avqa_param_spec *specs, size_t n_specs,
                                   const char *const *ignored)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n_specs; i++)
        rc = match_one(out, from, &specs[i]);
    for (size_t i = 0; rc == AVQA_OK && i < from->n; i++) {
        const char *name = from->items[i].name;
        if (!avqa_params_find(out, name) && !ends_with(name, ignored))
            rc = avqa_fail(AVQA_EFORMAT,
                           "the tensor \"%s\" does not belong to this network", name);
    }
    return rc;
}

static const uint64_t GOLDEN = 0x9e3779b97f4a7c15U;

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void avqa_params_units(float *out, uint64_t seed, const char *name, uint64_t first,
                       size_t n)
{
    uint64_t key = 0xcbf29ce484222325U ^ mix(seed);
    for (const char *c = name; *c; c++)
        key = (key ^ (unsigned char)*c) * 0x100000001b3U;
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(mix(key + (first + i + 1) * GOLDEN) >> 40) * 0x1p-24F;
}

enum avqa_status avqa_params_random(struct avqa_params *out,
                                    const struct avqa_param_spec *specs, size_t n_specs,
                                    uint64_t seed)
{
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < n_specs; i++) {
        const struct avqa_param_spec *spec = &specs[i];
        struct avqa_tensor value;
        rc = avqa_tensor_init(&value, AVQA_TENSOR_F32, spec->rank, spec->shape);
        if (rc != AVQA_OK)
            break;
        float *data = value.data;
        avqa_params_units(data, seed, spec->name, 0, value.n);
        for (size_t k = 0; k < value.n; k++)
            data[k] =
                (float)(spec->centre + spec->spread * (2.0 * (double)data[k] - 1.0));
        rc = avqa_params_add(out, spec->name, &value);
    }
    return rc;
}
