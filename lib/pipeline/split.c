/* Reads, assigns, reports, writes. What is asked and what came of it stand side by side
 * in the report, with the component that limits it and the labels that are farthest
 * off. */
#include "pipeline/split.h"
#include "audit/component.h"
#include "audit/tally.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "catalog/clip.h"
#include "catalog/question.h"
#include "catalog/run.h"
#include "pipeline/compose_method.h"
#include "pipeline/dataset.h"
#include "pipeline/stage_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, WORST = 5 };

/* Far from what was asked: by more than so much of all questions and of those asked. */
static const double FAR_POINTS = 0.05;
static const double FAR_SHARE = 0.1;

struct ratios {
    char names[AVQA_STRATIFY_MAX_SPLITS][NAME_MAX_BYTES + 1];
    double values[AVQA_STRATIFY_MAX_SPLITS];
    double sum;
    size_t n;
};

struct splitter {
    const struct avqa_split_config *config;
    struct ratios ratios;
    struct avqa_audit_table table;
    struct avqa_components components;
    uint8_t *split_of; /* by component */
};

/* ---- what is asked ----------------------------------------------------------------
 */

static enum avqa_status add_ratio(struct ratios *r, const char *item, size_t len)
{
    char number[32] = "";
    const char *equals = memchr(item, '=', len);
    size_t name_len = equals ? (size_t)(equals - item) : 0;
    size_t number_len = equals ? len - name_len - 1 : 0;
    if (!equals || name_len == 0 || name_len > NAME_MAX_BYTES || number_len == 0 ||
        number_len >= sizeof number)
        return avqa_fail(AVQA_EINVAL, "'%.*s' is not NAME=NUMBER, such as train=7",
                         (int)len, item);
    if (r->n == AVQA_STRATIFY_MAX_SPLITS)
        return avqa_fail(AVQA_EINVAL, "more than %d splits", AVQA_STRATIFY_MAX_SPLITS);
    memcpy(number, equals + 1, number_len);
    memcpy(r->names[r->n], item, name_len);
    char *end;
    double v = strtod(number, &end);
    if (*end || !isfinite(v) || v <= 0 || v > 1e9)
        return avqa_fail(AVQA_EINVAL,
                         "the ratio of '%s' must be a number above 0, at most 1e9",
                         r->names[r->n]);
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->names[i], r->names[r->n]) == 0)
            return avqa_fail(AVQA_EINVAL, "'%s' stands twice", r->names[i]);
    }
    r->sum += v;
    r->values[r->n++] = v;
    return AVQA_OK;
}

static enum avqa_status parse_ratios(struct ratios *r, const char *text)
{
    enum avqa_status rc = AVQA_OK;
    for (const char *s = text; rc == AVQA_OK && *s;) {
        size_t len = strcspn(s, ",");
        rc = add_ratio(r, s, len);
        s += len + (s[len] == ',');
    }
    if (rc == AVQA_OK && r->n < 2)
        rc = avqa_fail(AVQA_EINVAL, "at least two splits are needed, such as "
                                    "train=7,val=1,test=2");
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "--ratios");
}

/* ---- what came of it --------------------------------------------------------------
 */

static size_t split_of_row(const struct splitter *sp, size_t row)
{
    uint32_t video = sp->table.clips[sp->table.rows[row].clip].video;
    return sp->split_of[sp->components.of_video[video]];
}

/* Questions by (template, answer) cell and split. */
static enum avqa_status count_cells(const struct splitter *sp,
                                    const struct avqa_tally *y, uint32_t **counts)
{
    enum avqa_status rc = avqa_mem_array(counts, y->n * sp->ratios.n, sizeof **counts);
    for (size_t i = 0; rc == AVQA_OK && i < sp->table.n_rows; i++) {
        const struct avqa_audit_row *row = &sp->table.rows[i];
        size_t cell = avqa_tally_place(y, row->template, row->answer);
        (*counts)[cell * sp->ratios.n + split_of_row(sp, i)]++;
    }
    return rc;
}

struct off {
    size_t cell, split;
    double questions; /* how many more or fewer than asked */
};

static int by_size(const void *a, const void *b)
{
    const struct off *x = a;
    const struct off *y = b;
    double dx = fabs(x->questions);
    double dy = fabs(y->questions);
    if (dx > dy || dx < dy)
        return dx > dy ? -1 : 1;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    return x->split < y->split ? -1 : x->split > y->split;
}

