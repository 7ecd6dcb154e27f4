/* Every way in which a server or a disk can fail a download, from a server that does
 * each on demand: what is called done has every byte right, what failed has its true
 * reason, and a resume never joins two versions. */
#include "check.h"
#include "fault_server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <nettle/hmac.h>

#include "base/clock.h"
#include "net/part.h"
#include "net/transfer.h"

struct fixture {
    struct fault_server *server;
    char *folder, *part;
    struct avqa_transfer_options o;
};

static int setup(void **state)
{
    struct fixture *f = avqa_mem_new(sizeof *f);
    f->server = fault_server_start(NULL, NULL);
    assert_non_null(f->server);
    f->folder = check_folder();
    f->part = avqa_io_join(f->folder, ".a" AVQA_PART_SUFFIX);
    f->o = (struct avqa_transfer_options)AVQA_TRANSFER_DEFAULTS;
    f->o.note_bytes = 0;
    f->o.keep_free = 0;
    f->o.stall_us = 1000000;
    f->o.wall_us = 10000000;
    f->o.proxy = "";
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fault_server_stop(f->server);
    free(f->part);
    check_remove(f->folder);
    free(f);
    return 0;
}

/* One transfer to its end. */
static struct avqa_transfer_result run(struct fixture *f,
                                       const struct avqa_transfer_request *request)
{
    struct avqa_transfers *ts;
    struct avqa_transfer_result result;
    struct avqa_transfer_request r = *request;
    r.part = f->part;
    r.item = 7;
    assert_ok(avqa_transfers_open(&ts, &f->o));
    assert_ok(avqa_transfers_start(ts, &r));
    assert_int_equal(avqa_transfers_active(ts), 1);
    while (!avqa_transfers_next(ts, &result))
        assert_ok(avqa_transfers_work(ts, 100000));
    assert_int_equal(avqa_transfers_active(ts), 0);
    assert_int_equal(result.item, 7);
    assert_true(result.outcome.ended_us >= result.outcome.started_us);
    avqa_transfers_close(ts);
    return result;
}

static char *url_of(const struct fixture *f, const char *path)
{
    struct avqa_buf url = AVQA_BUF_INIT;
    avqa_buf_addf(&url, "http://127.0.0.1:%d%s", fault_server_port(f->server), path);
    return url.data;
}

static struct avqa_transfer_result get(struct fixture *f, const char *path)
{
    char *url = url_of(f, path);
    struct avqa_transfer_result r = run(
        f,
        &(struct avqa_transfer_request){.url = url, .key = "k", .expected_bytes = -1});
    free(url);
    return r;
}

static void check_failed(const struct avqa_transfer_result *r,
                         enum avqa_net_class class, const char *reason)
{
    if (r->outcome.class != class || strcmp(r->outcome.reason, reason) != 0)
        fail_msg("%s %s (%s), not %s %s", avqa_net_class_name(r->outcome.class),
                 r->outcome.reason, r->outcome.detail, avqa_net_class_name(class),
                 reason);
    assert_true(r->outcome.detail[0]);
}

/* The part is this version of the file, and the result says so. */
static void check_done(struct fixture *f, const struct avqa_transfer_result *r,
                       int version, int64_t size)
{
    char hex[AVQA_SHA256_HEX];
    struct avqa_sha256 *sha = avqa_sha256_new();
    unsigned char *want = malloc((size_t)size);
    if (avqa_net_failed(&r->outcome))
        fail_msg("%s: %s", r->outcome.reason, r->outcome.detail);
    struct avqa_buf got = check_read(f->part);
    fault_server_content("a", version, size, 0, want, (size_t)size);
    assert_int_equal(got.len, size);
    assert_int_equal(r->bytes, size);
    assert_memory_equal(got.data, want, (size_t)size);
    avqa_sha256_add(sha, want, (size_t)size);
    avqa_sha256_hex(sha, hex);
    assert_string_equal(r->sha256, hex);
    assert_string_equal(r->extension, "wav");
    avqa_sha256_free(sha);
    avqa_buf_release(&got);
    free(want);
}

