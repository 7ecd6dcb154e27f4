/* AVST and its baseline against the published network run in float64 (the oracle's key
 * `how` says how weights and inputs are made): every loss, logit and gradient norm, and
 * the logits after a step of Adam. The same in float within 1e-4 and, built with
 * double, within 1e-9. */
#include "check.h"

#include "model/model.h"
#include "nn/optimiser.h"

enum { BATCH = 2, SECONDS = 10, LENGTH = 14, MAPS = 2 * BATCH * SECONDS };

static const double TOLERANCE = sizeof(avqa_real) == sizeof(double) ? 1e-9 : 1e-4;

static struct avqa_json *oracle;

static double number(const struct avqa_json *node)
{
    double x = 0;
    assert_true(avqa_json_double(node, &x));
    return x;
}

/* Within the tolerance of what it should be; `scale` is what a number here is like. */
static void assert_near(const char *what, double is, double wanted, double scale)
{
    double size = fabs(wanted) > scale ? fabs(wanted) : scale;
    if (!(fabs(is - wanted) <= TOLERANCE * size))
        fail_msg("%s: %.12g, not %.12g", what, is, wanted);
}

/* ---- the oracle's numbers out of a hash ------------------------------------------ */

static double unit(uint32_t j, size_t k)
{
    uint32_t x = (uint32_t)k * 2654435761U + j * 40503U + 12345U;
    x ^= x >> 15;
    x *= 2246822519U;
    x ^= x >> 13;
    return x / 4294967296.0;
}

static void fill_weight(struct avqa_weight *w, uint32_t j)
{
    bool gain = strncmp(w->name, "norm", 4) == 0 && strstr(w->name, ".weight");
    for (size_t k = 0; k < w->n; k++) {
        double u = unit(j, k) - 0.5;
        if (gain)
            u = 1 + 0.2 * u;
        else
            u *= w->rank == 2 ? 2 / sqrt((double)w->shape[1]) : 0.2;
        w->value[k] = (avqa_real)u;
    }
}

struct fixture {
    avqa_real *sound, *values;
    struct avqa_map maps[MAPS];
    int32_t words[BATCH * LENGTH], answers[BATCH];
    struct avqa_batch batch;
    struct avqa_model_size size;
    struct avqa_weights weights;
    struct avqa_tape tape;
};

static void fill_inputs(struct fixture *f, const struct avqa_json *result)
{
    size_t n_map = f->size.channels * f->size.places;
    size_t half = MAPS / 2;
    size_t n_sound = BATCH * SECONDS * f->size.sound;
    assert_ok(avqa_mem_array(&f->sound, n_sound, sizeof *f->sound));
    assert_ok(avqa_mem_array(&f->values, MAPS * n_map, sizeof *f->values));
    for (size_t k = 0; k < n_sound; k++)
        f->sound[k] = (avqa_real)unit(101, k);
    for (size_t k = 0; k < MAPS * n_map; k++) {
        double u = k < half * n_map ? unit(102, k) : unit(103, k - half * n_map);
        f->values[k] = (avqa_real)(u * u * u);
    }
    for (size_t i = 0; i < MAPS; i++)
        f->maps[i] = (struct avqa_map){
            .kind = AVQA_MAP_REAL, .values = f->values + i * n_map, .n_values = n_map};
    size_t n = 0;
    const struct avqa_json *row = avqa_json_first(avqa_json_get(result, "q"));
    for (; row; row = avqa_json_next(row)) {
        const struct avqa_json *word = avqa_json_first(row);
        for (; word; word = avqa_json_next(word), n++) {
            f->words[n] = (int32_t)number(word);
            assert_int_equal(f->words[n], (int32_t)(93 * unit(104, n)));
        }
    }
    assert_int_equal(n, BATCH * LENGTH);
    row = avqa_json_first(avqa_json_get(result, "y"));
    for (n = 0; row; row = avqa_json_next(row))
        f->answers[n++] = (int32_t)number(row);
    f->batch = (struct avqa_batch){
        .n = BATCH,
        .n_seconds = SECONDS,
        .length = LENGTH,
        .words = f->words,
        .sound = f->sound,
        .maps = f->maps,
        .has_others = true,
        .answers = f->answers,
    };
}

static void begin(struct fixture *f, const struct avqa_model *model,
                  const struct avqa_json *result)
{
    memset(f, 0, sizeof *f);
    f->size = (struct avqa_model_size)AVQA_MODEL_SIZE_DEFAULTS;
    f->tape.n_threads = 2;
    fill_inputs(f, result);
    assert_ok(avqa_model_init(&f->weights, model, &f->size, 1));
    size_t n_met = 0;
    const struct avqa_json *p = avqa_json_first(avqa_json_get(result, "params"));
    for (; p; p = avqa_json_next(p)) {
        const char *name = avqa_json_string(avqa_json_get(p, "name"));
        struct avqa_weight *w = avqa_weights_find(&f->weights, name);
        if (!w) { /* the published baseline has, but does not use it */
            assert_close(number(avqa_json_get(p, "grad_l2")), 0, 0);
            continue;
        }
        fill_weight(w, (uint32_t)number(avqa_json_get(p, "j")));
        double sum = 0;
        for (size_t k = 0; k < w->n; k++)
            sum += (double)w->value[k];
        assert_near(name, sum, number(avqa_json_get(p, "sum")), 1);
        n_met++;
    }
    assert_int_equal(n_met, f->weights.n);
}

