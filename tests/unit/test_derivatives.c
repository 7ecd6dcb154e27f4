/* The gradient of every operation against differences of its value, with double for
 * every number; and that gradients are added to, not replaced. */
#include "op_cases_more.h"

#include <float.h>

/* (f(x + h) - f(x - h)) / 2h is off by h^2 f'''/6 and by the rounding of f over h. */
static const double STEP = 1e-5;

static double loss_of(struct op_run *run)
{
    struct avqa_node *loss;
    op_forward(run, &loss);
    return (double)*loss->value;
}

static void check_weight(struct op_run *run, struct avqa_weight *w)
{
    for (size_t k = 0; k < w->n; k++) {
        avqa_real x = w->value[k];
        w->value[k] = x + (avqa_real)STEP;
        double up = loss_of(run);
        w->value[k] = x - (avqa_real)STEP;
        double down = loss_of(run);
        w->value[k] = x;
        double wanted = (up - down) / (2 * STEP);
        if (!(fabs((double)w->grad[k] - wanted) <= 1e-8 + 1e-6 * fabs(wanted)))
            fail_msg("%s: the derivative by %s[%zu] is %.10g, not %.10g", run->op->name,
                     w->name, k, (double)w->grad[k], wanted);
    }
}

static void check_case(const struct op_case *op)
{
    struct op_run run;
    struct avqa_node *loss;
    op_begin(&run, op);
    op_forward(&run, &loss);
    assert_ok(avqa_tape_backward(&run.tape, loss));
    for (size_t i = 0; i < run.weights.n; i++)
        check_weight(&run, &run.weights.items[i]);
    double once = avqa_weights_grad_norm(&run.weights);
    assert_true(once > 1e-3);
    op_forward(&run, &loss);
    assert_ok(avqa_tape_backward(&run.tape, loss));
    assert_close(avqa_weights_grad_norm(&run.weights), 2 * once, 1e-12 * once);
    op_end(&run);
}

static void test_every_operation(void **state)
{
    (void)state;
    assert_int_equal(sizeof(avqa_real), sizeof(double));
    for (size_t i = 0; i < N_OF(op_cases); i++)
        check_case(&op_cases[i]);
    for (size_t i = 0; i < N_OF(op_cases_more); i++)
        check_case(&op_cases_more[i]);
}

static struct avqa_node *drop(struct avqa_tape *t, struct avqa_node **p)
{
    return avqa_dropout(t, avqa_dropout(t, p[0], (avqa_real)0.25), (avqa_real)0.5);
}

static struct avqa_node *attend_dropping(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_attention options = {.heads = 2, .dropout = (avqa_real)0.3};
    return avqa_attention(t, (struct avqa_node *[]){p[0], p[1], p[2]}, &options);
}

static struct avqa_node *attend_one_dropping(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_attention_one options = {.heads = 2, .dropout = (avqa_real)0.3};
    return avqa_attention_one(t, (struct avqa_node *[]){p[0], p[1], p[2], p[3]},
                              &options);
}

/* The same numbers fall out every time that the tape begins anew with the same seed. */
static void test_dropping_operations(void **state)
{
    (void)state;
    static const struct op_case cases[] = {
        {"dropout", {{"x", 2, {20, 7}}}, drop},
        {"attention with dropout",
         {{"q", 3, {2, 3, 8}}, {"k", 3, {2, 5, 8}}, {"v", 3, {2, 5, 8}}},
         attend_dropping},
        {"attention_one with dropout",
         {{"q", 2, {3, 8}}, {"x", 3, {3, 5, 8}}, {"w", 2, {16, 8}}, {"b", 1, {16}}},
         attend_one_dropping},
    };
    for (size_t i = 0; i < N_OF(cases); i++)
        check_case(&cases[i]);
}

/* A node that is used twice, through windows too, gathers from all its uses. */
static struct avqa_node *use_twice(struct avqa_tape *t, struct avqa_node **p)
{
    struct avqa_node *x = avqa_tanh(t, p[0]);
    struct avqa_node *half = avqa_rows(t, x, 0, 2);
    struct avqa_node *other = avqa_rows(t, x, 1, 3);
    struct avqa_node *y = avqa_mul(t, half, other);
    return avqa_add(t, y, avqa_reshape(t, avqa_rows(t, x, 2, 4), 2, (size_t[]){2, 3}));
}

static void test_uses_gather(void **state)
{
    (void)state;
    check_case(&(struct op_case){"use twice", {{"x", 2, {4, 3}}}, use_twice});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation),
        cmocka_unit_test(test_dropping_operations),
        cmocka_unit_test(test_uses_gather),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