static void check_nothing_left(struct fixture *f)
{
    char *note = avqa_io_join(f->folder, ".a.part.note");
    assert_false(avqa_io_exists(f->part));
    assert_false(avqa_io_exists(note));
    free(note);
}

static void test_whole(void **state)
{
    struct fixture *f = *state;
    static const int64_t sizes[] = {46, 47, 511, 512, 513, 100000, 3000000};
    for (size_t i = 0; i < N_OF(sizes); i++) {
        char path[64];
        for (int chunked = 0; chunked < 2; chunked++) {
            snprintf(path, sizeof path, "/f/a?size=%d%s", (int)sizes[i],
                     chunked ? "&nolength=1" : "");
            struct avqa_transfer_result r = get(f, path);
            check_done(f, &r, 0, sizes[i]);
            assert_int_equal(r.outcome.bytes, sizes[i]);
            assert_int_equal(r.outcome.http_status, 200);
            char *target = avqa_io_join(f->folder, "a.wav");
            assert_ok(avqa_part_publish(f->part, target));
            assert_true(avqa_io_exists(target));
            check_nothing_left(f);
            free(target);
        }
    }
}

static void test_statuses(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int status;
        enum avqa_net_class class;
    } cases[] = {
        {404, AVQA_NET_PERMANENT}, {403, AVQA_NET_PERMANENT}, {410, AVQA_NET_PERMANENT},
        {451, AVQA_NET_PERMANENT}, {501, AVQA_NET_PERMANENT}, {408, AVQA_NET_TRANSIENT},
        {500, AVQA_NET_TRANSIENT}, {502, AVQA_NET_TRANSIENT}, {503, AVQA_NET_TRANSIENT},
        {429, AVQA_NET_TRANSIENT}, {304, AVQA_NET_PERMANENT}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        char path[64];
        char reason[32];
        snprintf(path, sizeof path, "/f/a.mp4?status=%d", cases[i].status);
        snprintf(reason, sizeof reason, "http-%d", cases[i].status);
        struct avqa_transfer_result r = get(f, path);
        check_failed(&r, cases[i].class, reason);
        assert_int_equal(r.outcome.http_status, cases[i].status);
        assert_int_equal(r.outcome.throttled, cases[i].status == 429);
        assert_true(r.outcome.retry_after_us == -1);
        check_nothing_left(f);
    }
}

static void test_retry_after(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfer_result r = get(f, "/f/a?status=429&retry=7");
    check_failed(&r, AVQA_NET_TRANSIENT, "http-429");
    assert_int_equal(r.outcome.retry_after_us, 7000000);
    r = get(f, "/f/a?status=503&retrydate=20");
    check_failed(&r, AVQA_NET_TRANSIENT, "http-503");
    assert_true(r.outcome.throttled);
    assert_in_range(r.outcome.retry_after_us, 17000000, 20000000);
}

/* An error page is no success, whatever it is called and whatever its status. */
static void test_pages(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfer_result r = get(f, "/f/a.mp4?html=1");
    check_failed(&r, AVQA_NET_PERMANENT, "page");
    assert_true(r.page);
    check_nothing_left(f);
    r = get(f, "/nowhere.mp4");
    check_failed(&r, AVQA_NET_PERMANENT, "http-404");
    assert_false(r.page);
    check_nothing_left(f);
}

/* The first request ends after 1 to n - 1 bytes, the second goes on where it ended. */
static void test_drops(void **state)
{
    struct fixture *f = *state;
    static const int drops[] = {1, 31, 32, 600, 65536, 99999, 199999};
    for (size_t i = 0; i < N_OF(drops); i++) {
        for (int date = 0; date < 2; date++) {
            char path[96];
            snprintf(path, sizeof path, "/f/a?size=200000&drop=%d&times=1%s", drops[i],
                     date ? "&date=1" : "");
            struct avqa_transfer_result r = get(f, path);
            check_failed(&r, AVQA_NET_TRANSIENT, "dropped");
            int64_t had = r.outcome.bytes;
            assert_in_range(had, 0, drops[i]);
            r = get(f, path);
            check_done(f, &r, 0, 200000);
            assert_int_equal(r.outcome.bytes, 200000 - had);
            assert_int_equal(r.outcome.http_status, had ? 206 : 200);
            assert_ok(avqa_part_remove(f->part));
        }
    }
}

