/* Zip files: what is written is read, here and by Python; an archive
 * that lies about where something is, how large, or what it is called is refused by
 * name. */
#include "check.h"

#include "nn/zip.h"
#include "nn/zip_write.h"

#include <stdbool.h>

static char *dir;

/* A zip without zip64 of at most 4 entries, with room for lies. */
struct plain {
    const char *names[4];
    const char *contents[4];
    size_t n;
    const char *inner;       /* of the first entry's own header, if not its name */
    uint32_t shift[4];       /* added to the place in the directory */
    uint32_t more;           /* added to the first size */
    unsigned flags, method;  /* of the first */
    unsigned n_more;         /* added to the number of entries */
    uint32_t directory_more; /* added to the place of the directory */
    uint32_t directory_size; /* added to its size */
    const char *comment;
};

static void put(struct avqa_buf *b, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        avqa_buf_addc(b, (char)(value >> (8 * i) & 255));
}

/* CRCs are 0, so what is read is read unchecked. */
static void put_entry(struct avqa_buf *out, const struct plain *p, size_t i, bool row,
                      uint32_t at)
{
    const char *name = !row && i == 0 && p->inner ? p->inner : p->names[i];
    uint32_t size = (uint32_t)strlen(p->contents[i]) + (i == 0 ? p->more : 0);
    put(out, row ? 0x02014b50 : 0x04034b50, 4);
    put(out, 20, row ? 4 : 2);
    put(out, i == 0 ? p->flags : 0, 2);
    put(out, i == 0 ? p->method : 0, 2);
    put(out, 0, 8);
    put(out, size, 4);
    put(out, size, 4);
    put(out, strlen(name), 2);
    put(out, 0, 2);
    if (row) {
        put(out, 0, 8);
        put(out, 0, 2);
        put(out, at + p->shift[i], 4);
    }
    avqa_buf_adds(out, name);
}

static char *write_plain(const struct plain *p)
{
    struct avqa_buf b = AVQA_BUF_INIT;
    uint32_t at[4];
    for (size_t i = 0; i < p->n; i++) {
        at[i] = (uint32_t)b.len;
        put_entry(&b, p, i, false, 0);
        avqa_buf_adds(&b, p->contents[i]);
    }
    uint32_t directory = (uint32_t)b.len;
    for (size_t i = 0; i < p->n; i++)
        put_entry(&b, p, i, true, at[i]);
    uint32_t size = (uint32_t)b.len - directory;
    put(&b, 0x06054b50, 4);
    put(&b, 0, 4);
    put(&b, p->n + p->n_more, 2);
    put(&b, p->n + p->n_more, 2);
    put(&b, size + p->directory_size, 4);
    put(&b, directory + p->directory_more, 4);
    put(&b, p->comment ? strlen(p->comment) : 0, 2);
    avqa_buf_adds(&b, p->comment ? p->comment : "");
    char *path = check_write(dir, "plain.zip", b.data, b.len);
    avqa_buf_release(&b);
    return path;
}

static void refuse(const struct plain *p, const char *text)
{
    struct avqa_zip *zip = NULL;
    char *path = write_plain(p);
    assert_fails(avqa_zip_open(&zip, path), AVQA_EFORMAT, text);
    assert_has(avqa_message(), "plain.zip");
    assert_null(zip);
    free(path);
}

static const struct plain good = {
    .names = {"a/one", "a/two", "../../etc/passwd", "/x\\y"},
    .contents = {"first", "2", "", "no path is made of it"},
    .n = 4};

static void test_plain(void **state)
{
    (void)state;
    char text[32] = "";
    struct avqa_zip *zip = NULL;
    char *path = write_plain(&good);
    assert_ok(avqa_zip_open(&zip, path));
    assert_null(avqa_zip_at(zip, 4));
    assert_null(avqa_zip_find(zip, "a"));
    assert_null(avqa_zip_find(zip, "a/onerous"));
    for (size_t i = 0; i < 4; i++) {
        const struct avqa_zip_entry *e = avqa_zip_find(zip, good.names[i]);
        assert_ptr_equal(e, avqa_zip_at(zip, i));
        memset(text, 0, sizeof text);
        assert_ok(avqa_zip_read(text, zip, e, false));
        assert_string_equal(text, good.contents[i]);
    }
    assert_fails(avqa_zip_read(text, zip, avqa_zip_at(zip, 0), true), AVQA_EFORMAT,
                 "\"a/one\" is damaged");
    avqa_zip_close(zip);
    free(path);
    struct plain p = good;
    p.comment = "PK\5\6 a comment that looks like an end";
    path = write_plain(&p);
    assert_ok(avqa_zip_open(&zip, path));
    avqa_zip_close(zip);
    free(path);
}

