/* The state of a run on disk: what is loaded is what was saved, to the last bit; files
 * that do not belong together, rotten bytes and numbers that are none are refused; and
 * a save that fails leaves the state before. */
#include "check.h"

#include "base/json.h"
#include "base/mem.h"
#include "nn/safetensors.h"
#include "train/checkpoint.h"

#include <sys/stat.h>

static const struct avqa_weight_spec specs[] = {
    {.name = "a.weight",
     .rank = 2,
     .shape = {3, 5},
     .init = AVQA_INIT_UNIFORM,
     .scale = 1},
    {.name = "a.bias", .rank = 1, .shape = {3}, .init = AVQA_INIT_NORMAL, .scale = 2},
};

static void make(struct avqa_weights *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    assert_ok(avqa_weights_add(w, specs, N_OF(specs), seed));
    for (size_t i = 0; i < w->n; i++)
        for (size_t k = 0; k < w->items[i].n; k++) {
            w->items[i].state[0][k] = (avqa_real)(seed + k) / 3;
            w->items[i].state[1][k] = (avqa_real)1e-30 * (avqa_real)(seed + 2 * k);
        }
}

static bool is_same(const struct avqa_weights *a, const struct avqa_weights *b)
{
    bool same = true;
    for (size_t i = 0; i < a->n; i++) {
        const struct avqa_weight *x = &a->items[i];
        const struct avqa_weight *y = &b->items[i];
        size_t size = x->n * sizeof *x->value;
        same = same && memcmp(x->value, y->value, size) == 0 &&
               memcmp(x->state[0], y->state[0], size) == 0 &&
               memcmp(x->state[1], y->state[1], size) == 0;
    }
    return same;
}

static void save(const char *folder, const struct avqa_weights *w, int64_t step)
{
    struct avqa_json *json = avqa_json_new_object();
    avqa_json_put_int(json, "step", step);
    assert_ok(avqa_checkpoint_save(folder, w, 2, json));
    avqa_json_free(json);
}

static void assert_loads(const char *folder, const struct avqa_weights *wanted,
                         int64_t step)
{
    struct avqa_weights w;
    struct avqa_json *json;
    make(&w, 99);
    assert_ok(avqa_checkpoint_load(&json, &w, 2, folder));
    assert_int_equal(check_int(json, "step", NULL), step);
    assert_true(is_same(&w, wanted));
    avqa_json_free(json);
    avqa_weights_release(&w);
}

static void assert_refused(const char *folder, enum avqa_status code, const char *text)
{
    struct avqa_weights w;
    struct avqa_json *json;
    make(&w, 99);
    assert_fails(avqa_checkpoint_load(&json, &w, 2, folder), code, text);
    assert_null(json);
    avqa_weights_release(&w);
}

static void test_round_trip(void **state)
{
    char *folder = check_folder();
    struct avqa_weights w;
    (void)state;
    assert_false(avqa_checkpoint_exists(folder));
    assert_refused(folder, AVQA_ENOENT, "state.json");
    for (int64_t step = 1; step <= 4; step++) {
        make(&w, (uint64_t)step);
        save(folder, &w, step);
        assert_true(avqa_checkpoint_exists(folder));
        assert_loads(folder, &w, step);
        avqa_weights_release(&w);
    }
    check_remove(folder);
}

/* Which of the two files the state has; the other one is not there. */
static char *tensors_of(const char *folder)
{
    char *a = avqa_io_join(folder, "state-0.safetensors");
    char *b = avqa_io_join(folder, "state-1.safetensors");
    bool first = avqa_io_exists(a);
    assert_int_equal(first, !avqa_io_exists(b));
    free(first ? b : a);
    return first ? a : b;
}

