/* A tile is some rows and columns of results, made of a few more of inputs each. With
 * the matrices B, G, A of the paper: Y = A' [sum over channels of (G g G') * (B' d B)]
 * A, where * is place by place; so for each place there is one matrix product, tiles x
 * n_channels by n_channels x n_out. Large tiles take fewer products, and lose more
 * digits.
 *
 * Tiles are worked on in groups: small ones where the weights are small, so that all
 * stays near; large ones where weights are large, so that these are read seldom. */
#include "nn/winograd.h"
#include "base/mem.h"
#include "nn/panels.h"
#include "nn/winograd_tile.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = AVQA_WINOGRAD_BLOCK,
    LINE = AVQA_WINOGRAD_LINE,
    MAX_PLACES = AVQA_WINOGRAD_MAX_AROUND * AVQA_WINOGRAD_MAX_AROUND,
    ROWS = AVQA_PANELS_ROWS,         /* tiles multiplied at once */
    COLUMNS = AVQA_WINOGRAD_FILTERS, /* results multiplied at once */
    SKEW = 16, /* floats between the places' matrices: other sets of the cache */
    LEAST_GROUP = 48,
    MOST_GROUP = 144,
};

struct avqa_winograd {
    struct avqa_winograd_tiling tiling;
    size_t group;   /* tiles, a multiple of ROWS */
    float *weights; /* [n_places, n_out / COLUMNS, n_channels, COLUMNS] */
    float *bias;
};

bool avqa_winograd_fits(const struct avqa_winograd_form *form)
{
    const struct avqa_winograd_form *f = form;
    const bool halves = f->stride == 2 && f->height % 2 == 0 && f->width % 2 == 0;
    const bool in_blocks = f->kernel == 3 && (f->stride == 1 || halves) &&
                           f->n_in > 0 && f->n_in % BLOCK == 0;
    const bool in_planes = f->kernel == 7 && halves && f->n_in > 0 && f->n_in < BLOCK;
    return (in_blocks || in_planes) && f->n_out > 0 && f->n_out % COLUMNS == 0;
}

/* ---- weights --------------------------------------------------------------------- */

/* The taps of a channel's filters to COLUMNS results, side by side. */
static void gather_taps(float *g, const struct avqa_winograd_tiling *tiling,
                        const float *weights, size_t c)
{
    const struct avqa_winograd_form *form = &tiling->form;
    const size_t n_taps = tiling->down.taps * tiling->across.taps;
    const size_t filter = form->kernel * form->kernel;
    for (size_t o = 0; o < COLUMNS; o++) {
        float taps[AVQA_WINOGRAD_MAX_TAPS * AVQA_WINOGRAD_MAX_TAPS];
        avqa_winograd_taps(taps, tiling,
                           weights + (o * form->n_in + c % form->n_in) * filter,
                           c / form->n_in);
        for (size_t k = 0; k < n_taps; k++)
            g[k * COLUMNS + o] = taps[k];
    }
}

static void transform_weights(struct avqa_winograd *w, const float *weights)
{
    const struct avqa_winograd_tiling *tiling = &w->tiling;
    const size_t n_channels = tiling->n_channels;
    const size_t n_panels = tiling->form.n_out / COLUMNS;
    const size_t panel =
        tiling->form.n_in * tiling->form.kernel * tiling->form.kernel * COLUMNS;
    for (size_t i = 0; i < n_panels * n_channels; i++) {
        float g[AVQA_WINOGRAD_MAX_TAPS * AVQA_WINOGRAD_MAX_TAPS * COLUMNS];
        float places[MAX_PLACES * COLUMNS];
        gather_taps(g, tiling, weights + i / n_channels * panel, i % n_channels);
        avqa_winograd_filters(places, &tiling->down, &tiling->across, g);
        for (size_t p = 0; p < tiling->n_places; p++)
            memcpy(w->weights + (p * n_panels * n_channels + i) * COLUMNS,
                   places + p * COLUMNS, COLUMNS * sizeof *places);
    }
}

/* ---- products -------------------------------------------------------------------- */

/* Floats from a place's matrix to the next one's. */
static size_t apart(const struct avqa_winograd *w)
{
    const size_t n_in = avqa_mem_rounded(w->tiling.n_channels, LINE);
    const size_t n_out = w->tiling.form.n_out;
    return w->group * (n_in > n_out ? n_in : n_out) + SKEW;
}

static size_t n_tiles(const struct avqa_winograd *w)
{
    return w->tiling.form.batch * w->tiling.rows * w->tiling.columns;
}

