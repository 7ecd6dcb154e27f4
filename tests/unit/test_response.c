/* What headers mean for the bytes that are there: only what is certain is continued. */
#include "check.h"

#include "net/response.h"

static struct avqa_response read_lines(const char *const *lines)
{
    struct avqa_response r;
    avqa_response_init(&r);
    for (; *lines; lines++)
        avqa_response_line(&r, *lines, strlen(*lines));
    return r;
}

#define READ(...) read_lines((const char *const[]){__VA_ARGS__, NULL})

static void test_lines(void **state)
{
    (void)state;
    struct avqa_response r =
        READ("HTTP/1.1 302 Found\r\n", "ETag: \"old\"\r\n", "Content-Length: 5\r\n",
             "\r\n", "HTTP/2 206\r\n", "content-range: bytes 5-9/10\r\n",
             "ETAG:\"new\" \r\n", "nonsense\r\n", "Content-Encoding: identity\r\n");
    assert_int_equal(r.status, 206);
    assert_int_equal(r.length, -1);
    assert_int_equal(r.range_first, 5);
    assert_int_equal(r.range_last, 9);
    assert_int_equal(r.range_total, 10);
    assert_string_equal(r.etag, "\"new\"");
    assert_false(r.encoded);
    assert_true(READ("HTTP/1.1 200 OK", "Content-Encoding: br").encoded);
    assert_int_equal(READ("HTTP/1.1 2000 OK").status, 0);
    assert_int_equal(READ("HTTP/1.1").status, 0);
    assert_int_equal(READ("Content-Length: 12x").length, -1);
    assert_int_equal(READ("Content-Length: -1").length, -1);
    assert_int_equal(READ("Content-Length: 99999999999999999999").length, -1);
    assert_int_equal(READ("Content-Length: 999999999999999999").length,
                     999999999999999999);
}

static void test_ranges(void **state)
{
    static const char *const bad[] = {"Content-Range: bytes 5-9",
                                      "Content-Range: bytes 9-5/10",
                                      "Content-Range: bytes 5-10/10",
                                      "Content-Range: pages 5-9/10",
                                      "Content-Range: bytes 5-9/10x",
                                      "Content-Range: bytes 5-9/-1",
                                      "Content-Range: bytes -9/10",
                                      "Content-Range: bytes 5-/10",
                                      "Content-Range:",
                                      "Content-Range: bytes */x"};
    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct avqa_response r = READ("HTTP/1.1 206 x", bad[i]);
        assert_int_equal(r.range_first, -1);
        assert_int_equal(r.range_total, -1);
    }
    assert_int_equal(READ("Content-Range: bytes */77").range_total, 77);
    struct avqa_response r = READ("Content-Range: bytes 0-0/*");
    assert_int_equal(r.range_last, 0);
    assert_int_equal(r.range_total, -1);
}

#define DATE "Date: Tue, 02 Jan 2024 00:00:00 GMT"
#define MODIFIED "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT"

/* RFC 9110, 13.1.5: weak validators cannot pin a range. */
static void test_validators(void **state)
{
    static const struct {
        const char *lines[4], *validator;
    } cases[] = {{{"ETag: \"a\"", MODIFIED, DATE}, "\"a\""},
                 {{"ETag: W/\"a\"", NULL}, ""},
                 {{"ETag: W/\"a\"", MODIFIED, DATE}, "Mon, 01 Jan 2024 00:00:00 GMT"},
                 {{MODIFIED, NULL}, ""},
                 {{MODIFIED, "Date: Mon, 01 Jan 2024 00:00:00 GMT"}, ""},
                 {{"Last-Modified: yesterday", DATE}, ""},
                 {{"ETag: \"a\x01\"", NULL}, ""},
                 {{"Server: x", NULL}, ""}};
    char got[AVQA_VALIDATOR_MAX];
    char line[600] = "ETag: \"";
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct avqa_response r = read_lines(cases[i].lines);
        avqa_response_validator(&r, got);
        assert_string_equal(got, cases[i].validator);
    }
    memset(line + 7, 'x', 500);
    struct avqa_response r = READ(line); /* longer than there is room for: none */
    avqa_response_validator(&r, got);
    assert_string_equal(got, "");
}

