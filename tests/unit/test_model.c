/* The models: as many parameters as the published ones, each of which gets a gradient;
 * each model learns a small batch by heart with dropout on; the same numbers for every
 * run, and for one and two threads; what stage one learned goes into stage two. */
#include "check.h"

#include "base/rng.h"
#include "model/model.h"
#include "base/half.h"
#include "nn/optimiser.h"
#include "nn/safetensors.h"

enum { BATCH = 6, SECONDS = 3, LENGTH = 5, MAPS = 2 * BATCH * SECONDS };
enum { CHANNELS = 512, PLACES = 4, SOUND = 16, WORDS = 20, ANSWERS = 7 };

static const struct avqa_model_size size = {.n_words = WORDS,
                                            .n_answers = ANSWERS,
                                            .sound = SOUND,
                                            .channels = CHANNELS,
                                            .places = PLACES};

static float sound[BATCH * SECONDS * SOUND];
static uint16_t values[MAPS][CHANNELS * PLACES];
static struct avqa_map maps[MAPS];
static int32_t words[BATCH * LENGTH], answers[BATCH];

static struct avqa_batch make_batch(void)
{
    struct avqa_rng rng;
    avqa_rng_init(&rng, 1, "batch");
    for (size_t i = 0; i < N_OF(sound); i++)
        sound[i] = (float)avqa_rng_unit(&rng);
    for (size_t m = 0; m < MAPS; m++) {
        for (size_t i = 0; i < (size_t)CHANNELS * PLACES; i++)
            values[m][i] = avqa_half_from_float((float)avqa_rng_unit(&rng) * 3);
        maps[m] = (struct avqa_map){AVQA_MAP_F16, values[m], NULL, CHANNELS * PLACES};
    }
    for (size_t i = 0; i < N_OF(words); i++)
        words[i] = (int32_t)avqa_rng_below(&rng, WORDS);
    for (size_t i = 0; i < BATCH; i++)
        answers[i] = (int32_t)i;
    return (struct avqa_batch){.n = BATCH,
                               .n_seconds = SECONDS,
                               .length = LENGTH,
                               .words = words,
                               .sound = sound,
                               .maps = maps,
                               .has_others = true,
                               .answers = answers};
}

struct run {
    struct avqa_weights weights;
    struct avqa_tape tape;
    struct avqa_optimiser adam;
    const struct avqa_model *model;
    struct avqa_batch batch;
};

static void begin(struct run *run, const struct avqa_model *model, size_t n_threads)
{
    memset(run, 0, sizeof *run);
    run->model = model;
    run->batch = make_batch();
    run->tape.n_threads = n_threads;
    run->tape.training = true;
    run->adam = (struct avqa_optimiser)AVQA_OPTIMISER_DEFAULTS;
    assert_ok(avqa_model_init(&run->weights, model, &size, 3));
}

static void end(struct run *run)
{
    avqa_weights_release(&run->weights);
    avqa_tape_release(&run->tape);
}

static double step(struct run *run)
{
    struct avqa_answer out;
    const struct avqa_forward forward = {&run->tape, &run->weights, &size};
    avqa_tape_reset(&run->tape);
    run->tape.seed = run->adam.n_steps;
    assert_ok(avqa_model_run(&out, run->model, &forward, &run->batch));
    double loss = (double)*out.loss->value;
    avqa_weights_clear_grads(&run->weights);
    assert_ok(avqa_tape_backward(&run->tape, out.loss));
    avqa_optimiser_step(&run->adam, &run->weights, 1e-3, run->tape.n_threads);
    return loss;
}

static void check_model(const struct avqa_model *model)
{
    struct run run;
    begin(&run, model, 1);
    double first = step(&run);
    for (size_t i = 0; i < run.weights.n; i++) {
        const struct avqa_weight *w = &run.weights.items[i];
        double sum = 0;
        for (size_t k = 0; k < w->n; k++)
            sum += fabs((double)w->grad[k]);
        if (!(sum > 0))
            fail_msg("%s: %s gets no gradient", model->name, w->name);
    }
    assert_true(first > 0.3);
    double last = first;
    for (size_t i = 0; i < 60; i++)
        last = step(&run);
    if (!(last < 0.25 * first))
        fail_msg("%s: the loss goes from %g to %g", model->name, first, last);
    end(&run);
}

