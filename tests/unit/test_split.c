/* Splitting: components never cross, every answer is shared out as asked, and the
 * outcome depends on nothing but the questions and the seed. Components are checked
 * against a naive walk over all pairs of videos. */
#include "audit/component.h"
#include "pipeline/balance.h"
#include "pipeline/split.h"
#include "tiny.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_VIDEOS = 300, PER_VIDEO = 4 };

/* A video of the set: every seventh is the flip of the one before, every eleventh is
 * derived from a real one, every thirteenth has the sound of another. */
static void name_video(char *name, size_t size, int i)
{
    if (i % 7 == 6)
        snprintf(name, size, "%08d_flip", i - 1);
    else if (i % 11 == 10)
        snprintf(name, size, "eva%08d", i - 2);
    else
        snprintf(name, size, "%08d", i);
}

/* The set's rows; `backwards` writes them from the last to the first. */
static void put_rows(struct tiny *t, bool backwards)
{
    static const char *const codes[] = {"A05", "V08", "X10", "X14"};
    static const char *const answers[][3] = {{"one", "two", "three"},
                                             {"indoor", "indoor", "outdoor"},
                                             {"no", "no", "yes"},
                                             {"left", "middle", "right"}};
    for (int k = 0; k < N_VIDEOS * PER_VIDEO; k++) {
        int n = backwards ? N_VIDEOS * PER_VIDEO - 1 - k : k;
        int i = n / PER_VIDEO;
        int q = n % PER_VIDEO;
        char video[64];
        char sound[64];
        name_video(video, sizeof video, i);
        name_video(sound, sizeof sound, (i + 100) % N_VIDEOS);
        tiny_put(t, &(struct tiny_row){.video = video,
                                       .code = codes[q],
                                       .slots = q == 3 ? "loudest" : NULL,
                                       .answer = answers[q][(i * 7 + q) % 3],
                                       .sound = i % 13 == 12 ? sound : NULL});
    }
    tiny_import(t, "all");
}

static struct avqa_json *split(struct tiny *t, const char *ratios, uint64_t seed)
{
    struct avqa_json *report;
    struct avqa_split_config config = {
        .dataset = t->dataset, .ratios = ratios, .seed = seed};
    assert_ok(avqa_split(&config, &report));
    return report;
}

/* The split of every video, as one text: names sorted by the table's order of splits.
 */
static void assigned(struct tiny *t, struct avqa_buf *out)
{
    tiny_audit(t, NULL, NULL);
    for (int i = 0; i < N_VIDEOS; i++) {
        char video[64];
        name_video(video, sizeof video, i);
        for (size_t r = 0; r < t->table.n_rows; r++) {
            uint32_t v = t->table.clips[t->table.rows[r].clip].video;
            if (strcmp(avqa_audit_video(&t->table, v), video) == 0) {
                avqa_buf_addf(out, "%s %s\n", video,
                              t->table.splits[t->table.rows[r].split]);
                break;
            }
        }
    }
}

static void test_nothing_leaks(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    put_rows(&t, false);
    avqa_json_free(split(&t, "train=7,val=1,test=2", 1));
    static const char *const names[] = {"train", "val", "test"};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            const struct avqa_json *r =
                i == j ? NULL : tiny_audit(&t, names[i], names[j]);
            if (!r)
                continue;
            assert_int_equal(check_int(r, "leakage", "video", "clips", NULL), 0);
            assert_int_equal(check_int(r, "leakage", "derived", "clips", NULL), 0);
        }
    }
    assert_int_equal(tiny_total(&t, "questions"), N_VIDEOS * PER_VIDEO);
    tiny_free(&t);
}

static void test_ratios_are_kept(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    put_rows(&t, false);
    struct avqa_json *report = split(&t, "train=7,val=1,test=2", 1);
    static const char *const names[] = {"train", "val", "test"};
    static const double asked[] = {0.7, 0.1, 0.2};
    for (int i = 0; i < 3; i++) {
        const struct avqa_json *s = check_at(report, "splits", names[i], NULL);
        assert_true(fabs(check_double(s, "got", NULL) - asked[i]) < 0.02);
        assert_true(check_double(s, "answer_tvd", NULL) < 0.05);
    }
    const struct avqa_json *w = avqa_json_first(avqa_json_get(report, "worst"));
    assert_true(fabs(check_double(w, "asked", NULL) - check_double(w, "got", NULL)) <
                8);
    avqa_json_free(report);
    tiny_free(&t);
}

