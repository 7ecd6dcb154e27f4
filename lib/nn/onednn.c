/* The only user of oneDNN (2.6, C interface). The descriptors of 3.x differ; its
 * version would be a second file behind the same header. */
#include "nn/onednn.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

/* oneDNN computes with OpenMP. These two calls of its runtime (OpenMP 5.0, 3.2) are all
 * that is needed of it, and the header is not there for every compiler. */
void omp_set_num_threads(int n);
int omp_get_max_threads(void);

enum { MAX_ARGS = 5 };

struct avqa_dnn_layout {
    dnnl_memory_desc_t md;
};

struct avqa_dnn_op {
    struct avqa_dnn_layout from, to, weights, bias, scratch;
    dnnl_engine_t engine;
    dnnl_primitive_t primitive;
    void *weights_data, *bias_data;
    const char *kind;
    int n_threads;
};

/* What is needed while an operation is made. */
struct making {
    const struct avqa_dnn_config *config;
    struct avqa_dnn_op *op;
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t pd;
    int threads_before;
};

static enum avqa_status failed(const char *what, dnnl_status_t status)
{
    if (status == dnnl_success)
        return AVQA_OK;
    return avqa_fail(status == dnnl_out_of_memory ? AVQA_ENOMEM : AVQA_EINVAL,
                     "oneDNN cannot %s: %s", what,
                     status == dnnl_unimplemented
                         ? "not made for this size or processor"
                     : status == dnnl_out_of_memory ? "out of memory"
                                                    : "the arguments do not fit");
}

/* ---- the processor --------------------------------------------------------------- */

