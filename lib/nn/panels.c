/* See panels.h. Of our own, because oneDNN's linear layers read their weights at a
 * third of what the processor multiplies (docs/results.md). Sums are made of parts,
 * because an error grows with the length of a sum. This file is compiled for AVX2 with
 * fused multiplication and addition (CMakeLists.txt). */
#include "nn/panels.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 8, /* numbers of a vector */
    LINE = AVQA_PANELS_LINE,
    ROWS = AVQA_PANELS_ROWS,
    PART = 32, /* numbers of a row summed at once */
};

typedef float vec __attribute__((vector_size(BLOCK * sizeof(float)), may_alias));

struct avqa_dense {
    struct avqa_dense_form form; /* its weights and bias are NULL */
    size_t room;
    float *panels, *bias;
};

/* ---- products -------------------------------------------------------------------- */

/* ROWS x LINE of a product over `n` numbers: twelve sums that stay in registers. Lines
 * of rows are `apart` floats from the next ones. */
static inline void multiply(float *out, const float *in, size_t apart,
                            const float *panel, size_t n, bool adds)
{
    vec sums[ROWS][2] = {0};
    for (; n > 0; in += apart) {
        const size_t n_line = n < LINE ? n : LINE;
        for (size_t c = 0; c < n_line; c++, panel += LINE) {
            vec left = *(const vec *)panel;
            vec right = *(const vec *)(panel + BLOCK);
#pragma GCC unroll 6
            for (size_t r = 0; r < ROWS; r++) {
                float x = in[r * LINE + c];
                sums[r][0] += x * left;
                sums[r][1] += x * right;
            }
        }
        n -= n_line;
    }
#pragma GCC unroll 6
    for (size_t r = 0; r < ROWS; r++) {
        vec *to = (vec *)(out + r * LINE);
        if (adds) {
            sums[r][0] += to[0];
            sums[r][1] += to[1];
        }
        to[0] = sums[r][0];
        to[1] = sums[r][1];
    }
}

/* Asks for lines of a panel before they are needed: they are many, and each is used for
 * some rows only. */
static inline void fetch_ahead(const float *from, size_t n_lines)
{
    for (size_t i = 0; i < n_lines; i++)
        __builtin_prefetch(from + i * LINE, 0, 3);
}

void avqa_panels_multiply(float *out, const float *in, const float *panels,
                          const struct avqa_panels *form)
{
    const size_t n_in = form->n_in;
    const size_t apart = form->room * LINE;
    const size_t n_blocks = (form->n_rows + ROWS - 1) / ROWS;
    const size_t n_lines = (PART + n_blocks - 1) / n_blocks;
    for (size_t o = 0; o < form->n_out; o += LINE) {
        for (size_t c = 0; c < n_in; c += PART) {
            const size_t n = n_in - c < PART ? n_in - c : PART;
            const float *panel = panels + o * n_in + c * LINE;
            for (size_t r = 0; r < form->n_rows; r += ROWS) {
                fetch_ahead(panel + (n + r / ROWS * n_lines) * LINE, n_lines);
                multiply(out + o * form->room + r * LINE,
                         in + c * form->room + r * LINE, apart, panel, n, c > 0);
            }
        }
    }
}

/* ---- linear layers --------------------------------------------------------------- */

/* Which input a row's weight `at` is for. */
static size_t input_of(const struct avqa_dense_form *form, size_t at)
{
    const size_t places = form->channels ? form->n_in / form->channels : 0;
    return places ? at % form->channels * places + at / form->channels : at;
}

/* LINE rows of weights become a panel in their place. Their copy is skewed: rows a
 * power of two apart would meet in one set of the cache. */
static void fill_panel(float *panel, float *copy, const struct avqa_dense_form *form)
{
    const size_t apart = form->n_in + LINE;
    for (size_t k = 0; k < LINE; k++)
        memcpy(copy + k * apart, panel + k * form->n_in, form->n_in * sizeof *copy);
    for (size_t at = 0; at < form->n_in; at++) {
        float *to = panel + input_of(form, at) * LINE;
        for (size_t k = 0; k < LINE; k++)
            to[k] = copy[k * apart + at];
    }
}

enum avqa_status avqa_dense_new(struct avqa_dense **out,
                                const struct avqa_dense_form *form)
{
    struct avqa_dense *dense = avqa_mem_new(sizeof *dense);
    float *copy = NULL;
    dense->form = *form;
    dense->form.weights = NULL;
    dense->form.bias = NULL;
    dense->panels = form->weights;
    dense->room = avqa_mem_rounded(form->n_rows, ROWS);
    enum avqa_status rc = avqa_mem_aligned(&dense->bias, form->n_out * sizeof(float));
    if (rc == AVQA_OK)
        rc = avqa_mem_aligned(&copy, LINE * (form->n_in + LINE) * sizeof *copy);
    if (rc != AVQA_OK) {
        avqa_dense_free(dense);
        return rc;
    }
    for (size_t o = 0; o < form->n_out; o += LINE)
        fill_panel(dense->panels + o * form->n_in, copy, form);
    memcpy(dense->bias, form->bias, form->n_out * sizeof(float));
    free(copy);
    *out = dense;
    return AVQA_OK;
}

void avqa_dense_free(struct avqa_dense *dense)
{
    if (!dense)
        return;
    free(dense->panels);
    free(dense->bias);
    free(dense);
}

size_t avqa_dense_scratch_bytes(const struct avqa_dense *dense)
{
    return dense->room *
           (avqa_mem_rounded(dense->form.n_in, LINE) + dense->form.n_out) *
           sizeof(float);
}

/* Rows into lines. */
static void spread(float *lines, const float *from, const struct avqa_dense *dense)
{
    const size_t n_in = dense->form.n_in;
    for (size_t c = 0; c < n_in; c += LINE) {
        const size_t n = n_in - c < LINE ? n_in - c : LINE;
        for (size_t r = 0; r < dense->form.n_rows; r++)
            memcpy(lines + c * dense->room + r * LINE, from + r * n_in + c,
                   n * sizeof *from);
    }
}

/* Lines of sixteen results into rows. */
static void gather(float *to, const float *lines, const struct avqa_dense *dense,
                   size_t o)
{
    for (size_t r = 0; r < dense->form.n_rows; r++) {
        for (size_t k = 0; k < LINE; k++) {
            float y = lines[r * LINE + k] + dense->bias[o + k];
            to[r * dense->form.n_out + o + k] = dense->form.relu && !(y > 0) ? 0 : y;
        }
    }
}

void avqa_dense_run(const struct avqa_dense *dense, const float *from, float *to,
                    float *scratch)
{
    const struct avqa_dense_form *form = &dense->form;
    const struct avqa_panels panel = {form->n_in, LINE, form->n_rows, dense->room};
    float *products = scratch + dense->room * avqa_mem_rounded(form->n_in, LINE);
    spread(scratch, from, dense);
#pragma omp parallel for num_threads((int)form->n_threads) schedule(static)
    for (size_t o = 0; o < form->n_out; o += LINE) {
        avqa_panels_multiply(products + o * dense->room, scratch,
                             dense->panels + o * form->n_in, &panel);
        gather(to, products + o * dense->room, dense, o);
    }
}
