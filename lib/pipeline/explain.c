/* See explain.h. */
#include "pipeline/explain.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "pipeline/dataset.h"
#include "pipeline/explain_page.h"
#include "pipeline/extract_flow.h"
#include "pipeline/view.h"

#include <stdlib.h>
#include <string.h>

struct explaining {
    const struct avqa_explain_config *config;
    struct avqa_catalog *cat;
    struct avqa_trained trained;
    struct avqa_explain_list list;
    struct avqa_explain_replies replies;
    struct avqa_explain_pictures *clips;
    size_t n_clips;
    struct avqa_explain_facts facts;
    const struct avqa_feature_info *seen;
};

/* ---- options --------------------------------------------------------------------- */

static enum avqa_status kind_of(enum avqa_canvas_kind *kind, const char *path)
{
    static const struct {
        const char *ending;
        enum avqa_canvas_kind kind;
    } kinds[] = {{".png", AVQA_CANVAS_PNG},
                 {".svg", AVQA_CANVAS_SVG},
                 {".pdf", AVQA_CANVAS_PDF}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(dot, kinds[i].ending) == 0) {
            *kind = kinds[i].kind;
            return AVQA_OK;
        }
    }
    return avqa_fail(AVQA_EINVAL, "%s: a figure's name ends with .png, .svg or .pdf",
                     path);
}

enum avqa_status avqa_explain_check(const struct avqa_explain_config *config)
{
    enum avqa_canvas_kind kind;
    const size_t n = config->questions ? config->n_questions : config->n;
    if (config->only_wrong && config->only_right)
        return avqa_fail(AVQA_EINVAL, "no reply is both wrong and right");
    if (config->questions &&
        (config->only_wrong || config->only_right || config->code || config->type))
        return avqa_fail(AVQA_EINVAL, "questions are named or chosen, not both");
    if (n == 0 || n > AVQA_EXPLAIN_MAX)
        return avqa_fail(AVQA_EINVAL, "a sheet has 1 to %d questions, not %zu",
                         AVQA_EXPLAIN_MAX, n);
    return config->output ? kind_of(&kind, config->output) : AVQA_OK;
}

/* ---- what there is --------------------------------------------------------------- */

static enum avqa_status list_questions(struct explaining *e)
{
    const struct avqa_explain_config *c = e->config;
    const struct avqa_explain_wanted wanted = {
        .references = c->questions,
        .n_references = c->n_questions,
        .split = c->split || c->questions ? c->split : e->trained.val_split,
        .code = c->code,
        .type = c->type,
        .seed = c->seed};
    if (!c->questions && !wanted.split)
        return avqa_fail(AVQA_EINVAL,
                         "%s was trained without a validation split: name "
                         "a split",
                         e->trained.folder);
    return avqa_explain_list_make(&e->list, e->cat, &wanted);
}

static enum avqa_status ask(struct explaining *e)
{
    const struct avqa_explain_config *c = e->config;
    const struct avqa_explain_asking asking = {.dataset = c->dataset,
                                               .trained = &e->trained,
                                               .only_wrong = c->only_wrong,
                                               .only_right = c->only_right,
                                               .n = c->questions ? 0 : c->n,
                                               .n_threads =
                                                   avqa_extract_flow_jobs(c->n_jobs),
                                               .log = c->log};
    enum avqa_status rc = avqa_explain_ask(&e->replies, e->cat, &e->list, &asking);
    const struct avqa_explain_replies *r = &e->replies;
    if (rc == AVQA_OK && r->n == 0)
        rc =
            avqa_fail(AVQA_ENOENT, "none of %zu repl%s is %s", r->n_asked,
                      r->n_asked == 1 ? "y" : "ies", c->only_wrong ? "wrong" : "right");
    if (rc == AVQA_OK && r->n_without && c->questions)
        avqa_log_write(
            c->log, AVQA_LOG_WARNING,
            "%zu of %zu question%s cannot be asked: their clips (the first is "
            "%s) have no features, or fewer than the %zu rows that the run "
            "reads",
            r->n_without, e->list.n, avqa_text_plural((int64_t)e->list.n),
            r->first_without,
            (e->trained.loader.n_seconds - 1) * e->trained.loader.stride + 1);
    if (rc == AVQA_OK && r->n_unknown_words)
        avqa_log_write(c->log, AVQA_LOG_WARNING,
                       "%zu of the questions drawn %s words that the model does not "
                       "know",
                       r->n_unknown_words, r->n_unknown_words == 1 ? "has" : "have");
    return rc;
}

