/* See dataset.h. */
#include "pipeline/dataset.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "catalog/question.h"
#include "catalog/run.h"
#include "catalog/template.h"
#include "pipeline/run_progress.h"
#include "pipeline/train_options.h"
#include "qa/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char CATALOG_NAME[] = "catalog.sqlite";

enum avqa_status avqa_dataset_find(char **dir, const char *start)
{
    char *at = realpath(start, NULL);
    if (!at)
        return avqa_fail(AVQA_ENOENT, "%s: %s", start, strerror(errno));
    for (;;) {
        char *catalog = avqa_io_join(at, CATALOG_NAME);
        bool found = avqa_io_exists(catalog);
        char *slash = strrchr(at, '/');
        free(catalog);
        if (found) {
            *dir = at;
            return AVQA_OK;
        }
        if (slash == at && at[1] == '\0')
            break;
        slash[slash == at ? 1 : 0] = '\0';
    }
    free(at);
    return avqa_fail(AVQA_ENOENT,
                     "no dataset here or above (no catalog.sqlite); make one with "
                     "avqa init DIR, or name one with -C DIR");
}

enum avqa_status avqa_dataset_init(const char *dir, const char *name)
{
    enum avqa_status rc = avqa_io_mkdir(dir);
    if (rc != AVQA_OK)
        return rc;
    char *whole = realpath(dir, NULL);
    const char *base = whole ? strrchr(whole, '/') + 1 : dir;
    char *catalog = avqa_io_join(dir, CATALOG_NAME);
    rc = avqa_catalog_create(catalog, name ? name : *base ? base : "dataset");
    free(catalog);
    free(whole);
    return rc;
}

enum avqa_status avqa_dataset_open(struct avqa_catalog **out, const char *dir,
                                   enum avqa_catalog_mode mode)
{
    char *path = avqa_io_join(dir, CATALOG_NAME);
    enum avqa_status rc = avqa_catalog_open(out, path, mode);
    free(path);
    return rc;
}

/* The text of a template file, checked: messages name the file. */
static enum avqa_status read_templates(struct avqa_templates **out,
                                       struct avqa_buf *text, const char *path)
{
    enum avqa_status rc = avqa_io_read(text, path, AVQA_TEMPLATES_MAX_BYTES);
    if (rc != AVQA_OK)
        return rc;
    rc = avqa_templates_parse(out, avqa_buf_str(text), text->len);
    return rc == AVQA_OK ? rc : avqa_fail_in(rc, "%s", path);
}

static enum avqa_status compare_templates(struct avqa_catalog *cat, const char *path)
{
    struct avqa_templates *asked = NULL;
    struct avqa_templates *had = NULL;
    struct avqa_buf text = AVQA_BUF_INIT;
    struct avqa_buf stored = AVQA_BUF_INIT;
    bool found = false;
    enum avqa_status rc = read_templates(&asked, &text, path);
    if (rc == AVQA_OK)
        rc = avqa_template_set_read(cat, &stored, &found);
    if (rc != AVQA_OK || !found || strcmp(stored.data, avqa_buf_str(&text)) == 0)
        goto out;
    rc = avqa_templates_parse(&had, stored.data, stored.len);
    if (rc == AVQA_OK)
        rc = avqa_fail(AVQA_EEXIST,
                       "this dataset has the templates '%s' already; %s ('%s') is "
                       "%s and needs a dataset of its own",
                       had->name, path, asked->name,
                       strcmp(had->name, asked->name) == 0 ? "another version of them"
                                                           : "another file");
out:
    avqa_templates_free(asked);
    avqa_templates_free(had);
    avqa_buf_release(&text);
    avqa_buf_release(&stored);
    return rc;
}

enum avqa_status avqa_dataset_check_templates(const char *dir, const char *path)
{
    struct avqa_catalog *cat;
    enum avqa_status rc = avqa_dataset_open(&cat, dir, AVQA_CATALOG_READ);
    if (rc != AVQA_OK)
        return rc;
    rc = compare_templates(cat, path);
    avqa_catalog_close(cat);
    return rc;
}

struct splits {
    struct avqa_catalog *cat;
    struct avqa_json *out;
};

