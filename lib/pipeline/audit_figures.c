/* From the audit's counts to plots. Each figure is one function that gathers its data
 * and draws; the table at the end says which there are. A figure is computed once and
 * written three times: as SVG, as PDF, and as SVG for the page. */
#include "pipeline/audit_figures.h"
#include "audit/balance.h"
#include "audit/counts.h"
#include "audit/drift.h"
#include "audit/words.h"
#include "base/io.h"
#include "base/mem.h"
#include "plot/bar.h"
#include "plot/canvas.h"
#include "plot/drift.h"
#include "plot/matrix.h"
#include "plot/pie.h"
#include "plot/shares.h"
#include "plot/sunburst.h"
#include "plot/tablefig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum avqa_status figure_fn(struct avqa_canvas *canvas,
                                   const struct avqa_audit *a);

/* A label that stands for one template: its code and the beginning of its text. */
static const char *template_label(struct avqa_arena *arena,
                                  const struct avqa_template *t)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_buf_addf(&text, "%s  %s", t->code, t->text);
    char *label = avqa_arena_strdup(arena, avqa_buf_str(&text));
    avqa_buf_release(&text);
    return label;
}

/* ---- (a-d) pies ------------------------------------------------------------------ */

struct pies {
    struct avqa_pie pies[4];
    size_t n;
};

static void add_pie(struct pies *p, const char *title,
                    const struct avqa_pie_slice *slices, size_t n)
{
    if (n)
        p->pies[p->n++] = (struct avqa_pie){title, slices, n};
}

/* Videos by origin. */
static enum avqa_status origin_slices(const struct avqa_audit *a,
                                      struct avqa_pie_slice *out)
{
    size_t n[2] = {0, 0};
    bool *counted = calloc((size_t)a->t->videos.n + 1, sizeof *counted);
    if (!counted)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %u videos", a->t->videos.n);
    for (size_t i = a->on.from; i < a->on.to; i++) {
        const struct avqa_audit_clip *c = &a->t->clips[a->t->rows[i].clip];
        n[c->synthetic] += !counted[c->video];
        counted[c->video] = true;
    }
    free(counted);
    out[0] = (struct avqa_pie_slice){"real", (double)n[0], NULL};
    out[1] = (struct avqa_pie_slice){"synthetic", (double)n[1], NULL};
    return AVQA_OK;
}

/* Adds to the slice of this label, or opens one while there is room. */
static void add_slice(struct avqa_pie_slice *slices, size_t *n, size_t max,
                      const char *label, double value)
{
    size_t i = 0;
    while (i < *n && strcmp(slices[i].label, label) != 0)
        i++;
    if (i == max)
        return;
    if (i == *n)
        slices[(*n)++] = (struct avqa_pie_slice){label, 0, NULL};
    slices[i].value += value;
}

enum { MAX_SLICES = 64 };

/* Answers to the questions that ask for the scene. */
static size_t scene_slices(const struct avqa_audit *a, struct avqa_pie_slice *out)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    size_t n = 0;
    for (size_t i = 0; i < y->n; i++) {
        const struct avqa_template *t = &a->t->templates->items[y->cells[i].group];
        const char *answer = avqa_audit_answer(a->t, y->cells[i].answer);
        const struct avqa_domain *d = avqa_template_answer_domain(t, answer);
        if (d && d->kind == AVQA_DOMAIN_SCENE)
            add_slice(out, &n, MAX_SLICES, answer, y->cells[i].n);
    }
    return n;
}

static size_t type_slices(const struct avqa_audit *a, struct avqa_pie_slice *out,
                          bool modality)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TYPE];
    size_t n = 0;
    for (size_t i = 0; i < y->n; i++) {
        const struct avqa_template *t = &a->t->templates->items[y->cells[i].group];
        add_slice(out, &n, MAX_SLICES, modality ? t->modality : t->type, y->cells[i].n);
    }
    return n;
}