static void end(struct fixture *f)
{
    avqa_weights_release(&f->weights);
    avqa_tape_release(&f->tape);
    free(f->sound);
    free(f->values);
}

static void check_row(const char *what, const avqa_real *is,
                      const struct avqa_json *wanted, double scale)
{
    const struct avqa_json *x = avqa_json_first(wanted);
    assert_non_null(x);
    for (size_t k = 0; x; x = avqa_json_next(x), k++)
        assert_near(what, (double)is[k], number(x), scale);
}

static void check_gradients(const struct fixture *f, const struct avqa_json *result)
{
    const struct avqa_json *p = avqa_json_first(avqa_json_get(result, "params"));
    for (; p; p = avqa_json_next(p)) {
        const char *name = avqa_json_string(avqa_json_get(p, "name"));
        const struct avqa_weight *w = avqa_weights_find(&f->weights, name);
        if (!w)
            continue;
        double wanted = number(avqa_json_get(p, "grad_l2"));
        double sum = 0;
        for (size_t k = 0; k < w->n; k++)
            sum += (double)w->grad[k] * (double)w->grad[k];
        assert_near(name, sqrt(sum), wanted, 0);
        check_row(name, w->grad, avqa_json_get(p, "grad_first3"),
                  wanted / sqrt((double)w->n));
    }
}

static void run(struct fixture *f, const struct avqa_model *model,
                struct avqa_answer *out)
{
    const struct avqa_forward forward = {
        .tape = &f->tape, .weights = &f->weights, .size = &f->size};
    avqa_tape_reset(&f->tape);
    assert_ok(avqa_model_run(out, model, &forward, &f->batch));
}

static void check_losses(const struct avqa_answer *out, const struct avqa_json *result)
{
    assert_near("loss", (double)*out->loss->value,
                number(avqa_json_get(result, "loss")), 0);
    assert_near("loss_qa", (double)*out->loss_answer->value,
                number(avqa_json_get(result, "loss_qa")), 0);
    if (!out->loss_match)
        return;
    assert_near("loss_match", (double)*out->loss_match->value,
                number(avqa_json_get(result, "loss_match")), 0);
    static const char *const keys[] = {"match_posi_first3", "match_nega_first3"};
    for (size_t h = 0; h < 2; h++) {
        const struct avqa_json *row = avqa_json_first(avqa_json_get(result, keys[h]));
        for (size_t i = 0; row; row = avqa_json_next(row), i++)
            check_row(keys[h], out->match->value + (h * MAPS / 2 + i) * 2, row, 0);
    }
}

static void check_model(const char *name, const char *key, bool matches)
{
    static const char after[] = "logits_row0_after_1_adam_step_lr1e-4";
    const double typical = 0.05; /* of a logit */
    const struct avqa_model *model = avqa_model_find(name);
    const struct avqa_json *result =
        avqa_json_get(avqa_json_get(oracle, "results"), key);
    struct avqa_optimiser adam = AVQA_OPTIMISER_DEFAULTS;
    struct avqa_answer out;
    struct fixture f;
    assert_non_null(model);
    assert_non_null(result);
    begin(&f, model, result);
    run(&f, model, &out);
    assert_true(matches == (out.loss_match != NULL));
    check_losses(&out, result);
    const struct avqa_json *row = avqa_json_first(avqa_json_get(result, "logits"));
    for (size_t i = 0; row; row = avqa_json_next(row), i++)
        check_row("logits", out.logits->value + i * f.size.n_answers, row, typical);
    avqa_weights_clear_grads(&f.weights);
    assert_ok(avqa_tape_backward(&f.tape, out.loss));
    check_gradients(&f, result);
    avqa_optimiser_step(&adam, &f.weights, 1e-4, 2);
    run(&f, model, &out);
    check_row(after, out.logits->value, avqa_json_get(result, after), typical);
    end(&f);
}

static void test_avst(void **state)
{
    (void)state;
    check_model("avst", "avst", true);
}

static void test_baseline(void **state)
{
    (void)state;
    check_model("avst-baseline", "baseline", false);
}

int main(void)
{
    char path[4096];
    const char *shared = getenv("AVQA_SHARED");
    snprintf(path, sizeof path, "%s/data/golden/avst_oracle.json",
             shared ? shared : "../shared");
    if (access(path, R_OK) != 0) {
        printf("no %s: skipped\n", path);
        return 77;
    }
    if (avqa_json_read(&oracle, path, 1 << 20) != AVQA_OK) {
        printf("%s\n", avqa_message());
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_avst),
        cmocka_unit_test(test_baseline),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    avqa_json_free(oracle);
    return failed;
}