enum avqa_dnn_cpu avqa_dnn_cpu(void)
{
    unsigned isa = dnnl_get_effective_cpu_isa();
    if ((isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16)
        return AVQA_DNN_AVX512_BF16;
    if ((isa & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core)
        return AVQA_DNN_AVX512;
    if ((isa & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2)
        return AVQA_DNN_AVX2;
    return AVQA_DNN_PLAIN;
}

const char *avqa_dnn_cpu_name(enum avqa_dnn_cpu cpu)
{
    static const char *const names[] = {"plain", "avx2", "avx512", "avx512-bf16"};
    return names[cpu];
}

enum avqa_status avqa_dnn_choose(enum avqa_dnn_precision *out,
                                 enum avqa_dnn_precision wanted, enum avqa_dnn_cpu cpu)
{
    bool has_bf16 = cpu >= AVQA_DNN_AVX512_BF16;
    if (wanted == AVQA_DNN_BF16 && !has_bf16)
        return avqa_fail(AVQA_EINVAL,
                         "this processor has no bf16 instructions (AVX-512 BF16); f32 "
                         "is faster here");
    *out =
        wanted == AVQA_DNN_FASTEST ? (has_bf16 ? AVQA_DNN_BF16 : AVQA_DNN_F32) : wanted;
    return AVQA_OK;
}

bool avqa_dnn_has_winograd(enum avqa_dnn_cpu cpu)
{
    return cpu >= AVQA_DNN_AVX512;
}

/* ---- layouts --------------------------------------------------------------------- */

static dnnl_data_type_t data_type(enum avqa_tensor_type type)
{
    static const dnnl_data_type_t types[] = {
        [AVQA_TENSOR_F32] = dnnl_f32,   [AVQA_TENSOR_F16] = dnnl_f16,
        [AVQA_TENSOR_BF16] = dnnl_bf16, [AVQA_TENSOR_I32] = dnnl_s32,
        [AVQA_TENSOR_U8] = dnnl_u8,
    };
    return type < sizeof types / sizeof *types ? types[type] : dnnl_data_type_undef;
}

static dnnl_data_type_t type_between(const struct avqa_dnn_config *config)
{
    return config->precision == AVQA_DNN_BF16 ? dnnl_bf16 : dnnl_f32;
}

/* C order. */
static dnnl_status_t plain(dnnl_memory_desc_t *md, size_t rank, const size_t *shape,
                           dnnl_data_type_t type)
{
    dnnl_dims_t dims;
    dnnl_dims_t strides;
    dnnl_dim_t stride = 1;
    for (size_t i = rank; i-- > 0;) {
        dims[i] = (dnnl_dim_t)shape[i];
        strides[i] = stride;
        stride *= dims[i] ? dims[i] : 1;
    }
    return dnnl_memory_desc_init_by_strides(md, (int)rank, dims, type, strides);
}

/* The layout left to oneDNN. */
static dnnl_status_t any(dnnl_memory_desc_t *md, size_t rank, const size_t *shape,
                         dnnl_data_type_t type)
{
    dnnl_dims_t dims;
    for (size_t i = 0; i < rank; i++)
        dims[i] = (dnnl_dim_t)shape[i];
    return dnnl_memory_desc_init_by_tag(md, (int)rank, dims, type, dnnl_format_tag_any);
}

static enum avqa_status keep_layout(struct avqa_dnn_layout **out,
                                    const struct avqa_dnn_layout *made,
                                    dnnl_status_t status)
{
    enum avqa_status rc = failed("lay out a tensor", status);
    if (rc != AVQA_OK)
        return rc;
    *out = avqa_mem_new(sizeof **out);
    **out = *made;
    return AVQA_OK;
}

enum avqa_status avqa_dnn_layout_new(struct avqa_dnn_layout **out,
                                     enum avqa_tensor_type type, size_t rank,
                                     const size_t *shape)
{
    struct avqa_dnn_layout made;
    return keep_layout(out, &made, plain(&made.md, rank, shape, data_type(type)));
}

enum avqa_status avqa_dnn_layout_new_blocked(struct avqa_dnn_layout **out,
                                             const size_t shape[4])
{
    struct avqa_dnn_layout made;
    dnnl_dims_t dims;
    for (size_t i = 0; i < 4; i++)
        dims[i] = (dnnl_dim_t)shape[i];
    return keep_layout(
        out, &made,
        dnnl_memory_desc_init_by_tag(&made.md, 4, dims, dnnl_f32, dnnl_nChw8c));
}

void avqa_dnn_layout_free(struct avqa_dnn_layout *layout)
{
    free(layout);
}

bool avqa_dnn_layout_same(const struct avqa_dnn_layout *a,
                          const struct avqa_dnn_layout *b)
{
    return dnnl_memory_desc_equal(&a->md, &b->md) == 1;
}

size_t avqa_dnn_layout_bytes(const struct avqa_dnn_layout *layout)
{
    return dnnl_memory_desc_get_size(&layout->md);
}

size_t avqa_dnn_layout_shape(size_t shape[AVQA_TENSOR_MAX_RANK],
                             const struct avqa_dnn_layout *layout)
{
    size_t rank = (size_t)layout->md.ndims;
    assert(rank <= AVQA_TENSOR_MAX_RANK);
    for (size_t i = 0; i < rank; i++)
        shape[i] = (size_t)layout->md.dims[i];
    return rank;
}

/* ---- making and running ---------------------------------------------------------- */

static enum avqa_status begin(struct making *m, const struct avqa_dnn_config *config)
{
    memset(m, 0, sizeof *m);
    m->config = config;
    m->op = avqa_mem_new(sizeof *m->op);
    m->op->n_threads = (int)config->n_threads;
    m->threads_before = omp_get_max_threads();
    omp_set_num_threads(m->op->n_threads);
    enum avqa_status rc =
        failed("start", dnnl_engine_create(&m->op->engine, dnnl_cpu, 0));
    if (rc == AVQA_OK)
        rc = failed("start", dnnl_primitive_attr_create(&m->attr));
    if (rc == AVQA_OK)
        rc = failed("start", dnnl_primitive_attr_set_scratchpad_mode(
                                 m->attr, dnnl_scratchpad_mode_user));
    return rc;
}

static enum avqa_status add_post_ops(struct making *m, bool adds, bool relu)
{
    dnnl_post_ops_t ops;
    dnnl_status_t status = dnnl_post_ops_create(&ops);
    if (status != dnnl_success)
        return failed("add layers", status);
    if (adds)
        status = dnnl_post_ops_append_sum(ops, 1.0F);
    if (status == dnnl_success && relu)
        status = dnnl_post_ops_append_eltwise(ops, 1.0F, dnnl_eltwise_relu, 0, 0);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(m->attr, ops);
    dnnl_post_ops_destroy(ops);
    return failed("add layers", status);
}

static const dnnl_memory_desc_t *described(const struct making *m, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(m->pd, what, 0);
}

/* The primitive out of its description; layouts of what it reads and writes. */
static enum avqa_status create(struct making *m, const char *what)
{
    struct avqa_dnn_op *op = m->op;
    op->from.md = *described(m, dnnl_query_src_md);
    op->to.md = *described(m, dnnl_query_dst_md);
    op->scratch.md = *described(m, dnnl_query_scratchpad_md);
    enum avqa_status rc = failed(what, dnnl_primitive_create(&op->primitive, m->pd));
    const_dnnl_primitive_desc_t kept;
    if (rc == AVQA_OK)
        rc = failed(what, dnnl_primitive_get_primitive_desc(op->primitive, &kept));
    if (rc == AVQA_OK)
        rc = failed(what, dnnl_primitive_desc_query(kept, dnnl_query_impl_info_str, 0,
                                                    (void *)&op->kind));
    return rc;
}

static enum avqa_status finish(struct avqa_dnn_op **out, struct making *m,
                               enum avqa_status rc)
{
    omp_set_num_threads(m->threads_before);
    if (m->pd)
        dnnl_primitive_desc_destroy(m->pd);
    if (m->attr)
        dnnl_primitive_attr_destroy(m->attr);
    if (rc != AVQA_OK) {
        avqa_dnn_op_free(m->op);
        return rc;
    }
    *out = m->op;
    return AVQA_OK;
}

void avqa_dnn_op_free(struct avqa_dnn_op *op)
{
    if (!op)
        return;
    if (op->primitive)
        dnnl_primitive_destroy(op->primitive);
    if (op->engine)
        dnnl_engine_destroy(op->engine);
    free(op->weights_data);
    free(op->bias_data);
    free(op);
}

const struct avqa_dnn_layout *avqa_dnn_op_from(const struct avqa_dnn_op *op)
{
    return &op->from;
}

const struct avqa_dnn_layout *avqa_dnn_op_to(const struct avqa_dnn_op *op)
{
    return &op->to;
}

size_t avqa_dnn_op_scratch_bytes(const struct avqa_dnn_op *op)
{
    return avqa_dnn_layout_bytes(&op->scratch);
}

const char *avqa_dnn_op_kind(const struct avqa_dnn_op *op)
{
    return op->kind;
}

static dnnl_status_t wrap(dnnl_exec_arg_t *args, int *n, int name,
                          const struct avqa_dnn_op *op,
                          const struct avqa_dnn_layout *layout, void *data)
{
    if (avqa_dnn_layout_bytes(layout) == 0)
        return dnnl_success;
    dnnl_status_t status =
        dnnl_memory_create(&args[*n].memory, &layout->md, op->engine, data);
    if (status == dnnl_success)
        args[(*n)++].arg = name;
    return status;
}

/* Memory objects are made for each run, because they are not shared between threads;
 * it takes a microsecond. */
enum avqa_status avqa_dnn_op_run(const struct avqa_dnn_op *op, const void *from,
                                 void *to, void *scratch)
{
    dnnl_exec_arg_t args[MAX_ARGS];
    dnnl_stream_t stream = NULL;
    int n = 0;
    int threads_before = omp_get_max_threads();
    const struct {
        int name;
        const struct avqa_dnn_layout *layout;
        const void *data;
    } given[MAX_ARGS] = {
        {DNNL_ARG_SRC, &op->from, from},
        {DNNL_ARG_DST, &op->to, to},
        {DNNL_ARG_WEIGHTS, &op->weights, op->weights_data},
        {DNNL_ARG_BIAS, &op->bias, op->bias_data},
        {DNNL_ARG_SCRATCHPAD, &op->scratch, scratch},
    };
    dnnl_status_t status =
        dnnl_stream_create(&stream, op->engine, dnnl_stream_default_flags);
    for (int i = 0; status == dnnl_success && i < MAX_ARGS; i++)
        status = wrap(args, &n, given[i].name, op, given[i].layout,
                      (void *)(uintptr_t)given[i].data);
    omp_set_num_threads(op->n_threads);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(op->primitive, stream, n, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    omp_set_num_threads(threads_before);
    for (int i = 0; i < n; i++)
        dnnl_memory_destroy(args[i].memory);
    if (stream)
        dnnl_stream_destroy(stream);
    return failed("run a layer", status);
}

/* ---- layers ---------------------------------------------------------------------- */

enum avqa_status avqa_dnn_reorder_new(struct avqa_dnn_op **out,
                                      const struct avqa_dnn_config *config,
                                      const struct avqa_dnn_layout *from,
                                      const struct avqa_dnn_layout *to)
{
    struct making m;
    enum avqa_status rc = begin(&m, config);
    if (rc == AVQA_OK)
        rc = failed("reorder",
                    dnnl_reorder_primitive_desc_create(&m.pd, &from->md, m.op->engine,
                                                       &to->md, m.op->engine, m.attr));
    if (rc == AVQA_OK)
        rc = create(&m, "reorder");
    return finish(out, &m, rc);
}

/* The caller's weights in the layout that the primitive wants. */
static enum avqa_status pack(struct making *m, const dnnl_memory_desc_t *plain_md,
                             const float *weights, const float *bias, size_t n_out)
{
    struct avqa_dnn_op *op = m->op;
    struct avqa_dnn_op *reorder = NULL;
    struct avqa_dnn_layout from = {.md = *plain_md};
    void *scratch = NULL;
    op->weights.md = *described(m, dnnl_query_weights_md);
    op->bias.md = *dnnl_primitive_desc_query_md(m->pd, dnnl_query_weights_md, 1);
    enum avqa_status rc =
        avqa_mem_aligned(&op->weights_data, avqa_dnn_layout_bytes(&op->weights));
    if (rc == AVQA_OK)
        rc = avqa_mem_aligned(&op->bias_data, avqa_dnn_layout_bytes(&op->bias));
    if (rc == AVQA_OK)
        rc = avqa_dnn_reorder_new(&reorder, m->config, &from, &op->weights);
    if (rc == AVQA_OK)
        rc = avqa_mem_aligned(&scratch, avqa_dnn_op_scratch_bytes(reorder));
    if (rc == AVQA_OK)
        rc = avqa_dnn_op_run(reorder, weights, op->weights_data, scratch);
    if (rc == AVQA_OK)
        memcpy(op->bias_data, bias, n_out * sizeof *bias);
    free(scratch);
    avqa_dnn_op_free(reorder);
    return rc;
}

static size_t side_after(size_t side, size_t kernel, size_t stride, size_t pad)
{
    return (side + 2 * pad - kernel) / stride + 1;
}

/* Asks for Winograd where oneDNN may have it (its own choice never takes it), and else
 * for a direct convolution. */
static enum avqa_status describe_conv(struct making *m, const dnnl_memory_desc_t md[4],
                                      const struct avqa_dnn_conv *conv)
{
    const dnnl_dims_t strides = {(dnnl_dim_t)conv->stride, (dnnl_dim_t)conv->stride};
    const dnnl_dims_t pads = {(dnnl_dim_t)conv->pad, (dnnl_dim_t)conv->pad};
    bool winograd = avqa_dnn_has_winograd(m->config->cpu) && conv->kernel == 3 &&
                    conv->stride == 1 && m->config->precision == AVQA_DNN_F32;
    const dnnl_alg_kind_t kinds[] = {dnnl_convolution_winograd,
                                     dnnl_convolution_direct};
    dnnl_status_t status = dnnl_unimplemented;
    for (int i = winograd ? 0 : 1; status != dnnl_success && i < 2; i++) {
        dnnl_convolution_desc_t desc;
        status = dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference,
                                                    kinds[i], &md[0], &md[1], &md[2],
                                                    &md[3], strides, pads, pads);
        if (status == dnnl_success)
            status =
                dnnl_primitive_desc_create(&m->pd, &desc, m->attr, m->op->engine, NULL);
    }
    return failed("make a convolution", status);
}

enum avqa_status avqa_dnn_conv_new(struct avqa_dnn_op **out,
                                   const struct avqa_dnn_config *config,
                                   const struct avqa_dnn_layout *from,
                                   const struct avqa_dnn_conv *conv)
{
    const dnnl_dim_t *in = from->md.dims;
    size_t h = (size_t)in[2];
    size_t w = (size_t)in[3];
    assert(from->md.ndims == 4 && h + 2 * conv->pad >= conv->kernel);
    const size_t shape[] = {(size_t)in[0], (size_t)in[1], h, w};
    const size_t weights[] = {conv->n_out, (size_t)in[1], conv->kernel, conv->kernel};
    const size_t after[] = {(size_t)in[0], conv->n_out,
                            side_after(h, conv->kernel, conv->stride, conv->pad),
                            side_after(w, conv->kernel, conv->stride, conv->pad)};
    dnnl_data_type_t type = type_between(config);
    dnnl_memory_desc_t md[4];
    dnnl_memory_desc_t given;
    struct making m;
    enum avqa_status rc = begin(&m, config);
    if (any(&md[0], 4, shape, type) || any(&md[1], 4, weights, type) ||
        plain(&md[2], 1, &conv->n_out, dnnl_f32) || any(&md[3], 4, after, type) ||
        plain(&given, 4, weights, dnnl_f32))
        rc = failed("make a convolution", dnnl_invalid_arguments);
    if (rc == AVQA_OK)
        rc = add_post_ops(&m, conv->adds, conv->relu);
    if (rc == AVQA_OK)
        rc = describe_conv(&m, md, conv);
    if (rc == AVQA_OK)
        rc = pack(&m, &given, conv->weights, conv->bias, conv->n_out);
    if (rc == AVQA_OK)
        rc = create(&m, "make a convolution");
    return finish(out, &m, rc);
}

static enum avqa_status make_pool(struct avqa_dnn_op **out,
                                  const struct avqa_dnn_config *config,
                                  const struct avqa_dnn_layout *from,
                                  dnnl_alg_kind_t kind, const dnnl_dims_t geometry[3])
{
    const dnnl_dim_t *in = from->md.dims;
    size_t after[4] = {(size_t)in[0], (size_t)in[1]};
    dnnl_dims_t dilation = {0, 0};
    dnnl_pooling_v2_desc_t desc;
    dnnl_memory_desc_t to;
    struct making m;
    for (int i = 0; i < 2; i++)
        after[2 + i] = side_after((size_t)in[2 + i], (size_t)geometry[0][i],
                                  (size_t)geometry[1][i], (size_t)geometry[2][i]);
    enum avqa_status rc = begin(&m, config);
    if (rc == AVQA_OK)
        rc = failed("make a pooling", any(&to, 4, after, from->md.data_type));
    if (rc == AVQA_OK)
        rc = failed("make a pooling",
                    dnnl_pooling_v2_forward_desc_init(
                        &desc, dnnl_forward_inference, kind, &from->md, &to,
                        geometry[1], geometry[0], dilation, geometry[2], geometry[2]));
    if (rc == AVQA_OK)
        rc = failed("make a pooling", dnnl_primitive_desc_create(&m.pd, &desc, m.attr,
                                                                 m.op->engine, NULL));
    if (rc == AVQA_OK)
        rc = create(&m, "make a pooling");
    return finish(out, &m, rc);
}

enum avqa_status avqa_dnn_max_pool_new(struct avqa_dnn_op **out,
                                       const struct avqa_dnn_config *config,
                                       const struct avqa_dnn_layout *from,
                                       const struct avqa_dnn_max_pool *pool)
{
    dnnl_dim_t kernel = (dnnl_dim_t)pool->kernel;
    dnnl_dim_t stride = (dnnl_dim_t)pool->stride;
    dnnl_dim_t pad = (dnnl_dim_t)pool->pad;
    const dnnl_dims_t geometry[3] = {{kernel, kernel}, {stride, stride}, {pad, pad}};
    return make_pool(out, config, from, dnnl_pooling_max, geometry);
}

enum avqa_status avqa_dnn_mean_pool_new(struct avqa_dnn_op **out,
                                        const struct avqa_dnn_config *config,
                                        const struct avqa_dnn_layout *from)
{
    const dnnl_dim_t *in = from->md.dims;
    const dnnl_dims_t geometry[3] = {{in[2], in[3]}, {1, 1}, {0, 0}};
    return make_pool(out, config, from, dnnl_pooling_avg_exclude_padding, geometry);
}

/* The weights as they are given: columns by channel, row, column, or channel last. */
static dnnl_status_t describe_weights(dnnl_memory_desc_t *md, size_t rank,
                                      const size_t shape[4], bool channels_last)
{
    dnnl_dims_t dims;
    if (rank != 4 || !channels_last)
        return plain(md, rank, shape, dnnl_f32);
    for (int i = 0; i < 4; i++)
        dims[i] = (dnnl_dim_t)shape[i];
    return dnnl_memory_desc_init_by_tag(md, 4, dims, dnnl_f32, dnnl_acdb);
}

enum avqa_status avqa_dnn_linear_new(struct avqa_dnn_op **out,
                                     const struct avqa_dnn_config *config,
                                     const struct avqa_dnn_layout *from,
                                     const struct avqa_dnn_linear *linear)
{
    size_t shape[AVQA_TENSOR_MAX_RANK] = {0};
    size_t rank = avqa_dnn_layout_shape(shape, from);
    const size_t after[] = {shape[0], linear->n_out};
    size_t weights[AVQA_TENSOR_MAX_RANK];
    dnnl_data_type_t type = type_between(config);
    dnnl_memory_desc_t md[4];
    dnnl_memory_desc_t given;
    dnnl_inner_product_desc_t desc;
    struct making m;
    assert(rank == 2 || rank == 4);
    memcpy(weights, shape, sizeof weights);
    weights[0] = linear->n_out;
    enum avqa_status rc = begin(&m, config);
    if (any(&md[0], rank, shape, type) || any(&md[1], rank, weights, type) ||
        plain(&md[2], 1, &linear->n_out, dnnl_f32) || plain(&md[3], 2, after, type) ||
        describe_weights(&given, rank, weights, linear->channels_last))
        rc = failed("make a linear layer", dnnl_invalid_arguments);
    if (rc == AVQA_OK)
        rc = add_post_ops(&m, false, linear->relu);
    if (rc == AVQA_OK)
        rc = failed("make a linear layer",
                    dnnl_inner_product_forward_desc_init(
                        &desc, dnnl_forward_inference, &md[0], &md[1], &md[2], &md[3]));
    if (rc == AVQA_OK)
        rc = failed(
            "make a linear layer",
            dnnl_primitive_desc_create(&m.pd, &desc, m.attr, m.op->engine, NULL));
    if (rc == AVQA_OK)
        rc = pack(&m, &given, linear->weights, linear->bias, linear->n_out);
    if (rc == AVQA_OK)
        rc = create(&m, "make a linear layer");
    return finish(out, &m, rc);
}