static enum avqa_status draw_pies(struct avqa_canvas *canvas,
                                  const struct avqa_audit *a)
{
    struct pies p = {0};
    struct avqa_pie_slice slices[4][MAX_SLICES];
    enum avqa_status rc = origin_slices(a, slices[0]);
    if (rc != AVQA_OK)
        return rc;
    add_pie(&p, "(a) Videos", slices[0], 2);
    add_pie(&p, "(b) Scenes, as answered", slices[1], scene_slices(a, slices[1]));
    add_pie(&p, "(c) Modality", slices[2], type_slices(a, slices[2], true));
    add_pie(&p, "(d) Question type", slices[3], type_slices(a, slices[3], false));
    return avqa_pie_draw(canvas,
                         &(struct avqa_pie_figure){.pies = p.pies, .n_pies = p.n});
}

/* ---- (e) slots ------------------------------------------------------------------- */

static int by_count(const void *a, const void *b)
{
    const struct avqa_slot_count *x = a;
    const struct avqa_slot_count *y = b;
    return x->n > y->n ? -1 : x->n < y->n;
}

/* "violin 813, piano 722, ..." */
static const char *slot_values(struct avqa_arena *arena, const struct avqa_audit *a,
                               struct avqa_slot_count *counts, size_t n)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    qsort(counts, n, sizeof *counts, by_count);
    for (size_t i = 0; i < n && text.len < 2000; i++)
        avqa_buf_addf(&text, "%s%s %u", i ? ", " : "",
                      avqa_audit_word(a->t, counts[i].word), counts[i].n);
    const char *copy = avqa_arena_strdup(arena, avqa_buf_str(&text));
    avqa_buf_release(&text);
    return copy;
}

static enum avqa_status draw_slots(struct avqa_canvas *canvas,
                                   const struct avqa_audit *a)
{
    static const struct avqa_tablefig_column columns[] = {
        {"Slot", AVQA_ALIGN_START, 0},
        {"Fillings", AVQA_ALIGN_END, 0},
        {"Values, by number of questions", AVQA_ALIGN_START, 8}};
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_slot_count *counts;
    const char *cells[3 * 64];
    size_t rows = 0;
    size_t n;
    enum avqa_status rc = avqa_count_slots(a, &counts, &n);
    for (size_t i = 0; rc == AVQA_OK && i < n && rows < 64;) {
        size_t end = i;
        size_t sum = 0;
        char number[24];
        for (; end < n && strcmp(counts[end].slot, counts[i].slot) == 0; end++)
            sum += counts[end].n;
        snprintf(number, sizeof number, "%zu", sum);
        cells[3 * rows] = counts[i].slot;
        cells[3 * rows + 1] = avqa_arena_strdup(&arena, number);
        cells[3 * rows + 2] = slot_values(&arena, a, counts + i, end - i);
        rows++;
        i = end;
    }
    if (rc == AVQA_OK)
        rc = avqa_tablefig_draw(
            canvas,
            &(struct avqa_tablefig_figure){
                .columns = columns, .n_columns = 3, .cells = cells, .n_rows = rows});
    free(counts);
    avqa_arena_release(&arena);
    return rc;
}

/* ---- (f) templates --------------------------------------------------------------- */

/* The number of a question type among the kinds, which grow as types are met. */
static size_t kind_of(struct avqa_bar_kind *kinds, size_t *n, const char *type)
{
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(kinds[i].label, type) == 0)
            return i;
    }
    if (*n == MAX_SLICES)
        return MAX_SLICES;
    kinds[*n] = (struct avqa_bar_kind){type, NULL};
    return (*n)++;
}