static void test_every_model_learns(void **state)
{
    (void)state;
    size_t n = 0;
    for (; avqa_model_at(n); n++) {
        assert_ptr_equal(avqa_model_find(avqa_model_at(n)->name), avqa_model_at(n));
        check_model(avqa_model_at(n));
    }
    assert_int_equal(n, 8);
    assert_null(avqa_model_find("avs"));
}

static size_t count(const char *name)
{
    struct avqa_weights weights = {0};
    const struct avqa_model_size published = AVQA_MODEL_SIZE_DEFAULTS;
    assert_ok(avqa_model_init(&weights, avqa_model_find(name), &published, 1));
    size_t n = avqa_weights_count(&weights);
    avqa_weights_release(&weights);
    return n;
}

/* Of the published modules those that receive a gradient. */
static void test_parameter_counts(void **state)
{
    (void)state;
    assert_int_equal(count("avst"), 7916716);
    assert_int_equal(count("avst-baseline"), 6702634);
    assert_int_equal(count("av+q+tg"), 6702634);
    assert_int_equal(count("q"), 2673664 + 21546);
    assert_int_equal(count("avst-grounding"),
                     66048 + 262656 + 524800 + 524800 + 131328 + 32896 + 258);
}

/* Models that compare a map's channels with 512 numbers of sound need as many. */
static void test_channels(void **state)
{
    struct avqa_model_size small = AVQA_MODEL_SIZE_DEFAULTS;
    (void)state;
    small.channels = 256;
    for (size_t i = 0; avqa_model_at(i); i++) {
        const char *name = avqa_model_at(i)->name;
        struct avqa_weights weights = {0};
        enum avqa_status rc = avqa_model_init(&weights, avqa_model_at(i), &small, 1);
        bool any = !strchr(name, 't'); /* avst, avst-..., av+q+tg: not */
        assert_int_equal(rc, any ? AVQA_OK : AVQA_EINVAL);
        if (!any)
            assert_has(avqa_message(),
                       "needs maps of as many channels; these have 256");
        avqa_weights_release(&weights);
    }
}

/* All parameters and the loss after five steps, which must be those of `like`. */
static void check_repeats(struct run *like, size_t n_threads)
{
    struct run run;
    double loss = 0;
    double wanted = 1;
    begin(&run, like->model, n_threads);
    begin(like, like->model, 1);
    for (size_t i = 0; i < 5; i++) {
        wanted = step(like);
        loss = step(&run);
    }
    assert_memory_equal(&loss, &wanted, sizeof loss);
    for (size_t i = 0; i < run.weights.n; i++)
        if (memcmp(run.weights.items[i].value, like->weights.items[i].value,
                   run.weights.items[i].n * sizeof(float)) != 0)
            fail_msg("%s: %s is another with %zu threads", run.model->name,
                     run.weights.items[i].name, n_threads);
    end(&run);
    end(like);
}

/* Any two runs have the same bits, whatever the number of threads. */
static void test_runs_repeat(void **state)
{
    (void)state;
    static const char *const names[] = {"avst", "avst-grounding", "q"};
    for (size_t i = 0; i < N_OF(names); i++) {
        struct run like = {.model = avqa_model_find(names[i])};
        for (size_t n = 1; n <= 3; n++)
            check_repeats(&like, n);
    }
}

