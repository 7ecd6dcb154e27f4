/* The resolver with programs of the test in place of yt-dlp: what they print is taken
 * or refused with a reason, and none can hold us up, flood us or outlive us. */
#include "check.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/resolver.h"

struct fixture {
    char *folder, *program;
    struct avqa_resolver_options o;
};

static int setup(void **state)
{
    struct fixture *f = avqa_mem_new(sizeof *f);
    f->folder = check_folder();
    f->o = (struct avqa_resolver_options)AVQA_RESOLVER_DEFAULTS;
    f->o.environment = environ;
    f->o.wall_us = 20000000;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    free(f->program);
    check_remove(f->folder);
    free(f);
    return 0;
}

static void set_script(struct fixture *f, const char *script)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_addf(&text, "#!/bin/sh\n%s\n", script);
    free(f->program);
    f->program = check_write_text(f->folder, "resolve", text.data);
    assert_int_equal(chmod(f->program, 0755), 0);
    f->o.program = f->program;
    avqa_buf_release(&text);
}

static struct avqa_resolver *run_page(struct fixture *f, const char *page)
{
    struct avqa_resolver *r =
        avqa_resolver_start(&f->o, page, avqa_clock_monotonic_us());
    while (!avqa_resolver_poll(r, avqa_clock_monotonic_us()))
        usleep(2000);
    return r;
}

static struct avqa_resolver *run(struct fixture *f, const char *script)
{
    set_script(f, script);
    return run_page(f, "http://h/page");
}

static void expect_failed(struct avqa_resolver *r, enum avqa_net_class class,
                          const char *reason, const char *words)
{
    const struct avqa_net_outcome *o = &avqa_resolver_result(r)->outcome;
    if (o->class != class || strcmp(o->reason, reason) != 0)
        fail_msg("%s %s: %s", avqa_net_class_name(o->class), o->reason, o->detail);
    assert_has(o->detail, words);
    assert_null(avqa_resolver_result(r)->url);
    avqa_resolver_free(r);
}

static void test_found(void **state)
{
    struct fixture *f = *state;
    struct avqa_resolver *r = run(
        f, "echo '{\"url\": \"http://h/v.mp4\", \"protocol\": \"http\", \"format_id\": "
           "\"18\", \"http_headers\": {\"User-Agent\": \"x\", \"Bad\": \"a\\nb\", "
           "\"Accept-Encoding\": \"br\", \"Referer\": \"http://h/\"}}'; echo x >&2");
    const struct avqa_resolved *v = avqa_resolver_result(r);
    assert_false(avqa_net_failed(&v->outcome));
    assert_string_equal(v->url, "http://h/v.mp4");
    assert_string_equal(v->format, "18");
    assert_int_equal(v->n_headers, 2);
    assert_string_equal(v->headers[0], "User-Agent: x");
    assert_string_equal(v->headers[1], "Referer: http://h/");
    avqa_resolver_free(r);
    r = run(f, "echo '{\"entries\": [{\"url\": \"https://h/w\"}]}'");
    assert_string_equal(avqa_resolver_result(r)->url, "https://h/w");
    avqa_resolver_free(r);
    avqa_resolver_free(NULL);
}

/* What is no single file is for yt-dlp itself. */
static void test_streams(void **state)
{
    struct fixture *f = *state;
    static const char *const scripts[] = {
        "echo '{\"url\": \"http://h/x.m3u8\", \"protocol\": \"m3u8_native\", "
        "\"format_id\": \"1+2\"}'",
        "echo '{\"requested_formats\": [{}, {}], \"format_id\": \"1+2\"}'"};
    for (size_t i = 0; i < N_OF(scripts); i++) {
        struct avqa_resolver *r = run(f, scripts[i]);
        const struct avqa_resolved *v = avqa_resolver_result(r);
        assert_false(avqa_net_failed(&v->outcome));
        assert_true(v->is_stream);
        assert_string_equal(v->format, "1+2");
        avqa_resolver_free(r);
    }
}

static void test_words(void **state)
{
    struct fixture *f = *state;
    f->o.args = " --rate 5  --user-agent 'a \"b\" c' --x=\"d e\"'f' ";
    f->o.cookies = "c.txt";
    f->o.proxy = "socks5://p";
    set_script(f, "for w; do printf '[%s]' \"$w\"; done > \"$0.words\"; echo '{}'");
    avqa_resolver_free(run_page(f, "-page $HOME"));
    char *path = avqa_io_join(f->folder, "resolve.words");
    struct avqa_buf got = check_read(path);
    assert_has(got.data, "[--cookies][c.txt][--proxy][socks5://p][--rate][5]"
                         "[--user-agent][a \"b\" c][--x=d ef][--][-page $HOME]");
    avqa_buf_release(&got);
    free(path);
    f->o.args = "'open";
    expect_failed(run(f, "true"), AVQA_NET_OURS, "resolver-args", "quote");
}