/* What cannot be pinned is not continued. */
static void test_restarts(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = {
        "/f/a?size=100000&drop=50000&times=1&noval=1",
        "/f/a?size=100000&drop=50000&times=1&norange=1",
        "/f/a?size=100000&drop=50000&times=1&change=1",
        "/f/a?size=100000&drop=50000&times=1&change=1&date=1",
    };
    for (size_t i = 0; i < N_OF(paths); i++) {
        struct avqa_transfer_result r = get(f, paths[i]);
        check_failed(&r, AVQA_NET_TRANSIENT, "dropped");
        r = get(f, paths[i]);
        check_done(f, &r, strstr(paths[i], "change") ? 1 : 0, 100000);
        assert_int_equal(r.outcome.bytes, 100000);
        assert_int_equal(r.outcome.http_status, 200);
        assert_ok(avqa_part_remove(f->part));
    }
}

/* Makes a part of `bytes` bytes of file a of version `version`. */
static void plant(struct fixture *f, int version, int64_t size, int64_t bytes,
                  const char *key)
{
    char note[256];
    unsigned char *content = malloc((size_t)bytes);
    fault_server_content("a", version, size, 0, content, (size_t)bytes);
    free(check_write(f->folder, ".a.part", content, (size_t)bytes));
    snprintf(note, sizeof note,
             "{\"key\": \"%s\", \"validator\": \"\\\"v%d-%d\\\"\", \"total\": %d}", key,
             version, (int)size, (int)size);
    free(check_write_text(f->folder, ".a.part.note", note));
    free(content);
}

static void test_416(void **state)
{
    struct fixture *f = *state;
    plant(f, 0, 5000, 5000, "k");
    struct avqa_transfer_result r = get(f, "/f/a?size=5000");
    check_done(f, &r, 0, 5000);
    assert_int_equal(r.outcome.http_status, 416);
    assert_int_equal(r.outcome.bytes, 0);
    plant(f, 0, 5000, 5000, "k"); /* the file has become shorter */
    r = get(f, "/f/a?size=4000");
    check_done(f, &r, 0, 4000);
    assert_int_equal(r.outcome.bytes, 4000);
    plant(f, 0, 5000, 5000, "k"); /* and changed: If-Range does not match */
    r = get(f, "/f/a?size=5000&v=3");
    check_done(f, &r, 3, 5000);
}

/* A note of something else, or none that can be read: the bytes are not used. */
static void test_foreign_parts(void **state)
{
    struct fixture *f = *state;
    static const char *const notes[] = {
        "",
        "{",
        "[]",
        "{\"key\": \"k\"}",
        "{\"key\": \"k\", \"validator\": \"\", \"total\": 5000}",
        "{\"key\": \"k\", \"validator\": \"\\\"v0-5000\\\"\", \"total\": -2}",
        "{\"key\": \"k\", \"validator\": \"\\\"v0-5000\\\"\", \"total\": 100}"};
    plant(f, 0, 5000, 3000, "other");
    struct avqa_transfer_result r = get(f, "/f/a?size=5000&v=1");
    check_done(f, &r, 1, 5000);
    for (size_t i = 0; i < N_OF(notes); i++) {
        plant(f, 9, 5000, 3000, "k");
        free(check_write_text(f->folder, ".a.part.note", notes[i]));
        r = get(f, "/f/a?size=5000");
        check_done(f, &r, 0, 5000);
        assert_int_equal(r.outcome.bytes, 5000);
    }
}

static void test_wrong_ranges(void **state)
{
    struct fixture *f = *state;
    plant(f, 0, 5000, 3000, "k");
    struct avqa_transfer_result r = get(f, "/f/a?size=5000&wrongrange=1");
    check_done(f, &r, 0, 5000);
    assert_int_equal(r.outcome.bytes, 5000);
}