static enum avqa_status draw_templates(struct avqa_canvas *canvas,
                                       const struct avqa_audit *a)
{
    const struct avqa_templates *t = a->t->templates;
    struct avqa_template_count *counts = avqa_count_templates(a);
    struct avqa_bar *bars = avqa_mem_new((t->n + 1) * sizeof *bars);
    struct avqa_bar_kind kinds[MAX_SLICES];
    struct avqa_arena arena = AVQA_ARENA_INIT;
    size_t n_kinds = 0;
    for (size_t i = 0; i < t->n; i++)
        bars[i] = (struct avqa_bar){.label = template_label(&arena, &t->items[i]),
                                    .group = t->items[i].modality,
                                    .kind = kind_of(kinds, &n_kinds, t->items[i].type),
                                    .value = counts[i].real,
                                    .extra = counts[i].synthetic};
    enum avqa_status rc = avqa_bar_draw(
        canvas, &(struct avqa_bar_figure){.bars = bars,
                                          .n_bars = t->n,
                                          .kinds = kinds,
                                          .n_kinds = n_kinds,
                                          .value_label = "real videos",
                                          .extra_label = "synthetic videos",
                                          .y_label = "questions"});
    free(bars);
    free(counts);
    avqa_arena_release(&arena);
    return rc;
}

/* ---- (g) first words ------------------------------------------------------------- */

struct tree {
    struct avqa_sunburst_node *nodes;
    size_t n, cap;
};

static enum avqa_status child(struct tree *tree, size_t parent, const char *label,
                              size_t *out)
{
    for (size_t i = 0; i < tree->n; i++) {
        if (tree->nodes[i].parent == parent &&
            strcmp(tree->nodes[i].label, label) == 0) {
            *out = i;
            return AVQA_OK;
        }
    }
    enum avqa_status rc =
        avqa_mem_grow(&tree->nodes, &tree->cap, tree->n + 1, sizeof *tree->nodes);
    if (rc == AVQA_OK) {
        tree->nodes[tree->n] = (struct avqa_sunburst_node){label, 0, parent};
        *out = tree->n++;
    }
    return rc;
}

static enum avqa_status draw_first_words(struct avqa_canvas *canvas,
                                         const struct avqa_audit *a)
{
    struct avqa_beginnings list = {0};
    struct tree tree = {0};
    enum avqa_status rc = avqa_beginnings_collect(&list, a, false);
    for (size_t i = 0; rc == AVQA_OK && i < list.n; i++) {
        size_t parent = AVQA_SUNBURST_ROOT;
        for (size_t w = 0;
             rc == AVQA_OK && w < list.items[i].n_words && w < AVQA_SUNBURST_LEVELS;
             w++) {
            rc = child(&tree, parent, list.items[i].words[w], &parent);
            if (rc == AVQA_OK)
                tree.nodes[parent].value += list.items[i].n;
        }
    }
    if (rc == AVQA_OK)
        rc = avqa_sunburst_draw(
            canvas, &(struct avqa_sunburst_figure){
                        .nodes = tree.nodes, .n_nodes = tree.n, .unit = "questions"});
    free(tree.nodes);
    avqa_beginnings_release(&list);
    return rc;
}

/* ---- named together -------------------------------------------------------------- */

static enum avqa_status draw_together(struct avqa_canvas *canvas,
                                      const struct avqa_audit *a)
{
    struct avqa_together together;
    enum avqa_status rc = avqa_count_together(a, &together);
    if (rc != AVQA_OK)
        return rc;
    size_t k = together.n;
    double *values = avqa_mem_new((k * k + 1) * sizeof *values);
    for (size_t i = 0; i < k * k; i++)
        values[i] = i % (k + 1) == 0 ? 0 : together.counts[i]; /* a thing with itself is
                                                                  no pair */
    rc = avqa_matrix_draw(canvas, &(struct avqa_matrix_figure){.rows = together.objects,
                                                               .n_rows = k,
                                                               .n_cols = k,
                                                               .values = values,
                                                               .bar_label = "videos",
                                                               .log_scale = true});
    free(values);
    avqa_together_release(&together);
    return rc;
}

/* ---- answers per template -------------------------------------------------------- */