static enum avqa_status put_worst(const struct splitter *sp, const struct avqa_tally *y,
                                  const uint32_t *counts, struct avqa_json *out)
{
    size_t n = y->n * sp->ratios.n;
    struct off *list;
    enum avqa_status rc = avqa_mem_array(&list, n, sizeof *list);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        size_t s = i % sp->ratios.n;
        double asked =
            y->cells[i / sp->ratios.n].n * sp->ratios.values[s] / sp->ratios.sum;
        list[i] = (struct off){i / sp->ratios.n, s, counts[i] - asked};
    }
    qsort(list, n, sizeof *list, by_size);
    for (size_t i = 0; i < n && i < WORST; i++) {
        const struct avqa_tally_cell *c = &y->cells[list[i].cell];
        uint32_t got = counts[list[i].cell * sp->ratios.n + list[i].split];
        struct avqa_json *o = avqa_json_put_object(out, NULL);
        avqa_json_put_string(o, "template", sp->table.templates->items[c->group].code);
        avqa_json_put_string(o, "answer", avqa_audit_answer(&sp->table, c->answer));
        avqa_json_put_string(o, "split", sp->ratios.names[list[i].split]);
        avqa_json_put_double(o, "asked", got - list[i].questions);
        avqa_json_put_int(o, "got", got);
    }
    free(list);
    return AVQA_OK;
}

/* Total variation distance of a split's answers from those of the whole. */
static enum avqa_status answer_tvd(const struct splitter *sp, size_t split,
                                   uint64_t questions, double *out)
{
    const struct avqa_audit_table *t = &sp->table;
    int64_t *counts;
    double tvd = 0;
    enum avqa_status rc =
        avqa_mem_array(&counts, (size_t)t->answers.n * 2, sizeof *counts);
    if (rc != AVQA_OK)
        return rc;
    for (size_t i = 0; i < t->n_rows; i++) {
        counts[t->rows[i].answer]++;
        if (split_of_row(sp, i) == split)
            counts[t->answers.n + t->rows[i].answer]++;
    }
    for (size_t a = 0; questions && a < t->answers.n; a++)
        tvd += fabs((double)counts[a] / (double)t->n_rows -
                    (double)counts[t->answers.n + a] / (double)questions);
    free(counts);
    *out = tvd / 2;
    return AVQA_OK;
}

static enum avqa_status put_split(const struct splitter *sp, size_t s,
                                  struct avqa_json *out)
{
    const struct avqa_audit_table *t = &sp->table;
    bool *seen;
    uint64_t questions = 0;
    int64_t videos = 0;
    double tvd = 0;
    enum avqa_status rc = avqa_mem_array(&seen, t->videos.n, sizeof *seen);
    for (size_t i = 0; rc == AVQA_OK && i < t->n_rows; i++) {
        uint32_t video = t->clips[t->rows[i].clip].video;
        if (split_of_row(sp, i) != s)
            continue;
        questions++;
        videos += !seen[video];
        seen[video] = true;
    }
    free(seen);
    if (rc == AVQA_OK)
        rc = answer_tvd(sp, s, questions, &tvd);
    struct avqa_json *o = avqa_json_put_object(out, sp->ratios.names[s]);
    avqa_json_put_double(o, "asked", sp->ratios.values[s] / sp->ratios.sum);
    avqa_json_put_double(o, "got", (double)questions / (double)t->n_rows);
    avqa_json_put_int(o, "questions", (int64_t)questions);
    avqa_json_put_int(o, "videos", videos);
    avqa_json_put_double(o, "answer_tvd", tvd);
    return rc;
}

