/* See weights_table.h. Numbers become doubles a few thousand at a time. */
#include "pipeline/weights_table.h"
#include "base/half.h"
#include "base/hash.h"
#include "nn/bf16.h"

#include <math.h>

enum { CHUNK = 4096 };

struct summary {
    double min, max, sum;
    size_t n_finite;
};

/* `n` numbers from the place `first` on. */
static void widen(double *out, const struct avqa_tensor *t, size_t first, size_t n)
{
    float wide[CHUNK];
    const char *at = (const char *)t->data + first * avqa_tensor_type_size(t->type);
    if (t->type == AVQA_TENSOR_F16)
        avqa_halves_to_floats(wide, (const void *)at, n);
    else if (t->type == AVQA_TENSOR_BF16)
        avqa_bf16_unpack(wide, (const void *)at, n);
    for (size_t i = 0; i < n; i++) {
        switch (t->type) {
        case AVQA_TENSOR_F32:
            out[i] = (double)((const float *)(const void *)at)[i];
            break;
        case AVQA_TENSOR_F16:
        case AVQA_TENSOR_BF16:
            out[i] = (double)wide[i];
            break;
        case AVQA_TENSOR_F64:
            out[i] = ((const double *)(const void *)at)[i];
            break;
        case AVQA_TENSOR_I64:
            out[i] = (double)((const int64_t *)(const void *)at)[i];
            break;
        case AVQA_TENSOR_I32:
            out[i] = ((const int32_t *)(const void *)at)[i];
            break;
        case AVQA_TENSOR_I16:
            out[i] = ((const int16_t *)(const void *)at)[i];
            break;
        case AVQA_TENSOR_I8:
            out[i] = ((const int8_t *)(const void *)at)[i];
            break;
        case AVQA_TENSOR_U8:
        case AVQA_TENSOR_BOOL:
            out[i] = ((const uint8_t *)(const void *)at)[i];
            break;
        }
    }
}

static struct summary summarise(const struct avqa_tensor *t)
{
    double x[CHUNK];
    struct summary s = {.min = INFINITY, .max = -INFINITY};
    for (size_t first = 0; first < t->n; first += CHUNK) {
        size_t n = t->n - first < CHUNK ? t->n - first : CHUNK;
        widen(x, t, first, n);
        for (size_t i = 0; i < n; i++) {
            if (!isfinite(x[i]))
                continue;
            s.min = x[i] < s.min ? x[i] : s.min;
            s.max = x[i] > s.max ? x[i] : s.max;
            s.sum += x[i];
            s.n_finite++;
        }
    }
    return s;
}

void avqa_weights_describe(struct avqa_json *list, const struct avqa_param *param)
{
    char hex[AVQA_SHA256_HEX];
    const struct avqa_tensor *t = &param->value;
    struct summary s = summarise(t);
    struct avqa_sha256 *sha = avqa_sha256_new();
    struct avqa_json *row = avqa_json_put_object(list, NULL);
    avqa_sha256_add(sha, t->data, avqa_tensor_bytes(t));
    avqa_sha256_hex(sha, hex);
    avqa_sha256_free(sha);
    avqa_json_put_string(row, "name", param->name);
    avqa_json_put_string(row, "dtype", avqa_tensor_type_name(t->type));
    struct avqa_json *shape = avqa_json_put_array(row, "shape");
    for (size_t i = 0; i < t->rank; i++)
        avqa_json_put_int(shape, NULL, (int64_t)t->shape[i]);
    avqa_json_put_int(row, "count", (int64_t)t->n);
    /* without a finite number these are not finite, too: null */
    avqa_json_put_exact(row, "min", s.min);
    avqa_json_put_exact(row, "max", s.max);
    avqa_json_put_exact(row, "mean", s.sum / (double)s.n_finite);
    avqa_json_put_int(row, "not_finite", (int64_t)(t->n - s.n_finite));
    avqa_json_put_string(row, "sha256", hex);
}
