/* Operations, optimisers, schedules and clipping against PyTorch's numbers
 * (ops_reference.py), in float and, built with double, to the last digits. */
#include "op_cases_more.h"

#include "nn/optimiser.h"
#include "nn/schedule.h"

static const double TOLERANCE = sizeof(avqa_real) == sizeof(double) ? 1e-12 : 2e-6;

static struct avqa_json *golden;

static double number(const struct avqa_json *node)
{
    double x = 0;
    assert_true(avqa_json_double(node, &x));
    return x;
}

/* Relative to the number or, for those near zero, to 1, which all of them are like. */
static void check_row(const char *what, const avqa_real *is, size_t n,
                      const struct avqa_json *wanted)
{
    assert_non_null(wanted);
    assert_int_equal(avqa_json_count(wanted), n);
    const struct avqa_json *x = avqa_json_first(wanted);
    for (size_t k = 0; x; x = avqa_json_next(x), k++) {
        double w = number(x);
        if (!(fabs((double)is[k] - w) <= TOLERANCE * (1 + fabs(w))))
            fail_msg("%s[%zu] = %.12g, not %.12g", what, k, (double)is[k], w);
    }
}

static void check_case(const struct avqa_json *ops, const struct op_case *op)
{
    struct op_run run;
    struct avqa_node *loss;
    const struct avqa_json *wanted = avqa_json_get(ops, op->name);
    op_begin(&run, op);
    struct avqa_node *y = op_forward(&run, &loss);
    check_row(op->name, y->value, y->n, avqa_json_get(wanted, "value"));
    assert_ok(avqa_tape_backward(&run.tape, loss));
    for (size_t k = 0; k < run.weights.n; k++) {
        const struct avqa_weight *w = &run.weights.items[k];
        char what[64];
        snprintf(what, sizeof what, "%s by %s", op->name, w->name);
        check_row(what, w->grad, w->n,
                  avqa_json_get(avqa_json_get(wanted, "grads"), w->name));
    }
    op_end(&run);
}

static void test_operations(void **state)
{
    (void)state;
    const struct avqa_json *ops = avqa_json_get(golden, "ops");
    assert_int_equal(avqa_json_count(ops), N_OF(op_cases) + N_OF(op_cases_more));
    for (size_t i = 0; i < N_OF(op_cases); i++)
        check_case(ops, &op_cases[i]);
    for (size_t i = 0; i < N_OF(op_cases_more); i++)
        check_case(ops, &op_cases_more[i]);
}

/* Two steps of training, in which the running statistics go along. */
static void test_running_statistics(void **state)
{
    (void)state;
    const struct avqa_json *wanted = avqa_json_get(golden, "running");
    const struct op_case *op = NULL;
    avqa_real mean[3] = {0};
    avqa_real variance[] = {1, 1, 1};
    const struct avqa_batch_norm running = {mean, variance, (avqa_real)0.1};
    struct op_run run;
    for (size_t i = 0; i < N_OF(op_cases_more); i++)
        if (strcmp(op_cases_more[i].name, "batch_norm") == 0)
            op = &op_cases_more[i];
    assert_non_null(op);
    op_begin(&run, op);
    for (int step = 0; step < 2; step++) {
        struct avqa_node *p[3];
        avqa_tape_reset(&run.tape);
        for (size_t i = 0; i < 3; i++)
            p[i] = avqa_of_weight(&run.tape, &run.weights.items[i]);
        avqa_batch_norm(&run.tape, avqa_scale(&run.tape, p[0], (avqa_real)(step + 1)),
                        p[1], p[2], &running);
        assert_ok(avqa_tape_status(&run.tape));
    }
    check_row("running mean", mean, 3, avqa_json_get(wanted, "mean"));
    check_row("running variance", variance, 3, avqa_json_get(wanted, "variance"));
    op_end(&run);
}

static void fill(avqa_real *row, size_t n, uint32_t j)
{
    for (size_t k = 0; k < n; k++)
        row[k] = (avqa_real)(2 * case_unit(j, k) - 1);
}

