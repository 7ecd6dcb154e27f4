/* See convolve.h. oneDNN plans for a number of threads and adds up weights' gradients
 * by threads. To have the same bits for any number, the work is cut into parts that do
 * not depend on it, each part is computed by one thread of ours (onednn_product.h), and
 * the parts of a sum are added in their order. */
#include "nn/convolve.h"
#include "nn/onednn_product.h"
#include "nn/ranges.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* As in onednn.c: of OpenMP's runtime. */
void omp_set_num_threads(int n);
int omp_get_max_threads(void);

enum { ALIGNMENT = 64, MAX_PARTS = 16 };
enum { PART_WORK = 1 << 22 };   /* multiply-adds that are worth a part */
enum { PART_PLACES = 1 << 11 }; /* and places, where each part has its weights */
enum { COLUMN_PARTS = 8, LEAST_CHANNELS = 32 };

/* Rows of the batch in n_rows parts, or one more; the channels of y in n_columns. */
struct job {
    enum avqa_product_kind kind;
    const struct avqa_convolution *c;
    size_t n_rows, n_columns;
    struct avqa_product *products[2]; /* of n / n_rows rows, and of one row more */
    float *x, *w, *y;
    float *packed;     /* weights for each product, or their gradient of each part */
    size_t packed_len; /* numbers of one of them */
    size_t room_bytes;
    enum avqa_status status[MAX_PARTS];
};

static size_t weights_len(const struct avqa_convolution *c)
{
    return c->out * (c->in / c->groups) * c->kernel[0] * c->kernel[1];
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Parts of the batch cost nothing, but a gradient of the weights each: where the batch
 * is small beside them, channels are parted, too. */
static void count_parts(struct job *job)
{
    const struct avqa_convolution *c = job->c;
    size_t places = c->n * c->after[0] * c->after[1];
    size_t worth = least(weights_len(c) * places / PART_WORK + 1, MAX_PARTS);
    bool to_weights = job->kind == AVQA_PRODUCT_TO_WEIGHTS;
    job->n_rows = least(c->n, worth);
    job->n_columns = 1;
    if (!to_weights)
        return;
    job->n_rows = least(job->n_rows, places / PART_PLACES + 1);
    while (c->groups == 1 && c->out % (2 * job->n_columns * LEAST_CHANNELS) == 0 &&
           2 * job->n_columns * job->n_rows <= least(worth, COLUMN_PARTS))
        job->n_columns *= 2;
}

/* The rows of a part, and which product computes them. */
static size_t first_row(const struct job *job, size_t part)
{
    return job->c->n * (part % job->n_rows) / job->n_rows;
}

static size_t product_of(const struct job *job, size_t part)
{
    size_t to = job->c->n * (part % job->n_rows + 1) / job->n_rows;
    return to - first_row(job, part) > job->c->n / job->n_rows;
}

static void run_parts(void *user, size_t from, size_t to)
{
    struct job *job = user;
    const struct avqa_convolution *c = job->c;
    size_t places = c->after[0] * c->after[1];
    char *room = aligned_alloc(ALIGNMENT, job->room_bytes);
    for (size_t part = from; part < to; part++) {
        size_t row = first_row(job, part);
        size_t channel = part / job->n_rows * (c->out / job->n_columns);
        size_t which = product_of(job, part);
        size_t weights = job->kind == AVQA_PRODUCT_TO_WEIGHTS ? part : which;
        job->status[part] = AVQA_ENOMEM;
        if (room)
            job->status[part] = avqa_product_run(
                job->products[which], job->x + row * c->in * c->side[0] * c->side[1],
                job->packed + weights * job->packed_len,
                job->y + (row * c->out + channel) * places, room);
    }
    free(room);
}

static enum avqa_status make_products(struct job *job)
{
    struct avqa_convolution part = *job->c;
    size_t y_row = part.out * part.after[0] * part.after[1];
    enum avqa_status rc = AVQA_OK;
    part.out /= job->n_columns;
    part.n /= job->n_rows;
    for (size_t i = 0; i < 1 + (job->c->n % job->n_rows > 0) && rc == AVQA_OK; i++) {
        rc = avqa_product_new(&job->products[i], job->kind, &part, y_row);
        if (rc != AVQA_OK)
            break;
        size_t len = avqa_product_weights_bytes(job->products[i]) / sizeof(float);
        size_t room = avqa_product_room_bytes(job->products[i]);
        job->packed_len = len > job->packed_len ? len : job->packed_len;
        job->room_bytes = room > job->room_bytes ? room : job->room_bytes;
        part.n++;
    }
    return rc;
}

/* Memory for the weights in their layouts, and them in it where they are read. */
static enum avqa_status pack(struct job *job)
{
    bool to_weights = job->kind == AVQA_PRODUCT_TO_WEIGHTS;
    size_t n = to_weights ? job->n_rows * job->n_columns : 2;
    size_t bytes = n * job->packed_len * sizeof(float);
    job->packed = aligned_alloc(ALIGNMENT, bytes);
    if (!job->packed)
        return avqa_fail(AVQA_ENOMEM, "no memory for %zu bytes of a convolution",
                         bytes);
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; i < 2 && !to_weights && rc == AVQA_OK; i++)
        if (job->products[i])
            rc = avqa_product_move(job->products[i], job->w,
                                   job->packed + i * job->packed_len);
    return rc;
}

