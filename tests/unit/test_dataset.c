/* A dataset folder is made once, found from below as git does, and tells what is in it
 * and what comes next. */
#include "tiny.h"

static void test_init_and_find(void **state)
{
    (void)state;
    char *folder = check_folder();
    char *root = realpath(folder, NULL);
    char *set = avqa_io_join(root, "my set");
    char *deep = avqa_io_join(set, "media/clips");
    char *found;
    assert_ok(avqa_dataset_init(set, NULL));
    assert_fails(avqa_dataset_init(set, "x"), AVQA_EEXIST,
                 "there is a catalog already");
    assert_ok(avqa_io_mkdir(deep));
    assert_ok(avqa_dataset_find(&found, deep));
    assert_string_equal(found, set);
    free(found);
    assert_ok(avqa_dataset_find(&found, set));
    assert_string_equal(found, set);
    free(found);
    assert_fails(avqa_dataset_find(&found, root), AVQA_ENOENT,
                 "no dataset here or above");
    free(deep);
    deep = avqa_io_join(set, "none");
    assert_fails(avqa_dataset_find(&found, deep), AVQA_ENOENT, "none");
    free(deep);
    free(set);
    free(root);
    check_remove(folder);
}

static void test_names(void **state)
{
    (void)state;
    char *folder = check_folder();
    static const char *const cases[][3] = {{"plain", NULL, "plain"},
                                           {"slash/", NULL, "slash"},
                                           {"a/b/.", NULL, "b"},
                                           {"x", "given 二胡", "given 二胡"}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_catalog *cat;
        char *dir = avqa_io_join(folder, cases[i][0]);
        assert_ok(avqa_dataset_init(dir, cases[i][1]));
        assert_ok(avqa_dataset_open(&cat, dir, AVQA_CATALOG_WRITE));
        assert_string_equal(avqa_catalog_name(cat), cases[i][2]);
        avqa_catalog_close(cat);
        free(dir);
    }
    check_remove(folder);
}

static void test_init_where_it_cannot_be(void **state)
{
    (void)state;
    char *folder = check_folder();
    char *file = check_write_text(folder, "file", "x");
    assert_fails(avqa_dataset_init(file, NULL), AVQA_EEXIST, "is not a folder");
    assert_fails(avqa_dataset_init("", NULL), AVQA_ENOENT, "cannot make folder");
    free(file);
    check_remove(folder);
}

static void assert_next(const struct tiny *t, const char *next, int64_t questions)
{
    struct avqa_json *status;
    assert_ok(avqa_dataset_status(&status, t->dataset));
    assert_string_equal(check_string(status, "dataset", NULL), "tiny");
    assert_has(check_string(status, "next", NULL), next);
    assert_int_equal(check_int(status, "counts", "questions", NULL), questions);
    if (questions)
        assert_int_equal(check_int(status, "splits", "train", NULL), questions);
    else
        assert_int_equal(avqa_json_count(avqa_json_get(status, "splits")), 0);
    assert_int_equal(avqa_json_count(avqa_json_get(status, "failed")), 0);
    avqa_json_free(status);
}

static void test_status(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *status;
    assert_next(&t, "avqa import videos FILE", 0);
    tiny_add(&t, "v", "X10", "", "no");
    tiny_add(&t, "w", "X10", "", "no");
    tiny_import(&t, "train");
    assert_next(&t, "avqa audit", 2);
    assert_int_equal(tiny_total(&t, "clips"), 2);
    assert_int_equal(tiny_total(&t, "templates"), 33);
    assert_fails(avqa_dataset_status(&status, t.folder), AVQA_ENOENT, "catalog.sqlite");
    tiny_free(&t);
}

/* Facts, but nothing asked about them yet. */
static void test_status_after_facts(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_import_counts counts = {0};
    char *path = check_write_text(t.folder, "facts.jsonl", "{\"clip\": \"a\"}\n");
    const char *const files[] = {path};
    struct avqa_import_config config = {
        .dataset = t.dataset, .files = files, .n_files = 1};
    assert_ok(avqa_import_facts(&config, &counts));
    avqa_import_counts_release(&counts);
    assert_next(&t, "avqa generate", 0);
    free(path);
    tiny_free(&t);
}

static void test_templates_of_a_dataset(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    char *street = check_source("templates/street.json");
    struct avqa_buf text = check_read(t.template_path);
    avqa_buf_addc(&text, '\n');
    char *newer = check_write(t.folder, "newer.json", text.data, text.len);
    char *bad = check_write_text(t.folder, "bad.json", "{\"schema\": 1}");
    assert_ok(avqa_dataset_check_templates(t.dataset, street));
    assert_fails(avqa_dataset_check_templates(t.dataset, bad), AVQA_EFORMAT,
                 "/bad.json: ");
    tiny_add(&t, "v", "X10", "", "no");
    tiny_import(&t, "train");
    assert_ok(avqa_dataset_check_templates(t.dataset, t.template_path));
    assert_fails(avqa_dataset_check_templates(t.dataset, street), AVQA_EEXIST,
                 "the templates 'music-avqa' already; ");
    assert_has(avqa_message(), "street.json ('street') is another file");
    assert_fails(avqa_dataset_check_templates(t.dataset, newer), AVQA_EEXIST,
                 "newer.json ('music-avqa') is another version of them");
    avqa_buf_release(&text);
    free(street);
    free(newer);
    free(bad);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_init_and_find),
                                       cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_init_where_it_cannot_be),
                                       cmocka_unit_test(test_status),
                                       cmocka_unit_test(test_status_after_facts),
                                       cmocka_unit_test(test_templates_of_a_dataset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
