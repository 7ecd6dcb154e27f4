/* Names in media/: one for each source, safe everywhere; what is cleaned and what is
 * not. */
#include "check.h"

#include "pipeline/media_folder.h"

static void expect_stem(const char *source, const char *stem)
{
    struct avqa_buf got = AVQA_BUF_INIT;
    avqa_media_stem(&got, source);
    assert_string_equal(avqa_buf_str(&got), stem);
    avqa_buf_release(&got);
}

static void test_stems(void **state)
{
    char name[600];
    struct avqa_buf a = AVQA_BUF_INIT;
    struct avqa_buf b = AVQA_BUF_INIT;
    (void)state;
    expect_stem("dQw4w9WgXcQ", "dQw4w9WgXcQ");
    expect_stem("-a_b#02", "-a_b#02");
    expect_stem(".hidden", "%2Ehidden");
    expect_stem("..", "%2E.");
    expect_stem("a/b", "a%2Fb");
    expect_stem("a%2Fb", "a%252Fb");
    expect_stem("\xe9\x9f\xb3", "%E9%9F%B3");
    memset(name, 'x', sizeof name); /* long ones that differ at their end only */
    name[400] = '\0';
    avqa_media_stem(&a, name);
    name[399] = 'y';
    avqa_media_stem(&b, name);
    assert_int_equal(a.len, 180);
    assert_int_equal(b.len, 180);
    assert_string_not_equal(a.data, b.data);
    name[180] = '\0';
    expect_stem(name, name);
    avqa_buf_release(&a);
    avqa_buf_release(&b);
}

static void test_clean(void **state)
{
    static const char *const stay[] = {".a.part", ".a.part.note", "a.mp4",
                                       "b.webm",  ".lock",        ".other",
                                       ".part",   "x.part",       "c.txt"};
    static const char *const go[] = {".b.part", ".b.part.note", ".a.part.note~",
                                     ".x.part.part"};
    char *folder = check_folder();
    char *media = avqa_io_join(folder, "media");
    struct avqa_media_folder m;
    struct avqa_media_folder second;
    struct avqa_intern wanted = AVQA_INTERN_INIT;
    (void)state;
    assert_ok(avqa_io_mkdir(media));
    for (size_t i = 0; i < N_OF(stay); i++)
        free(check_write_text(media, stay[i], "x"));
    for (size_t i = 0; i < N_OF(go); i++)
        free(check_write_text(media, go[i], "x"));
    avqa_intern_add(&wanted, "a", 1, NULL);
    assert_ok(avqa_media_folder_open(&m, folder));
    assert_fails(avqa_media_folder_open(&second, folder), AVQA_EEXIST, "another avqa");
    assert_ok(avqa_media_clean(&m, &wanted));
    for (size_t i = 0; i < N_OF(stay) + N_OF(go); i++) {
        char *path = avqa_io_join(media, i < N_OF(stay) ? stay[i] : go[i - N_OF(stay)]);
        assert_int_equal(avqa_io_exists(path), i < N_OF(stay));
        free(path);
    }
    assert_string_equal(avqa_media_find(&m, "a"), "mp4");
    assert_string_equal(avqa_media_find(&m, "b"), "webm");
    assert_null(avqa_media_find(&m, "c"));
    assert_true(avqa_media_has(folder, "media/a.mp4", 1));
    assert_true(avqa_media_has(folder, "media/a.mp4", -1));
    assert_false(avqa_media_has(folder, "media/a.mp4", 2));
    assert_false(avqa_media_has(folder, "media", -1));
    assert_false(avqa_media_has(folder, "/media/a.mp4", 1));
    avqa_media_folder_close(&m);
    assert_ok(avqa_media_folder_open(&m, folder)); /* it can be taken again */
    avqa_media_folder_close(&m);
    avqa_media_folder_close(&m);
    avqa_intern_release(&wanted);
    free(media);
    check_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stems),
                                       cmocka_unit_test(test_clean)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
