/* Steps of AVST (batch 64, 10 seconds) out of shards on disk:
 * bench_step THREADS SECONDS FOLDER QUESTIONS. Samples a second and a CPU second,
 * training and evaluation, with all that the loader does; where a training step's CPU
 * time goes, and what the machine can do. See step.sh. */
#include "base/mem.h"
#include "model/model.h"
#include "nn/ground.h"
#include "nn/optimiser.h"
#include "nn/rowmath.h"
#include "step_clips.h"
#include "train/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH = 64, SECONDS = 10, LENGTH = 14 };

/* CPU seconds and what was done in them. */
struct spent {
    double seconds, amount;
};

struct bench {
    struct avqa_model_size size;
    struct avqa_weights weights;
    struct avqa_tape tape;
    struct avqa_optimiser adam;
    struct avqa_train_set set;
    struct avqa_loader *loader;
    const struct avqa_batch *batch;
    uint64_t epoch;
    double update;
};

static struct spent products, maps; /* of all steps so far */

static double now_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Without the loader's threads if there is one thread of arithmetic; with more, they
 * and the waiting of the others are in it. */
static double clock_of(size_t n_threads)
{
    return now_s(n_threads > 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID);
}

/* ---- operations under a clock (the linker's --wrap) -------------------------------
 */

enum avqa_status __real_avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                                  struct avqa_matrix b, const size_t mnk[3],
                                  const struct avqa_gemm_means *means);
enum avqa_status __wrap_avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                                  struct avqa_matrix b, const size_t mnk[3],
                                  const struct avqa_gemm_means *means);
struct avqa_node *__real_avqa_ground(struct avqa_tape *tape, struct avqa_node *f,
                                     const struct avqa_ground *ground);
struct avqa_node *__wrap_avqa_ground(struct avqa_tape *tape, struct avqa_node *f,
                                     const struct avqa_ground *ground);

enum avqa_status __wrap_avqa_gemm(struct avqa_matrix_out out, struct avqa_matrix a,
                                  struct avqa_matrix b, const size_t mnk[3],
                                  const struct avqa_gemm_means *means)
{
    double start = clock_of(means->n_threads);
    enum avqa_status rc = __real_avqa_gemm(out, a, b, mnk, means);
    products.seconds += clock_of(means->n_threads) - start;
    products.amount += 2.0 * (double)mnk[0] * (double)mnk[1] * (double)mnk[2];
    return rc;
}

static avqa_backward_fn *ground_backward;
static double map_bytes;

static void timed_backward(struct avqa_tape *tape, struct avqa_node *node)
{
    double start = clock_of(tape->n_threads);
    ground_backward(tape, node);
    maps.seconds += clock_of(tape->n_threads) - start;
    maps.amount += map_bytes;
}

struct avqa_node *__wrap_avqa_ground(struct avqa_tape *tape, struct avqa_node *f,
                                     const struct avqa_ground *ground)
{
    double start = clock_of(tape->n_threads);
    struct avqa_node *y = __real_avqa_ground(tape, f, ground);
    maps.seconds += clock_of(tape->n_threads) - start;
    map_bytes = 0;
    for (size_t i = 0; i < ground->n_maps; i++)
        map_bytes += (double)(ground->maps[i].n_values * 2 +
                              ground->channels * ground->places / 8);
    maps.amount += map_bytes;
    if (y && y->backward) {
        ground_backward = y->backward;
        y->backward = timed_backward;
    }
    return y;
}

/* ---- the set ----------------------------------------------------------------------
 */

static const char *keep(struct avqa_train_set *set, const char *text)
{
    char *kept = avqa_arena_alloc(&set->arena, strlen(text) + 1);
    return memcpy(kept, text, strlen(text) + 1);
}

static void add_clips(struct avqa_train_set *set, const char *folder)
{
    set->clips = avqa_mem_new(set->n_clips * sizeof *set->clips);
    for (size_t i = 0; i < set->n_clips; i++) {
        char key[BENCH_NAME];
        char path[BENCH_PATH];
        bench_key(key, i);
        bench_shard(path, folder, i);
        const char *name = keep(set, key);
        const char *shard = keep(set, path);
        set->clips[i] =
            (struct avqa_train_clip){.id = (int64_t)i,
                                     .name = name,
                                     .heard = {shard, name, BENCH_HEARD, BENCH_ROWS},
                                     .seen = {shard, name, BENCH_SEEN, BENCH_ROWS}};
    }
}