static enum avqa_status put_components(const struct splitter *sp, struct avqa_json *out)
{
    const struct avqa_audit_table *t = &sp->table;
    size_t n = sp->components.n;
    uint32_t *questions;
    uint32_t *videos = NULL;
    const char *first = "";
    size_t largest = 0;
    int64_t used = 0;
    enum avqa_status rc = avqa_mem_array(&questions, n, sizeof *questions);
    if (rc == AVQA_OK)
        rc = avqa_mem_array(&videos, n, sizeof *videos);
    if (rc != AVQA_OK)
        goto out;
    for (size_t i = 0; i < t->n_rows; i++)
        questions[sp->components.of_video[t->clips[t->rows[i].clip].video]]++;
    for (uint32_t v = 0; v < t->videos.n; v++)
        videos[sp->components.of_video[v]]++;
    for (size_t c = 0; c < n; c++) {
        used += questions[c] > 0;
        largest = questions[c] > questions[largest] ? c : largest;
    }
    for (uint32_t v = t->videos.n; v-- > 0;) {
        if (sp->components.of_video[v] == largest)
            first = avqa_audit_video(t, v);
    }
    avqa_json_put_int(out, "components", used);
    avqa_json_put_int(out, "joined_by_media", (int64_t)sp->components.n_twins);
    struct avqa_json *o = avqa_json_put_object(out, "largest");
    avqa_json_put_int(o, "videos", n ? videos[largest] : 0);
    avqa_json_put_int(o, "questions", n ? questions[largest] : 0);
    avqa_json_put_string(o, "first", first);
out:
    free(questions);
    free(videos);
    return rc;
}

static enum avqa_status make_report(const struct splitter *sp,
                                    struct avqa_json **report)
{
    struct avqa_tally y = {0};
    uint32_t *counts = NULL;
    struct avqa_audit_range all = {0, sp->table.n_rows};
    enum avqa_status rc = avqa_tally_rows(&y, &sp->table, all, AVQA_GROUP_TEMPLATE);
    if (rc == AVQA_OK) {
        avqa_tally_index(&y);
        rc = count_cells(sp, &y, &counts);
    }
    if (rc == AVQA_OK) {
        struct avqa_json *out = *report = avqa_json_new_object();
        rc = put_components(sp, out);
        struct avqa_json *splits = avqa_json_put_object(out, "splits");
        for (size_t s = 0; rc == AVQA_OK && s < sp->ratios.n; s++)
            rc = put_split(sp, s, splits);
        if (rc == AVQA_OK)
            rc = put_worst(sp, &y, counts, avqa_json_put_array(out, "worst"));
    }
    avqa_tally_release(&y);
    free(counts);
    return rc;
}

/* Components are not parted, so a few of them cannot fill every split. */
static void warn_of_empty(const struct splitter *sp, const struct avqa_json *report)
{
    int64_t components = 0;
    avqa_json_int(avqa_json_get(report, "components"), &components);
    const struct avqa_json *s = avqa_json_first(avqa_json_get(report, "splits"));
    for (; s; s = avqa_json_next(s)) {
        int64_t n = 0;
        if (avqa_json_int(avqa_json_get(s, "questions"), &n) && n == 0)
            avqa_log_write(sp->config->log, AVQA_LOG_WARNING,
                           "the split '%s' got no questions: there are %lld "
                           "components, and none is parted",
                           avqa_json_key(s), (long long)components);
    }
}

/* A split that is far from what was asked: only a large component does that. */
static void warn_of_far(const struct splitter *sp, const struct avqa_json *report)
{
    int64_t largest = 0;
    const struct avqa_json *s = avqa_json_first(avqa_json_get(report, "splits"));
    avqa_json_int(avqa_json_get(avqa_json_get(report, "largest"), "questions"),
                  &largest);
    for (; s; s = avqa_json_next(s)) {
        double asked = 0;
        double got = 0;
        avqa_json_double(avqa_json_get(s, "asked"), &asked);
        avqa_json_double(avqa_json_get(s, "got"), &got);
        double off = fabs(got - asked);
        if (got <= 0 || off <= fmax(FAR_POINTS, FAR_SHARE * asked))
            continue;
        avqa_log_write(sp->config->log, AVQA_LOG_WARNING,
                       "the split '%s' has %.1f %% of the questions, not %.1f %%: "
                       "the largest component has %lld, and none is parted",
                       avqa_json_key(s), 100 * got, 100 * asked, (long long)largest);
    }
}

/* ---- writing ----------------------------------------------------------------------
 */