static void test_damage(void **state)
{
    char *folder = check_folder();
    struct avqa_weights w;
    (void)state;
    make(&w, 1);
    save(folder, &w, 1);
    char *path = tensors_of(folder);
    struct avqa_buf bytes = check_read(path);
    for (size_t i = 0; i < bytes.len; i += 37) {
        bytes.data[i] = (char)(bytes.data[i] ^ 4);
        assert_ok(avqa_io_write(path, bytes.data, bytes.len));
        assert_refused(folder, AVQA_EFORMAT, path);
        bytes.data[i] = (char)(bytes.data[i] ^ 4);
    }
    assert_ok(avqa_io_write(path, bytes.data, bytes.len));
    assert_loads(folder, &w, 1);
    assert_ok(avqa_io_write(path, bytes.data, bytes.len / 2));
    assert_refused(folder, AVQA_EFORMAT, path);
    assert_ok(avqa_io_remove(path));
    assert_refused(folder, AVQA_ENOENT, path);
    avqa_buf_release(&bytes);
    avqa_weights_release(&w);
    free(path);
    check_remove(folder);
}

static void test_other_model(void **state)
{
    static const struct avqa_weight_spec other = {.name = "b.weight",
                                                  .rank = 1,
                                                  .shape = {2},
                                                  .init = AVQA_INIT_CONSTANT,
                                                  .scale = 1};
    char *folder = check_folder();
    struct avqa_weights w;
    struct avqa_json *json;
    (void)state;
    make(&w, 1);
    save(folder, &w, 1);
    assert_ok(avqa_weights_add(&w, &other, 1, 1));
    assert_fails(avqa_checkpoint_load(&json, &w, 2, folder), AVQA_EFORMAT,
                 "the tensor \"b.weight\" is missing");
    avqa_weights_release(&w);
    check_remove(folder);
}

/* What cannot be saved leaves what is there: a number that is none, and a folder where
 * the file of tensors should be written. */
static void test_failed_saves(void **state)
{
    char *folder = check_folder();
    struct avqa_weights w, worse;
    (void)state;
    make(&w, 1);
    make(&worse, 2);
    save(folder, &w, 1);
    struct avqa_json *json = avqa_json_new_object();
    worse.items[1].state[1][2] = (avqa_real)NAN;
    assert_fails(avqa_checkpoint_save(folder, &worse, 2, json), AVQA_EFORMAT,
                 "a number of \"a.bias.state.1\" is not finite");
    assert_loads(folder, &w, 1);
    char *path = tensors_of(folder);
    bool first = strstr(path, "state-0") != NULL;
    char *blocked =
        avqa_io_join(folder, first ? "state-1.safetensors" : "state-0.safetensors");
    assert_int_equal(mkdir(blocked, 0777), 0);
    worse.items[1].state[1][2] = 0;
    assert_int_not_equal(avqa_checkpoint_save(folder, &worse, 2, json), AVQA_OK);
    assert_has(avqa_message(), blocked);
    assert_loads(folder, &w, 1);
    avqa_json_free(json);
    avqa_weights_release(&w);
    avqa_weights_release(&worse);
    free(blocked);
    free(path);
    check_remove(folder);
}

/* The weights alone: other tools read them by name. */
static void test_weights_alone(void **state)
{
    char *folder = check_folder();
    char *path = avqa_io_join(folder, "best.safetensors");
    struct avqa_weights w;
    struct avqa_params params = {0};
    (void)state;
    make(&w, 5);
    assert_ok(avqa_checkpoint_write(path, &w));
    assert_ok(avqa_safetensors_read(&params, NULL, path));
    assert_int_equal(params.n, 2);
    const struct avqa_tensor *t = avqa_params_find(&params, "a.weight");
    assert_non_null(t);
    assert_memory_equal(t->data, w.items[0].value, 15 * sizeof(avqa_real));
    avqa_params_release(&params);
    avqa_weights_release(&w);
    free(path);
    check_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_damage),
        cmocka_unit_test(test_other_model),   cmocka_unit_test(test_failed_saves),
        cmocka_unit_test(test_weights_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
