/* See gemm.h. The call is the same in oneDNN 2 and 3.
 *
 * A product is cut into tiles, the same ones for any number of threads, and each is a
 * call of oneDNN on one thread: so the bits do not depend on the threads, and a thread
 * that another program holds up leaves its tiles to the others. oneDNN multiplies small
 * matrices where they are. Then rows that lie a multiple of 512 bytes apart, as all of
 * ours do, fall into the same few places of the cache if they are read down a column,
 * which makes products up to 2.6 times slower (measured: 32 instead of 83 GF/s). Such a
 * matrix is copied first, with a little room between its rows. */
#include "nn/gemm.h"
#include "base/mem.h"
#include "nn/ranges.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdatomic.h>
#include <string.h>

enum { TILE_ROWS = 128, TILE_COLUMNS = 256, FLAT_COLUMNS = 128 };
enum { ALIASED = 128, APART = 16, LINE = 16 }; /* numbers */
enum { WORTH = 48 }; /* how often a copied number must be used */

/* As in onednn.c: OpenMP's number of threads is set for the call and put back. */
void omp_set_num_threads(int n);
int omp_get_max_threads(void);

struct product {
    struct avqa_matrix_out out;
    struct avqa_matrix a, b;
    size_t m, n, k;
    size_t tile_columns, tiles_across;
    atomic_int status;
};

struct copy {
    avqa_real *out;
    const avqa_real *in;
    size_t width, stride, in_stride;
};

/* Whether a matrix that is read down its columns should be copied. */
static bool is_aliased(struct avqa_matrix x, size_t uses)
{
    return x.stride % ALIASED == 0 && uses >= WORTH;
}

static size_t stride_of_copy(size_t width)
{
    return avqa_mem_rounded(width, LINE) + (width % ALIASED ? 0 : APART);
}

/* The copies' sizes, of a and of b; 0: it is used where it is. */
static void copied(size_t size[2], struct avqa_matrix a, struct avqa_matrix b,
                   const size_t mnk[3])
{
    bool a_down = a.transposed && is_aliased(a, mnk[1]);
    bool b_down = !b.transposed && is_aliased(b, mnk[0]);
    size[0] = a_down ? mnk[2] * stride_of_copy(mnk[0]) : 0;
    size[1] = b_down ? mnk[2] * stride_of_copy(mnk[1]) : 0;
}

size_t avqa_gemm_room(struct avqa_matrix a, struct avqa_matrix b, const size_t mnk[3])
{
    size_t size[2];
    copied(size, a, b, mnk);
    return size[0] + size[1];
}

static void copy_rows(void *user, size_t from, size_t to)
{
    const struct copy *c = user;
    for (size_t i = from; i < to; i++)
        memcpy(c->out + i * c->stride, c->in + i * c->in_stride,
               c->width * sizeof *c->out);
}

/* n_width: rows and columns as they lie in memory. */
static struct avqa_matrix copy(avqa_real *room, struct avqa_matrix x,
                               const size_t n_width[2], size_t n_threads)
{
    struct copy c = {room, x.data, n_width[1], stride_of_copy(n_width[1]), x.stride};
    avqa_ranges_run(n_threads, n_width[0], 64, copy_rows, &c);
    return (struct avqa_matrix){room, c.stride, x.transposed};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void run_tiles(void *user, size_t from, size_t to)
{
    struct product *p = user;
    for (size_t i = from; i < to; i++) {
        size_t row = i / p->tiles_across * TILE_ROWS;
        size_t column = i % p->tiles_across * p->tile_columns;
        dnnl_status_t status = dnnl_sgemm(
            p->a.transposed ? 'T' : 'N', p->b.transposed ? 'T' : 'N',
            (dnnl_dim_t)least(TILE_ROWS, p->m - row),
            (dnnl_dim_t)least(p->tile_columns, p->n - column), (dnnl_dim_t)p->k, 1.0F,
            p->a.data + row * (p->a.transposed ? 1 : p->a.stride),
            (dnnl_dim_t)p->a.stride,
            p->b.data + column * (p->b.transposed ? p->b.stride : 1),
            (dnnl_dim_t)p->b.stride, p->out.adds ? 1.0F : 0.0F,
            p->out.data + row * p->out.stride + column, (dnnl_dim_t)p->out.stride);
        if (status != dnnl_success)
            atomic_store(&p->status, (int)status);
    }
}

enum avqa_status avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                           struct avqa_matrix b, const size_t mnk[3],
                           const struct avqa_gemm_means *means)
{
    struct product p = {out, a, b, mnk[0], mnk[1], mnk[2], .tiles_across = 1};
    size_t size[2];
    copied(size, a, b, mnk);
    if (means->room && size[0])
        p.a = copy(means->room, a, (size_t[]){p.k, p.m}, means->n_threads);
    if (means->room && size[1])
        p.b = copy(means->room + size[0], b, (size_t[]){p.k, p.n}, means->n_threads);
    p.tile_columns = p.m <= TILE_ROWS ? FLAT_COLUMNS : TILE_COLUMNS;
    p.tiles_across = (p.n + p.tile_columns - 1) / p.tile_columns;
    int threads_before = omp_get_max_threads();
    omp_set_num_threads(1);
    avqa_ranges_share(means->n_threads,
                      (p.m + TILE_ROWS - 1) / TILE_ROWS * p.tiles_across, run_tiles,
                      &p);
    omp_set_num_threads(threads_before);
    int status = atomic_load(&p.status);
    return status == dnnl_success
               ? AVQA_OK
               : avqa_fail(status == dnnl_out_of_memory ? AVQA_ENOMEM : AVQA_EINVAL,
                           "oneDNN cannot multiply %zu x %zu x %zu (status %d)", p.m,
                           p.n, p.k, status);
}
