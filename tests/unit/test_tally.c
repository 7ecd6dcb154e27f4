/* Counts of answers by group, and the entropies read off them, are those of a naive
 * count over random rows. */
#include "random_set.h"

/* Rows of `on` of the same group (and answer) as row i. */
static size_t naive_count(const struct tiny *t, size_t i, enum avqa_grouping by,
                          bool answer_too)
{
    size_t n = 0;
    for (size_t k = t->audit.on.from; k < t->audit.on.to; k++)
        n += random_same_group(t, i, k, by) &&
             (!answer_too || strcmp(random_answer(t, i), random_answer(t, k)) == 0);
    return n;
}

static const struct avqa_tally_cell *cell_of(const struct tiny *t, size_t i,
                                             enum avqa_grouping by)
{
    const struct avqa_tally *y = &t->audit.tallies[by];
    uint64_t group = avqa_grouping_of(&t->table, &t->table.rows[i], by);
    const struct avqa_tally_cell *c = avqa_tally_find(y, group);
    assert_non_null(c);
    while (c < y->cells + y->n && c->group == group &&
           c->answer != t->table.rows[i].answer)
        c++;
    return c;
}

static void test_counts(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < RANDOM_ROUNDS; seed++) {
        struct tiny t = tiny_new();
        random_fill(&t, seed);
        for (int by = 0; by < AVQA_N_GROUPINGS; by++) {
            enum avqa_grouping g = (enum avqa_grouping)by;
            const struct avqa_tally *y = &t.audit.tallies[by];
            uint64_t n;
            assert_int_equal(y->total, 150);
            for (size_t i = t.audit.on.from; i < t.audit.on.to; i++) {
                const struct avqa_tally_cell *c = cell_of(&t, i, g);
                assert_int_equal(c->n, naive_count(&t, i, g, true));
                const struct avqa_tally_cell *f = avqa_tally_find(y, c->group);
                avqa_tally_group_end(y, (size_t)(f - y->cells), &n);
                assert_int_equal(n, naive_count(&t, i, g, false));
            }
        }
        tiny_free(&t);
    }
}

/* Groups ascend; within one the most frequent first, equal ones by the alphabet. */
static void test_order(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    random_fill(&t, 3);
    for (int by = 0; by < AVQA_N_GROUPINGS; by++) {
        const struct avqa_tally *y = &t.audit.tallies[by];
        size_t total = 0;
        for (size_t i = 0; i < y->n; i++) {
            const struct avqa_tally_cell *c = &y->cells[i];
            total += c->n;
            if (i == 0)
                continue;
            assert_true(c[-1].group <= c->group);
            if (c[-1].group != c->group)
                continue;
            assert_true(c[-1].n >= c->n);
            if (c[-1].n == c->n)
                assert_true(strcmp(avqa_audit_answer(&t.table, c[-1].answer),
                                   avqa_audit_answer(&t.table, c->answer)) < 0);
        }
        assert_int_equal(total, 150);
        assert_null(avqa_tally_find(y, UINT64_MAX));
    }
    tiny_free(&t);
}

/* H(answer | group), straight from the definition: -sum of p(row) log p(answer |
 * group).
 */
static void test_entropy(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < RANDOM_ROUNDS; seed++) {
        struct tiny t = tiny_new();
        random_fill(&t, seed);
        for (int by = 0; by < AVQA_N_GROUPINGS; by++) {
            enum avqa_grouping g = (enum avqa_grouping)by;
            double bits = 0;
            for (size_t i = t.audit.on.from; i < t.audit.on.to; i++)
                bits -= log2((double)naive_count(&t, i, g, true) /
                             (double)naive_count(&t, i, g, false));
            assert_close(avqa_tally_entropy(&t.audit.tallies[by]), bits / 150, 1e-12);
        }
        tiny_free(&t);
    }
    struct avqa_tally none = {0};
    assert_close(avqa_tally_entropy(&none), 0, 0);
}

/* Adding cell by cell, through the table's growth. */
static void test_add(void **state)
{
    (void)state;
    struct avqa_tally y = {0};
    for (uint32_t round = 1; round <= 3; round++) {
        for (uint32_t i = 0; i < 3000; i++)
            assert_ok(avqa_tally_add(&y, (uint64_t)(i % 50) << 40, i / 50, round));
    }
    assert_int_equal(y.n, 3000);
    for (size_t i = 0; i < y.n; i++)
        assert_int_equal(y.cells[i].n, 6);
    avqa_tally_release(&y);
    avqa_tally_release(&y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts), cmocka_unit_test(test_order),
        cmocka_unit_test(test_entropy), cmocka_unit_test(test_add)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
