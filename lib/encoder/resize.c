/* See resize.h. */
#include "encoder/resize.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 22, CHANNELS = 3 };

/* What makes one value: `n` neighbours from `first` on. */
struct taps {
    int first, n;
    const int32_t *weights;
};

/* The taps of the values [begin, begin + n) out of n_out, made of n_in. */
struct filter {
    struct taps *taps;
    int32_t *weights;
    int n;
};

static double triangle(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

static void filter_release(struct filter *f)
{
    free(f->taps);
    free(f->weights);
}

static void make_taps(struct taps *taps, int32_t *weights, int at, int n_in, int n_out)
{
    double scale = (double)n_in / n_out;
    double reach = scale < 1.0 ? 1.0 : scale;
    double centre = (at + 0.5) * scale;
    int first = (int)(centre - reach + 0.5);
    int end = (int)(centre + reach + 0.5);
    double sum = 0;
    first = first < 0 ? 0 : first;
    end = end > n_in ? n_in : end;
    for (int i = first; i < end; i++)
        sum += triangle((i - centre + 0.5) / reach);
    for (int i = first; i < end; i++) {
        double weight = triangle((i - centre + 0.5) / reach) / sum;
        weights[i - first] = (int32_t)(weight * (1 << BITS) + 0.5);
    }
    *taps = (struct taps){.first = first, .n = end - first, .weights = weights};
}

static enum avqa_status filter_init(struct filter *f, int begin, int n, int n_in,
                                    int n_out)
{
    double scale = (double)n_in / n_out;
    size_t most = (size_t)(2 * ceil(scale < 1.0 ? 1.0 : scale)) + 2;
    memset(f, 0, sizeof *f);
    f->n = n;
    enum avqa_status rc = avqa_mem_array(&f->taps, (size_t)n, sizeof *f->taps);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&f->weights, most * (size_t)n, sizeof *f->weights);
    for (int i = 0; rc == AVQA_OK && i < n; i++)
        make_taps(&f->taps[i], f->weights + most * (size_t)i, begin + i, n_in, n_out);
    return rc;
}

static uint8_t to_byte(int32_t sum)
{
    sum >>= BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* One row of pixels, made narrower or wider. */
static void across(uint8_t *out, const uint8_t *row, const struct filter *f)
{
    for (int x = 0; x < f->n; x++, out += CHANNELS) {
        const struct taps *t = &f->taps[x];
        const uint8_t *in = row + CHANNELS * (size_t)t->first;
        int32_t sum[CHANNELS] = {1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)};
        for (int i = 0; i < t->n; i++, in += CHANNELS) {
            sum[0] += in[0] * t->weights[i];
            sum[1] += in[1] * t->weights[i];
            sum[2] += in[2] * t->weights[i];
        }
        for (int c = 0; c < CHANNELS; c++)
            out[c] = to_byte(sum[c]);
    }
}

/* One row of bytes out of several. `sums` has room for a row. */
static void down(uint8_t *out, int32_t *sums, const uint8_t *rows, size_t stride,
                 const struct taps *t)
{
    for (size_t i = 0; i < stride; i++)
        sums[i] = 1 << (BITS - 1);
    for (int k = 0; k < t->n; k++) {
        const uint8_t *row = rows + stride * (size_t)k;
        int32_t weight = t->weights[k];
        for (size_t i = 0; i < stride; i++)
            sums[i] += row[i] * weight;
    }
    for (size_t i = 0; i < stride; i++)
        out[i] = to_byte(sums[i]);
}

struct avqa_resize avqa_resize_squash(int width, int height)
{
    return (struct avqa_resize){
        .width = width, .height = height, .crop_width = width, .crop_height = height};
}

/* Half of a difference, rounded to the nearest, ties to even, as Python's round. */
static int half_even(int difference)
{
    int half = difference / 2;
    return difference % 2 && half % 2 ? half + 1 : half;
}

struct avqa_resize avqa_resize_crop(const struct avqa_rgb *from, int shorter, int side)
{
    int64_t w = from->width;
    int64_t h = from->height;
    struct avqa_resize to = {
        .width = shorter, .height = shorter, .crop_width = side, .crop_height = side};
    if (w < h && w > 0)
        to.height = (int)(shorter * h / w);
    else if (h > 0)
        to.width = (int)(shorter * w / h);
    to.left = half_even(to.width - side);
    to.top = half_even(to.height - side);
    return to;
}

static bool side_fits(int side)
{
    return side > 0 && side <= AVQA_RESIZE_MAX_SIDE;
}

static enum avqa_status check(const struct avqa_rgb *from, const struct avqa_resize *to)
{
    if (!side_fits(from->width) || !side_fits(from->height) || !side_fits(to->width) ||
        !side_fits(to->height))
        return avqa_fail(AVQA_EINVAL, "a picture of %d x %d cannot become %d x %d",
                         from->width, from->height, to->width, to->height);
    if (to->left < 0 || to->top < 0 || to->crop_width < 1 || to->crop_height < 1 ||
        to->left > to->width - to->crop_width || to->top > to->height - to->crop_height)
        return avqa_fail(AVQA_EINVAL, "no %d x %d at (%d, %d) in %d x %d",
                         to->crop_width, to->crop_height, to->left, to->top, to->width,
                         to->height);
    return AVQA_OK;
}

enum avqa_status avqa_resize(uint8_t *out, const struct avqa_rgb *from,
                             const struct avqa_resize *to)
{
    struct filter columns = {0};
    struct filter rows = {0};
    uint8_t *narrow = NULL;
    int32_t *sums = NULL;
    enum avqa_status rc = check(from, to);
    if (rc != AVQA_OK)
        return rc;
    size_t stride = CHANNELS * (size_t)to->crop_width;
    rc = filter_init(&columns, to->left, to->crop_width, from->width, to->width);
    if (rc == AVQA_OK)
        rc = filter_init(&rows, to->top, to->crop_height, from->height, to->height);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&sums, stride, sizeof *sums);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&narrow, stride * (size_t)from->height, 1);
    if (rc != AVQA_OK)
        goto out;
    const struct taps *last = &rows.taps[rows.n - 1];
    for (int y = rows.taps[0].first; y < last->first + last->n; y++)
        across(narrow + stride * (size_t)y,
               from->pixels + CHANNELS * (size_t)from->width * (size_t)y, &columns);
    for (int y = 0; y < rows.n; y++)
        down(out + stride * (size_t)y, sums,
             narrow + stride * (size_t)rows.taps[y].first, stride, &rows.taps[y]);
out:
    filter_release(&columns);
    filter_release(&rows);
    free(sums);
    free(narrow);
    return rc;
}
