/* Text from outside is refused with the byte where it went wrong before cJSON could
 * misread it: bad UTF-8, NULs plain or escaped, depth, a second value. What is printed
 * reads back the same, and escapes are those of Python's json.dumps. */
#include "check.h"

#include <float.h>

#include "base/rng.h"

static void assert_bad(const char *text, size_t len, const char *message)
{
    struct avqa_json *out = NULL;
    assert_fails(avqa_json_parse(&out, text, len), AVQA_EFORMAT, message);
    assert_null(out);
}

static void test_reading(void **state)
{
    (void)state;
    int64_t n = 0;
    double x = 0;
    struct avqa_json *o = check_parse(
        " {\"a\": [1, -2.5, \"s\", true, null], \"A\": {}, \"b\": \"\\u4e8c\\n\"}\n");
    const struct avqa_json *a = avqa_json_get(o, "a");
    assert_int_equal(avqa_json_type(o), AVQA_JSON_OBJECT);
    assert_int_equal(avqa_json_count(o), 3);
    assert_int_equal(avqa_json_count(a), 5);
    assert_true(avqa_json_int(avqa_json_first(a), &n) && n == 1);
    assert_false(avqa_json_int(check_at(a, "#1", NULL), &n));
    assert_true(avqa_json_double(check_at(a, "#1", NULL), &x) && x < -2.4);
    assert_false(avqa_json_double(check_at(a, "#2", NULL), &x));
    assert_true(avqa_json_true(check_at(a, "#3", NULL)));
    assert_int_equal(avqa_json_type(check_at(a, "#4", NULL)), AVQA_JSON_NULL);
    assert_null(check_at(a, "#5", NULL));
    assert_string_equal(avqa_json_string(avqa_json_get(o, "b")), "二\n");
    assert_string_equal(avqa_json_key(avqa_json_next(a)), "A");
    assert_int_equal(avqa_json_type(avqa_json_get(o, "A")), AVQA_JSON_OBJECT);
    assert_null(avqa_json_get(o, "c"));
    assert_null(avqa_json_get(a, "a"));
    assert_null(avqa_json_string(a));
    avqa_json_free(o);
}

static void test_nothing_at_all(void **state)
{
    (void)state;
    int64_t n;
    avqa_json_free(NULL);
    assert_null(avqa_json_get(NULL, "x"));
    assert_null(avqa_json_first(NULL));
    assert_null(avqa_json_next(NULL));
    assert_null(avqa_json_key(NULL));
    assert_null(avqa_json_string(NULL));
    assert_false(avqa_json_int(NULL, &n));
    assert_false(avqa_json_true(NULL));
    assert_int_equal(avqa_json_count(NULL), 0);
    assert_string_equal(avqa_json_type_name(NULL), "missing");
}

static void test_type_names(void **state)
{
    (void)state;
    static const char *const expected[] = {"null",     "true or false", "a number",
                                           "a string", "a list",        "an object"};
    struct avqa_json *o = check_parse("[null, false, 1, \"\", [], {}]");
    const struct avqa_json *v = avqa_json_first(o);
    for (size_t i = 0; i < N_OF(expected); i++, v = avqa_json_next(v)) {
        assert_int_equal(avqa_json_type(v), i);
        assert_string_equal(avqa_json_type_name(v), expected[i]);
    }
    avqa_json_free(o);
}

static void test_whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {{"0", true, 0},
                 {"-7", true, -7},
                 {"1e3", true, 1000},
                 {"9007199254740991", true, 9007199254740991},
                 {"-9007199254740991", true, -9007199254740991},
                 {"9007199254740992", false, 0}, /* or 2^53 + 1, who knows */
                 {"-9007199254740993", false, 0},
                 {"0.5", false, 0},
                 {"true", false, 0}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        int64_t n = 99;
        struct avqa_json *v = check_parse(cases[i].text);
        assert_int_equal(avqa_json_int(v, &n), cases[i].ok);
        assert_int_equal(n, cases[i].ok ? cases[i].value : 99);
        avqa_json_free(v);
    }
}

