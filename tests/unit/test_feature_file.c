/* Files of features from elsewhere: what a shape says, what is refused with which word,
 * and that the bytes are those that were written. The hash is Python's. */
#include "check.h"

#include "pipeline/feature_file.h"

enum { HEADER = 128 };

/* DIR/NAME as numpy writes an array of this type and shape, with `n` bytes of data that
 * count up to 250. The path is the caller's. */
static char *write_npy(const char *dir, const char *name, const char *type,
                       const char *shape, size_t n)
{
    char text[HEADER - 10 + 1];
    unsigned char *bytes = avqa_mem_new(HEADER + n);
    int len = snprintf(text, sizeof text,
                       "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type,
                       shape);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(bytes + 10, ' ', HEADER - 11);
    memcpy(bytes + 10, text, (size_t)len);
    bytes[HEADER - 1] = '\n';
    for (size_t i = 0; i < n; i++)
        bytes[HEADER + i] = (unsigned char)(i % 251);
    char *path = check_write(dir, name, bytes, HEADER + n);
    free(bytes);
    return path;
}

static void expect_refused(char *path, const char *reason, const char *detail)
{
    struct avqa_feature_file f;
    const char *why = "";
    assert_fails(avqa_feature_file_look(&f, path, &why), AVQA_EFORMAT, detail);
    assert_string_equal(why, reason);
    free(path);
}

static void test_kinds(void **state)
{
    static const struct {
        const char *type, *shape, *encoder;
    } cases[] = {{"<f4", "2, 128", "vggish"},
                 {"<f2", "60, 128", "vggish"},
                 {"<f4", "1, 512, 14, 14", "resnet18"}};
    char *folder = check_folder();
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_feature_file f;
        const char *reason;
        char *path = write_npy(folder, "v.1.npy", cases[i].type, cases[i].shape, 0);
        assert_ok(avqa_feature_file_look(&f, path, &reason));
        assert_string_equal(f.kind->encoder, cases[i].encoder);
        assert_string_equal(f.name, "v.1");
        avqa_feature_file_release(&f);
        free(path);
    }
    check_remove(folder);
}

static void test_refused(void **state)
{
    char *folder = check_folder();
    (void)state;
    expect_refused(check_write_text(folder, "a.npy", "no array"), "not-npy", "");
    expect_refused(write_npy(folder, "a.npy", "<f4", "2, 127", 0), "other-shape",
                   "<f4 2x127");
    expect_refused(write_npy(folder, "a.npy", "<f4", "0, 128", 0), "other-shape", "");
    expect_refused(write_npy(folder, "a.npy", "<f8", "2, 128", 0), "other-shape",
                   "<f8");
    expect_refused(write_npy(folder, "a.npy", "<f4", "2, 512, 14", 0), "other-shape",
                   "2x512x14");
    expect_refused(write_npy(folder, ".npy", "<f4", "2, 128", 0), "bad-name", "name");
    check_remove(folder);
}

static void test_read(void **state)
{
    struct avqa_feature_file f;
    const char *reason;
    char *folder = check_folder();
    char *path = write_npy(folder, "v.npy", "<f4", "2, 128", 1024);
    (void)state;
    assert_ok(avqa_feature_file_look(&f, path, &reason));
    assert_ok(avqa_feature_file_read(&f));
    assert_string_equal(
        f.sha256, "6c59b628e6127a243184ac0c6e54f060d9cc0ee3f8e697c73b4f808923906bcb");
    assert_int_equal(f.npy.dims[0], 2);
    for (size_t i = 0; i < 1024; i++) /* its rows stand at the beginning */
        assert_int_equal((unsigned char)f.bytes.data[i], i % 251);
    avqa_feature_file_release(&f);
    free(path);
    path = write_npy(folder, "v.npy", "<f4", "2, 128", 1023);
    assert_ok(avqa_feature_file_look(&f, path, &reason));
    assert_fails(avqa_feature_file_read(&f), AVQA_EFORMAT, "1151 bytes");
    avqa_feature_file_release(&f);
    free(path);
    check_remove(folder);
}

static void test_order(void **state)
{
    struct avqa_feature_file files[3];
    static const char *const wanted[] = {"resnet18", "vggish", "vggish"};
    const char *reason;
    char *folder = check_folder();
    char *paths[] = {write_npy(folder, "b.npy", "<f4", "1, 128", 0),
                     write_npy(folder, "a.npy", "<f4", "1, 128", 0),
                     write_npy(folder, "a.x", "<f4", "1, 512, 14, 14", 0)};
    (void)state;
    for (size_t i = 0; i < N_OF(paths); i++)
        assert_ok(avqa_feature_file_look(&files[i], paths[i], &reason));
    qsort(files, N_OF(files), sizeof *files, avqa_feature_file_order);
    assert_string_equal(files[0].name, "a");
    assert_string_equal(files[2].name, "b");
    for (size_t i = 0; i < N_OF(files); i++) {
        assert_string_equal(files[i].kind->encoder, wanted[i]);
        avqa_feature_file_release(&files[i]);
        free(paths[i]);
    }
    check_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
