/* Convolution in float, forwards and both ways back: against sums in double over the
 * definition, at sizes that are cut into parts of rows and of channels; the same bits
 * for any number of threads; gradients are added to. */
#include "check.h"

#include "base/rng.h"
#include "nn/convolve.h"

#include <float.h>

static const struct {
    const char *name;
    struct avqa_convolution c;
} cases[] = {
    {"one place", {1, 1, 1, 1, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {1, 1}, {1, 1}}},
    {"unequal parts of rows",
     {11, 16, 24, 1, {14, 12}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {14, 12}}},
    {"parts of channels",
     {6, 40, 128, 1, {1, 60}, {1, 3}, {1, 1}, {0, 1}, {1, 1}, {1, 60}}},
    {"parts of both",
     {9, 96, 64, 1, {16, 16}, {1, 1}, {1, 1}, {0, 0}, {1, 1}, {16, 16}}},
    {"stride, three channels",
     {5, 3, 32, 1, {40, 33}, {7, 5}, {2, 3}, {3, 2}, {1, 1}, {20, 11}}},
    {"dilation", {4, 7, 9, 1, {1, 60}, {1, 5}, {1, 1}, {0, 8}, {1, 4}, {1, 60}}},
    {"groups", {4, 24, 36, 3, {15, 16}, {3, 3}, {1, 2}, {1, 1}, {1, 1}, {15, 8}}},
    {"depthwise", {6, 32, 32, 32, {1, 50}, {1, 7}, {1, 1}, {0, 3}, {1, 1}, {1, 50}}},
    {"depthwise, thirteen",
     {6, 13, 26, 13, {9, 9}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {9, 9}}},
};

enum { X, W, Y };

struct numbers {
    size_t n[3];
    float *is[3];
    double *sum[3], *size[3]; /* what it should be, and the sum of absolute products */
};

static void prepare(struct numbers *s, const struct avqa_convolution *c)
{
    struct avqa_rng rng;
    s->n[X] = c->n * c->in * c->side[0] * c->side[1];
    s->n[W] = c->out * (c->in / c->groups) * c->kernel[0] * c->kernel[1];
    s->n[Y] = c->n * c->out * c->after[0] * c->after[1];
    avqa_rng_init(&rng, 1, "convolve");
    for (int r = 0; r < 3; r++) {
        s->is[r] = calloc(s->n[r], sizeof *s->is[r]);
        s->sum[r] = calloc(s->n[r], sizeof *s->sum[r]);
        s->size[r] = calloc(s->n[r], sizeof *s->size[r]);
        for (size_t i = 0; i < s->n[r]; i++)
            s->is[r][i] = (float)avqa_rng_unit(&rng) - 0.5F;
    }
}

static void release(struct numbers *s)
{
    for (int r = 0; r < 3; r++) {
        free(s->is[r]);
        free(s->sum[r]);
        free(s->size[r]);
    }
}

/* Each number's part in one product of the definition, whichever of the three is the
 * result. */
static void add(struct numbers *s, const size_t at[3])
{
    double xwy[3];
    for (int r = 0; r < 3; r++)
        xwy[r] = (double)s->is[r][at[r]];
    const double products[] = {xwy[W] * xwy[Y], xwy[X] * xwy[Y], xwy[X] * xwy[W]};
    for (int r = 0; r < 3; r++) {
        s->sum[r][at[r]] += products[r];
        s->size[r][at[r]] += fabs(products[r]);
    }
}

/* y at i sees x at i stride - pad + k dilation; false if that is outside. */
static bool seen(size_t *at, const struct avqa_convolution *c, int d, size_t i,
                 size_t k)
{
    *at = i * c->stride[d] + k * c->dilation[d] - c->pad[d];
    return *at < c->side[d];
}

/* One number of y with one plane of x of its group, `j`. */
static void define_one(struct numbers *s, const struct avqa_convolution *c, size_t y,
                       size_t j)
{
    size_t in = c->in / c->groups;
    size_t plane = y / c->after[1] / c->after[0];
    size_t out = plane % c->out;
    size_t channel = out / (c->out / c->groups) * in + j;
    size_t x_plane = plane / c->out * c->in + channel;
    size_t h;
    size_t w;
    for (size_t k = 0; k < c->kernel[0] * c->kernel[1]; k++) {
        size_t tap = (out * in + j) * c->kernel[0] * c->kernel[1] + k;
        if (seen(&h, c, 0, y / c->after[1] % c->after[0], k / c->kernel[1]) &&
            seen(&w, c, 1, y % c->after[1], k % c->kernel[1]))
            add(s, (size_t[]){(x_plane * c->side[0] + h) * c->side[1] + w, tap, y});
    }
}

static void define(struct numbers *s, const struct avqa_convolution *c)
{
    for (size_t y = 0; y < s->n[Y]; y++)
        for (size_t j = 0; j < c->in / c->groups; j++)
            define_one(s, c, y, j);
}

static enum avqa_status run(const struct numbers *s, const struct avqa_convolution *c,
                            int to, float *out, size_t n_threads)
{
    if (to == Y)
        return avqa_convolve(out, s->is[X], s->is[W], c, n_threads);
    if (to == X)
        return avqa_convolve_input(out, s->is[Y], s->is[W], c, n_threads);
    return avqa_convolve_weights(out, s->is[X], s->is[Y], c, n_threads);
}

static void check(struct numbers *s, const struct avqa_convolution *c, int to,
                  const char *name)
{
    size_t bytes = s->n[to] * sizeof(float);
    float *first = malloc(bytes);
    float *again = malloc(bytes);
    memcpy(first, s->is[to], bytes);
    assert_ok(run(s, c, to, first, 1));
    for (size_t i = 0; i < s->n[to]; i++) {
        double before = to == Y ? 0 : (double)s->is[to][i];
        double off = fabs((double)first[i] - before - s->sum[to][i]);
        /* a sum's error is that of its terms */
        if (!(off <= 8 * (double)FLT_EPSILON * (s->size[to][i] + fabs(before))))
            fail_msg("%s, to %c[%zu]: %g, not %g", name, "xwy"[to], i,
                     (double)first[i] - before, s->sum[to][i]);
    }
    for (size_t n_threads = 2; n_threads <= 3; n_threads++) {
        memcpy(again, s->is[to], bytes);
        assert_ok(run(s, c, to, again, n_threads));
        assert_memory_equal(again, first, bytes);
    }
    free(first);
    free(again);
}

static void test_against_definition(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct numbers s;
        prepare(&s, &cases[i].c);
        define(&s, &cases[i].c);
        for (int to = X; to <= Y; to++)
            check(&s, &cases[i].c, to, cases[i].name);
        release(&s);
    }
}

/* Nothing in, nothing out; a size that oneDNN has no words for is an error. */
static void test_ends(void **state)
{
    (void)state;
    float x[4] = {1, 2, 3, 4};
    float y[4] = {7, 7, 7, 7};
    struct avqa_convolution c = cases[0].c;
    c.n = 0;
    assert_ok(avqa_convolve(y, x, x, &c, 2));
    assert_true(y[0] == 7);
    c = cases[0].c;
    c.after[1] = 3;
    assert_fails(avqa_convolve(y, x, x, &c, 2), AVQA_EINVAL,
                 "oneDNN cannot convolve 1 x 1 x 1 x 1 to 1 channels (status 2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_definition),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
