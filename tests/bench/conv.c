/* Convolutions of the kinds that models here are made of, forwards and the two ways
 * back: bench_conv [THREADS]. CPU milliseconds each, the least of some rounds. torch
 * beside it: conv_torch.py. */
#include "nn/convolve.h"

#include "base/mem.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7 };

static const struct {
    const char *name;
    struct avqa_convolution c;
} cases[] = {
    {"3x3 64-64 56x56 n16",
     {16, 64, 64, 1, {56, 56}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {56, 56}}},
    {"3x3 512-512 14x14 n16",
     {16, 512, 512, 1, {14, 14}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {14, 14}}},
    {"7x7/2 3-64 224x224 n8",
     {8, 3, 64, 1, {224, 224}, {7, 7}, {2, 2}, {3, 3}, {1, 1}, {112, 112}}},
    {"3x3 1-16 60x128 n64",
     {64, 1, 16, 1, {60, 128}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {60, 128}}},
    {"1x1 256-512 14x14 n16",
     {16, 256, 512, 1, {14, 14}, {1, 1}, {1, 1}, {0, 0}, {1, 1}, {14, 14}}},
    {"k3 512-512 14 n64",
     {64, 512, 512, 1, {1, 14}, {1, 3}, {1, 1}, {0, 1}, {1, 1}, {1, 14}}},
    {"k7 depthwise 512 14 n64",
     {64, 512, 512, 512, {1, 14}, {1, 7}, {1, 1}, {0, 3}, {1, 1}, {1, 14}}},
    {"3x3 depthwise 64 56x56 n16",
     {16, 64, 64, 64, {56, 56}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {56, 56}}},
};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static float *numbers(size_t n, const char *name)
{
    struct avqa_rng rng;
    float *p = avqa_mem_new(n * sizeof *p);
    avqa_rng_init(&rng, 1, name);
    for (size_t i = 0; i < n; i++)
        p[i] = (float)avqa_rng_unit(&rng) - 0.5F;
    return p;
}

static enum avqa_status measure(double best[3], const struct avqa_convolution *c,
                                size_t n_threads)
{
    float *x = numbers(c->n * c->in * c->side[0] * c->side[1], "x");
    float *y = numbers(c->n * c->out * c->after[0] * c->after[1], "y");
    float *w = numbers(c->out * (c->in / c->groups) * c->kernel[0] * c->kernel[1], "w");
    enum avqa_status rc = AVQA_OK;
    for (int round = 0; round < ROUNDS && rc == AVQA_OK; round++) {
        double at[4] = {cpu_ms()};
        rc = avqa_convolve(y, x, w, c, n_threads);
        at[1] = cpu_ms();
        if (rc == AVQA_OK)
            rc = avqa_convolve_input(x, y, w, c, n_threads);
        at[2] = cpu_ms();
        if (rc == AVQA_OK)
            rc = avqa_convolve_weights(w, x, y, c, n_threads);
        at[3] = cpu_ms();
        for (int k = 0; k < 3; k++)
            if (round == 0 || at[k + 1] - at[k] < best[k])
                best[k] = at[k + 1] - at[k];
    }
    free(x);
    free(y);
    free(w);
    return rc;
}

int main(int argc, char **argv)
{
    size_t n_threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double best[3] = {0};
        if (measure(best, &cases[i].c, n_threads) != AVQA_OK) {
            fprintf(stderr, "%s\n", avqa_message());
            return 1;
        }
        printf("avqa %-28s %8.2f %8.2f %8.2f\n", cases[i].name, best[0], best[1],
               best[2]);
        fflush(stdout);
    }
    return 0;
}
