/* Dominant answers, evenness and head/tail: hand numbers, and a naive count over random
 * rows. */
#include "random_set.h"

#include "audit/balance.h"

static void put_answers(struct tiny *t, const char *code, const char *slots,
                        const char *answer, int n)
{
    for (int i = 0; i < n; i++)
        tiny_add(t, "v", code, slots, answer);
}

/* X10: 6 no, 4 yes (exactly 60 %); A05: 3 one, 1 two; V08: 2 indoor. */
static void hand_made(struct tiny *t)
{
    put_answers(t, "X10", "", "no", 6);
    put_answers(t, "X10", "", "yes", 4);
    put_answers(t, "A05", "", "one", 3);
    put_answers(t, "A05", "", "two", 1);
    put_answers(t, "V08", "", "indoor", 2);
    tiny_import(t, "s");
    tiny_audit(t, "s", NULL);
}

static void test_templates(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_balance *b;
    size_t n;
    hand_made(&t);
    assert_ok(avqa_balance_templates(&t.audit, &b, &n));
    assert_int_equal(n, 3);
    assert_string_equal(t.table.templates->items[b[0].template].code, "A05");
    assert_int_equal(b[0].n, 4);
    assert_int_equal(b[0].n_answers, 2);
    assert_string_equal(avqa_audit_answer(&t.table, b[0].majority), "one");
    assert_close(b[0].share, 0.75, 1e-12);
    assert_close(b[0].rarest_share, 0.25, 1e-12);
    assert_close(b[0].entropy, 0.8112781244591328, 1e-12);
    assert_close(b[0].entropy_share, 0.8112781244591328, 1e-12);
    assert_close(b[1].entropy, 0, 0); /* V08, one answer */
    assert_close(b[1].entropy_share, 0, 0);
    assert_close(b[1].share, 1, 0);
    assert_close(b[2].share, 0.6, 1e-12);
    free(b);
    tiny_free(&t);
}

static void test_dominant(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    hand_made(&t);
    const struct avqa_json *d = avqa_json_get(t.audit.report, "dominant");
    assert_int_equal(avqa_json_count(d), 2); /* exactly 60 % is not above */
    assert_string_equal(check_string(d, "#0", "template", NULL), "V08");
    assert_string_equal(check_string(d, "#1", "template", NULL), "A05");
    assert_string_equal(check_string(d, "#1", "answer", NULL), "one");
    assert_int_equal(check_int(d, "#1", "n", NULL), 4);
    assert_close(check_double(d, "#1", "share", NULL), 0.75, 1e-9);
    assert_has(tiny_finding(&t, "dominant", AVQA_NOTE, 1)->message,
               "75.0 % of 4 questions are answered \"one\"");
    assert_null(tiny_finding(&t, "dominant", AVQA_WARNING, 0)); /* too few to warn of */
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.dominant = 0.59;
    tiny_audit_with(&t, &opts);
    assert_int_equal(avqa_json_count(avqa_json_get(t.audit.report, "dominant")), 3);
    assert_has(tiny_finding(&t, "dominant", AVQA_WARNING, 0)->message,
               "60.0 % of 10 questions are answered \"no\"");
    opts.dominant = 1;
    tiny_audit_with(&t, &opts);
    assert_int_equal(avqa_json_count(avqa_json_get(t.audit.report, "dominant")), 0);
    tiny_free(&t);
}

/* X10's mean is 5: 6 is exactly 1.2 times it and stays tail; A05's is 2: 3 is head. */
static void test_head_tail_border(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    hand_made(&t);
    const struct avqa_json *h = avqa_json_get(t.audit.report, "head_tail");
    assert_int_equal(check_int(h, "head", NULL), 3);
    assert_int_equal(check_int(h, "tail", NULL), 13);
    assert_string_equal(check_string(h, "group", NULL), "type");
    struct avqa_audit_opts opts = AVQA_AUDIT_DEFAULTS;
    opts.alpha = 0.1;
    opts.head_tail_by = AVQA_GROUP_TEMPLATE;
    h = avqa_json_get(tiny_audit_with(&t, &opts), "head_tail");
    assert_int_equal(check_int(h, "head", NULL), 9);
    assert_string_equal(check_string(h, "group", NULL), "template");
    assert_close(check_double(h, "alpha", NULL), 0.1, 1e-9);
    tiny_free(&t);
}

/* Rows whose answer's count in their group is above (1 + alpha) of the group's rows by
 * its distinct answers. */
static size_t naive_head(const struct tiny *t, enum avqa_grouping by, double alpha)
{
    size_t head = 0;
    for (size_t i = t->audit.on.from; i < t->audit.on.to; i++) {
        size_t rows = 0;
        size_t same = 0;
        size_t distinct = 0;
        for (size_t k = t->audit.on.from; k < t->audit.on.to; k++) {
            bool first = true;
            if (!random_same_group(t, i, k, by))
                continue;
            rows++;
            same += strcmp(random_answer(t, i), random_answer(t, k)) == 0;
            for (size_t m = t->audit.on.from; m < k; m++)
                first =
                    first && !(random_same_group(t, i, m, by) &&
                               strcmp(random_answer(t, m), random_answer(t, k)) == 0);
            distinct += first;
        }
        head += (double)same > (1 + alpha) * ((double)rows / (double)distinct);
    }
    return head;
}

static void test_head_tail_against_naive(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    random_fill(&t, 5);
    for (int by = AVQA_GROUP_ALL; by <= AVQA_GROUP_TEMPLATE; by++) {
        t.audit.opts.head_tail_by = (enum avqa_grouping)by;
        t.audit.opts.alpha = 0.2;
        struct avqa_head_tail h = avqa_head_tail(&t.audit);
        assert_int_equal(h.head, naive_head(&t, (enum avqa_grouping)by, 0.2));
        assert_int_equal(h.head + h.tail, 150);
    }
    tiny_free(&t);
}

static void test_entropy_report(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    hand_made(&t);
    /* by hand: A05 4 rows of .8113 bits, X10 10 rows of .9710, V08 none */
    assert_close(check_double(t.audit.report, "entropy", "template", NULL),
                 (4 * 0.8112781 + 10 * 0.9709506) / 16, 5.1e-5);
    assert_close(check_double(t.audit.report, "entropy", "answer", NULL), 2.1084586,
                 5.1e-5);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_templates),
                                       cmocka_unit_test(test_dominant),
                                       cmocka_unit_test(test_head_tail_border),
                                       cmocka_unit_test(test_head_tail_against_naive),
                                       cmocka_unit_test(test_entropy_report)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
