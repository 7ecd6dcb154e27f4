/* Writes, reads and allocations fail in the middle of an import, an export and a
 * report: the catalog stays as it was, no final file is there that is not whole,
 * nothing temporary stays behind, and the same command run again completes.
 *
 * Each case is a child process with a limit on file size or memory; the limit grows
 * from nothing until the work is done. */
#include "dump.h"
#include "tiny.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "pipeline/audit.h"
#include "pipeline/export.h"

enum { N_ROWS = 1500, ABORTED = 100 };

struct faults {
    struct tiny t;
    char *rows;  /* an annotation file */
    char *extra; /* another one */
    char *output;
    char *page;
};

/* ---- children ----------------------------------------------------------------------
 */

typedef enum avqa_status work_fn(struct faults *f);

/* Bytes of address space this process has. */
static rlim_t address_space(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld", &pages) != 1)
        exit(ABORTED);
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Leaves `more` bytes of memory: what the heap still has free is taken first. */
static void limit_memory(rlim_t more)
{
    rlim_t base = address_space();
    struct rlimit l = {base, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &l);
    for (size_t size = 1 << 16; size >= 512; size /= 2) {
        void *volatile taken;
        do
            taken = malloc(size);
        while (taken);
    }
    l.rlim_cur = base + more;
    setrlimit(RLIMIT_AS, &l);
}

static void limit_files(rlim_t bytes)
{
    const struct rlimit l = {bytes, bytes};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &l);
}

typedef void limit_fn(rlim_t n);

/* Runs `work` under a limit. Its status, or ABORTED if it ran out of memory for a small
 * thing (mem.h); any other end fails the test. */
static int run_limited(struct faults *f, work_fn *work, limit_fn *set_limit, rlim_t n)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        set_limit(n);
        exit((int)work(f));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && set_limit == limit_memory)
        return ABORTED;
    if (!WIFEXITED(status) || WEXITSTATUS(status) > AVQA_ESTOPPED)
        fail_msg("limit %llu: the child ended with %#x", (unsigned long long)n,
                 (unsigned)status);
    return WEXITSTATUS(status);
}

static enum avqa_status import_file(struct faults *f, const char *file)
{
    struct avqa_import_counts counts = {0};
    const char *const files[] = {file};
    struct avqa_import_config config = {.dataset = f->t.dataset,
                                        .files = files,
                                        .n_files = 1,
                                        .split = "more",
                                        .templates = f->t.template_path};
    enum avqa_status rc = avqa_import_music_avqa(&config, &counts);
    avqa_import_counts_release(&counts);
    return rc;
}

static enum avqa_status import_extra(struct faults *f)
{
    return import_file(f, f->extra);
}

static enum avqa_status export_all(struct faults *f)
{
    int64_t rows;
    struct avqa_export_config config = {.dataset = f->t.dataset, .output = f->output};
    return avqa_export(&config, &rows);
}

static enum avqa_status report(struct faults *f)
{
    struct avqa_audit_result result;
    struct avqa_audit_config config = {.dataset = f->t.dataset,
                                       .output = f->output,
                                       .page = f->page,
                                       .opts = AVQA_AUDIT_DEFAULTS};
    config.opts.jobs = 2;
    enum avqa_status rc = avqa_audit(&config, &result);
    avqa_json_free(result.report);
    return rc;
}

/* ---- files -------------------------------------------------------------------------
 */

static size_t n_temporary;

static int count_temporary(const char *path, const struct stat *st, int type,
                           struct FTW *ftw)
{
    size_t n = strlen(path);
    (void)st;
    (void)ftw;
    n_temporary += type == FTW_F && n > 4 && strcmp(path + n - 4, ".tmp") == 0;
    return 0;
}

static void assert_nothing_temporary(const struct faults *f)
{
    n_temporary = 0;
    nftw(f->t.folder, count_temporary, 16, FTW_PHYS);
    assert_int_equal(n_temporary, 0);
}

