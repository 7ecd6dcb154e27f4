/* See onednn_product.h (oneDNN 2.6; the descriptors of 3.x differ). */
#include "nn/onednn_product.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

_Static_assert(sizeof(avqa_real) == sizeof(float), "oneDNN's products are of float");

enum { ALIGNMENT = 64, MAX_ARGS = 4 };

enum role { X, W, Y, N_ROLES };

/* What each kind of product calls its three tensors; and the one that it writes. */
static const struct {
    dnnl_query_t query[N_ROLES];
    int arg[N_ROLES];
    enum role written;
} names[] = {
    [AVQA_PRODUCT_FORWARD] = {{dnnl_query_src_md, dnnl_query_weights_md,
                               dnnl_query_dst_md},
                              {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                              Y},
    [AVQA_PRODUCT_TO_INPUT] = {{dnnl_query_diff_src_md, dnnl_query_weights_md,
                                dnnl_query_diff_dst_md},
                               {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
                               X},
    [AVQA_PRODUCT_TO_WEIGHTS] = {{dnnl_query_src_md, dnnl_query_diff_weights_md,
                                  dnnl_query_diff_dst_md},
                                 {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS,
                                  DNNL_ARG_DIFF_DST},
                                 W},
};

struct avqa_product {
    enum avqa_product_kind kind;
    struct avqa_convolution c;
    dnnl_engine_t engine;
    dnnl_memory_desc_t plain[N_ROLES], chosen[N_ROLES], scratch;
    dnnl_primitive_t reorder[N_ROLES]; /* to the chosen layout, or back from it */
    dnnl_primitive_t primitive;
};

struct argument {
    int name;
    const dnnl_memory_desc_t *md;
    void *data;
};

static enum avqa_status failed(const struct avqa_product *p, dnnl_status_t status)
{
    if (status == dnnl_success)
        return AVQA_OK;
    return avqa_fail(status == dnnl_out_of_memory ? AVQA_ENOMEM : AVQA_EINVAL,
                     "oneDNN cannot convolve %zu x %zu x %zu x %zu to %zu channels "
                     "(status %d)",
                     p->c.n, p->c.in, p->c.side[0], p->c.side[1], p->c.out,
                     (int)status);
}

/* ---- making ---------------------------------------------------------------------- */

/* C order, but with `row` numbers from one place of the first dimension to the next. */
static dnnl_status_t plain_layout(dnnl_memory_desc_t *md, int rank, const size_t *shape,
                                  size_t row)
{
    dnnl_dims_t dims;
    dnnl_dims_t strides;
    dnnl_dim_t stride = 1;
    for (int i = rank; i-- > 0;) {
        dims[i] = (dnnl_dim_t)shape[i];
        strides[i] = i == 0 ? (dnnl_dim_t)row : stride;
        stride *= dims[i];
    }
    return dnnl_memory_desc_init_by_strides(md, rank, dims, dnnl_f32, strides);
}

static dnnl_status_t plain_layouts(struct avqa_product *p, size_t y_row)
{
    const struct avqa_convolution *c = &p->c;
    const size_t x[] = {c->n, c->in, c->side[0], c->side[1]};
    const size_t y[] = {c->n, c->out, c->after[0], c->after[1]};
    size_t w[] = {c->groups, c->out / c->groups, c->in / c->groups, c->kernel[0],
                  c->kernel[1]};
    bool grouped = c->groups > 1;
    size_t of_output = w[2] * w[3] * w[4];
    dnnl_status_t status = plain_layout(&p->plain[X], 4, x, x[1] * x[2] * x[3]);
    if (status == dnnl_success)
        status = plain_layout(&p->plain[Y], 4, y, y_row);
    if (status == dnnl_success)
        status = plain_layout(&p->plain[W], grouped ? 5 : 4, w + !grouped,
                              grouped ? w[1] * of_output : of_output);
    return status;
}

/* The product's description, with all layouts left to oneDNN. */
static dnnl_status_t describe(dnnl_convolution_desc_t *desc,
                              const struct avqa_product *p)
{
    dnnl_dims_t strides;
    dnnl_dims_t dilates;
    dnnl_dims_t pads;
    dnnl_memory_desc_t any[N_ROLES];
    dnnl_status_t status = dnnl_success;
    for (int r = 0; r < N_ROLES && status == dnnl_success; r++)
        status =
            dnnl_memory_desc_init_by_tag(&any[r], p->plain[r].ndims, p->plain[r].dims,
                                         dnnl_f32, dnnl_format_tag_any);
    for (int i = 0; i < 2; i++) {
        strides[i] = (dnnl_dim_t)p->c.stride[i];
        dilates[i] = (dnnl_dim_t)p->c.dilation[i] - 1;
        pads[i] = (dnnl_dim_t)p->c.pad[i];
    }
    if (status != dnnl_success)
        return status;
    if (p->kind == AVQA_PRODUCT_FORWARD)
        return dnnl_dilated_convolution_forward_desc_init(
            desc, dnnl_forward_training, dnnl_convolution_direct, &any[X], &any[W],
            NULL, &any[Y], strides, dilates, pads, pads);
    if (p->kind == AVQA_PRODUCT_TO_INPUT)
        return dnnl_dilated_convolution_backward_data_desc_init(
            desc, dnnl_convolution_direct, &any[X], &any[W], &any[Y], strides, dilates,
            pads, pads);
    return dnnl_dilated_convolution_backward_weights_desc_init(
        desc, dnnl_convolution_direct, &any[X], &any[W], NULL, &any[Y], strides,
        dilates, pads, pads);
}

/* Memory is the caller's; a reorder may add to what is there. */
static dnnl_status_t attributes(dnnl_primitive_attr_t *out, bool adds)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(out);
    if (status == dnnl_success)
        status =
            dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user);
    if (status != dnnl_success || !adds)
        return status;
    status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success)
        status = dnnl_post_ops_append_sum(ops, 1.0F);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*out, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

