/* The catalog's questions as an audit sees them: rows by split in their order, slots
 * and sounds, roots of derived videos, deleted rows left out, rows ordered by video. */
#include "random_set.h"

static void load(struct tiny *t)
{
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, t->dataset, AVQA_CATALOG_READ));
    assert_ok(avqa_audit_table_load(&t->table, cat));
    avqa_catalog_close(cat);
}

static void test_rows(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_buf text = AVQA_BUF_INIT;
    tiny_put(&t, &(struct tiny_row){"v", "X01", "violin,left,piano,right", "yes", NULL,
                                    7, NULL});
    tiny_put(&t, &(struct tiny_row){"w", "X10", "", "no", "v", 0, NULL});
    tiny_import(&t, "train");
    load(&t);
    const struct avqa_audit_row *r = t.table.rows;
    assert_int_equal(t.table.n_rows, 2);
    assert_string_equal(avqa_audit_template(&t.table, r)->code, "X01");
    assert_int_equal(t.table.slots[r->slots].n, 4);
    assert_string_equal(avqa_audit_word(&t.table, t.table.slots[r->slots].values[3]),
                        "right");
    assert_string_equal(avqa_audit_answer(&t.table, r->answer), "yes");
    assert_int_equal(r->line, 1);
    assert_int_equal(t.table.numbers[0], 7);
    assert_true(t.table.numbers[1] == AVQA_AUDIT_NO_NUMBER);
    assert_ok(avqa_audit_fill(&text, &t.table, r));
    assert_string_equal(
        avqa_buf_str(&text),
        "Is the violin on the left louder than the piano on the right?");
    struct avqa_buf small = {.max = text.len - 1};
    assert_fails(avqa_audit_fill(&small, &t.table, r), AVQA_ENOMEM, "out of memory");
    avqa_buf_release(&small);
    const struct avqa_audit_clip *c = &t.table.clips[t.table.rows[1].clip];
    assert_string_equal(avqa_audit_video(&t.table, c->video), "w");
    assert_string_equal(avqa_audit_video(&t.table, c->sound), "v");
    avqa_buf_release(&text);
    tiny_free(&t);
}

/* Rows of a split imported in two goes, another split between them. */
static void test_splits_stand_together(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_audit_range range;
    static const char *const splits[] = {"a", "b", "a", "c"};
    for (int i = 0; i < 4; i++) {
        char video[16];
        snprintf(video, sizeof video, "v%d", i);
        tiny_add(&t, video, "X10", "", "no");
        tiny_add(&t, video, "V08", "", "indoor");
        tiny_import(&t, splits[i]);
    }
    load(&t);
    assert_int_equal(t.table.n_splits, 3);
    static const size_t bounds[] = {0, 4, 6, 8};
    static const char *const names[] = {"a", "b", "c"};
    static const char *const videos[] = {"v0", "v0", "v2", "v2",
                                         "v1", "v1", "v3", "v3"};
    for (size_t s = 0; s < 3; s++) {
        assert_ok(avqa_audit_table_range(&t.table, names[s], &range));
        assert_int_equal(range.from, bounds[s]);
        assert_int_equal(range.to, bounds[s + 1]);
    }
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(random_video(&t, i), videos[i]);
    assert_ok(avqa_audit_table_range(&t.table, NULL, &range));
    assert_int_equal(range.to - range.from, 8);
    assert_fails(avqa_audit_table_range(&t.table, "d", &range), AVQA_ENOENT,
                 "no split is called 'd'; there is: a, b, c");
    tiny_free(&t);
}

static void test_roots(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const cases[][2] = {
        {"eva00000001", "00000001"}, {"eva00000001_flip", "00000001"},
        {"00000001", "00000001"},    {"x_flip", "x"},
        {"x_flip_flip", "x"},        {"va00000002", "va00000002"},
        {"plain", "plain"}};
    for (size_t i = 0; i < N_OF(cases); i++)
        tiny_add(&t, cases[i][0], "X10", "", "no");
    tiny_put(&t, &(struct tiny_row){"plain", "X10", "", "no", "aaa", 0, NULL});
    tiny_import(&t, "s");
    load(&t);
    for (size_t i = 0; i < N_OF(cases); i++) {
        uint32_t v =
            avqa_intern_find(&t.table.videos, cases[i][0], strlen(cases[i][0]));
        assert_true(v != AVQA_INTERN_NONE);
        size_t n;
        const uint32_t *roots = avqa_kin_roots(&t.table.kin, v, &n);
        assert_int_equal(n, 1);
        assert_string_equal(avqa_audit_video(&t.table, roots[0]), cases[i][1]);
    }
    tiny_free(&t);
}

static void test_answer_ranks(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    static const char *const answers[] = {"yes", "no", "二", "No", "a", "yes "};
    for (size_t i = 0; i < N_OF(answers); i++)
        tiny_add(&t, "v", "X10", "", answers[i]);
    tiny_import(&t, "s");
    load(&t);
    for (uint32_t a = 0; a < t.table.answers.n; a++) {
        assert_string_equal(avqa_audit_answer(&t.table, a), answers[a]);
        for (uint32_t b = 0; b < t.table.answers.n; b++)
            assert_int_equal(t.table.answer_rank[a] < t.table.answer_rank[b],
                             strcmp(answers[a], answers[b]) < 0);
    }
    tiny_free(&t);
}

/* Every row once; by video, clip, template and slots, then as they stand. */
static void test_by_video(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    uint32_t *order;
    struct avqa_audit_range range = {20, 130};
    bool seen[150] = {false};
    random_fill(&t, 1);
    assert_ok(avqa_audit_by_video(&t.table, range, &order));
    for (size_t i = 0; i < range.to - range.from; i++) {
        assert_in_range(order[i], range.from, range.to - 1);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
        if (i == 0)
            continue;
        const struct avqa_audit_row *x = &t.table.rows[order[i - 1]];
        const struct avqa_audit_row *y = &t.table.rows[order[i]];
        const uint64_t a[] = {t.table.clips[x->clip].video, x->clip, x->template,
                              x->slots, order[i - 1]};
        const uint64_t b[] = {t.table.clips[y->clip].video, y->clip, y->template,
                              y->slots, order[i]};
        size_t k = 0;
        while (k < 4 && a[k] == b[k])
            k++;
        assert_true(a[k] < b[k]);
    }
    free(order);
    tiny_free(&t);
}

static void test_nothing_imported(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_catalog *cat;
    assert_ok(avqa_dataset_open(&cat, t.dataset, AVQA_CATALOG_READ));
    assert_fails(avqa_audit_table_load(&t.table, cat), AVQA_ENOENT,
                 "there are no questions yet; import some first");
    avqa_catalog_close(cat);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_splits_stand_together),
        cmocka_unit_test(test_roots),    cmocka_unit_test(test_answer_ranks),
        cmocka_unit_test(test_by_video), cmocka_unit_test(test_nothing_imported)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