static enum avqa_status put_split(void *user, int64_t id, const char *name)
{
    struct splits *s = user;
    int64_t n;
    enum avqa_status rc = avqa_split_count(s->cat, id, &n);
    if (rc == AVQA_OK)
        avqa_json_put_int(s->out, name, n);
    return rc;
}

static enum avqa_status put_total(void *user, const char *name, int64_t n)
{
    avqa_json_put_int(user, name, n);
    return AVQA_OK;
}

static enum avqa_status put_failure(void *user, const struct avqa_run_failure *failure)
{
    struct avqa_json *f = avqa_json_put_object(user, NULL);
    avqa_json_put_string(f, "stage", failure->stage);
    avqa_json_put_string(f, "reason", failure->reason);
    avqa_json_put_int(f, "items", failure->n_items);
    return AVQA_OK;
}

/* Whether there are files, as fetch brings them, that nobody looked into. */
static bool has_unmeasured(const struct avqa_json *counts)
{
    int64_t files = 0;
    int64_t measured = 0;
    avqa_json_int(avqa_json_get(counts, "source_files"), &files);
    avqa_json_int(avqa_json_get(counts, "measured"), &measured);
    return files > measured;
}

/* The first step of the road (docs/architecture.md) that was not gone yet. */
static const char *next_step(const struct avqa_json *counts, bool audited)
{
    int64_t clips = 0;
    int64_t questions = 0;
    int64_t scenes = 0;
    int64_t sources = 0;
    int64_t source_files = 0;
    int64_t clip_files = 0;
    avqa_json_int(avqa_json_get(counts, "sources"), &sources);
    avqa_json_int(avqa_json_get(counts, "source_files"), &source_files);
    avqa_json_int(avqa_json_get(counts, "clip_files"), &clip_files);
    avqa_json_int(avqa_json_get(counts, "clips"), &clips);
    avqa_json_int(avqa_json_get(counts, "questions"), &questions);
    avqa_json_int(avqa_json_get(counts, "clips_with_facts"), &scenes);
    if (questions)
        return audited ? "open the report of the last audit" : "avqa audit";
    if (scenes)
        return "avqa generate";
    if (source_files && !clip_files)
        return "avqa segment, avqa import music-avqa FILE --split NAME, or avqa import "
               "facts FILE";
    if (sources > source_files)
        return "avqa import music-avqa FILE --split NAME, avqa fetch, or avqa import "
               "facts FILE";
    return clips ? "avqa import music-avqa FILE --split NAME, or avqa import facts FILE"
                 : "avqa import music-avqa FILE --split NAME, or avqa import videos "
                   "FILE, or avqa import facts FILE";
}

/* What can be done with the media meanwhile. */
static const char *media_step(const struct avqa_json *counts, const char *step)
{
    int64_t source_files = 0;
    int64_t clips = 0;
    int64_t clip_files = 0;
    int64_t features = 0;
    avqa_json_int(avqa_json_get(counts, "source_files"), &source_files);
    avqa_json_int(avqa_json_get(counts, "clips"), &clips);
    avqa_json_int(avqa_json_get(counts, "clip_files"), &clip_files);
    avqa_json_int(avqa_json_get(counts, "features"), &features);
    if (clip_files)
        return features ? "" : "; also avqa extract";
    return source_files && clips && !strstr(step, "avqa segment")
               ? "; also avqa segment"
               : "";
}

/* ---- learning -------------------------------------------------------------------- */

/* What to evaluate: a split that was not learnt, the one to test on before others. */
static const char *asked_split(const struct avqa_json *splits)
{
    const struct avqa_json *s = avqa_json_first(splits);
    if (avqa_json_get(splits, "test"))
        return "test";
    while (s && strcmp(avqa_json_key(s), AVQA_TRAIN_SPLIT) == 0)
        s = avqa_json_next(s);
    return s ? avqa_json_key(s) : AVQA_TRAIN_SPLIT;
}

/* Runs that one would go on with; of several that answer the best one. */
struct found_runs {
    const char *unfinished, *answers, *matches; /* names, or NULL */
    double accuracy;                            /* of the one that answers */
};