static enum avqa_status draw_answers(struct avqa_canvas *canvas,
                                     const struct avqa_audit *a)
{
    const struct avqa_tally *y = &a->tallies[AVQA_GROUP_TEMPLATE];
    struct avqa_arena arena = AVQA_ARENA_INIT;
    struct avqa_share *shares = calloc(y->n + 1, sizeof *shares);
    if (!shares)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu answers", y->n);
    struct avqa_shares_row *rows =
        avqa_mem_new((a->t->templates->n + 1) * sizeof *rows);
    size_t n_rows = 0;
    uint64_t n;
    for (size_t i = 0; i < y->n;) {
        const struct avqa_template *t = &a->t->templates->items[y->cells[i].group];
        size_t end = avqa_tally_group_end(y, i, &n);
        rows[n_rows++] = (struct avqa_shares_row){template_label(&arena, t),
                                                  t->modality, shares + i, end - i};
        for (; i < end; i++)
            shares[i] = (struct avqa_share){avqa_audit_answer(a->t, y->cells[i].answer),
                                            y->cells[i].n};
    }
    enum avqa_status rc = avqa_shares_draw(
        canvas, &(struct avqa_shares_figure){
                    .rows = rows, .n_rows = n_rows, .threshold = a->opts.dominant});
    free(rows);
    free(shares);
    avqa_arena_release(&arena);
    return rc;
}

/* ---- drift ----------------------------------------------------------------------- */

static enum avqa_status draw_drift_field(struct avqa_canvas *canvas,
                                         const struct avqa_audit *a,
                                         const struct avqa_drift_field *f)
{
    struct avqa_drift_value *values = calloc(f->n + 1, sizeof *values);
    if (!values)
        return avqa_fail(AVQA_ENOMEM, "out of memory for %zu values", f->n);
    for (size_t i = 0; i < f->n; i++)
        values[i] = (struct avqa_drift_value){
            f->values[i].value, (double)f->values[i].on, (double)f->values[i].against};
    enum avqa_status rc = avqa_drift_draw(
        canvas,
        &(struct avqa_drift_figure){.a_name = a->opts.split ? a->opts.split : "all",
                                    .b_name = a->opts.against,
                                    .values = values,
                                    .n_values = f->n});
    free(values);
    return rc;
}

static enum avqa_status draw_drift(struct avqa_canvas *canvas,
                                   const struct avqa_audit *a)
{
    struct avqa_drift_field *fields;
    size_t n;
    enum avqa_status rc = avqa_drift_fields_collect(a, &fields, &n);
    if (rc == AVQA_OK && n)
        rc = draw_drift_field(canvas, a, &fields[0]); /* the first one is the answer */
    avqa_drift_fields_release(fields, n);
    return rc;
}

/* ---- writing --------------------------------------------------------------------- */

static const struct figure {
    const char *id;
    figure_fn *draw;
    bool needs_against;
    const char *caption;
} figures[] = {
    {"pies", draw_pies, false,
     "Videos by origin, scenes as questions about the scene were answered, modalities "
     "and "
     "question types."},
    {"slots", draw_slots, false,
     "(e) What the slots of the templates are filled with."},
    {"templates", draw_templates, false,
     "(f) Questions of each template, coloured by question type; the light part is "
     "about "
     "synthetic videos."},
    {"first-words", draw_first_words, false,
     "(g) How questions begin: their first four words, from the middle outwards."},
    {"together", draw_together, false,
     "How many videos name two things together, in questions that are not denied or in "
     "answers."},
    {"answers", draw_answers, false,
     "How the answers of each template are spread. Beyond the dashed line, always "
     "giving "
     "one answer is right too often."},
    {"drift", draw_drift, true, "Answers in the two splits, by difference."},
};

static enum avqa_status write_kind(const struct avqa_canvas *canvas, const char *folder,
                                   const struct figure *f, enum avqa_canvas_kind kind)
{
    char name[64];
    struct avqa_canvas_target target = {.kind = kind, .title = f->caption};
    snprintf(name, sizeof name, "%s.%s", f->id,
             kind == AVQA_CANVAS_SVG ? "svg" : "pdf");
    char *path = avqa_io_join(folder, name);
    enum avqa_status rc = avqa_canvas_save(canvas, &target, path);
    free(path);
    return rc;
}

