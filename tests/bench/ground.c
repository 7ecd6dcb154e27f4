/* Grounding at every width of this processor: bench_ground [ROUNDS]. CPU milliseconds
 * of one thread, forwards and backwards, for the maps of half a step of AVST (640 of
 * 512 x 14 x 14, 60 % zeros) packed as shards hold them; medians, widths in turn. */
#include "base/half.h"
#include "base/mem.h"
#include "nn/ground.h"
#include "nn/linear.h"
#include "nn/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAPS = 640, ROWS = 640, C = 512, P = 196, SIZE = C * P, MOST_ROUNDS = 99 };

enum { KINDS = 2, WIDTHS = AVQA_WIDTH_VBMI2 + 1 };

struct bench {
    struct avqa_map maps[KINDS][MAPS];
    struct avqa_weights weights; /* f */
    float *by;
};

static uint32_t draw(uint64_t *random)
{
    *random = *random * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*random >> 33);
}

static void make_maps(struct bench *b)
{
    uint64_t random = 1;
    for (size_t m = 0; m < MAPS; m++) {
        uint16_t *dense = avqa_mem_new(SIZE * sizeof *dense);
        uint16_t *sparse = avqa_mem_new(SIZE * sizeof *sparse);
        uint8_t *mask = avqa_mem_new(SIZE / 8);
        size_t n = 0;
        memset(mask, 0, SIZE / 8);
        for (size_t i = 0; i < SIZE; i++) {
            bool there = draw(&random) % 100 >= 60;
            float x = (float)(1 + draw(&random) % 1000) / 500;
            dense[i] = there ? avqa_half_from_float(x) : 0;
            if (!there)
                continue;
            mask[i / 8] = (uint8_t)(mask[i / 8] | 1U << i % 8);
            sparse[n++] = dense[i];
        }
        b->maps[0][m] = (struct avqa_map){AVQA_MAP_SPARSE16, sparse, mask, n};
        b->maps[1][m] = (struct avqa_map){AVQA_MAP_F16, dense, NULL, SIZE};
    }
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* Milliseconds forwards and backwards. */
static void run(double ms[2], struct bench *b, size_t kind, enum avqa_width width)
{
    struct avqa_tape tape = {.n_threads = 1};
    struct avqa_ground options = {.maps = b->maps[kind],
                                  .n_maps = MAPS,
                                  .channels = C,
                                  .places = P,
                                  .width = width};
    struct avqa_node *f = avqa_of_weight(&tape, &b->weights.items[0]);
    double start = now_ms();
    struct avqa_node *y = avqa_ground(&tape, f, &options);
    ms[0] = now_ms() - start;
    size_t flat[2] = {1, (size_t)MAPS * 2 * C};
    struct avqa_node *loss =
        avqa_linear(&tape, avqa_reshape(&tape, y, 2, flat),
                    avqa_input(&tape, 2, flat, b->by), NULL, AVQA_NO_ACTIVATION);
    start = now_ms();
    if (avqa_tape_backward(&tape, loss) != AVQA_OK)
        abort();
    ms[1] = now_ms() - start;
    avqa_tape_release(&tape);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static struct bench b;
    static double ms[KINDS][WIDTHS][2][MOST_ROUNDS];
    static const char *const kinds[KINDS] = {"sparse16", "fp16"};
    static const struct avqa_weight_spec spec = {
        .name = "f", .rank = 2, .shape = {ROWS, C}};
    size_t n = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 7;
    n = n > MOST_ROUNDS ? MOST_ROUNDS : n;
    make_maps(&b);
    b.by = avqa_mem_new((size_t)MAPS * 2 * C * sizeof *b.by);
    for (size_t i = 0; i < (size_t)MAPS * 2 * C; i++)
        b.by[i] = (float)(i % 17) / 17;
    if (avqa_weights_add(&b.weights, &spec, 1, 1) != AVQA_OK)
        return 1;
    for (size_t round = 0; round < n; round++)
        for (size_t kind = 0; kind < KINDS; kind++)
            for (int width = AVQA_WIDTH_PLAIN; width <= (int)avqa_width_best();
                 width++) {
                double here[2];
                run(here, &b, kind, (enum avqa_width)width);
                ms[kind][width][0][round] = here[0];
                ms[kind][width][1][round] = here[1];
            }
    for (size_t kind = 0; kind < KINDS; kind++)
        for (int width = AVQA_WIDTH_PLAIN; width <= (int)avqa_width_best(); width++) {
            double *forwards = ms[kind][width][0];
            double *backwards = ms[kind][width][1];
            qsort(forwards, n, sizeof *forwards, by_size);
            qsort(backwards, n, sizeof *backwards, by_size);
            printf("%-8s %-12s forwards %7.1f ms, backwards %7.1f ms\n", kinds[kind],
                   avqa_width_name((enum avqa_width)width), forwards[n / 2],
                   backwards[n / 2]);
        }
    return 0;
}