/* Each clip once. */
static enum avqa_status read_clips(struct explaining *e)
{
    const struct avqa_loader_options *read = &e->trained.loader;
    const struct avqa_explain_seconds seconds = {read->stride, read->n_seconds};
    enum avqa_status rc = avqa_mem_array(&e->clips, e->replies.n + 1, sizeof *e->clips);
    for (size_t i = 0; rc == AVQA_OK && i < e->replies.n; i++) {
        const int64_t id = e->replies.items[i].question->clip_id;
        size_t k = 0;
        while (k < e->n_clips && e->clips[k].clip_id != id)
            k++;
        if (k == e->n_clips)
            e->clips[e->n_clips++].clip_id = id;
    }
    if (rc == AVQA_OK)
        rc = avqa_explain_pictures_read(e->clips, e->n_clips, e->cat,
                                        e->config->dataset, &seconds, e->config->log);
    if (rc == AVQA_OK && !e->config->no_boxes)
        rc = avqa_explain_facts_read(&e->facts, e->cat, e->clips, e->n_clips, &seconds);
    return rc;
}

/* ---- what comes of it ------------------------------------------------------------ */

static enum avqa_status write_file(struct explaining *e, struct avqa_canvas *canvas)
{
    struct avqa_canvas_target target = {.dpi = e->config->dpi,
                                        .title = e->replies.items[0].question->text};
    enum avqa_status rc = kind_of(&target.kind, e->config->output);
    return rc == AVQA_OK ? avqa_canvas_save(canvas, &target, e->config->output) : rc;
}

static enum avqa_status draw(struct explaining *e, const struct avqa_explain_page *page)
{
    struct avqa_fonts *fonts = NULL;
    struct avqa_canvas *canvas = NULL;
    enum avqa_status rc = avqa_fonts_new(&fonts, NULL);
    if (rc == AVQA_OK && !avqa_fonts_available(fonts))
        avqa_log_write(e->config->log, AVQA_LOG_WARNING,
                       "no font is installed: the figure has no words");
    if (rc == AVQA_OK)
        rc = avqa_canvas_new(&canvas, fonts);
    if (rc == AVQA_OK)
        rc = avqa_explain_page_draw(canvas, page);
    if (rc == AVQA_OK && e->config->output && !e->config->dry_run)
        rc = write_file(e, canvas);
    avqa_canvas_free(canvas);
    avqa_fonts_free(fonts);
    return rc;
}

static struct avqa_json *make_report(const struct explaining *e,
                                     const struct avqa_explain_page *page)
{
    const struct avqa_explain_replies *r = &e->replies;
    struct avqa_json *o = avqa_json_new_object();
    avqa_json_put_string(o, "run", e->trained.folder);
    avqa_json_put_string(o, "model", e->trained.model->name);
    avqa_json_put_int(o, "asked", (int64_t)r->n_asked);
    avqa_json_put_int(o, "right", (int64_t)r->n_right);
    avqa_json_put_int(o, "without", (int64_t)r->n_without);
    if (e->config->output && !e->config->dry_run)
        avqa_json_put_string(o, "file", e->config->output);
    avqa_explain_page_json(o, page);
    return o;
}

static enum avqa_status explain(struct explaining *e, struct avqa_json **report)
{
    const struct avqa_explain_config *c = e->config;
    enum avqa_status rc = avqa_trained_open(&e->trained, c->dataset, c->run, c->last);
    if (rc == AVQA_OK)
        rc = avqa_dataset_open(&e->cat, c->dataset, AVQA_CATALOG_READ);
    if (rc == AVQA_OK)
        rc = list_questions(e);
    if (rc == AVQA_OK)
        rc = ask(e);
    if (rc == AVQA_OK)
        rc = avqa_view_encoder(&e->seen, e->cat, e->replies.items[0].question->split,
                               &e->trained);
    if (rc == AVQA_OK)
        rc = read_clips(e);
    if (rc != AVQA_OK)
        return rc;
    const struct avqa_explain_page page = {.trained = &e->trained,
                                           .seen = e->seen,
                                           .replies = e->replies.items,
                                           .n_replies = e->replies.n,
                                           .clips = e->clips,
                                           .n_clips = e->n_clips,
                                           .facts = &e->facts,
                                           .columns = c->columns};
    rc = draw(e, &page);
    if (rc == AVQA_OK)
        *report = make_report(e, &page);
    return rc;
}

enum avqa_status avqa_explain(struct avqa_json **report, size_t *n_without,
                              const struct avqa_explain_config *config)
{
    struct explaining e = {.config = config};
    *report = NULL;
    enum avqa_status rc = avqa_explain_check(config);
    if (rc == AVQA_OK && config->output)
        rc = avqa_io_check_new(config->output);
    if (rc == AVQA_OK)
        rc = explain(&e, report);
    *n_without = config->questions ? e.replies.n_without : 0;
    for (size_t i = 0; i < e.n_clips; i++)
        avqa_explain_pictures_release(&e.clips[i]);
    free(e.clips);
    avqa_explain_facts_release(&e.facts);
    avqa_explain_replies_release(&e.replies);
    avqa_explain_list_release(&e.list);
    avqa_trained_release(&e.trained);
    avqa_catalog_close(e.cat);
    return rc;
}