static void test_lengths(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfer_result r = get(f, "/f/a?size=5000&claim=6000");
    check_failed(&r, AVQA_NET_TRANSIENT, "dropped");
    r = get(f, "/f/a?size=5000&claim=6000"); /* 416: it has 5000; then the lie again */
    check_failed(&r, AVQA_NET_TRANSIENT, "dropped");
    assert_ok(avqa_part_remove(f->part));
    r = get(f, "/f/a?size=5000&claim=4000"); /* only the file tells */
    check_failed(&r, AVQA_NET_TRANSIENT, "cut-off");
    check_nothing_left(f);
    r = get(f, "/f/a?size=5000&claim=0");
    check_failed(&r, AVQA_NET_TRANSIENT, "empty");
    check_nothing_left(f);
}

static void test_expected(void **state)
{
    struct fixture *f = *state;
    char *url = url_of(f, "/f/a?size=5000");
    struct avqa_transfer_request q = {.url = url, .expected_bytes = 5001};
    struct avqa_transfer_result r = run(f, &q);
    check_failed(&r, AVQA_NET_PERMANENT, "length");
    assert_int_equal(r.outcome.bytes, 0); /* the headers were enough */
    check_nothing_left(f);
    q.expected_bytes = 5000;
    r = run(f, &q);
    check_done(f, &r, 0, 5000);
    q.expected_sha256 = r.sha256;
    r = run(f, &q);
    check_done(f, &r, 0, 5000);
    q.expected_sha256 = "00";
    r = run(f, &q);
    check_failed(&r, AVQA_NET_TRANSIENT, "checksum");
    check_nothing_left(f);
    free(url);
}

static void test_slow(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfer_result r = get(f, "/f/a?size=50000&drip=5");
    check_failed(&r, AVQA_NET_TRANSIENT, "stalled");
    f->o.stall_us = 5000000;
    f->o.stall_rate = 1;
    f->o.wall_us = 1000000;
    int64_t began = avqa_clock_monotonic_us();
    r = get(f, "/f/a?size=50000&drip=5");
    check_failed(&r, AVQA_NET_TRANSIENT, "timeout");
    r = get(f, "/f/b?hang=1");
    check_failed(&r, AVQA_NET_TRANSIENT, "timeout");
    assert_in_range(avqa_clock_monotonic_us() - began, 1500000, 4500000);
}

static void test_redirects(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfer_result r = get(f, "/f/a?loop=1");
    check_failed(&r, AVQA_NET_PERMANENT, "redirects");
    assert_int_equal(fault_server_requests(f->server, "/f/a?loop=1"), 11);
    r = get(f, "/f/b?to=/f/a%3Fsize%3D700");
    check_done(f, &r, 0, 700);
    r = get(f, "/f/b?to=file:///etc/passwd");
    check_failed(&r, AVQA_NET_PERMANENT, "bad-url");
}

static void test_space(void **state)
{
    struct fixture *f = *state;
    struct statvfs fs;
    assert_int_equal(statvfs(f->folder, &fs), 0);
    int64_t free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    f->o.keep_free = free_bytes - (1LL << 30); /* a small disk: room for a gigabyte */
    struct avqa_transfer_result r = get(f, "/f/a?size=1000&claim=10000000000");
    check_failed(&r, AVQA_NET_OURS, "disk-full");
    assert_has(r.outcome.detail, "do not fit");
    assert_int_equal(r.outcome.bytes, 0);
    check_nothing_left(f);
    r = get(f, "/f/a?size=1000");
    check_done(f, &r, 0, 1000);
}

static void test_encoded(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfer_result r = get(f, "/f/a?gzip=1");
    check_failed(&r, AVQA_NET_PERMANENT, "encoded");
}

static void test_nobody_there(void **state)
{
    struct fixture *f = *state;
    char *url = url_of(f, "/f/a");
    static const char *const bad[] = {"http://", "gopher://127.0.0.1/", "x", ""};
    fault_server_stop(f->server);
    f->server = NULL;
    struct avqa_transfer_request q = {.url = url, .expected_bytes = -1};
    struct avqa_transfer_result r = run(f, &q);
    check_failed(&r, AVQA_NET_TRANSIENT, "no-connection");
    q.url = "http://nowhere.invalid/a";
    r = run(f, &q);
    check_failed(&r, AVQA_NET_TRANSIENT, "no-host");
    for (size_t i = 0; i < N_OF(bad); i++) {
        q.url = bad[i];
        r = run(f, &q);
        if (strcmp(bad[i], "x") == 0) /* libcurl takes it for a host */
            check_failed(&r, AVQA_NET_TRANSIENT, "no-host");
        else
            check_failed(&r, AVQA_NET_PERMANENT, "bad-url");
    }
    free(url);
}

