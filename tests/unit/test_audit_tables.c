/* The tables say what the checks counted, every row has a value for every column, and
 * the CSV files hold the same as the tables. */
#include "random_set.h"

#include "base/csv.h"
#include "pipeline/audit_csv.h"
#include "pipeline/audit_tables.h"

static const struct avqa_json *table_of(const struct avqa_json *tables, const char *id)
{
    const struct avqa_json *t = avqa_json_first(tables);
    while (t && strcmp(check_string(t, "id", NULL), id) != 0)
        t = avqa_json_next(t);
    if (!t)
        fail_msg("there is no table '%s'", id);
    return t;
}

static void test_every_table(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *tables;
    random_fill(&t, 1);
    assert_ok(avqa_audit_tables(&tables, &t.audit));
    for (const struct avqa_json *x = avqa_json_first(tables); x;
         x = avqa_json_next(x)) {
        const struct avqa_json *columns = avqa_json_get(x, "columns");
        assert_true(strlen(check_string(x, "title", NULL)) > 0);
        assert_true(strlen(check_string(x, "caption", NULL)) > 0);
        const struct avqa_json *r = avqa_json_first(avqa_json_get(x, "rows"));
        for (; r; r = avqa_json_next(r)) {
            const struct avqa_json *v = avqa_json_first(r);
            assert_int_equal(avqa_json_count(r), avqa_json_count(columns));
            for (const struct avqa_json *c = avqa_json_first(columns); c;
                 c = avqa_json_next(c), v = avqa_json_next(v)) {
                const char *kind = check_string(c, "kind", NULL);
                bool text = strcmp(kind, "text") == 0;
                double n = 0;
                if (text != (avqa_json_string(v) != NULL))
                    fail_msg("%s: %s is %s", check_string(x, "id", NULL), kind,
                             avqa_json_type_name(v));
                if (avqa_json_double(v, &n) && strcmp(kind, "count") == 0)
                    assert_true(n >= 0 && n <= 1e6);
            }
        }
    }
    avqa_json_free(tables);
    tiny_free(&t);
}

static void test_values(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *tables;
    tiny_add(&t, "v", "X10", "", "no");
    tiny_add(&t, "va00000001", "X10", "", "no");
    tiny_add(&t, "v", "X10", "", "yes");
    tiny_add(&t, "v", "A04", "violin,erhu", "yes");
    tiny_import(&t, "s");
    tiny_audit(&t, "s", NULL);
    assert_ok(avqa_audit_tables(&tables, &t.audit));
    const struct avqa_json *r = check_at(table_of(tables, "answers"), "rows", NULL);
    assert_string_equal(check_string(r, "#0", "#0", NULL), "no");
    assert_int_equal(check_int(r, "#0", "#1", NULL), 2);
    assert_close(check_double(r, "#0", "#2", NULL), 0.5, 1e-9);
    r = check_at(table_of(tables, "templates"), "rows", "#1", NULL);
    assert_string_equal(check_string(r, "#0", NULL), "X10");
    assert_int_equal(check_int(r, "#4", NULL), 3);
    assert_int_equal(check_int(r, "#5", NULL), 2); /* real */
    assert_int_equal(check_int(r, "#6", NULL), 1); /* synthetic */
    assert_string_equal(check_string(r, "#8", NULL), "no");
    r = check_at(table_of(tables, "slots"), "rows", NULL);
    assert_int_equal(avqa_json_count(r), 2);
    assert_string_equal(check_string(r, "#1", "#1", NULL), "violin");
    r = check_at(table_of(tables, "together"), "rows", NULL);
    assert_int_equal(avqa_json_count(r), 3);
    avqa_json_free(tables);
    tiny_free(&t);
}

static void test_deduction(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *tables;
    tiny_add(&t, "v", "X12", "first,left", "yes");
    tiny_add(&t, "v", "A06", "violin", "yes");
    tiny_add(&t, "v", "A06", "flute", "yes");
    tiny_import(&t, "test");
    tiny_add(&t, "v", "X17", "first", "right");
    tiny_add(&t, "v", "X07", "violin", "two");
    tiny_import(&t, "val");
    tiny_audit(&t, "test", "val");
    assert_ok(avqa_audit_tables(&tables, &t.audit));
    const struct avqa_json *r = check_at(table_of(tables, "deduction"), "rows", NULL);
    assert_int_equal(avqa_json_count(r), 2);
    assert_string_equal(check_string(r, "#0", "#0", NULL), "A06");
    assert_int_equal(check_int(r, "#0", "#1", NULL), 2);
    assert_int_equal(check_int(r, "#0", "#2", NULL), 1);
    assert_close(check_double(r, "#0", "#3", NULL), 0.5, 1e-9);
    assert_int_equal(check_int(r, "#0", "#4", NULL), 1);
    assert_string_equal(check_string(r, "#1", "#0", NULL), "X12");
    assert_int_equal(check_int(r, "#1", "#4", NULL), 0);
    avqa_json_free(tables);
    tiny_free(&t);
}

