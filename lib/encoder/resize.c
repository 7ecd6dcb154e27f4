/* See resize.h. Sums are of whole numbers, so those of several pixels at once are the
 * same. With AVX2, two neighbours are weighed by one instruction, whose factors have 16
 * bits: each weight is split in two. */
#include "encoder/resize.h"
#include "base/mem.h"
#include "nn/wide.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { BITS = 22, HALF = 1 << (BITS - 1), CHANNELS = 3 };
/* Weights taken together, the bits of their lower parts, and bytes taken together,
 * which may lie behind a row's last. */
enum { GROUP = 4, LOW_BITS = 11, BLOCK = 32 };

/* What makes one value: `n` neighbours from `first` on. */
struct taps {
    int first, n;
    const int32_t *weights;
    const int16_t *parts; /* of them, [n_groups, 2, GROUP], upper ones first */
};

/* The taps of the values [begin, begin + n) out of n_out, made of n_in. */
struct filter {
    struct taps *taps;
    int32_t *weights;
    int16_t *parts;
    size_t n_groups; /* of a value's weights; the same for all of them */
    int n;
};

/* The two passes. */
struct scaling {
    uint8_t *out;
    const struct avqa_rgb *from;
    const struct filter *columns, *rows;
    uint8_t *row;    /* one of `from`, and some bytes behind it */
    uint8_t *narrow; /* rows as wide as `out` */
    uint8_t *line;   /* one of `out`, as above */
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
    free(f->parts);
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

/* The two parts of each weight; 0 behind a value's last one. */
static enum avqa_status split_weights(struct filter *f)
{
    int most = 0;
    for (int i = 0; i < f->n; i++)
        most = f->taps[i].n > most ? f->taps[i].n : most;
    f->n_groups = ((size_t)most + GROUP - 1) / GROUP;
    enum avqa_status rc = avqa_mem_array(
        &f->parts, f->n_groups * 2 * GROUP * (size_t)f->n, sizeof *f->parts);
    for (int i = 0; rc == AVQA_OK && i < f->n; i++) {
        struct taps *t = &f->taps[i];
        int16_t *parts = f->parts + (size_t)i * f->n_groups * 2 * GROUP;
        t->parts = parts;
        for (int k = 0; k < t->n; k++) {
            int16_t *part = parts + k / GROUP * 2 * GROUP + k % GROUP;
            part[0] = (int16_t)(t->weights[k] >> LOW_BITS);
            part[GROUP] = (int16_t)(t->weights[k] & ((1 << LOW_BITS) - 1));
        }
    }
    return rc;
}

static enum avqa_status filter_init(struct filter *f, int begin, int n, int n_in,
                                    int n_out)
{
    double scale = (double)n_in / n_out;
    const size_t most = (size_t)(2 * ceil(scale < 1.0 ? 1.0 : scale)) + 2;
    *f = (struct filter){.n = n};
    enum avqa_status rc = avqa_mem_array(&f->taps, (size_t)n, sizeof *f->taps);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&f->weights, most * (size_t)n, sizeof *f->weights);
    for (int i = 0; rc == AVQA_OK && i < n; i++)
        make_taps(&f->taps[i], f->weights + most * (size_t)i, begin + i, n_in, n_out);
    if (rc == AVQA_OK)
        rc = split_weights(f);
    return rc;
}

/* Weights are not negative and their rounding adds less than a level: no sum is beyond
 * 255. */
static inline uint8_t to_byte(int32_t sum)
{
    return (uint8_t)(sum >> BITS);
}

/* One row of pixels, made narrower or wider. */
static void across_plain(uint8_t *out, const struct scaling *s)
{
    for (int x = 0; x < s->columns->n; x++, out += CHANNELS) {
        const struct taps *t = &s->columns->taps[x];
        const uint8_t *in = s->row + CHANNELS * (size_t)t->first;
        int32_t sums[CHANNELS] = {HALF, HALF, HALF};
        for (int k = 0; k < t->n; k++, in += CHANNELS)
            for (int c = 0; c < CHANNELS; c++)
                sums[c] += in[c] * t->weights[k];
        for (int c = 0; c < CHANNELS; c++)
            out[c] = to_byte(sums[c]);
    }
}

/* One row of bytes out of several. */
static void down_plain(uint8_t *out, const uint8_t *rows, size_t stride,
                       const struct taps *t)
{
    for (size_t i = 0; i < stride; i++) {
        int32_t sum = HALF;
        for (int k = 0; k < t->n; k++)
            sum += rows[stride * (size_t)k + i] * t->weights[k];
        out[i] = to_byte(sum);
    }
}

#if defined(__x86_64__)
AVQA_WIDE static inline __m256i broadcast_four(const int16_t *parts)
{
    int64_t four;
    memcpy(&four, parts, sizeof four);
    return _mm256_set1_epi64x(four);
}

AVQA_WIDE static inline __m256i add_products(__m256i sum, __m256i pairs,
                                             __m256i weights)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, weights));
}

AVQA_WIDE static inline __m256i broadcast_two(const int16_t *parts)
{
    int32_t two;
    memcpy(&two, parts, sizeof two);
    return _mm256_set1_epi32(two);
}