static void test_same_for_any_order(void **state)
{
    (void)state;
    struct avqa_buf texts[3] = {0};
    for (int k = 0; k < 3; k++) {
        struct tiny t = tiny_new();
        put_rows(&t, k == 1);
        avqa_json_free(split(&t, "train=7,val=1,test=2", k == 2 ? 99 : 1));
        assigned(&t, &texts[k]);
        tiny_free(&t);
    }
    assert_string_equal(avqa_buf_str(&texts[0]), avqa_buf_str(&texts[1]));
    assert_string_not_equal(avqa_buf_str(&texts[0]), avqa_buf_str(&texts[2]));
    for (int k = 0; k < 3; k++)
        avqa_buf_release(&texts[k]);
}

/* Whether two videos are directly related, asked of names only. */
static bool related(const struct tiny *t, uint32_t a, uint32_t b)
{
    for (size_t c = 0; c < t->table.n_clips; c++) {
        const struct avqa_audit_clip *clip = &t->table.clips[c];
        if ((clip->video == a && (clip->sound == b || clip->parent == b)) ||
            (clip->video == b && (clip->sound == a || clip->parent == a)))
            return true;
    }
    return false;
}

/* Relabels until nothing changes any more. */
static void test_components_naive(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_components c;
    put_rows(&t, false);
    tiny_audit(&t, NULL, NULL);
    assert_ok(avqa_components_find(&c, &t.table));
    uint32_t n = t.table.videos.n;
    uint32_t *label = calloc(n, sizeof *label);
    for (uint32_t v = 0; v < n; v++)
        label[v] = v;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t a = 0; a < n; a++) {
            for (uint32_t b = 0; b < n; b++) {
                if (label[b] < label[a] && related(&t, a, b)) {
                    label[a] = label[b];
                    changed = true;
                }
            }
        }
    }
    size_t joined = 0;
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = 0; b < a; b++) {
            assert_int_equal(label[a] == label[b], c.of_video[a] == c.of_video[b]);
            joined += label[a] == label[b];
        }
    }
    assert_true(joined > 50);
    free(label);
    avqa_components_release(&c);
    tiny_free(&t);
}

static void assert_refused(struct tiny *t, const char *ratios, const char *why)
{
    struct avqa_json *report;
    struct avqa_split_config config = {.dataset = t->dataset, .ratios = ratios};
    assert_int_equal(avqa_split(&config, &report), AVQA_EINVAL);
    assert_non_null(strstr(avqa_message(), why));
}

static void test_bad_ratios(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    tiny_add(&t, "00000001", "X10", NULL, "yes");
    tiny_add(&t, "00000001_flip", "X10", NULL, "yes");
    tiny_import(&t, "all");
    assert_refused(&t, "train=7", "at least two");
    assert_refused(&t, "train=7,val", "NAME=NUMBER");
    assert_refused(&t, "train=7,val=-1", "above 0");
    assert_refused(&t, "train=7,val=nan", "above 0");
    assert_refused(&t, "train=1000000001,val=1", "at most 1e9");
    assert_refused(&t, "train=1,val=1e300", "'val' must be a number above 0, at most");
    assert_refused(&t, "train=7,train=1", "stands twice");
    assert_refused(&t, "train=1,test=1", "1 component");
    assert_int_equal(tiny_total(&t, "questions"), 2);
    tiny_free(&t);
}

/* The largest ratio that may be asked for is still kept to. */
static void test_the_largest_ratio(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    put_rows(&t, false);
    struct avqa_json *report = split(&t, "a=1e9,b=1e9", 1);
    assert_close(check_double(report, "splits", "a", "got", NULL), 0.5, 0.02);
    assert_close(check_double(report, "splits", "b", "asked", NULL), 0.5, 1e-6);
    avqa_json_free(report);
    tiny_free(&t);
}

static void keep_warning(void *user, enum avqa_log_level level, const char *line)
{
    assert_int_equal(level, AVQA_LOG_WARNING);
    avqa_buf_addf(user, "%s\n", line);
}