/* Every file of folder `got` is also in `whole`, with the same bytes. Returns how many.
 */
static size_t assert_files_whole(const char *got, const char *whole)
{
    size_t n = 0;
    DIR *d = opendir(got);
    for (struct dirent *e; d && (e = readdir(d));) {
        char *a = avqa_io_join(got, e->d_name);
        char *b = avqa_io_join(whole, e->d_name);
        if (e->d_name[0] != '.' && avqa_io_is_dir(a)) {
            n += assert_files_whole(a, b);
        } else if (e->d_name[0] != '.') {
            struct avqa_buf x = check_read(a);
            struct avqa_buf y = check_read(b);
            if (x.len != y.len || memcmp(x.data, y.data, x.len) != 0)
                fail_msg("%s is not whole", a);
            avqa_buf_release(&x);
            avqa_buf_release(&y);
            n++;
        }
        free(a);
        free(b);
    }
    if (d)
        closedir(d);
    return n;
}

/* ---- set up ------------------------------------------------------------------------
 */

static char *make_rows(struct faults *f, const char *name, const char *prefix)
{
    char video[32];
    for (int i = 0; i < N_ROWS; i++) {
        snprintf(video, sizeof video, "%s%07d", prefix, i / 2);
        tiny_put(&f->t,
                 &(struct tiny_row){video, i % 2 ? "A06" : "X10", i % 2 ? "violin" : "",
                                    i % 3 ? "no" : "yes", NULL, i + 1, NULL});
    }
    avqa_buf_adds(&f->t.rows, "]");
    char *path = check_write(f->t.folder, name, f->t.rows.data, f->t.rows.len);
    avqa_buf_clear(&f->t.rows);
    return path;
}

static int setup(void **state)
{
    struct faults *f = calloc(1, sizeof *f);
    f->t = tiny_new();
    f->rows = make_rows(f, "rows.json", "a");
    f->extra = make_rows(f, "extra.json", "b");
    f->output = avqa_io_join(f->t.folder, "out");
    f->page = check_source("templates/report.html");
    assert_ok(import_file(f, f->rows));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct faults *f = *state;
    free(f->rows);
    free(f->extra);
    free(f->output);
    free(f->page);
    tiny_free(&f->t);
    free(f);
    return 0;
}

/* ---- tests -------------------------------------------------------------------------
 */

/* Larger and larger files are allowed until it works; until then nothing has happened.
 */
static void test_import_without_room(void **state)
{
    struct faults *f = *state;
    int failures = 0;
    int rc = AVQA_EIO;
    char *before = dump_of(f->t.dataset);
    for (rlim_t limit = 0; rc != AVQA_OK; limit = limit * 5 / 4 + 3000) {
        rc = run_limited(f, import_extra, limit_files, limit);
        assert_nothing_temporary(f);
        if (rc == AVQA_OK)
            break;
        char *after = dump_of(f->t.dataset);
        assert_string_equal(before, after);
        free(after);
        failures++;
    }
    assert_true(failures >= 10);
    assert_int_equal(tiny_total(&f->t, "questions"), 2 * N_ROWS);
    assert_ok(import_extra(f));
    assert_int_equal(tiny_total(&f->t, "questions"), 2 * N_ROWS);
    free(before);
}

static void test_export_without_room(void **state)
{
    struct faults *f = *state;
    int failures = 0;
    int rc = AVQA_EIO;
    assert_ok(avqa_io_write(f->output, "old", 3));
    for (rlim_t limit = 0; rc != AVQA_OK; limit = limit * 3 / 2 + 500) {
        rc = run_limited(f, export_all, limit_files, limit);
        assert_nothing_temporary(f);
        struct avqa_buf text = check_read(f->output);
        if (rc != AVQA_OK)
            assert_string_equal(avqa_buf_str(&text), "old");
        else
            assert_true(text.len > (size_t)100 * N_ROWS);
        failures += rc != AVQA_OK;
        avqa_buf_release(&text);
    }
    assert_true(failures >= 8);
}

