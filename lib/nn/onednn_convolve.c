/* See convolve.h (oneDNN 2.6; the descriptors of 3.x differ). oneDNN plans for a number
 * of threads and adds up weights' gradients by threads. To have the same bits for any
 * number, the batch is cut into parts that do not depend on it, each part is computed
 * by one thread of ours, and the parts of a sum are added in their order. */
#include "nn/convolve.h"
#include "nn/ranges.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

_Static_assert(sizeof(avqa_real) == sizeof(float), "onednn_convolve.c is of float");

/* As in onednn.c: of OpenMP's runtime. */
void omp_set_num_threads(int n);
int omp_get_max_threads(void);

enum { ALIGNMENT = 64, MAX_PARTS = 16, MAX_ARGS = 4 };
enum { PART_WORK = 1 << 22 };      /* multiply-adds that are worth a part */
enum { PARTIAL_FLOATS = 8 << 20 }; /* of weights' gradients that wait to be added */

enum kind { FORWARD, TO_INPUT, TO_WEIGHTS };
enum role { X, W, Y, N_ROLES };

/* What each kind of product calls its three tensors; and the one that it writes. */
static const struct {
    dnnl_query_t query[N_ROLES];
    int arg[N_ROLES];
    enum role written;
} names[] = {
    [FORWARD] = {{dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
                 {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
                 Y},
    [TO_INPUT] = {{dnnl_query_diff_src_md, dnnl_query_weights_md,
                   dnnl_query_diff_dst_md},
                  {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
                  X},
    [TO_WEIGHTS] = {{dnnl_query_src_md, dnnl_query_diff_weights_md,
                     dnnl_query_diff_dst_md},
                    {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST},
                    W},
};

/* How parts of one size are computed. */
struct plan {
    dnnl_memory_desc_t plain[N_ROLES], chosen[N_ROLES], scratch;
    dnnl_primitive_t reorder[N_ROLES]; /* to the chosen layout, or back from it */
    dnnl_primitive_t primitive;
    float *weights; /* in the chosen layout, where they are read */
};

struct job {
    enum kind kind;
    const struct avqa_convolution *c;
    dnnl_engine_t engine;
    struct plan plans[2]; /* of n / n_parts rows, and of one row more */
    size_t n_parts;
    float *data[N_ROLES];
    size_t row[N_ROLES]; /* numbers of x and of y in one row of the batch */
    float *partial;      /* gradients of the weights, one of each part */
    size_t partial_len;
    dnnl_status_t status[MAX_PARTS];
};

struct argument {
    int name;
    const dnnl_memory_desc_t *md;
    void *data;
};

/* ---- making ---------------------------------------------------------------------- */

static dnnl_status_t plain_layout(dnnl_memory_desc_t *md, int rank, const size_t *shape)
{
    dnnl_dims_t dims;
    dnnl_dims_t strides;
    dnnl_dim_t stride = 1;
    for (int i = rank; i-- > 0;) {
        dims[i] = (dnnl_dim_t)shape[i];
        strides[i] = stride;
        stride *= dims[i];
    }
    return dnnl_memory_desc_init_by_strides(md, rank, dims, dnnl_f32, strides);
}

static dnnl_status_t plain_layouts(struct plan *plan, const struct job *job, size_t n)
{
    const struct avqa_convolution *c = job->c;
    const size_t x[] = {n, c->in, c->side[0], c->side[1]};
    const size_t y[] = {n, c->out, c->after[0], c->after[1]};
    const size_t w[] = {c->groups, c->out / c->groups, c->in / c->groups, c->kernel[0],
                        c->kernel[1]};
    bool grouped = c->groups > 1;
    dnnl_status_t status = plain_layout(&plan->plain[X], 4, x);
    if (status == dnnl_success)
        status = plain_layout(&plan->plain[Y], 4, y);
    if (status == dnnl_success)
        status = plain_layout(&plan->plain[W], grouped ? 5 : 4, w + !grouped);
    return status;
}

/* The product's description, with all layouts left to oneDNN. */
static dnnl_status_t describe(dnnl_convolution_desc_t *desc, const struct plan *plan,
                              const struct job *job)
{
    dnnl_dims_t strides;
    dnnl_dims_t dilates;
    dnnl_dims_t pads;
    dnnl_memory_desc_t any[N_ROLES];
    dnnl_status_t status = dnnl_success;
    for (int r = 0; r < N_ROLES && status == dnnl_success; r++)
        status = dnnl_memory_desc_init_by_tag(&any[r], plan->plain[r].ndims,
                                              plan->plain[r].dims, dnnl_f32,
                                              dnnl_format_tag_any);
    for (int i = 0; i < 2; i++) {
        strides[i] = (dnnl_dim_t)job->c->stride[i];
        dilates[i] = (dnnl_dim_t)job->c->dilation[i] - 1;
        pads[i] = (dnnl_dim_t)job->c->pad[i];
    }
    if (status != dnnl_success)
        return status;
    if (job->kind == FORWARD)
        return dnnl_dilated_convolution_forward_desc_init(
            desc, dnnl_forward_training, dnnl_convolution_direct, &any[X], &any[W],
            NULL, &any[Y], strides, dilates, pads, pads);
    if (job->kind == TO_INPUT)
        return dnnl_dilated_convolution_backward_data_desc_init(
            desc, dnnl_convolution_direct, &any[X], &any[W], &any[Y], strides, dilates,
            pads, pads);
    return dnnl_dilated_convolution_backward_weights_desc_init(
        desc, dnnl_convolution_direct, &any[X], &any[W], NULL, &any[Y], strides,
        dilates, pads, pads);
}

/* Attributes: memory is the caller's; a reorder may add to what is there. */
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

/* Layouts of one tensor brought together; a gradient is added to what is there. None of
 * our reorders needs scratch memory (asserted by the tests of all of them). */
static dnnl_status_t plan_reorder(struct plan *plan, const struct job *job,
                                  enum role role)
{
    bool is_written = names[job->kind].written == role;
    const dnnl_memory_desc_t *from =
        is_written ? &plan->chosen[role] : &plan->plain[role];
    const dnnl_memory_desc_t *to =
        is_written ? &plan->plain[role] : &plan->chosen[role];
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t status = attributes(&attr, is_written && job->kind != FORWARD);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&pd, from, job->engine, to,
                                                    job->engine, attr);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&plan->reorder[role], pd);
    dnnl_primitive_desc_destroy(pd);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static dnnl_status_t plan_parts(struct plan *plan, const struct job *job, size_t n)
{
    dnnl_convolution_desc_t desc;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t status = plain_layouts(plan, job, n);
    if (status == dnnl_success)
        status = describe(&desc, plan, job);
    if (status == dnnl_success)
        status = attributes(&attr, false);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&pd, &desc, attr, job->engine, NULL);
    if (status == dnnl_success) {
        for (int r = 0; r < N_ROLES; r++)
            plan->chosen[r] =
                *dnnl_primitive_desc_query_md(pd, names[job->kind].query[r], 0);
        plan->scratch = *dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
        status = dnnl_primitive_create(&plan->primitive, pd);
    }
    for (int r = 0; r < N_ROLES && status == dnnl_success; r++)
        status = plan_reorder(plan, job, (enum role)r);
    dnnl_primitive_desc_destroy(pd);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* ---- running --------------------------------------------------------------------- */

static dnnl_status_t execute(dnnl_engine_t engine, dnnl_primitive_t primitive,
                             const struct argument *given, int n)
{
    dnnl_exec_arg_t args[MAX_ARGS];
    dnnl_stream_t stream = NULL;
    int n_made = 0;
    dnnl_status_t status =
        dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
    for (int i = 0; status == dnnl_success && i < n; i++) {
        args[i].arg = given[i].name;
        status =
            dnnl_memory_create(&args[i].memory, given[i].md, engine, given[i].data);
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

static dnnl_status_t reorder(const struct job *job, const struct plan *plan,
                             enum role role, float *plain, float *chosen)
{
    struct argument args[] = {{DNNL_ARG_FROM, &plan->plain[role], plain},
                              {DNNL_ARG_TO, &plan->chosen[role], chosen}};
    if (names[job->kind].written == role) {
        args[0].name = DNNL_ARG_TO;
        args[1].name = DNNL_ARG_FROM;
    }
    return execute(job->engine, plan->reorder[role], args, 2);
}

static size_t rounded(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t chosen_bytes(const struct plan *plan, enum role role)
{
    return rounded(dnnl_memory_desc_get_size(&plan->chosen[role]));
}

/* Memory of a part: x and y in the chosen layouts, and what the product needs. */
static size_t room_bytes(const struct plan *plan)
{
    return chosen_bytes(plan, X) + chosen_bytes(plan, Y) +
           rounded(dnnl_memory_desc_get_size(&plan->scratch));
}

/* Numbers that lie as they should are used where they are, unless they are added to. */
static bool is_direct(const struct job *job, const struct plan *plan, enum role role)
{
    return dnnl_memory_desc_equal(&plan->plain[role], &plan->chosen[role]) &&
           (job->kind == FORWARD || names[job->kind].written != role);
}

static dnnl_status_t run_part(const struct job *job, size_t part, char *room)
{
    size_t from = job->c->n * part / job->n_parts;
    size_t to = job->c->n * (part + 1) / job->n_parts;
    const struct plan *plan = &job->plans[to - from > job->c->n / job->n_parts];
    enum role written = names[job->kind].written;
    dnnl_status_t status = dnnl_success;
    float *plain[] = {job->data[X] + from * job->row[X], NULL,
                      job->data[Y] + from * job->row[Y]};
    float *chosen[] = {(float *)(void *)room,
                       job->partial ? job->partial + part * job->partial_len
                                    : plan->weights,
                       (float *)(void *)(room + chosen_bytes(plan, X))};
    struct argument args[N_ROLES + 1] = {
        {DNNL_ARG_SCRATCHPAD, &plan->scratch,
         room + chosen_bytes(plan, X) + chosen_bytes(plan, Y)}};
    for (int r = 0; r < N_ROLES; r++) {
        if (r != W && is_direct(job, plan, (enum role)r))
            chosen[r] = plain[r];
        else if (r != W && r != (int)written && status == dnnl_success)
            status = reorder(job, plan, (enum role)r, plain[r], chosen[r]);
        args[r + 1] =
            (struct argument){names[job->kind].arg[r], &plan->chosen[r], chosen[r]};
    }
    if (status == dnnl_success)
        status = execute(job->engine, plan->primitive, args, N_ROLES + 1);
    if (status == dnnl_success && written != W && chosen[written] != plain[written])
        status = reorder(job, plan, written, plain[written], chosen[written]);
    return status;
}

static void run_parts(void *user, size_t from, size_t to)
{
    struct job *job = user;
    size_t bytes = room_bytes(&job->plans[0]);
    size_t more = job->plans[1].primitive ? room_bytes(&job->plans[1]) : 0;
    char *room = aligned_alloc(ALIGNMENT, (bytes > more ? bytes : more) + ALIGNMENT);
    for (size_t part = from; part < to; part++)
        job->status[part] = room ? run_part(job, part, room) : dnnl_out_of_memory;
    free(room);
}

/* ---- the whole ------------------------------------------------------------------- */

static size_t weights_len(const struct avqa_convolution *c)
{
    return c->out * (c->in / c->groups) * c->kernel[0] * c->kernel[1];
}

static size_t count_parts(const struct job *job)
{
    const struct avqa_convolution *c = job->c;
    size_t work = weights_len(c) * c->n * c->after[0] * c->after[1];
    size_t most = c->n < MAX_PARTS ? c->n : MAX_PARTS;
    size_t fit = PARTIAL_FLOATS / weights_len(c) + 2;
    if (job->kind == TO_WEIGHTS && most > fit)
        most = fit;
    size_t worth = work / PART_WORK + 1;
    return worth < most ? worth : most;
}

/* Memory for weights in the chosen layouts, or for their gradients. */
static dnnl_status_t prepare_weights(struct job *job)
{
    dnnl_status_t status = dnnl_success;
    size_t bytes = 0;
    for (size_t i = 0; i < 2 && job->plans[i].primitive; i++) {
        struct plan *plan = &job->plans[i];
        size_t needed = chosen_bytes(plan, W);
        bytes = needed > bytes ? needed : bytes;
        if (job->kind == TO_WEIGHTS || status != dnnl_success)
            continue;
        plan->weights = aligned_alloc(ALIGNMENT, needed);
        status = plan->weights ? reorder(job, plan, W, job->data[W], plan->weights)
                               : dnnl_out_of_memory;
    }
    if (job->kind != TO_WEIGHTS)
        return status;
    job->partial_len = bytes / sizeof(float);
    job->partial = aligned_alloc(ALIGNMENT, job->n_parts * bytes);
    return job->partial ? dnnl_success : dnnl_out_of_memory;
}

/* The parts' gradients of the weights, one after the other. */
static dnnl_status_t add_up(const struct job *job)
{
    dnnl_status_t status = dnnl_success;
    size_t n = job->c->n;
    for (size_t part = 0; part < job->n_parts && status == dnnl_success; part++) {
        size_t len = n * (part + 1) / job->n_parts - n * part / job->n_parts;
        status = reorder(job, &job->plans[len > n / job->n_parts], W, job->data[W],
                         job->partial + part * job->partial_len);
    }
    return status;
}

static dnnl_status_t run(struct job *job, size_t n_threads)
{
    size_t n = job->c->n;
    dnnl_status_t status = dnnl_engine_create(&job->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        status = plan_parts(&job->plans[0], job, n / job->n_parts);
    if (status == dnnl_success && n % job->n_parts)
        status = plan_parts(&job->plans[1], job, n / job->n_parts + 1);
    if (status == dnnl_success)
        status = prepare_weights(job);
    if (status != dnnl_success)
        return status;
    avqa_ranges_run(n_threads, job->n_parts, 1, run_parts, job);
    for (size_t part = 0; part < job->n_parts && status == dnnl_success; part++)
        status = job->status[part];
    if (status == dnnl_success && job->kind == TO_WEIGHTS)
        status = add_up(job);
    return status;
}

static enum avqa_status finish(struct job *job, dnnl_status_t status)
{
    const struct avqa_convolution *c = job->c;
    for (size_t i = 0; i < 2; i++) {
        for (int r = 0; r < N_ROLES; r++)
            dnnl_primitive_destroy(job->plans[i].reorder[r]);
        dnnl_primitive_destroy(job->plans[i].primitive);
        free(job->plans[i].weights);
    }
    free(job->partial);
    dnnl_engine_destroy(job->engine);
    if (status == dnnl_success)
        return AVQA_OK;
    return avqa_fail(status == dnnl_out_of_memory ? AVQA_ENOMEM : AVQA_EINVAL,
                     "oneDNN cannot convolve %zu x %zu x %zu x %zu to %zu channels "
                     "(status %d)",
                     c->n, c->in, c->side[0], c->side[1], c->out, (int)status);
}

static enum avqa_status convolve(enum kind kind, float *const data[N_ROLES],
                                 const struct avqa_convolution *c, size_t n_threads)
{
    struct job job = {.kind = kind, .c = c};
    int threads_before = omp_get_max_threads();
    if (c->n == 0)
        return AVQA_OK;
    memcpy(job.data, data, sizeof job.data);
    job.row[X] = c->in * c->side[0] * c->side[1];
    job.row[Y] = c->out * c->after[0] * c->after[1];
    job.n_parts = count_parts(&job);
    omp_set_num_threads(1); /* plans and runs are of one thread */
    dnnl_status_t status = run(&job, n_threads);
    omp_set_num_threads(threads_before);
    return finish(&job, status);
}

/* What is only read is not written. */
static float *only_read(const float *p)
{
    return (float *)(uintptr_t)p;
}

enum avqa_status avqa_convolve(avqa_real *y, const avqa_real *x, const avqa_real *w,
                               const struct avqa_convolution *c, size_t n_threads)
{
    return convolve(FORWARD, (float *[]){only_read(x), only_read(w), y}, c, n_threads);
}

enum avqa_status avqa_convolve_input(avqa_real *dx, const avqa_real *dy,
                                     const avqa_real *w,
                                     const struct avqa_convolution *c, size_t n_threads)
{
    return convolve(TO_INPUT, (float *[]){dx, only_read(w), only_read(dy)}, c,
                    n_threads);
}

enum avqa_status avqa_convolve_weights(avqa_real *dw, const avqa_real *x,
                                       const avqa_real *dy,
                                       const struct avqa_convolution *c,
                                       size_t n_threads)
{
    return convolve(TO_WEIGHTS, (float *[]){only_read(x), dw, only_read(dy)}, c,
                    n_threads);
}
