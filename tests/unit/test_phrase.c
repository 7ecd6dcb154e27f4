/* Each text is stored once and keeps its id, whether it is remembered or looked up, and
 * all of them come back by id. */
#include "catalog_fixture.h"

#include "catalog/phrase.h"

static void test_ids(void **state)
{
    struct catalog_fixture *f = *state;
    static const char *const texts[] = {"yes",    "no",  "",    "二胡",
                                        "a'b\"c", "YES", "yes "};
    int64_t ids[N_OF(texts)];
    for (int round = 0; round < 2; round++) {
        struct avqa_phrases *ph;
        assert_ok(avqa_phrases_open(&ph, f->cat)); /* knows nothing at first */
        for (size_t i = 0; i < N_OF(texts); i++) {
            int64_t id = 0;
            assert_ok(avqa_phrases_id(ph, texts[i], &id));
            assert_true(id > 0 && (round == 0 || id == ids[i]));
            ids[i] = id;
            assert_ok(avqa_phrases_id(ph, texts[i], &id));
            assert_int_equal(id, ids[i]);
            for (size_t k = 0; k < i; k++)
                assert_int_not_equal(ids[k], id);
        }
        avqa_phrases_close(ph);
    }
    avqa_phrases_close(NULL);
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM phrase"), N_OF(texts));
}

/* More texts than are remembered at once. */
static void test_beyond_the_cache(void **state)
{
    struct catalog_fixture *f = *state;
    enum { N = 70000 };
    struct avqa_phrases *ph;
    int64_t first = 0;
    int64_t id = 0;
    char text[32];
    assert_ok(avqa_catalog_begin(f->cat));
    assert_ok(avqa_phrases_open(&ph, f->cat));
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "text %d", i);
        assert_ok(avqa_phrases_id(ph, text, &id));
        first = i == 0 ? id : first;
    }
    assert_ok(avqa_phrases_id(ph, "text 0", &id));
    assert_int_equal(id, first);
    avqa_phrases_close(ph);
    assert_ok(avqa_catalog_commit(f->cat));
    assert_int_equal(catalog_ask(f->cat, "SELECT count(*) FROM phrase"), N);
}

static void test_load(void **state)
{
    struct catalog_fixture *f = *state;
    struct avqa_arena arena = AVQA_ARENA_INIT;
    const char **texts;
    size_t n;
    assert_ok(avqa_phrases_load(f->cat, &arena, &texts, &n));
    assert_int_equal(n, 0);
    free(texts);
    assert_ok(catalog_try(f->cat, "INSERT INTO phrase VALUES (2, 'two'), (5, 'five')"));
    assert_ok(avqa_phrases_load(f->cat, &arena, &texts, &n));
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) {
        if (i == 2 || i == 5)
            assert_string_equal(texts[i], i == 2 ? "two" : "five");
        else
            assert_null(texts[i]);
    }
    free(texts);
    avqa_arena_release(&arena);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, catalog_setup, catalog_teardown)
    const struct CMUnitTest tests[] = {TEST(test_ids), TEST(test_beyond_the_cache),
                                       TEST(test_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