static void test_not_json(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",    " ",   "{",     "[1,",  "{\"a\"}",     "{\"a\":}", "{a: 1}", "[1 2]",
        "'a'", "nul", "\"abc", "[1]]", "{\"a\": 1,}", "]",        "[}",     "-"};
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_bad(cases[i], strlen(cases[i]), "byte ");
    assert_bad("[1, x]", 6, "byte 5: not JSON");
    assert_bad("[1, {\"a\": [-1e999]}]", 20, "a number is too large");
}

static void test_one_value(void **state)
{
    (void)state;
    struct avqa_json *o = NULL;
    assert_bad("1 2", 3, "byte 3: more than one value");
    assert_bad("{} {}", 5, "byte 4: more than one value");
    assert_bad("[] ,", 4, "more than one value");
    assert_ok(avqa_json_parse(&o, "[1] \r\n\t", 7));
    avqa_json_free(o);
    assert_ok(avqa_json_parse(&o, "12345", 2));
    assert_int_equal(check_int(o, NULL), 12);
    avqa_json_free(o);
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    assert_bad("\"a\0b\"", 5, "byte 3: a NUL byte");
    assert_bad("[\"\\u0000\"]", 10, "byte 3: a NUL in a string");
    assert_bad("[\"\xff\"]", 5, "byte 3: not valid UTF-8");
    assert_bad("[\"\xc0\x80\"]", 6, "byte 3: not valid UTF-8");
    assert_bad("[\"\xed\xa0\x80\"]", 7, "byte 3: not valid UTF-8");
    assert_bad("[\"\xe4\xba\"]", 6, "byte 3: not valid UTF-8");
    assert_bad("[\"\xf4\x90\x80\x80\"]", 8, "byte 3: not valid UTF-8");
}

/* "\\u0000" is a backslash and text; "\\\u0000" is a backslash and a NUL. */
static void test_escaped_backslashes(void **state)
{
    (void)state;
    for (size_t slashes = 1; slashes <= 8; slashes++) {
        char text[64] = "[\"";
        memset(text + 2, '\\', slashes);
        strcat(text, "u0000\"]");
        struct avqa_json *o = NULL;
        if (slashes % 2)
            assert_bad(text, strlen(text), "a NUL in a string");
        else
            assert_ok(avqa_json_parse(&o, text, strlen(text)));
        if (o) {
            assert_int_equal(strlen(avqa_json_string(avqa_json_first(o))),
                             slashes / 2 + 5);
            avqa_json_free(o);
        }
    }
    assert_bad("[\"\\\\u0000 \\u0000\"]", 18, "byte 11: a NUL in a string");
}

static char *nested(size_t depth, char open, char close, const char *inside)
{
    size_t n = strlen(inside);
    char *text = avqa_mem_new(2 * depth + n + 1);
    memset(text, open, depth);
    memcpy(text + depth, inside, n);
    memset(text + depth + n, close, depth);
    return text;
}

static void test_depth(void **state)
{
    (void)state;
    struct avqa_json *o = NULL;
    char *good = nested(AVQA_JSON_MAX_DEPTH, '[', ']', "\"[[[[\\\"[[\"");
    char *bad = nested(AVQA_JSON_MAX_DEPTH + 1, '[', ']', "");
    char *huge = nested(2000000, '[', ']', "");
    assert_ok(avqa_json_parse(&o, good, strlen(good)));
    avqa_json_free(o);
    assert_bad(bad, strlen(bad), "byte 33: nested deeper than 32");
    assert_bad(huge, strlen(huge), "nested deeper");
    assert_bad(huge, 2000000, "nested deeper");
    free(good);
    free(bad);
    free(huge);
}

static void test_file(void **state)
{
    (void)state;
    char *dir = check_folder();
    struct avqa_json *o = NULL;
    char *bom = check_write_text(dir, "bom.json", "\xef\xbb\xbf[1]");
    char *bad = check_write_text(dir, "bad.json", "[1,\n");
    assert_ok(avqa_json_read(&o, bom, 100));
    assert_int_equal(avqa_json_count(o), 1);
    avqa_json_free(o);
    assert_fails(avqa_json_read(&o, bad, 100), AVQA_EFORMAT, "bad.json: byte ");
    assert_fails(avqa_json_read(&o, bad, 3), AVQA_EFORMAT, "larger than 3 bytes");
    assert_fails(avqa_json_read(&o, dir, 3), AVQA_EINVAL, "is a directory");
    free(bom);
    free(bad);
    check_remove(dir);
}

/* The expected strings are what python3's json.dumps gives. */
static void test_quote(void **state)
{
    (void)state;
    static const struct {
        const char *text, *ascii, *plain;
    } cases[] = {{"abc", "\"abc\"", "\"abc\""},
                 {"\"\\/", "\"\\\"\\\\/\"", "\"\\\"\\\\/\""},
                 {"\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"",
                  "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\""},
                 {"é中文？", "\"\\u00e9\\u4e2d\\u6587\\uff1f\"", "\"é中文？\""},
                 {"🎻 x\xf4\x8f\xbf\xbf", "\"\\ud83c\\udfbb x\\udbff\\udfff\"",
                  "\"🎻 x\xf4\x8f\xbf\xbf\""},
                 {"", "\"\"", "\"\""}};
    struct avqa_buf buf = AVQA_BUF_INIT;
    for (size_t i = 0; i < N_OF(cases); i++) {
        avqa_buf_clear(&buf);
        avqa_json_quote(&buf, cases[i].text, true);
        assert_string_equal(avqa_buf_str(&buf), cases[i].ascii);
        avqa_buf_clear(&buf);
        avqa_json_quote(&buf, cases[i].text, false);
        assert_string_equal(avqa_buf_str(&buf), cases[i].plain);
        struct avqa_json *back = check_parse(cases[i].ascii);
        assert_string_equal(avqa_json_string(back), cases[i].text);
        avqa_json_free(back);
    }
    avqa_buf_release(&buf);
}

static void assert_printed(const struct avqa_json *v, int indent, const char *expected)
{
    struct avqa_buf buf = AVQA_BUF_INIT;
    avqa_json_print(&buf, v, indent);
    assert_string_equal(avqa_buf_str(&buf), expected);
    avqa_buf_release(&buf);
}

static void put_truth(struct avqa_json *parent, const char *key, bool value)
{
    avqa_json_put(parent, key, check_parse(value ? "true" : "false"));
}

static void test_build_and_print(void **state)
{
    (void)state;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "s", "a\"b");
    avqa_json_put_int(o, "i", -9007199254740992);
    avqa_json_put_double(o, "d", 0.12345678);
    avqa_json_put_double(o, "zero", -0.0000001);
    avqa_json_put_double(o, "nan", (double)NAN);
    avqa_json_put_double(o, "inf", (double)INFINITY);
    avqa_json_put_exact(o, "e", 1e-07);
    avqa_json_put_exact(o, "third", 1.0 / 3);
    avqa_json_put_exact(o, "none", (double)NAN);
    put_truth(o, "t", true);
    avqa_json_put_null(o, "n");
    struct avqa_json *list = avqa_json_put_array(o, "list");
    avqa_json_put_int(list, NULL, 1);
    avqa_json_put_object(list, NULL);
    avqa_json_put_array(o, "empty");
    avqa_json_put_copy(list, NULL, avqa_json_get(o, "s"));
    assert_printed(o, 0,
                   "{\"s\": \"a\\\"b\", \"i\": -9007199254740992, \"d\": 0.123457, "
                   "\"zero\": 0, \"nan\": null, \"inf\": null, \"e\": 1e-07, "
                   "\"third\": 0.33333333333333331, \"none\": null, \"t\": true, "
                   "\"n\": null, \"list\": [1, {}, \"a\\\"b\"], \"empty\": []}");
    assert_printed(list, 2, "[\n  1,\n  {},\n  \"a\\\"b\"\n]");
    avqa_json_free(o);
}

static struct avqa_json *random_value(struct avqa_rng *rng, int depth)
{
    static const char *const strings[] = {"", "a\\\"\n", "二胡\t🎻", "\x01\x1f/<>"};
    static const char *const keys[] = {"k", "K", "a b", "鍵"};
    struct avqa_json *v =
        avqa_rng_below(rng, 2) ? avqa_json_new_object() : avqa_json_new_array();
    bool object = avqa_json_type(v) == AVQA_JSON_OBJECT;
    for (uint64_t i = avqa_rng_below(rng, 5); i > 0; i--) {
        const char *key = object ? keys[i - 1] : NULL;
        switch (depth > 0 ? avqa_rng_below(rng, 5) : 4) {
        case 0:
            avqa_json_put_int(v, key, (int64_t)avqa_rng_below(rng, 1 << 30));
            break;
        case 1:
            avqa_json_put_double(v, key, avqa_rng_unit(rng) * 100);
            break;
        case 2:
            avqa_json_put(v, key, random_value(rng, depth - 1));
            break;
        case 3:
            put_truth(v, key, avqa_rng_below(rng, 2));
            break;
        default:
            avqa_json_put_string(v, key, strings[avqa_rng_below(rng, 4)]);
        }
    }
    return v;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct avqa_rng rng;
    avqa_rng_init(&rng, 1, "json");
    for (int i = 0; i < 300; i++) {
        struct avqa_buf one = AVQA_BUF_INIT;
        struct avqa_buf two = AVQA_BUF_INIT;
        struct avqa_json *v = random_value(&rng, 6);
        avqa_json_print(&one, v, i % 3);
        struct avqa_json *back = check_parse(avqa_buf_str(&one));
        assert_true(check_same(v, back));
        avqa_json_print(&two, back, i % 3);
        assert_string_equal(avqa_buf_str(&one), avqa_buf_str(&two));
        avqa_json_free(v);
        avqa_json_free(back);
        avqa_buf_release(&one);
        avqa_buf_release(&two);
    }
}

/* A number that came in goes out as the same number. */
static void test_doubles_keep_their_value(void **state)
{
    (void)state;
    static const double values[] = {
        0.1,     0.30000000000000004, 1.0 / 3,  1e-300,
        DBL_MAX, 123456789.12345679,  5e-324,   1e21,
        -2.5,    0.1 + 0.7,           4.35e100, 9007199254740993.5};
    for (size_t i = 0; i < N_OF(values); i++) {
        char text[64];
        double back = 0;
        struct avqa_buf buf = AVQA_BUF_INIT;
        snprintf(text, sizeof text, "%.17g", values[i]);
        struct avqa_json *v = check_parse(text);
        avqa_json_print(&buf, v, 0);
        struct avqa_json *w = check_parse(avqa_buf_str(&buf));
        assert_true(avqa_json_double(w, &back));
        if (memcmp(&back, &values[i], sizeof back) != 0)
            fail_msg("%s became %s", text, avqa_buf_str(&buf));
        avqa_json_free(v);
        avqa_json_free(w);
        avqa_buf_release(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reading),
                                       cmocka_unit_test(test_nothing_at_all),
                                       cmocka_unit_test(test_type_names),
                                       cmocka_unit_test(test_whole_numbers),
                                       cmocka_unit_test(test_not_json),
                                       cmocka_unit_test(test_one_value),
                                       cmocka_unit_test(test_bytes_that_are_no_text),
                                       cmocka_unit_test(test_escaped_backslashes),
                                       cmocka_unit_test(test_depth),
                                       cmocka_unit_test(test_file),
                                       cmocka_unit_test(test_quote),
                                       cmocka_unit_test(test_build_and_print),
                                       cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_doubles_keep_their_value)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
