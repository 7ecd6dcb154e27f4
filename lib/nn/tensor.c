/* See tensor.h. */
#include "nn/tensor.h"
#include "base/half.h"
#include "base/mem.h"
#include "nn/bf16.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [AVQA_TENSOR_F32] = {"f32", 4},   [AVQA_TENSOR_F16] = {"f16", 2},
    [AVQA_TENSOR_BF16] = {"bf16", 2}, [AVQA_TENSOR_F64] = {"f64", 8},
    [AVQA_TENSOR_I64] = {"i64", 8},   [AVQA_TENSOR_I32] = {"i32", 4},
    [AVQA_TENSOR_U8] = {"u8", 1},     [AVQA_TENSOR_I16] = {"i16", 2},
    [AVQA_TENSOR_I8] = {"i8", 1},     [AVQA_TENSOR_BOOL] = {"bool", 1},
};

size_t avqa_tensor_type_size(enum avqa_tensor_type type)
{
    return types[type].size;
}

const char *avqa_tensor_type_name(enum avqa_tensor_type type)
{
    return types[type].name;
}

const char *avqa_tensor_shape_text(char text[AVQA_TENSOR_SHAPE_TEXT], size_t rank,
                                   const size_t *shape)
{
    size_t at = 1;
    snprintf(text, AVQA_TENSOR_SHAPE_TEXT, "[");
    for (size_t i = 0; i < rank && at + 24 < AVQA_TENSOR_SHAPE_TEXT; i++)
        at += (size_t)snprintf(text + at, AVQA_TENSOR_SHAPE_TEXT - at, "%s%zu",
                               i ? ", " : "", shape[i]);
    snprintf(text + at, AVQA_TENSOR_SHAPE_TEXT - at, "]");
    return text;
}

/* All but the memory. */
static enum avqa_status describe(struct avqa_tensor *out, enum avqa_tensor_type type,
                                 size_t rank, const size_t *shape)
{
    char text[AVQA_TENSOR_SHAPE_TEXT];
    size_t bytes;
    memset(out, 0, sizeof *out);
    if (rank > AVQA_TENSOR_MAX_RANK)
        return avqa_fail(AVQA_EINVAL, "a tensor of %zu dimensions (at most %d)", rank,
                         AVQA_TENSOR_MAX_RANK);
    struct avqa_tensor made = {.type = type, .rank = rank, .n = 1};
    bool fits = true;
    for (size_t i = 0; i < rank; i++) {
        made.shape[i] = shape[i];
        fits = fits && avqa_mem_product(&made.n, made.n, shape[i]);
    }
    if (!fits || !avqa_mem_product(&bytes, made.n, types[type].size) ||
        bytes > SIZE_MAX / 2)
        return avqa_fail(AVQA_ENOMEM, "a tensor of shape %s is too large",
                         avqa_tensor_shape_text(text, rank, shape));
    *out = made;
    return AVQA_OK;
}

static size_t aligned_bytes(const struct avqa_tensor *tensor)
{
    return (avqa_tensor_bytes(tensor) / ALIGNMENT + 1) * ALIGNMENT;
}

enum avqa_status avqa_tensor_init(struct avqa_tensor *out, enum avqa_tensor_type type,
                                  size_t rank, const size_t *shape)
{
    char text[AVQA_TENSOR_SHAPE_TEXT];
    enum avqa_status rc = describe(out, type, rank, shape);
    if (rc != AVQA_OK)
        return rc;
    out->data = aligned_alloc(ALIGNMENT, aligned_bytes(out));
    if (!out->data)
        return avqa_fail(AVQA_ENOMEM, "out of memory for a tensor of shape %s",
                         avqa_tensor_shape_text(text, rank, shape));
    memset(out->data, 0, aligned_bytes(out));
    out->owned = true;
    return AVQA_OK;
}

enum avqa_status avqa_tensor_init_in(struct avqa_tensor *out, struct avqa_arena *arena,
                                     enum avqa_tensor_type type, size_t rank,
                                     const size_t *shape)
{
    enum avqa_status rc = describe(out, type, rank, shape);
    if (rc != AVQA_OK)
        return rc;
    char *start = avqa_arena_alloc(arena, aligned_bytes(out) + ALIGNMENT);
    size_t over = (uintptr_t)start % ALIGNMENT;
    out->data = start + (over ? ALIGNMENT - over : 0);
    return AVQA_OK;
}

enum avqa_status avqa_tensor_view(struct avqa_tensor *out, enum avqa_tensor_type type,
                                  size_t rank, const size_t *shape, void *data)
{
    enum avqa_status rc = describe(out, type, rank, shape);
    if (rc == AVQA_OK)
        out->data = data;
    return rc;
}

void avqa_tensor_release(struct avqa_tensor *tensor)
{
    if (tensor->owned)
        free(tensor->data);
    memset(tensor, 0, sizeof *tensor);
}

size_t avqa_tensor_bytes(const struct avqa_tensor *tensor)
{
    return tensor->n * types[tensor->type].size;
}

bool avqa_tensor_has_shape(const struct avqa_tensor *tensor, size_t rank,
                           const size_t *shape)
{
    bool same = tensor->rank == rank;
    for (size_t i = 0; same && i < rank; i++)
        same = tensor->shape[i] == shape[i];
    return same;
}

enum avqa_status avqa_tensor_to_f32(struct avqa_tensor *out,
                                    const struct avqa_tensor *in)
{
    memset(out, 0, sizeof *out);
    if (in->type > AVQA_TENSOR_F64)
        return avqa_fail(AVQA_EINVAL, "whole numbers (%s) where floats are needed",
                         avqa_tensor_type_name(in->type));
    enum avqa_status rc = avqa_tensor_init(out, AVQA_TENSOR_F32, in->rank, in->shape);
    if (rc != AVQA_OK)
        return rc;
    const double *wide = in->data;
    float *to = out->data;
    if (in->type == AVQA_TENSOR_F32)
        memcpy(to, in->data, avqa_tensor_bytes(in));
    else if (in->type == AVQA_TENSOR_F16)
        avqa_halves_to_floats(to, in->data, in->n);
    else if (in->type == AVQA_TENSOR_BF16)
        avqa_bf16_unpack(to, in->data, in->n);
    else
        for (size_t i = 0; i < in->n; i++)
            to[i] = (float)wide[i];
    return AVQA_OK;
}
