/* Reading is bounded and names what it could not read; an output file appears whole or
 * not at all, and nothing temporary stays behind. */
#include "check.h"

#include <dirent.h>
#include <sys/stat.h>

static int setup(void **state)
{
    *state = check_folder();
    return 0;
}

static int teardown(void **state)
{
    check_remove(*state);
    return 0;
}

static size_t count_entries(const char *dir)
{
    size_t n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void assert_content(const char *path, const char *text)
{
    struct avqa_buf buf = check_read(path);
    assert_string_equal(avqa_buf_str(&buf), text);
    avqa_buf_release(&buf);
}

static void test_read(void **state)
{
    struct avqa_buf buf = AVQA_BUF_INIT;
    char *path = check_write(*state, "data", "one\0two", 7);
    avqa_buf_adds(&buf, "> ");
    assert_ok(avqa_io_read(&buf, path, 7));
    assert_memory_equal(buf.data, "> one\0two", 10);
    assert_fails(avqa_io_read(&buf, path, 6), AVQA_EFORMAT,
                 "data: larger than 6 bytes");
    free(path);
    avqa_buf_release(&buf);
}

static void test_read_what_is_no_file(void **state)
{
    struct avqa_buf buf = AVQA_BUF_INIT;
    char *missing = avqa_io_join(*state, "missing");
    assert_fails(avqa_io_read(&buf, missing, 10), AVQA_ENOENT, "missing: cannot open");
    assert_fails(avqa_io_read(&buf, *state, 10), AVQA_EINVAL, "is a directory");
    assert_int_equal(buf.len, 0);
    free(missing);
    avqa_buf_release(&buf);
}

static void test_write_is_whole(void **state)
{
    struct avqa_out *out;
    char big[200000];
    char *path = avqa_io_join(*state, "report");
    memset(big, 'b', sizeof big);
    assert_ok(avqa_io_write(path, "old", 3));
    assert_ok(avqa_out_open(&out, path));
    assert_ok(avqa_out_write(out, "a", 1));
    assert_ok(avqa_out_write(out, big, sizeof big));
    assert_ok(avqa_out_write(out, "c", 1));
    assert_ok(avqa_out_write(out, "", 0));
    assert_content(path, "old");
    assert_ok(avqa_out_commit(out));
    struct avqa_buf buf = check_read(path);
    assert_int_equal(buf.len, sizeof big + 2);
    assert_int_equal(buf.data[0], 'a');
    assert_memory_equal(buf.data + 1, big, sizeof big);
    assert_int_equal(buf.data[sizeof big + 1], 'c');
    assert_int_equal(count_entries(*state), 1);
    avqa_buf_release(&buf);
    free(path);
}

static void test_abort_leaves_the_old_file(void **state)
{
    struct avqa_out *out;
    char *path = check_write_text(*state, "report", "old");
    assert_ok(avqa_out_open(&out, path));
    assert_ok(avqa_out_write(out, "new", 3));
    assert_int_equal(count_entries(*state), 2);
    avqa_out_abort(out);
    avqa_out_abort(NULL);
    assert_content(path, "old");
    assert_int_equal(count_entries(*state), 1);
    free(path);
}

static void test_write_where_it_cannot_be(void **state)
{
    struct avqa_out *out;
    char *dir = avqa_io_join(*state, "folder");
    char *below = avqa_io_join(*state, "none/report");
    assert_ok(avqa_io_mkdir(dir));
    assert_fails(avqa_out_open(&out, below), AVQA_ENOENT, "none/report: cannot write");
    assert_fails(avqa_io_write(dir, "x", 1), AVQA_EIO, "folder: cannot rename to");
    assert_int_equal(count_entries(*state), 1);
    free(dir);
    free(below);
}

static void test_mkdir(void **state)
{
    char *deep = avqa_io_join(*state, "a/b//c/");
    char *file = check_write_text(*state, "file", "x");
    char *under = avqa_io_join(file, "d");
    assert_ok(avqa_io_mkdir(deep));
    assert_true(avqa_io_is_dir(deep));
    assert_ok(avqa_io_mkdir(deep));
    assert_fails(avqa_io_mkdir(file), AVQA_EEXIST, "is not a folder");
    assert_int_equal(avqa_io_mkdir(under), AVQA_EIO);
    assert_fails(avqa_io_mkdir(""), AVQA_ENOENT, "cannot make folder");
    free(deep);
    free(file);
    free(under);
}

static void test_exists_and_join(void **state)
{
    static const char *const cases[][3] = {{"a", "b", "a/b"},    {"a/", "b", "a/b"},
                                           {"a//", "b", "a/b"},  {"/", "b", "/b"},
                                           {"///", "b", "/b"},   {".", "b/c", "./b/c"},
                                           {"x y", "?", "x y/?"}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        char *path = avqa_io_join(cases[i][0], cases[i][1]);
        assert_string_equal(path, cases[i][2]);
        free(path);
    }
    char *file = check_write_text(*state, "file", "x");
    assert_true(avqa_io_exists(file));
    assert_false(avqa_io_is_dir(file));
    assert_true(avqa_io_is_dir(*state));
    unlink(file);
    assert_false(avqa_io_exists(file));
    free(file);
}

static void test_remove(void **state)
{
    char *path = check_write(*state, "data", "one", 3);
    char *below = avqa_io_join(path, "below");
    assert_ok(avqa_io_remove(below)); /* "data" is no folder, so it cannot be there */
    assert_ok(avqa_io_remove(path));
    assert_false(avqa_io_exists(path));
    assert_ok(avqa_io_remove(path));
    assert_fails(avqa_io_remove(*state), AVQA_EIO, "cannot remove");
    free(below);
    free(path);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_read),
                                       TEST(test_read_what_is_no_file),
                                       TEST(test_write_is_whole),
                                       TEST(test_abort_leaves_the_old_file),
                                       TEST(test_write_where_it_cannot_be),
                                       TEST(test_mkdir),
                                       TEST(test_remove),
                                       TEST(test_exists_and_join)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