static void test_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *script, *reason, *words;
        enum avqa_net_class class;
    } cases[] = {
        {"echo 'ERROR: [youtube] x: Video unavailable' >&2; exit 1", "unavailable",
         "[youtube] x: Video unavailable", AVQA_NET_PERMANENT},
        {"echo 'ERROR: Unsupported URL: http://h/page' >&2; exit 1", "page",
         "Unsupported URL", AVQA_NET_PERMANENT},
        {"echo 'ERROR: unable to download: HTTP Error 429: Too Many Requests' >&2; "
         "exit 1",
         "http-429", "429", AVQA_NET_TRANSIENT},
        {"echo 'ERROR: something new' >&2; exit 1", "resolver-failed", "something new",
         AVQA_NET_TRANSIENT},
        {"exit 3", "resolver-failed", "without a word", AVQA_NET_TRANSIENT},
        {"kill -9 $$", "resolver-failed", "without a word", AVQA_NET_TRANSIENT},
        {"echo '<html>'", "resolver-failed", "no JSON", AVQA_NET_TRANSIENT},
        {"true", "resolver-failed", "no JSON", AVQA_NET_TRANSIENT},
        {"echo '{}'", "no-format", "no file", AVQA_NET_PERMANENT},
        {"echo '[]'", "no-format", "no file", AVQA_NET_PERMANENT},
        {"echo '{\"url\": \"file:///etc/passwd\"}'", "no-format", "no http file",
         AVQA_NET_PERMANENT},
        {"echo '{\"url\": \"http://h/x\", \"is_live\": true}'", "live", "no end yet",
         AVQA_NET_PERMANENT},
        {"echo '{\"entries\": [{}, {}, {}]}'", "playlist", "3 videos",
         AVQA_NET_PERMANENT},
        {"echo '{\"entries\": []}'", "playlist", "0 videos", AVQA_NET_PERMANENT}};
    for (size_t i = 0; i < N_OF(cases); i++)
        expect_failed(run(f, cases[i].script), cases[i].class, cases[i].reason,
                      cases[i].words);
}

static void test_not_installed(void **state)
{
    struct fixture *f = *state;
    f->o.program = "no-such-program-anywhere";
    expect_failed(run_page(f, "http://h/"), AVQA_NET_OURS, "no-resolver",
                  "is not installed");
    f->o.program = NULL;
    expect_failed(run_page(f, "http://h/"), AVQA_NET_PERMANENT, "page", "HTML page");
}

/* Whether a process that wrote its number into a file still runs. */
static bool runs(const struct fixture *f, const char *name)
{
    char *path = avqa_io_join(f->folder, name);
    struct avqa_buf text = check_read(path);
    pid_t pid = (pid_t)strtol(avqa_buf_str(&text), NULL, 10);
    assert_true(pid > 1);
    char proc[64];
    snprintf(proc, sizeof proc, "/proc/%d/stat", (int)pid);
    struct avqa_buf stat = AVQA_BUF_INIT;
    bool alive =
        avqa_io_read(&stat, proc, 4096) == AVQA_OK && !strstr(stat.data, ") Z ");
    avqa_buf_release(&stat);
    avqa_buf_release(&text);
    free(path);
    return alive;
}

/* Killed, with what it started, and in time. */
static void test_hangs(void **state)
{
    struct fixture *f = *state;
    f->o.wall_us = 400000;
    int64_t began = avqa_clock_monotonic_us();
    struct avqa_resolver *r = run(
        f, "trap '' TERM INT; sleep 300 & echo $! > $0.child; echo $$ > $0.self; wait");
    assert_in_range(avqa_clock_monotonic_us() - began, 400000, 5000000);
    expect_failed(r, AVQA_NET_TRANSIENT, "resolver-timeout", "was killed");
    usleep(100000);
    assert_false(runs(f, "resolve.self"));
    assert_false(runs(f, "resolve.child"));
    f->o.wall_us = 20000000; /* freed while it runs */
    set_script(f, "echo $$ > $0.self; exec sleep 300");
    r = avqa_resolver_start(&f->o, "p", avqa_clock_monotonic_us());
    char *path = avqa_io_join(f->folder, "resolve.self");
    usleep(300000);
    assert_false(avqa_resolver_poll(r, avqa_clock_monotonic_us()));
    avqa_resolver_free(r);
    assert_false(runs(f, "resolve.self"));
    free(path);
}

/* More than anybody wants to hear, on both channels. */
static void test_floods(void **state)
{
    struct fixture *f = *state;
    expect_failed(run(f, "head -c 40000000 /dev/zero | tr '\\0' ' '; "
                         "head -c 1000000 /dev/zero | tr '\\0' 'x' >&2"),
                  AVQA_NET_TRANSIENT, "resolver-failed", "no JSON");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_found), TEST(test_streams),
                                       TEST(test_words), TEST(test_refused),
                                       TEST(test_hangs), TEST(test_not_installed),
                                       TEST(test_floods)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