static void test_lies(void **state)
{
    (void)state;
    struct plain p = good;
#define LIE(field, value, text)                                                        \
    p = good;                                                                          \
    p.field = value;                                                                   \
    refuse(&p, text)
    LIE(names[1], "a/one", "two entries are called \"a/one\"");
    LIE(names[0], "", "entry 0 has no proper name");
    LIE(names[0], "\xff", "entry 0 has no proper name");
    LIE(inner, "a/0ne", "\"a/one\" has another name");
    LIE(inner, "a/longer", "\"a/one\" has another header");
    LIE(flags, 1, "\"a/one\" is encrypted");
    LIE(more, 1, "\"a/one\" and \"a/two\" overlap");
    LIE(more, 0x10000, "\"a/one\" lies outside");
    LIE(more, UINT32_MAX - 5,
        "\"a/one\" has no proper size"); /* zip64 without extras */
    LIE(shift[1], (uint32_t)-40, "\"a/two\" has another");
    LIE(shift[0], 1, "\"a/one\" has another header");
    LIE(shift[3], 0x7fffffff, "lies outside");
    LIE(n_more, 1, "a directory of");
    LIE(n_more, (unsigned)-1, "of the directory are no entry");
    LIE(n_more, 0x1000, "a directory of");
    LIE(directory_more, 1, "a directory of");
    LIE(directory_more, 0x7fffffff, "a directory of");
    LIE(directory_size, 0x7fffffff, "a directory of");
    p = good;
    p.shift[1] = (uint32_t) - (30 + 5 + 5); /* the directory's second is the first */
    p.names[1] = "a/one";
    refuse(&p, "two entries are called");
}

/* What is compressed can stand there, but is not read. */
static void test_packed(void **state)
{
    (void)state;
    char text[32];
    struct avqa_zip *zip = NULL;
    struct plain p = good;
    p.method = 8;
    char *path = write_plain(&p);
    assert_ok(avqa_zip_open(&zip, path));
    assert_fails(avqa_zip_read(text, zip, avqa_zip_at(zip, 0), false), AVQA_EFORMAT,
                 "\"a/one\" is compressed");
    assert_ok(avqa_zip_read(text, zip, avqa_zip_at(zip, 1), false));
    avqa_zip_close(zip);
    free(path);
}

static void test_no_zip(void **state)
{
    (void)state;
    struct avqa_zip *zip = NULL;
    assert_fails(avqa_zip_open(&zip, "/nonexistent/x.pt"), AVQA_ENOENT, "x.pt");
    assert_fails(avqa_zip_open(&zip, dir), AVQA_EIO, "not a regular file");
    char *path = check_write(dir, "short", "PK\3\4", 4);
    assert_fails(avqa_zip_open(&zip, path), AVQA_EFORMAT, "not a zip file: 4 bytes");
    free(path);
    char *zeros = avqa_mem_new(100000);
    path = check_write(dir, "zeros", zeros, 100000);
    assert_fails(avqa_zip_open(&zip, path), AVQA_EFORMAT, "was it cut off?");
    free(zeros);
    free(path);
}

/* ---- our own, with zip64 --------------------------------------------------------- */

static char *write_own(void)
{
    struct avqa_zip_out *out = NULL;
    char *path = avqa_io_join(dir, "own.zip");
    assert_ok(avqa_zip_out_open(&out, path));
    assert_ok(avqa_zip_out_add(out, "a/data.pkl", "abc", 3));
    assert_ok(avqa_zip_out_add(out, "a/data/0", "", 0));
    assert_ok(avqa_zip_out_add(out, "a/\xc3\xa9", "0123456789", 10));
    assert_ok(avqa_zip_out_commit(out));
    return path;
}

