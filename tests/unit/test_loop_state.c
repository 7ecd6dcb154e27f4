/* Where a run is, as JSON and back: the same to the last bit; and whatever else stands
 * there is refused by name, also by a loop that is to go on with it. */
#include "loader_fixture.h"

#include "base/hash.h"
#include "train/checkpoint.h"
#include "train/loop.h"
#include "train/loop_state.h"

enum { N_GROUPS = 1 };

static const char GOOD[] =
    "{\"schema\": 1, \"epoch\": 2, \"step\": 3, \"n_steps\": 13, \"n_updates\": 12, "
    "\"wall_us\": 5, \"wait_us\": 4, \"best_epoch\": 1, \"best_correct\": 7, "
    "\"sums\": [1.25, 0.5, 0.1, 9, 4, 10, 4, 10], "
    "\"epochs\": [{\"epoch\": 1, \"best\": true}, {\"epoch\": 2}]}";

/* GOOD, with `to` where `from` stands. */
static struct avqa_json *changed(const char *from, const char *to)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_json *json;
    const char *at = strstr(GOOD, from);
    assert_non_null(at);
    avqa_buf_add(&text, GOOD, (size_t)(at - GOOD));
    avqa_buf_adds(&text, to);
    avqa_buf_adds(&text, at + strlen(from));
    assert_ok(avqa_json_parse(&json, avqa_buf_str(&text), text.len));
    avqa_buf_release(&text);
    return json;
}

static void test_round_trip(void **state)
{
    struct avqa_loop_state a, b;
    struct avqa_json *json = changed("", "");
    (void)state;
    avqa_loop_state_init(&a, N_GROUPS);
    avqa_loop_state_init(&b, N_GROUPS);
    assert_ok(avqa_loop_state_read(&a, json));
    avqa_json_free(json);
    json = avqa_loop_state_json(&a);
    assert_ok(avqa_loop_state_read(&b, json));
    assert_int_equal(b.epoch, 2);
    assert_int_equal(b.step, 3);
    assert_int_equal(b.n_steps, 13);
    assert_int_equal(b.n_updates, 12);
    assert_int_equal(b.wall_us, 5);
    assert_int_equal(b.wait_us, 4);
    assert_int_equal(b.best_epoch, 1);
    assert_int_equal(b.best_correct, 7);
    assert_int_equal(a.sums.n, b.sums.n);
    assert_memory_equal(a.sums.numbers, b.sums.numbers, a.sums.n * sizeof(double));
    assert_true(b.sums.numbers[AVQA_METRIC_LOSS] == 1.25);
    assert_int_equal(avqa_json_count(b.epochs), 2);
    avqa_json_free(json);
    avqa_loop_state_release(&a);
    avqa_loop_state_release(&b);
}

static const struct {
    const char *from, *to;
    enum avqa_status code;
    const char *message;
} cases[] = {
    {"\"schema\": 1", "\"schema\": 2", AVQA_EVERSION, "schema 2, not 1"},
    {"\"schema\": 1", "\"schema\": 0", AVQA_EFORMAT, "schema 0, not 1"},
    {"\"epoch\": 2, \"step\"", "\"step\"", AVQA_EFORMAT, "\"epoch\" is no number"},
    {"\"step\": 3", "\"step\": -1", AVQA_EFORMAT, "\"step\" is no number"},
    {"\"wait_us\": 4", "\"wait_us\": 0.5", AVQA_EFORMAT, "\"wait_us\" is no number"},
    {"\"best_epoch\": 1", "\"best_epoch\": 3", AVQA_EFORMAT,
     "\"best_epoch\" is 3 of 2"},
    {"\"best_epoch\": 1", "\"best_epoch\": 0", AVQA_EFORMAT,
     "\"best_epoch\" is 0 of 2"},
    {"1.25, ", "", AVQA_EFORMAT, "\"sums\": 7 sums, not 8"},
    {"0.5", "null", AVQA_EFORMAT, "\"sums\": sum 1 is no number"},
    {"9, 4", "0.5, 4", AVQA_EFORMAT, "\"sums\": sum 3 is no count"},
    {"9, 4", "9, 1e300", AVQA_EFORMAT, "\"sums\": sum 4 is no count"},
    {"4, 10]", "4, -1]", AVQA_EFORMAT, "\"sums\": sum 7 is no count"},
    {", {\"epoch\": 2}", "", AVQA_EFORMAT, "\"epochs\" is not a list of 2"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_loop_state s;
        struct avqa_json *json = changed(cases[i].from, cases[i].to);
        avqa_loop_state_init(&s, N_GROUPS);
        assert_fails(avqa_loop_state_read(&s, json), cases[i].code, cases[i].message);
        avqa_loop_state_release(&s);
        avqa_json_free(json);
    }
}

/* The tensors are those of the state, and what else stands there is not: the loop says
 * so before it reads a batch. */
static void test_loop_refuses(void **state)
{
    struct loader_fixture data;
    char *folder = check_folder();
    struct avqa_weights w = {0};
    (void)state;
    loader_fixture_make(&data, AVQA_SHARD_SPARSE16);
    const uint32_t of[LOADER_QUESTIONS] = {0};
    const struct avqa_loop_options o = {
        .model = avqa_model_find("q"),
        .size = {.n_words = 10 * LOADER_QUESTIONS + LOADER_WORDS, .n_answers = 5},
        .train = &data.set,
        .train_groups = {(const char *const[]){"all"}, N_GROUPS, of},
        .loader = loader_fixture_options("q"),
        .optimiser = AVQA_OPTIMISER_DEFAULTS,
        .schedule = {.kind = AVQA_CONSTANT, .rate = 1e-4},
        .n_epochs = 3,
        .n_threads = 1,
        .resume = true,
        .folder = folder,
    };
    assert_ok(avqa_model_init(&w, o.model, &o.size, 7));
    for (size_t i = 0; i < N_OF(cases); i += 4) {
        struct avqa_json *json = changed(cases[i].from, cases[i].to);
        assert_ok(avqa_checkpoint_save(folder, &w, avqa_optimiser_states(&o.optimiser),
                                       json));
        assert_fails(avqa_loop_run(&w, &o), cases[i].code, cases[i].message);
        assert_has(avqa_message(), " cannot go on: ");
        avqa_json_free(json);
    }
    avqa_weights_release(&w);
    loader_fixture_free(&data);
    check_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_loop_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