/* What is there of a report is whole, and report.json is there only if all is. */
static void test_report_without_room(void **state)
{
    struct faults *f = *state;
    int failures = 0;
    int rc = AVQA_EIO;
    char *whole = f->output;
    char *json = NULL;
    assert_ok(report(f));
    size_t n_files = assert_files_whole(whole, whole);
    f->output = avqa_io_join(f->t.folder, "again");
    json = avqa_io_join(f->output, "report.json");
    for (rlim_t limit = 0; rc != AVQA_OK; limit = limit * 3 / 2 + 100) {
        rc = run_limited(f, report, limit_files, limit);
        assert_nothing_temporary(f);
        size_t n = assert_files_whole(f->output, whole);
        assert_int_equal(avqa_io_exists(json), rc == AVQA_OK);
        assert_true(rc == AVQA_OK ? n == n_files : n < n_files);
        failures += rc != AVQA_OK;
    }
    assert_true(failures >= 8);
    free(json);
    free(whole);
}

/* Data-sized memory that is refused is an error, a small thing's ends the program; the
 * catalog knows nothing of either. */
static void test_import_without_memory(void **state)
{
    struct faults *f = *state;
    int failures = 0;
    int rc = AVQA_ENOMEM;
    if (HAS_ADDRESS_SANITIZER) {
        print_message("not under the address sanitizer, which needs its memory\n");
        return;
    }
    char *before = dump_of(f->t.dataset);
    for (rlim_t more = 0; rc != AVQA_OK; more = more * 5 / 4 + (32 << 10)) {
        rc = run_limited(f, import_extra, limit_memory, more);
        if (rc == AVQA_OK)
            break;
        char *after = dump_of(f->t.dataset);
        assert_string_equal(before, after);
        free(after);
        failures++;
    }
    assert_true(failures >= 3);
    assert_int_equal(tiny_total(&f->t, "questions"), 2 * N_ROWS);
    free(before);
}

/* A file whose reading fails, as a disk's would. */
static void test_reads_that_fail(void **state)
{
    struct faults *f = *state;
    static const char unreadable[] = "/proc/self/mem";
    struct avqa_import_counts counts = {0};
    const char *const files[] = {f->extra, unreadable};
    struct avqa_import_config config = {.dataset = f->t.dataset,
                                        .files = files,
                                        .n_files = 2,
                                        .split = "more",
                                        .templates = f->t.template_path};
    char *before = dump_of(f->t.dataset);
    assert_fails(avqa_import_music_avqa(&config, &counts), AVQA_EIO, "cannot read");
    config.files = files + 1;
    config.n_files = 1;
    assert_fails(avqa_import_videos(&config, &counts), AVQA_EIO, "cannot read");
    config.templates = unreadable;
    config.replace_templates = true;
    config.files = files;
    assert_fails(avqa_import_music_avqa(&config, &counts), AVQA_EIO, "cannot read");
    avqa_import_counts_release(&counts);
    dump_same(f->t.dataset, before);
    assert_ok(import_extra(f));
}

/* Killed at some moment: all of the import is there, or none of it. */
static void test_kills(void **state)
{
    struct faults *f = *state;
    for (unsigned delay_us = 500; delay_us < 60000; delay_us *= 2) {
        int status;
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit((int)import_extra(f));
        usleep(delay_us);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        int64_t n = tiny_total(&f->t, "questions");
        assert_true(n == N_ROWS || n == 2 * N_ROWS);
    }
    assert_ok(import_extra(f));
    assert_int_equal(tiny_total(&f->t, "questions"), 2 * N_ROWS);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_import_without_room), TEST(test_export_without_room),
        TEST(test_report_without_room), TEST(test_import_without_memory),
        TEST(test_reads_that_fail),     TEST(test_kills)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