static void test_an_empty_split_is_told(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    struct avqa_buf said = AVQA_BUF_INIT;
    const struct avqa_log log = {.write = keep_warning, .user = &said};
    struct avqa_split_config config = {
        .dataset = t.dataset, .ratios = "train=500,val=1,test=500", .log = &log};
    for (int i = 0; i < 4; i++) {
        char video[16];
        snprintf(video, sizeof video, "%08d", i);
        tiny_add(&t, video, "X10", NULL, "yes");
        tiny_add(&t, video, "A05", NULL, "one");
    }
    tiny_import(&t, "all");
    assert_ok(avqa_split(&config, &report));
    assert_int_equal(check_int(report, "splits", "val", "questions", NULL), 0);
    assert_string_equal(avqa_buf_str(&said),
                        "the split 'val' got no questions: there are 4 components, and "
                        "none is parted\n");
    avqa_json_free(report);
    avqa_buf_clear(&said);
    config.ratios = "train=1,test=1";
    assert_ok(avqa_split(&config, &report));
    assert_string_equal(avqa_buf_str(&said), "");
    avqa_json_free(report);
    config.ratios = "train=1,val=1,test=1"; /* one of them gets two of the four */
    assert_ok(avqa_split(&config, &report));
    assert_non_null(strstr(avqa_buf_str(&said),
                           "has 50.0 % of the questions, not 33.3 %: the largest "
                           "component has 2, and none is parted"));
    avqa_json_free(report);
    avqa_buf_release(&said);
    tiny_free(&t);
}

/* Answers that stand once are most wanted by the largest split, each of them; it does
 * not get them all. */
static void test_rare_answers_do_not_gather(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    struct avqa_buf said = AVQA_BUF_INIT;
    const struct avqa_log log = {.write = keep_warning, .user = &said};
    struct avqa_split_config config = {
        .dataset = t.dataset, .ratios = "train=7,test=3", .log = &log};
    for (int i = 0; i < 60; i++) {
        char video[16];
        char answer[16];
        snprintf(video, sizeof video, "%08d", i);
        snprintf(answer, sizeof answer, "word%d", i < 40 ? i : 0);
        tiny_add(&t, video, "V07", NULL, answer);
    }
    tiny_import(&t, "all");
    assert_ok(avqa_split(&config, &report));
    assert_true(fabs(check_double(report, "splits", "train", "got", NULL) - 0.7) <
                0.02);
    assert_string_equal(avqa_buf_str(&said), "");
    avqa_json_free(report);
    avqa_buf_release(&said);
    tiny_free(&t);
}

/* A component as large as one split goes there, and the small ones do not follow it. */
static void test_no_split_starves(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    struct avqa_split_config config = {.dataset = t.dataset,
                                       .ratios = "train=5,test=14,val=5"};
    for (int i = 0; i < 24; i++)
        tiny_add(&t,
                 i < 14   ? "large"
                 : i < 19 ? "one"
                          : "two",
                 "A05", NULL, i % 2 ? "one" : "two");
    tiny_import(&t, "all");
    assert_ok(avqa_split(&config, &report));
    assert_int_equal(check_int(report, "splits", "train", "questions", NULL), 5);
    assert_int_equal(check_int(report, "splits", "test", "questions", NULL), 14);
    assert_int_equal(check_int(report, "splits", "val", "questions", NULL), 5);
    avqa_json_free(report);
    tiny_free(&t);
}

/* Whoever asks to stop gets the dataset as it was. */
static bool stop_now(void *user)
{
    (void)user;
    return true;
}

static void test_stopped(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    const struct avqa_log log = {.stopped = stop_now};
    put_rows(&t, false);
    struct avqa_split_config config = {
        .dataset = t.dataset, .ratios = "a=1,b=1", .log = &log};
    struct avqa_balance_config balance = {.dataset = t.dataset,
                                          .split = "all",
                                          .rest = "rest",
                                          .max_share = 0.4,
                                          .log = &log};
    assert_fails(avqa_split(&config, &report), AVQA_ESTOPPED,
                 "stopped; nothing was changed");
    assert_fails(avqa_balance_split(&balance, &report), AVQA_ESTOPPED,
                 "stopped; nothing was changed");
    tiny_audit(&t, "all", NULL);
    assert_int_equal(t.table.n_splits, 1);
    tiny_free(&t);
}

static void test_dry_run_changes_nothing(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    put_rows(&t, false);
    struct avqa_split_config config = {
        .dataset = t.dataset, .ratios = "a=1,b=1", .dry_run = true};
    assert_ok(avqa_split(&config, &report));
    avqa_json_free(report);
    tiny_audit(&t, "all", NULL);
    assert_int_equal(t.table.n_splits, 1);
    tiny_free(&t);
}

/* Seven of ten are "no". Three others leave room for floor(3 * 0.6 / 0.4) = 4 of them,
 * so three go; or ceil(7 * 0.4 / 0.6) - 3 = 2 more others would have to be collected.
 */
