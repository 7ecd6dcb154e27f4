/* Rows come out of arrays and of JSON lines, in bounded memory; a file that is cut,
 * glued, too deep or too long is an error with file and row, never a crash or a row
 * less.
 */
#include "check.h"

#include "base/rows.h"

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

/* Reads all rows of a text; the last status, the number of rows, the sum of their "n".
 */
struct outcome {
    enum avqa_status rc;
    int64_t rows, sum;
};

static struct outcome read_bytes(const char *dir, const char *bytes, size_t len)
{
    struct outcome o = {AVQA_OK, 0, 0};
    struct avqa_rows *rows = NULL;
    const struct avqa_json *row = NULL;
    char *path = check_write(dir, "rows.json", bytes, len);
    assert_ok(avqa_rows_open(&rows, path));
    do {
        int64_t n = 0;
        o.rc = avqa_rows_next(rows, &row);
        assert_true(o.rc == AVQA_OK || !row);
        o.rows += row != NULL;
        o.sum += avqa_json_int(avqa_json_get(row, "n"), &n) ? n : 0;
        assert_true(!row || avqa_rows_number(rows) == o.rows);
    } while (row);
    if (o.rc == AVQA_OK)
        assert_int_equal(avqa_rows_bytes_read(rows), len);
    assert_int_equal(avqa_rows_bytes_total(rows), len);
    avqa_rows_close(rows);
    free(path);
    return o;
}

static struct outcome read_text(const char *dir, const char *text)
{
    return read_bytes(dir, text, strlen(text));
}

static void assert_bad(const char *dir, const char *text, const char *message)
{
    struct outcome o = read_text(dir, text);
    if (o.rc != AVQA_EFORMAT)
        fail_msg("status %d for: %s", o.rc, text);
    assert_has(avqa_message(), "rows.json: ");
    assert_has(avqa_message(), message);
}

static void test_layouts(void **state)
{
    static const struct {
        const char *text;
        int64_t rows, sum;
    } cases[] = {
        {"[]", 0, 0},
        {" [ ] \n", 0, 0},
        {"[{\"n\": 1}]", 1, 1},
        {"[{\"n\":1},{\"n\":2}]", 2, 3},
        {"\xef\xbb\xbf[\r\n {\"n\": 3} ,\n {\"n\": 4}\r\n]\r\n", 2, 7},
        {"{\"n\": 5}", 1, 5},
        {"{\"n\": 5}\n{\"n\": 6}\n", 2, 11},
        {"\n\n{\"n\": 5}\r\n\r\n{\"n\": 6}\n\n", 2, 11},
        {"\xef\xbb\xbf{\"n\": 7}\n", 1, 7},
        {"[{\"a\": \"]}\\\"],[{\", \"n\": 8}, {\"b\": {\"c\": [{}]}, \"n\": 9}]", 2,
         17}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct outcome o = read_text(*state, cases[i].text);
        if (o.rc != AVQA_OK)
            fail_msg("%s: %s", cases[i].text, avqa_message());
        assert_int_equal(o.rows, cases[i].rows);
        assert_int_equal(o.sum, cases[i].sum);
    }
}

static void test_wrong_layouts(void **state)
{
    assert_bad(*state, "", "is empty");
    assert_bad(*state, " \n", "is empty");
    assert_bad(*state, "\xef\xbb\xbf", "is empty");
    assert_bad(*state, "hello", "neither a JSON array nor JSON lines");
    assert_bad(*state, "\"a\"", "neither a JSON array nor JSON lines");
    assert_bad(*state, "[1]", "row 1: is not an object");
    assert_bad(*state, "[{}, []]", "row 2: is not an object");
    assert_bad(*state, "[,{}]", "row 1: is not an object");
    assert_bad(*state, "[{},]", "row 1: a comma too many behind this row");
    assert_bad(*state, "[{} {}]", "row 2: a comma is missing before this row");
    assert_bad(*state, "[{},,{}]", "row 2: is not an object");
    assert_bad(*state, "[{}] {}", "something follows the closing bracket");
    assert_bad(*state, "[{}]]", "something follows the closing bracket");
    assert_bad(*state, "{},{}", "row 2: is not an object");
    assert_bad(*state, "{}\nnull\n", "row 2: is not an object");
    assert_bad(*state, "[{\"a\": 1, \"b\" 2}]", "row 1: byte ");
    assert_bad(*state, "[{}, {\"a\": nope}]", "row 2: byte ");
    assert_bad(*state, "[{\"a\": [1}]}]", "row 1: ");
    assert_bad(*state, "[{}, {\"a\": \"\xff\"}]", "row 2: byte 8: not valid UTF-8");
    assert_bad(*state, "[{\"a\": \"\\u0000\"}]", "row 1: byte 8: a NUL in a string");
}