static void test_retry_after(void **state)
{
    const int64_t now = 1704153600LL * 1000000; /* as DATE */
    (void)state;
    struct avqa_response r = READ("HTTP/1.1 429 x", "Retry-After: 120");
    assert_int_equal(avqa_response_retry_after(&r, now), 120000000);
    r = READ("HTTP/1.1 503 x", "Retry-After: Tue, 02 Jan 2024 00:01:00 GMT");
    assert_int_equal(avqa_response_retry_after(&r, now), 60000000);
    assert_int_equal(avqa_response_retry_after(&r, now + 90000000), 0);
    r = READ("Retry-After: soon");
    assert_int_equal(avqa_response_retry_after(&r, now), -1);
    r = READ("Retry-After: 999999999999999999");
    assert_int_equal(avqa_response_retry_after(&r, now), 365LL * 86400 * 1000000);
    r = READ("HTTP/1.1 429 x");
    assert_int_equal(avqa_response_retry_after(&r, now), -1);
}

static enum avqa_verdict judge(const struct avqa_response *r, int64_t bytes,
                               int64_t total, const char *validator)
{
    struct avqa_partial have = {.bytes = bytes, .total = total};
    snprintf(have.validator, sizeof have.validator, "%s", validator);
    return avqa_response_judge(r, &have);
}

static void test_judge(void **state)
{
    (void)state;
    struct avqa_response r = READ("HTTP/1.1 200 OK", "Content-Length: 10");
    assert_int_equal(judge(&r, 0, -1, ""), AVQA_VERDICT_WHOLE);
    assert_int_equal(judge(&r, 5, 10, "\"a\""), AVQA_VERDICT_WHOLE);
    r = READ("HTTP/1.1 206 x", "Content-Range: bytes 5-9/10", "ETag: \"a\"");
    assert_int_equal(judge(&r, 5, 10, "\"a\""), AVQA_VERDICT_CONTINUE);
    assert_int_equal(judge(&r, 5, -1, "\"a\""), AVQA_VERDICT_CONTINUE);
    assert_int_equal(judge(&r, 5, 10, "\"b\""), AVQA_VERDICT_AGAIN);
    assert_int_equal(judge(&r, 5, 11, "\"a\""), AVQA_VERDICT_AGAIN);
    assert_int_equal(judge(&r, 4, 10, "\"a\""), AVQA_VERDICT_AGAIN);
    assert_int_equal(judge(&r, 6, 10, "\"a\""), AVQA_VERDICT_AGAIN);
    assert_int_equal(judge(&r, 0, -1, ""), AVQA_VERDICT_REFUSED); /* nobody asked */
    r = READ("HTTP/1.1 206 x", "Content-Range: bytes 5-8/10");
    assert_int_equal(judge(&r, 5, 10, "\"a\""),
                     AVQA_VERDICT_AGAIN); /* not to its end */
    r = READ("HTTP/1.1 206 x");
    assert_int_equal(judge(&r, 5, 10, "\"a\""), AVQA_VERDICT_AGAIN);
    r = READ("HTTP/1.1 416 x", "Content-Range: bytes */10");
    assert_int_equal(judge(&r, 10, 10, "\"a\""), AVQA_VERDICT_COMPLETE);
    assert_int_equal(judge(&r, 10, -1, "\"a\""), AVQA_VERDICT_COMPLETE);
    assert_int_equal(judge(&r, 11, -1, "\"a\""), AVQA_VERDICT_AGAIN);
    assert_int_equal(judge(&r, 10, 12, "\"a\""), AVQA_VERDICT_AGAIN);
    assert_int_equal(judge(&r, 0, -1, ""), AVQA_VERDICT_REFUSED);
    r = READ("HTTP/1.1 416 x");
    assert_int_equal(judge(&r, 10, 10, "\"a\""), AVQA_VERDICT_COMPLETE);
    assert_int_equal(judge(&r, 10, -1, "\"a\""), AVQA_VERDICT_AGAIN);
    r = READ("HTTP/1.1 404 x");
    assert_int_equal(judge(&r, 10, 10, "\"a\""), AVQA_VERDICT_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_validators), cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_judge)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