static void test_files(void **state)
{
    struct fixture *f = *state;
    unsigned char content[3000];
    struct avqa_buf url = AVQA_BUF_INIT;
    fault_server_content("a", 0, sizeof content, 0, content, sizeof content);
    char *path = check_write(f->folder, "source.wav", content, sizeof content);
    avqa_buf_addf(&url, "file://%s", path);
    struct avqa_transfer_request q = {.url = url.data, .expected_bytes = 3000};
    struct avqa_transfer_result r = run(f, &q);
    check_done(f, &r, 0, 3000);
    assert_int_equal(r.outcome.http_status, 0);
    assert_int_equal(remove(path), 0);
    r = run(f, &q);
    check_failed(&r, AVQA_NET_PERMANENT, "no-file");
    free(path);
    avqa_buf_release(&url);
}

static void test_not_media(void **state)
{
    struct fixture *f = *state;
    struct avqa_buf url = AVQA_BUF_INIT;
    char *path = check_write_text(f->folder, "list.mp4", "{\"error\": \"quota\"}");
    avqa_buf_addf(&url, "file://%s", path);
    struct avqa_transfer_request q = {.url = url.data, .expected_bytes = -1};
    struct avqa_transfer_result r = run(f, &q);
    check_failed(&r, AVQA_NET_PERMANENT, "not-media");
    check_nothing_left(f);
    free(path);
    avqa_buf_release(&url);
}

static void test_cannot_write(void **state)
{
    struct fixture *f = *state;
    char *part = f->part;
    f->part = avqa_io_join(f->folder, "no/such/folder.part");
    struct avqa_transfer_result r = get(f, "/f/a");
    check_failed(&r, AVQA_NET_OURS, "cannot-write");
    free(f->part);
    f->part = part;
    char *elsewhere = check_write_text(f->folder, "precious", "do not touch");
    assert_int_equal(symlink(elsewhere, f->part), 0);
    r = get(f, "/f/a");
    check_failed(&r, AVQA_NET_OURS, "cannot-write");
    struct avqa_buf text = check_read(elsewhere);
    assert_string_equal(avqa_buf_str(&text), "do not touch");
    avqa_buf_release(&text);
    free(elsewhere);
}

/* A certificate that nobody vouches for is refused, and taken when it is named. */
static void test_tls(void **state)
{
    struct fixture *f = *state;
    char command[1024];
    struct avqa_buf url = AVQA_BUF_INIT;
    char *key = avqa_io_join(f->folder, "key.pem");
    char *certificate = avqa_io_join(f->folder, "cert.pem");
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
             "-addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s 2>/dev/null",
             key, certificate);
    if (system(command) != 0) {
        print_message("not tried: openssl is not installed\n");
        skip();
    }
    struct avqa_buf key_text = check_read(key);
    struct avqa_buf certificate_text = check_read(certificate);
    struct fault_server *tls =
        fault_server_start(avqa_buf_str(&key_text), avqa_buf_str(&certificate_text));
    assert_non_null(tls);
    avqa_buf_addf(&url, "https://127.0.0.1:%d/f/a?size=900", fault_server_port(tls));
    struct avqa_transfer_request q = {.url = url.data, .expected_bytes = -1};
    struct avqa_transfer_result r = run(f, &q);
    check_failed(&r, AVQA_NET_PERMANENT, "tls");
    assert_has(r.outcome.detail, "certificate");
    f->o.ca_file = certificate;
    r = run(f, &q);
    check_done(f, &r, 0, 900);
    avqa_buf_clear(&url); /* plain words where TLS is expected */
    avqa_buf_addf(&url, "https://127.0.0.1:%d/f/a", fault_server_port(f->server));
    q.url = url.data;
    r = run(f, &q);
    check_failed(&r, AVQA_NET_TRANSIENT, "tls");
    fault_server_stop(tls);
    avqa_buf_release(&url);
    avqa_buf_release(&key_text);
    avqa_buf_release(&certificate_text);
    free(key);
    free(certificate);
}

