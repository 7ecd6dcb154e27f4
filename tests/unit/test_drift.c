/* Distances between two splits, against hand numbers and a naive sum over every value.
 */
#include "random_set.h"

#include "audit/drift.h"

static const struct avqa_drift_field *field_of(const struct avqa_drift_field *list,
                                               size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].field, name) == 0)
            return &list[i];
    }
    return NULL;
}

static void test_hand_numbers(void **state)
{
    (void)state;
    static const struct {
        struct avqa_drift_cell cells[3];
        double tvd, jsd;
    } cases[] = {{{{"a", 3, 1}, {"b", 1, 3}}, 0.5, 0.18872187554086717},
                 {{{"a", 5, 0}, {"b", 0, 7}}, 1, 1},
                 {{{"a", 2, 4}, {"b", 3, 6}}, 0, 0},
                 {{{"a", 1, 1}, {"b", 1, 0}}, 0.5, 0.31127812445913283},
                 {{{"a", 0, 0}}, 0, 0}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_drift_cell cells[3];
        memcpy(cells, cases[i].cells, sizeof cells);
        struct avqa_drift_field f = {.field = "x", .values = cells, .n = 3};
        for (size_t k = 0; k < 3; k++) {
            f.n_on += cells[k].on;
            f.n_against += cells[k].against;
        }
        assert_close(avqa_drift_field_tvd(&f), cases[i].tvd, 1e-12);
        assert_close(avqa_drift_field_jsd_bits(&f), cases[i].jsd, 1e-12);
    }
}

/* The value of a row in a field of rows. */
static const char *value_of(const struct tiny *t, size_t row, const char *field)
{
    const struct avqa_template *template =
        avqa_audit_template(&t->table, &t->table.rows[row]);
    if (strcmp(field, "answer") == 0)
        return random_answer(t, row);
    if (strcmp(field, "modality") == 0)
        return template->modality;
    return strcmp(field, "type") == 0 ? template->label : template->code;
}

static double naive_share(const struct tiny *t, struct avqa_audit_range r,
                          const char *field, const char *value)
{
    size_t n = 0;
    for (size_t i = r.from; i < r.to; i++)
        n += strcmp(value_of(t, i, field), value) == 0;
    return (double)n / (double)(r.to - r.from);
}

/* Sums over all rows of both splits: a value counts once, at its first row. */
static void naive_drift(const struct tiny *t, const char *field, double *tvd,
                        double *jsd)
{
    struct avqa_intern seen = AVQA_INTERN_INIT;
    *tvd = *jsd = 0;
    for (size_t i = 0; i < t->table.n_rows; i++) {
        bool is_new;
        const char *value = value_of(t, i, field);
        avqa_intern_add(&seen, value, strlen(value), &is_new);
        if (!is_new)
            continue;
        double p = naive_share(t, t->audit.on, field, value);
        double q = naive_share(t, t->audit.against, field, value);
        *tvd += fabs(p - q) / 2;
        *jsd += p > 0 ? p / 2 * log2(2 * p / (p + q)) : 0;
        *jsd += q > 0 ? q / 2 * log2(2 * q / (p + q)) : 0;
    }
    avqa_intern_release(&seen);
}

static void test_against_naive(void **state)
{
    (void)state;
    static const char *const fields[] = {"answer", "modality", "type", "template"};
    for (uint64_t seed = 0; seed < RANDOM_ROUNDS; seed++) {
        struct tiny t = tiny_new();
        struct avqa_drift_field *list;
        size_t n;
        random_fill(&t, seed);
        assert_ok(avqa_drift_fields_collect(&t.audit, &list, &n));
        for (size_t k = 0; k < N_OF(fields); k++) {
            double tvd;
            double jsd;
            const struct avqa_drift_field *f = field_of(list, n, fields[k]);
            naive_drift(&t, fields[k], &tvd, &jsd);
            assert_non_null(f);
            assert_int_equal(f->n_on, 150);
            assert_int_equal(f->n_against, 60);
            assert_close(avqa_drift_field_tvd(f), tvd, 1e-12);
            assert_close(avqa_drift_field_jsd_bits(f), jsd, 1e-12);
            assert_close(check_double(t.audit.report, "drift", fields[k], "tvd", NULL),
                         tvd, 1e-6);
        }
        avqa_drift_fields_release(list, n);
        tiny_free(&t);
    }
}

/* Slots count each filling; two "Object" slots of one question count twice. */
static void test_slots(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_drift_field *list;
    size_t n;
    tiny_add(&t, "v", "A01", "violin,violin", "no");
    tiny_add(&t, "v", "A06", "piano", "no");
    tiny_import(&t, "on");
    tiny_add(&t, "w", "A06", "violin", "no");
    tiny_import(&t, "fit");
    tiny_audit(&t, "on", "fit");
    assert_ok(avqa_drift_fields_collect(&t.audit, &list, &n));
    const struct avqa_drift_field *f = field_of(list, n, "Object");
    assert_non_null(f);
    assert_int_equal(f->n_on, 3);
    assert_int_equal(f->n_against, 1);
    assert_close(avqa_drift_field_tvd(f), 1.0 / 3, 1e-12);
    avqa_drift_fields_release(list, n);
    tiny_free(&t);
}

/* A split of n rows, n_no of which are answered "no". */
static void add_split(struct tiny *t, const char *name, const char *video, int n_no,
                      int n)
{
    for (int i = 0; i < n; i++)
        tiny_add(t, video, "X10", "", i < n_no ? "no" : "yes");
    tiny_import(t, name);
}

static void test_findings(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    add_split(&t, "a", "v", 20, 40);
    add_split(&t, "b", "w", 28, 40);
    add_split(&t, "few", "x", 0, 10);
    tiny_audit(&t, "a", "b");
    const struct avqa_finding *f = tiny_finding(&t, "drift", AVQA_WARNING, 0);
    assert_non_null(f);
    assert_has(f->message, "answer differs between 'a' and 'b': 20.0 %");
    assert_null(tiny_finding(&t, "drift", AVQA_WARNING, 1));
    tiny_audit(&t, "a", "few"); /* ten rows prove nothing */
    assert_null(tiny_finding(&t, "drift", AVQA_WARNING, 0));
    assert_close(check_double(t.audit.report, "drift", "answer", "tvd", NULL), 0.5,
                 1e-6);
    tiny_audit(&t, "a", NULL);
    assert_int_equal(avqa_json_count(avqa_json_get(t.audit.report, "drift")), 0);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_numbers), cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_slots), cmocka_unit_test(test_findings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