static enum avqa_status assign_clips(const struct splitter *sp,
                                     struct avqa_catalog *cat)
{
    int64_t ids[AVQA_STRATIFY_MAX_SPLITS];
    enum avqa_status rc = AVQA_OK;
    for (size_t s = 0; rc == AVQA_OK && s < sp->ratios.n; s++)
        rc = avqa_split_ensure(cat, sp->ratios.names[s], &ids[s]);
    for (size_t c = 0; rc == AVQA_OK && c < sp->table.n_clips; c++) {
        const struct avqa_audit_clip *clip = &sp->table.clips[c];
        uint8_t s = sp->split_of[sp->components.of_video[clip->video]];
        if (c % 1024 == 0 && avqa_log_stopped(sp->config->log))
            rc = avqa_fail(AVQA_ESTOPPED, "stopped; nothing was changed");
        if (rc == AVQA_OK && s != AVQA_STRATIFY_NONE)
            rc = avqa_split_assign(cat, clip->id, ids[s]);
    }
    return rc == AVQA_OK ? avqa_split_tidy(cat) : rc;
}

static enum avqa_status write(const struct splitter *sp, struct avqa_catalog *cat,
                              const struct avqa_json *report)
{
    int64_t run = 0;
    struct avqa_buf counters = AVQA_BUF_INIT;
    struct avqa_json *options = avqa_json_new_object();
    avqa_json_put_string(options, "ratios", sp->config->ratios);
    avqa_json_put_int(options, "seed", (int64_t)sp->config->seed);
    avqa_json_print(&counters, report, 0);
    enum avqa_status rc = avqa_stage_start(&run, cat, "split", options);
    if (rc == AVQA_OK)
        rc = assign_clips(sp, cat);
    if (rc == AVQA_OK)
        rc = avqa_run_finish(cat, run, "done", avqa_buf_str(&counters),
                             avqa_clock_wall_us());
    if (rc == AVQA_OK)
        rc = avqa_catalog_commit(cat);
    avqa_buf_release(&counters);
    return rc;
}

static enum avqa_status count_composed(void *user, const struct avqa_clip *clip)
{
    int64_t *n = user;
    *n += avqa_compose_method_is(clip->method);
    return AVQA_OK;
}

/* Adds to the message of a split that cannot be what joins most, where there is such.
 */
static enum avqa_status blame_composed(struct avqa_catalog *cat, enum avqa_status why)
{
    int64_t n = 0;
    char message[512];
    snprintf(message, sizeof message, "%s", avqa_message());
    enum avqa_status rc = avqa_clip_each(cat, count_composed, &n);
    if (rc != AVQA_OK)
        return rc;
    if (n == 0)
        return avqa_fail(why, "%s", message);
    return avqa_fail(why,
                     "%s; %lld composed clip%s: compose within subsets "
                     "(docs/composed.md)",
                     message, (long long)n,
                     n == 1 ? " joins its parents" : "s join their parents");
}

static enum avqa_status split(struct splitter *sp, struct avqa_catalog *cat,
                              struct avqa_json **report)
{
    struct avqa_stratify_opts opts = {sp->ratios.values, sp->ratios.n,
                                      sp->config->seed};
    enum avqa_status rc = avqa_audit_table_load(&sp->table, cat);
    if (rc == AVQA_OK)
        rc = avqa_components_find(&sp->components, &sp->table);
    if (rc == AVQA_OK)
        rc = avqa_stratify(&sp->split_of, &sp->table, &sp->components, &opts);
    if (rc == AVQA_EINVAL)
        rc = blame_composed(cat, rc);
    if (rc == AVQA_OK)
        rc = make_report(sp, report);
    if (rc == AVQA_OK && !sp->config->dry_run)
        rc = write(sp, cat, *report);
    if (rc == AVQA_OK) {
        warn_of_empty(sp, *report);
        warn_of_far(sp, *report);
    } else {
        avqa_json_free(*report);
        *report = NULL;
    }
    return rc;
}

enum avqa_status avqa_split_check(const struct avqa_split_config *config)
{
    struct ratios ratios = {.n = 0};
    return parse_ratios(&ratios, config->ratios);
}

/* One transaction from reading to writing, so that nothing changes in between. */
enum avqa_status avqa_split(const struct avqa_split_config *config,
                            struct avqa_json **report)
{
    struct splitter sp = {.config = config};
    struct avqa_catalog *cat;
    *report = NULL;
    enum avqa_status rc = parse_ratios(&sp.ratios, config->ratios);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_dataset_open(&cat, config->dataset, AVQA_CATALOG_WRITE);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_catalog_begin(cat);
    if (rc == AVQA_OK)
        rc = split(&sp, cat, report);
    avqa_catalog_close(cat);
    avqa_audit_table_release(&sp.table);
    avqa_components_release(&sp.components);
    free(sp.split_of);
    return rc;
}
