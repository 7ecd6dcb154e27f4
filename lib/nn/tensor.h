/* Numbers with a shape, dense, the last dimension fastest. What lies in memory is plain
 * C order always: layouts of libraries stay behind nn/onednn.h. A tensor owns its
 * memory, has it from an arena (a step of training), or looks at somebody else's. */
#ifndef AVQA_NN_TENSOR_H
#define AVQA_NN_TENSOR_H

#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum avqa_tensor_type {
    AVQA_TENSOR_F32,
    AVQA_TENSOR_F16,
    AVQA_TENSOR_BF16,
    AVQA_TENSOR_F64,
    AVQA_TENSOR_I64,
    AVQA_TENSOR_I32,
    AVQA_TENSOR_U8,
    AVQA_TENSOR_I16,
    AVQA_TENSOR_I8,
    AVQA_TENSOR_BOOL, /* a byte, 0 or 1 */
};

enum { AVQA_TENSOR_MAX_RANK = 8, AVQA_TENSOR_SHAPE_TEXT = 192 };

/* Zero is valid: nothing is in it. */
struct avqa_tensor {
    enum avqa_tensor_type type;
    size_t rank;
    size_t shape[AVQA_TENSOR_MAX_RANK];
    size_t n; /* numbers: the product of the shape, 1 for rank 0 */
    void *data;
    bool owned;
};

size_t avqa_tensor_type_size(enum avqa_tensor_type type);
const char *avqa_tensor_type_name(enum avqa_tensor_type type); /* "f32" */

/* Zeros in memory of its own (64-byte aligned), given back by avqa_tensor_release.
 * AVQA_EINVAL for a rank above the bound, AVQA_ENOMEM if the size does not fit. */
AVQA_CHECK enum avqa_status avqa_tensor_init(struct avqa_tensor *out,
                                             enum avqa_tensor_type type, size_t rank,
                                             const size_t *shape);
/* The same out of an arena, whose reset takes it back. */
AVQA_CHECK enum avqa_status avqa_tensor_init_in(struct avqa_tensor *out,
                                                struct avqa_arena *arena,
                                                enum avqa_tensor_type type, size_t rank,
                                                const size_t *shape);
/* Somebody else's numbers, which must outlive it. */
AVQA_CHECK enum avqa_status avqa_tensor_view(struct avqa_tensor *out,
                                             enum avqa_tensor_type type, size_t rank,
                                             const size_t *shape, void *data);
void avqa_tensor_release(struct avqa_tensor *tensor);

size_t avqa_tensor_bytes(const struct avqa_tensor *tensor);
bool avqa_tensor_has_shape(const struct avqa_tensor *tensor, size_t rank,
                           const size_t *shape);
/* "[64, 3, 7, 7]"; for messages. */
const char *avqa_tensor_shape_text(char text[AVQA_TENSOR_SHAPE_TEXT], size_t rank,
                                   const size_t *shape);

/* The numbers as floats, in memory of its own; from any type of floating point.
 * AVQA_EINVAL from whole numbers. */
AVQA_CHECK enum avqa_status avqa_tensor_to_f32(struct avqa_tensor *out,
                                               const struct avqa_tensor *in);

#endif