/* The file's cell against the table's value. */
static void assert_cell(const char *cell, const struct avqa_json *value)
{
    double x = 0;
    if (avqa_json_string(value))
        assert_string_equal(cell, avqa_json_string(value));
    else if (avqa_json_double(value, &x))
        assert_close(strtod(cell, NULL), x, 1e-9);
    else
        assert_string_equal(cell, "null");
}

static void test_csv(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *tables;
    tiny_add(&t, "v", "X10", "", "a \"quoted\", answer");
    tiny_add(&t, "w", "A01", "violin,two\nlines", "yes");
    random_split(&t, "on", 40, 9);
    tiny_audit(&t, NULL, NULL);
    assert_ok(avqa_audit_tables(&tables, &t.audit));
    assert_ok(avqa_audit_csv_tables(tables, t.folder));
    for (const struct avqa_json *x = avqa_json_first(tables); x;
         x = avqa_json_next(x)) {
        struct avqa_buf name = AVQA_BUF_INIT;
        struct avqa_csv *csv;
        const char *const *cells;
        size_t n;
        avqa_buf_addf(&name, "%s/tables/%s.csv", t.folder, check_string(x, "id", NULL));
        assert_ok(avqa_csv_open(&csv, avqa_buf_str(&name), ','));
        assert_ok(avqa_csv_next(csv, &cells, &n));
        assert_int_equal(n, avqa_json_count(avqa_json_get(x, "columns")));
        const struct avqa_json *r = avqa_json_first(avqa_json_get(x, "rows"));
        for (; r; r = avqa_json_next(r)) {
            const struct avqa_json *v = avqa_json_first(r);
            assert_ok(avqa_csv_next(csv, &cells, &n));
            assert_int_equal(n, avqa_json_count(r));
            for (size_t i = 0; i < n; i++, v = avqa_json_next(v))
                assert_cell(cells[i], v);
        }
        assert_ok(avqa_csv_next(csv, &cells, &n));
        assert_int_equal(n, 0);
        avqa_csv_close(csv);
        avqa_buf_release(&name);
    }
    avqa_json_free(tables);
    tiny_free(&t);
}

/* A line for every row that proves a finding, and one for a finding without rows. */
static void test_findings(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_csv *csv;
    const char *const *cells;
    size_t lines = 0;
    size_t expected = 0;
    size_t n;
    random_fill(&t, 3);
    char *folder = avqa_io_join(t.folder, "tables");
    char *path = avqa_io_join(folder, "findings.csv");
    assert_ok(avqa_io_mkdir(folder));
    assert_ok(avqa_audit_csv_findings(&t.audit, t.folder));
    for (size_t i = 0; i < t.audit.findings.n; i++) {
        const struct avqa_finding *f = &t.audit.findings.items[i];
        expected += f->n_rows ? f->n_rows : 1;
    }
    assert_ok(avqa_csv_open(&csv, path, ','));
    assert_ok(avqa_csv_next(csv, &cells, &n));
    assert_int_equal(n, 7);
    for (;; lines++) {
        assert_ok(avqa_csv_next(csv, &cells, &n));
        if (n == 0)
            break;
        assert_int_equal(n, 7);
        bool deduced = strcmp(cells[0], "leakage_deduction") == 0;
        if (*cells[3])
            assert_true((strncmp(cells[3], "on#", 3) == 0 ||
                         (deduced && strncmp(cells[3], "fit#", 4) == 0)) &&
                        *cells[4] && *cells[5] && *cells[6]);
    }
    assert_int_equal(lines, expected);
    avqa_csv_close(csv);
    free(folder);
    free(path);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_table), cmocka_unit_test(test_values),
        cmocka_unit_test(test_deduction), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_findings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
