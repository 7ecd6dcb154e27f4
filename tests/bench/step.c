/* A step of AVST (batch 64, 10 seconds, maps of 60 % zeros, packed, in memory):
 * bench_step THREADS [SECONDS]. Samples a second and a CPU second, training and
 * evaluation; where a training step's CPU time goes; what the machine can do. See
 * step.sh. */
#include "model/model.h"
#include "nn/ground.h"
#include "base/half.h"
#include "nn/optimiser.h"

#include "base/mem.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH = 64, SECONDS = 10, LENGTH = 14, MAPS = 2 * BATCH * SECONDS };
enum { CHANNELS = 512, PLACES = 196, SIZE = CHANNELS * PLACES };

struct bench {
    struct avqa_model_size size;
    struct avqa_weights weights;
    struct avqa_tape tape;
    struct avqa_optimiser adam;
    struct avqa_map maps[MAPS];
    struct avqa_batch batch;
    double forward, backward, update; /* CPU seconds of the last step */
};

static double now_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_s(void)
{
    return now_s(CLOCK_PROCESS_CPUTIME_ID);
}

static void make_map(struct avqa_map *map, struct avqa_rng *rng)
{
    uint8_t *mask = avqa_mem_new(SIZE / 8);
    uint16_t *values = avqa_mem_new(SIZE * sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < SIZE; i++) {
        uint64_t x = avqa_rng_next(rng);
        if (x % 10 < 6)
            continue;
        mask[i / 8] |= (uint8_t)(1U << i % 8);
        values[n++] = avqa_half_from_float((float)(x >> 40) * 0x1p-22F);
    }
    *map = (struct avqa_map){AVQA_MAP_SPARSE16, realloc(values, n * sizeof *values),
                             mask, n};
}

static void make_batch(struct bench *b)
{
    struct avqa_rng rng;
    size_t n_sound = (size_t)BATCH * SECONDS * b->size.sound;
    float *sound = avqa_mem_new(n_sound * sizeof *sound);
    int32_t *words = avqa_mem_new((size_t)BATCH * LENGTH * sizeof *words);
    int32_t *answers = avqa_mem_new(BATCH * sizeof *answers);
    avqa_rng_init(&rng, 1, "bench");
    for (size_t i = 0; i < n_sound; i++)
        sound[i] = (float)avqa_rng_unit(&rng);
    for (size_t i = 0; i < (size_t)BATCH * LENGTH; i++)
        words[i] = (int32_t)avqa_rng_below(&rng, b->size.n_words);
    for (size_t i = 0; i < BATCH; i++)
        answers[i] = (int32_t)avqa_rng_below(&rng, b->size.n_answers);
    for (size_t i = 0; i < MAPS; i++)
        make_map(&b->maps[i], &rng);
    b->batch = (struct avqa_batch){.n = BATCH,
                                   .n_seconds = SECONDS,
                                   .length = LENGTH,
                                   .words = words,
                                   .sound = sound,
                                   .maps = b->maps,
                                   .has_others = true,
                                   .answers = answers};
}

static enum avqa_status step(struct bench *b, bool trains)
{
    const struct avqa_forward forward = {&b->tape, &b->weights, &b->size};
    struct avqa_answer out;
    double start = cpu_s();
    b->tape.training = trains;
    avqa_tape_reset(&b->tape);
    enum avqa_status rc =
        avqa_model_run(&out, avqa_model_find("avst"), &forward, &b->batch);
    double run = cpu_s();
    if (rc != AVQA_OK || !trains)
        return rc;
    avqa_weights_clear_grads(&b->weights);
    rc = avqa_tape_backward(&b->tape, out.loss);
    double back = cpu_s();
    avqa_optimiser_step(&b->adam, &b->weights, 1e-4, b->tape.n_threads);
    b->forward = run - start;
    b->backward = back - run;
    b->update = cpu_s() - back;
    return rc;
}

