/* Losses and right answers, counted by hand: over all questions and by group, with and
 * without a loss of the model's, with answers that are not known, and of matching. */
#include "check.h"

#include "base/json.h"
#include "train/metrics.h"

static const char *const names[] = {"first", "none", "second"};
static const uint32_t group_of[] = {0, 2, 0, 2, 2};
static const struct avqa_groups groups = {names, 3, group_of};

/* exp gives 1 : 2 : 1, so the entropy of the middle is log 2, of the others log 4 */
static avqa_real rows[] = {0, 0.6931471805599453F,
                           0, /* says 1 */
                           0, 0.6931471805599453F,
                           0, /* says 1 */
                           5, 5,
                           0}; /* says 0 */

static struct avqa_node node(avqa_real *value, size_t n, size_t width)
{
    return (struct avqa_node){
        .rank = 2, .shape = {n, width}, .n = n * width, .value = value};
}

static void test_answers(void **state)
{
    static const uint32_t questions[] = {1, 0, 4};
    static const int32_t answers[] = {1, 2, AVQA_TRAIN_NO_ANSWER};
    struct avqa_metrics m = {0};
    struct avqa_node logits = node(rows, 3, 3);
    const struct avqa_batch batch = {.n = 3, .answers = answers};
    const struct avqa_answer answer = {.logits = &logits};
    (void)state;
    avqa_metrics_init(&m, 3);
    assert_true(isnan(avqa_metrics_accuracy(&m)));
    avqa_metrics_add(&m, &groups, questions, &batch, &answer);
    assert_close(avqa_metrics_accuracy(&m), 1.0 / 3, 1e-12);
    assert_close(avqa_metrics_mean(&m, AVQA_METRIC_LOSS), (log(2) + log(4)) / 2, 1e-6);
    assert_close(avqa_metrics_mean(&m, AVQA_METRIC_LOSS_ANSWER), log(8) / 2, 1e-6);
    avqa_metrics_add(&m, &groups, questions, &batch, &answer);
    struct avqa_json *json = avqa_json_new_object();
    avqa_metrics_put_groups(json, "types", &m, &groups);
    assert_int_equal(check_int(json, "types", "first", "total", NULL), 2);
    assert_int_equal(check_int(json, "types", "first", "correct", NULL), 0);
    assert_int_equal(check_int(json, "types", "second", "total", NULL), 4);
    assert_int_equal(check_int(json, "types", "second", "correct", NULL), 2);
    assert_null(avqa_json_get(avqa_json_get(json, "types"), "none"));
    avqa_json_free(json);
    avqa_metrics_release(&m);
}

/* A model's own loss is a mean over the questions whose answer is known. */
static void test_given_losses(void **state)
{
    static const uint32_t questions[] = {0, 1, 2};
    int32_t answers[] = {1, 1, AVQA_TRAIN_NO_ANSWER};
    avqa_real values[] = {3, 2, 1};
    struct avqa_metrics m = {0};
    struct avqa_node logits = node(rows, 3, 3);
    struct avqa_node loss = node(&values[0], 1, 1);
    struct avqa_node qa = node(&values[1], 1, 1);
    struct avqa_node match = node(&values[2], 1, 1);
    const struct avqa_batch batch = {.n = 3, .answers = answers};
    const struct avqa_answer answer = {
        .logits = &logits, .loss = &loss, .loss_answer = &qa, .loss_match = &match};
    (void)state;
    avqa_metrics_init(&m, 3);
    avqa_metrics_add(&m, &groups, questions, &batch, &answer); /* two known */
    values[0] = 9;
    answers[2] = 0;
    avqa_metrics_add(&m, &groups, questions, &batch, &answer); /* three */
    assert_close(avqa_metrics_mean(&m, AVQA_METRIC_LOSS), (2 * 3 + 3 * 9) / 5.0, 1e-12);
    assert_close(avqa_metrics_mean(&m, AVQA_METRIC_LOSS_ANSWER), 2, 1e-12);
    assert_close(avqa_metrics_mean(&m, AVQA_METRIC_LOSS_MATCH), 1, 1e-12);
    assert_close(avqa_metrics_accuracy(&m), 5.0 / 6, 1e-12);
    avqa_metrics_release(&m);
}

/* Two questions with two seconds each: four maps of their own, four of others. */
static void test_matches(void **state)
{
    avqa_real match_rows[16] = {0, 1, 0, 1, 0, 1, 1, 0,  /* three of four are right */
                                1, 0, 0, 1, 0, 1, 1, 1}; /* and two: equal is "no" */
    static const uint32_t questions[] = {0, 1};
    struct avqa_metrics m = {0};
    struct avqa_node match = node(match_rows, 8, 2);
    const struct avqa_batch batch = {.n = 2, .n_seconds = 2, .has_others = true};
    const struct avqa_answer answer = {.match = &match};
    (void)state;
    avqa_metrics_init(&m, 0);
    avqa_metrics_add(&m, &(struct avqa_groups){.n = 0}, questions, &batch, &answer);
    assert_close(avqa_metrics_accuracy(&m), 5.0 / 8, 1e-12);
    double right = log(1 + exp(-1)); /* of a row that is sure by 1 */
    double sum = 4 * right + 3 * (right + 1) + log(2);
    assert_close(avqa_metrics_mean(&m, AVQA_METRIC_LOSS_MATCH), sum / 8, 1e-6);
    assert_close(m.numbers[AVQA_METRIC_N], 2, 1e-12);
    avqa_metrics_release(&m);
}

/* Sums are exact in JSON; another number of them is refused, and a count that is none.
 */
static void test_round_trip(void **state)
{
    struct avqa_metrics m = {0};
    struct avqa_metrics read = {0};
    struct avqa_metrics twice = {0};
    (void)state;
    avqa_metrics_init(&m, 3);
    avqa_metrics_init(&read, 3);
    avqa_metrics_init(&twice, 3);
    for (size_t i = 0; i < m.n; i++) /* losses, then counts */
        m.numbers[i] = i < AVQA_METRIC_N ? (double)(i + 1) / 3e7 + 1e9 * (double)(i % 2)
                                         : 9007199254740991.0 - (double)i;
    struct avqa_json *json = avqa_metrics_json(&m);
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, json, 0);
    struct avqa_json *parsed = check_parse(avqa_buf_str(&text));
    assert_ok(avqa_metrics_read(&read, parsed));
    assert_memory_equal(read.numbers, m.numbers, m.n * sizeof *m.numbers);
    avqa_metrics_sum(&twice, &m);
    avqa_metrics_sum(&twice, &m);
    for (size_t i = 0; i < m.n; i++)
        assert_close(twice.numbers[i] / m.numbers[i], 2, 1e-15);
    avqa_metrics_clear(&m);
    assert_close(m.numbers[AVQA_METRIC_N], 0, 0);
    avqa_metrics_release(&read);
    avqa_metrics_init(&read, 2);
    assert_fails(avqa_metrics_read(&read, parsed), AVQA_EFORMAT, "12 sums, not 10");
    avqa_json_free(parsed);
    parsed = check_parse("[1.5, 0.5, 1, 2, 2.5, 3, 0, 0, 0, 0]");
    assert_fails(avqa_metrics_read(&read, parsed), AVQA_EFORMAT, "sum 4 is no count");
    avqa_json_free(parsed);
    avqa_json_free(json);
    avqa_buf_release(&text);
    avqa_metrics_release(&m);
    avqa_metrics_release(&read);
    avqa_metrics_release(&twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_given_losses),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