static void check_optimiser(const char *name, struct avqa_optimiser optimiser)
{
    static const struct avqa_weight_spec spec = {.name = "p", .rank = 1, .shape = {11}};
    struct avqa_weights weights = {0};
    assert_ok(avqa_weights_add(&weights, &spec, 1, 1));
    fill(weights.items[0].value, 11, 1);
    for (uint32_t step = 0; step < 3; step++) {
        fill(weights.items[0].grad, 11, 10 + step);
        avqa_optimiser_step(&optimiser, &weights, 0.1, 2);
    }
    assert_int_equal(optimiser.n_steps, 3);
    check_row(name, weights.items[0].value, 11,
              avqa_json_get(avqa_json_get(golden, "optimisers"), name));
    avqa_weights_release(&weights);
}

static void test_optimisers(void **state)
{
    (void)state;
    struct avqa_optimiser o = AVQA_OPTIMISER_DEFAULTS;
    check_optimiser("adam", o);
    o.weight_decay = 0.2;
    check_optimiser("adam_decay", o);
    check_optimiser("adamw", (struct avqa_optimiser){.kind = AVQA_ADAMW,
                                                     .beta1 = 0.8,
                                                     .beta2 = 0.98,
                                                     .epsilon = 1e-3,
                                                     .weight_decay = 0.2});
    check_optimiser("sgd", (struct avqa_optimiser){.kind = AVQA_SGD});
    check_optimiser("sgd_momentum", (struct avqa_optimiser){.kind = AVQA_SGD,
                                                            .momentum = 0.9,
                                                            .weight_decay = 0.01});
}

static void check_schedule(const char *name, struct avqa_schedule schedule)
{
    const struct avqa_json *rate =
        avqa_json_first(avqa_json_get(avqa_json_get(golden, "schedules"), name));
    assert_non_null(rate);
    for (double at = 0; rate; rate = avqa_json_next(rate), at++)
        assert_close(avqa_schedule_rate(&schedule, at), number(rate), 1e-15);
}

static void test_schedules(void **state)
{
    (void)state;
    check_schedule("step", (struct avqa_schedule){AVQA_STEP, .rate = 0.5, .factor = 0.1,
                                                  .every = 8});
    check_schedule("cosine",
                   (struct avqa_schedule){AVQA_COSINE, .rate = 0.5, .total = 20});
    check_schedule("warm_up",
                   (struct avqa_schedule){AVQA_STEP, .rate = 0.5, .warm_up = 4,
                                          .factor = 0.5, .every = 3});
    struct avqa_schedule constant = {AVQA_CONSTANT, .rate = 0.5};
    assert_close(avqa_schedule_rate(&constant, 1e6), 0.5, 0);
}

static void check_clip(const char *key, double limit)
{
    static const struct avqa_weight_spec specs[] = {
        {.name = "a", .rank = 1, .shape = {5}}, {.name = "b", .rank = 1, .shape = {3}}};
    struct avqa_weights weights = {0};
    avqa_real grads[8];
    const struct avqa_json *wanted = avqa_json_get(avqa_json_get(golden, "clip"), key);
    assert_ok(avqa_weights_add(&weights, specs, 2, 1));
    fill(weights.items[0].grad, 5, 20);
    fill(weights.items[1].grad, 3, 21);
    assert_close(avqa_weights_clip(&weights, limit),
                 number(avqa_json_get(wanted, "norm")), 1e-6);
    memcpy(grads, weights.items[0].grad, 5 * sizeof *grads);
    memcpy(grads + 5, weights.items[1].grad, 3 * sizeof *grads);
    check_row("clipped", grads, 8, avqa_json_get(wanted, "grads"));
    avqa_weights_release(&weights);
}

static void test_clipping(void **state)
{
    (void)state;
    check_clip("0.5", 0.5);
    check_clip("100", 100);
}

int main(void)
{
    char path[4096];
    const char *source = getenv("AVQA_SOURCE");
    snprintf(path, sizeof path, "%s/tests/data/golden/ops_reference.json",
             source ? source : ".");
    if (avqa_json_read(&golden, path, 1 << 20) != AVQA_OK) {
        printf("%s\n", avqa_message());
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations), cmocka_unit_test(test_running_statistics),
        cmocka_unit_test(test_optimisers), cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_clipping),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    avqa_json_free(golden);
    return failed;
}