/* Between the two layouts of one tensor; a gradient is added to what is there. A
 * reorder that asks for scratch memory, which none of these does, is refused. */
static dnnl_status_t make_reorder(struct avqa_product *p, enum role role)
{
    bool is_written = names[p->kind].written == role;
    const dnnl_memory_desc_t *from = is_written ? &p->chosen[role] : &p->plain[role];
    const dnnl_memory_desc_t *to = is_written ? &p->plain[role] : &p->chosen[role];
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t status =
        attributes(&attr, is_written && p->kind != AVQA_PRODUCT_FORWARD);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&pd, from, p->engine, to, p->engine,
                                                    attr);
    if (status == dnnl_success &&
        dnnl_memory_desc_get_size(
            dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0)) > 0)
        status = dnnl_unimplemented;
    if (status == dnnl_success)
        status = dnnl_primitive_create(&p->reorder[role], pd);
    if (pd)
        dnnl_primitive_desc_destroy(pd);
    if (attr)
        dnnl_primitive_attr_destroy(attr);
    return status;
}

static dnnl_status_t make_primitive(struct avqa_product *p)
{
    dnnl_convolution_desc_t desc;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t status = describe(&desc, p);
    if (status == dnnl_success)
        status = attributes(&attr, false);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&pd, &desc, attr, p->engine, NULL);
    for (int r = 0; r < N_ROLES && status == dnnl_success; r++)
        p->chosen[r] = *dnnl_primitive_desc_query_md(pd, names[p->kind].query[r], 0);
    if (status == dnnl_success) {
        p->scratch = *dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
        status = dnnl_primitive_create(&p->primitive, pd);
    }
    if (pd)
        dnnl_primitive_desc_destroy(pd);
    if (attr)
        dnnl_primitive_attr_destroy(attr);
    return status;
}