static void test_evaluation_needs_no_answers(void **state)
{
    (void)state;
    struct run run;
    struct avqa_answer out;
    begin(&run, avqa_model_find("avst"), 1);
    const struct avqa_forward forward = {&run.tape, &run.weights, &size};
    run.tape.training = false;
    run.batch.answers = NULL;
    run.batch.has_others = false;
    assert_ok(avqa_model_run(&out, run.model, &forward, &run.batch));
    assert_int_equal(out.logits->n, BATCH * ANSWERS);
    assert_null(out.loss);
    assert_null(out.match);
    double places = 0;
    double seconds = 0;
    for (size_t p = 0; p < PLACES; p++)
        places += (double)out.places[p];
    for (size_t s = 0; s < SECONDS; s++)
        seconds += (double)out.seconds_heard[s];
    assert_close(places, 1, 1e-6);
    assert_close(seconds, 1, 1e-6);
    end(&run);
}

/* Questions that begin alike, or are the same, are answered as each by itself. */
static void test_beginnings_are_shared(void **state)
{
    (void)state;
    static const int32_t asked[BATCH][LENGTH] = {{1, 2, 3, 0, 0}, {1, 2, 3, 4, 0},
                                                 {1, 2, 3, 0, 0}, {5, 2, 3, 4, 0},
                                                 {1, 6, 3, 4, 0}, {1, 2, 4, 4, 7}};
    struct run run;
    struct avqa_answer out;
    float together[BATCH * ANSWERS];
    begin(&run, avqa_model_find("q"), 1);
    const struct avqa_forward forward = {&run.tape, &run.weights, &size};
    run.tape.training = false;
    run.batch.words = asked[0];
    assert_ok(avqa_model_run(&out, run.model, &forward, &run.batch));
    memcpy(together, out.logits->value, sizeof together);
    run.batch.n = 1;
    for (size_t i = 0; i < BATCH; i++) {
        avqa_tape_reset(&run.tape);
        run.batch.words = asked[i];
        assert_ok(avqa_model_run(&out, run.model, &forward, &run.batch));
        for (size_t k = 0; k < ANSWERS; k++)
            assert_close((double)out.logits->value[k],
                         (double)together[i * ANSWERS + k], 1e-6);
    }
    assert_memory_equal(together, together + 2 * ANSWERS, ANSWERS * sizeof *together);
    assert_memory_not_equal(together, together + ANSWERS, ANSWERS * sizeof *together);
    end(&run);
}

static void test_stage_one_goes_into_stage_two(void **state)
{
    (void)state;
    char *folder = check_folder();
    char *file = avqa_io_join(folder, "stage1.safetensors");
    struct run one;
    struct run two;
    struct avqa_params written = {0};
    struct avqa_params read = {0};
    size_t n_taken;
    begin(&one, avqa_model_find("avst-grounding"), 1);
    begin(&two, avqa_model_find("avst"), 1);
    step(&one);
    assert_ok(avqa_weights_give(&written, &one.weights));
    assert_ok(avqa_safetensors_write(file, &written));
    assert_ok(avqa_safetensors_read(&read, NULL, file));
    assert_ok(avqa_weights_take(&n_taken, &two.weights, &read));
    assert_int_equal(n_taken, 14);
    const struct avqa_weight *from = avqa_weights_find(&one.weights, "fc_gl.weight");
    const struct avqa_weight *to = avqa_weights_find(&two.weights, "fc_gl.weight");
    assert_memory_equal(from->value, to->value, to->n * sizeof *to->value);
    ((float *)read.items[3].value.data)[2] = NAN;
    assert_fails(avqa_weights_take(&n_taken, &two.weights, &read), AVQA_EFORMAT,
                 "\"fc_a2.bias\" is not finite");
    read.items[0].value.shape[0] = 7;
    assert_fails(avqa_weights_take(&n_taken, &two.weights, &read), AVQA_EFORMAT,
                 "\"fc_a1.weight\" has shape [7, 16], not [512, 16]");
    free(file);
    check_remove(folder);
    avqa_params_release(&written);
    avqa_params_release(&read);
    end(&one);
    end(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model_learns),
        cmocka_unit_test(test_parameter_counts),
        cmocka_unit_test(test_channels),
        cmocka_unit_test(test_runs_repeat),
        cmocka_unit_test(test_evaluation_needs_no_answers),
        cmocka_unit_test(test_beginnings_are_shared),
        cmocka_unit_test(test_stage_one_goes_into_stage_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