static void test_balance(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    for (int i = 0; i < 10; i++) {
        char video[16];
        snprintf(video, sizeof video, "%08d", i);
        tiny_add(&t, video, "X10", NULL, i < 7 ? "no" : "yes");
        tiny_add(&t, video, "V08", NULL, "indoor"); /* a single answer */
    }
    tiny_import(&t, "train");
    struct avqa_balance_config config = {
        .dataset = t.dataset, .split = "train", .rest = "rest", .max_share = 0.6};
    assert_ok(avqa_balance_split(&config, &report));
    const struct avqa_json *v08 = check_at(report, "templates", "#0", NULL);
    const struct avqa_json *x10 = check_at(report, "templates", "#1", NULL);
    assert_int_equal(check_int(v08, "moved", NULL), 0);
    assert_int_equal(check_int(v08, "collect", NULL), 7);
    assert_int_equal(check_int(x10, "moved", NULL), 3);
    assert_int_equal(check_int(x10, "collect", NULL), 2);
    avqa_json_free(report);
    const struct avqa_json *r = tiny_audit(&t, "train", NULL);
    assert_int_equal(check_int(r, "counts", "by_template", "X10", NULL), 7);
    assert_int_equal(check_int(r, "counts", "by_answer", "no", NULL), 4);
    assert_int_equal(
        check_int(tiny_audit(&t, "rest", NULL), "counts", "questions", NULL), 3);
    tiny_free(&t);
}

/* Nine to one have an entropy of 0.47 bits; three to one have 0.81, which is the first
 * above 0.8: six go, though no answer is above the share. */
static void test_balance_by_entropy(void **state)
{
    (void)state;
    struct tiny t = tiny_new();
    struct avqa_json *report;
    for (int i = 0; i < 20; i++) {
        char video[16];
        snprintf(video, sizeof video, "%08d", i);
        tiny_add(&t, video, "X10", NULL, i < 18 ? "no" : "yes");
    }
    tiny_import(&t, "train");
    struct avqa_balance_config config = {.dataset = t.dataset,
                                         .split = "train",
                                         .rest = "rest",
                                         .max_share = 0.95,
                                         .min_entropy = 0.8};
    assert_ok(avqa_balance_split(&config, &report));
    const struct avqa_json *x10 = check_at(report, "templates", "#0", NULL);
    assert_int_equal(check_int(x10, "moved", NULL), 12);
    assert_int_equal(check_int(x10, "collect", NULL), 0);
    avqa_json_free(report);
    tiny_free(&t);
}

/* 10, 9, 4 and 4: to cut the commonest alone would leave another above a third. Nine of
 * 9 + 9 + 4 + 4 are more than a third, 8 of 24 are not; 30 would have to be there to
 * keep all ten. */
static void test_balance_below_half(void **state)
{
    (void)state;
    static const char *const answers[] = {"violin", "piano", "erhu", "cello"};
    static const int counts[] = {10, 9, 4, 4};
    struct tiny t = tiny_new();
    struct avqa_json *report;
    char video[16];
    for (int a = 0, n = 0; a < 4; a++) {
        for (int i = 0; i < counts[a]; i++) {
            snprintf(video, sizeof video, "%08d", n++);
            tiny_add(&t, video, "V07", NULL, answers[a]);
        }
    }
    tiny_import(&t, "train");
    struct avqa_balance_config config = {
        .dataset = t.dataset, .split = "train", .rest = "rest", .max_share = 1.0 / 3};
    assert_ok(avqa_balance_split(&config, &report));
    const struct avqa_json *v07 = check_at(report, "templates", "#0", NULL);
    assert_int_equal(check_int(v07, "moved", NULL), 3);
    assert_int_equal(check_int(v07, "collect", NULL), 3);
    avqa_json_free(report);
    const struct avqa_json *r = tiny_audit(&t, "train", NULL);
    assert_int_equal(check_int(r, "counts", "by_answer", "violin", NULL), 8);
    assert_int_equal(check_int(r, "counts", "by_answer", "piano", NULL), 8);
    assert_int_equal(check_int(r, "counts", "by_answer", "erhu", NULL), 4);
    tiny_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_leaks),
        cmocka_unit_test(test_ratios_are_kept),
        cmocka_unit_test(test_same_for_any_order),
        cmocka_unit_test(test_components_naive),
        cmocka_unit_test(test_bad_ratios),
        cmocka_unit_test(test_the_largest_ratio),
        cmocka_unit_test(test_an_empty_split_is_told),
        cmocka_unit_test(test_rare_answers_do_not_gather),
        cmocka_unit_test(test_no_split_starves),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_dry_run_changes_nothing),
        cmocka_unit_test(test_balance),
        cmocka_unit_test(test_balance_by_entropy),
        cmocka_unit_test(test_balance_below_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
