/* The room's door to oneDNN: layers of a network as operations on memory, each made
 * once for a fixed size and then run any number of times, by any thread, by several at
 * once. The layout of what goes in and out is oneDNN's choice and stays behind this
 * header; nn/net.h chains operations and brings layouts together.
 *
 * Measured facts it is built on (each has its test):
 *  - scratch memory is the caller's, because oneDNN's own is bound to the thread that
 *    made the operation;
 *  - bf16 below AVX-512 with bf16 instructions is slower than f32, or never ends;
 *  - an operation is planned for the number of threads there are when it is made, so
 *    this number is set then and at each run, and put back afterwards. */
#ifndef AVQA_NN_ONEDNN_H
#define AVQA_NN_ONEDNN_H

#include "base/status.h"
#include "nn/tensor.h"

#include <stdbool.h>
#include <stddef.h>

enum avqa_dnn_cpu {
    AVQA_DNN_PLAIN,
    AVQA_DNN_AVX2,
    AVQA_DNN_AVX512,
    AVQA_DNN_AVX512_BF16,
};

enum avqa_dnn_precision {
    AVQA_DNN_F32,
    AVQA_DNN_BF16, /* weights and what lies between layers; sums are f32 */
    AVQA_DNN_FASTEST,
};

enum { AVQA_DNN_MAX_THREADS = 256 };

/* What oneDNN may use of this processor (its environment can cap that). */
enum avqa_dnn_cpu avqa_dnn_cpu(void);
/* "plain", "avx2", "avx512", "avx512-bf16". */
const char *avqa_dnn_cpu_name(enum avqa_dnn_cpu cpu);

/* The precision to compute in: what is wanted, where it pays; AVQA_EINVAL if bf16 is
 * wanted of a processor without it. */
AVQA_CHECK enum avqa_status avqa_dnn_choose(enum avqa_dnn_precision *out,
                                            enum avqa_dnn_precision wanted,
                                            enum avqa_dnn_cpu cpu);
/* Whether oneDNN has Winograd convolutions for it. */
bool avqa_dnn_has_winograd(enum avqa_dnn_cpu cpu);

/* How to compute: the same for all operations of a network. */
struct avqa_dnn_config {
    enum avqa_dnn_cpu cpu;
    enum avqa_dnn_precision precision; /* chosen, not AVQA_DNN_FASTEST */
    size_t n_threads;                  /* at least 1 */
};

/* How numbers lie in memory. */
struct avqa_dnn_layout;
/* Plain C order. */
AVQA_CHECK enum avqa_status avqa_dnn_layout_new(struct avqa_dnn_layout **out,
                                                enum avqa_tensor_type type, size_t rank,
                                                const size_t *shape);
/* Of floats [n, c, h, w], channels in blocks of eight: [n, c / 8, h, w, 8]. */
AVQA_CHECK enum avqa_status avqa_dnn_layout_new_blocked(struct avqa_dnn_layout **out,
                                                        const size_t shape[4]);
void avqa_dnn_layout_free(struct avqa_dnn_layout *layout); /* NULL is legal */
bool avqa_dnn_layout_same(const struct avqa_dnn_layout *a,
                          const struct avqa_dnn_layout *b);
size_t avqa_dnn_layout_bytes(const struct avqa_dnn_layout *layout);
/* The logical shape (batch, channels, rows, columns); returns the rank. */
size_t avqa_dnn_layout_shape(size_t shape[AVQA_TENSOR_MAX_RANK],
                             const struct avqa_dnn_layout *layout);

struct avqa_dnn_op;
void avqa_dnn_op_free(struct avqa_dnn_op *op); /* NULL is legal */
/* What it reads, which may lie otherwise than asked for, and what it writes. Borrowed.
 */
const struct avqa_dnn_layout *avqa_dnn_op_from(const struct avqa_dnn_op *op);
const struct avqa_dnn_layout *avqa_dnn_op_to(const struct avqa_dnn_op *op);
size_t avqa_dnn_op_scratch_bytes(const struct avqa_dnn_op *op);
/* "jit:avx2" and the like. Borrowed. */
const char *avqa_dnn_op_kind(const struct avqa_dnn_op *op);

/* Reads `from`, writes `to`, both in the layouts above; `scratch` is as large as asked
 * for and 64-byte aligned, one for each thread that runs. */
AVQA_CHECK enum avqa_status avqa_dnn_op_run(const struct avqa_dnn_op *op,
                                            const void *from, void *to, void *scratch);

/* 2-d convolution of [n, in, h, w] to [n, n_out, h', w'], zeros around. Weights are
 * [n_out, in, kernel, kernel] and packed here, the caller's are not kept. */
struct avqa_dnn_conv {
    const float *weights;
    const float *bias; /* [n_out] */
    size_t n_out, kernel, stride, pad;
    bool adds; /* to what is in `to` already, before relu */
    bool relu;
};
AVQA_CHECK enum avqa_status avqa_dnn_conv_new(struct avqa_dnn_op **out,
                                              const struct avqa_dnn_config *config,
                                              const struct avqa_dnn_layout *from,
                                              const struct avqa_dnn_conv *conv);

/* Maximum over kernel x kernel, what is around does not count; [n, c, h, w]. */
struct avqa_dnn_max_pool {
    size_t kernel, stride, pad;
};
AVQA_CHECK enum avqa_status avqa_dnn_max_pool_new(struct avqa_dnn_op **out,
                                                  const struct avqa_dnn_config *config,
                                                  const struct avqa_dnn_layout *from,
                                                  const struct avqa_dnn_max_pool *pool);

/* The mean of each channel: [n, c, h, w] to [n, c, 1, 1]. */
AVQA_CHECK enum avqa_status avqa_dnn_mean_pool_new(struct avqa_dnn_op **out,
                                                   const struct avqa_dnn_config *config,
                                                   const struct avqa_dnn_layout *from);

/* [n, c, h, w] or [n, c] to [n, n_out]. Weights are [n_out, c * h * w] in the order
 * channel, row, column, or with `channels_last` row, column, channel. */
struct avqa_dnn_linear {
    const float *weights;
    const float *bias;
    size_t n_out;
    bool channels_last;
    bool relu;
};
AVQA_CHECK enum avqa_status avqa_dnn_linear_new(struct avqa_dnn_op **out,
                                                const struct avqa_dnn_config *config,
                                                const struct avqa_dnn_layout *from,
                                                const struct avqa_dnn_linear *linear);

/* The same numbers in another layout or type. */
AVQA_CHECK enum avqa_status avqa_dnn_reorder_new(struct avqa_dnn_op **out,
                                                 const struct avqa_dnn_config *config,
                                                 const struct avqa_dnn_layout *from,
                                                 const struct avqa_dnn_layout *to);

#endif