static enum avqa_status run(struct job *job, size_t n_threads)
{
    size_t n = job->n_rows * job->n_columns;
    enum avqa_status rc = make_products(job);
    if (rc == AVQA_OK)
        rc = pack(job);
    if (rc != AVQA_OK)
        return rc;
    avqa_ranges_run(n_threads, n, 1, run_parts, job);
    for (size_t part = 0; part < n; part++)
        if (job->status[part] != AVQA_OK)
            return avqa_fail(job->status[part],
                             "cannot convolve %zu x %zu x %zu x %zu to %zu channels",
                             job->c->n, job->c->in, job->c->side[0], job->c->side[1],
                             job->c->out);
    for (size_t part = 0; part < n && rc == AVQA_OK; part++) {
        float *w = job->w + part / job->n_rows * (weights_len(job->c) / job->n_columns);
        if (job->kind == AVQA_PRODUCT_TO_WEIGHTS)
            rc = avqa_product_move(job->products[product_of(job, part)], w,
                                   job->packed + part * job->packed_len);
    }
    return rc;
}

static enum avqa_status convolve(enum avqa_product_kind kind, float *const xwy[3],
                                 const struct avqa_convolution *c, size_t n_threads)
{
    struct job job = {.kind = kind, .c = c, .x = xwy[0], .w = xwy[1], .y = xwy[2]};
    int threads_before = omp_get_max_threads();
    if (c->n == 0)
        return AVQA_OK;
    count_parts(&job);
    omp_set_num_threads(1); /* plans and runs are of one thread */
    enum avqa_status rc = run(&job, n_threads);
    omp_set_num_threads(threads_before);
    avqa_product_free(job.products[0]);
    avqa_product_free(job.products[1]);
    free(job.packed);
    return rc;
}

/* What is only read is not written. */
static float *only_read(const float *p)
{
    return (float *)(uintptr_t)p;
}

enum avqa_status avqa_convolve(avqa_real *y, const avqa_real *x, const avqa_real *w,
                               const struct avqa_convolution *c, size_t n_threads)
{
    return convolve(AVQA_PRODUCT_FORWARD, (float *[]){only_read(x), only_read(w), y}, c,
                    n_threads);
}

enum avqa_status avqa_convolve_input(avqa_real *dx, const avqa_real *dy,
                                     const avqa_real *w,
                                     const struct avqa_convolution *c, size_t n_threads)
{
    return convolve(AVQA_PRODUCT_TO_INPUT, (float *[]){dx, only_read(w), only_read(dy)},
                    c, n_threads);
}

enum avqa_status avqa_convolve_weights(avqa_real *dw, const avqa_real *x,
                                       const avqa_real *dy,
                                       const struct avqa_convolution *c,
                                       size_t n_threads)
{
    return convolve(AVQA_PRODUCT_TO_WEIGHTS,
                    (float *[]){only_read(x), dw, only_read(dy)}, c, n_threads);
}