/* ---- s3: the signature, computed once more as Amazon documents it ("Signature
 * Version 4", the four steps) from the headers that arrived
 * ------------------------------ */

static void hmac(const void *key, size_t key_len, const char *text,
                 uint8_t out[SHA256_DIGEST_SIZE])
{
    struct hmac_sha256_ctx ctx;
    hmac_sha256_set_key(&ctx, key_len, key);
    hmac_sha256_update(&ctx, strlen(text), (const uint8_t *)text);
    hmac_sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
}

static void hex_of(const uint8_t digest[SHA256_DIGEST_SIZE], char out[65])
{
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* The part of `text` between a mark and a comma or the end. */
static void between(char *out, size_t size, const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    assert_non_null(at);
    at += strlen(mark);
    snprintf(out, size, "%.*s", (int)strcspn(at, ", "), at);
}

static void canonical_request(struct avqa_buf *out, struct fault_server *s,
                              const char *path, const char *signed_headers)
{
    char names[256];
    char *rest = NULL;
    snprintf(names, sizeof names, "%s", signed_headers);
    avqa_buf_addf(out, "GET\n%s\n\n", path);
    for (char *n = strtok_r(names, ";", &rest); n; n = strtok_r(NULL, ";", &rest))
        avqa_buf_addf(out, "%s:%s\n", n, fault_server_header(s, n));
    avqa_buf_addf(out, "\n%s\n%s", signed_headers,
                  fault_server_header(s, "x-amz-content-sha256"));
}

static void check_signature(struct fault_server *s, const char *path,
                            const char *secret)
{
    const char *auth = fault_server_header(s, "authorization");
    const char *date = fault_server_header(s, "x-amz-date");
    char scope[128];
    char names[256];
    char got[80];
    char want[65];
    char day[16];
    uint8_t key[SHA256_DIGEST_SIZE];
    struct sha256_ctx sha;
    struct avqa_buf text = AVQA_BUF_INIT;
    assert_true(strncmp(auth, "AWS4-HMAC-SHA256 Credential=KEY/", 32) == 0);
    between(scope, sizeof scope, auth, "Credential=KEY/");
    between(names, sizeof names, auth, "SignedHeaders=");
    between(got, sizeof got, auth, "Signature=");
    snprintf(day, sizeof day, "%.8s", date);
    snprintf(want, sizeof want, "%s/eu-west-3/s3/aws4_request", day);
    assert_string_equal(scope, want);
    canonical_request(&text, s, path, names);
    sha256_init(&sha);
    sha256_update(&sha, text.len, (const uint8_t *)text.data);
    sha256_digest(&sha, sizeof key, key);
    hex_of(key, want);
    avqa_buf_clear(&text);
    avqa_buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, want);
    char first[64];
    snprintf(first, sizeof first, "AWS4%s", secret);
    hmac(first, strlen(first), day, key);
    hmac(key, sizeof key, "eu-west-3", key);
    hmac(key, sizeof key, "s3", key);
    hmac(key, sizeof key, "aws4_request", key);
    hmac(key, sizeof key, avqa_buf_str(&text), key);
    hex_of(key, want);
    assert_string_equal(got, want);
    avqa_buf_release(&text);
}