static void test_what_cannot_be_opened(void **state)
{
    struct avqa_rows *rows = NULL;
    char *missing = avqa_io_join(*state, "missing.json");
    assert_fails(avqa_rows_open(&rows, missing), AVQA_ENOENT,
                 "missing.json: cannot open");
    assert_fails(avqa_rows_open(&rows, *state), AVQA_EINVAL, "is a directory");
    avqa_rows_close(NULL);
    free(missing);
}

static void test_nul_byte(void **state)
{
    static const char text[] = "[{\"a\": \"x\0y\"}]";
    struct outcome o = read_bytes(*state, text, sizeof text - 1);
    assert_int_equal(o.rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 1: byte 9: a NUL byte");
    o = read_bytes(*state, "[{}\0]", 5);
    assert_int_equal(o.rc, AVQA_EFORMAT);
}

/* Cut anywhere, the file is an error; only white space at its end may be missing. JSON
 * lines may also end behind any whole row. */
static void test_cut_at_every_byte(void **state)
{
    static const char array[] =
        "\xef\xbb\xbf[\n {\"a\": \"二\\\"]}\", \"n\": [1, {}]},\n"
        " {\"b\": {\"c\": null}, \"n\": 2},\n {}\n]\n";
    static const char lines[] = "{\"a\": \"{\\\\\", \"n\": 1}\n{\"n\": 2}\n";
    for (size_t len = 0; len < sizeof array; len++) {
        struct outcome o = read_bytes(*state, array, len);
        bool whole = len >= sizeof array - 2;
        if ((o.rc == AVQA_OK) != whole)
            fail_msg("cut at %zu: status %d", len, o.rc);
        assert_int_equal(o.rc, whole ? AVQA_OK : AVQA_EFORMAT);
    }
    size_t first = strcspn(lines, "\n");
    for (size_t len = 0; len < sizeof lines; len++) {
        struct outcome o = read_bytes(*state, lines, len);
        bool whole = len == first || len == first + 1 || len >= sizeof lines - 2;
        assert_int_equal(o.rc, whole ? AVQA_OK : AVQA_EFORMAT);
        assert_int_equal(o.rows, (len >= first) + (len >= sizeof lines - 2));
    }
}

static void test_cut_says_so(void **state)
{
    assert_bad(*state, "[", "row 1: the file ends before the closing bracket");
    assert_bad(*state, "[{}", "row 2: the file ends before the closing bracket");
    assert_bad(*state, "[{},", "row 2: the file ends before the closing bracket");
    assert_bad(*state, "[{}, {\"a\": \"x",
               "row 2: the file ends inside this row (was it cut?)");
    assert_bad(*state, "{\"a\": {", "row 1: the file ends inside this row");
}

/* Rows whose strings hold brackets and escaped quotes, of a length that puts every part
 * of them on the border of the 256 KiB that are read at a time. */
static void test_window_borders(void **state)
{
    enum { WINDOW = 256 << 10 };
    for (int shift = -40; shift <= 40; shift++) {
        struct avqa_buf text = AVQA_BUF_INIT;
        avqa_buf_addf(&text, "[{\"n\": 1, \"pad\": \"");
        size_t pad = (size_t)(WINDOW - 20 + shift) - text.len;
        for (size_t i = 0; i < pad; i++)
            avqa_buf_addc(&text, "}]\x20{["[i % 5]);
        avqa_buf_adds(&text,
                      "\\\\\"}, {\"n\": 2, \"a\": \"\\\"\\\\]}\\\"二胡\\u4e8c\"}");
        avqa_buf_adds(&text, ", {\"n\": 4}]");
        struct outcome o = read_bytes(*state, text.data, text.len);
        if (o.rc != AVQA_OK)
            fail_msg("shift %d: %s", shift, avqa_message());
        assert_int_equal(o.rows, 3);
        assert_int_equal(o.sum, 7);
        avqa_buf_release(&text);
    }
}

static void test_many_rows(void **state)
{
    enum { N = 30000 };
    struct avqa_buf text = AVQA_BUF_INIT;
    for (int i = 0; i < N; i++)
        avqa_buf_addf(&text, "%s{\"n\": %d, \"t\": \"]\\\"\"}", i ? ",\n" : "[", i);
    avqa_buf_adds(&text, "]");
    struct outcome o = read_bytes(*state, text.data, text.len);
    assert_int_equal(o.rc, AVQA_OK);
    assert_int_equal(o.rows, N);
    assert_int_equal(o.sum, (int64_t)N * (N - 1) / 2);
    avqa_buf_release(&text);
}

static struct outcome read_long_row(const char *dir, const char *head, size_t len,
                                    const char *tail)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_adds(&text, head);
    while (text.len < len)
        avqa_buf_addc(&text, 'x');
    avqa_buf_adds(&text, tail);
    struct outcome o = read_bytes(dir, text.data, text.len);
    avqa_buf_release(&text);
    return o;
}