/* Rows of a clip, an answer and LENGTH words, as step_questions.py writes them. */
static int read_questions(struct avqa_train_set *set, const char *path)
{
    char line[1024];
    size_t cap = 0;
    size_t words_cap = 0;
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        char *at = line;
        size_t i = set->n_questions++;
        avqa_mem_need(&set->questions, &cap, i + 1, sizeof *set->questions);
        avqa_mem_need(&set->words, &words_cap, (i + 1) * LENGTH, sizeof *set->words);
        uint32_t clip = (uint32_t)strtoul(at, &at, 10);
        set->questions[i] = (struct avqa_train_question){
            .id = (int64_t)i, .clip = clip, .answer = (int32_t)strtol(at, &at, 10)};
        for (size_t k = 0; k < LENGTH; k++)
            set->words[i * LENGTH + k] = (int32_t)strtol(at, &at, 10);
        set->n_clips = clip >= set->n_clips ? clip + 1 : set->n_clips;
    }
    return f ? fclose(f) : 1;
}

static enum avqa_status open_set(struct bench *b, const char *folder,
                                 const char *questions)
{
    struct avqa_loader_options options = AVQA_LOADER_DEFAULTS;
    b->set = (struct avqa_train_set){.length = LENGTH,
                                     .sound = BENCH_SOUND,
                                     .channels = BENCH_CHANNELS,
                                     .places = BENCH_PLACES};
    if (read_questions(&b->set, questions))
        return avqa_fail(AVQA_EIO, "%s cannot be read", questions);
    add_clips(&b->set, folder);
    options.model = avqa_model_find("avst");
    options.sampler =
        (struct avqa_sampler){.seed = 1, .batch = BATCH, .world = 1, .shuffle = true};
    enum avqa_status rc = avqa_loader_open(&b->loader, &b->set, &options);
    return rc == AVQA_OK ? avqa_loader_start(b->loader, 0, 0) : rc;
}

/* The next whole batch, of the next epoch after the last. */
static enum avqa_status next_batch(struct bench *b)
{
    const uint32_t *questions;
    enum avqa_status rc = avqa_loader_next(&b->batch, &questions, b->loader);
    while (rc == AVQA_OK && (!b->batch || b->batch->n < BATCH)) {
        rc = avqa_loader_start(b->loader, ++b->epoch, 0);
        if (rc == AVQA_OK)
            rc = avqa_loader_next(&b->batch, &questions, b->loader);
    }
    return rc;
}

/* ---- steps ------------------------------------------------------------------------
 */

static enum avqa_status step(struct bench *b, bool trains)
{
    const struct avqa_forward forward = {&b->tape, &b->weights, &b->size};
    struct avqa_answer out;
    enum avqa_status rc = next_batch(b);
    if (rc != AVQA_OK)
        return rc;
    b->tape.training = trains;
    avqa_tape_reset(&b->tape);
    rc = avqa_model_run(&out, avqa_model_find("avst"), &forward, b->batch);
    if (rc != AVQA_OK || !trains)
        return rc;
    avqa_weights_clear_grads(&b->weights);
    rc = avqa_tape_backward(&b->tape, out.loss);
    double start = clock_of(b->tape.n_threads);
    avqa_optimiser_step(&b->adam, &b->weights, 1e-4, b->tape.n_threads);
    b->update += clock_of(b->tape.n_threads) - start;
    return rc;
}

struct clocks {
    double wall, cpu, steps; /* of the process; of the steps by themselves */
    struct avqa_loader_counts loader;
};

static struct clocks read_clocks(struct bench *b)
{
    struct clocks c = {now_s(CLOCK_MONOTONIC),
                       now_s(CLOCK_PROCESS_CPUTIME_ID),
                       clock_of(b->tape.n_threads),
                       {0}};
    avqa_loader_counts(&c.loader, b->loader);
    return c;
}