static void test_s3(void **state)
{
    struct fixture *f = *state;
    struct avqa_buf endpoint = AVQA_BUF_INIT;
    avqa_buf_addf(&endpoint, "http://127.0.0.1:%d", fault_server_port(f->server));
    f->o.s3_endpoint = endpoint.data;
    f->o.s3_region = "eu-west-3";
    struct avqa_transfer_request q = {.url = "s3://f/a", .expected_bytes = -1};
    struct avqa_transfer_result r = run(f, &q); /* unsigned, as of an open bucket */
    check_done(f, &r, 0, 1000);
    assert_string_equal(fault_server_header(f->server, "authorization"), "");
    assert_ok(avqa_part_remove(f->part));
    f->o.s3_key = "KEY";
    f->o.s3_secret = "wJalrXUtnFEMI/K7MDENG";
    r = run(f, &q);
    check_done(f, &r, 0, 1000);
    check_signature(f->server, "/f/a", f->o.s3_secret);
    plant(f, 0, 1000, 300, "s3://f/a"); /* with Range and If-Range, and a session */
    f->o.s3_token = "session";
    r = run(f, &q);
    check_done(f, &r, 0, 1000);
    assert_int_equal(r.outcome.bytes, 700);
    assert_string_equal(fault_server_header(f->server, "x-amz-security-token"),
                        "session");
    check_signature(f->server, "/f/a", f->o.s3_secret);
    assert_ok(avqa_part_remove(f->part));
    q.url = "s3://f/a.b/x y?#"; /* what means something in a URL is a letter of a key */
    r = run(f, &q);
    assert_int_equal(r.outcome.class, AVQA_NET_DONE);
    check_signature(f->server, "/f/a.b/x%20y%3F%23", f->o.s3_secret);
    avqa_buf_release(&endpoint);
}

/* Breaking off keeps what can be continued. */
static void test_close_early(void **state)
{
    struct fixture *f = *state;
    struct avqa_transfers *ts;
    char *url = url_of(f, "/f/a?size=2000000&drip=20000");
    struct avqa_transfer_request q = {
        .url = url, .part = f->part, .key = "k", .expected_bytes = -1};
    assert_ok(avqa_transfers_open(&ts, &f->o));
    assert_ok(avqa_transfers_start(ts, &q));
    while (avqa_transfers_bytes(ts) < 60000)
        assert_ok(avqa_transfers_work(ts, 10000));
    int64_t had = avqa_transfers_bytes(ts);
    avqa_transfers_close(ts);
    assert_true(avqa_io_exists(f->part));
    struct avqa_transfer_result r = get(f, "/f/a?size=2000000");
    check_done(f, &r, 0, 2000000);
    assert_int_equal(r.outcome.bytes, 2000000 - had);
    free(url);
}

static void test_many(void **state)
{
    struct fixture *f = *state;
    enum { N = 200 };
    struct avqa_transfers *ts;
    struct avqa_transfer_result r;
    bool seen[N] = {false};
    assert_ok(avqa_transfers_open(&ts, &f->o));
    for (size_t i = 0; i < N; i++) {
        char name[64];
        snprintf(name, sizeof name, ".%zu.part", i);
        char *part = avqa_io_join(f->folder, name);
        snprintf(name, sizeof name, "/f/n%zu?size=%zu%s", i, 1000 + i,
                 i % 5 == 4 ? "&drop=500" : "");
        char *url = url_of(f, name);
        assert_ok(avqa_transfers_start(
            ts, &(struct avqa_transfer_request){
                    .url = url, .part = part, .expected_bytes = -1, .item = i}));
        free(url);
        free(part);
    }
    for (size_t n = 0; n < N; n++) {
        while (!avqa_transfers_next(ts, &r))
            assert_ok(avqa_transfers_work(ts, 100000));
        assert_false(seen[r.item]);
        seen[r.item] = true;
        if (r.item % 5 == 4)
            check_failed(&r, AVQA_NET_TRANSIENT, "dropped");
        else
            assert_int_equal(r.bytes, 1000 + (int)r.item);
    }
    avqa_transfers_close(ts);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_whole),        TEST(test_statuses),      TEST(test_retry_after),
        TEST(test_pages),        TEST(test_drops),         TEST(test_restarts),
        TEST(test_416),          TEST(test_foreign_parts), TEST(test_wrong_ranges),
        TEST(test_lengths),      TEST(test_expected),      TEST(test_slow),
        TEST(test_redirects),    TEST(test_space),         TEST(test_encoded),
        TEST(test_nobody_there), TEST(test_files),         TEST(test_not_media),
        TEST(test_cannot_write), TEST(test_tls),           TEST(test_s3),
        TEST(test_close_early),  TEST(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