static struct found_runs look_at_runs(const struct avqa_json *runs)
{
    static const char stage[] = "-grounding";
    struct found_runs found = {NULL, NULL, NULL, 0};
    for (runs = avqa_json_first(runs); runs; runs = avqa_json_next(runs)) {
        const char *name = avqa_json_string(avqa_json_get(runs, "name"));
        const char *model = avqa_json_string(avqa_json_get(runs, "model"));
        if (!model)
            continue; /* cannot be read */
        double accuracy = 0;
        (void)avqa_json_double(avqa_json_get(runs, "val_accuracy"), &accuracy);
        size_t len = strlen(model);
        size_t tail = sizeof stage - 1;
        if (!avqa_json_true(avqa_json_get(runs, "finished"))) {
            found.unfinished = name;
        } else if (len > tail && strcmp(model + len - tail, stage) == 0) {
            found.matches = name;
        } else if (!found.answers || accuracy > found.accuracy) {
            found.answers = name;
            found.accuracy = accuracy;
        }
    }
    return found;
}

/* What can be learnt, or asked, meanwhile. */
static void add_learning(struct avqa_buf *out, const struct avqa_json *counts,
                         const struct avqa_json *splits, const struct avqa_json *runs)
{
    const struct found_runs found = look_at_runs(runs);
    int64_t questions = 0;
    int64_t features = 0;
    avqa_json_int(avqa_json_get(counts, "questions"), &questions);
    avqa_json_int(avqa_json_get(counts, "features"), &features);
    if (found.unfinished)
        avqa_buf_addf(out, "; also avqa train --resume --name %s", found.unfinished);
    else if (found.answers)
        avqa_buf_addf(out, "; also avqa eval %s --split %s", found.answers,
                      asked_split(splits));
    else if (found.matches)
        avqa_buf_addf(out, "; also avqa train avst --init %s", found.matches);
    else if (questions && features && !avqa_json_get(splits, AVQA_TRAIN_SPLIT))
        avqa_buf_adds(out, "; also avqa split, then avqa train avst");
    else if (questions && features)
        avqa_buf_addf(out, "; also avqa train avst%s",
                      avqa_json_get(splits, AVQA_TRAIN_VAL_SPLIT)
                          ? ""
                          : " --val-split " AVQA_TRAIN_NO_SPLIT);
}

/* ---- the status ------------------------------------------------------------------ */

static enum avqa_status put_last_audit(void *user, const char *severity, int64_t n)
{
    avqa_json_put_int(user, severity, n);
    return AVQA_OK;
}

static enum avqa_status fill_status(struct avqa_json *out, struct avqa_catalog *cat,
                                    const char *dir)
{
    avqa_json_put_string(out, "dataset", avqa_catalog_name(cat));
    struct avqa_json *counts = avqa_json_put_object(out, "counts");
    enum avqa_status rc = avqa_run_totals(cat, put_total, counts);
    struct avqa_json *splits = avqa_json_put_object(out, "splits");
    if (rc == AVQA_OK)
        rc = avqa_split_each(cat, put_split, &(struct splits){cat, splits});
    if (rc == AVQA_OK)
        rc = avqa_run_failures(cat, put_failure, avqa_json_put_array(out, "failed"));
    struct avqa_json *audit = avqa_json_put_object(out, "last_audit");
    if (rc == AVQA_OK)
        rc = avqa_run_last_findings(cat, put_last_audit, audit);
    struct avqa_json *runs = avqa_json_put_array(out, "runs");
    if (rc == AVQA_OK)
        rc = avqa_run_progress_list(runs, dir);
    struct avqa_buf next = AVQA_BUF_INIT;
    const char *step = next_step(counts, avqa_json_count(audit) > 0);
    avqa_buf_addf(&next, "%s%s%s",
                  has_unmeasured(counts) ? "avqa import media; then " : "", step,
                  media_step(counts, step));
    add_learning(&next, counts, splits, runs);
    avqa_json_put_string(out, "next", avqa_buf_str(&next));
    avqa_buf_release(&next);
    return rc;
}

enum avqa_status avqa_dataset_status(struct avqa_json **out, const char *dir)
{
    struct avqa_catalog *cat;
    enum avqa_status rc = avqa_dataset_open(&cat, dir, AVQA_CATALOG_READ);
    if (rc != AVQA_OK)
        return rc;
    struct avqa_json *status = avqa_json_new_object();
    rc = fill_status(status, cat, dir);
    avqa_catalog_close(cat);
    if (rc == AVQA_OK)
        *out = status;
    else
        avqa_json_free(status);
    return rc;
}