static void print_steps(const struct bench *b, const struct clocks *from,
                        const struct clocks *to, size_t n, bool trains)
{
    const char *what = trains ? "train" : "eval";
    double steps = (double)n;
    double wall = to->wall - from->wall;
    printf("avqa %s: %.1f %.1f\n", what, steps * BATCH / wall,
           steps * BATCH / (to->cpu - from->cpu));
    printf("# %s: a step %.0f ms; CPU %.0f ms, of which maps %.0f, products %.0f, "
           "update %.0f\n",
           what, 1e3 * wall / steps, 1e3 * (to->steps - from->steps) / steps,
           1e3 * maps.seconds / steps, 1e3 * products.seconds / steps,
           1e3 * b->update / steps);
    printf(
        "# %s: waited for data %.1f %% of the time; %.0f MB a step from shards, CPU of "
        "process %.0f ms\n",
        what, 1e-4 * (double)(to->loader.wait_us - from->loader.wait_us) / wall,
        1e-6 * (double)(to->loader.read_bytes - from->loader.read_bytes) / steps,
        1e3 * (to->cpu - from->cpu) / steps);
    printf("# %s: maps %.0f MB a step at %.2f GB/s, products %.1f GFLOP at %.1f GF/s "
           "(a CPU "
           "second)\n",
           what, 1e-6 * maps.amount / steps, 1e-9 * maps.amount / maps.seconds,
           1e-9 * products.amount / steps, 1e-9 * products.amount / products.seconds);
}

static enum avqa_status measure(struct bench *b, bool trains, double seconds)
{
    size_t n = 0;
    enum avqa_status rc = AVQA_OK;
    for (int i = 0; rc == AVQA_OK && i < 2; i++)
        rc = step(b, trains);
    products = maps = (struct spent){0, 0};
    b->update = 0;
    struct clocks from = read_clocks(b);
    for (; rc == AVQA_OK && (n < 4 || now_s(CLOCK_MONOTONIC) < from.wall + seconds);
         n++)
        rc = step(b, trains);
    struct clocks to = read_clocks(b);
    if (rc == AVQA_OK)
        print_steps(b, &from, &to, n, trains);
    return rc;
}

/* ---- what the machine can do ------------------------------------------------------
 */

enum { LARGE = 64 << 20 };

/* One thread's: reading memory, and the best of one product after the other. */
static void limits(void)
{
    enum { M = 1280, N = 512, K = 1024 };
    float *x = avqa_mem_new(LARGE * sizeof *x);
    float *room = avqa_mem_new((size_t)4 * M * K * sizeof *room);
    double read = 1e9;
    double best = 1e9;
    float sum = 0;
    for (size_t i = 0; i < LARGE; i++)
        x[i] = (float)(i % 91);
    for (int i = 0; i < 7; i++) {
        double start = now_s(CLOCK_THREAD_CPUTIME_ID);
        sum += avqa_row_sum(x, LARGE);
        double took = now_s(CLOCK_THREAD_CPUTIME_ID) - start;
        read = took < read ? took : read;
        start = now_s(CLOCK_THREAD_CPUTIME_ID);
        if (__real_avqa_gemm((struct avqa_matrix_out){x + 8 * M * K, N, false},
                             (struct avqa_matrix){x, K, false},
                             (struct avqa_matrix){x + 2 * M * K, N, false},
                             (size_t[]){M, N, K},
                             &(struct avqa_gemm_means){1, room}) != AVQA_OK)
            return;
        took = now_s(CLOCK_THREAD_CPUTIME_ID) - start;
        best = took < best ? took : best;
    }
    printf(
        "# limits of a core: reads %.1f GB/s, multiplies %d x %d x %d at %.1f GF/s%s\n",
        1e-9 * LARGE * (double)sizeof *x / read, M, N, K, 2e-9 * M * N * K / best,
        sum < 0 ? "!" : "");
    free(x);
    free(room);
}

int main(int argc, char **argv)
{
    static struct bench b = {.size = AVQA_MODEL_SIZE_DEFAULTS,
                             .adam = AVQA_OPTIMISER_DEFAULTS};
    struct rusage usage;
    if (argc != 5)
        return 2;
    double seconds = strtod(argv[2], NULL);
    b.tape.n_threads = strtoul(argv[1], NULL, 10);
    enum avqa_status rc =
        avqa_model_init(&b.weights, avqa_model_find("avst"), &b.size, 1);
    if (rc == AVQA_OK)
        rc = open_set(&b, argv[3], argv[4]);
    if (rc == AVQA_OK)
        rc = measure(&b, true, seconds);
    if (rc == AVQA_OK)
        rc = measure(&b, false, seconds);
    if (rc != AVQA_OK)
        fprintf(stderr, "%s\n", avqa_message());
    getrusage(RUSAGE_SELF, &usage);
    printf("# a step's memory %zu MB, resident %ld MB\n",
           avqa_tape_bytes(&b.tape) >> 20, usage.ru_maxrss >> 10);
    avqa_loader_close(b.loader);
    avqa_weights_release(&b.weights);
    avqa_tape_release(&b.tape);
    avqa_train_set_release(&b.set);
    limits();
    return rc != AVQA_OK;
}