/* A place's products lie where the inputs of the place before were. */
static void run_group(const struct avqa_winograd *w, size_t first, const float *from,
                      float *to, float *scratch)
{
    const size_t n = n_tiles(w) - first < w->group ? n_tiles(w) - first : w->group;
    const struct avqa_panels form = {w->tiling.n_channels, w->tiling.form.n_out, n,
                                     w->group};
    const size_t per_place = form.n_in * form.n_out;
    struct avqa_winograd_places products = {scratch, apart(w), w->group * LINE};
    struct avqa_winograd_places inputs = {scratch + apart(w), apart(w),
                                          w->group * LINE};
    for (size_t i = 0; i < n; i++, inputs.at += LINE)
        avqa_winograd_take(&inputs, from, &w->tiling, first + i);
    for (size_t p = 0; p < w->tiling.n_places; p++) /* behind the last tile: anything */
        avqa_panels_multiply(scratch + p * apart(w), scratch + (p + 1) * apart(w),
                             w->weights + p * per_place, &form);
    for (size_t i = 0; i < n; i++, products.at += LINE)
        avqa_winograd_give(to, &products, &w->tiling, first + i);
}

/* ---- the whole ------------------------------------------------------------------- */

/* As large as its channels ask for, and no larger than each thread's share. */
static size_t choose_group(const struct avqa_winograd *w)
{
    size_t group = w->tiling.n_channels * LEAST_GROUP / 128;
    size_t share =
        (n_tiles(w) + w->tiling.form.n_threads - 1) / w->tiling.form.n_threads;
    group = group < LEAST_GROUP ? LEAST_GROUP : group > MOST_GROUP ? MOST_GROUP : group;
    return avqa_mem_rounded(group < share ? group : share, ROWS);
}

bool avqa_winograd_saves(const struct avqa_winograd_form *form)
{
    struct avqa_winograd w;
    if (!avqa_winograd_fits(form))
        return false;
    avqa_winograd_tiling_init(&w.tiling, form);
    return n_tiles(&w) * w.tiling.n_places * w.tiling.n_channels <
           form->batch * w.tiling.height * w.tiling.width * form->n_in * form->kernel *
               form->kernel;
}

enum avqa_status avqa_winograd_new(struct avqa_winograd **out,
                                   const struct avqa_winograd_form *form,
                                   const float *weights, const float *bias)
{
    struct avqa_winograd *w = avqa_mem_new(sizeof *w);
    avqa_winograd_tiling_init(&w->tiling, form);
    size_t n_weights = w->tiling.n_channels * form->n_out * w->tiling.n_places;
    w->group = choose_group(w);
    enum avqa_status rc = avqa_mem_aligned(&w->weights, n_weights * sizeof *weights);
    if (rc == AVQA_OK)
        rc = avqa_mem_aligned(&w->bias, form->n_out * sizeof *bias);
    if (rc != AVQA_OK) {
        avqa_winograd_free(w);
        return rc;
    }
    transform_weights(w, weights);
    memcpy(w->bias, bias, form->n_out * sizeof *bias);
    w->tiling.bias = w->bias;
    *out = w;
    return AVQA_OK;
}

void avqa_winograd_free(struct avqa_winograd *winograd)
{
    if (!winograd)
        return;
    free(winograd->weights);
    free(winograd->bias);
    free(winograd);
}

/* Floats of one thread. */
static size_t scratch_floats(const struct avqa_winograd *w)
{
    return (w->tiling.n_places + 1) * apart(w);
}

/* Floats of the batch before the scratch of threads. */
static size_t depth_floats(const struct avqa_winograd *w)
{
    return avqa_mem_rounded(w->tiling.form.batch * avqa_winograd_depth(&w->tiling),
                            LINE);
}

size_t avqa_winograd_scratch_bytes(const struct avqa_winograd *winograd)
{
    const struct avqa_winograd *w = winograd;
    return (depth_floats(w) + w->tiling.form.n_threads * scratch_floats(w)) *
           sizeof(float);
}

static void to_depth(float *to, const float *from, const struct avqa_winograd *w)
{
    const struct avqa_winograd_form *form = &w->tiling.form;
    const size_t planes = form->n_in * form->height * form->width;
#pragma omp parallel for num_threads((int)form->n_threads) schedule(static)
    for (size_t i = 0; i < form->batch; i++)
        avqa_winograd_to_depth(to + i * avqa_winograd_depth(&w->tiling),
                               from + i * planes, &w->tiling);
}

void avqa_winograd_run(const struct avqa_winograd *winograd, const float *from,
                       float *to, float *scratch)
{
    const struct avqa_winograd *w = winograd;
    const size_t n_groups = (n_tiles(w) + w->group - 1) / w->group;
    const size_t n_threads = w->tiling.form.n_threads;
    float *of_threads = scratch + depth_floats(w);
    if (w->tiling.from_planes) {
        to_depth(scratch, from, w);
        from = scratch;
    }
#pragma omp parallel for num_threads((int)n_threads) schedule(static, 1)
    for (size_t thread = 0; thread < n_threads; thread++) {
        for (size_t g = thread; g < n_groups; g += n_threads)
            run_group(w, g * w->group, from, to,
                      of_threads + thread * scratch_floats(w));
    }
}
