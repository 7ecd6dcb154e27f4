/* See gemm.h. The call is the same in oneDNN 2 and 3. oneDNN's own threads give other
 * last bits for other numbers of them, so a product is cut into parts here, each of
 * which is a call of one thread; for one and two threads the parts are the same two.
 *
 * Below AVX-512, oneDNN does not pack the operands of a product that is short in one
 * direction (2.6: where 1 / m + 1 / n >= 0.0038). Where rows of one that is transposed
 * lie a multiple of a kilobyte apart, it then runs at two thirds of the speed, down to
 * a quarter; the operands are copied to rows that lie otherwise, some at a time. */
#include "nn/gemm.h"
#include "nn/ranges.h"

#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

/* As in onednn.c: OpenMP's number of threads is set for the call and put back. */
void omp_set_num_threads(int n);
int omp_get_max_threads(void);

enum { ALIGNMENT = 64, MAX_PARTS = 256, LEAST_PARTS = 2 };
enum { LEAST_WORK = 1 << 20 }; /* multiply-adds that are worth a part, or a copy */
enum { PART_STEP = 16 };       /* a part's rows or columns are a multiple of this */
enum { DEPTH = 256 };          /* rows of the operands that are copied at a time */
enum { BAD_STRIDE = 256 };     /* floats, a multiple of which is bad */

struct product {
    struct avqa_matrix_out out;
    struct avqa_matrix a, b;
    size_t m, n, k;
};

struct job {
    struct product whole;
    size_t n_parts, step;
    bool by_rows;
    dnnl_status_t status[MAX_PARTS];
};

static dnnl_status_t multiply(const struct product *p)
{
    return dnnl_sgemm(p->a.transposed ? 'T' : 'N', p->b.transposed ? 'T' : 'N',
                      (dnnl_dim_t)p->m, (dnnl_dim_t)p->n, (dnnl_dim_t)p->k, 1.0F,
                      p->a.data, (dnnl_dim_t)p->a.stride, p->b.data,
                      (dnnl_dim_t)p->b.stride, p->out.adds ? 1.0F : 0.0F, p->out.data,
                      (dnnl_dim_t)p->out.stride);
}

/* ---- operands that lie badly ----------------------------------------------------- */

static bool is_unpacked(const struct product *p)
{
    unsigned isa = dnnl_get_effective_cpu_isa();
    bool is_short = 1 / (double)p->m + 1 / (double)p->n >= 0.0038;
    return is_short && (isa & dnnl_cpu_isa_avx512_core) != dnnl_cpu_isa_avx512_core;
}

/* a^T b, as of weights' gradients, is the case that suffers. */
static bool suffers(const struct product *p)
{
    return p->a.transposed && !p->b.transposed && p->a.stride % BAD_STRIDE == 0 &&
           p->m * p->n * p->k >= LEAST_WORK && is_unpacked(p);
}

/* The stride of a copy of rows of `width`. */
static size_t good_stride(size_t width)
{
    return (width / PART_STEP + 2) * PART_STEP;
}

/* `n` of an operand's rows from row `at` on, in `room` if they lie badly. */
static const float *take(size_t *stride, struct avqa_matrix of, size_t at, size_t n,
                         size_t width, float *room)
{
    const float *rows = of.data + at * of.stride;
    *stride = of.stride;
    if (of.stride % BAD_STRIDE)
        return rows;
    *stride = good_stride(width);
    for (size_t i = 0; i < n; i++)
        memcpy(room + i * *stride, rows + i * of.stride, width * sizeof *room);
    return room;
}

static dnnl_status_t multiply_copied(const struct product *p)
{
    size_t depth = p->k < DEPTH ? p->k : DEPTH;
    size_t a_floats = depth * good_stride(p->m);
    size_t b_floats = depth * good_stride(p->n);
    float *room = aligned_alloc(ALIGNMENT, (a_floats + b_floats) * sizeof *room);
    dnnl_status_t status = room ? dnnl_success : dnnl_out_of_memory;
    for (size_t at = 0; at < p->k && status == dnnl_success; at += depth) {
        struct product some = *p;
        some.k = p->k - at < depth ? p->k - at : depth;
        some.a.data = take(&some.a.stride, p->a, at, some.k, p->m, room);
        some.b.data = take(&some.b.stride, p->b, at, some.k, p->n, room + a_floats);
        some.out.adds |= at > 0;
        status = multiply(&some);
    }
    free(room);
    return status;
}

/* ---- parts ----------------------------------------------------------------------- */

/* Rows or columns from <= i < to of the result. */
static struct product part_of(const struct job *job, size_t from, size_t to)
{
    struct product p = job->whole;
    if (job->by_rows) {
        p.a.data += p.a.transposed ? from : from * p.a.stride;
        p.out.data += from * p.out.stride;
        p.m = to - from;
    } else {
        p.b.data += p.b.transposed ? from * p.b.stride : from;
        p.out.data += from;
        p.n = to - from;
    }
    return p;
}

static void run_parts(void *user, size_t from, size_t to)
{
    struct job *job = user;
    size_t len = job->by_rows ? job->whole.m : job->whole.n;
    for (size_t i = from; i < to; i++) {
        size_t end = (i + 1) * job->step;
        struct product p = part_of(job, i * job->step, end < len ? end : len);
        job->status[i] = suffers(&p) ? multiply_copied(&p) : multiply(&p);
    }
}

static void share_out(struct job *job, size_t n_threads)
{
    const struct product *p = &job->whole;
    size_t wanted = n_threads < LEAST_PARTS ? LEAST_PARTS : n_threads;
    job->by_rows = p->m >= p->n;
    size_t len = job->by_rows ? p->m : p->n;
    if (p->m * p->n * p->k < LEAST_WORK)
        wanted = 1;
    if (wanted > MAX_PARTS)
        wanted = MAX_PARTS;
    job->step = (len + wanted * PART_STEP - 1) / (wanted * PART_STEP) * PART_STEP;
    if (wanted == 1)
        job->step = len;
    job->n_parts = (len + job->step - 1) / job->step;
}

enum avqa_status avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                           struct avqa_matrix b, const size_t mnk[3], size_t n_threads)
{
    struct job job = {.whole = {out, a, b, mnk[0], mnk[1], mnk[2]}};
    dnnl_status_t status = dnnl_success;
    int threads_before = omp_get_max_threads();
    if (mnk[0] == 0 || mnk[1] == 0)
        return AVQA_OK;
    share_out(&job, n_threads);
    omp_set_num_threads(1); /* of each call */
    avqa_ranges_run(n_threads, job.n_parts, 1, run_parts, &job);
    omp_set_num_threads(threads_before);
    for (size_t i = 0; i < job.n_parts && status == dnnl_success; i++)
        status = job.status[i];
    return status == dnnl_success
               ? AVQA_OK
               : avqa_fail(status == dnnl_out_of_memory ? AVQA_ENOMEM : AVQA_EINVAL,
                           "oneDNN cannot multiply %zu x %zu x %zu (status %d)", mnk[0],
                           mnk[1], mnk[2], (int)status);
}