static void test_own(void **state)
{
    (void)state;
    char text[16] = "";
    struct avqa_zip *zip = NULL;
    struct avqa_buf line = AVQA_BUF_INIT;
    char *path = write_own();
    assert_ok(avqa_zip_open(&zip, path));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(avqa_zip_at(zip, i)->begin % 64, 0);
    assert_null(avqa_zip_at(zip, 3));
    assert_int_equal(avqa_zip_find(zip, "a/data/0")->size, 0);
    assert_ok(avqa_zip_read(text, zip, avqa_zip_find(zip, "a/\xc3\xa9"), true));
    assert_string_equal(text, "0123456789");
    avqa_zip_close(zip);
    avqa_buf_addf(&line,
                  "python3 -c 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n"
                  "assert z.testzip() is None\n"
                  "assert [i.file_size for i in z.infolist()] == [3, 0, 10]\n"
                  "assert z.read(\"a/\\u00e9\") == b\"0123456789\"' '%s'",
                  path);
    if (system("python3 -c 'import zipfile' 2>/dev/null") == 0)
        assert_int_equal(system(avqa_buf_str(&line)), 0);
    avqa_buf_release(&line);
    free(path);
}

/* Every byte of headers and directory, one at a time, to all ones: nothing crashes, and
 * what is still read is what was written. */
static void test_own_hurt(void **state)
{
    (void)state;
    char *path = write_own();
    struct avqa_buf whole = check_read(path);
    size_t n_refused = 0;
    for (size_t i = 0; i < whole.len; i++) {
        char text[16] = "";
        struct avqa_zip *zip = NULL;
        char was = whole.data[i];
        whole.data[i] = (char)0xff;
        free(path);
        path = check_write(dir, "hurt.zip", whole.data, whole.len);
        enum avqa_status rc = avqa_zip_open(&zip, path);
        const struct avqa_zip_entry *e = zip ? avqa_zip_find(zip, "a/data.pkl") : NULL;
        if (rc == AVQA_OK && e && e->size < sizeof text)
            rc = avqa_zip_read(text, zip, e, true);
        assert_true(rc == AVQA_OK || rc == AVQA_EFORMAT);
        n_refused += rc != AVQA_OK;
        if (rc == AVQA_OK && e)
            assert_string_equal(text, "abc");
        avqa_zip_close(zip);
        whole.data[i] = was;
    }
    assert_true(n_refused > 100);
    avqa_buf_release(&whole);
    free(path);
}

/* A zip64 size or place of 2^63 is refused before anything is allocated. */
static void test_own_huge(void **state)
{
    (void)state;
    char *path = write_own();
    struct avqa_buf whole = check_read(path);
    size_t row = 0;
    while (memcmp(whole.data + row, "PK\1\2", 4) != 0)
        row++;
    size_t extra = row + 46 + strlen("a/data.pkl") + 4;
    for (size_t i = 0; i < 3; i++) {
        struct avqa_zip *zip = NULL;
        char was[8];
        memcpy(was, whole.data + extra + 8 * i, 8);
        memcpy(whole.data + extra + 8 * i, "\xff\xff\xff\xff\xff\xff\xff\x7f", 8);
        if (i < 2) /* size and packed size must be equal */
            memcpy(whole.data + extra + 8 * (1 - i), "\xff\xff\xff\xff\xff\xff\xff\x7f",
                   8);
        free(path);
        path = check_write(dir, "huge.zip", whole.data, whole.len);
        assert_fails(avqa_zip_open(&zip, path), AVQA_EFORMAT,
                     "\"a/data.pkl\" lies outside");
        memcpy(whole.data + extra + 8 * i, was, 8);
        if (i < 2)
            memcpy(whole.data + extra + 8 * (1 - i), was, 8);
    }
    avqa_buf_release(&whole);
    free(path);
}

static int setup(void **state)
{
    (void)state;
    dir = check_folder();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_lies),
        cmocka_unit_test(test_packed),   cmocka_unit_test(test_no_zip),
        cmocka_unit_test(test_own),      cmocka_unit_test(test_own_hurt),
        cmocka_unit_test(test_own_huge),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