/* A row may be 1 MiB, not a byte more, wherever it stands in the file. */
static void test_row_length(void **state)
{
    size_t max = AVQA_ROWS_MAX_BYTES;
    struct outcome o = read_long_row(*state, "{\"n\": 3, \"a\": \"", max - 2, "\"}");
    assert_int_equal(o.rc, AVQA_OK);
    assert_int_equal(o.sum, 3);
    o = read_long_row(*state, "{\"n\": 3, \"a\": \"", max - 1, "\"}");
    assert_int_equal(o.rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 1: longer than 1 MiB");
    o = read_long_row(*state, "[{\"n\": 3}, {\"a\": \"", max + 10, "\"}]");
    assert_int_equal(o.rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 2: longer than 1 MiB");
    o = read_long_row(*state, "[{\"a\": \"", 5 * max, "");
    assert_int_equal(o.rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 1: longer than 1 MiB");
}

static void test_depth(void **state)
{
    char *text = avqa_mem_new(10 << 20);
    memset(text, '[', (10 << 20) - 1);
    assert_int_equal(read_text(*state, text).rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 1: is not an object");
    memcpy(text, "[{\"a\":", 6);
    assert_int_equal(read_text(*state, text).rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 1: brackets nested too deep");
    memset(text, '{', (10 << 20) - 1);
    assert_int_equal(read_text(*state, text).rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "row 1: brackets nested too deep");
    free(text);
    assert_int_equal(read_text(*state, "[{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
                                       "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}]")
                         .rc,
                     AVQA_OK);
}

/* printf '[{"n": 1}, {"n": 2}]\n' | sha256sum */
static const char DIGEST[] =
    "395e60fcb489ae4eb46c44f77a66e64e65025ea98f6a54dcb2e2cedd9d5e0516";

static void test_digest(void **state)
{
    struct avqa_rows *rows;
    const struct avqa_json *row;
    char *path = check_write_text(*state, "d.json", "[{\"n\": 1}, {\"n\": 2}]\n");
    assert_ok(avqa_rows_open(&rows, path));
    do
        assert_ok(avqa_rows_next(rows, &row));
    while (row);
    assert_string_equal(avqa_rows_sha256(rows), DIGEST);
    assert_string_equal(avqa_rows_sha256(rows), DIGEST);
    assert_int_equal(avqa_rows_bytes_total(rows), 21);
    avqa_rows_close(rows);
    free(path);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_layouts),
                                       TEST(test_wrong_layouts),
                                       TEST(test_what_cannot_be_opened),
                                       TEST(test_nul_byte),
                                       TEST(test_cut_at_every_byte),
                                       TEST(test_cut_says_so),
                                       TEST(test_window_borders),
                                       TEST(test_many_rows),
                                       TEST(test_row_length),
                                       TEST(test_depth),
                                       TEST(test_digest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