enum avqa_status avqa_product_new(struct avqa_product **out,
                                  enum avqa_product_kind kind,
                                  const struct avqa_convolution *c, size_t y_row)
{
    struct avqa_product *p = avqa_mem_new(sizeof *p);
    p->kind = kind;
    p->c = *c;
    dnnl_status_t status = dnnl_engine_create(&p->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        status = plain_layouts(p, y_row);
    if (status == dnnl_success)
        status = make_primitive(p);
    for (int r = 0; r < N_ROLES && status == dnnl_success; r++)
        status = make_reorder(p, (enum role)r);
    enum avqa_status rc = failed(p, status);
    if (rc == AVQA_OK)
        *out = p;
    else
        avqa_product_free(p);
    return rc;
}

void avqa_product_free(struct avqa_product *p)
{
    if (!p)
        return;
    for (int r = 0; r < N_ROLES; r++)
        if (p->reorder[r])
            dnnl_primitive_destroy(p->reorder[r]);
    if (p->primitive)
        dnnl_primitive_destroy(p->primitive);
    if (p->engine)
        dnnl_engine_destroy(p->engine);
    free(p);
}

/* ---- running --------------------------------------------------------------------- */

static dnnl_status_t execute(const struct avqa_product *p, dnnl_primitive_t primitive,
                             const struct argument *given, int n)
{
    dnnl_exec_arg_t args[MAX_ARGS];
    dnnl_stream_t stream = NULL;
    int n_made = 0;
    dnnl_status_t status =
        dnnl_stream_create(&stream, p->engine, dnnl_stream_default_flags);
    for (int i = 0; status == dnnl_success && i < n; i++) {
        args[i].arg = given[i].name;
        status =
            dnnl_memory_create(&args[i].memory, given[i].md, p->engine, given[i].data);
        n_made += status == dnnl_success;
    }
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, stream, n, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    for (int i = 0; i < n_made; i++)
        dnnl_memory_destroy(args[i].memory);
    if (stream)
        dnnl_stream_destroy(stream);
    return status;
}

static dnnl_status_t move(const struct avqa_product *p, enum role role, float *plain,
                          float *chosen)
{
    bool back = names[p->kind].written == role;
    struct argument args[] = {
        {back ? DNNL_ARG_TO : DNNL_ARG_FROM, &p->plain[role], plain},
        {back ? DNNL_ARG_FROM : DNNL_ARG_TO, &p->chosen[role], chosen}};
    return execute(p, p->reorder[role], args, 2);
}

enum avqa_status avqa_product_move(const struct avqa_product *p, float *w,
                                   float *packed)
{
    return failed(p, move(p, W, w, packed));
}

static size_t chosen_bytes(const struct avqa_product *p, enum role role)
{
    return avqa_mem_rounded(dnnl_memory_desc_get_size(&p->chosen[role]), ALIGNMENT);
}

size_t avqa_product_weights_bytes(const struct avqa_product *p)
{
    return chosen_bytes(p, W);
}

size_t avqa_product_room_bytes(const struct avqa_product *p)
{
    return chosen_bytes(p, X) + chosen_bytes(p, Y) +
           avqa_mem_rounded(dnnl_memory_desc_get_size(&p->scratch), ALIGNMENT);
}

/* Numbers that lie as they should are used where they are, unless they are added to. */
static bool is_direct(const struct avqa_product *p, enum role role)
{
    return dnnl_memory_desc_equal(&p->plain[role], &p->chosen[role]) &&
           (p->kind == AVQA_PRODUCT_FORWARD || names[p->kind].written != role);
}

enum avqa_status avqa_product_run(const struct avqa_product *p, float *x, float *packed,
                                  float *y, char *room)
{
    enum role written = names[p->kind].written;
    dnnl_status_t status = dnnl_success;
    char *behind = room + chosen_bytes(p, X);
    float *plain[] = {x, NULL, y};
    float *chosen[] = {(float *)(void *)room, packed, (float *)(void *)behind};
    struct argument args[N_ROLES + 1] = {
        {DNNL_ARG_SCRATCHPAD, &p->scratch, behind + chosen_bytes(p, Y)}};
    for (int r = 0; r < N_ROLES; r++) {
        if (r != W && is_direct(p, (enum role)r))
            chosen[r] = plain[r];
        else if (r != W && r != (int)written && status == dnnl_success)
            status = move(p, (enum role)r, plain[r], chosen[r]);
        args[r + 1] =
            (struct argument){names[p->kind].arg[r], &p->chosen[r], chosen[r]};
    }
    if (status == dnnl_success)
        status = execute(p, p->primitive, args, N_ROLES + 1);
    if (status == dnnl_success && written != W && chosen[written] != plain[written])
        status = move(p, written, plain[written], chosen[written]);
    return failed(p, status);
}