static enum avqa_status add_html(const struct avqa_canvas *canvas,
                                 const struct figure *f, struct avqa_buf *html)
{
    char prefix[64];
    struct avqa_canvas_target target = {.kind = AVQA_CANVAS_SVG,
                                        .id_prefix = prefix,
                                        .embed = true,
                                        .title = f->caption};
    snprintf(prefix, sizeof prefix, "%s-", f->id);
    avqa_buf_addf(html, "<figure id=\"fig-%s\">\n", f->id);
    enum avqa_status rc = avqa_canvas_write(canvas, &target, html);
    avqa_buf_addf(
        html,
        "\n<figcaption>%s</figcaption>\n<p class=\"files\"><a "
        "href=\"figures/%s.svg\">SVG</a> <a href=\"figures/%s.pdf\">PDF</a></p>\n"
        "</figure>\n",
        f->caption, f->id, f->id);
    return rc;
}

static enum avqa_status write_figure(struct avqa_canvas *canvas,
                                     const struct avqa_audit *a, const char *folder,
                                     const struct figure *f, struct avqa_buf *html)
{
    enum avqa_status rc = f->draw(canvas, a);
    if (rc == AVQA_OK)
        rc = write_kind(canvas, folder, f, AVQA_CANVAS_SVG);
    if (rc == AVQA_OK)
        rc = write_kind(canvas, folder, f, AVQA_CANVAS_PDF);
    return rc == AVQA_OK ? add_html(canvas, f, html) : rc;
}

static enum avqa_status drop_figure(const char *folder, const struct figure *f)
{
    static const char *const kinds[] = {"svg", "pdf"};
    enum avqa_status rc = AVQA_OK;
    for (size_t k = 0; rc == AVQA_OK && k < sizeof kinds / sizeof *kinds; k++) {
        char name[64];
        snprintf(name, sizeof name, "%s.%s", f->id, kinds[k]);
        char *path = avqa_io_join(folder, name);
        rc = avqa_io_remove(path);
        free(path);
    }
    return rc;
}

enum avqa_status avqa_audit_figures_drop(const char *output)
{
    char *folder = avqa_io_join(output, "figures");
    enum avqa_status rc = AVQA_OK;
    for (size_t i = 0; rc == AVQA_OK && i < sizeof figures / sizeof *figures; i++)
        rc = drop_figure(folder, &figures[i]);
    free(folder);
    return rc;
}

enum avqa_status avqa_audit_figures(const struct avqa_audit *audit, const char *output,
                                    struct avqa_buf *html, const struct avqa_log *log)
{
    struct avqa_fonts *fonts = NULL;
    struct avqa_canvas *canvas = NULL;
    char *folder = avqa_io_join(output, "figures");
    enum avqa_status rc = avqa_io_mkdir(folder);
    if (rc == AVQA_OK)
        rc = avqa_fonts_new(&fonts, NULL);
    if (rc == AVQA_OK)
        rc = avqa_canvas_new(&canvas, fonts);
    if (rc == AVQA_OK && !avqa_fonts_available(fonts))
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "no font is installed; the figures have no text");
    for (size_t i = 0; rc == AVQA_OK && i < sizeof figures / sizeof *figures; i++) {
        bool drawn = !figures[i].needs_against || audit->has_against;
        if (drawn)
            rc = write_figure(canvas, audit, folder, &figures[i], html);
        if (rc == AVQA_EINVAL || rc == AVQA_ENOMEM) { /* too large to draw or to hold */
            avqa_log_write(log, AVQA_LOG_WARNING, "figure %s is left out: %s",
                           figures[i].id, avqa_message());
            drawn = false;
            rc = AVQA_OK;
        }
        if (rc == AVQA_OK && !drawn)
            rc = drop_figure(folder, &figures[i]);
        if (rc != AVQA_OK)
            rc = avqa_fail_in(rc, "figure %s", figures[i].id);
    }
    avqa_canvas_free(canvas);
    avqa_fonts_free(fonts);
    free(folder);
    return rc;
}
