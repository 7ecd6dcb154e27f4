/* Separated values as RFC 4180 and spreadsheets write them are read field by field with
 * the line they start on; what cannot be one record is an error; what the writer
 * quotes, the reader gives back. */
#include "check.h"

#include "base/csv.h"

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

static struct avqa_csv *open_bytes(const char *dir, const char *bytes, size_t len,
                                   char separator)
{
    struct avqa_csv *csv = NULL;
    char *path = check_write(dir, "t.csv", bytes, len);
    assert_ok(avqa_csv_open(&csv, path, separator));
    free(path);
    return csv;
}

/* All records as "line:field|field;" one after the other. */
static void assert_records(const char *dir, const char *text, char separator,
                           const char *expected)
{
    struct avqa_buf got = AVQA_BUF_INIT;
    struct avqa_csv *csv = open_bytes(dir, text, strlen(text), separator);
    const char *const *fields;
    size_t n;
    do {
        assert_ok(avqa_csv_next(csv, &fields, &n));
        if (n)
            avqa_buf_addf(&got, "%d:", (int)avqa_csv_line(csv));
        for (size_t i = 0; i < n; i++)
            avqa_buf_addf(&got, "%s%s", fields[i], i + 1 < n ? "|" : ";");
    } while (n);
    assert_string_equal(avqa_buf_str(&got), expected);
    avqa_csv_close(csv);
    avqa_buf_release(&got);
}

static void assert_bad(const char *dir, const char *bytes, size_t len,
                       const char *message)
{
    struct avqa_csv *csv = open_bytes(dir, bytes, len, ',');
    const char *const *fields;
    size_t n = 1;
    enum avqa_status rc = AVQA_OK;
    while (rc == AVQA_OK && n)
        rc = avqa_csv_next(csv, &fields, &n);
    assert_int_equal(rc, AVQA_EFORMAT);
    assert_has(avqa_message(), "t.csv: line ");
    assert_has(avqa_message(), message);
    avqa_csv_close(csv);
}

static void test_records(void **state)
{
    assert_records(*state, "", ',', "");
    assert_records(*state, "a,b\n1,2\n", ',', "1:a|b;2:1|2;");
    assert_records(*state, "a,b\r\n1,2", ',', "1:a|b;2:1|2;");
    assert_records(*state,
                   "\xef\xbb\xbf"
                   "a,b\n",
                   ',', "1:a|b;");
    assert_records(*state, "a\tb,c\n\t\n", '\t', "1:a|b,c;2:|;");
    assert_records(*state, ",\n,,\n", ',', "1:|;2:||;");
    assert_records(*state, "\n\na\n\nb\n\n", ',', "3:a;5:b;");
    assert_records(*state, "二胡,é\n", ',', "1:二胡|é;");
    assert_records(*state, "\xef\xbc\x9f,x\n", ',', "1:？|x;");
}

static void test_quotes(void **state)
{
    assert_records(*state, "\"a,b\",\"c\"\"d\"\n", ',', "1:a,b|c\"d;");
    assert_records(*state, "\"two\nlines\",x\r\ny\n", ',', "1:two\nlines|x;3:y;");
    assert_records(*state, "\"\",a\n", ',', "1:|a;");
    assert_records(*state, "a\"b,c\n", ',', "1:a\"b|c;");
    assert_records(*state, "\"a\"", ',', "1:a;");
    assert_records(*state, "\"a\r\nb\"\n", ',', "1:a\r\nb;");
}

static void test_bad_records(void **state)
{
    char *many = avqa_mem_new(600);
    char *big = avqa_mem_new((2 << 20) + 1);
    memset(many, ',', 599);
    memset(big, 'x', 2 << 20);
    assert_bad(*state, "a\n\"b\nc", 6, "line 2: the file ends inside quotes");
    assert_bad(*state, "\"a\"b,c\n", 7, "line 1: text behind a closing quote");
    assert_bad(*state, "a,b\0c\n", 6, "line 1: a NUL byte");
    assert_bad(*state, "a,\"b\0c\"\n", 8, "line 1: a NUL byte");
    assert_bad(*state, "a\nb\xff\n", 5, "line 2: not valid UTF-8");
    assert_bad(*state, many, 599, "line 1: more than 256 fields");
    assert_bad(*state, big, 2 << 20, "line 1: longer than 1 MiB");
    big[0] = '"';
    assert_bad(*state, big, 2 << 20, "line 1: longer than 1 MiB");
    free(many);
    free(big);
}

static void test_most_fields(void **state)
{
    char text[256];
    const char *const *fields;
    size_t n;
    memset(text, ',', 255);
    struct avqa_csv *csv = open_bytes(*state, text, 255, ',');
    assert_ok(avqa_csv_next(csv, &fields, &n));
    assert_int_equal(n, 256);
    assert_string_equal(fields[255], "");
    avqa_csv_close(csv);
}

static void test_opening(void **state)
{
    struct avqa_csv *csv = NULL;
    char *path = avqa_io_join(*state, "none.csv");
    assert_fails(avqa_csv_open(&csv, path, ','), AVQA_ENOENT, "none.csv: cannot open");
    avqa_csv_close(NULL);
    free(path);
}

/* printf 'a,b\n"1\n",2\n' | sha256sum */
static void test_digest(void **state)
{
    const char *const *fields;
    size_t n = 1;
    struct avqa_csv *csv = open_bytes(*state, "a,b\n\"1\n\",2\n", 11, ',');
    while (n)
        assert_ok(avqa_csv_next(csv, &fields, &n));
    assert_int_equal(avqa_csv_bytes_read(csv), 11);
    assert_string_equal(
        avqa_csv_sha256(csv),
        "0b1f47b61d503a16df410103567e3b29faa78d2005430c5cf09fb9e25d57d2bc");
    avqa_csv_close(csv);
}

static void test_round_trip(void **state)
{
    static const char *const values[] = {"",     "plain", "a,b",  "tab\there",   "\"",
                                         "a\"b", "\n",    "\r\n", "二胡, \"é\"", " x "};
    struct avqa_buf text = AVQA_BUF_INIT;
    const char *const *fields;
    size_t n;
    for (size_t i = 0; i < N_OF(values); i++) {
        avqa_buf_adds(&text, i ? "," : "");
        avqa_csv_add(&text, values[i]);
    }
    struct avqa_csv *csv = open_bytes(*state, text.data, text.len, ',');
    assert_ok(avqa_csv_next(csv, &fields, &n));
    assert_int_equal(n, N_OF(values));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(fields[i], values[i]);
    avqa_csv_close(csv);
    avqa_buf_clear(&text);
    avqa_csv_add(&text, "a\"b");
    assert_string_equal(avqa_buf_str(&text), "\"a\"\"b\"");
    avqa_buf_clear(&text);
    avqa_csv_add(&text, "a b");
    assert_string_equal(avqa_buf_str(&text), "a b");
    avqa_buf_release(&text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_records),     TEST(test_quotes),
                                       TEST(test_bad_records), TEST(test_most_fields),
                                       TEST(test_opening),     TEST(test_digest),
                                       TEST(test_round_trip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