/* As many pixels for each value: those behind its last weigh nothing. */
AVQA_WIDE static void across_wide(uint8_t *out, const struct scaling *s)
{
    /* four pixels to r r r r g g g g, b b b b 0 0 0 0 */
    const __m256i spread =
        _mm256_setr_epi8(0, -1, 3, -1, 6, -1, 9, -1, 1, -1, 4, -1, 7, -1, 10, -1, 2, -1,
                         5, -1, 8, -1, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    /* and sums r . g ., b . . . to r g 0 0, 0 0 b 0 */
    const __m256i gather =
        _mm256_setr_epi8(0, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                         -1, -1, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i half = _mm256_setr_epi32(HALF, 0, HALF, 0, HALF, 0, 0, 0);
    const struct filter columns = *s->columns;
    const uint8_t *row = s->row;
    for (int x = 0; x < columns.n; x++, out += CHANNELS) {
        const uint8_t *in = row + CHANNELS * (size_t)columns.taps[x].first;
        const int16_t *parts = columns.taps[x].parts;
        __m256i upper = _mm256_setzero_si256();
        __m256i lower = half;
        for (size_t g = 0; g < columns.n_groups; g++) {
            const __m256i pixels = _mm256_shuffle_epi8(
                _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)in)), spread);
            upper = add_products(upper, pixels, broadcast_four(parts));
            lower = add_products(lower, pixels, broadcast_four(parts + GROUP));
            parts += 2 * GROUP;
            in += GROUP * CHANNELS;
        }
        __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(upper, LOW_BITS), lower);
        sum = _mm256_add_epi32(sum, _mm256_srli_epi64(sum, 32));
        sum = _mm256_shuffle_epi8(_mm256_srli_epi32(sum, BITS), gather);
        const int pixel = _mm_cvtsi128_si32(_mm_or_si128(
            _mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)));
        memcpy(out, &pixel, sizeof pixel);
    }
}

/* Two rows at a time; the one behind the last weighs nothing. */
AVQA_WIDE static inline __m256i down_block(const uint8_t *in, size_t stride,
                                           const struct taps *t)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i half = _mm256_set1_epi32(HALF);
    __m256i upper[4] = {zero, zero, zero, zero};
    __m256i lower[4] = {half, half, half, half};
    for (int k = 0; k < t->n; k += 2, in += 2 * stride) {
        const int16_t *parts = t->parts + k / GROUP * 2 * GROUP + k % GROUP;
        const __m256i a = _mm256_loadu_si256((const void *)in);
        const __m256i b = _mm256_loadu_si256((const void *)(in + stride));
        const __m256i ab[2] = {_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b)};
        const __m256i pairs[4] = {
            _mm256_unpacklo_epi8(ab[0], zero), _mm256_unpackhi_epi8(ab[0], zero),
            _mm256_unpacklo_epi8(ab[1], zero), _mm256_unpackhi_epi8(ab[1], zero)};
        for (int q = 0; q < 4; q++) {
            upper[q] = add_products(upper[q], pairs[q], broadcast_two(parts));
            lower[q] = add_products(lower[q], pairs[q], broadcast_two(parts + GROUP));
        }
    }
    for (int q = 0; q < 4; q++)
        lower[q] = _mm256_srli_epi32(
            _mm256_add_epi32(_mm256_slli_epi32(upper[q], LOW_BITS), lower[q]), BITS);
    return _mm256_packus_epi16(_mm256_packs_epi32(lower[0], lower[1]),
                               _mm256_packs_epi32(lower[2], lower[3]));
}

AVQA_WIDE static void down_wide(uint8_t *out, const uint8_t *rows, size_t stride,
                                const struct taps *t)
{
    for (size_t i = 0; i < stride; i += BLOCK)
        _mm256_storeu_si256((void *)(out + i), down_block(rows + i, stride, t));
}
#else
static void across_wide(uint8_t *out, const struct scaling *s)
{
    across_plain(out, s);
}

static void down_wide(uint8_t *out, const uint8_t *rows, size_t stride,
                      const struct taps *t)
{
    down_plain(out, rows, stride, t);
}
#endif

static void scale(const struct scaling *s, bool wide)
{
    const size_t stride = CHANNELS * (size_t)s->columns->n;
    const size_t width = CHANNELS * (size_t)s->from->width;
    const struct taps *taps = s->rows->taps;
    const struct taps *last = &taps[s->rows->n - 1];
    for (int y = taps->first; y < last->first + last->n; y++) {
        uint8_t *narrow = s->narrow + stride * (size_t)y;
        memcpy(s->row, s->from->pixels + width * (size_t)y, width);
        if (wide)
            across_wide(narrow, s);
        else
            across_plain(narrow, s);
    }
    for (int y = 0; y < s->rows->n; y++) {
        const uint8_t *narrow = s->narrow + stride * (size_t)taps[y].first;
        if (wide)
            down_wide(s->line, narrow, stride, &taps[y]);
        else
            down_plain(s->line, narrow, stride, &taps[y]);
        memcpy(s->out + stride * (size_t)y, s->line, stride);
    }
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
    const size_t stride = CHANNELS * (size_t)to->crop_width;
    const size_t width = CHANNELS * (size_t)from->width;
    rc = filter_init(&columns, to->left, to->crop_width, from->width, to->width);
    if (rc == AVQA_OK)
        rc = filter_init(&rows, to->top, to->crop_height, from->height, to->height);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s.line, stride + BLOCK, 1);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s.narrow, stride * ((size_t)from->height + 1) + BLOCK, 1);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&s.row, width + columns.n_groups * GROUP * CHANNELS + BLOCK,
                            1);
    if (rc == AVQA_OK)
        scale(&s, avqa_is_wide());
    filter_release(&columns);
    filter_release(&rows);
    free(s.line);
    free(s.narrow);
    free(s.row);
    return rc;
}
