/* Reading a file on a server at any place: the right bytes with few requests, whatever
 * the server does; and never pieces of two versions. */
#include "check.h"
#include "fault_server.h"
#include "net/range.h"

enum { SIZE = 300000, TAIL = 1000 };

static struct fault_server *server;

static enum avqa_status open_url(struct avqa_net_range **out, const char *query)
{
    char url[300];
    struct avqa_net_range_options o = AVQA_NET_RANGE_DEFAULTS;
    o.tail_bytes = TAIL;
    o.backoff_us = 1000;
    o.tries = 3;
    o.transfer.connect_us = 2000000;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/f/x.bin?size=%d%s",
             fault_server_port(server), SIZE, query);
    return avqa_net_range_open(out, url, &o);
}

static void check_piece(struct avqa_net_range *r, uint64_t at, size_t len)
{
    unsigned char got[20000];
    unsigned char wanted[20000];
    assert_ok(avqa_net_range_read(r, got, at, len));
    fault_server_content("x", 0, SIZE, (int64_t)at, wanted, len);
    assert_memory_equal(got, wanted, len);
}

static void test_read(void **state)
{
    struct avqa_net_range *r;
    char byte;
    (void)state;
    assert_ok(open_url(&r, ""));
    assert_int_equal(avqa_net_range_size(r), SIZE);
    assert_int_equal(avqa_net_range_requests(r), 1);
    check_piece(r, SIZE - TAIL, TAIL); /* comes with the opening */
    check_piece(r, SIZE - 1, 1);
    check_piece(r, SIZE, 0);
    assert_int_equal(avqa_net_range_requests(r), 1);
    check_piece(r, 0, 1);
    check_piece(r, 0, 20000);
    check_piece(r, 123456, 7);
    assert_int_equal(avqa_net_range_requests(r), 4);
    check_piece(r, SIZE - TAIL - 10, 500); /* half of it is there */
    assert_int_equal(avqa_net_range_requests(r), 5);
    assert_fails(avqa_net_range_read(r, &byte, SIZE, 1), AVQA_EINVAL, "300000 bytes");
    assert_fails(avqa_net_range_read(r, &byte, UINT64_MAX, 2), AVQA_EINVAL, "x.bin");
    avqa_net_range_close(r);
}

static void test_fetch(void **state)
{
    struct avqa_net_range *r;
    unsigned char got[4][100];
    unsigned char wanted[100];
    struct avqa_net_piece pieces[] = {{10, 100, got[0]},
                                      {110, 100, got[1]},
                                      {5000, 100, got[2]},
                                      {200000, 100, got[3]}};
    (void)state;
    assert_ok(open_url(&r, "&a=fetch"));
    assert_ok(avqa_net_range_fetch(r, pieces, N_OF(pieces)));
    assert_int_equal(avqa_net_range_requests(r),
                     3); /* opening, three in one, the last */
    for (size_t i = 0; i < N_OF(pieces); i++) {
        fault_server_content("x", 0, SIZE, (int64_t)pieces[i].at, wanted, 100);
        assert_memory_equal(got[i], wanted, 100);
    }
    avqa_net_range_close(r);
}

static void test_refused(void **state)
{
    struct avqa_net_range *r;
    (void)state;
    assert_fails(open_url(&r, "&norange=1"), AVQA_EINVAL, "does not answer ranges");
    assert_fails(open_url(&r, "&status=404"), AVQA_ENOENT, "x.bin");
    assert_fails(open_url(&r, "&status=403"), AVQA_EIO, "403");
    assert_fails(open_url(&r, "&wrongrange=1"), AVQA_EIO, "another range");
    assert_fails(open_url(&r, "&gzip=1"), AVQA_EIO, "does not say");
    assert_fails(open_url(&r, "&status=503"), AVQA_EIO, "503");
    assert_int_equal(fault_server_requests(server, "/f/x.bin?size=300000&status=503"),
                     3);
    assert_int_equal(fault_server_requests(server, "/f/x.bin?size=300000&status=404"),
                     1);
    assert_fails(open_url(&r, "&status=429&retry=900"), AVQA_EIO, "429");
    assert_int_equal(
        fault_server_requests(server, "/f/x.bin?size=300000&status=429&retry=900"), 1);
    struct avqa_net_range_options o = AVQA_NET_RANGE_DEFAULTS;
    o.tries = 1;
    assert_fails(avqa_net_range_open(&r, "http://127.0.0.1:1/x", &o), AVQA_EIO,
                 "127.0.0.1");
    assert_fails(avqa_net_range_open(&r, "ftp://127.0.0.1/x", &o), AVQA_EIO, "ftp");
}

static void test_retried(void **state)
{
    struct avqa_net_range *r;
    (void)state;
    assert_ok(open_url(&r, "&status=503&times=2"));
    check_piece(r, 5, 5);
    avqa_net_range_close(r);
    assert_ok(open_url(&r, "&drop=400&times=1"));
    assert_int_equal(avqa_net_range_requests(r), 2);
    avqa_net_range_close(r);
    /* each answer breaks off after 9,000 bytes: continued, not begun again */
    assert_ok(open_url(&r, "&drop=9000"));
    check_piece(r, 1000, 20000);
    assert_int_equal(avqa_net_range_requests(r), 4);
    avqa_net_range_close(r);
}

static void test_changed(void **state)
{
    static const char *const queries[] = {"&change=1", "&change=1&date=1"};
    struct avqa_net_range *r;
    unsigned char got[100];
    (void)state;
    for (size_t i = 0; i < N_OF(queries); i++) {
        assert_ok(open_url(&r, queries[i]));
        memset(got, 0, sizeof got);
        assert_fails(avqa_net_range_read(r, got, 500, sizeof got), AVQA_EFORMAT,
                     "another one than when it was opened");
        assert_int_equal(got[0], 0); /* nothing of the other version came through */
        avqa_net_range_close(r);
    }
}

/* s3:// asks a bucket of the endpoint, signed where there is a key. */
static void test_s3(void **state)
{
    struct avqa_net_range *r;
    char endpoint[64];
    struct avqa_net_range_options o = AVQA_NET_RANGE_DEFAULTS;
    (void)state;
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%d",
             fault_server_port(server));
    o.transfer.s3_endpoint = endpoint;
    o.transfer.s3_key = "key";
    o.transfer.s3_secret = "secret";
    assert_ok(avqa_net_range_open(&r, "s3://f/thing", &o));
    assert_int_equal(avqa_net_range_size(r), 1000);
    assert_has(fault_server_header(server, "authorization"), "AWS4-HMAC-SHA256");
    assert_has(fault_server_header(server, "range"), "bytes=-");
    avqa_net_range_close(r);
}

static int start(void **state)
{
    (void)state;
    server = fault_server_start(NULL, NULL);
    return server ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    fault_server_stop(server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),    cmocka_unit_test(test_fetch),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_retried),
        cmocka_unit_test(test_changed), cmocka_unit_test(test_s3)};
    return cmocka_run_group_tests(tests, start, stop);
}