static enum avqa_status measure(struct bench *b, bool trains, double seconds)
{
    double best = 0;
    double best_cpu = 0;
    double parts[3] = {0};
    enum avqa_status rc = AVQA_OK;
    double end = now_s(CLOCK_MONOTONIC) + seconds;
    for (int i = 0; rc == AVQA_OK && (i < 4 || now_s(CLOCK_MONOTONIC) < end); i++) {
        double start = now_s(CLOCK_MONOTONIC);
        double start_cpu = cpu_s();
        rc = step(b, trains);
        double rate = BATCH / (now_s(CLOCK_MONOTONIC) - start);
        double rate_cpu = BATCH / (cpu_s() - start_cpu);
        if (i == 0)
            continue;
        best = rate > best ? rate : best;
        if (rate_cpu > best_cpu) {
            best_cpu = rate_cpu;
            memcpy(parts, (double[]){b->forward, b->backward, b->update}, sizeof parts);
        }
    }
    printf("avqa %s: %.1f %.1f\n", trains ? "train" : "eval", best, best_cpu);
    if (trains)
        printf("# CPU ms of a step: forward %.0f, backward %.0f, update %.0f\n",
               1e3 * parts[0], 1e3 * parts[1], 1e3 * parts[2]);
    return rc;
}

/* Grounding by itself, and a product as large as fc1's: what both cost at best. */
static enum avqa_status limits(struct bench *b)
{
    struct avqa_ground options = {b->maps, MAPS, CHANNELS, PLACES, NULL};
    struct avqa_node *f = NULL;
    struct avqa_weight w = {.rank = 2, .shape = {MAPS, 1024}, .n = MAPS * 1024UL};
    enum avqa_status rc = AVQA_OK;
    double best = 1e9;
    double best_gemm = 1e9;
    size_t bytes = 0;
    for (size_t i = 0; i < MAPS; i++)
        bytes += b->maps[i].n_values * 2 + SIZE / 8;
    w.value = avqa_mem_new(w.n * sizeof *w.value);
    w.grad = avqa_mem_new(w.n * sizeof *w.grad);
    for (size_t i = 0; i < w.n; i++)
        w.value[i] = 1;
    for (int i = 0; rc == AVQA_OK && i < 5; i++) {
        avqa_tape_reset(&b->tape);
        f = avqa_rows(&b->tape, avqa_of_weight(&b->tape, &w), 0, BATCH * SECONDS / 2);
        f = avqa_reshape(&b->tape, f, 2, (size_t[]){(size_t)BATCH * SECONDS, 512});
        double start = cpu_s();
        struct avqa_node *y = avqa_ground(&b->tape, f, &options);
        best = cpu_s() - start < best ? cpu_s() - start : best;
        start = cpu_s();
        avqa_tape_gemm(&b->tape, (struct avqa_matrix_out){y->value, 1024, false},
                       (struct avqa_matrix){w.value, 1024, false},
                       (struct avqa_matrix){w.value, 1024, true},
                       (size_t[]){MAPS, 512, 1024});
        best_gemm = cpu_s() - start < best_gemm ? cpu_s() - start : best_gemm;
        rc = avqa_tape_status(&b->tape);
    }
    printf("# grounding forwards: CPU %.0f ms for %.0f MB packed (backwards as much)\n",
           1e3 * best, (double)bytes / 1e6);
    printf("# a product of 1280 x 512 x 1024: %.0f GF/s a core\n",
           2e-9 * MAPS * 512 * 1024 / best_gemm);
    free(w.value);
    free(w.grad);
    return rc;
}

int main(int argc, char **argv)
{
    static struct bench b = {.size = AVQA_MODEL_SIZE_DEFAULTS,
                             .adam = AVQA_OPTIMISER_DEFAULTS};
    struct rusage usage;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    b.tape.n_threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    make_batch(&b);
    enum avqa_status rc =
        avqa_model_init(&b.weights, avqa_model_find("avst"), &b.size, 1);
    if (rc == AVQA_OK)
        rc = measure(&b, true, seconds);
    if (rc == AVQA_OK)
        rc = measure(&b, false, seconds);
    if (rc == AVQA_OK)
        rc = limits(&b);
    if (rc != AVQA_OK)
        fprintf(stderr, "%s\n", avqa_message());
    getrusage(RUSAGE_SELF, &usage);
    printf("# a step's memory %zu MB, resident %ld MB\n",
           avqa_tape_bytes(&b.tape) >> 20, usage.ru_maxrss >> 10);
    avqa_weights_release(&b.weights);
    avqa_tape_release(&b.tape);
    return rc != AVQA_OK;
}
