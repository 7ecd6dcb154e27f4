/* See resize.h. Sums are of whole numbers, so those of several pixels at once are the
 * same. Twice compiled: with AVX2 and without. */
#include "encoder/resize.h"
#include "base/mem.h"
#include "nn/wide.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 22, CHANNELS = 3, LANES = 8, PAIR = 2 * CHANNELS };

typedef int32_t ints __attribute__((vector_size(LANES * sizeof(int32_t))));

/* What makes one value: `n` neighbours from `first` on. */
struct taps {
    int first, n;
    const int32_t *weights;
};

/* The taps of the values [begin, begin + n) out of n_out, made of n_in. */
struct filter {
    struct taps *taps;
    int32_t *weights;
    size_t most; /* weights of a value */
    int n;
};

/* The two passes. */
struct scaling {
    uint8_t *out;
    const struct avqa_rgb *from;
    const struct filter *columns, *rows;
    ints *pairs; /* the columns' weights, two pixels at a time, [n, n_pairs] */
    size_t n_pairs;
    int32_t *row;    /* one of `from`, and some numbers behind it */
    uint8_t *narrow; /* rows as wide as `out` */
    int32_t *sums;   /* of one of them */
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
    const size_t most = (size_t)(2 * ceil(scale < 1.0 ? 1.0 : scale)) + 2;
    *f = (struct filter){.most = most, .n = n};
    enum avqa_status rc = avqa_mem_array(&f->taps, (size_t)n, sizeof *f->taps);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&f->weights, most * (size_t)n, sizeof *f->weights);
    for (int i = 0; rc == AVQA_OK && i < n; i++)
        make_taps(&f->taps[i], f->weights + most * (size_t)i, begin + i, n_in, n_out);
    return rc;
}

/* Weights are not negative and their rounding adds less than a level: no sum is beyond
 * 255. */
static inline uint8_t to_byte(int32_t sum)
{
    return (uint8_t)(sum >> BITS);
}

/* The weights of a pixel's three channels and of the next one's; 0 behind the last. */
static void pair_weights(struct scaling *s)
{
    for (size_t i = 0; i < (size_t)s->columns->n * s->n_pairs; i++) {
        const struct taps *t = &s->columns->taps[i / s->n_pairs];
        const size_t tap = i % s->n_pairs * 2;
        const int32_t left = tap < (size_t)t->n ? t->weights[tap] : 0;
        const int32_t right = tap + 1 < (size_t)t->n ? t->weights[tap + 1] : 0;
        s->pairs[i] = (ints){left, left, left, right, right, right};
    }
}

/* One row of pixels, made narrower or wider: two neighbours at a time. */
AVQA_INLINE void across(uint8_t *out, const struct scaling *s)
{
    const ints half = {1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)};
    for (int x = 0; x < s->columns->n; x++, out += CHANNELS) {
        const struct taps *t = &s->columns->taps[x];
        const ints *weights = s->pairs + (size_t)x * s->n_pairs;
        const int32_t *in = s->row + CHANNELS * (size_t)t->first;
        ints sum = half;
        for (int i = 0; i < t->n; i += 2, in += PAIR) {
            ints pixels;
            memcpy(&pixels, in, sizeof pixels);
            sum += pixels * *weights++;
        }
        sum += __builtin_shufflevector(sum, sum, 3, 4, 5, 3, 4, 5, 6, 7);
        for (int c = 0; c < CHANNELS; c++)
            out[c] = to_byte(sum[c]);
    }
}

/* One row of bytes out of several. `sums` has room for a row. */
AVQA_INLINE void down(uint8_t *out, int32_t *sums, const uint8_t *rows, size_t stride,
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

AVQA_INLINE void scale(const struct scaling *s)
{
    const size_t stride = CHANNELS * (size_t)s->columns->n;
    const size_t width = CHANNELS * (size_t)s->from->width;
    const struct taps *taps = s->rows->taps;
    const struct taps *last = &taps[s->rows->n - 1];
    for (int y = taps->first; y < last->first + last->n; y++) {
        const uint8_t *row = s->from->pixels + width * (size_t)y;
        for (size_t i = 0; i < width; i++)
            s->row[i] = row[i];
        across(s->narrow + stride * (size_t)y, s);
    }
    for (int y = 0; y < s->rows->n; y++)
        down(s->out + stride * (size_t)y, s->sums,
             s->narrow + stride * (size_t)taps[y].first, stride, &taps[y]);
}

AVQA_WIDE static void scale_wide(const struct scaling *s)
{
    scale(s);
}

static void scale_plain(const struct scaling *s)
{
    scale(s);
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
    struct scaling s = {.out = out, .from = from, .columns = &columns, .rows = &rows};
    enum avqa_status rc = check(from, to);
    if (rc != AVQA_OK)
        return rc;
    size_t stride = CHANNELS * (size_t)to->crop_width;
    rc = filter_init(&columns, to->left, to->crop_width, from->width, to->width);
    if (rc == AVQA_OK)
        rc = filter_init(&rows, to->top, to->crop_height, from->height, to->height);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s.sums, stride, sizeof *s.sums);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s.narrow, stride * (size_t)from->height, 1);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s.row, CHANNELS * (size_t)from->width + LANES,
                            sizeof *s.row);
    s.n_pairs = columns.most / 2 + 1;
    if (rc == AVQA_OK)
        rc = avqa_mem_aligned(&s.pairs, (size_t)columns.n * s.n_pairs * sizeof(ints));
    if (rc == AVQA_OK) {
        pair_weights(&s);
        if (avqa_is_wide())
            scale_wide(&s);
        else
            scale_plain(&s);
    }
    filter_release(&columns);
    filter_release(&rows);
    free(s.sums);
    free(s.narrow);
    free(s.row);
    free(s.pairs);
    return rc;
}
